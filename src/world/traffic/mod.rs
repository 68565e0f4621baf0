//! Customers: every arrival a pure function of seed, stream and index, listed for any time when asked. Does not keep
//! arrivals, and does not know what programs do with them (see `walk`).

pub mod walk;

use super::World;
use super::apps::instance::Instance;
use super::apps::routing::{self, Landed};
use super::apps::spec::{Detour, StreamSpec};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use walk::{Hop, Journey, journeys};

/// Arrivals are drawn for slots of this length.
const SLOT: Span = Span::secs(10);
/// Baskets are numbered below this, experiments from here on.
const TRIAL_BASKETS: u64 = 9_000_000;
/// Experiments kept; beyond it the oldest are forgotten.
const TRIALS_MAX: usize = 10_000;

/// What was done to the traffic from outside: weather, and people's experiments.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Stream → per mille of its usual rate since a time.
    loads: BTreeMap<String, Vec<(Time, u64)>>,
    trials: Arc<Vec<Arrival>>,
    trial_serial: u64,
}

/// One customer who pays for one basket (or a visitor who only looks, where the stream has no mix).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub stream: Arc<str>,
    pub at: Time,
    /// Everything drawn for it comes from this number.
    pub key: u64,
    pub basket: u64,
    pub sku: Arc<str>,
    pub flavour: Arc<str>,
    /// Since the basket was opened.
    pub age: Span,
    /// Of the age, what was spent in a waiting room.
    pub waited: Span,
    /// Between the reservation and the payment.
    pub gap: Span,
    /// Made by somebody with `shopctl`.
    pub trial: bool,
}

/// Says how busy a stream is from a time on, in thousandths of its usual rate.
pub fn set_load(world: &mut World, stream: &str, per_mille: u64, from: Time) {
    put(world.traffic.loads.entry(stream.to_string()).or_default(), from, per_mille);
}

/// How far a replica is behind.
pub fn lag(world: &World, replica: &str) -> Span {
    world.apps.estate.replicas.get(replica).copied().unwrap_or(Span::ZERO)
}

/// Keeps change points in order, also where one is declared ahead of others; of equal times the later said holds.
fn put<T>(points: &mut Vec<(Time, T)>, at: Time, value: T) {
    let index = points.partition_point(|(since, _)| *since <= at);
    points.insert(index, (at, value));
}

fn since<T: Copy>(points: &[(Time, T)], at: Time) -> Option<T> {
    let index = points.partition_point(|(since, _)| *since <= at);
    index.checked_sub(1).and_then(|i| points.get(i)).map(|(_, value)| *value)
}

/// Mean arrivals in a million slots at a time.
fn mean_at(world: &World, name: &str, stream: &StreamSpec, at: Time) -> u64 {
    // A thousand minutes have 6,000 slots.
    let usual = stream.per_1000_minutes.saturating_mul(1_000_000) / 6_000;
    let hour = at.0.div_euclid(3_600_000).rem_euclid(24) as usize;
    let shape = stream.hours.get(hour).copied().unwrap_or(1_000);
    let load = world.traffic.loads.get(name).and_then(|points| since(points, at)).unwrap_or(1_000);
    (u128::from(usual) * u128::from(shape) * u128::from(load) / 1_000_000) as u64
}

/// How many times as many come in a slot, where many come together now and then.
fn together(stream: &StreamSpec, slot: i64) -> u64 {
    match &stream.api {
        Some(api) if api.pulse > 0 && slot.rem_euclid(api.pulse as i64 * 6) == 0 => api.pulse_times,
        _ => 1,
    }
}

/// Mean arrivals a minute of a stream at a time, in thousandths.
pub fn rate_at(world: &World, name: &str, at: Time) -> u64 {
    let Some(stream) = world.apps.estate.streams.get(name) else { return 0 };
    let mean = mean_at(world, name, stream, at);
    // Where many come together now and then, what that makes over time.
    let often = match &stream.api {
        Some(api) if api.pulse > 0 => mean * (api.pulse * 6 - 1 + api.pulse_times) / (api.pulse * 6),
        _ => mean,
    };
    often * 6 / 1_000
}

