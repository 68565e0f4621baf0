//! Applies: a plan carried out through the account's operations, by the pipeline's own identity, with its log. Does not
//! know how it is printed.

use super::code::{self, Attributes, Code};
use super::plan::{self, Action, Plan, Step};
use super::state::{self, Entry, overlaid};
use super::types::{self, Hand};
use super::{HISTORY_MAX, RUNNER};
use crate::stdx::canon;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::audit::FieldChange;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long the pipeline takes to start and to refresh, and for each resource.
const STARTS: Span = Span::secs(24);
const EACH: Span = Span::secs(2);

/// One apply that changed something, or tried to.
#[derive(Clone, Debug)]
pub struct Apply {
    /// `#212`.
    pub number: u64,
    /// Of the code.
    pub revision: u64,
    pub title: String,
    /// Who started it.
    pub by: String,
    pub at: Time,
    pub scheduled: bool,
    pub plan: Arc<Plan>,
    pub log: Vec<String>,
    pub took: Span,
    /// By address, in the tool's words.
    pub failures: Vec<(String, String)>,
}

/// What is carried along while a plan is carried out.
struct Work {
    log: Vec<String>,
    failures: Vec<(String, String)>,
    done: [usize; 3],
}

/// Plans and applies the head of the code. `None`: there was nothing to change.
pub fn run(world: &mut World, by: &str, module: Option<&str>, scheduled: bool) -> Result<Option<u64>, String> {
    if let Some(lock) = world.iac.pipeline.locked.as_ref().filter(|lock| lock.by != by) {
        let why = if lock.why.is_empty() { String::new() } else { format!(" ({})", lock.why) };
        return Err(format!("acquiring the state lock: held by {} since {}{why}", lock.by, lock.at.rfc3339()));
    }
    let plan = plan::make(world, module)?;
    if plan.steps.is_empty() {
        world.iac.state = Arc::new(plan.found);
        return Ok(None);
    }
    let mut work = Work { log: Vec::new(), failures: Vec::new(), done: [0; 3] };
    let code = world.iac.code();
    world.iac.state = Arc::new(plan.found.clone());
    destroy(world, &plan, &mut work);
    make(world, &plan, &code, &mut work);
    // One resource's change shows in the attributes of others (an endpoint's tables): that is no drift.
    if let Ok(fresh) = state::refresh(world) {
        world.iac.state = Arc::new(fresh);
    }
    let [added, changed, destroyed] = work.done;
    if work.failures.is_empty() {
        work.log.push(String::new());
        let counts = format!("{added} added, {changed} changed, {destroyed} destroyed.");
        work.log.push(format!("Apply complete! Resources: {counts}"));
    }
    Ok(Some(write_down(world, by, scheduled, plan, work)))
}

/// The deletions, what depends on others first.
fn destroy(world: &mut World, plan: &Plan, work: &mut Work) {
    let doomed: Vec<&Step> =
        plan.steps.iter().filter(|step| matches!(step.action, Action::Delete | Action::Replace)).collect();
    let needs: BTreeMap<String, BTreeSet<String>> = doomed
        .iter()
        .filter_map(|step| Some((step.address.clone(), plan.found.get(&step.address)?.needs.clone())))
        .collect();
    let order = code::sorted(needs).unwrap_or_else(|circle| circle);
    for address in order.iter().rev() {
        let (Some(row), Some(entry)) = (types::of(address), plan.found.get(address)) else { continue };
        work.log.push(format!("{address}: Destroying... [id={}]", entry.id));
        let mut hand = Hand { world, user: RUNNER };
        match (row.delete)(&mut hand, &entry.id, &entry.attributes) {
            Ok(()) => {
                work.log.push(format!("{address}: Destruction complete after 0s"));
                work.done[2] += 1;
                Arc::make_mut(&mut world.iac.state).remove(address);
            }
            Err(fault) => work.fail(address, format!("deleting {}", types::words(row, &fault))),
        }
    }
}

