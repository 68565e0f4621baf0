//! What an apply would do: the code against the account as it is, and what others changed since the last apply. Does not
//! know how it is printed.

use super::code::{self, Attributes, Code, UNKNOWN};
use super::state::{self, State};
use super::types::{self, Is, Rule, TypeRow};
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;

/// A plan: steps in the order of addresses.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What changed outside of the code since the last apply.
    pub drift: Vec<Step>,
    pub steps: Vec<Step>,
    /// Addresses of the steps in the order in which they can be made.
    pub order: Vec<String>,
    /// The resources as they were found.
    pub found: State,
}

/// What happens to one resource.
#[derive(Clone, Debug)]
pub struct Step {
    pub address: String,
    pub module: String,
    pub action: Action,
    pub before: Attributes,
    /// With [`UNKNOWN`] for what only an apply will tell.
    pub after: Attributes,
    /// Attributes that differ.
    pub changed: Vec<String>,
    /// Those of them that cannot be changed in place.
    pub forces: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    Create,
    Delete,
    Replace,
    Update,
}

impl Plan {
    /// Resources to add, to change and to destroy; a replacement is both added and destroyed.
    pub fn counts(&self) -> (usize, usize, usize) {
        let of = |wanted: &[Action]| self.steps.iter().filter(|step| wanted.contains(&step.action)).count();
        (of(&[Action::Create, Action::Replace]), of(&[Action::Update]), of(&[Action::Delete, Action::Replace]))
    }
}

/// Plans the whole code, or one module of it.
pub fn make(world: &mut World, module: Option<&str>) -> Result<Plan, String> {
    let code = world.iac.code();
    let found = state::refresh(world)?;
    let order = code::order(&code).map_err(|circle| format!("Cycle: {}", circle.join(", ")))?;
    let mut plan = Plan { drift: drift(&world.iac.state, &found), ..Plan::default() };
    let mut outcome: BTreeMap<String, Attributes> = BTreeMap::new();
    for address in &order {
        let (Some(resource), Some(row)) = (code.get(address), types::of(address)) else { continue };
        let known =
            |address: &str, part: &str| outcome.get(address).and_then(|attributes| attributes.get(part)).cloned();
        let there = found.get(address).map(|entry| &entry.attributes);
        let wanted = desired(row, &resource.attributes, there, &known);
        let step = compare(row, address, &resource.module, there, wanted);
        let after = step.as_ref().map_or_else(|| there.cloned().unwrap_or_default(), |step| step.after.clone());
        outcome.insert(address.clone(), after);
        plan.steps.extend(step);
    }
    for (address, entry) in found.iter().filter(|(address, _)| !code.contains_key(*address)) {
        plan.steps.push(Step {
            address: address.clone(),
            module: entry.module.clone(),
            action: Action::Delete,
            before: entry.attributes.clone(),
            after: Attributes::new(),
            changed: entry.attributes.keys().cloned().collect(),
            forces: Vec::new(),
        });
    }
    if let Some(module) = module {
        let inside = |step: &Step| step.module == module || step.module.starts_with(&format!("{module}/"));
        if !code.values().any(|resource| resource.module == module) && !plan.steps.iter().any(inside) {
            return Err(format!("there is no module {module:?} in the code"));
        }
        plan.steps.retain(inside);
        plan.drift.retain(inside);
    }
    plan.steps.sort_by(|a, b| a.address.cmp(&b.address));
    plan.order = order.into_iter().filter(|address| plan.steps.iter().any(|step| step.address == *address)).collect();
    plan.found = found;
    Ok(plan)
}

/// The attributes that the code asks for, with what it leaves to the type or to the account.
pub fn desired(
    row: &TypeRow,
    written: &Attributes,
    there: Option<&Attributes>,
    known: &dyn Fn(&str, &str) -> Option<Value>,
) -> Attributes {
    let mut out = Attributes::new();
    for attribute in row.attributes {
        let own = written.get(attribute.name).map(|value| normal(attribute.is, &code::resolve(value, known)));
        let old = || there.and_then(|there| there.get(attribute.name)).cloned();
        let value = match (own, attribute.rule) {
            (Some(value), _) => Some(value),
            (None, Rule::Default(text)) => serde_json::from_str(text).ok(),
            (None, Rule::Kept | Rule::Computed) => match there {
                Some(_) => old(),
                None => Some(UNKNOWN.into()),
            },
            (None, Rule::Optional | Rule::Required) => None,
        };
        if let Some(value) = value.filter(|value| !is_empty(value)) {
            out.insert(attribute.name.to_string(), value);
        }
    }
    let id = there.and_then(|there| there.get("id")).cloned().unwrap_or_else(|| UNKNOWN.into());
    out.insert("id".into(), id);
    out
}

