//! Filter policies: read with SNS's complaints, and matched against a message's attributes or body. Does not know
//! subscriptions.

use super::super::call::Fault;
use super::super::message::Attributes;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a filter policy looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    Attributes,
    Body,
}

/// A filter policy, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    pub scope: Scope,
    root: BTreeMap<String, Node>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// One of the rules must hold.
    Rules(Vec<Rule>),
    /// All of the keys must match.
    Nested(BTreeMap<String, Node>),
    /// `$or`: one of the groups must match.
    Either(Vec<BTreeMap<String, Node>>),
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    Is(Scalar),
    AnythingBut(Vec<Rule>),
    CaseBlind(String),
    Exists(bool),
    /// Least and most in billionths, and whether they are themselves in.
    Numeric {
        least: Option<(i128, bool)>,
        most: Option<(i128, bool)>,
    },
    Prefix(String),
    Suffix(String),
    Wildcard(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Scalar {
    Text(String),
    /// Billionths: SNS compares up to nine digits after the point.
    Number(i128),
    Bool(bool),
    Null,
}

/// Why a message was filtered out: one CloudWatch metric each beside `NumberOfNotificationsFilteredOut`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    Attributes,
    InvalidAttributes,
    NoAttributes,
    Body,
    InvalidBody,
}

/// Keys of a policy, and combinations of values (SNS Developer Guide, "Filter policy constraints").
const KEYS_MAX: usize = 5;
const COMBINATIONS_MAX: usize = 150;

fn refuse(place: &str, why: impl AsRef<str>) -> Fault {
    Fault::new("InvalidParameter", format!("Invalid parameter: {place}FilterPolicy: {}", why.as_ref()))
}

/// Reads a policy. `place` is `Attributes Reason: ` when it came with a subscription.
pub fn read(text: &str, scope: Scope, place: &str) -> Result<Filter, Fault> {
    let Ok(Value::Object(map)) = serde_json::from_str(text) else {
        return Err(refuse(place, "failed to parse JSON. Unexpected character or end of input"));
    };
    let (mut leaves, mut combinations) = (0, 1_usize);
    let root = level(&map, scope, 0, &mut leaves, &mut combinations).map_err(|why| match why.strip_prefix('!') {
        Some(whole) => Fault::new("InvalidParameter", format!("Invalid parameter: {whole}")),
        None => refuse(place, why),
    })?;
    if leaves > KEYS_MAX {
        return Err(refuse(place, format!("Filter policy can not have more than {KEYS_MAX} keys")));
    }
    if combinations > COMBINATIONS_MAX {
        return Err(refuse(place, "Filter policy is too complex"));
    }
    Ok(Filter { scope, root })
}

fn level(
    map: &Map<String, Value>,
    scope: Scope,
    depth: usize,
    leaves: &mut usize,
    combinations: &mut usize,
) -> Result<BTreeMap<String, Node>, String> {
    let mut nodes = BTreeMap::new();
    for (key, value) in map {
        let node = match value {
            Value::Array(groups) if key == "$or" && groups.len() > 1 && groups.iter().all(Value::is_object) => {
                let mut either = Vec::new();
                for group in groups.iter().filter_map(Value::as_object) {
                    either.push(level(group, scope, depth + 1, leaves, combinations)?);
                }
                Node::Either(either)
            }
            Value::Array(values) if values.is_empty() => return Err("Empty arrays are not allowed".into()),
            Value::Array(values) => {
                *leaves += 1;
                *combinations = combinations.saturating_mul(values.len() * (depth + 1));
                Node::Rules(values.iter().map(rule).collect::<Result<_, _>>()?)
            }
            Value::Object(_) if scope == Scope::Attributes => {
                return Err("!Filter policy scope MessageAttributes does not support nested filter policy".into());
            }
            Value::Object(inner) if depth < 16 => Node::Nested(level(inner, scope, depth + 1, leaves, combinations)?),
            _ => return Err(format!("\"{key}\" must be an object or an array")),
        };
        nodes.insert(key.clone(), node);
    }
    Ok(nodes)
}

