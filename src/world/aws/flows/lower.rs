//! Reads `[flows.NAME]` of an estate's `account.toml` into typed flows, collecting every problem with its path. Does not
//! know files or TOML syntax.

use super::super::ec2::address::Range;
use super::super::ec2::prefix_lists;
use super::spec::{Connections, Flow, From, Setting, Shape, When};
use crate::stdx::suggest;
use crate::stdx::time::Span;
use crate::world::apps::lower::Problem;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Flows of one account.
const FLOWS_MAX: usize = 64;
/// Bytes an hour or a day beyond this are a mistake: a petabyte.
const BYTES_MAX: u64 = 1_000_000_000_000_000;
/// Public addresses of AWS's own services in the region that no prefix list has.
const AWS_RANGE: &str = "52.95.192.0/20";

/// Keys by table.
static KEYS: &[(&str, &[&str])] = &[
    (
        "flow",
        &[
            "connections",
            "from",
            "images",
            "in",
            "jitter_percent",
            "out",
            "port",
            "range",
            "subnets",
            "to",
            "when_config",
            "when_env",
        ],
    ),
    ("amount", &["bytes", "hours", "per_arrival", "per_hour", "stream", "window"]),
    ("connections", &["lasting", "leaked", "per_1000_arrivals", "per_minute", "stream"]),
    ("when_config", &["has", "path", "times", "workload"]),
    ("when_env", &["name", "times", "value", "workload"]),
];

/// All flows, in the order of their names.
pub fn flows(value: &Value) -> (Vec<Flow>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut out = Vec::new();
    let Some(map) = value.as_object() else {
        problems.push(Problem { path: Vec::new(), say: "a table of flows is wanted here".into(), hint: None });
        return (out, problems);
    };
    if map.len() > FLOWS_MAX {
        let say = format!("an account has at most {FLOWS_MAX} flows");
        problems.push(Problem { path: Vec::new(), say, hint: None });
    }
    for (name, value) in map.iter().take(FLOWS_MAX) {
        let mut reader = Reader { path: vec![name.clone()], problems: &mut problems };
        if let Some(flow) = flow(name, value, &mut reader) {
            out.push(flow);
        }
    }
    (out, problems)
}

/// Where in the file, and what is wrong so far.
struct Reader<'a> {
    path: Vec<String>,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, key: &str, say: impl Into<String>, hint: Option<String>) {
        let path = self.path.iter().cloned().chain((!key.is_empty()).then(|| key.to_string())).collect();
        self.problems.push(Problem { path, say: say.into(), hint });
    }

    /// A table with known keys.
    fn table<'v>(&mut self, table: &str, value: &'v Value) -> Option<&'v Map<String, Value>> {
        let Some(map) = value.as_object() else {
            self.problem("", "a table is wanted here", None);
            return None;
        };
        let known = KEYS.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, keys)| keys);
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let near = suggest::nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let hint = near.or_else(|| Some(format!("one of: {}", known.join(", "))));
            self.problem(key, format!("unknown key `{key}`"), hint);
        }
        Some(map)
    }

    fn text<'v>(&mut self, map: &'v Map<String, Value>, key: &str) -> &'v str {
        match map.get(key) {
            None => "",
            Some(Value::String(text)) => text,
            Some(_) => {
                self.problem(key, format!("`{key}` should be a text"), None);
                ""
            }
        }
    }

    fn whole(&mut self, map: &Map<String, Value>, key: &str) -> Option<u64> {
        let value = map.get(key)?;
        let read = value.as_u64().filter(|number| *number <= BYTES_MAX);
        if read.is_none() {
            self.problem(key, format!("`{key}` should be a whole number, not negative"), None);
        }
        read
    }

    /// Bytes: a whole number, or a text such as `31GB` (powers of a thousand).
    fn bytes(&mut self, map: &Map<String, Value>, key: &str) -> Option<u64> {
        let value = map.get(key)?;
        let read = size(value).filter(|number| *number <= BYTES_MAX);
        if read.is_none() {
            let say = format!("`{key}` should be a size such as 2000000 or \"31GB\"");
            self.problem(key, say, None);
        }
        read
    }

    /// A reader of an inner table.
    fn within<T>(&mut self, key: &str, read: impl FnOnce(&mut Reader) -> Option<T>) -> Option<T> {
        let path = self.path.iter().cloned().chain([key.to_string()]).collect();
        read(&mut Reader { path, problems: self.problems })
    }
}