/// The arrivals of a stream in `from..=to`, in order. Nobody comes before the entry first had an address.
pub fn arrivals(world: &World, name: &str, from: Time, to: Time) -> Vec<Arrival> {
    let Some(stream) = world.apps.estate.streams.get(name) else { return Vec::new() };
    let points = world.apps.routing.points(&stream.namespace, &stream.service);
    let open = match &stream.api {
        // An account's APIs are there since the world began.
        Some(_) => Some(world.aws.flows.start),
        None => points.iter().find(|(_, backends)| !backends.is_empty()).map(|(at, _)| *at),
    };
    let Some(open) = open else { return Vec::new() };
    let (from, to) = (from.max(open), to.min(world.now));
    let mut out = Vec::new();
    let draw = Draw::new(world, name, stream);
    let first = from.0.div_euclid(SLOT.0);
    for slot in first..=to.0.div_euclid(SLOT.0) {
        let begin = out.len();
        draw.slot(slot, &mut out);
        out[begin..].sort_by_key(|arrival| (arrival.at, arrival.key));
    }
    out.retain(|arrival| from <= arrival.at && arrival.at <= to);
    out
}

/// What is needed to draw a stream's arrivals.
struct Draw<'a> {
    world: &'a World,
    name: Arc<str>,
    spec: &'a StreamSpec,
    id: u64,
    places: u64,
    /// SKUs with their flavours and the running sums of their weights.
    mix: Vec<(Arc<str>, Arc<str>, u64)>,
}

impl<'a> Draw<'a> {
    fn new(world: &'a World, name: &str, spec: &'a StreamSpec) -> Draw<'a> {
        // So many times more places than its mean fills; busier than that it cannot get.
        let together = spec.api.as_ref().map_or(1, |api| api.pulse_times.max(1));
        let places = (spec.per_1000_minutes * spec.headroom.max(1) * together).div_ceil(6_000).max(1);
        let mut sum = 0;
        let mix = spec.mix.iter().map(|(sku, weight)| {
            sum += weight;
            let flavour = world.skus.get(sku).map_or("", |row| row.flavour.as_str());
            (Arc::from(sku.as_str()), Arc::from(flavour), sum)
        });
        let mix = mix.collect();
        Draw { world, name: Arc::from(name), spec, id: dice::hash_name(name), places, mix }
    }

    fn slot(&self, slot: i64, out: &mut Vec<Arrival>) {
        let begin = Time(slot * SLOT.0);
        let mean = mean_at(self.world, &self.name, self.spec, begin) * together(self.spec, slot);
        for place in 0..self.places {
            let index = slot as u64 * self.places + place;
            let key = dice::at(self.world.seed, self.id, index);
            // Thinning: a busier hour keeps the same customers and adds some, so that twins can be compared.
            if key % (self.places * 1_000_000) < mean {
                out.push(self.arrival(begin, index, key));
            }
        }
    }

    fn arrival(&self, begin: Time, index: u64, key: u64) -> Arrival {
        let at = begin + Span((dice::at(key, 1, 0) % SLOT.0 as u64) as i64);
        let total = self.mix.last().map_or(0, |(.., sum)| *sum).max(1);
        let lot = dice::at(key, 2, 0) % total;
        let (sku, flavour) = self
            .mix
            .iter()
            .find(|(.., sum)| lot < *sum)
            .map_or((Arc::from(""), Arc::from("")), |(sku, flavour, _)| (Arc::clone(sku), Arc::clone(flavour)));
        let slow = dice::at(key, 3, 0) % 1_000 < self.spec.slow_per_mille;
        let dwell = drawn(if slow { self.spec.slow } else { self.spec.dwell }, key, 4);
        let waited = self.detour(&self.spec.waits, &sku, at, key, 5).unwrap_or(Span::ZERO);
        // Whoever does not take the express way pays some time after the reservation, but within the dwelling.
        let gap = self.detour(&self.spec.express, &sku, at, key, 6).unwrap_or(Span(dwell.0 / 2));
        let stream = Arc::clone(&self.name);
        Arrival {
            stream,
            at,
            key,
            basket: index % TRIAL_BASKETS,
            sku,
            flavour,
            age: dwell + waited,
            waited,
            gap,
            trial: false,
        }
    }

    fn detour(&self, by_sku: &BTreeMap<String, Detour>, sku: &str, at: Time, key: u64, n: u64) -> Option<Span> {
        let detour = by_sku.get(sku)?;
        self.world.flags.on_at(&detour.flag, at).then(|| drawn(detour.between, key, n))
    }
}

fn drawn((least, most): (Span, Span), key: u64, n: u64) -> Span {
    least + Span((dice::at(key, n, 0) % ((most - least).0.max(0) as u64 + 1)) as i64)
}

/// Experiments in `from..=to`.
pub fn trials(world: &World, from: Time, to: Time) -> impl Iterator<Item = &Arrival> {
    world.traffic.trials.iter().filter(move |trial| from <= trial.at && trial.at <= to)
}

