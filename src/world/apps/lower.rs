//! Reads an estate's app descriptions (already parsed to JSON values) into typed specs, collecting every problem with
//! its path. Does not know files or TOML syntax: the caller maps paths to lines and columns.

use super::spec::*;
use super::work;
use crate::stdx::suggest;
use crate::stdx::time::Span;
use crate::world::aws::prices;
use crate::world::ledger::STAFF;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something wrong with a description: where (keys and indices from the root), what, and perhaps what was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub path: Vec<String>,
    pub say: String,
    pub hint: Option<String>,
}

/// How many times busier than usual a stream can get: where it does not say, and at most.
const HEADROOM: u64 = 8;
const HEADROOM_MAX: u64 = 200;
/// Bytes of a visit that is not described otherwise: a page with its pictures (ours).
const VISIT: u64 = 480_000;
/// Ports, rates and other whole numbers beyond this are mistakes.
const WHOLE_MAX: u64 = 1_000_000_000_000;
/// The longest span a description may state: thirty days.
const SPAN_MAX: Span = Span::hours(24 * 30);

/// Reads a whole `apps.toml`. What could not be read is left out and is a problem.
pub fn estate(value: &Value) -> (Estate, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut estate = Estate::default();
    if let Some(mut root) = Reader::open("estate", Vec::new(), value, &mut problems) {
        root.named("apps", app, |name, mut app| {
            app.name = name.to_string();
            let releases = std::mem::take(&mut app.releases);
            let renamed = |spec: &AppSpec| Arc::new(AppSpec { name: name.to_string(), ..spec.clone() });
            app.releases = releases.into_iter().map(|(tag, spec)| (tag, renamed(&spec))).collect();
            estate.apps.insert(name.to_string(), Arc::new(app));
        });
        root.named("streams", stream, |name, s| drop(estate.streams.insert(name.to_string(), s)));
        root.named(
            "flags",
            |r| FlagSpec { on: r.yes("on"), about: r.text("about") },
            |name, s| {
                estate.flags.insert(name.to_string(), s);
            },
        );
        root.named(
            "skus",
            |r| SkuSpec { flavour: r.text("flavour"), columns: r.named_texts("columns") },
            |name, s| drop(estate.skus.insert(name.to_string(), s)),
        );
        root.named("partners", work::lower::partner, |name, s| drop(estate.partners.insert(name.to_string(), s)));
        root.named("indicators", indicator, |name, s| drop(estate.indicators.insert(name.to_string(), s)));
        for (name, text) in root.named_texts("replicas") {
            match Span::parse(&text) {
                Some(span) => drop(estate.replicas.insert(name, span)),
                None => root.problem("replicas", format!("`{text}` is not a span"), None),
            }
        }
    }
    work::lower::survey(&mut estate, &mut problems);
    cross(&estate, &mut problems);
    (estate, problems)
}

