//! `logs`: the shipped logs of all pods, searched by time, words and fields, or counted. Every line printed carries its
//! record. Does not know the kubelet's files (`kubectl logs` does).

use super::fact::{Fact, ObjectId};
use super::flag::{self, Flag, Given, Order};
use super::page::{Coverage, Line, Output};
use super::program::{Context, Program};
use super::prom::when;
use crate::stdx::suggest;
use crate::stdx::text;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::signals::{self, Record, Search, Vocabulary, logs};
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::Arc;

pub const PROGRAM: Program = Program {
    name: "logs",
    aliases: &[],
    doc: "search the shipped logs of all pods, also of those that are gone",
    usage: "\
usage: logs [APP | NAMESPACE/APP | POD] [FLAGS]

  logs checkout --since 1h --level WARN
  logs shop/checkout --field 'age_s>60' --field sku!=VAN-001
  logs checkout --from 09:00 --to 09:14 --grep 'reason=\\w+'
  logs checkout --since 6h --level WARN --count-by reason
  logs storefront --since 2h --grep order --count-per 5m

Lines are shipped every two seconds and kept for seven days. The newest lines are shown, oldest first.",
    flags: &[
        Flag::value('\0', "count-by", "FIELD", "count lines by a field (or by level, pod, container, template)"),
        Flag::value('\0', "count-per", "SPAN", "count lines per SPAN"),
        Flag::value(
            'f',
            "field",
            "TEST",
            "only lines whose field passes: name=x, name!=x, name~regex, name>60, <, >=, <=",
        ),
        Flag::value('\0', "from", "TIME", "from then on: 09:14, 2026-03-02T09:14:00Z"),
        Flag::value('g', "grep", "REGEX", "only lines that match"),
        Flag::value('\0', "level", "LEVEL", "only lines of this level or worse: DEBUG, INFO, WARN, ERROR, FATAL"),
        Flag::value('\0', "limit", "N", "show at most the newest N (default 100; into a pipe or a note, 50000)"),
        Flag::value('n', "namespace", "NAME", "only this namespace"),
        Flag::value('\0', "since", "SPAN", "from so long ago on (default 15m)"),
        Flag::value('\0', "to", "TIME", "up to then (default: now)"),
        Flag::switch('w', "without", "with --grep: only lines that do not match"),
    ],
    cost: Span::secs(20),
    run,
    poll: None,
};

const LIMIT: usize = 100;
/// Whoever pipes the lines on wants to search all of them: only what is read is cut short.
const LIMIT_PIPED: usize = 50_000;
const LIMIT_MAX: usize = 5_000;
/// Rows of a count.
const ROWS_MAX: usize = 200;
const LEVELS: &[&str] = &["DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

type Failure = (String, Option<String>);

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 2) {
        Ok(given) => given,
        Err(page) => return page,
    };
    let limit = if context.session.piped { LIMIT_PIPED } else { LIMIT };
    match answer(context.world, &given, limit) {
        Ok(output) => output,
        Err((say, hint)) => {
            let mut lines = vec![Line::err(format!("logs: {say}"))];
            lines.extend(hint.map(Line::hint));
            Output { lines, code: 1, ..Output::default() }
        }
    }
}

/// What is asked, read and checked.
struct Asked {
    search: Search,
    tests: Vec<FieldTest>,
    grep: Option<(Regex, bool)>,
    /// Index into `LEVELS` of the least severe one wanted.
    level: Option<usize>,
    limit: usize,
}

/// `limit` is for whoever gives none.
fn answer(world: &World, given: &Given, limit: usize) -> Result<Output, Failure> {
    let asked = read(world, given, limit)?;
    let mut records = signals::shipped(world, &asked.search);
    records.retain(|record| asked.keeps(record));
    if let Some(field) = given.last("count-by") {
        return Ok(count_by(given, &records, field));
    }
    if let Some(word) = given.last("count-per") {
        let per = Span::parse(word).filter(|per| *per >= Span::secs(1));
        let per = per.ok_or_else(|| (format!("--count-per: {word:?} is not a span of at least 1s"), None))?;
        return count_per(given, &asked.search, &records, per);
    }
    Ok(listing(world, &asked, &records))
}