fn size(value: &Value) -> Option<u64> {
    let Some(text) = value.as_str() else { return value.as_u64() };
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let power = match unit.trim() {
        "" | "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(power)
}

fn flow(name: &str, value: &Value, r: &mut Reader) -> Option<Flow> {
    let map = r.table("flow", value)?;
    let (from, to) = (r.text(map, "from"), r.text(map, "to"));
    let subnets: Vec<Arc<str>> = map
        .get("subnets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(Arc::from)
        .collect();
    let from = match (from.split_once('/'), from) {
        (_, "node") => From::Node,
        (Some(("function", name)), _) => From::Function(name.into(), subnets),
        (Some((namespace, name)), _) if !namespace.is_empty() && !name.is_empty() => {
            From::Workload(namespace.into(), name.into())
        }
        _ => {
            r.problem("from", "a flow comes from `NAMESPACE/WORKLOAD`, `function/NAME` or `node`", None);
            return None;
        }
    };
    let (service, range) = destination(map, to, r)?;
    let amount = |r: &mut Reader, key: &str| {
        map.get(key).and_then(|value| r.within(key, |r| shape(value, r))).unwrap_or_default()
    };
    let (out, into) = (amount(r, "out"), amount(r, "in"));
    let connections =
        map.get("connections").and_then(|value| r.within("connections", |r| connections(value, r))).unwrap_or_default();
    let mut when = Vec::new();
    for key in ["when_env", "when_config"] {
        when.extend(map.get(key).and_then(|value| r.within(key, |r| condition(key, value, &from, r))));
    }
    let mut images = BTreeMap::new();
    if let Some(rows) = map.get("images").and_then(Value::as_object) {
        r.within("images", |r| {
            for image in rows.keys() {
                images.extend(r.bytes(rows, image).map(|bytes| (image.clone(), bytes)));
            }
            Some(())
        });
    }
    Some(Flow {
        name: name.into(),
        from,
        to: to.into(),
        service: service.into(),
        range,
        port: r.whole(map, "port").and_then(|port| u16::try_from(port).ok()).unwrap_or_else(|| port_of(to)),
        out,
        into,
        jitter: r.whole(map, "jitter_percent").unwrap_or(8).min(90),
        connections,
        when,
        images,
    })
}

/// The port where nobody says another: HTTPS, PostgreSQL, Redis.
fn port_of(to: &str) -> u16 {
    match to.split_once(':') {
        Some(("cache", _)) => 6_379,
        Some(("rds", _)) => 5_432,
        _ => super::TLS,
    }
}

fn destination(map: &Map<String, Value>, to: &str, r: &mut Reader) -> Option<(String, Range)> {
    let own = match map.get("range").and_then(Value::as_str) {
        Some(text) => {
            let range = Range::parse(text);
            if range.is_none() {
                r.problem("range", format!("`{text}` is not a range such as \"203.0.113.0/24\""), None);
            }
            range
        }
        None => None,
    };
    let s3 = || prefix_lists::ranges("s3").first().copied();
    let (kind, rest) = to.split_once(':').unwrap_or((to, ""));
    match (kind, rest) {
        // Image layers come from S3 (ECR user guide, "Amazon ECR interface VPC endpoints").
        ("ecr", "") | ("s3", _) => Some(("s3".into(), own.or_else(s3)?)),
        ("aws", service) if !service.is_empty() => Some((service.into(), own.or_else(|| Range::parse(AWS_RANGE))?)),
        ("cache" | "internet" | "partner" | "rds", name) if !name.is_empty() => {
            if own.is_none() && !map.contains_key("range") {
                r.problem("to", "where this is needs a `range` of addresses", None);
            }
            Some((String::new(), own?))
        }
        _ => {
            let say = "a flow goes to `s3:BUCKET`, `ecr`, `aws:SERVICE`, `partner:NAME`, `internet:HOST`, `rds:NAME` or `cache:NAME`";
            r.problem("to", say, None);
            None
        }
    }
}

fn shape(value: &Value, r: &mut Reader) -> Option<Shape> {
    let map = r.table("amount", value)?;
    if let Some(hours) = map.get("hours") {
        let read: Option<Vec<u64>> = hours.as_array().and_then(|list| list.iter().map(size).collect());
        return match read {
            Some(read) if read.len() == 24 && read.iter().all(|bytes| *bytes <= BYTES_MAX) => Some(Shape::Hours(read)),
            _ => {
                r.problem("hours", "`hours` should be 24 sizes", None);
                None
            }
        };
    }
    if let Some(window) = map.get("window") {
        let minute = |value: &Value| {
            let (hour, minute) = value.as_str()?.split_once(':')?;
            let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
            Some(hour * 60 + minute).filter(|at| *at <= 1_440 && minute < 60)
        };
        let span = window.as_array().filter(|list| list.len() == 2);
        let span = span.and_then(|list| Some((minute(list.first()?)?, minute(list.get(1)?)?)));
        let bytes = r.bytes(map, "bytes");
        return match (span.filter(|(from, to)| from < to), bytes) {
            (Some((from, to)), Some(bytes)) => Some(Shape::Window { from, to, bytes }),
            _ => {
                r.problem(
                    "window",
                    "a window is two times of the day such as [\"01:00\", \"03:00\"], with `bytes` a day",
                    None,
                );
                None
            }
        };
    }
    let stream = r.text(map, "stream");
    if !stream.is_empty() {
        return Some(Shape::Stream { stream: stream.into(), bytes: r.bytes(map, "per_arrival").unwrap_or_default() });
    }
    r.bytes(map, "per_hour").map(Shape::Flat)
}

fn connections(value: &Value, r: &mut Reader) -> Option<Connections> {
    let map = r.table("connections", value)?;
    let lasting = match map.get("lasting") {
        None => Some(Span::secs(5)),
        Some(value) => value.as_str().and_then(Span::parse).filter(|span| span.0 > 0 && *span <= Span::hours(24)),
    };
    if lasting.is_none() {
        r.problem("lasting", "`lasting` should be a span such as \"2s\"", None);
    }
    Some(Connections {
        per_minute: r.whole(map, "per_minute").unwrap_or_default(),
        per_1000: r.whole(map, "per_1000_arrivals").unwrap_or_default(),
        stream: r.text(map, "stream").into(),
        lasting: lasting?,
        leaked: map.get("leaked").and_then(Value::as_bool).unwrap_or_default(),
    })
}

fn condition(key: &str, value: &Value, from: &From, r: &mut Reader) -> Option<When> {
    let map = r.table(key, value)?;
    let workload = r.text(map, "workload");
    let (namespace, workload): (Arc<str>, Arc<str>) = match (workload.split_once('/'), from) {
        (Some((namespace, name)), _) => (namespace.into(), name.into()),
        (None, From::Workload(namespace, name)) if workload.is_empty() => (namespace.clone(), name.clone()),
        _ => {
            r.problem("workload", "which workload's setting? `NAMESPACE/WORKLOAD`", None);
            return None;
        }
    };
    let setting = if key == "when_env" {
        Setting::Env(r.text(map, "name").into(), r.text(map, "value").into())
    } else {
        Setting::Config(r.text(map, "path").into(), r.text(map, "has").into())
    };
    Some(When { namespace, workload, setting, times: r.whole(map, "times").unwrap_or(1) })
}
