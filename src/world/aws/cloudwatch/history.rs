//! What alarms went through: their configurations and states. Does not evaluate.

use super::alarm::{self, State};
use super::reason::stamp;
use super::{Call, Fault};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::aws::call::{Answer, Is};
use crate::world::aws::paging;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long history is kept (CloudWatch API Reference, DescribeAlarmHistory).
const KEPT: Span = Span::hours(24 * 30);
/// Alarms, living or deleted, whose history is kept (ours: as many as an account may have in a region by its quota); the
/// one that was quiet longest goes first.
const ALARMS_MAX: usize = 5_000;
/// Items kept of one alarm (ours).
const ITEMS_MAX: usize = 2_000;

/// One thing that happened to an alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub at: Time,
    /// `StateUpdate`, `ConfigurationUpdate`, `Action`.
    pub kind: &'static str,
    pub summary: String,
    /// JSON text.
    pub data: String,
}

impl Item {
    pub fn update(at: Time, from: &State, to: &State) -> Item {
        let data = json!({ "version": "1.0", "oldState": shown(from), "newState": shown(to) });
        Item {
            at,
            kind: "StateUpdate",
            summary: format!("Alarm updated from {} to {}", from.of.word(), to.of.word()),
            data: data.to_string(),
        }
    }

    /// `said`: what was published or sent; `outcome`: whether the topic or function took it.
    pub fn acted(at: Time, topic: &str, said: &str, outcome: &Result<(), Fault>) -> Item {
        let (state, summary, error) = match outcome {
            Ok(()) => ("Succeeded", format!("Successfully executed action {topic}"), Value::Null),
            Err(fault) => {
                let error = fault.message.as_str();
                ("Failed", format!("Failed to execute action {topic}. Received error: \"{error}\""), error.into())
            }
        };
        let data = json!({
            "actionState": state, "stateUpdateTimestamp": at.0, "notificationResource": topic,
            "publishedMessage": said, "error": error,
        });
        Item { at, kind: "Action", summary, data: data.to_string() }
    }

    /// `what`: `created`, `updated`, `deleted`; spelled as in the service's data with its first letter in capitals.
    pub fn configured(at: Time, alarm: &str, what: &str, configuration: &Value) -> Item {
        let kind = match what {
            "created" => "Create",
            "deleted" => "Delete",
            _ => "Update",
        };
        let data = json!({ "version": "1.0", "type": kind, "updatedAlarm": configuration, "at": stamp(at) });
        Item { at, kind: "ConfigurationUpdate", summary: format!("Alarm \"{alarm}\" {what}"), data: data.to_string() }
    }
}

fn shown(state: &State) -> Value {
    let mut out = json!({ "stateValue": state.of.word(), "stateReason": state.reason });
    let data: Option<Value> = serde_json::from_str(&state.data).ok();
    if let (Some(data), Some(out)) = (data, out.as_object_mut()) {
        out.insert("stateReasonData".into(), data);
    }
    out
}

pub fn remember(world: &mut World, alarm: &str, items: Vec<Item>) {
    if items.is_empty() {
        return;
    }
    let since = world.now - KEPT;
    let all = Arc::make_mut(&mut world.aws.watch.history);
    // Also what deleted alarms went through ends with its time.
    all.retain(|_, items| {
        items.drain(..items.partition_point(|item| item.at < since));
        !items.is_empty()
    });
    if all.len() >= ALARMS_MAX && !all.contains_key(alarm) {
        let ended = |items: &Vec<Item>| items.last().map(|item| item.at);
        let oldest = all.iter().min_by_key(|(_, items)| ended(items)).map(|(name, _)| name.clone());
        oldest.map(|name| all.remove(&name));
    }
    let history = all.entry(alarm.to_string()).or_default();
    history.extend(items);
    let over = history.len().saturating_sub(ITEMS_MAX);
    history.drain(..over);
}

pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    alarm::catch_up(world);
    let since = call.time("StartDate").unwrap_or_default().max(world.now - KEPT);
    let until = call.time("EndDate").unwrap_or(Time(i64::MAX));
    let fits = |name: &str, item: &Item| {
        call.text("AlarmName").is_none_or(|wanted| wanted == name)
            && call.text("HistoryItemType").is_none_or(|wanted| wanted == item.kind)
            && (since..=until).contains(&item.at)
    };
    let history = world.aws.watch.history.iter();
    let mut items: Vec<(&String, &Item)> = history
        .flat_map(|(name, items)| items.iter().map(move |item| (name, item)))
        .filter(|(name, item)| fits(name, item))
        .collect();
    items.sort_by_key(|(_, item)| item.at);
    // The newest first where nothing is said.
    if call.text("ScanBy") != Some("TimestampAscending") {
        items.reverse();
    }
    let limit = call.whole("MaxRecords").unwrap_or(100).clamp(1, 100) as usize;
    let invalid = || Fault::new("InvalidNextToken", "The specified next token is not valid.");
    let (page, next) = paging::page(items, call.text("NextToken"), limit).ok_or_else(invalid)?;
    let rows: Vec<Value> = page
        .iter()
        .map(|(name, item)| {
            json!({
                "AlarmName": name, "AlarmType": "MetricAlarm", "Timestamp": item.at.0, "HistoryItemType": item.kind,
                "HistorySummary": item.summary, "HistoryData": item.data,
            })
        })
        .collect();
    let mut body = json!({ "AlarmHistoryItems": rows });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("NextToken".into(), next.into());
    }
    let places = page.iter().enumerate().map(|(index, (name, item))| {
        let base = format!("History[{}]", stamp(item.at));
        let is = Is::Attributes { kind: super::alarms::KIND.into(), name: (*name).clone(), base };
        (format!("/AlarmHistoryItems/{index}"), is)
    });
    Ok(places.fold(Answer::of(body), |answer, (at, is)| answer.shows(at, is)))
}
