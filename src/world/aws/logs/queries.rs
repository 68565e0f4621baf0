//! Insights queries as operations: started, running for some seconds, then with results. Does not know the language.

use super::{Through, events_of, find, insights, invalid, looked};
use crate::stdx::dice::{self, Dice};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::aws::call::{Answer, Call, Cover, Fault, Is, Places};
use crate::world::aws::paging;
use crate::world::signals::Record;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Queries remembered (ours) and log groups in one (API Reference, StartQuery).
const QUERIES_MAX: usize = 200;
const GROUPS_MAX: usize = 50;

/// A query that was started.
#[derive(Clone, Debug)]
pub struct Query {
    text: String,
    groups: Vec<String>,
    from: Time,
    to: Time,
    limit: Option<usize>,
    created: Time,
    /// When it has its results.
    done: Time,
    stopped: bool,
}

impl Query {
    fn status(&self, now: Time) -> &'static str {
        match (self.stopped, now < self.done) {
            (true, _) => "Cancelled",
            (_, true) => "Running",
            _ => "Complete",
        }
    }
}

/// Insights takes seconds since 1970; what can only be milliseconds is read as such.
fn instant(number: i64) -> Time {
    if number.unsigned_abs() < 100_000_000_000 { Time(number.saturating_mul(1_000)) } else { Time(number) }
}

pub fn start(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let mut groups: Vec<String> = call.text("logGroupName").map(str::to_string).into_iter().collect();
    for member in ["logGroupNames", "logGroupIdentifiers"] {
        groups.extend(call.texts(member).into_iter().map(str::to_string));
    }
    if groups.is_empty() {
        return Err(invalid("Must provide one of either logGroupName, logGroupNames, or logGroupIdentifiers"));
    }
    if groups.len() > GROUPS_MAX {
        return Err(invalid(format!("You can query at most {GROUPS_MAX} log groups.")));
    }
    let mut named = Vec::new();
    for group in &groups {
        named.push(find(world, group)?.group.name);
    }
    let (from, to) = (instant(call.whole("startTime").unwrap_or(0)), instant(call.whole("endTime").unwrap_or(0)));
    if from > to {
        return Err(malformed(
            "end date and time is either before the log groups creation time or exceeds the log groups log retention settings",
        ));
    }
    let text = call.text("queryString").unwrap_or_default().to_string();
    insights::read(&text).map_err(|mistake| malformed(&mistake.say))?;
    let count = world.aws.logs.queries.len();
    let mut dice = Dice::new(world.seed).fork("insights").fork(&format!("{count}@{}", world.now.0));
    let id = dice.uuid();
    // A few seconds, as seen with small groups.
    let took = Span::millis(dice.between(1_500, 4_500));
    let limit = call.whole("limit").map(|limit| limit.clamp(1, 10_000) as usize);
    let query =
        Query { text, groups: named, from, to, limit, created: world.now, done: world.now + took, stopped: false };
    let queries = Arc::make_mut(&mut world.aws.logs.queries);
    if queries.len() >= QUERIES_MAX {
        let oldest = queries.iter().min_by_key(|(_, query)| query.created).map(|(id, _)| id.clone());
        oldest.map(|id| queries.remove(&id));
    }
    queries.insert(id.clone(), query);
    Ok(Answer::of(json!({ "queryId": id })))
}

fn malformed(say: &str) -> Fault {
    Fault::new("MalformedQueryException", say)
}

fn named(world: &World, call: &Call) -> Result<Query, Fault> {
    let id = call.text("queryId").unwrap_or_default();
    let missing = || Fault::new("ResourceNotFoundException", format!("Query with id {id} not found."));
    world.aws.logs.queries.get(id).cloned().ok_or_else(missing)
}