/// What only the whole can tell: names that must exist elsewhere.
fn cross(estate: &Estate, problems: &mut Vec<Problem>) {
    let mut missing = |path: Vec<String>, what: &str, name: &str, known: Vec<&str>| {
        let hint = suggest::nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        problems.push(Problem { path, say: format!("there is no {what} `{name}`"), hint });
    };
    for (name, app) in &estate.apps {
        let at = |rest: &[&str]| ["apps", name.as_str()].iter().chain(rest).map(|s| s.to_string()).collect::<Vec<_>>();
        let lines = || app.lines.keys().map(AsRef::as_ref).collect::<Vec<&str>>();
        for need in &app.needs {
            if !app.lines.contains_key(&need.line) {
                missing(at(&["needs"]), "line", &need.line, lines());
            }
        }
        for (route_name, route) in &app.routes {
            let used = route.line.iter().chain(route.rules.iter().filter_map(|rule| rule.line.as_ref()));
            for line in used.filter(|line| !app.lines.contains_key(*line)) {
                missing(at(&["routes", route_name]), "line", line, lines());
            }
            for rule in &route.rules {
                if let When::ReadsBehind { replica, .. } = &rule.when
                    && !estate.replicas.contains_key(replica)
                {
                    let known = estate.replicas.keys().map(String::as_str).collect();
                    missing(at(&["routes", route_name, "rules"]), "replica", replica, known);
                }
            }
        }
    }
    for (name, stream) in &estate.streams {
        let detours = stream.waits.values().chain(stream.express.values());
        for detour in detours.filter(|detour| !estate.flags.contains_key(&detour.flag)) {
            let known = estate.flags.keys().map(String::as_str).collect();
            missing(vec!["streams".into(), name.clone()], "flag", &detour.flag, known);
        }
        for sku in stream.mix.keys().filter(|sku| !estate.skus.contains_key(*sku)) {
            let known = estate.skus.keys().map(String::as_str).collect();
            missing(vec!["streams".into(), name.clone(), "mix".into(), sku.clone()], "SKU", sku, known);
        }
    }
    for (name, indicator) in &estate.indicators {
        if let IndicatorSpec::Success { stream, .. } = indicator
            && !estate.streams.contains_key(stream)
        {
            let known = estate.streams.keys().map(String::as_str).collect();
            missing(vec!["indicators".into(), name.clone()], "stream", stream, known);
        }
    }
}

fn app(r: &mut Reader) -> AppSpec {
    let mut spec = AppSpec {
        image: r.text("image"),
        life: r.table("life", life).unwrap_or_default(),
        memory: r.table("memory", memory).unwrap_or_default(),
        cpu: r.table("cpu", cpu).unwrap_or_default(),
        needs: r.tables("needs", need),
        probes: r.tables("probes", probe),
        metrics: r.tables("metrics", metric),
        ..AppSpec::default()
    };
    r.named("lines", line, |name, line| drop(spec.lines.insert(Arc::from(name), line)));
    r.named("routes", route, |name, route| {
        spec.routes.insert(name.to_string(), Route { name: Arc::from(name), ..route });
    });
    spec.work = Some(work::lower::work(r)).filter(|work| !work.is_empty()).map(Arc::new);
    spec.needs.retain(|need| !matches!(&need.what, NeedOf::Env(name) if name.is_empty()));
    let mut releases = BTreeMap::new();
    r.named("releases", |r| release(r, &spec), |tag, spec| drop(releases.insert(tag.to_string(), Arc::new(spec))));
    spec.releases = releases;
    spec
}

/// A release is the app with what it does differently.
fn release(r: &mut Reader, base: &AppSpec) -> AppSpec {
    let mut spec = base.clone();
    if let Some(life) = r.table("life", life) {
        spec.life = life;
    }
    if let Some(memory) = r.table("memory", memory) {
        spec.memory = memory;
    }
    if let Some(cpu) = r.table("cpu", cpu) {
        spec.cpu = cpu;
    }
    for need in r.tables("needs", need) {
        spec.needs.retain(|old| old.what != need.what);
        spec.needs.push(need);
    }
    for probe in r.tables("probes", probe) {
        spec.probes.retain(|old| old.path != probe.path);
        spec.probes.push(probe);
    }
    r.named("lines", line, |name, line| drop(spec.lines.insert(Arc::from(name), line)));
    r.named("routes", route, |name, route| {
        spec.routes.insert(name.to_string(), Route { name: Arc::from(name), ..route });
    });
    for (route, effect) in r.tables("effects", work::lower::effect_of).into_iter().flatten() {
        let Some(route) = spec.routes.get_mut(&route) else {
            r.problem("effects", format!("there is no route `{route}`"), None);
            continue;
        };
        match route.effects.iter_mut().find(|old| old.name == effect.name) {
            Some(old) => *old = effect,
            None => route.effects.push(effect),
        }
    }
    let further = work::lower::work(r);
    if !further.is_empty() {
        let mut whole = spec.work.as_deref().cloned().unwrap_or_default();
        whole.consumers.extend(further.consumers);
        whole.dials.extend(further.dials);
        whole.endpoints.extend(further.endpoints);
        whole.subscribes.extend(further.subscribes);
        spec.work = Some(Arc::new(whole));
    }
    spec
}

