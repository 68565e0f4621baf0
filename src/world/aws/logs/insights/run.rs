//! Runs a query over records: fields are discovered in JSON events and in Lambda's report lines. Does not know where records
//! come from.

use super::{Expr, Named, Query, Step};
use crate::stdx::time::Time;
use crate::world::aws::cloudwatch::math::power;
use crate::world::signals::Record;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Rows that a query gives at most (API Reference, StartQuery; also where nothing is said).
const ROWS_MAX: usize = 10_000;
/// Fields discovered in one JSON event (User Guide, "Supported logs and discovered fields").
const FIELDS_MAX: usize = 200;

/// Columns and their values.
pub type Cells = Vec<(String, String)>;

/// One row of an answer.
#[derive(Clone, Debug, Default)]
pub struct FoundRow {
    pub cells: Cells,
    /// The record that it is, if it is one.
    pub record: Option<usize>,
    /// The records that it sums up, if it does.
    pub of: Vec<usize>,
}

/// What a query found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub rows: Vec<FoundRow>,
    pub matched: usize,
    /// Rows that a `limit` or the service leaves: with as many there may be more.
    pub cut: usize,
}

/// A value; numbers in texts count as numbers where numbers are asked for.
#[derive(Clone, Debug, PartialEq)]
enum Is {
    Nothing,
    Number(f64),
    Text(String),
}

/// A row on its way: its fields, and the record it comes from.
#[derive(Clone, Debug, Default)]
struct Row {
    fields: BTreeMap<String, Is>,
    record: Option<usize>,
    of: Vec<usize>,
}

/// Runs a query over records of a group.
pub fn run(query: &Query, records: &[Record], group: &str, limit: Option<usize>) -> Found {
    let mut rows: Vec<Row> = records.iter().enumerate().map(|(index, record)| row(record, index, group)).collect();
    // The newest first where nothing is said.
    rows.reverse();
    let mut columns: Option<Vec<Named>> = None;
    let (mut cut, mut matched, mut grouped) = (limit.unwrap_or(ROWS_MAX), None, false);
    let mut least = cut;
    for step in &query.steps {
        match step {
            Step::Fields(named) => {
                compute(&mut rows, named);
                columns.get_or_insert_default().extend(named.iter().cloned());
            }
            Step::Display(named) => {
                compute(&mut rows, named);
                columns = Some(named.clone());
            }
            Step::Filter(expr) => rows.retain(|row| truth(&value(expr, row))),
            Step::Parse(from, regex, names) => parse(&mut rows, from, regex, names),
            Step::Sort(by) => rows.sort_by(|a, b| compare_rows(a, b, by)),
            Step::Limit(most) => {
                rows.truncate(*most);
                least = least.min(*most);
                cut = cut.max(*most).min(ROWS_MAX);
            }
            Step::Dedup(by) => {
                let mut seen = BTreeSet::new();
                rows.retain(|row| seen.insert(by.iter().map(|expr| shown(&value(expr, row))).collect::<Vec<_>>()));
            }
            Step::Stats { values, by } => {
                matched.get_or_insert(rows.len());
                rows = stats(&rows, values, by);
                columns = Some(by.iter().chain(values).cloned().collect());
                grouped = true;
            }
        }
    }
    let matched = matched.unwrap_or(rows.len());
    rows.truncate(cut.min(ROWS_MAX));
    let default = || ["@timestamp", "@message"].map(|name| Named { expr: Expr::Field(name.into()), name: name.into() });
    let columns = columns.unwrap_or_else(|| default().to_vec());
    let picked = |row: &Row| {
        let each = columns.iter().filter_map(|named| {
            let value = row.fields.get(&named.name).filter(|value| **value != Is::Nothing)?;
            let is_time = named.name == "@timestamp" || named.name == "@ingestionTime" || is_bin(&named.expr);
            Some((named.name.clone(), if is_time { stamped(value) } else { shown(value) }))
        });
        FoundRow { cells: each.collect(), record: row.record.filter(|_| !grouped), of: row.of.clone() }
    };
    Found { rows: rows.iter().map(picked).collect(), matched, cut: least }
}

fn is_bin(expr: &Expr) -> bool {
    matches!(expr, Expr::Call(name, _) if name == "bin" || name == "datefloor" || name == "frommillis")
}

fn row(record: &Record, index: usize, group: &str) -> Row {
    let mut fields = BTreeMap::new();
    let mut put = |name: &str, value: Is| fields.insert(name.to_string(), value);
    put("@timestamp", Is::Number(record.at.0 as f64));
    put("@ingestionTime", Is::Number(record.at.0 as f64));
    put("@message", Is::Text(record.text.clone()));
    put("@logStream", Is::Text(record.pod.to_string()));
    put("@log", Is::Text(group.to_string()));
    if let Some(value) =
        record.text.trim_start().strip_prefix('{').and_then(|_| serde_json::from_str(&record.text).ok())
    {
        discover(&mut fields, "", &value);
    } else if group.starts_with("/aws/lambda/") {
        lambda(&mut fields, &record.text);
    } else if record.pod.starts_with("eni-") {
        flow(&mut fields, &record.text);
    }
    Row { fields, record: Some(index), of: Vec::new() }
}

