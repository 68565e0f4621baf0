//! When a page proves that something is not there: its source looked where the thing would be, and a specimen of it, sent
//! through the same pipe, would have been printed. Does not read rendered text.

use crate::console;
use crate::console::fact::{Fact, ObjectId};
use crate::console::page::{Coverage, EventForm, Line, Page};
use crate::console::rows;
use crate::scenario::shape::{Case, Clue, Op, Pattern, Role};
use crate::stdx::time::Time;
use crate::world::aws::logs::Looked;
use crate::world::signals::logs;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kind of log groups.
const GROUP: &str = "AWS::Logs::LogGroup";

/// Whether a page proves that the fact that a pattern means is not there.
pub fn proven(case: &Case, page: &Page, pattern: &Pattern) -> bool {
    if rows::shown(&page.output.lines).iter().any(|fact| pattern.matches(fact, &case.roles)) {
        return false;
    }
    // Of a thing that is gone it is known how it would have been printed; what stands for all of its kind says no more.
    let means = |object: &ObjectId| case.roles.get(&pattern.on).is_some_and(|role| role.means(object));
    let lost = |coverage: &Coverage| matches!(coverage, Coverage::Lost { object, .. } if means(object));
    let known = page.output.coverage.iter().any(lost);
    let covers = page.output.coverage.iter().filter(|one| !known || !matches!(one, Coverage::Objects { .. }));
    // Every coverage that reaches the clue's scope has to let its specimen through: `get a; get b | grep c` has no
    // single pipe, and then nothing survives.
    let mut any = false;
    for coverage in covers {
        let lines = specimens(case, page.at, coverage, pattern);
        if lines.is_empty() {
            continue;
        }
        if !lines.into_iter().any(|line| console::survives(&page.command, line)) {
            return false;
        }
        any = true;
    }
    any
}

/// The missing thing as the covering source would have printed it: any of these lines would have shown it.
fn specimens(case: &Case, at: Time, coverage: &Coverage, pattern: &Pattern) -> Vec<Line> {
    let Coverage::Lost { object, lines } = coverage else {
        return specimen(case, at, coverage, pattern).into_iter().collect();
    };
    let role = case.roles.get(&pattern.on);
    if pattern.family != "field" || !role.is_some_and(|role| role.means(object)) {
        return Vec::new();
    }
    let shows = |line: &&Line| line.marks.iter().any(|mark| pattern.matches(&mark.fact, &case.roles));
    // What is gone prints nothing of itself, whichever of its lines somebody looks for.
    lines.iter().filter(|line| identifies(&pattern.path) || shows(line)).cloned().collect()
}

/// The missing thing as the covering source would have printed it, if the source would have shown it at all.
fn specimen(case: &Case, at: Time, coverage: &Coverage, pattern: &Pattern) -> Option<Line> {
    let role = case.roles.get(&pattern.on);
    if !pattern.on.is_empty() && role.is_none() {
        return None;
    }
    match (pattern.family.as_str(), coverage) {
        ("event", Coverage::Events { namespace, object, form, types, reason }) => {
            if !within(namespace.as_deref(), role) || reason.as_ref().is_some_and(|reason| *reason != pattern.path) {
                return None;
            }
            let warning = said(pattern, "warning").is_none_or(|said| said == "true");
            if types.as_ref().is_some_and(|types| types != if warning { "Warning" } else { "Normal" }) {
                return None;
            }
            event(pattern, subject(object.as_ref(), role)?, *form, warning)
        }
        ("log", Coverage::Log { namespace, pod, container, restart, from, to, .. }) => {
            let (begins, ends) = scope(case, pattern, at);
            if *from > begins || *to < ends {
                return None;
            }
            let pod =
                ObjectId { kind: "Pod".into(), namespace: namespace.clone(), name: pod.clone(), ..ObjectId::default() };
            log(pattern, coverage, subject(Some(&pod), role)?, (container, restart.unwrap_or_default()))
        }
        ("log" | "row", Coverage::Group(looked)) => group(case, pattern, looked, at),
        ("field", Coverage::Whole { object }) => field(pattern, subject(Some(object), role)?),
        // A list names every object of its kind: what is not there has no line. Its other columns prove nothing.
        ("field", Coverage::Objects { kind, namespace, name: None, selector }) if pattern.path == "metadata.name" => {
            let role = role.filter(|role| role.kind == *kind && selector.is_empty())?;
            if !within(namespace.as_deref(), Some(role)) {
                return None;
            }
            field(pattern, subject(None, Some(role))?)
        }
        // A listing of the account names every resource of its kind by its identity.
        ("field", Coverage::Objects { kind, name: None, .. })
            if kind.starts_with("AWS::") && identifies(&pattern.path) =>
        {
            field(pattern, subject(None, Some(role.filter(|role| role.kind == *kind)?))?)
        }
        ("row", Coverage::Rows { table, from, to }) if *table == pattern.path => {
            let (begins, ends) = scope(case, pattern, at);
            (*from <= begins && *to >= ends).then(|| row(pattern))?
        }
        ("revision" | "change", Coverage::History { target, from, to }) => {
            let role = role?;
            let (begins, ends) = scope(case, pattern, at);
            if role.kind.starts_with("AWS::") && (*from > begins || *to < ends) {
                return None;
            }
            let named = [role.name.as_str(), role.of.as_str()].into_iter().find(|name| !name.is_empty())?;
            if !target.is_empty() && target.rsplit('/').next() != Some(named) {
                return None;
            }
            revision(pattern, subject(None, Some(role))?)
        }
        ("metric", Coverage::Metric { name, from, to }) if *name == pattern.path => metric(pattern, *from, *to),
        _ => None,
    }
}