/// Creations and changes, what is needed first; what needs something that failed is left out.
fn make(world: &mut World, plan: &Plan, code: &Code, work: &mut Work) {
    for address in &plan.order {
        let Some(step) = plan.steps.iter().find(|step| step.address == *address) else { continue };
        let (Some(resource), Some(row)) = (code.get(address), types::of(address)) else { continue };
        let needs = code::needs(resource);
        let broken = work.failures.iter().any(|(failed, _)| failed == address || needs.contains(failed));
        if broken || step.action == Action::Delete {
            if broken && !work.failures.iter().any(|(failed, _)| failed == address) {
                work.failures.push((address.clone(), "what it needs could not be made".into()));
            }
            continue;
        }
        let state = world.iac.state.clone();
        let known = |address: &str, part: &str| {
            let entry = state.get(address)?;
            if part == "id" { Some(Value::from(entry.id.as_str())) } else { entry.attributes.get(part).cloned() }
        };
        let there = state.get(address).map(|entry| &entry.attributes);
        let mut wanted = plan::desired(row, &resource.attributes, there, &known);
        wanted.retain(|_, value| value != code::UNKNOWN);
        let mut hand = Hand { world, user: RUNNER };
        let done = match state.get(address) {
            None => {
                work.log.push(format!("{address}: Creating..."));
                (row.create)(&mut hand, &wanted)
            }
            Some(entry) => {
                work.log.push(format!("{address}: Modifying... [id={}]", entry.id));
                let changed: Vec<&str> = step.changed.iter().map(String::as_str).collect();
                (row.update)(&mut hand, &entry.id, &wanted, &changed).map(|()| entry.id.clone())
            }
        };
        let said = if step.action == Action::Update { "updating" } else { "creating" };
        let read = done.and_then(|id| Ok(((row.read)(&mut hand, &id, &wanted)?, id)));
        match read {
            Ok((read, id)) => {
                let (verb, count) = if step.action == Action::Update { ("Modifications", 1) } else { ("Creation", 0) };
                work.log.push(format!("{address}: {verb} complete after 1s [id={id}]"));
                work.done[count] += 1;
                let mut attributes: Attributes = overlaid(&wanted, read.unwrap_or_default());
                attributes.insert("id".into(), id.as_str().into());
                let entry = Entry { id, module: resource.module.clone(), attributes, needs };
                Arc::make_mut(&mut world.iac.state).insert(address.clone(), entry);
            }
            Err(fault) => work.fail(address, format!("{said} {}", types::words(row, &fault))),
        }
    }
}

impl Work {
    fn fail(&mut self, address: &str, words: String) {
        self.log.extend([String::new(), format!("Error: {words}"), String::new(), format!("  with {address},")]);
        self.failures.push((address.to_string(), words));
    }
}

fn write_down(world: &mut World, by: &str, scheduled: bool, plan: Plan, work: Work) -> u64 {
    let (revision, title, least) =
        world.iac.head().map_or((0, String::new(), 0), |head| (head.number, head.title.clone(), head.apply));
    let last = world.iac.applies.last().map_or(world.iac.pipeline.number, |apply| apply.number);
    let number = (last + 1).max(least);
    let changed: Vec<FieldChange> = plan.steps.iter().flat_map(audited).collect();
    let apply = Apply {
        number,
        revision,
        title,
        by: by.to_string(),
        at: world.now,
        scheduled,
        took: STARTS + Span(EACH.0 * plan.steps.len() as i64),
        plan: Arc::new(plan),
        log: work.log,
        failures: work.failures,
    };
    let applies = Arc::make_mut(&mut world.iac.applies);
    if applies.len() == HISTORY_MAX {
        applies.remove(0);
    }
    applies.push(apply);
    super::record(world, by, "apply", &format!("#{number}"), changed);
    number
}

/// A step's differences as the audit has them: the path is led by the address.
fn audited(step: &Step) -> Vec<FieldChange> {
    let text = |from: &Attributes, name: &str| from.get(name).map(canon::scalar).filter(|text| !text.is_empty());
    let field = |name: &String| FieldChange {
        path: format!("{}.{name}", step.address),
        before: text(&step.before, name),
        after: text(&step.after, name),
    };
    step.changed.iter().map(field).collect()
}
