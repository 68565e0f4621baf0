//! Events and streams of log groups: `FilterLogEvents`, `GetLogEvents`, `DescribeLogStreams`. Does not know patterns.

use super::groups::KIND;
use super::{Pattern, Through, events_of, ingested, invalid, looked, named};
use crate::stdx::dice;
use crate::stdx::time::Time;
use crate::world::World;
use crate::world::aws::arn;
use crate::world::aws::call::{Answer, Call, Cover, Fault, Is};
use crate::world::aws::paging;
use crate::world::signals::Record;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Events on a page (Logs API Reference, FilterLogEvents and GetLogEvents).
const EVENTS_MAX: i64 = 10_000;

fn span(call: &Call) -> Result<(Time, Time), Fault> {
    let from = call.whole("startTime").unwrap_or(0);
    let to = call.whole("endTime").unwrap_or(i64::MAX);
    if from > to {
        return Err(invalid("End time should not be less than start time."));
    }
    Ok((Time(from), Time(to)))
}

fn limit(call: &Call) -> Result<usize, Fault> {
    let limit = call.whole("limit").unwrap_or(EVENTS_MAX);
    if !(1..=EVENTS_MAX).contains(&limit) {
        let message = format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value less \
             than or equal to {EVENTS_MAX}"
        );
        return Err(invalid(message));
    }
    Ok(limit as usize)
}

/// Ids as the service shapes them: 56 digits that rise with time.
fn event_id(world: &World, record: &Record) -> String {
    let place = dice::at(world.seed, dice::hash_name(&record.pod), dice::hash_name(&record.text));
    format!("{:017}{:020}{:019}", 36_000_000_000_000_000_i64.saturating_add(record.at.0), place, place % 1_000_000_007)
}

pub fn filter(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let group = named(world, call)?;
    let (from, to) = span(call)?;
    let limit = limit(call)?;
    let pattern = Pattern::read(call.text("filterPattern").unwrap_or_default()).map_err(invalid)?;
    let streams = call.texts("logStreamNames");
    let prefix = call.text("logStreamNamePrefix");
    if !streams.is_empty() && prefix.is_some() {
        return Err(invalid("Parameters logStreamNames and logStreamNamePrefix are mutually exclusive."));
    }
    let wanted = |record: &Record| {
        (streams.is_empty() || streams.contains(&&*record.pod))
            && prefix.is_none_or(|prefix| record.pod.starts_with(prefix))
            && pattern.fits(&record.text)
    };
    let everything = events_of(world, &group, from, to);
    let through = Through::Filter(call.text("filterPattern").unwrap_or_default().to_string());
    let mut looked = looked(world, &group, (from, to), &everything, through);
    let found: Vec<Record> = everything.into_iter().filter(wanted).collect();
    let bad = || invalid("The specified nextToken is invalid.");
    let (page, next) = paging::page(found, call.text("nextToken"), limit).ok_or_else(bad)?;
    let rows: Vec<Value> = page
        .iter()
        .map(|record| {
            json!({
                "logStreamName": &*record.pod, "timestamp": record.at.0, "message": record.text,
                "ingestionTime": ingested(world, record).0, "eventId": event_id(world, record),
            })
        })
        .collect();
    let mut body = json!({ "events": rows, "searchedLogStreams": [] });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("nextToken".into(), next.into());
    }
    // Of several pages, or of streams picked by their names, no one shows that something is nowhere.
    let alone = call.text("nextToken").is_none() && body.get("nextToken").is_none() && prefix.is_none();
    let answer = with_records(Answer::of(body), page);
    Ok(match streams.as_slice() {
        [] if alone => answer.covering(Cover::Log(Box::new(looked))),
        [one] if alone => {
            looked.stream = Some((*one).to_string());
            answer.covering(Cover::Log(Box::new(looked)))
        }
        _ => answer,
    })
}

fn with_records(answer: Answer, records: Vec<Record>) -> Answer {
    let each = records.into_iter().enumerate();
    each.fold(answer, |answer, (index, record)| answer.shows(format!("/events/{index}"), Is::Record(Box::new(record))))
}