fn life(r: &mut Reader) -> Life {
    Life {
        start: r.span("start").unwrap_or(Span::secs(1)),
        listens: r.wholes("listens").into_iter().filter_map(|port| i64::try_from(port).ok()).collect(),
        started_line: r.name("started_line"),
        first_line: r.name("first_line"),
        stop_line: r.name("stop_line"),
        stop_code: r.whole("stop_code").map_or(143, |code| code.min(255) as i32),
        stop_after: r.span("stop_after").unwrap_or(Span::millis(200)),
        tick_line: r.name("tick_line"),
        tick_every: r.span("tick_every").unwrap_or(Span::ZERO),
        ends: r.span("ends"),
        acts: acts(r),
    }
}

fn acts(r: &mut Reader) -> Option<Acts> {
    match r.text("acts").as_str() {
        "" => None,
        "scale-down-unlabelled" => Some(Acts::ScaleDownUnlabelled),
        other => {
            r.problem("acts", format!("`{other}` is not one of: scale-down-unlabelled"), None);
            None
        }
    }
}

fn memory(r: &mut Reader) -> Memory {
    Memory {
        base: r.bytes("base"),
        growth_per_hour: r.bytes("growth_per_hour"),
        warm: r.table("warm", |r| Warm {
            after: r.span("after").unwrap_or(Span::ZERO),
            over: r.span("over").unwrap_or(Span::secs(1)),
            to: r.bytes("to"),
            total: r.whole("total").unwrap_or(0),
            every: r.span("every").unwrap_or(Span::secs(1)),
            line: r.name("line"),
            gates_ready: r.yes("gates_ready"),
        }),
    }
}

fn cpu(r: &mut Reader) -> Cpu {
    Cpu {
        base: r.whole("base").unwrap_or(1),
        start: r.whole("start").unwrap_or(0),
        requests_per_minute: r.whole("requests_per_minute").unwrap_or(0),
    }
}

fn need(r: &mut Reader) -> Need {
    let what = match (r.text("env"), r.text("file"), r.service("peer")) {
        (env, file, None) if !env.is_empty() && file.is_empty() => NeedOf::Env(env),
        (env, file, None) if env.is_empty() && !file.is_empty() => NeedOf::File(file),
        (env, file, Some((namespace, name))) if env.is_empty() && file.is_empty() => NeedOf::Peer(namespace, name),
        _ => {
            r.problem("", "a need is exactly one of env, file, peer".into(), None);
            NeedOf::Env(String::new())
        }
    };
    let word = r.text("must");
    let must = match MUSTS.iter().find(|(name, _)| *name == word) {
        Some((_, must)) => *must,
        None if word.is_empty() => Must::NonEmpty,
        None => {
            let hint = suggest::nearest(&word, MUSTS.iter().map(|(name, _)| *name));
            r.problem("must", format!("no check is called `{word}`"), hint.map(|n| format!("did you mean `{n}`?")));
            Must::NonEmpty
        }
    };
    Need {
        what,
        must,
        optional: r.yes("optional"),
        exit: r.whole("exit").map_or(1, |code| code.clamp(1, 255) as i32),
        after: r.span("after").unwrap_or(Span::secs(1)),
        line: r.name("line").unwrap_or_else(|| Arc::from("config")),
    }
}

fn probe(r: &mut Reader) -> ProbeSpec {
    ProbeSpec {
        path: r.text("path"),
        takes: r.span("takes").unwrap_or(Span::millis(2)),
        jitter: r.span("jitter").unwrap_or(Span::ZERO),
        ready: r.yes("ready"),
        peers: r.services("peers"),
    }
}