fn read(world: &World, given: &Given, limit: usize) -> Result<Asked, Failure> {
    if given.operands.len() > 1 {
        return Err(("one subject at a time".into(), Some("leave it out to search everything".into())));
    }
    let word = given.operands.first().map_or("", String::as_str);
    // Habits from kubectl are welcome: deploy/checkout, pod/checkout-x.
    let word = ["deploy/", "deployment/", "deployments/", "pod/", "pods/", "po/"]
        .iter()
        .find_map(|kind| word.strip_prefix(kind))
        .unwrap_or(word);
    let (namespace, subject) = word.split_once('/').unwrap_or(("", word));
    let namespace = given.last("namespace").unwrap_or(namespace).to_string();
    let time = |name: &str| match given.last(name) {
        None => Ok(None),
        Some(word) => {
            when(world.now, word).map(Some).ok_or_else(|| (format!("--{name}: {word:?} is not a time"), None))
        }
    };
    let (from, to) = (time("from")?, time("to")?.unwrap_or(world.now).min(world.now));
    let since = match given.last("since") {
        None => Span::mins(15),
        Some(word) => Span::parse(word)
            .filter(|span| *span > Span::ZERO)
            .ok_or_else(|| (format!("--since: {word:?} is not a span such as 1h"), None))?,
    };
    let from = from.unwrap_or(to - since).max(world.now - logs::KEPT);
    let known = signals::logs::subjects(world);
    let search = Search { namespace, subject: subject.to_string(), from, to };
    if !subject.is_empty() && !signals::logs::names_something(world, &search) {
        let near = suggest::nearest(subject, known.iter().map(String::as_str));
        let hint = near.map_or_else(|| format!("apps: {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        return Err((format!("nothing called {word:?} has ever logged"), Some(hint)));
    }
    let tests = given.all("field").map(FieldTest::read).collect::<Result<_, _>>()?;
    let grep = given.last("grep").map(|pattern| {
        let regex =
            Regex::new(pattern).map_err(|_| (format!("--grep: {pattern:?} is not a regular expression"), None))?;
        Ok::<_, Failure>((regex, given.has("without")))
    });
    let level = given.last("level").map(|word| {
        let upper = word.to_uppercase();
        let hint = || Some(format!("one of {}", LEVELS.join(", ")));
        LEVELS.iter().position(|level| *level == upper).ok_or_else(|| (format!("--level: no level {word:?}"), hint()))
    });
    let limit = match given.last("limit") {
        None => limit,
        Some(word) => {
            let wanted: usize = word.parse().map_err(|_| (format!("--limit: {word:?} is not a number"), None))?;
            wanted.min(LIMIT_MAX)
        }
    };
    Ok(Asked { search, tests, grep: grep.transpose()?, level: level.transpose()?, limit })
}

impl Asked {
    fn keeps(&self, record: &Record) -> bool {
        let rank = LEVELS.iter().position(|level| *level == record.level);
        self.level.is_none_or(|least| rank.is_some_and(|rank| rank >= least))
            && self.tests.iter().all(|test| test.passes(record))
            && self.grep.as_ref().is_none_or(|(regex, without)| regex.is_match(&record.text) != *without)
    }

    fn filters(&self) -> bool {
        self.level.is_some() || !self.tests.is_empty() || self.grep.is_some()
    }
}

/// `age_s>60`, `reason=session_expired`, `sku!=VAN-001`, `reason~expired|declined`.
struct FieldTest {
    name: String,
    op: &'static str,
    value: String,
    number: Option<f64>,
    regex: Option<Regex>,
}

impl FieldTest {
    fn read(text: &str) -> Result<FieldTest, Failure> {
        const OPS: [&str; 7] = ["!=", ">=", "<=", "=", ">", "<", "~"];
        let found =
            OPS.iter().filter_map(|op| text.find(op).map(|at| (at, *op))).min_by_key(|(at, op)| (*at, 9 - op.len()));
        let Some((at, op)) = found.filter(|(at, _)| *at > 0) else {
            let hint = Some("for instance 'age_s>60' or reason=session_expired".to_string());
            return Err((format!("--field: {text:?} is not a test"), hint));
        };
        let (name, value) = (text[..at].trim().to_string(), text[at + op.len()..].trim().to_string());
        let number = value.parse::<f64>().ok();
        if matches!(op, ">" | "<" | ">=" | "<=") && number.is_none() {
            return Err((format!("--field: {value:?} is not a number"), None));
        }
        let regex = (op == "~").then(|| Regex::new(&value)).transpose();
        let regex = regex.map_err(|_| (format!("--field: {value:?} is not a regular expression"), None))?;
        Ok(FieldTest { name, op, value, number, regex })
    }

    fn passes(&self, record: &Record) -> bool {
        let Some(value) = field(record, &self.name) else { return self.op == "!=" };
        let compare = |holds: fn(f64, f64) -> bool| {
            value.parse::<f64>().is_ok_and(|value| self.number.is_some_and(|wanted| holds(value, wanted)))
        };
        match self.op {
            "=" => value == self.value,
            "!=" => value != self.value,
            ">" => compare(|a, b| a > b),
            "<" => compare(|a, b| a < b),
            ">=" => compare(|a, b| a >= b),
            "<=" => compare(|a, b| a <= b),
            _ => self.regex.as_ref().is_some_and(|regex| regex.is_match(&value)),
        }
    }
}

/// A field of a record, or one of what every record has.
fn field(record: &Record, name: &str) -> Option<String> {
    record.field(name).map(str::to_string).or_else(|| match name {
        "level" => Some(record.level.to_string()),
        "pod" => Some(record.pod.to_string()),
        "namespace" => Some(record.namespace.to_string()),
        "container" => Some(record.container.to_string()),
        "restart" => Some(record.restart.to_string()),
        "template" => Some(record.template.to_string()),
        _ => None,
    })
}

/// A record as a fact.
pub fn fact(record: &Record) -> Arc<Fact> {
    Arc::new(Fact::Log {
        pod: ObjectId {
            kind: "Pod".into(),
            namespace: record.namespace.to_string(),
            name: record.pod.to_string(),
            uid: String::new(),
        },
        container: record.container.to_string(),
        restart: record.restart,
        at: record.at,
        level: record.level.to_string(),
        template: record.template.to_string(),
        fields: record.fields.iter().map(|(key, value)| (key.to_string(), value.clone())).collect(),
    })
}

fn listing(world: &World, asked: &Asked, records: &[Record]) -> Output {
    let skipped = records.len().saturating_sub(asked.limit);
    let shown = &records[skipped..];
    let widest = shown.iter().map(|record| record.pod.len()).max().unwrap_or(0);
    let other_day = shown.first().is_some_and(|record| record.at.date() != world.now.date());
    let mut lines = Vec::new();
    for record in shown {
        let stamp = if other_day { record.at.rfc3339() } else { record.at.clock() };
        let mut line = Line::plain(format!("{stamp} {:widest$} ", record.pod));
        let message = text::harmless(record.message());
        let level = if record.level.is_empty() { String::new() } else { format!("{} ", record.level) };
        line.push_fact(&format!("{level}{message}"), &fact(record));
        lines.push(line);
    }
    if skipped > 0 {
        lines.push(Line::hint(format!("{skipped} older lines match too; narrow it down, count, or raise --limit")));
    }
    if shown.is_empty() {
        let Search { from, to, .. } = asked.search;
        lines.push(Line::err(format!("logs: no line from {} to {}", from.rfc3339(), to.rfc3339())));
    }
    let from = if skipped > 0 { shown.first().map_or(asked.search.to, |record| record.at) } else { asked.search.from };
    // A filter at the source hides lines, so that what is not there was not looked for.
    let coverage = if asked.filters() { Vec::new() } else { covered(world, &asked.search, from) };
    Output { lines, coverage, code: 0 }
}

/// A container: its namespace, its pod, its name.
type Place = (Arc<str>, Arc<str>, Arc<str>);

/// The containers that a search looked at.
fn covered(world: &World, search: &Search, from: Time) -> Vec<Coverage> {
    let places: BTreeMap<Place, Vocabulary> = logs::searched(world, search)
        .map(|instance| {
            let launch = &instance.launch;
            let place = (Arc::clone(&launch.namespace), Arc::clone(&launch.pod), Arc::clone(&launch.container));
            (place, instance.vocabulary(world.seed))
        })
        .collect();
    let to = search.to.min(world.now - logs::SHIPPING);
    let log = |((namespace, pod, container), words): (Place, Vocabulary)| Coverage::Log {
        namespace: namespace.to_string(),
        pod: pod.to_string(),
        container: container.to_string(),
        restart: None,
        from,
        to,
        words,
    };
    places.into_iter().map(log).collect()
}

/// What was counted, in words, for the fact.
fn words(given: &Given) -> String {
    let flags = given.ordered().map(|(flag, value)| format!("--{}={value}", flag.long));
    given.operands.iter().cloned().chain(flags).collect::<Vec<_>>().join(" ")
}

fn count_by(given: &Given, records: &[Record], name: &str) -> Output {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for record in records {
        *counts.entry(field(record, name).unwrap_or_else(|| "-".into())).or_default() += 1;
    }
    let mut rows: Vec<(String, u64)> = counts.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut lines = vec![Line::plain(format!("  COUNT  {}", name.to_uppercase()))];
    for (value, count) in rows.iter().take(ROWS_MAX) {
        lines.push(counted(given, *count, &text::harmless(value), &format!("{name}={value}")));
    }
    if rows.len() > ROWS_MAX {
        lines.push(Line::hint(format!("{} more values", rows.len() - ROWS_MAX)));
    }
    Output { lines, ..Output::default() }
}

fn count_per(given: &Given, search: &Search, records: &[Record], per: Span) -> Result<Output, Failure> {
    let (first, last) = (search.from.0.div_euclid(per.0), search.to.0.div_euclid(per.0));
    if last - first >= ROWS_MAX as i64 {
        return Err((format!("{} rows are too many", last - first + 1), Some("use a longer span".into())));
    }
    let mut counts: BTreeMap<i64, u64> = (first..=last).map(|slot| (slot, 0)).collect();
    for record in records {
        *counts.entry(record.at.0.div_euclid(per.0)).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or(0).max(1);
    let mut lines = vec![Line::plain("  COUNT  FROM".to_string())];
    for (slot, count) in counts {
        let at = Time(slot * per.0);
        let mut line = counted(given, count, &at.rfc3339(), &format!("from {}", at.rfc3339()));
        line.push(&format!("  {}", "▇".repeat((count * 40).div_ceil(most) as usize)));
        lines.push(line);
    }
    Ok(Output { lines, ..Output::default() })
}

fn counted(given: &Given, count: u64, shown: &str, of: &str) -> Line {
    let of = format!("logs {} {of}", words(given));
    let fact = Arc::new(Fact::Count { tool: "logs".into(), of, value: count as f64 });
    let mut line = Line::default();
    line.push_fact(&format!("{count:7}"), &fact);
    line.push(&format!("  {shown}"));
    line
}