/// Flow log records of the default format have their fields by position.
fn flow(fields: &mut BTreeMap<String, Is>, text: &str) {
    const NAMES: &[&str] = &[
        "version",
        "accountId",
        "interfaceId",
        "srcAddr",
        "dstAddr",
        "srcPort",
        "dstPort",
        "protocol",
        "packets",
        "bytes",
        "start",
        "end",
        "action",
        "logStatus",
    ];
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() == NAMES.len() {
        fields.extend(NAMES.iter().zip(parts).map(|(name, part)| ((*name).to_string(), read_number(part))));
    }
}

fn read_number(text: &str) -> Is {
    text.parse().map_or_else(|_| Is::Text(text.to_string()), Is::Number)
}

fn discover(fields: &mut BTreeMap<String, Is>, path: &str, value: &Value) {
    if fields.len() >= FIELDS_MAX {
        return;
    }
    let under = |key: &str| if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| discover(fields, &under(key), value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| discover(fields, &under(&index.to_string()), value));
        }
        Value::Null => {}
        Value::Number(number) => drop(fields.insert(path.to_string(), Is::Number(number.as_f64().unwrap_or(0.0)))),
        Value::String(text) => drop(fields.insert(path.to_string(), Is::Text(text.clone()))),
        Value::Bool(yes) => drop(fields.insert(path.to_string(), Is::Number(f64::from(u8::from(*yes))))),
    }
}

/// What Insights knows of Lambda's own lines: their type, the request, and the figures of a report. Memory is in bytes.
fn lambda(fields: &mut BTreeMap<String, Is>, text: &str) {
    let kind = ["START", "END", "REPORT"].into_iter().find(|kind| text.starts_with(&format!("{kind} RequestId: ")));
    let Some(kind) = kind else { return };
    let after = |words: &str| {
        let rest = text.split_once(words)?.1;
        rest.split_whitespace().next().map(str::to_string)
    };
    fields.insert("@type".into(), Is::Text(kind.into()));
    fields.extend(after("RequestId: ").map(|id| ("@requestId".to_string(), Is::Text(id))));
    let figures = [
        ("\tDuration: ", "@duration", 1.0),
        ("Billed Duration: ", "@billedDuration", 1.0),
        ("Memory Size: ", "@memorySize", 1_000_000.0),
        ("Max Memory Used: ", "@maxMemoryUsed", 1_000_000.0),
        ("Init Duration: ", "@initDuration", 1.0),
    ];
    for (words, name, scale) in figures {
        let number = after(words).and_then(|text| text.parse::<f64>().ok());
        fields.extend(number.map(|number| (name.to_string(), Is::Number(number * scale))));
    }
}

fn compute(rows: &mut [Row], named: &[Named]) {
    for row in rows {
        for column in named {
            if !matches!(&column.expr, Expr::Field(name) if *name == column.name) {
                let value = value(&column.expr, row);
                row.fields.insert(column.name.clone(), value);
            }
        }
    }
}

fn parse(rows: &mut [Row], from: &Expr, regex: &regex::Regex, names: &[String]) {
    let by_name = regex.capture_names().flatten().count() > 0;
    for row in rows {
        let text = shown(&value(from, row));
        let Some(found) = regex.captures(&text) else { continue };
        for (index, name) in names.iter().enumerate() {
            let part = if by_name { found.name(name) } else { found.get(index + 1) };
            if let Some(part) = part {
                row.fields.insert(name.clone(), Is::Text(part.as_str().to_string()));
            }
        }
    }
}

fn compare_rows(a: &Row, b: &Row, by: &[(Expr, bool)]) -> std::cmp::Ordering {
    for (expr, down) in by {
        let order = compare(&sorted_by(expr, a), &sorted_by(expr, b));
        let order = if *down { order.reverse() } else { order };
        if order.is_ne() {
            return order;
        }
    }
    std::cmp::Ordering::Equal
}

/// After `stats` a call stands for the column that it made.
fn sorted_by(expr: &Expr, row: &Row) -> Is {
    match expr {
        Expr::Call(name, _) if row.record.is_none() => {
            let column = row.fields.iter().find(|(key, _)| key.to_lowercase().starts_with(&format!("{name}(")));
            column.map_or(Is::Nothing, |(_, value)| value.clone())
        }
        _ => value(expr, row),
    }
}

