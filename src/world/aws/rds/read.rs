//! Questions about instances, snapshots, events and tags. Changes nothing.

use super::super::call::{Answer, Call, Cover, Fault};
use super::super::tagging;
use super::state::{self, INSTANCE, Instance, SNAPSHOT, Snapshot};
use super::{body, change};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use serde_json::{Value, json};

/// One page of what is listed: records 20 to 100, 100 where not said (API reference, `MaxRecords`).
pub fn page<T>(call: &Call, all: Vec<T>, key: impl Fn(&T) -> String) -> Result<(Vec<T>, Option<String>), Fault> {
    let limit = call.whole("MaxRecords").unwrap_or(100);
    if !(20..=100).contains(&limit) {
        let say = format!("Invalid value {limit} for MaxRecords. Must be between 20 and 100");
        return Err(Fault::new("InvalidParameterValue", say));
    }
    let after = call.text("Marker").unwrap_or_default();
    let mut rest: Vec<T> = all.into_iter().filter(|row| after.is_empty() || key(row).as_str() > after).collect();
    let more = rest.len() > limit as usize;
    rest.truncate(limit as usize);
    let marker = rest.last().map(key).filter(|_| more);
    Ok((rest, marker))
}

/// Whether every `Filters` entry holds; `value` gives a filter's value of the row.
fn passes(call: &Call, value: impl Fn(&str) -> String) -> bool {
    call.list("Filters").iter().all(|filter| {
        let name = filter.get("Name").and_then(Value::as_str).unwrap_or_default();
        let values = filter.get("Values").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        values.iter().filter_map(Value::as_str).any(|wanted| wanted == value(name))
    })
}

pub fn instances(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let world = &*world;
    let name = call.text("DBInstanceIdentifier").map(str::to_lowercase);
    let filter = |instance: &&Instance| {
        passes(call, |filter| match filter {
            "db-instance-id" => instance.name.to_string(),
            "dbi-resource-id" => instance.resource_id.clone(),
            "engine" => instance.engine.name.clone(),
            _ => String::new(),
        })
    };
    let mut found: Vec<&Instance> = match &name {
        Some(name) => vec![change::find(world, name)?],
        None => world.aws.databases.living(world.now).filter(filter).collect(),
    };
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let (found, marker) = page(call, found, |instance| instance.name.to_string())?;
    let rows: Vec<Value> = found.iter().map(|instance| body::instance(world, instance, world.now)).collect();
    let mut answer = Answer::of(json!({"DBInstances": rows}));
    for (index, instance) in found.iter().enumerate() {
        answer = answer.about(format!("/DBInstances/{index}"), INSTANCE, &instance.name);
        answer = answer.covering(Cover::Whole { kind: INSTANCE.into(), name: instance.name.to_string() });
    }
    if name.is_none() && call.list("Filters").is_empty() && marker.is_none() {
        answer = answer.covering(Cover::All { kind: INSTANCE.into() });
    }
    if let Some(marker) = marker {
        answer.body["Marker"] = marker.into();
    }
    Ok(answer)
}

pub fn snapshots(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let world = &*world;
    let (name, instance) = (call.text("DBSnapshotIdentifier"), call.text("DBInstanceIdentifier"));
    let mut found: Vec<&Snapshot> = match name {
        Some(name) => vec![change::find_snapshot(world, name)?],
        None => world.aws.databases.snapshots.iter().filter(|snapshot| snapshot.deleted.is_none()).collect(),
    };
    found.retain(|snapshot| instance.is_none_or(|wanted| wanted.eq_ignore_ascii_case(&snapshot.instance)));
    // Only snapshots by hand are kept here; automated ones come with the instance and cost nothing.
    found.retain(|_| call.text("SnapshotType").is_none_or(|kind| kind == "manual"));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let (found, marker) = page(call, found, |snapshot| snapshot.name.to_string())?;
    let rows: Vec<Value> = found.iter().map(|snapshot| body::snapshot(world, snapshot, world.now)).collect();
    let mut answer = Answer::of(json!({"DBSnapshots": rows}));
    for (index, snapshot) in found.iter().enumerate() {
        answer = answer.about(format!("/DBSnapshots/{index}"), SNAPSHOT, &snapshot.name);
    }
    if name.is_none() && instance.is_none() {
        answer = answer.covering(Cover::All { kind: SNAPSHOT.into() });
    }
    if let Some(marker) = marker {
        answer.body["Marker"] = marker.into();
    }
    Ok(answer)
}

/// Events are kept so long (API reference, `DescribeEvents`), and an hour of them is shown where no time is given.
const KEPT: Span = Span::hours(24 * 14);

/// From when to when events are asked for: both services take the same members.
pub fn window(world: &World, call: &Call) -> (Time, Time) {
    let end = call.time("EndTime").unwrap_or(world.now).min(world.now);
    let minutes = call.whole("Duration").unwrap_or(60).clamp(0, 20_160);
    let start = call.time("StartTime").unwrap_or(end - Span::mins(minutes));
    (start.max(world.now - KEPT), end)
}

pub fn events(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let world = &*world;
    let (from, to) = window(world, call);
    let source = call.text("SourceIdentifier");
    if source.is_some() && call.text("SourceType").is_none() {
        let say = "SourceType must be supplied when SourceIdentifier is supplied";
        return Err(Fault::new("InvalidParameterCombination", say));
    }
    let categories = call.texts("EventCategories");
    let mut found: Vec<(Time, &Instance, &'static str, &str)> = Vec::new();
    if call.text("SourceType").is_none_or(|kind| kind == "db-instance") {
        for instance in world.aws.databases.instances.iter() {
            let events = instance.events.iter().filter(|(at, ..)| (from..=to).contains(at));
            found.extend(events.map(|(at, category, message)| (*at, instance, *category, message.as_str())));
        }
    }
    found.retain(|(_, instance, category, _)| {
        source.is_none_or(|name| name.eq_ignore_ascii_case(&instance.name))
            && (categories.is_empty() || categories.contains(category))
    });
    found.sort_by_key(|(at, ..)| *at);
    let row = |(at, instance, category, message): &(Time, &Instance, &str, &str)| {
        json!({
            "SourceIdentifier": instance.name.as_ref(), "SourceType": "db-instance", "Message": message,
            "EventCategories": [category], "Date": at.0, "SourceArn": state::arn(world, "db", &instance.name),
        })
    };
    let mut answer = Answer::of(json!({"Events": found.iter().map(row).collect::<Vec<Value>>()}));
    for (index, (_, instance, ..)) in found.iter().enumerate() {
        let is = super::super::call::Is::Attributes {
            kind: INSTANCE.into(),
            name: instance.name.to_string(),
            base: "Events".into(),
        };
        answer = answer.shows(format!("/Events/{index}"), is);
    }
    Ok(answer)
}

pub fn tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.text("ResourceName").unwrap_or_default();
    let tagged =
        super::tagged(world).into_iter().find(|tagged| tagged.arn == arn).ok_or_else(|| change::bad_arn(arn))?;
    Ok(Answer::of(json!({"TagList": tagging::list(&tagged.tags)})).about("/TagList", tagged.kind, &tagged.name))
}
