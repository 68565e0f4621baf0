//! The way of one arrival through the programs: a pure function of what stood at its time. Logs, metrics and ledgers all
//! read these ways, so that two routes to one number agree. Does not keep anything.

use super::Arrival;
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::dial::call::{self, Called};
use crate::world::apps::instance::{Fields, Instance};
use crate::world::apps::life;
use crate::world::apps::routing::{self, Landed};
use crate::world::apps::spec::{Call, Route, Rule, When};
use crate::world::aws::apigateway;
use std::sync::Arc;

/// Calls deeper than this are not made: a ring of services ends.
const DEPTH_MAX: u64 = 8;
/// No request takes longer than this, so that a window needs to look back only so far.
pub const TOOK_MAX: Span = Span::secs(60);

/// One request as one program handled it.
#[derive(Clone, Debug)]
pub struct Hop {
    pub instance: Arc<Instance>,
    pub route: Arc<str>,
    /// When it was answered.
    pub at: Time,
    pub took: Span,
    pub status: u16,
    /// Which rule decided, if one did.
    pub rule: Option<usize>,
    /// What the caller was told.
    pub error: Arc<str>,
    /// What its call to a third party came to, if it made one.
    pub dialled: Option<Arc<Called>>,
}

/// An arrival and everything that was asked for it, the callee before the caller.
#[derive(Clone, Debug)]
pub struct Journey {
    pub arrival: Arrival,
    pub hops: Vec<Hop>,
    /// As the edge answered.
    pub status: u16,
    pub error: Arc<str>,
    /// The innermost reason, as logs have it; empty for a success.
    pub reason: String,
    pub took: Span,
}

impl Journey {
    pub fn ended(&self) -> Time {
        self.arrival.at + self.took
    }

    pub fn ok(&self) -> bool {
        self.status < 400
    }

    /// `ok`, or why not.
    pub fn outcome(&self) -> &str {
        if self.reason.is_empty() { "ok" } else { &self.reason }
    }
}

struct Answer {
    status: u16,
    error: Arc<str>,
    took: Span,
    reason: String,
}

/// All ways that were answered in `from..=to`, of all streams, in the order of their ends.
pub fn journeys(world: &World, from: Time, to: Time) -> Vec<Journey> {
    let names: Vec<&String> = world.apps.estate.streams.keys().collect();
    let mut out: Vec<Journey> = Vec::new();
    for name in names.into_iter().filter(|name| !by_api(world, name)) {
        out.extend(super::arrivals(world, name, from - TOOK_MAX, to).iter().map(|arrival| walk(world, arrival)));
    }
    let trials = super::trials(world, from - TOOK_MAX, to).filter(|trial| !by_api(world, &trial.stream));
    out.extend(trials.map(|arrival| walk(world, arrival)));
    out.extend(apigateway::visits(world, from, to).map(visited));
    out.retain(|journey| from <= journey.ended() && journey.ended() <= to);
    out.sort_by_key(|journey| (journey.ended(), journey.arrival.key));
    out
}

fn by_api(world: &World, stream: &str) -> bool {
    world.apps.estate.streams.get(stream).is_some_and(|stream| stream.api.is_some())
}

/// A request to an API of the account, as the account answered it: each attempt is a way of its own.
fn visited(visit: &apigateway::Visit) -> Journey {
    let nobody: Arc<str> = Arc::from("");
    let arrival = Arrival {
        stream: Arc::clone(&visit.stream),
        at: visit.at,
        key: dice::at(visit.key, 35, u64::from(visit.nth)),
        basket: visit.key % 9_000_000,
        sku: Arc::clone(&nobody),
        flavour: Arc::clone(&nobody),
        age: Span::ZERO,
        waited: Span::ZERO,
        gap: Span::ZERO,
        trial: false,
    };
    let status = visit.status;
    let reason = if status < 400 { String::new() } else { format!("status_{status}") };
    Journey { arrival, hops: Vec::new(), status, error: Arc::from(visit.message()), reason, took: visit.took }
}

/// The way of one arrival.
pub fn walk(world: &World, arrival: &Arrival) -> Journey {
    let mut hops = Vec::new();
    let Some(stream) = world.apps.estate.streams.get(&*arrival.stream) else {
        let error = Arc::from("no_stream");
        return Journey { arrival: arrival.clone(), hops, status: 404, error, reason: String::new(), took: Span::ZERO };
    };
    let answer = match shed(world, arrival) {
        Some(answer) => answer,
        None => ask(world, arrival, &stream.namespace, &stream.service, &stream.route, arrival.at, 0, &mut hops),
    };
    Journey {
        arrival: arrival.clone(),
        hops,
        status: answer.status,
        error: answer.error,
        reason: answer.reason,
        took: answer.took.min(TOOK_MAX),
    }
}

