//! Reads policy documents and says what is wrong with them in the services' words. Does not evaluate.

use super::condition::{Condition, Operator};
use super::{Document, Kind, Match, Principals, Statement};
use crate::world::aws::arn::Arn;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The longest document that is looked at, in bytes (IAM's `policyDocumentType`).
pub const DOCUMENT_MAX: usize = 131_072;
/// A statement may not list more of anything than this (ours; documents of that size exceed every service's limit).
const ITEMS_MAX: usize = 1_000;

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Not JSON.
    Json,
    /// JSON, but not a policy.
    Syntax,
    Version,
    /// A member that no policy has.
    Unknown(String),
    NoStatement,
    /// The value of `Effect`; empty: missing.
    Effect(String),
    NoAction,
    NoResource,
    NoPrincipal,
    HasPrincipal,
    HasResource,
    NoVendor,
    TwoColons,
    Vendor(String),
    Arn(String),
    Partition {
        partition: String,
        resource: String,
    },
    SidForm,
    SidTwice,
    Operator(String),
    /// As the document has it: `"AWS":"arn:…"`.
    Principal(String),
}

impl Flaw {
    /// In IAM's words (the messages of `MalformedPolicyDocument`).
    pub fn say(&self) -> String {
        match self {
            Flaw::Json | Flaw::Syntax | Flaw::Unknown(_) | Flaw::NoStatement | Flaw::Effect(_) => {
                "Syntax errors in policy.".into()
            }
            Flaw::Version => "Policy document must be version 2012-10-17 or greater.".into(),
            Flaw::NoAction => "Policy statement must contain actions.".into(),
            Flaw::NoResource => "Policy statement must contain resources.".into(),
            Flaw::NoPrincipal => "Missing required field Principal".into(),
            Flaw::HasPrincipal => "Policy document should not specify a principal.".into(),
            Flaw::HasResource => "Has prohibited field Resource".into(),
            Flaw::NoVendor => "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".into(),
            Flaw::TwoColons => "Actions/Condition can contain only one colon.".into(),
            Flaw::Vendor(vendor) => format!("Vendor {vendor} is not valid"),
            Flaw::Arn(resource) => format!("Resource {resource} must be in ARN format or \"*\"."),
            Flaw::Partition { partition, resource } => {
                format!("Partition \"{partition}\" is not valid for resource \"{resource}\".")
            }
            Flaw::SidForm => "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                              expression [0-9A-Za-z]*"
                .into(),
            Flaw::SidTwice => "Statement IDs (SID) in a single policy must be unique.".into(),
            Flaw::Operator(operator) => format!("Invalid Condition type : {operator}."),
            Flaw::Principal(principal) => format!("Invalid principal in policy: {principal}"),
        }
    }

    /// What SNS puts after `Policy Error:`.
    pub(super) fn as_topic(&self) -> &'static str {
        match self {
            Flaw::Principal(_) => "PrincipalNotFound",
            _ => "null",
        }
    }

    /// In S3's words.
    pub(super) fn as_bucket(&self) -> String {
        match self {
            Flaw::Json => "Policies must be valid JSON and the first byte must be '{'".into(),
            Flaw::NoStatement => "Missing required field Statement".into(),
            Flaw::Unknown(field) => format!("Unknown field {field}"),
            Flaw::Effect(given) if given.is_empty() => "Missing required field Effect".into(),
            Flaw::Effect(given) => format!("Invalid effect: {given}"),
            Flaw::NoAction => "Missing required field Action".into(),
            Flaw::NoResource => "Missing required field Resource".into(),
            Flaw::NoVendor | Flaw::TwoColons | Flaw::Vendor(_) => "Policy has invalid action".into(),
            Flaw::Arn(_) | Flaw::Partition { .. } => "Policy has invalid resource".into(),
            Flaw::Principal(_) => "Invalid principal in policy".into(),
            Flaw::Operator(operator) => format!("Invalid Condition type : {operator}"),
            _ => self.say(),
        }
    }
}