/// The time in which a line would have to be: between the times that the pattern states, else since the world began and
/// until the page was printed. A log that was cut shorter says nothing of what is before. Shipped logs lag a little.
fn scope(case: &Case, pattern: &Pattern, at: Time) -> (Time, Time) {
    let after = pattern.tests.iter().filter_map(|test| if let Op::After(time) = test.op { Some(time) } else { None });
    let before = pattern.tests.iter().filter_map(|test| if let Op::Before(time) = test.op { Some(time) } else { None });
    let ends = at - logs::SHIPPING;
    (after.max().unwrap_or(case.drill.lives_from), before.min().map_or(ends, |before| before.min(ends)))
}

/// Whether a source that looked at one namespace (`None`: at all) looked where the role lives.
fn within(looked: Option<&str>, role: Option<&Role>) -> bool {
    match (looked, role) {
        (None, _) => true,
        (Some(looked), Some(role)) => role.namespace.is_empty() || role.namespace == looked,
        // A clue about no particular object is about the whole estate.
        (Some(_), None) => false,
    }
}

/// The object that the missing fact would be about: the one that was looked at, or one that the role means.
fn subject(looked: Option<&ObjectId>, role: Option<&Role>) -> Option<ObjectId> {
    match (looked, role) {
        (Some(object), Some(role)) => role.means(object).then(|| object.clone()),
        (Some(object), None) => Some(object.clone()),
        (None, Some(role)) => {
            let name = [&role.name, &role.replica_set, &role.of].into_iter().find(|name| !name.is_empty());
            let name = name.cloned().unwrap_or_default();
            let name = if role.kind == "Pod" && role.name.is_empty() { format!("{name}-00000") } else { name };
            Some(ObjectId { kind: role.kind.clone(), namespace: role.namespace.clone(), name, uid: String::new() })
        }
        (None, None) => Some(ObjectId::default()),
    }
}

/// What a pattern says of a part, if it says it outright.
fn said<'a>(pattern: &'a Pattern, part: &str) -> Option<&'a str> {
    let test = pattern.tests.iter().find(|test| test.part == part)?;
    match &test.op {
        Op::Is(text) | Op::Has(text) => Some(text),
        Op::OneOf(texts) => texts.first().map(String::as_str),
        _ => None,
    }
}

fn main_part<'a>(pattern: &'a Pattern, name: &str) -> &'a str {
    said(pattern, "").or_else(|| said(pattern, name)).unwrap_or("x")
}

/// One line that shows `fact` on all of `text`.
fn line(text: String, fact: Fact) -> Option<Line> {
    let mut line = Line::default();
    line.push_fact(&text, &Arc::new(fact));
    Some(line)
}

fn event(pattern: &Pattern, object: ObjectId, form: EventForm, warning: bool) -> Option<Line> {
    let reason = if pattern.path.is_empty() { said(pattern, "reason").unwrap_or("x") } else { &pattern.path };
    let message = main_part(pattern, "message").to_string();
    let kind = if warning { "Warning" } else { "Normal" };
    let place = format!("{}/{}", object.kind.to_lowercase(), object.name);
    let text = match form {
        EventForm::Get => format!("60s         {kind}   {reason}   {place}   {message}"),
        EventForm::Describe => format!("  {kind}  {reason}  60s  kubelet  {message}"),
        EventForm::Events => format!("60s   {kind}   {reason}   {}/{}   {message}", object.kind, object.name),
    };
    let (first, last) = (Time::default(), Time::default());
    line(text, Fact::Event { object, reason: reason.to_string(), message, warning, count: 1, first, last })
}