/// JSON documents as values rather than texts.
pub fn normal(is: Is, value: &Value) -> Value {
    match (is, value) {
        (Is::Json, Value::String(text)) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        (Is::Text, Value::Number(number)) => Value::String(number.to_string()),
        (Is::Whole | Is::Number, Value::String(text)) => {
            text.parse::<i64>().map_or_else(|_| value.clone(), Value::from)
        }
        // 5 and 5.0 are one number.
        (Is::Number, Value::Number(number)) => match number.to_string().strip_suffix(".0").map(str::parse::<i64>) {
            Some(Ok(whole)) => whole.into(),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Whether two values of an attribute mean the same.
pub fn same(is: Is, a: Option<&Value>, b: Option<&Value>) -> bool {
    let (a, b) = (a.filter(|value| !is_empty(value)), b.filter(|value| !is_empty(value)));
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) if matches!(is, Is::Set | Is::Blocks) => {
            let sorted = |value: &Value| {
                let mut all: Vec<String> = value.as_array().into_iter().flatten().map(Value::to_string).collect();
                all.sort();
                all
            };
            if a.is_array() && b.is_array() { sorted(a) == sorted(b) } else { a == b }
        }
        (Some(a), Some(b)) => normal(is, a) == normal(is, b),
        _ => false,
    }
}

fn compare(row: &TypeRow, address: &str, module: &str, there: Option<&Attributes>, wanted: Attributes) -> Option<Step> {
    let step = |action, before, after, changed, forces| Step {
        address: address.to_string(),
        module: module.to_string(),
        action,
        before,
        after,
        changed,
        forces,
    };
    let Some(there) = there else {
        let changed = wanted.keys().cloned().collect();
        return Some(step(Action::Create, Attributes::new(), wanted, changed, Vec::new()));
    };
    let differs = |name: &str, is: Is| !same(is, there.get(name), wanted.get(name));
    let changed: Vec<&types::Attr> =
        row.attributes.iter().filter(|a| a.rule != Rule::Computed && differs(a.name, a.is)).collect();
    if changed.is_empty() {
        return None;
    }
    let forces: Vec<String> = changed.iter().filter(|a| a.forces_new).map(|a| a.name.to_string()).collect();
    let names: Vec<String> = changed.iter().map(|a| a.name.to_string()).collect();
    if forces.is_empty() {
        return Some(step(Action::Update, there.clone(), wanted, names, forces));
    }
    let mut after = wanted;
    for name in row.attributes.iter().filter(|a| a.rule == Rule::Computed).map(|a| a.name).chain(["id"]) {
        after.insert(name.to_string(), UNKNOWN.into());
    }
    Some(step(Action::Replace, there.clone(), after, names, forces))
}

fn drift(state: &State, found: &State) -> Vec<Step> {
    let mut out = Vec::new();
    for (address, entry) in state {
        let Some(row) = types::of(address) else { continue };
        let (action, after) = match found.get(address) {
            None => (Action::Delete, Attributes::new()),
            Some(fresh) => (Action::Update, fresh.attributes.clone()),
        };
        // What the account alone decides, or only tells later (a database's address), is no drift.
        let told = |a: &types::Attr| {
            a.rule != Rule::Computed && (a.rule != Rule::Kept || entry.attributes.contains_key(a.name))
        };
        let differs = |a: &&types::Attr| told(a) && !same(a.is, entry.attributes.get(a.name), after.get(a.name));
        let changed: Vec<String> = row.attributes.iter().filter(differs).map(|a| a.name.to_string()).collect();
        if action == Action::Delete || !changed.is_empty() {
            out.push(Step {
                address: address.clone(),
                module: entry.module.clone(),
                action,
                before: entry.attributes.clone(),
                after,
                changed,
                forces: Vec::new(),
            });
        }
    }
    out
}

/// Whether a code has anything by this address or in this module.
pub fn knows(code: &Code, word: &str) -> bool {
    code.contains_key(word) || code.values().any(|resource| resource.module == word)
}