fn scalar(value: &Value) -> Option<Scalar> {
    Some(match value {
        Value::String(text) => Scalar::Text(text.clone()),
        Value::Number(number) => Scalar::Number(billionths(&number.to_string())?),
        Value::Bool(truth) => Scalar::Bool(*truth),
        Value::Null => Scalar::Null,
        _ => return None,
    })
}

/// A decimal number in billionths.
fn billionths(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 20 || part.len() > 9 || !plain(whole) || !plain(part) {
        return None;
    }
    let value = whole.parse::<i128>().ok()? * 1_000_000_000 + format!("{part:0<9}").parse::<i128>().ok()?;
    Some(if negative { -value } else { value })
}

fn rule(value: &Value) -> Result<Rule, String> {
    let Value::Object(map) = value else {
        let is = scalar(value).ok_or("Match value must be String, number, true, false, or null")?;
        return Ok(Rule::Is(is));
    };
    let mut entries = map.iter();
    let (Some((kind, how)), None) = (entries.next(), entries.next()) else {
        return Err("Only one key allowed in match expression".into());
    };
    let text = || match how {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        _ => Err(format!("{kind} match pattern must be a string")),
    };
    Ok(match kind.as_str() {
        "prefix" => Rule::Prefix(text()?),
        "suffix" => Rule::Suffix(text()?),
        "equals-ignore-case" => Rule::CaseBlind(text()?.to_lowercase()),
        "wildcard" => Rule::Wildcard(text()?),
        "exists" => Rule::Exists(how.as_bool().ok_or("exists match pattern must be either true or false.")?),
        "anything-but" => match how {
            Value::Array(values) if values.is_empty() => return Err("Empty arrays are not allowed".into()),
            Value::Array(values) => {
                let one = |value: &Value| scalar(value).map(Rule::Is);
                let rules = values.iter().map(one).collect::<Option<_>>();
                Rule::AnythingBut(rules.ok_or("Inside anything but list, start|null|boolean is not supported.")?)
            }
            one => Rule::AnythingBut(vec![rule(one)?]),
        },
        "numeric" => numeric(how)?,
        _ => return Err(format!("Unrecognized match type {kind}")),
    })
}

fn numeric(how: &Value) -> Result<Rule, String> {
    let parts = how.as_array().ok_or("Value of numeric must be an array.")?;
    let operator = |at: usize| parts.get(at).and_then(Value::as_str);
    let spelled = |at: usize| parts.get(at).map(Value::to_string).unwrap_or_default();
    let number = |at: usize| match parts.get(at) {
        Some(Value::Number(number)) => billionths(&number.to_string()),
        _ => None,
    };
    let Some(first) = operator(0) else {
        return Err(format!(
            "Invalid member in numeric match: {}",
            if parts.is_empty() { "]".into() } else { spelled(0) }
        ));
    };
    if !["=", "<", "<=", ">", ">="].contains(&first) {
        return Err(format!("Unrecognized numeric range operator: {first}"));
    }
    let bound = number(1).ok_or_else(|| format!("Value of {first} must be numeric"))?;
    let rule = match first {
        "=" => Rule::Numeric { least: Some((bound, true)), most: Some((bound, true)) },
        "<" | "<=" => Rule::Numeric { least: None, most: Some((bound, first == "<=")) },
        _ => Rule::Numeric { least: Some((bound, first == ">=")), most: None },
    };
    match (parts.len(), &rule) {
        (2, _) => Ok(rule),
        (4, Rule::Numeric { least: Some(least), most: None }) => {
            let second = operator(2).unwrap_or_default();
            if !["<", "<="].contains(&second) {
                return Err(format!("Bad numeric range operator: {second}"));
            }
            let top = number(3).ok_or_else(|| format!("Value of {second} must be numeric"))?;
            if least.0 >= top {
                return Err("Bottom must be less than top".into());
            }
            Ok(Rule::Numeric { least: Some(*least), most: Some((top, second == "<=")) })
        }
        _ => Err("Too many elements in numeric expression".into()),
    }
}