/// Reads a document.
pub fn parse(text: &str, kind: Kind) -> Result<Document, Flaw> {
    if text.len() > DOCUMENT_MAX {
        return Err(Flaw::Syntax);
    }
    let value: Value = serde_json::from_str(text).map_err(|_| Flaw::Json)?;
    let Value::Object(parts) = &value else { return Err(Flaw::Json) };
    if let Some(unknown) = parts.keys().find(|key| !["Version", "Id", "Statement"].contains(&key.as_str())) {
        return Err(Flaw::Unknown(unknown.clone()));
    }
    match parts.get("Version").map(Value::as_str) {
        Some(Some("2012-10-17")) => {}
        // The default of resource policies; IAM refuses the older version only where it is spelled out wrongly.
        Some(Some("2008-10-17")) | None => {}
        Some(Some(_)) => return Err(Flaw::Version),
        Some(None) => return Err(Flaw::Syntax),
    }
    let statements = match parts.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() && statements.len() <= ITEMS_MAX => statements.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        None => return Err(Flaw::NoStatement),
        Some(_) => return Err(Flaw::Syntax),
    };
    let id = parts.get("Id").and_then(Value::as_str).unwrap_or_default().to_string();
    let statements = statements.iter().map(|value| statement(value, kind)).collect::<Result<Vec<_>, _>>()?;
    let mut sids = BTreeSet::new();
    if statements.iter().any(|statement| !statement.sid.is_empty() && !sids.insert(statement.sid.clone())) {
        return Err(Flaw::SidTwice);
    }
    Ok(Document { id, statements })
}

const FIELDS: &[&str] =
    &["Action", "Condition", "Effect", "NotAction", "NotPrincipal", "NotResource", "Principal", "Resource", "Sid"];

fn statement(value: &Value, kind: Kind) -> Result<Statement, Flaw> {
    let parts = value.as_object().ok_or(Flaw::Syntax)?;
    if let Some(unknown) = parts.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(Flaw::Unknown(unknown.clone()));
    }
    let deny = match parts.get("Effect").map(|effect| effect.as_str().unwrap_or("?")) {
        Some("Allow") => false,
        Some("Deny") => true,
        other => return Err(Flaw::Effect(other.unwrap_or_default().to_string())),
    };
    let sid = match parts.get("Sid") {
        None => String::new(),
        Some(Value::String(sid)) => sid.clone(),
        Some(_) => return Err(Flaw::Syntax),
    };
    // Identity policies allow letters and digits only; resource policies often have blanks and underscores.
    if !matches!(kind, Kind::Resource | Kind::Repository) && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Flaw::SidForm);
    }
    let principals = either(parts, "Principal", "NotPrincipal", principals)?;
    match (kind, &principals) {
        (Kind::Identity, Some(_)) => return Err(Flaw::HasPrincipal),
        (Kind::Repository | Kind::Resource | Kind::Trust, None) => return Err(Flaw::NoPrincipal),
        _ => {}
    }
    let actions = either(parts, "Action", "NotAction", texts)?.ok_or(Flaw::NoAction)?;
    let resources = either(parts, "Resource", "NotResource", texts)?;
    match (kind, &resources) {
        (Kind::Repository | Kind::Trust, Some(_)) => return Err(Flaw::HasResource),
        (Kind::Identity | Kind::Resource, None) => return Err(Flaw::NoResource),
        _ => {}
    }
    let (Match::In(list) | Match::NotIn(list)) = &actions;
    if list.is_empty() {
        return Err(Flaw::NoAction);
    }
    list.iter().try_for_each(|text| action(text))?;
    if let Some(Match::In(list) | Match::NotIn(list)) = &resources {
        if list.is_empty() {
            return Err(Flaw::NoResource);
        }
        list.iter().try_for_each(|text| resource(text))?;
    }
    let conditions = parts.get("Condition").map_or(Ok(Vec::new()), conditions)?;
    Ok(Statement { sid, deny, principals, actions, resources, conditions })
}

