//! Reads `[functions.NAME]` of an estate's `account.toml` into typed programs, collecting every problem with its path.
//! Does not know files or TOML syntax.

use super::spec::{DOES, Does, Fails, Only, Program, Release, Step};
use crate::stdx::suggest;
use crate::stdx::time::Span;
use crate::world::apps::lower::Problem;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Functions of one account, steps of a release.
const FUNCTIONS_MAX: usize = 100;
const STEPS_MAX: usize = 40;

/// Keys by table.
static KEYS: &[(&str, &[&str])] = &[
    (
        "function",
        &["debug", "init", "init_jitter", "lines", "memory", "memory_jitter", "releases", "reply", "size", "steps"],
    ),
    ("line", &["level", "text"]),
    ("release", &["debug", "init", "init_jitter", "lines", "memory", "memory_jitter", "reply", "size", "steps"]),
    (
        "step",
        &[
            "answer",
            "bucket",
            "bytes",
            "database",
            "error",
            "failed_line",
            "fails",
            "function",
            "group",
            "is",
            "jitter",
            "line",
            "name",
            "partner",
            "per_mille",
            "region_env",
            "sender_env",
            "table",
            "takes",
            "timeout",
            "traits",
            "unique",
            "unless_flag",
            "when_env",
            "when_flag",
        ],
    ),
];

/// All programs by function name.
pub fn programs(value: &Value) -> (BTreeMap<String, Program>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut out = BTreeMap::new();
    for (name, value) in value.as_object().into_iter().flatten().take(FUNCTIONS_MAX) {
        let mut reader = Reader { path: vec![name.clone()], problems: &mut problems };
        let Some(map) = reader.table("function", value) else { continue };
        let base = Arc::new(release(map, &mut reader, None));
        let mut releases = BTreeMap::new();
        for (version, value) in map.get("releases").and_then(Value::as_object).into_iter().flatten() {
            let read = reader.within(&["releases", version], |r| {
                let map = r.table("release", value)?;
                Some(Arc::new(release(map, r, Some(&base))))
            });
            releases.extend(read.map(|read| (version.clone(), read)));
        }
        out.insert(name.clone(), Program { base, releases });
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

    fn table<'v>(&mut self, table: &str, value: &'v Value) -> Option<&'v Map<String, Value>> {
        let Some(map) = value.as_object() else {
            self.problem("", "a table is wanted here", None);
            return None;
        };
        let known = KEYS.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, keys)| keys);
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let near = suggest::nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            self.problem(key, format!("unknown key `{key}`"), near);
        }
        Some(map)
    }

    fn within<T>(&mut self, steps: &[&str], read: impl FnOnce(&mut Reader) -> Option<T>) -> Option<T> {
        let path = self.path.iter().cloned().chain(steps.iter().map(|step| step.to_string())).collect();
        read(&mut Reader { path, problems: self.problems })
    }

    fn text(&mut self, map: &Map<String, Value>, key: &str) -> String {
        match map.get(key) {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(_) => {
                self.problem(key, format!("`{key}` should be a text"), None);
                String::new()
            }
        }
    }

    fn span(&mut self, map: &Map<String, Value>, key: &str) -> Option<Span> {
        let text = self.text(map, key);
        if text.is_empty() {
            return None;
        }
        let read = Span::parse(&text);
        if read.is_none() {
            self.problem(key, format!("`{text}` is not a span such as 250ms or 3s"), None);
        }
        read
    }

    fn whole(&mut self, map: &Map<String, Value>, key: &str, most: u64) -> Option<u64> {
        let value = map.get(key)?;
        let read = value.as_u64().filter(|number| *number <= most);
        if read.is_none() {
            self.problem(key, format!("`{key}` should be a whole number up to {most}"), None);
        }
        read
    }
}

fn arcs(map: &Map<String, Value>, key: &str) -> Vec<Arc<str>> {
    let items = map.get(key).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(Arc::from).collect()
}

fn name(r: &mut Reader, map: &Map<String, Value>, key: &str) -> Option<Arc<str>> {
    Some(r.text(map, key)).filter(|text| !text.is_empty()).map(Arc::from)
}