fn route(r: &mut Reader) -> Route {
    Route {
        name: Arc::from(""),
        request: r.text("request"),
        takes: r.span("takes").unwrap_or(Span::millis(5)),
        jitter: r.span("jitter").unwrap_or(Span::ZERO),
        cpu: r.span("cpu").unwrap_or(Span::millis(2)),
        calls: r.calls("calls"),
        dials: r.name("dials"),
        status: r.whole("status").map_or(200, |s| s.clamp(100, 599) as u16),
        line: r.name("line"),
        rules: r.tables("rules", rule).into_iter().flatten().collect(),
        effects: r.tables("effects", work::lower::effect).into_iter().flatten().collect(),
        work: r.name("work"),
    }
}

fn rule(r: &mut Reader) -> Option<Rule> {
    let word = r.text("when");
    let env = r.text("env");
    let default_s = r.whole("default").unwrap_or(0) as i64;
    let replica = r.text("replica");
    let per_mille = r.whole("per_mille").unwrap_or(0);
    let pass = r.yes("pass");
    let (status, error, reason, line) = (
        r.whole("status").map_or(500, |s| s.clamp(100, 599) as u16),
        r.text("error"),
        r.text("reason"),
        r.name("line"),
    );
    let when = match word.as_str() {
        "call-failed" => When::CallFailed { pass },
        "dial-failed" => When::DialFailed,
        "older-than-env" => When::OlderThanEnv { env, default_s },
        "price-unreadable" => When::PriceUnreadable,
        "reads-behind" => When::ReadsBehind { env, replica },
        "share" => When::Share { per_mille },
        _ => {
            let hint = suggest::nearest(&word, WHENS.iter().copied()).map(|n| format!("did you mean `{n}`?"));
            r.problem("when", format!("no condition is called `{word}`"), hint);
            return None;
        }
    };
    Some(Rule { when, status, error, reason, line })
}

fn line(r: &mut Reader) -> LineSpec {
    const LEVELS: &[&str] = &["", "DEBUG", "ERROR", "FATAL", "INFO", "WARN"];
    let word = r.text("level");
    let level = LEVELS.iter().find(|level| **level == word).copied();
    if level.is_none() {
        r.problem("level", format!("`{word}` is not a level"), Some("DEBUG, INFO, WARN, ERROR, FATAL".into()));
    }
    LineSpec { level: level.unwrap_or(""), texts: r.texts("text") }
}

fn metric(r: &mut Reader) -> MetricSpec {
    MetricSpec {
        name: r.text("name"),
        route: r.text("route"),
        of: r.text("of"),
        field: r.text("field"),
        labels: r.texts("labels"),
        buckets: r.numbers("buckets"),
        about: r.text("about"),
    }
}

fn stream(r: &mut Reader) -> StreamSpec {
    let (namespace, service) = r.service("service").unwrap_or_default();
    let mut spec = StreamSpec {
        namespace,
        service,
        route: r.text("route"),
        per_1000_minutes: r.whole("per_1000_minutes").unwrap_or(0).min(6_000_000),
        bytes: r.whole("bytes").unwrap_or(VISIT).min(1_000_000_000),
        headroom: r.whole("headroom").unwrap_or(HEADROOM).clamp(1, HEADROOM_MAX),
        hours: r.wholes("hours"),
        mix: r.named_wholes("mix"),
        dwell: r.between("dwell"),
        slow_per_mille: r.whole("slow_per_mille").unwrap_or(0),
        slow: r.between("slow"),
        traits: r.named_wholes("traits"),
        staff: r.whole("staff").unwrap_or(STAFF),
        api: api_client(r),
        ..StreamSpec::default()
    };
    if !spec.hours.is_empty() && spec.hours.len() != 24 {
        r.problem("hours", format!("{} numbers instead of 24", spec.hours.len()), None);
        spec.hours.clear();
    }
    r.named("waits", detour, |sku, d| drop(spec.waits.insert(sku.to_string(), d)));
    r.named("express", detour, |sku, d| drop(spec.express.insert(sku.to_string(), d)));
    spec
}

