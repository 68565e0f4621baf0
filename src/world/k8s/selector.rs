//! Label and field selectors: reading them with the server's error texts (apimachinery `labels.Parse`,
//! `fields.ParseSelector`) and asking objects. Does not know the store.

use super::kinds::Kind;
use super::object::Object;
use super::refusal::Refusal;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a list or watch picks: every requirement must hold.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<FieldTerm>,
}

/// One label requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    Absent,
    Greater,
    Less,
}

/// `path=value` or `path!=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldTerm {
    path: String,
    negated: bool,
    value: String,
}

impl Selector {
    /// Reads both selectors of a request for objects of `kind`.
    pub fn parse(kind: Kind, labels: &str, fields: &str) -> Result<Selector, Refusal> {
        Ok(Selector {
            labels: parse_labels(labels).map_err(Refusal::bad_request)?,
            fields: parse_fields(kind, fields).map_err(Refusal::bad_request)?,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub fn matches(&self, object: &Object) -> bool {
        self.labels.iter().all(|requirement| requirement.matches(&object.meta.labels))
            && self.fields.iter().all(|term| (field_text(object, &term.path) == term.value) != term.negated)
    }
}

impl Requirement {
    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        let number = |text: &String| text.parse::<i64>().ok();
        match self.operator {
            Operator::In => value.is_some_and(|v| self.values.contains(v)),
            Operator::NotIn => value.is_none_or(|v| !self.values.contains(v)),
            Operator::Exists => value.is_some(),
            Operator::Absent => value.is_none(),
            Operator::Greater | Operator::Less => {
                match (value.and_then(number), self.values.first().and_then(number)) {
                    (Some(a), Some(b)) if self.operator == Operator::Greater => a > b,
                    (Some(a), Some(b)) => a < b,
                    _ => false,
                }
            }
        }
    }
}

/// Whether labels satisfy a `LabelSelector` value (`matchLabels`, `matchExpressions`). An empty one matches all,
/// a missing one nothing.
pub fn label_selector_matches(selector: &Value, labels: &BTreeMap<String, String>) -> bool {
    if !selector.is_object() {
        return false;
    }
    requirements(selector).iter().all(|requirement| requirement.matches(labels))
}

/// A `LabelSelector` value as one line: `app=x,tier in (a,b)`; `<none>` for an empty one (metav1.FormatLabelSelector).
pub fn format_label_selector(selector: &Value) -> String {
    let mut parts: Vec<String> = Vec::new();
    for requirement in requirements(selector) {
        let Requirement { key, operator, values } = requirement;
        let values = values.join(",");
        parts.push(match operator {
            Operator::In if !values.contains(',') && selector["matchLabels"].get(&key).is_some() => {
                format!("{key}={values}")
            }
            Operator::In => format!("{key} in ({values})"),
            Operator::NotIn => format!("{key} notin ({values})"),
            Operator::Exists => key,
            Operator::Absent => format!("!{key}"),
            Operator::Greater => format!("{key}>{values}"),
            Operator::Less => format!("{key}<{values}"),
        });
    }
    if parts.is_empty() { "<none>".into() } else { parts.join(",") }
}

/// A plain map of labels as one line, or `<none>`.
pub fn format_labels(labels: &Value) -> String {
    let pairs = labels.as_object().into_iter().flatten();
    let parts: Vec<String> = pairs.map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or(""))).collect();
    if parts.is_empty() { "<none>".into() } else { parts.join(",") }
}

fn requirements(selector: &Value) -> Vec<Requirement> {
    let mut all = Vec::new();
    for (key, value) in selector["matchLabels"].as_object().into_iter().flatten() {
        let values = vec![value.as_str().unwrap_or("").to_string()];
        all.push(Requirement { key: key.clone(), operator: Operator::In, values });
    }
    for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
        let operator = match expression["operator"].as_str() {
            Some("In") => Operator::In,
            Some("NotIn") => Operator::NotIn,
            Some("Exists") => Operator::Exists,
            Some("DoesNotExist") => Operator::Absent,
            Some("Gt") => Operator::Greater,
            Some("Lt") => Operator::Less,
            _ => continue,
        };
        let key = expression["key"].as_str().unwrap_or("").to_string();
        let values = expression["values"].as_array().into_iter().flatten();
        all.push(Requirement {
            key,
            operator,
            values: values.filter_map(|v| v.as_str().map(str::to_string)).collect(),
        });
    }
    all.sort_by(|a, b| a.key.cmp(&b.key));
    all
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Sign(&'static str),
    End,
}

impl Token {
    fn shown(&self) -> &str {
        match self {
            Token::Word(word) => word,
            Token::Sign(sign) => sign,
            Token::End => "",
        }
    }
}