fn plain(status: u16, error: &str, took: Span) -> Answer {
    Answer { status, error: Arc::from(error), took, reason: error.to_string() }
}

/// The edge turns away what the ready instances of the entry cannot serve.
fn shed(world: &World, arrival: &Arrival) -> Option<Answer> {
    let stream = world.apps.estate.streams.get(&*arrival.stream)?;
    let backends = world.apps.routing.at(&stream.namespace, &stream.service, arrival.at);
    let (pod, _) = backends.first()?;
    let each = world.apps.of_pod(pod).find_map(|instance| instance.app())?.cpu.requests_per_minute;
    if each == 0 {
        return None;
    }
    let entry = |spec: &crate::world::apps::spec::StreamSpec| {
        spec.namespace == stream.namespace && spec.service == stream.service
    };
    let streams = world.apps.estate.streams.iter().filter(|(_, spec)| entry(spec));
    let asked: u64 = streams.map(|(name, _)| super::rate_at(world, name, arrival.at)).sum();
    let served = each * backends.len() as u64 * 1_000;
    let refused = asked.saturating_sub(served);
    let lot = dice::at(arrival.key, 7, 0) % asked.max(1);
    (lot < refused).then(|| plain(503, "overloaded", Span::millis(4)))
}

#[expect(clippy::too_many_arguments, reason = "a request is a target, a time and a place in the chain")]
fn ask(
    world: &World,
    arrival: &Arrival,
    namespace: &str,
    service: &str,
    route: &str,
    at: Time,
    depth: u64,
    hops: &mut Vec<Hop>,
) -> Answer {
    if depth >= DEPTH_MAX {
        return plain(508, "loop", Span::ZERO);
    }
    let lot = dice::at(arrival.key, dice::hash_name(service), depth);
    let instance = match routing::connect(world, namespace, service, at, lot) {
        Landed::Nobody => return plain(503, "no_backend", Span::millis(2)),
        Landed::Refused => return plain(502, "connection_refused", Span::millis(3)),
        Landed::On(instance) => instance,
    };
    let Some(app) = instance.app() else { return plain(404, "not_found", Span::millis(2)) };
    let Some(route) = app.routes.get(route) else { return plain(404, "not_found", Span::millis(1)) };
    let mut took = route.takes + Span((dice::at(lot, 1, 0) % (route.jitter.0.max(0) as u64 + 1)) as i64);
    let mut dialled = None;
    let (rule, inner) = decide(world, arrival, instance, route, at, depth, (&mut took, &mut dialled), hops);
    let decided = rule.and_then(|index| route.rules.get(index));
    let (status, error, reason) = outcome(route, decided, inner);
    hops.push(Hop {
        instance: Arc::clone(instance),
        route: Arc::clone(&route.name),
        at: at + took,
        took,
        status,
        rule,
        error: Arc::clone(&error),
        dialled,
    });
    Answer { status, error, took, reason }
}

/// What a request comes to: by the rule that held, by a failed call without a rule, or a success.
fn outcome(route: &Route, rule: Option<&Rule>, inner: Option<Answer>) -> (u16, Arc<str>, String) {
    match (rule, inner) {
        (Some(Rule { when: When::CallFailed { pass: true }, .. }), Some(inner)) => {
            (inner.status, inner.error, inner.reason)
        }
        (Some(rule @ Rule { when: When::CallFailed { .. }, .. }), Some(inner)) => {
            (rule.status, Arc::from(rule.error.as_str()), inner.reason)
        }
        (Some(rule), _) => (rule.status, Arc::from(rule.error.as_str()), rule.reason.clone()),
        (None, Some(inner)) => (502, Arc::from("upstream_failed"), inner.reason),
        (None, None) => (route.status, Arc::from(""), String::new()),
    }
}

/// Goes through a route's rules and calls: rules before `call-failed` decide before any call is made.
#[expect(clippy::too_many_arguments, reason = "one request's whole situation")]
fn decide(
    world: &World,
    arrival: &Arrival,
    instance: &Arc<Instance>,
    route: &Route,
    at: Time,
    depth: u64,
    (took, dialled): (&mut Span, &mut Option<Arc<Called>>),
    hops: &mut Vec<Hop>,
) -> (Option<usize>, Option<Answer>) {
    let call_rule = route.rules.iter().position(|rule| matches!(rule.when, When::CallFailed { .. }));
    let split = call_rule.unwrap_or(route.rules.len());
    let held = |range: std::ops::Range<usize>| {
        range
            .into_iter()
            .find(|index| route.rules.get(*index).is_some_and(|rule| holds(world, arrival, instance, *index, rule)))
    };
    if let Some(index) = held(0..split) {
        return (Some(index), None);
    }
    for Call { namespace, service, route: name } in &route.calls {
        let answer = ask(world, arrival, namespace, service, name, at + *took, depth + 1, hops);
        *took = *took + answer.took;
        if answer.status >= 400 {
            return (call_rule, Some(answer));
        }
    }
    if let Some(called) = dial(world, arrival, instance, route, at + *took) {
        *took = *took + called.took;
        let failed = !called.ok();
        *dialled = Some(Arc::new(called));
        if failed {
            let rule = route.rules.iter().position(|rule| matches!(rule.when, When::DialFailed));
            return (rule, rule.is_none().then(|| plain(502, "partner_failed", Span::ZERO)));
        }
    }
    (held(split..route.rules.len()), None)
}