pub fn results(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let query = named(world, call)?;
    let status = query.status(world.now);
    if status != "Complete" {
        let statistics = json!({ "recordsMatched": 0.0, "recordsScanned": 0.0, "bytesScanned": 0.0 });
        let body = json!({ "queryLanguage": "CWLI", "results": [], "statistics": statistics, "status": status });
        return Ok(Answer::of(body));
    }
    let read = insights::read(&query.text).map_err(|mistake| malformed(&mistake.say))?;
    // It saw what could be seen when it was started.
    let mut records: Vec<Record> = Vec::new();
    let mut covers: Vec<Cover> = Vec::new();
    for group in &query.groups {
        let found = find(world, group)?;
        let events = events_of(world, &found, query.from, query.to.min(query.created - super::LAG));
        let mut looked = looked(world, &found, (query.from, query.to), &events, Through::Query(query.text.clone()));
        looked.to = looked.to.min(query.created);
        // What has come since was not looked at either.
        looked.lag = looked.lag + (world.now - query.created);
        covers.push(Cover::Log(Box::new(looked)));
        records.extend(events);
    }
    records.sort_by_key(|record| record.at);
    let bytes: usize = records.iter().map(|record| record.text.len()).sum();
    let of = query.groups.first().cloned().unwrap_or_default();
    let found = insights::run(&read, &records, &of, query.limit);
    let (mut rows, mut shows) = (Vec::new(), Vec::new());
    for (index, own) in found.rows.iter().enumerate() {
        let mut row: Vec<Value> =
            own.cells.iter().map(|(field, value)| json!({ "field": field, "value": value })).collect();
        let of: Vec<&Record> = own.of.iter().filter_map(|at| records.get(*at)).collect();
        shows.extend(summed(&own.cells, &of).map(|is| (format!("/results/{index}"), is)));
        if let Some(record) = own.record.and_then(|at| records.get(at)) {
            row.push(json!({ "field": "@ptr", "value": pointer(world, record) }));
            shows.push((format!("/results/{index}"), Is::Record(Box::new(record.clone()))));
        }
        rows.push(Value::Array(row));
    }
    let body = json!({
        "queryLanguage": "CWLI", "results": rows, "status": status,
        "statistics": {
            "recordsMatched": found.matched as f64, "recordsScanned": records.len() as f64,
            "estimatedRecordsSkipped": 0.0, "bytesScanned": bytes as f64, "estimatedBytesSkipped": 0.0,
            "logGroupsScanned": query.groups.len() as f64,
        },
    });
    // Rows that sum up do not say what is not among them, nor do rows of which some were left out.
    let each = found.rows.iter().filter(|row| row.record.is_some()).count();
    let whole = each == found.rows.len() && each == found.matched && each < found.cut;
    let answer = shows.into_iter().fold(Answer::of(body), |answer, (at, is)| answer.shows(at, is));
    Ok(covers.into_iter().filter(|_| whole).fold(answer, Answer::covering))
}

/// Fields of flow log records that can be added up.
const SUMS: &[&str] = &["bytes", "packets"];

/// A row that sums up flow log records shows of them what all of them have in common and it prints, and the sums that it
/// prints, whatever the query calls its columns.
fn summed(cells: &[(String, String)], of: &[&Record]) -> Option<Is> {
    let first = of.first().filter(|_| of.iter().all(|record| &*record.template == "flow"))?;
    let printed = |text: &str| cells.iter().position(|(_, value)| value == text);
    let common = |name: &str, value: &str| of.iter().all(|record| record.field(name) == Some(value));
    let number = |record: &Record, name: &str| record.field(name).and_then(|text| text.parse::<u64>().ok());
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut places = Places::new();
    let mut found = |name: &str, value: &str| {
        if let Some(at) = printed(value) {
            fields.insert(name.to_string(), value.to_string());
            places.push((format!("[{at}].value"), name.to_string()));
        }
    };
    for (name, value) in first.fields.iter().filter(|(name, value)| common(name, value)) {
        found(name, value);
    }
    for name in SUMS {
        found(name, &of.iter().filter_map(|record| number(record, name)).sum::<u64>().to_string());
    }
    (!fields.is_empty()).then(|| Is::Row { table: "flow".into(), at: first.at, fields, places })
}

fn pointer(world: &World, record: &Record) -> String {
    let place = dice::at(world.seed, dice::hash_name(&record.pod), dice::hash_name(&record.text));
    format!("Cl{place:016x}{:013x}", record.at.0)
}

pub fn stop(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let query = named(world, call)?;
    if query.status(world.now) != "Running" {
        return Err(invalid("The query ID provided has already completed or been cancelled."));
    }
    let id = call.text("queryId").unwrap_or_default();
    if let Some(query) = Arc::make_mut(&mut world.aws.logs.queries).get_mut(id) {
        query.stopped = true;
    }
    Ok(Answer::of(json!({ "success": true })))
}

pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let now = world.now;
    let fits = |query: &Query| {
        call.text("logGroupName").is_none_or(|group| query.groups.iter().any(|known| known == group))
            && call.text("status").is_none_or(|status| status == query.status(now))
    };
    let mut found: Vec<(&String, &Query)> = world.aws.logs.queries.iter().filter(|(_, query)| fits(query)).collect();
    found.sort_by_key(|(_, query)| std::cmp::Reverse(query.created));
    let limit = call.whole("maxResults").unwrap_or(1_000).clamp(1, 1_000) as usize;
    let bad = || invalid("The specified nextToken is invalid.");
    let (page, next) = paging::page(found, call.text("nextToken"), limit).ok_or_else(bad)?;
    let rows: Vec<Value> = page
        .iter()
        .map(|(id, query)| {
            json!({
                "queryLanguage": "CWLI", "queryId": id, "queryString": query.text, "status": query.status(now),
                "createTime": query.created.0, "logGroupName": query.groups.first(),
            })
        })
        .collect();
    let mut body = json!({ "queries": rows });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("nextToken".into(), next.into());
    }
    Ok(Answer::of(body))
}