const SIGNS: [&str; 9] = ["==", "!=", "=", "!", ",", "(", ")", ">", "<"];

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || "=!,()<>".contains(c)).unwrap_or(rest.len());
            out.push(Token::Word(rest[..end].to_string()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    out.push(Token::End);
    out
}

fn parse_labels(text: &str) -> Result<Vec<Requirement>, String> {
    let tokens = tokens(text);
    let mut all = Vec::new();
    let mut at = 0;
    if tokens[0] == Token::End {
        return Ok(all);
    }
    loop {
        all.push(parse_requirement(&tokens, &mut at)?);
        match &tokens[at] {
            Token::End => return Ok(all),
            Token::Sign(",") => {
                at += 1;
                let next = &tokens[at];
                if !matches!(next, Token::Word(_) | Token::Sign("!")) {
                    return Err(format!("found '{}', expected: identifier after ','", next.shown()));
                }
            }
            other => return Err(format!("found '{}', expected: ',' or 'end of string'", other.shown())),
        }
    }
}

fn parse_requirement(tokens: &[Token], at: &mut usize) -> Result<Requirement, String> {
    let negated = tokens[*at] == Token::Sign("!");
    *at += usize::from(negated);
    let Token::Word(key) = &tokens[*at] else {
        return Err(format!("unable to parse requirement: found '{}', expected: identifier", tokens[*at].shown()));
    };
    super::validate::label_key_fault(key).map_or(Ok(()), |why| {
        Err(format!("unable to parse requirement: <nil>: Invalid value: {}: {why}", Value::from(key.as_str())))
    })?;
    *at += 1;
    let requirement = |operator, values| Requirement { key: key.clone(), operator, values };
    let next = &tokens[*at];
    if negated || matches!(next, Token::End | Token::Sign(",")) {
        return Ok(requirement(if negated { Operator::Absent } else { Operator::Exists }, Vec::new()));
    }
    let operator = match next {
        Token::Sign("=" | "==") => Operator::In,
        Token::Sign("!=") => Operator::NotIn,
        Token::Sign(">") => Operator::Greater,
        Token::Sign("<") => Operator::Less,
        Token::Word(word) if word == "in" => Operator::In,
        Token::Word(word) if word == "notin" => Operator::NotIn,
        other => {
            return Err(format!(
                "unable to parse requirement: found '{}', expected: in, notin, =, ==, !=, gt, lt",
                other.shown()
            ));
        }
    };
    *at += 1;
    if matches!(next, Token::Word(_)) {
        return Ok(requirement(operator, parse_set(tokens, at)?));
    }
    let value = match &tokens[*at] {
        Token::Word(value) => {
            *at += 1;
            value.clone()
        }
        Token::End | Token::Sign(",") => String::new(),
        other => {
            return Err(format!("unable to parse requirement: found '{}', expected: identifier", other.shown()));
        }
    };
    Ok(requirement(operator, vec![value]))
}

fn parse_set(tokens: &[Token], at: &mut usize) -> Result<Vec<String>, String> {
    if tokens[*at] != Token::Sign("(") {
        return Err(format!("unable to parse requirement: found '{}' expected: '('", tokens[*at].shown()));
    }
    let mut values = Vec::new();
    loop {
        *at += 1;
        match &tokens[*at] {
            Token::Word(word) => values.push(word.clone()),
            Token::Sign(",") => {}
            Token::Sign(")") => {
                *at += 1;
                return Ok(values);
            }
            other => {
                return Err(format!("unable to parse requirement: found '{}', expected: ',', or ')'", other.shown()));
            }
        }
    }
}

fn parse_fields(kind: Kind, text: &str) -> Result<Vec<FieldTerm>, String> {
    let mut all = Vec::new();
    for part in split_escaped(text) {
        if part.is_empty() {
            continue;
        }
        let (path, negated, value) = if let Some((path, value)) = part.split_once("!=") {
            (path, true, value)
        } else if let Some((path, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
            (path, false, value)
        } else {
            return Err(format!("invalid selector: '{text}'; can't understand '{part}'"));
        };
        check_field(kind, path)?;
        all.push(FieldTerm { path: path.into(), negated, value: unescape(value) });
    }
    Ok(all)
}

/// Splits at commas that no backslash escapes.
fn split_escaped(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    out
}

const EVENT_FIELDS: &[&str] = &[
    "involvedObject.apiVersion",
    "involvedObject.fieldPath",
    "involvedObject.kind",
    "involvedObject.name",
    "involvedObject.namespace",
    "involvedObject.resourceVersion",
    "involvedObject.uid",
    "reason",
    "reportingComponent",
    "source",
    "type",
];

/// The fields by which a kind can be selected, besides `metadata.name` and `metadata.namespace`.
pub fn fields_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Pod => &[
            "spec.hostNetwork",
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "status.nominatedNodeName",
            "status.phase",
            "status.podIP",
            "status.podIPs",
        ],
        Kind::Node => &["spec.unschedulable"],
        Kind::Namespace => &["name", "status.phase"],
        Kind::Secret => &["type"],
        Kind::Service => &["spec.clusterIP", "spec.type"],
        Kind::Job => &["status.successful"],
        Kind::ReplicaSet => &["status.replicas"],
        Kind::Event | Kind::EventView => EVENT_FIELDS,
        _ => &[],
    }
}

fn check_field(kind: Kind, path: &str) -> Result<(), String> {
    let fields = fields_of(kind);
    if matches!(path, "metadata.name" | "metadata.namespace") || fields.contains(&path) {
        return Ok(());
    }
    Err(match kind {
        Kind::ReplicaSet => format!("field label \"{path}\" not supported for appsv1.ReplicaSet"),
        Kind::Job => format!("field label \"{path}\" not supported for batchv1.Job"),
        _ if fields.is_empty() => {
            format!("\"{path}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
        }
        _ => format!("field label not supported: {path}"),
    })
}

fn field_text(object: &Object, path: &str) -> String {
    match (object.kind.id, path) {
        (_, "metadata.name") | (Kind::Namespace, "name") => return object.meta.name.clone(),
        (_, "metadata.namespace") => return object.meta.namespace.clone(),
        (Kind::Event, "source") => {
            let source = text_of(&object.field("source")["component"]);
            return if source.is_empty() { text_of(object.field("reportingComponent")) } else { source };
        }
        (Kind::Node, "spec.unschedulable") | (Kind::Pod, "spec.hostNetwork") => {
            let name = path.rsplit('.').next().unwrap_or(path);
            return object.spec[name].as_bool().unwrap_or(false).to_string();
        }
        _ => {}
    }
    let mut steps = path.split('.');
    let first = object.field(steps.next().unwrap_or(""));
    text_of(steps.fold(first, |value, step| &value[step]))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
