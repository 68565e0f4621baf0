//! Log groups: listed, made, deleted, their retention and tags. Does not know what is in them.

use super::{Group, SetUp, all, find, invalid, named};
use crate::world::World;
use crate::world::audit::FieldChange;
use crate::world::aws::arn;
use crate::world::aws::call::{Answer, Call, Cover, Fault};
use crate::world::aws::paging;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub const KIND: &str = "AWS::Logs::LogGroup";
/// The days that a retention may have (Logs API Reference, PutRetentionPolicy).
const DAYS: &[i64] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653];

fn arn_of(world: &World, name: &str) -> String {
    arn::make("logs", &world.aws.region, &world.aws.id, &format!("log-group:{name}"))
}

pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (prefix, pattern) = (call.text("logGroupNamePrefix"), call.text("logGroupNamePattern"));
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
    }
    // A pattern is found anywhere in the name, whatever its case; a prefix as it is.
    let fits = |group: &Group| {
        let name = &group.group.name;
        prefix.is_none_or(|prefix| name.starts_with(prefix))
            && pattern.is_none_or(|pattern| name.to_lowercase().contains(&pattern.to_lowercase()))
    };
    let found: Vec<Group> = all(world).into_iter().filter(fits).collect();
    let limit = call.whole("limit").unwrap_or(50).clamp(1, 50) as usize;
    let bad = || invalid("The specified nextToken is invalid.");
    let (page, next) = paging::page(found, call.text("nextToken"), limit).ok_or_else(bad)?;
    let rows: Vec<Value> = page.iter().map(|group| shown(world, group)).collect();
    let unfiltered = prefix.is_none() && pattern.is_none() && call.text("nextToken").is_none() && next.is_none();
    let mut body = json!({ "logGroups": rows });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("nextToken".into(), next.into());
    }
    let places = page.iter().enumerate();
    let answer = places.fold(Answer::of(body), |answer, (index, group)| {
        answer.about(format!("/logGroups/{index}"), KIND, &group.group.name)
    });
    Ok(if unfiltered { answer.covering(Cover::All { kind: KIND.into() }) } else { answer })
}

fn shown(world: &World, group: &Group) -> Value {
    let name = &group.group.name;
    let arn = arn_of(world, name);
    let mut out = Map::new();
    out.insert("logGroupName".into(), json!(name));
    out.insert("creationTime".into(), json!(group.group.created.0));
    if let Some(days) = group.group.retention_days {
        out.insert("retentionInDays".into(), json!(days));
    }
    out.insert("metricFilterCount".into(), json!(0));
    out.insert("arn".into(), json!(format!("{arn}:*")));
    // The real figure is refreshed now and then; ours is not counted.
    out.insert("storedBytes".into(), json!(0));
    out.insert("logGroupClass".into(), json!("STANDARD"));
    out.insert("logGroupArn".into(), json!(arn));
    Value::Object(out)
}

/// Changes what is set up for a group.
fn set_up(world: &mut World, name: &str, how: impl FnOnce(&mut SetUp)) {
    how(Arc::make_mut(&mut world.aws.logs.set_up).entry(name.to_string()).or_default());
}

pub fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.text("logGroupName").unwrap_or_default();
    let fine = |letter: char| letter.is_ascii_alphanumeric() || "_-/.#".contains(letter);
    if name.is_empty() || name.len() > 512 || !name.chars().all(fine) {
        let message = format!(
            "1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
        );
        return Err(invalid(message));
    }
    if find(world, name).is_ok() {
        return Err(Fault::new("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    let now = world.now;
    let given = call.input().get("tags").and_then(Value::as_object);
    let tags = given.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string())));
    let tags: BTreeMap<String, String> = tags.collect();
    set_up(world, name, |set_up| {
        set_up.made = Some(now);
        set_up.retention = None;
        set_up.tags = tags;
    });
    Ok(Answer::default().altering(KIND, name, Vec::new()))
}

pub fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = named(world, call)?.group.name;
    let now = world.now;
    set_up(world, &name, |set_up| *set_up = SetUp { deleted: Some(now), ..SetUp::default() });
    Ok(Answer::default().altering(KIND, &name, Vec::new()))
}

fn retention(world: &mut World, call: &Call, days: Option<u32>) -> Result<Answer, Fault> {
    let group = named(world, call)?.group;
    set_up(world, &group.name, |set_up| set_up.retention = Some(days));
    let before = group.retention_days.map(|days| days.to_string());
    let after = days.map(|days| days.to_string());
    let change = FieldChange { path: "RetentionInDays".into(), before, after };
    let changed = if change.before == change.after { Vec::new() } else { vec![change] };
    Ok(Answer::default().altering(KIND, &group.name, changed))
}

pub fn retain(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let days = call.whole("retentionInDays").unwrap_or(0);
    if !DAYS.contains(&days) {
        let list: Vec<String> = DAYS.iter().map(i64::to_string).collect();
        let message = format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must \
             satisfy enum value set: [{}]",
            list.join(", ")
        );
        return Err(invalid(message));
    }
    retention(world, call, u32::try_from(days).ok())
}

pub fn keep(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    retention(world, call, None)
}

pub fn tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = named(world, call)?.group.name;
    let tags = world.aws.logs.set_up.get(&name).map(|set_up| set_up.tags.clone()).unwrap_or_default();
    Ok(Answer::of(json!({ "tags": tags })).about("", KIND, &name))
}

pub fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = named(world, call)?.group.name;
    let given = call.input().get("tags").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut changed = Vec::new();
    set_up(world, &name, |set_up| {
        for (key, value) in given {
            let after = value.as_str().map(str::to_string);
            let before = set_up.tags.insert(key.clone(), after.clone().unwrap_or_default());
            changed.push(FieldChange { path: format!("Tags[{key}].Value"), before, after });
        }
    });
    Ok(Answer::default().altering(KIND, &name, changed))
}

pub fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = named(world, call)?.group.name;
    let mut changed = Vec::new();
    set_up(world, &name, |set_up| {
        for key in call.texts("tagKeys") {
            let before = set_up.tags.remove(key);
            changed.push(FieldChange { path: format!("Tags[{key}].Value"), before, after: None });
        }
    });
    Ok(Answer::default().altering(KIND, &name, changed))
}