/// An element or its twin; both at once is no policy.
fn either<T>(
    parts: &Map<String, Value>,
    name: &str,
    not: &str,
    read: impl Fn(&Value) -> Result<T, Flaw>,
) -> Result<Option<Match<T>>, Flaw> {
    match (parts.get(name), parts.get(not)) {
        (Some(_), Some(_)) => Err(Flaw::Syntax),
        (Some(value), None) => Ok(Some(Match::In(read(value)?))),
        (None, Some(value)) => Ok(Some(Match::NotIn(read(value)?))),
        (None, None) => Ok(None),
    }
}

/// One text or a list of texts.
fn texts(value: &Value) -> Result<Vec<String>, Flaw> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        _ => Err(Flaw::Syntax),
    };
    match value {
        Value::Array(items) if items.len() > ITEMS_MAX => Err(Flaw::Syntax),
        Value::Array(items) => items.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

/// A condition's values; numbers and truths are read as their text.
fn scalars(value: &Value) -> Result<Vec<String>, Flaw> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(Flaw::Syntax),
    };
    match value {
        Value::Array(items) if items.len() > ITEMS_MAX => Err(Flaw::Syntax),
        Value::Array(items) => items.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

fn conditions(value: &Value) -> Result<Vec<Condition>, Flaw> {
    let mut out = Vec::new();
    for (operator, keys) in value.as_object().ok_or(Flaw::Syntax)? {
        let parsed = Operator::parse(operator).ok_or_else(|| Flaw::Operator(operator.clone()))?;
        for (key, values) in keys.as_object().ok_or(Flaw::Syntax)? {
            if !key.contains(':') {
                return Err(Flaw::NoVendor);
            }
            out.push(Condition::new(parsed, key, scalars(values)?));
        }
    }
    Ok(out)
}

fn action(text: &str) -> Result<(), Flaw> {
    if text == "*" {
        return Ok(());
    }
    let (vendor, name) = text.split_once(':').ok_or(Flaw::NoVendor)?;
    if name.contains(':') {
        return Err(Flaw::TwoColons);
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'*' | b'?');
    if vendor.is_empty() || !vendor.bytes().all(fits) {
        return Err(Flaw::Vendor(vendor.to_string()));
    }
    if name.is_empty() { Err(Flaw::NoVendor) } else { Ok(()) }
}

fn resource(text: &str) -> Result<(), Flaw> {
    if text == "*" || text.starts_with("${") {
        return Ok(());
    }
    // `arn:aws:sqs:*` stands for all that begins so.
    let wild = text.starts_with("arn:") && text.ends_with('*');
    if Arn::parse(text).is_none() && !wild {
        return Err(Flaw::Arn(text.to_string()));
    }
    let partition = text.split(':').nth(1).unwrap_or_default();
    match partition {
        "aws" | "aws-cn" | "aws-us-gov" | "*" => Ok(()),
        _ => Err(Flaw::Partition { partition: partition.to_string(), resource: text.to_string() }),
    }
}

fn principals(value: &Value) -> Result<Principals, Flaw> {
    let mut names = Principals::default();
    let parts = match value {
        Value::String(text) if text == "*" => {
            names.everyone = true;
            return Ok(names);
        }
        Value::Object(parts) if !parts.is_empty() => parts,
        other => return Err(Flaw::Principal(other.to_string())),
    };
    for (kind, value) in parts {
        let list = texts(value)?;
        match kind.as_str() {
            "AWS" => {
                for name in list {
                    let wrong = || Flaw::Principal(format!("\"AWS\":\"{name}\""));
                    let account = name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit());
                    let arn = Arn::parse(&name).is_some_and(|arn| {
                        matches!(arn.service, "iam" | "sts") && arn.account.len() == 12 && !arn.resource.contains('*')
                    });
                    match name.as_str() {
                        "*" => names.everyone = true,
                        _ if account || arn => names.aws.push(name),
                        _ => return Err(wrong()),
                    }
                }
            }
            "Service" => {
                let domain = |name: &str| name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn");
                if let Some(name) = list.iter().find(|name| !domain(name)) {
                    return Err(Flaw::Principal(format!("\"SERVICE\":\"{name}\"")));
                }
                names.services.extend(list);
            }
            "Federated" | "CanonicalUser" => names.aws.extend(list),
            _ => return Err(Flaw::Principal(format!("\"{kind}\""))),
        }
    }
    Ok(names)
}