/// The route's call to a third party, if the program makes one.
fn dial(world: &World, arrival: &Arrival, instance: &Instance, route: &Route, at: Time) -> Option<Called> {
    let name = route.dials.as_ref()?;
    let dial = instance.app()?.work.as_ref()?.dials.get(name)?;
    let lot = dice::at(arrival.key, 33, dice::hash_name(name));
    call::calls(world, instance, dial, at).then(|| call::make(world, instance, dial, at, lot))
}

/// Whether a typed condition holds for an arrival in one instance.
fn holds(world: &World, arrival: &Arrival, instance: &Instance, index: usize, rule: &Rule) -> bool {
    match &rule.when {
        When::OlderThanEnv { env, default_s } => arrival.age > Span::secs(env_number(instance, env, *default_s)),
        When::ReadsBehind { env, replica } => {
            let reads_there = instance.launch.env.get(env).is_some_and(|value| value.trim() == "true");
            reads_there && arrival.gap < super::lag(world, replica)
        }
        When::PriceUnreadable => price(world, arrival).is_some_and(|price| !life::is_number(price)),
        When::Share { per_mille } => dice::at(arrival.key, 8, index as u64) % 1_000 < *per_mille,
        When::CallFailed { .. } | When::DialFailed => false,
    }
}

fn price<'a>(world: &'a World, arrival: &Arrival) -> Option<&'a str> {
    world.skus.get(&arrival.sku)?.column_at("price", arrival.at)
}

/// A number from an instance's environment, or the program's default where it cannot be read.
fn env_number(instance: &Instance, name: &str, default: i64) -> i64 {
    instance.launch.env.get(name).and_then(|value| value.trim().parse().ok()).unwrap_or(default)
}

/// What a hop can say of itself, for its log line and for its metrics.
pub fn fields(world: &World, journey: &Journey, hop: &Hop) -> Fields {
    let arrival = &journey.arrival;
    let route = hop.instance.app().and_then(|app| app.routes.get(&*hop.route));
    let rule = route.and_then(|route| route.rules.get(hop.rule?));
    let reason = match rule {
        None => String::new(),
        Some(rule) if matches!(rule.when, When::CallFailed { .. }) && rule.reason.is_empty() => journey.reason.clone(),
        Some(rule) => rule.reason.clone(),
    };
    let (method, path) = route.and_then(|route| route.request.split_once(' ')).unwrap_or(("", ""));
    // A program counts what it knows, under the name its log has for it: what broke further in is not its to name.
    let outcome = match () {
        () if hop.status < 400 => "ok".to_string(),
        () if reason.is_empty() => journey.outcome().to_string(),
        () => reason.clone(),
    };
    let mut pairs: Vec<(&str, String)> = vec![
        ("age_s", arrival.age.as_secs().to_string()),
        ("basket", arrival.basket.to_string()),
        ("error", hop.error.to_string()),
        ("flavour", arrival.flavour.to_string()),
        ("gap_ms", arrival.gap.0.to_string()),
        ("method", method.to_string()),
        ("outcome", outcome),
        ("path", path.to_string()),
        ("reason", reason),
        ("route", hop.route.to_string()),
        ("sku", arrival.sku.to_string()),
        ("status", hop.status.to_string()),
        ("took_ms", hop.took.0.to_string()),
        ("waited_s", arrival.waited.as_secs().to_string()),
    ];
    match rule.map(|rule| &rule.when) {
        Some(When::OlderThanEnv { env, default_s }) => {
            pairs.push(("ttl_s", env_number(&hop.instance, env, *default_s).to_string()));
        }
        Some(When::ReadsBehind { replica, .. }) => {
            pairs.push(("lag_ms", super::lag(world, replica).0.to_string()));
            pairs.push(("replica", replica.clone()));
        }
        Some(When::PriceUnreadable) => {
            let price = price(world, arrival).unwrap_or("");
            pairs.push(("price", format!("\"{}\"", price.escape_default())));
        }
        _ => {}
    }
    if let Some(called) = &hop.dialled {
        pairs.push(("attempt", called.attempts.to_string()));
        pairs.push(("attempts", called.of.to_string()));
        pairs.push(("err", called.error.to_string()));
        pairs.push(("partner_ms", called.took.0.to_string()));
    }
    pairs.into_iter().map(|(key, value)| (Arc::from(key), value)).collect()
}