impl Rule {
    /// Whether a value that is there fits.
    fn fits(&self, value: &Scalar) -> bool {
        match (self, value) {
            (Rule::Is(wanted), value) => wanted == value,
            (Rule::AnythingBut(rules), value) => !rules.iter().any(|rule| rule.fits(value)),
            (Rule::Exists(wanted), _) => *wanted,
            (Rule::CaseBlind(wanted), Scalar::Text(text)) => text.to_lowercase() == *wanted,
            (Rule::Prefix(head), Scalar::Text(text)) => text.starts_with(head.as_str()),
            (Rule::Suffix(tail), Scalar::Text(text)) => text.ends_with(tail.as_str()),
            (Rule::Wildcard(pattern), Scalar::Text(text)) => {
                super::super::policy::glob(&pattern.replace('?', "\u{1}"), &text.replace('?', "\u{1}"))
            }
            (Rule::Numeric { least, most }, Scalar::Number(number)) => {
                least.is_none_or(|(bound, own)| *number > bound || (own && *number == bound))
                    && most.is_none_or(|(bound, own)| *number < bound || (own && *number == bound))
            }
            _ => false,
        }
    }
}

fn fits(rules: &[Rule], values: Option<&[Scalar]>) -> bool {
    match values {
        None => rules.contains(&Rule::Exists(false)),
        Some(values) => rules.iter().any(|rule| values.iter().any(|value| rule.fits(value))),
    }
}

impl Filter {
    /// `None`: the message goes through.
    pub fn check(&self, attributes: &Attributes, body: &str) -> Option<Out> {
        match self.scope {
            Scope::Attributes => self.check_attributes(attributes),
            Scope::Body => {
                let Ok(Value::Object(map)) = serde_json::from_str(body) else { return Some(Out::InvalidBody) };
                (!in_body(&self.root, &map)).then_some(Out::Body)
            }
        }
    }

    fn check_attributes(&self, attributes: &Attributes) -> Option<Out> {
        let mut values = BTreeMap::new();
        let mut broken = false;
        for (name, attribute) in attributes {
            let kind = &*attribute.data_type;
            let read = if kind == "String.Array" {
                serde_json::from_str::<Vec<Value>>(&attribute.value)
                    .ok()
                    .and_then(|list| list.iter().map(scalar).collect::<Option<Vec<_>>>())
            } else if kind.starts_with("Number") {
                billionths(&attribute.value).map(|number| vec![Scalar::Number(number)])
            } else if kind.starts_with("Binary") {
                // Filters do not see binary attributes.
                continue;
            } else {
                Some(vec![Scalar::Text(attribute.value.to_string())])
            };
            match read {
                Some(read) => drop(values.insert(&**name, read)),
                None => broken |= self.root.contains_key(&**name),
            }
        }
        if in_attributes(&self.root, &values) {
            return None;
        }
        Some(match (attributes.is_empty(), broken) {
            (true, _) => Out::NoAttributes,
            (_, true) => Out::InvalidAttributes,
            _ => Out::Attributes,
        })
    }
}

fn in_attributes(nodes: &BTreeMap<String, Node>, values: &BTreeMap<&str, Vec<Scalar>>) -> bool {
    nodes.iter().all(|(key, node)| match node {
        Node::Rules(rules) => fits(rules, values.get(key.as_str()).map(Vec::as_slice)),
        Node::Either(groups) => groups.iter().any(|group| in_attributes(group, values)),
        Node::Nested(_) => false,
    })
}

fn in_body(nodes: &BTreeMap<String, Node>, map: &Map<String, Value>) -> bool {
    nodes.iter().all(|(key, node)| match (node, map.get(key)) {
        (Node::Either(groups), _) => groups.iter().any(|group| in_body(group, map)),
        (Node::Rules(rules), None) => fits(rules, None),
        (Node::Rules(rules), Some(Value::Array(list))) => {
            let values: Vec<Scalar> = list.iter().filter_map(scalar).collect();
            fits(rules, Some(&values))
        }
        (Node::Rules(rules), Some(value)) => scalar(value).is_some_and(|value| fits(rules, Some(&[value]))),
        (Node::Nested(inner), Some(Value::Object(below))) => in_body(inner, below),
        (Node::Nested(inner), Some(Value::Array(list))) => {
            list.iter().filter_map(Value::as_object).any(|below| in_body(inner, below))
        }
        (Node::Nested(inner), None) => in_body(inner, &Map::new()),
        (Node::Nested(_), Some(_)) => false,
    })
}