/// A release; what it does not say is as in the base.
fn release(map: &Map<String, Value>, r: &mut Reader, base: Option<&Arc<Release>>) -> Release {
    let mut out = base.map(|base| (**base).clone()).unwrap_or_default();
    out.size = r.whole(map, "size", 10_000_000_000).unwrap_or(out.size.max(1_000));
    out.init = r.span(map, "init").unwrap_or(if base.is_some() { out.init } else { Span::millis(250) });
    out.init_jitter = r.span(map, "init_jitter").unwrap_or(out.init_jitter);
    out.memory = r.whole(map, "memory", 10_240).unwrap_or(out.memory.max(40));
    out.memory_jitter = r.whole(map, "memory_jitter", 10_240).unwrap_or(out.memory_jitter);
    if map.contains_key("reply") {
        out.reply = r.text(map, "reply").into();
    }
    if map.contains_key("debug") {
        out.debug = arcs(map, "debug");
    }
    for (line, value) in map.get("lines").and_then(Value::as_object).into_iter().flatten() {
        let read = r.within(&["lines", line], |r| {
            let map = r.table("line", value)?;
            let level = r.text(map, "level");
            Some((Arc::from(if level.is_empty() { "INFO" } else { &level }), Arc::from(r.text(map, "text"))))
        });
        out.lines.extend(read.map(|read| (Arc::from(line.as_str()), read)));
    }
    let steps = map.get("steps").and_then(Value::as_array);
    if let Some(steps) = steps {
        let lines: Vec<Arc<str>> = out.lines.keys().cloned().collect();
        let read = steps.iter().take(STEPS_MAX).enumerate();
        out.steps = read
            .filter_map(|(n, value)| {
                r.within(&["steps", &n.to_string()], |r| {
                    let map = r.table("step", value)?;
                    step(map, r, &lines)
                })
            })
            .collect();
    }
    out
}

fn step(map: &Map<String, Value>, r: &mut Reader, lines: &[Arc<str>]) -> Option<Step> {
    let is = r.text(map, "is");
    let does = does(&is, map, r)?;
    let fails = match (r.text(map, "fails").as_str(), r.whole(map, "answer", 599)) {
        (_, Some(status)) => Fails::Answer(status as u16),
        ("pass", None) => Fails::Pass,
        ("" | "raise", None) => Fails::Raise,
        (other, None) => {
            r.problem("fails", format!("`{other}` is not what a failure leads to"), Some("raise, pass".into()));
            Fails::Raise
        }
    };
    let env = map.get("when_env").and_then(Value::as_object).into_iter().flatten();
    let only = Only {
        env: env.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_string())).collect(),
        flag: r.text(map, "when_flag"),
        unless_flag: r.text(map, "unless_flag"),
        traits: arcs(map, "traits"),
    };
    let (line, failed_line) = (name(r, map, "line"), name(r, map, "failed_line"));
    for (key, line) in [("line", &line), ("failed_line", &failed_line)] {
        if let Some(line) = line.as_ref().filter(|line| !lines.contains(line)) {
            let near = suggest::nearest(line, lines.iter().map(AsRef::as_ref));
            r.problem(key, format!("there is no line `{line}`"), near.map(|near| format!("did you mean `{near}`?")));
        }
    }
    Some(Step {
        name: name(r, map, "name").unwrap_or_else(|| Arc::from(is.as_str())),
        does,
        takes: r.span(map, "takes").unwrap_or(Span::millis(5)),
        jitter: r.span(map, "jitter").unwrap_or(Span::ZERO),
        only,
        timeout: r.span(map, "timeout"),
        fails,
        line,
        failed_line,
    })
}

fn does(is: &str, map: &Map<String, Value>, r: &mut Reader) -> Option<Does> {
    let arc = |text: String| -> Arc<str> { Arc::from(text) };
    let does = match is {
        "cache" => Does::Cache { group: arc(r.text(map, "group")) },
        "call" => Does::Call { partner: arc(r.text(map, "partner")) },
        "compute" => Does::Compute,
        "invoke" => Does::Invoke { function: arc(r.text(map, "function")) },
        "mail" => Does::Mail { sender: r.text(map, "sender_env"), region: r.text(map, "region_env") },
        "put" => Does::Put {
            bucket: arc(r.text(map, "bucket")),
            bytes: r.whole(map, "bytes", 5_000_000_000).unwrap_or(50_000),
        },
        "query" => Does::Query { database: arc(r.text(map, "database")) },
        "refuse" => Does::Refuse {
            per_mille: r.whole(map, "per_mille", 1_000).unwrap_or(1_000),
            error: arc(r.text(map, "error")),
        },
        "write" => Does::Write {
            database: arc(r.text(map, "database")),
            table: arc(r.text(map, "table")),
            unique: map.get("unique").and_then(Value::as_bool).unwrap_or(false),
        },
        other => {
            let hint = suggest::nearest(other, DOES.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            r.problem("is", format!("no step is called `{other}`"), hint);
            return None;
        }
    };
    Some(does)
}
