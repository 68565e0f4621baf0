//! Whether a fact is the one that a pattern means: family, object, path and tests, never rendered text. Does not know
//! where facts come from or what they prove.

use super::shape::{Op, Pattern, Role, Test};
use crate::console::fact::{Channel, Fact, ObjectId};
use crate::stdx::time::Time;
use std::borrow::Cow;
use std::collections::BTreeMap;

impl Pattern {
    /// Whether `fact` is meant. Roles are those of the cast case.
    pub fn matches(&self, fact: &Fact, roles: &BTreeMap<String, Role>) -> bool {
        (self.family.is_empty() || self.family == family(fact))
            && self.matches_object(fact, roles)
            && (self.path.is_empty() || path_matches(&self.path, &path(fact)))
            && self.tests.iter().all(|test| holds(test, fact))
    }

    /// The channel of the facts it means, where the pattern says enough: the same rule as `Fact::channel`.
    pub fn channel(&self, roles: &BTreeMap<String, Role>) -> Option<Channel> {
        let via_ci = self
            .tests
            .iter()
            .any(|test| test.part == "via" && (test.op == Op::Is("ci".into()) || test.op == Op::Is("iac".into())));
        match self.family.as_str() {
            "field" => {
                let kind = roles.get(&self.on)?.kind.clone();
                let object = ObjectId { kind, ..ObjectId::default() };
                Some(Fact::Field { object, path: self.path.clone(), value: String::new() }.channel())
            }
            "event" => Some(Channel::Events),
            "log" if roles.get(&self.on).is_some_and(|role| role.kind.starts_with("AWS::")) => Some(Channel::CloudLogs),
            "log" => Some(Channel::AppLog),
            "metric" if self.path.starts_with("slo_") => Some(Channel::Indicator),
            "metric" if self.path.contains('/') => Some(Channel::CloudMetrics),
            "metric" => Some(Channel::Metrics),
            "row" => {
                let fact = Fact::Row { table: self.path.clone(), at: Time::default(), fields: BTreeMap::new(), of: 0 };
                Some(fact.channel())
            }
            "revision" if via_ci => Some(Channel::DeployHistory),
            "revision" => Some(Channel::ChangeHistory),
            "change" => Some(Channel::AuditTrail),
            "experiment" => Some(Channel::Experiment),
            "said" => Some(Channel::Witness),
            "count" => Some(Channel::Computed),
            _ => None,
        }
    }

    fn matches_object(&self, fact: &Fact, roles: &BTreeMap<String, Role>) -> bool {
        if self.on.is_empty() {
            return true;
        }
        match (roles.get(&self.on), object(fact)) {
            (Some(role), Some(object)) => role.means(object),
            _ => false,
        }
    }
}

impl Role {
    /// Whether the role means this object. A pod belongs to a Deployment by its name: `<deployment>-<hash>-<suffix>`;
    /// so an object that no longer exists is still recognised.
    pub fn means(&self, object: &ObjectId) -> bool {
        if self.kind != object.kind || (!self.namespace.is_empty() && self.namespace != object.namespace) {
            return false;
        }
        if !self.replica_set.is_empty() {
            return match self.kind.as_str() {
                "Pod" => owner_of_pod(&object.name) == Some(&self.replica_set),
                _ => object.name == self.replica_set,
            };
        }
        if !self.name.is_empty() {
            return self.name == object.name;
        }
        if !self.of.is_empty() {
            let replica_set = if self.kind == "Pod" { owner_of_pod(&object.name) } else { Some(object.name.as_str()) };
            return replica_set
                .and_then(|name| name.rsplit_once('-'))
                .is_some_and(|(deployment, _)| deployment == self.of);
        }
        true
    }
}

/// The ReplicaSet's name inside a pod's name.
fn owner_of_pod(pod: &str) -> Option<&str> {
    pod.rsplit_once('-').map(|(owner, _)| owner)
}

fn family(fact: &Fact) -> &'static str {
    match fact {
        Fact::Field { .. } => "field",
        Fact::Event { .. } => "event",
        Fact::Log { .. } => "log",
        Fact::Metric { .. } => "metric",
        Fact::Revision { .. } => "revision",
        Fact::Change { .. } => "change",
        Fact::Experiment { .. } => "experiment",
        Fact::Said { .. } => "said",
        Fact::Row { .. } => "row",
        Fact::Count { .. } => "count",
    }
}

/// The object a fact is about.
pub fn object(fact: &Fact) -> Option<&ObjectId> {
    match fact {
        Fact::Field { object, .. }
        | Fact::Event { object, .. }
        | Fact::Log { pod: object, .. }
        | Fact::Revision { object, .. }
        | Fact::Change { object, .. } => Some(object),
        _ => None,
    }
}

fn path(fact: &Fact) -> Cow<'_, str> {
    match fact {
        Fact::Field { path, .. } | Fact::Revision { path, .. } | Fact::Change { path, .. } => path.as_str().into(),
        Fact::Event { reason, .. } => reason.as_str().into(),
        Fact::Log { template, .. } => template.as_str().into(),
        Fact::Metric { name, .. } => name.as_str().into(),
        Fact::Row { table, .. } => table.as_str().into(),
        Fact::Experiment { tool, .. } | Fact::Count { tool, .. } => tool.as_str().into(),
        Fact::Said { topic, .. } => topic.as_str().into(),
    }
}