/// Somebody orders one basket of `sku` at `world.now`, `waited` after opening it, on a stream. It is a customer like the
/// others: logs, metrics and ledgers count it.
pub fn order(world: &mut World, stream: &str, sku: &str, waited: Span) -> Option<Journey> {
    let row = world.skus.get(sku)?;
    let (flavour, sku): (Arc<str>, Arc<str>) = (Arc::from(row.flavour.as_str()), Arc::from(sku));
    let serial = world.traffic.trial_serial;
    world.traffic.trial_serial += 1;
    let key = dice::at(world.seed, dice::hash_name("trial"), serial);
    // Filling a basket by hand takes a moment; paying at once comes this soon after the reservation.
    let (open, click) = (Span::millis(900), Span::millis(300));
    let arrival = Arrival {
        stream: Arc::from(stream),
        at: world.now,
        key,
        basket: TRIAL_BASKETS + serial,
        sku,
        flavour,
        age: waited + open,
        waited: Span::ZERO,
        gap: waited + click,
        trial: true,
    };
    let trials = Arc::make_mut(&mut world.traffic.trials);
    if trials.len() >= TRIALS_MAX {
        trials.remove(0);
    }
    trials.push(arrival.clone());
    Some(walk::walk(world, &arrival))
}

/// What a client inside the cluster gets for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    NoName,
    Refused(Span),
    Answered { status: u16, after: Span, body: String },
}

/// Sends one request to a Service at `world.now` without recording it: a probe endpoint or a route of the program.
pub fn ask(world: &World, namespace: &str, service: &str, method: &str, path: &str) -> Asked {
    if !world.apps.routing.known(namespace, service) && service_ip(world, namespace, service).is_none() {
        return Asked::NoName;
    }
    let lot = dice::at(world.seed, dice::hash_name("ask"), world.now.0 as u64);
    let instance = match routing::connect(world, namespace, service, world.now, lot) {
        Landed::Nobody | Landed::Refused => return Asked::Refused(Span::millis(2)),
        Landed::On(instance) => instance,
    };
    answer(world, instance, method, path)
}

fn answer(world: &World, instance: &Arc<Instance>, method: &str, path: &str) -> Asked {
    let Some(app) = instance.app() else {
        return Asked::Answered { status: 200, after: Span::millis(2), body: String::new() };
    };
    let bare = path.split('?').next().unwrap_or(path);
    let port = app.life.listens.first().copied().unwrap_or(0);
    if app.probes.iter().any(|probe| probe.path == bare)
        && let super::apps::ProbeAnswer::Answered { status, after, body } = instance.answer(world, bare, port)
    {
        return Asked::Answered { status, after, body: body.into_owned() };
    }
    let wanted = format!("{method} {bare}");
    match app.routes.values().find(|route| route.request == wanted) {
        Some(route) => {
            let body = format!("{{\"status\":\"ok\",\"route\":\"{}\"}}", route.name);
            Asked::Answered { status: route.status, after: route.takes, body }
        }
        None => Asked::Answered { status: 404, after: Span::millis(1), body: "404 page not found".into() },
    }
}

/// A Service's cluster IP as the API has it.
pub fn service_ip(world: &World, namespace: &str, name: &str) -> Option<String> {
    let service = world.k8s.store.get(super::k8s::kinds::Kind::Service, namespace, name)?;
    service.spec.get("clusterIP").and_then(serde_json::Value::as_str).map(str::to_string)
}

/// The reason phrase of an HTTP status.
pub fn status_text(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        402 => "Payment Required",
        404 => "Not Found",
        409 => "Conflict",
        422 => "Unprocessable Entity",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// CPU of an instance at a time, in thousandths of a core: what it does by itself and for the requests of the last
/// minute.
pub fn cpu_at(world: &World, instance: &Instance, at: Time) -> u64 {
    let Some(app) = instance.app() else { return 1 };
    let since = at - instance.launch.started;
    let warm = app.memory.warm.as_ref().map_or(Span::ZERO, |warm| warm.after + warm.over);
    let own = if since < app.life.start.max(warm) { app.cpu.start.max(app.cpu.base) } else { app.cpu.base };
    let minute = Span::mins(1);
    let work: i64 = journeys(world, at - minute, at)
        .iter()
        .flat_map(|journey| &journey.hops)
        .filter(|hop| hop.instance.id == instance.id)
        .filter_map(|hop| app.routes.get(&*hop.route))
        .map(|route| route.cpu.0)
        .sum();
    let used = own + (work.max(0) as u64) * 1_000 / minute.0 as u64;
    instance.launch.cpu_limit.map_or(used, |limit| used.min(limit))
}