fn api_client(r: &mut Reader) -> Option<Arc<ApiClient>> {
    let client = ApiClient {
        api: r.text("api"),
        stage: r.text("stage"),
        request: r.text("request"),
        retries: r.whole("retries").unwrap_or(0).min(10),
        retry_after: r.span("retry_after").unwrap_or(Span::secs(8)),
        books: r.yes("books"),
        called: Some(r.text("called")).filter(|called| !called.is_empty()),
        pulse: r.whole("pulse_minutes").unwrap_or(0).min(1_440),
        pulse_times: r.whole("pulse_times").unwrap_or(1).clamp(1, 200),
    };
    (!client.api.is_empty()).then(|| Arc::new(client))
}

fn detour(r: &mut Reader) -> Detour {
    Detour { flag: r.text("flag"), between: r.between("between") }
}

fn indicator(r: &mut Reader) -> IndicatorSpec {
    let (is, stream, sku) = (r.text("is"), r.text("stream"), r.text("sku"));
    let over = r.span("over").unwrap_or(Span::mins(1));
    let wanted = r.whole("wanted").unwrap_or(1).max(1);
    let service = r.service("service");
    let (table, lag, of_trait) = (r.text("table"), r.span("lag").unwrap_or(Span::mins(2)), r.text("trait"));
    match (is.as_str(), service) {
        ("success", _) => IndicatorSpec::Success { stream, sku, over },
        ("written" | "once", _) if !table.is_empty() => {
            IndicatorSpec::Written { table, lag, over, of_trait, once: is == "once" }
        }
        ("thrift", _) => thrift(r, over),
        ("right", _) if !table.is_empty() => {
            let traits = r.texts("traits").into_iter().map(Arc::from).collect();
            let surplus_for = r.span("surplus_for").unwrap_or(Span::hours(1));
            IndicatorSpec::Right { table, lag, over, traits, surplus_for }
        }
        ("ready", Some((namespace, service))) => IndicatorSpec::Ready { namespace, service, wanted },
        _ => {
            r.problem(
                "is",
                "an indicator is `success` (of a stream), `ready` (of a service), `written`, `once` or `right` (in a table), or `thrift`"
                    .into(),
                None,
            );
            IndicatorSpec::Ready { namespace: String::new(), service: String::new(), wanted }
        }
    }
}

fn thrift(r: &mut Reader, over: Span) -> IndicatorSpec {
    let allowed = r.named_wholes("daily_cents");
    if allowed.is_empty() {
        r.problem("daily_cents", "`thrift` says what each usage type may cost a day".into(), None);
    }
    let known: Vec<&str> = prices::known().map(|(_, usage_type)| usage_type).collect();
    for name in allowed.keys().filter(|name| !known.contains(&name.as_str())) {
        let hint = suggest::nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        r.problem("daily_cents", format!("the price book has no usage type `{name}`"), hint);
    }
    // A bill knows no parts of hours.
    if over < Span::hours(1) || over.0 % Span::hours(1).0 != 0 {
        r.problem("over", "`thrift` looks back over whole hours, such as \"24h\"".into(), None);
    }
    IndicatorSpec::Thrift { allowed, over }
}