/// `[*]` stands for any element: `spec.containers[*].image` matches `spec.containers[app].image`.
pub fn path_matches(pattern: &str, path: &str) -> bool {
    let mut rest = path;
    let mut parts = pattern.split("[*]");
    let Some(head) = parts.next() else { return false };
    let Some(tail) = rest.strip_prefix(head) else { return false };
    rest = tail;
    for part in parts {
        let Some(inner) = rest.strip_prefix('[') else { return false };
        let Some(close) = inner.find(']') else { return false };
        let Some(tail) = inner[close + 1..].strip_prefix(part) else { return false };
        rest = tail;
    }
    rest.is_empty()
}

fn holds(test: &Test, fact: &Fact) -> bool {
    match &test.op {
        Op::After(time) => instant(fact, &test.part).is_some_and(|at| at > *time),
        Op::Before(time) => instant(fact, &test.part).is_some_and(|at| at < *time),
        op => part(fact, &test.part).is_some_and(|value| satisfies(op, &value, fact)),
    }
}

fn satisfies(op: &Op, value: &str, fact: &Fact) -> bool {
    let number = || value.trim().parse::<f64>().ok();
    match op {
        Op::Is(wanted) => value == wanted,
        Op::OneOf(wanted) => wanted.iter().any(|wanted| value == wanted),
        Op::Not(unwanted) => value != unwanted,
        Op::Has(inner) => value.contains(inner.as_str()),
        Op::AtLeast(bound) => number().is_some_and(|n| n >= *bound),
        Op::AtMost(bound) => number().is_some_and(|n| n <= *bound),
        Op::Above(other) => {
            let bound = part(fact, other).and_then(|text| text.trim().parse::<f64>().ok());
            number().zip(bound).is_some_and(|(n, bound)| n > bound)
        }
        Op::After(_) | Op::Before(_) => false,
    }
}

/// What a fact says in the parts that a pattern tests; of one that tests none, its main part.
pub fn told(pattern: &Pattern, fact: &Fact) -> String {
    let mut parts: Vec<&str> = pattern.tests.iter().map(|test| test.part.as_str()).collect();
    parts.push("");
    parts.dedup();
    let said: Vec<Cow<'_, str>> = parts.iter().filter_map(|name| part(fact, name)).collect();
    let mut said: Vec<&str> = said.iter().map(|said| said.as_ref()).collect();
    said.dedup();
    said.join(" ")
}

/// A named part of a fact as text; the empty name is its main part: value, message, what it became.
fn part<'a>(fact: &'a Fact, name: &str) -> Option<Cow<'a, str>> {
    match fact {
        Fact::Field { value, object, .. } => match name {
            "" | "value" => Some(value.as_str().into()),
            "name" => Some(object.name.as_str().into()),
            _ => None,
        },
        Fact::Event { message, warning, count, reason, .. } => match name {
            "" | "message" => Some(message.as_str().into()),
            "reason" => Some(reason.as_str().into()),
            "warning" => Some(warning.to_string().into()),
            "count" => Some(count.to_string().into()),
            _ => None,
        },
        Fact::Log { container, restart, level, template, fields, .. } => match name {
            "" | "level" => Some(level.as_str().into()),
            "template" => Some(template.as_str().into()),
            "container" => Some(container.as_str().into()),
            "restart" => Some(restart.to_string().into()),
            _ => named(fields, name.strip_prefix("fields.")?),
        },
        Fact::Metric { labels, value, .. } => match name {
            "" | "value" => Some(value.to_string().into()),
            _ => named(labels, name.strip_prefix("labels.")?),
        },
        Fact::Row { table, fields, .. } => match name {
            "table" => Some(table.as_str().into()),
            _ => named(fields, name.strip_prefix("fields.")?),
        },
        Fact::Revision { via, revision, before, after, .. } => match name {
            "" | "after" => Some(after.as_str().into()),
            "before" => Some(before.as_str().into()),
            "via" => Some(via.as_str().into()),
            "revision" => Some(revision.to_string().into()),
            _ => None,
        },
        Fact::Change { who, verb, before, after, .. } => match name {
            "" | "after" => Some(after.as_str().into()),
            "before" => Some(before.as_str().into()),
            "who" => Some(who.as_str().into()),
            "verb" => Some(verb.as_str().into()),
            _ => None,
        },
        Fact::Experiment { tool, given, outcome, .. } => match name {
            "" | "tool" => Some(tool.as_str().into()),
            _ => match name.strip_prefix("given.") {
                Some(key) => named(given, key),
                None => named(outcome, name.strip_prefix("outcome.")?),
            },
        },
        Fact::Said { who, topic } => match name {
            "" | "topic" => Some(topic.as_str().into()),
            "who" => Some(who.as_str().into()),
            _ => None,
        },
        Fact::Count { of, value, .. } => match name {
            "" | "value" => Some(value.to_string().into()),
            "of" => Some(of.as_str().into()),
            _ => None,
        },
    }
}

fn named<'a>(map: &'a BTreeMap<String, String>, key: &str) -> Option<Cow<'a, str>> {
    map.get(key).map(|value| value.as_str().into())
}

/// A named instant of a fact; the empty name is the fact's own time (an event's last, a metric's end).
fn instant(fact: &Fact, name: &str) -> Option<Time> {
    match (fact, name) {
        (Fact::Event { last, .. }, "" | "last") => Some(*last),
        (Fact::Event { first, .. }, "first") => Some(*first),
        (Fact::Metric { to, .. }, "" | "to") => Some(*to),
        (Fact::Metric { from, .. }, "from") => Some(*from),
        (
            Fact::Log { at, .. }
            | Fact::Revision { at, .. }
            | Fact::Change { at, .. }
            | Fact::Experiment { at, .. }
            | Fact::Row { at, .. },
            "" | "at",
        ) => Some(*at),
        // Times inside objects are facts like any other field.
        (Fact::Field { value, .. }, "" | "value") => Time::parse(value),
        _ => None,
    }
}