fn compare(a: &Is, b: &Is) -> std::cmp::Ordering {
    match (numeric(a), numeric(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => shown(a).cmp(&shown(b)),
    }
}

fn numeric(value: &Is) -> Option<f64> {
    match value {
        Is::Number(number) => Some(*number),
        Is::Text(text) => text.parse().ok(),
        Is::Nothing => None,
    }
}

fn truth(value: &Is) -> bool {
    match value {
        Is::Nothing => false,
        Is::Number(number) => *number != 0.0,
        Is::Text(text) => !text.is_empty() && text != "false",
    }
}

/// A value as a column shows it: whole numbers without a point.
fn shown(value: &Is) -> String {
    match value {
        Is::Nothing => String::new(),
        Is::Text(text) => text.clone(),
        Is::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{}", *number as i64),
        // Four places at most.
        Is::Number(number) => {
            let text = format!("{number:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_string()
        }
    }
}

fn stamped(value: &Is) -> String {
    let Is::Number(number) = value else { return shown(value) };
    let time = DateTime::<Utc>::from_timestamp_millis(Time(*number as i64).0).unwrap_or_default();
    time.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

fn yes(truth: bool) -> Is {
    Is::Number(f64::from(u8::from(truth)))
}

fn value(expr: &Expr, row: &Row) -> Is {
    match expr {
        Expr::Number(number) => Is::Number(*number),
        Expr::Text(text) => Is::Text(text.clone()),
        Expr::Span(span) => Is::Number(*span as f64),
        Expr::Field(name) => row.fields.get(name).cloned().unwrap_or(Is::Nothing),
        Expr::Not(inner) => yes(!truth(&value(inner, row))),
        Expr::Negated(inner) => numeric(&value(inner, row)).map_or(Is::Nothing, |number| Is::Number(-number)),
        Expr::Like(inner, regex) => match value(inner, row) {
            Is::Nothing => yes(false),
            found => yes(regex.is_match(&shown(&found))),
        },
        Expr::In(inner, items) => {
            let wanted = value(inner, row);
            yes(wanted != Is::Nothing && items.iter().any(|item| compare(&value(item, row), &wanted).is_eq()))
        }
        Expr::Pair(operator, left, right) => pair(operator, value(left, row), value(right, row)),
        Expr::Call(name, arguments) => call(name, arguments, row),
    }
}

fn pair(operator: &str, left: Is, right: Is) -> Is {
    let both = || Some((numeric(&left)?, numeric(&right)?));
    let number = |how: fn(f64, f64) -> f64| both().map_or(Is::Nothing, |(a, b)| Is::Number(how(a, b)));
    let missing = left == Is::Nothing || right == Is::Nothing;
    let order = || compare(&left, &right);
    match operator {
        "or" => yes(truth(&left) || truth(&right)),
        "and" => yes(truth(&left) && truth(&right)),
        "+" => number(|a, b| a + b),
        "-" => number(|a, b| a - b),
        "*" => number(|a, b| a * b),
        "/" => both().filter(|(_, b)| *b != 0.0).map_or(Is::Nothing, |(a, b)| Is::Number(a / b)),
        "%" => both().filter(|(_, b)| *b != 0.0).map_or(Is::Nothing, |(a, b)| Is::Number(a % b)),
        "^" => both().and_then(|(a, b)| power(a, b)).map_or(Is::Nothing, Is::Number),
        "=" => yes(!missing && order().is_eq()),
        // What is not there differs from everything.
        "!=" => yes(missing || order().is_ne()),
        "<" => yes(!missing && order().is_lt()),
        "<=" => yes(!missing && order().is_le()),
        ">" => yes(!missing && order().is_gt()),
        _ => yes(!missing && order().is_ge()),
    }
}

fn call(name: &str, arguments: &[Expr], row: &Row) -> Is {
    let argument = |index: usize| arguments.get(index).map_or(Is::Nothing, |expr| value(expr, row));
    let text = |index: usize| shown(&argument(index));
    let number = |how: fn(f64) -> f64| numeric(&argument(0)).map_or(Is::Nothing, |value| Is::Number(how(value)));
    match name {
        "abs" => number(f64::abs),
        "ceil" => number(f64::ceil),
        "floor" => number(f64::floor),
        "frommillis" | "tomillis" => argument(0),
        "bin" => floored(row.fields.get("@timestamp"), numeric(&argument(0))),
        "datefloor" => floored(Some(&argument(0)), numeric(&argument(1))),
        "coalesce" => arguments.iter().map(|expr| value(expr, row)).find(|v| *v != Is::Nothing).unwrap_or(Is::Nothing),
        "concat" => Is::Text(arguments.iter().map(|expr| shown(&value(expr, row))).collect()),
        "isblank" => yes(text(0).trim().is_empty()),
        "isempty" => yes(text(0).is_empty()),
        "ispresent" => yes(argument(0) != Is::Nothing),
        "replace" => Is::Text(text(0).replace(&text(1), &text(2))),
        "strcontains" => yes(text(0).contains(&text(1))),
        "strlen" => Is::Number(text(0).chars().count() as f64),
        "substr" => {
            let from = numeric(&argument(1)).unwrap_or(0.0).max(0.0) as usize;
            let length = numeric(&argument(2)).map_or(usize::MAX, |length| length.max(0.0) as usize);
            Is::Text(text(0).chars().skip(from).take(length).collect())
        }
        "tolower" => Is::Text(text(0).to_lowercase()),
        "toupper" => Is::Text(text(0).to_uppercase()),
        "trim" => Is::Text(text(0).trim().to_string()),
        _ => Is::Nothing,
    }
}

fn floored(time: Option<&Is>, span: Option<f64>) -> Is {
    let (Some(time), Some(span)) = (time.and_then(numeric), span) else { return Is::Nothing };
    let span = (span as i64).max(1);
    Is::Number((time as i64).div_euclid(span).saturating_mul(span) as f64)
}

fn stats(rows: &[Row], values: &[Named], by: &[Named]) -> Vec<Row> {
    let mut groups: Vec<(Vec<Is>, Vec<&Row>)> = Vec::new();
    let mut places: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for row in rows {
        let key: Vec<Is> = by.iter().map(|named| value(&named.expr, row)).collect();
        let words = key.iter().map(shown).collect();
        let at = *places.entry(words).or_insert(groups.len());
        if at == groups.len() {
            groups.push((key, Vec::new()));
        }
        if let Some((_, rows)) = groups.get_mut(at) {
            rows.push(row);
        }
    }
    // Without groups there is one row, also over nothing.
    if by.is_empty() && groups.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    let row = |(key, rows): (Vec<Is>, Vec<&Row>)| {
        let mut fields: BTreeMap<String, Is> = by.iter().map(|named| named.name.clone()).zip(key).collect();
        fields.extend(values.iter().map(|named| (named.name.clone(), aggregate(&named.expr, &rows))));
        // Sums of sums are of what those were of.
        let of = rows.iter().flat_map(|row| row.record.into_iter().chain(row.of.iter().copied())).collect();
        Row { fields, record: None, of }
    };
    groups.into_iter().map(row).collect()
}

fn aggregate(expr: &Expr, rows: &[&Row]) -> Is {
    let Expr::Call(name, arguments) = expr else {
        return match expr {
            Expr::Pair(operator, left, right) => pair(operator, aggregate(left, rows), aggregate(right, rows)),
            Expr::Number(number) => Is::Number(*number),
            _ => Is::Nothing,
        };
    };
    let over = |expr: Option<&Expr>| -> Vec<Is> {
        let each = rows.iter().filter_map(|row| expr.map(|expr| value(expr, row)));
        each.filter(|value| *value != Is::Nothing).collect()
    };
    let is_rows = matches!(arguments.first(), None | Some(Expr::Field(_)))
        && match arguments.first() {
            Some(Expr::Field(field)) => field == "*",
            _ => true,
        };
    let found = over(arguments.first());
    let mut numbers: Vec<f64> = found.iter().filter_map(numeric).collect();
    numbers.sort_by(f64::total_cmp);
    let rank = |numbers: &[f64], share: f64| {
        let at = (share / 100.0 * numbers.len() as f64).ceil().max(1.0) as usize - 1;
        numbers.get(at.min(numbers.len().saturating_sub(1))).map_or(Is::Nothing, |number| Is::Number(*number))
    };
    // Rows stand newest first unless they were sorted.
    match name.as_str() {
        "count" if is_rows => Is::Number(rows.len() as f64),
        "count" => Is::Number(found.len() as f64),
        "count_distinct" => Is::Number(found.iter().map(shown).collect::<BTreeSet<_>>().len() as f64),
        "sum" => Is::Number(numbers.iter().sum()),
        "avg" if numbers.is_empty() => Is::Nothing,
        "avg" => Is::Number(numbers.iter().sum::<f64>() / numbers.len() as f64),
        "min" => numbers.first().map_or(Is::Nothing, |number| Is::Number(*number)),
        "max" => numbers.last().map_or(Is::Nothing, |number| Is::Number(*number)),
        "median" => rank(&numbers, 50.0),
        "pct" => match arguments.get(1) {
            Some(Expr::Number(share)) => rank(&numbers, *share),
            _ => Is::Nothing,
        },
        "latest" => found.first().cloned().unwrap_or(Is::Nothing),
        "earliest" => found.last().cloned().unwrap_or(Is::Nothing),
        _ => Is::Nothing,
    }
}