/// One table being read: what is asked of it, and what is wrong with it.
pub(super) struct Reader<'a> {
    table: &'static str,
    path: Vec<String>,
    map: &'a Map<String, Value>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Opens a table and reports every key that its shape does not have.
    pub(super) fn open(
        table: &'static str,
        path: Vec<String>,
        value: &'a Value,
        problems: &'a mut Vec<Problem>,
    ) -> Option<Reader<'a>> {
        let Value::Object(map) = value else {
            problems.push(Problem { path, say: "a table is wanted here".into(), hint: None });
            return None;
        };
        let known: Vec<&str> = KEYS.iter().filter(|key| key.table == table).map(|key| key.key).collect();
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let hint = suggest::nearest(key, known.iter().copied())
                .map(|near| format!("did you mean `{near}`?"))
                .or_else(|| Some(format!("one of: {}", known.join(", "))));
            let path = path.iter().cloned().chain([key.clone()]).collect();
            problems.push(Problem { path, say: format!("unknown key `{key}`"), hint });
        }
        Some(Reader { table, path, map, problems })
    }

    pub(super) fn problem(&mut self, key: &str, say: String, hint: Option<String>) {
        let mut path = self.path.clone();
        if !key.is_empty() {
            path.push(key.to_string());
        }
        self.problems.push(Problem { path, say, hint });
    }

    pub(super) fn get(&self, key: &'static str) -> Option<&'a Value> {
        debug_assert!(KEYS.iter().any(|row| row.table == self.table && row.key == key), "{}.{key}", self.table);
        self.map.get(key)
    }

    pub(super) fn wrong<T>(&mut self, key: &str, wanted: &str) -> Option<T> {
        self.problem(key, format!("`{key}` should be {wanted}"), None);
        None
    }

    pub(super) fn read<T>(&mut self, key: &'static str, wanted: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.get(key)?;
        match read(value) {
            Some(read) => Some(read),
            None => self.wrong(key, wanted),
        }
    }

    pub(super) fn text(&mut self, key: &'static str) -> String {
        self.read(key, "a text", |v| v.as_str().map(str::to_string)).unwrap_or_default()
    }

    pub(super) fn name(&mut self, key: &'static str) -> Option<Arc<str>> {
        self.read(key, "a name", |v| v.as_str().filter(|s| !s.is_empty()).map(Arc::from))
    }

    pub(super) fn yes(&mut self, key: &'static str) -> bool {
        self.read(key, "true or false", Value::as_bool).unwrap_or(false)
    }

    pub(super) fn whole(&mut self, key: &'static str) -> Option<u64> {
        self.read(key, "a whole number, not negative", whole)
    }

    pub(super) fn wholes(&mut self, key: &'static str) -> Vec<u64> {
        self.read(key, "a list of whole numbers", |v| v.as_array()?.iter().map(whole).collect()).unwrap_or_default()
    }

    pub(super) fn numbers(&mut self, key: &'static str) -> Vec<f64> {
        self.read(key, "a list of numbers", |v| v.as_array()?.iter().map(Value::as_f64).collect()).unwrap_or_default()
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Vec<String> {
        self.read(key, "a text or a list of texts", |v| match v {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(list) => list.iter().map(|v| v.as_str().map(str::to_string)).collect(),
            _ => None,
        })
        .unwrap_or_default()
    }

    pub(super) fn span(&mut self, key: &'static str) -> Option<Span> {
        self.read(key, "a span such as \"3s\", at most thirty days", |v| span(v.as_str()?))
    }

    pub(super) fn between(&mut self, key: &'static str) -> (Span, Span) {
        self.read(key, "two spans, the least first", |v| {
            let [low, high] = v.as_array()?.as_slice() else { return None };
            Some((span(low.as_str()?)?, span(high.as_str()?)?)).filter(|(low, high)| low <= high)
        })
        .unwrap_or_default()
    }

    pub(super) fn bytes(&mut self, key: &'static str) -> u64 {
        self.read(key, "bytes such as \"512Mi\"", |v| match v {
            Value::String(text) => bytes(text),
            other => whole(other),
        })
        .unwrap_or(0)
    }

    pub(super) fn service(&mut self, key: &'static str) -> Option<(String, String)> {
        self.read(key, "\"namespace/service\"", |v| service(v.as_str()?))
    }

    pub(super) fn services(&mut self, key: &'static str) -> Vec<(String, String)> {
        self.read(key, "a list of \"namespace/service\"", |v| {
            v.as_array()?.iter().map(|v| service(v.as_str()?)).collect()
        })
        .unwrap_or_default()
    }

    pub(super) fn calls(&mut self, key: &'static str) -> Vec<Call> {
        self.read(key, "a list of \"namespace/service route\"", |v| {
            let one = |text: &str| {
                let (target, route) = text.split_once(' ')?;
                let (namespace, name) = service(target)?;
                Some(Call { namespace, service: name, route: route.trim().to_string() })
            };
            v.as_array()?.iter().map(|v| one(v.as_str()?)).collect()
        })
        .unwrap_or_default()
    }

    pub(super) fn named_texts(&mut self, key: &'static str) -> BTreeMap<String, String> {
        self.read(key, "a table of texts", |v| {
            v.as_object()?.iter().map(|(k, v)| Some((k.clone(), v.as_str()?.to_string()))).collect()
        })
        .unwrap_or_default()
    }

    pub(super) fn named_sets(&mut self, key: &'static str) -> BTreeMap<String, BTreeMap<String, String>> {
        self.read(key, "a table of tables of texts", |v| {
            let set = |v: &Value| -> Option<BTreeMap<String, String>> {
                v.as_object()?.iter().map(|(k, v)| Some((k.clone(), v.as_str()?.to_string()))).collect()
            };
            v.as_object()?.iter().map(|(k, v)| Some((k.clone(), set(v)?))).collect()
        })
        .unwrap_or_default()
    }

    pub(super) fn named_wholes(&mut self, key: &'static str) -> BTreeMap<String, u64> {
        self.read(key, "a table of whole numbers", |v| {
            v.as_object()?.iter().map(|(k, v)| Some((k.clone(), whole(v)?))).collect()
        })
        .unwrap_or_default()
    }

    pub(super) fn named_spans(&mut self, key: &'static str) -> BTreeMap<String, Span> {
        self.read(key, "a table of spans", |v| {
            v.as_object()?.iter().map(|(k, v)| Some((k.clone(), span(v.as_str()?)?))).collect()
        })
        .unwrap_or_default()
    }

    /// The shape of a table key, as `KEYS` says.
    pub(super) fn shape(&self, key: &str) -> &'static str {
        KEYS.iter().find(|row| row.table == self.table && row.key == key).map_or("", |row| match row.is {
            Is::Table(shape) | Is::Tables(shape) | Is::Named(shape) => shape,
            _ => "",
        })
    }

    pub(super) fn table<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Reader) -> T) -> Option<T> {
        let value = self.get(key)?;
        let path = self.path.iter().cloned().chain([key.to_string()]).collect();
        let shape = self.shape(key);
        Reader::open(shape, path, value, self.problems).map(|mut reader| read(&mut reader))
    }

    pub(super) fn tables<T>(&mut self, key: &'static str, read: impl Fn(&mut Reader) -> T) -> Vec<T> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Value::Array(list) = value else {
            self.problem(key, format!("`{key}` should be a list of tables"), None);
            return Vec::new();
        };
        let shape = self.shape(key);
        let mut out = Vec::new();
        for (index, value) in list.iter().enumerate() {
            let path = self.path.iter().cloned().chain([key.to_string(), index.to_string()]).collect();
            out.extend(Reader::open(shape, path, value, self.problems).map(|mut reader| read(&mut reader)));
        }
        out
    }

    pub(super) fn named<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&mut Reader) -> T,
        mut keep: impl FnMut(&str, T),
    ) {
        let Some(value) = self.get(key) else { return };
        let Value::Object(map) = value else {
            self.problem(key, format!("`{key}` should be a table of tables"), None);
            return;
        };
        let shape = self.shape(key);
        for (name, value) in map {
            let path = self.path.iter().cloned().chain([key.to_string(), name.clone()]).collect();
            if let Some(mut reader) = Reader::open(shape, path, value, self.problems) {
                keep(name, read(&mut reader));
            }
        }
    }
}

fn whole(value: &Value) -> Option<u64> {
    value.as_u64().filter(|n| *n <= WHOLE_MAX)
}

fn span(text: &str) -> Option<Span> {
    Span::parse(text).filter(|span| *span >= Span::ZERO && *span <= SPAN_MAX)
}

fn service(text: &str) -> Option<(String, String)> {
    let (namespace, name) = text.split_once('/')?;
    if namespace.is_empty() || name.is_empty() || name.contains('/') {
        return None;
    }
    Some((namespace.to_string(), name.to_string()))
}

/// `512Mi`, `1Gi`, `64Ki`, or plain bytes.
fn bytes(text: &str) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit {
        "" => 1,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor).filter(|n| *n <= 1 << 50)
}