fn log(pattern: &Pattern, looked: &Coverage, pod: ObjectId, (container, restart): (&str, u32)) -> Option<Line> {
    let level = main_part(pattern, "level").to_string();
    let fields = fields(pattern);
    // Of a program whose words are not known the template's name stands for them.
    let values: Vec<&str> = fields.values().map(String::as_str).collect();
    let text = format!("{level} {} {}", pattern.path, values.join(" "));
    let (container, template) = (container.to_string(), pattern.path.clone());
    let fact = Fact::Log { pod, container, restart, at: Time::default(), level, template, fields };
    console::kubectl::specimen(looked, &fact).or_else(|| line(text, fact))
}

/// A line of a log group of the account. Of flow logs, the rows of the table `flow` are the same lines.
fn group(case: &Case, pattern: &Pattern, looked: &Looked, at: Time) -> Option<Line> {
    let (template, is_row) = (pattern.path.as_str(), pattern.family == "row");
    let (begins, ends) = scope(case, pattern, at);
    if looked.from > begins || looked.to < ends.min(at - looked.lag) {
        return None;
    }
    // Who looked at one stream has not seen the others.
    if looked.stream.is_some() && looked.stream.as_deref() != said(pattern, "container") {
        return None;
    }
    if is_row && (template != "flow" || !looked.samples.contains_key(template)) {
        return None;
    }
    let own = ObjectId { kind: GROUP.into(), name: looked.group.clone(), ..ObjectId::default() };
    let pod = subject(Some(&own), case.roles.get(&pattern.on))?;
    let fields = fields(pattern);
    let text = looked.shows(template, &fields, begins)?;
    let (at, container) = (Time::default(), said(pattern, "container").unwrap_or_default().to_string());
    let (level, template) = (main_part(pattern, "level").to_string(), template.to_string());
    line(
        text,
        match is_row {
            true => Fact::Row { table: template, at, fields, of: 0 },
            false => Fact::Log { pod, container, restart: 0, at, level, template, fields },
        },
    )
}

/// The fields of which a pattern says outright what they are.
fn fields(pattern: &Pattern) -> BTreeMap<String, String> {
    let said = |part: &str| said(pattern, part).map(str::to_string);
    let tests = pattern.tests.iter();
    tests.filter_map(|test| Some((test.part.strip_prefix("fields.")?.to_string(), said(&test.part)?))).collect()
}

fn field(pattern: &Pattern, object: ObjectId) -> Option<Line> {
    let value = main_part(pattern, "value").to_string();
    let text = if pattern.path == "metadata.name" { object.name.clone() } else { format!("{}: {value}", pattern.path) };
    line(text, Fact::Field { object, path: pattern.path.clone(), value })
}

fn revision(pattern: &Pattern, object: ObjectId) -> Option<Line> {
    let after = main_part(pattern, "after").to_string();
    let text = format!("{} {}: {after}", object.name, pattern.path);
    let (via, path, before) = (String::new(), pattern.path.clone(), String::new());
    line(text, Fact::Revision { via, object, revision: 0, at: Time::default(), path, before, after })
}

/// Whether an attribute is what a resource is called by: `VpcEndpointId`, `QueueUrl`, `TopicArn`, or no attribute at all.
fn identifies(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    path.is_empty() || ["id", "arn", "url", "name"].iter().any(|end| last.ends_with(end))
}

fn row(pattern: &Pattern) -> Option<Line> {
    let fields = fields(pattern);
    let text = fields.values().map(String::as_str).collect::<Vec<_>>().join(" ");
    let (table, at) = (pattern.path.clone(), Time::default());
    line(if text.is_empty() { table.clone() } else { text }, Fact::Row { table, at, fields, of: 0 })
}

fn metric(pattern: &Pattern, from: Time, to: Time) -> Option<Line> {
    line(
        pattern.path.clone(),
        Fact::Metric { name: pattern.path.clone(), labels: BTreeMap::new(), from, to, value: 0.0 },
    )
}

/// Whether a page carries a clue: its fact on a line, or a proof that the fact is not there.
pub fn carries(case: &Case, page: &Page, clue: &Clue) -> bool {
    if clue.absent {
        return proven(case, page, &clue.pattern);
    }
    rows::shown(&page.output.lines).iter().any(|fact| clue.pattern.matches(fact, &case.roles))
}