pub fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let group = named(world, call)?;
    let stream = call.text("logStreamName").unwrap_or_default();
    let everything = events_of(world, &group, Time(0), Time(i64::MAX));
    if !everything.iter().any(|record| *record.pod == *stream) {
        return Err(Fault::new("ResourceNotFoundException", "The specified log stream does not exist."));
    }
    let ((from, to), limit) = (span(call)?, limit(call)?);
    // The end is not included (Logs API Reference, GetLogEvents).
    let fits = |record: &Record| *record.pod == *stream && record.at >= from && record.at < to;
    let mut looked = looked(world, &group, (from, to), &everything, Through::Filter(String::new()));
    looked.stream = Some(stream.to_string());
    let found: Vec<Record> = everything.into_iter().filter(fits).collect();
    let count = found.len();
    let place = |token: &str| token.get(2..).and_then(|digits| digits.parse::<usize>().ok());
    let bad = || invalid("The specified nextToken is invalid.");
    let (first, last) = match call.text("nextToken") {
        Some(token) if token.starts_with("f/") => {
            let first = place(token).ok_or_else(bad)?.min(count);
            (first, (first + limit).min(count))
        }
        Some(token) if token.starts_with("b/") => {
            let last = place(token).ok_or_else(bad)?.min(count);
            (last.saturating_sub(limit), last)
        }
        Some(_) => return Err(bad()),
        None if call.yes("startFromHead").unwrap_or(false) => (0, limit.min(count)),
        None => (count.saturating_sub(limit), count),
    };
    let page: Vec<Record> = found.into_iter().take(last).skip(first).collect();
    let rows: Vec<Value> = page
        .iter()
        .map(|record| {
            let arrived = ingested(world, record).0;
            json!({ "timestamp": record.at.0, "message": record.text, "ingestionTime": arrived })
        })
        .collect();
    // What was cut off was not looked at.
    if first > 0 {
        looked.from = page.first().map_or(looked.to, |record| record.at);
    }
    if last < count {
        looked.to = page.last().map_or(looked.from, |record| record.at);
    }
    // Whoever has reached an end gets the token that was given again.
    let body = json!({
        "events": rows, "nextForwardToken": format!("f/{last:056}"), "nextBackwardToken": format!("b/{first:056}"),
    });
    Ok(with_records(Answer::of(body), page).covering(Cover::Log(Box::new(looked))))
}

pub fn streams(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let group = named(world, call)?;
    let by_time = call.text("orderBy") == Some("LastEventTime");
    let prefix = call.text("logStreamNamePrefix");
    if by_time && prefix.is_some() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let mut seen: BTreeMap<String, (Time, Time)> = BTreeMap::new();
    for record in events_of(world, &group, Time(0), Time(i64::MAX)) {
        let times = seen.entry(record.pod.to_string()).or_insert((record.at, record.at));
        *times = (times.0.min(record.at), times.1.max(record.at));
    }
    let mut found: Vec<(String, (Time, Time))> =
        seen.into_iter().filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix))).collect();
    if by_time {
        found.sort_by_key(|(_, (_, last))| *last);
    }
    if call.yes("descending").unwrap_or(false) {
        found.reverse();
    }
    let limit = call.whole("limit").unwrap_or(50).clamp(1, 50) as usize;
    let bad = || invalid("The specified nextToken is invalid.");
    let (page, next) = paging::page(found, call.text("nextToken"), limit).ok_or_else(bad)?;
    let name = &group.group.name;
    let rows: Vec<Value> = page
        .iter()
        .map(|(stream, (first, last))| {
            let resource = format!("log-group:{name}:log-stream:{stream}");
            json!({
                "logStreamName": stream, "creationTime": first.0, "firstEventTimestamp": first.0,
                "lastEventTimestamp": last.0, "lastIngestionTime": last.0 + 1_000,
                "arn": arn::make("logs", &world.aws.region, &world.aws.id, &resource), "storedBytes": 0,
            })
        })
        .collect();
    let mut body = json!({ "logStreams": rows });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("nextToken".into(), next.into());
    }
    Ok(Answer::of(body).about("", KIND, name))
}
