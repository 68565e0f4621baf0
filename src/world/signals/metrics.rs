//! Metric series on demand, from the same arrivals, instances and change points as the logs, so that both agree to the
//! last request. Does not know PromQL (see the `prom` program), nor does it scrape: a value is as of its time.

use super::gauges::Labels;
use super::thrift;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::dial::gate::Table;
use crate::world::apps::dial::{self, STEP};
use crate::world::apps::instance::Instance;
use crate::world::apps::spec::{AppSpec, IndicatorSpec, MetricSpec};
use crate::world::apps::work::doing;
use crate::world::k8s::kinds::Kind;
use crate::world::ledger::Order;
use crate::world::traffic::{self, Hop, Journey, walk};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Series one question may give; the first by labels are kept.
pub const SERIES_MAX: usize = 5_000;

/// One series: what it is called, and everything needed to say its value at a time within the asked window.
#[derive(Clone, Debug)]
pub struct Series {
    pub name: String,
    pub labels: Labels,
    points: Points,
}

/// What was added when, in order.
type Amounts = Vec<(Time, f64)>;

#[derive(Clone, Debug)]
enum Points {
    /// A counter: amounts added, and the processes that counted (each starts at nothing). No process: the edge, which
    /// never restarts.
    Added { events: Amounts, lives: Vec<Arc<Instance>> },
    /// A value since each time.
    Steps(Steps),
    /// Working set of whichever process runs.
    Memory(Vec<Arc<Instance>>),
    /// CPU seconds used: what the process does by itself, and requests.
    Cpu { events: Amounts, lives: Vec<Arc<Instance>> },
    /// Share of successes in the span before.
    Ratio { events: Vec<(Time, bool)>, over: Span },
    /// Share of the orders placed from `lag + over` to `lag` before that are in a table.
    Written { orders: Vec<Placed>, lag: Span, over: Span, once: bool },
    /// Share of those orders that wait for nothing, less one for each of the `surplus` rows of the last `surplus_for`.
    Right { orders: Vec<Placed>, surplus: Vec<Time>, lag: Span, over: Span, surplus_for: Span },
}

/// An order: when it was placed, when it had all its rows, and when it had one too many.
type Placed = (Time, Option<Time>, Option<Time>);

/// A value since each time.
pub type Steps = Vec<(Time, Option<f64>)>;

/// What has to be known of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Counters as they stand: counted since the process's start.
    Standing,
    /// Only what is added within the window.
    Added,
}

/// A question for series.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    pub name: &'a str,
    /// Exact label values that narrow the work; the asker filters the rest.
    pub exact: &'a Labels,
    pub from: Time,
    pub to: Time,
    pub need: Need,
}

/// The metrics that every estate has: name and what it says. Sorted.
pub static BUILT_IN: &[(&str, &str)] = &[
    ("container_cpu_usage_seconds_total", "CPU seconds a container has used"),
    ("container_memory_working_set_bytes", "memory in use by a container"),
    ("container_spec_memory_limit_bytes", "memory limit of a container"),
    ("edge_request_duration_seconds", "histogram of how long customers waited for an answer, by stream"),
    ("edge_requests_total", "requests of customers as the edge answered them, by stream and code"),
    ("feature_flag_enabled", "1 while a flag is on"),
    ("http_request_duration_seconds", "histogram of the time programs took for requests"),
    ("http_requests_total", "requests that programs answered, by route and code"),
    ("kube_endpoint_address_available", "ready addresses of a Service"),
    ("kube_pod_container_status_restarts_total", "restarts of a container"),
    ("replica_lag_seconds", "how far a database replica is behind"),
    ("up", "1 while a container's program runs"),
];

/// What programs with clients of third parties count, and what the machines they run on say. Sorted.
static OUTBOUND: &[(&str, &str)] = &[
    ("node_nf_conntrack_entries", "connections in a machine's table"),
    ("node_nf_conntrack_entries_limit", "connections that a machine's table has room for"),
    ("outbound_attempts_total", "attempts at calls to third parties, by outcome"),
    ("outbound_calls_total", "calls to third parties"),
    ("outbound_connections_idle", "connections to third parties that are open and do nothing"),
];

/// Upper bounds of the request durations, in seconds.
const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Every metric's name and what it says, sorted; histograms are named without their endings.
pub fn names(world: &World) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> =
        BUILT_IN.iter().map(|(name, about)| (name.to_string(), about.to_string())).collect();
    for app in world.apps.estate.apps.values() {
        names.extend(app.metrics.iter().map(|metric| (metric.name.clone(), metric.about.clone())));
    }
    if !world.apps.dialling.members.is_empty() {
        names.extend(OUTBOUND.iter().map(|(name, about)| (name.to_string(), about.to_string())));
    }
    for (name, indicator) in &world.apps.estate.indicators {
        let about = match indicator {
            IndicatorSpec::Success { stream, sku, .. } if sku.is_empty() => format!("share of {stream} that succeed"),
            IndicatorSpec::Success { stream, sku, .. } => format!("share of {stream} of {sku} that succeed"),
            IndicatorSpec::Ready { service, wanted, .. } => {
                format!("ready addresses of {service} among {wanted} wanted")
            }
            IndicatorSpec::Written { table, of_trait, once, .. } => {
                let orders = if of_trait.is_empty() { "orders".to_string() } else { format!("{of_trait} orders") };
                format!("share of {orders} with {} in {table}", if *once { "exactly one row" } else { "a row" })
            }
            IndicatorSpec::Thrift { over, .. } => {
                format!("share of the spend of the last {} that was allowed for", over.human())
            }
            IndicatorSpec::Right { table, traits, .. } if traits.is_empty() => {
                format!("share of orders with a row in {table}, less rows too many")
            }
            IndicatorSpec::Right { table, traits, .. } => {
                format!("share of orders with {} that have a row in {table}, less rows too many", traits.join(" or "))
            }
        };
        names.insert(name.clone(), about);
    }
    for name in world.signals.gauges.names() {
        names.entry(name.to_string()).or_insert_with(|| "reported by the control plane".into());
    }
    names
}

/// Histograms are asked for by these endings.
pub const ENDINGS: &[&str] = &["_bucket", "_count", "_sum"];

/// The series of a name, sorted by labels.
pub fn select(world: &World, query: &Query) -> Vec<Series> {
    let to = query.to.min(world.now);
    let query = &Query { to, ..query.clone() };
    let mut out = match query.name {
        "container_cpu_usage_seconds_total" => containers(world, query, cpu(world, query)),
        "container_memory_working_set_bytes" => containers(world, query, |_, lives| Points::Memory(lives)),
        "container_spec_memory_limit_bytes" => containers(world, query, |_, lives| {
            steps_of(&lives, |instance| instance.launch.memory_limit.map(|bytes| bytes as f64))
        }),
        "feature_flag_enabled" => flags(world),
        "kube_endpoint_address_available" => endpoints(world),
        "kube_pod_container_status_restarts_total" => restarts(world, query),
        "replica_lag_seconds" => lags(world),
        "node_nf_conntrack_entries" | "node_nf_conntrack_entries_limit" => tables(world, query),
        "outbound_attempts_total" | "outbound_calls_total" | "outbound_connections_idle" => outbound(world, query),
        "up" => containers(world, query, |_, lives| steps_of(&lives, |_| Some(1.0))),
        name => {
            let mut found = requests(world, query);
            found.extend(world.signals.gauges.of(name).map(|(labels, steps)| Series {
                name: name.to_string(),
                labels: labels.clone(),
                points: Points::Steps(steps.to_vec()),
            }));
            if let Some(indicator) = world.apps.estate.indicators.get(name) {
                found.push(indicated(world, name, indicator, query));
            }
            found
        }
    };
    out.retain(|series| query.exact.iter().all(|(key, value)| series.labels.get(key) == Some(value)));
    out.sort_by(|a, b| a.labels.cmp(&b.labels));
    out.truncate(SERIES_MAX);
    out
}

/// One indicator's value at a time: a thin door for whoever measures harm.
pub fn indicator_at(world: &World, name: &str, at: Time) -> Option<f64> {
    let exact = Labels::new();
    let query = Query { name, exact: &exact, from: at, to: at, need: Need::Standing };
    select(world, &query).first()?.at(at)
}

/// The values of an indicator at rising times.
pub fn indicator_through(world: &World, name: &str, times: &[Time]) -> Vec<Option<f64>> {
    let (Some(from), Some(to)) = (times.first(), times.last()) else { return Vec::new() };
    let exact = Labels::new();
    let query = Query { name, exact: &exact, from: *from, to: *to, need: Need::Standing };
    let series = select(world, &query).into_iter().next();
    times.iter().map(|at| series.as_ref()?.at(*at)).collect()
}

/// A share of what was looked at; of nothing there is none.
fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

impl Series {
    /// The value at a time; `None` where the series does not exist.
    pub fn at(&self, at: Time) -> Option<f64> {
        match &self.points {
            Points::Steps(steps) => {
                let index = steps.partition_point(|(since, _)| *since <= at);
                index.checked_sub(1).and_then(|i| steps.get(i)).and_then(|(_, value)| *value)
            }
            Points::Memory(lives) => lives.iter().find(|life| life.runs_at(at)).map(|life| life.memory_at(at) as f64),
            Points::Added { events, lives } if lives.is_empty() => Some(sum(events, Time(i64::MIN), at)),
            Points::Added { events, lives } => {
                let life = lives.iter().find(|life| life.runs_at(at))?;
                Some(sum(events, life.launch.started, at))
            }
            Points::Cpu { events, lives } => {
                let life = lives.iter().find(|life| life.runs_at(at))?;
                Some(own_cpu(life, at) + sum(events, life.launch.started, at))
            }
            Points::Ratio { events, over } => {
                let begin = events.partition_point(|(ended, _)| *ended <= at - *over);
                let end = events.partition_point(|(ended, _)| *ended <= at);
                let window = events.get(begin..end)?;
                let good = window.iter().filter(|(_, ok)| *ok).count();
                share(good, window.len())
            }
            Points::Written { orders, lag, over, once } => {
                let begin = orders.partition_point(|(placed, ..)| *placed <= at - *lag - *over);
                let end = orders.partition_point(|(placed, ..)| *placed <= at - *lag);
                let window = orders.get(begin..end)?;
                let by_then = |time: &Option<Time>| time.is_some_and(|time| time <= at);
                let good = |(_, full, surplus): &&Placed| by_then(full) && !(*once && by_then(surplus));
                share(window.iter().filter(good).count(), window.len())
            }
            Points::Right { orders, surplus, lag, over, surplus_for } => {
                let begin = orders.partition_point(|(placed, ..)| *placed <= at - *lag - *over);
                let end = orders.partition_point(|(placed, ..)| *placed <= at - *lag);
                let window = orders.get(begin..end)?;
                let missing = window.iter().filter(|(_, full, _)| full.is_none_or(|full| full > at)).count();
                let since = surplus.partition_point(|time| *time <= at - *surplus_for);
                let doubled = surplus.partition_point(|time| *time <= at).saturating_sub(since);
                let right = window.len().saturating_sub(missing + doubled);
                share(right, window.len())
            }
        }
    }

    /// What a counter gained in `(from, to]`, restarts included; for a gauge the difference of its ends.
    pub fn increase(&self, from: Time, to: Time) -> Option<f64> {
        match &self.points {
            Points::Added { events, .. } => self.lives_in(from, to).then(|| sum(events, from, to)),
            Points::Cpu { events, lives } => {
                let own: f64 = lives.iter().map(|life| own_cpu(life, to) - own_cpu(life, from)).sum();
                self.lives_in(from, to).then(|| own + sum(events, from, to))
            }
            Points::Steps(_) if self.name.ends_with("_total") => {
                let first = self.at(from).or_else(|| self.at(to).map(|_| 0.0))?;
                Some((self.at(to)? - first).max(0.0))
            }
            _ => Some(self.at(to)? - self.at(from)?),
        }
    }

    /// Whether any of its processes ran in a window (the edge always does).
    fn lives_in(&self, from: Time, to: Time) -> bool {
        match &self.points {
            Points::Added { lives, .. } | Points::Cpu { lives, .. } => {
                let overlaps =
                    |life: &Arc<Instance>| life.launch.started <= to && life.ends().is_none_or(|end| from <= end);
                lives.is_empty() || lives.iter().any(overlaps)
            }
            _ => true,
        }
    }
}

/// What was added in `(from, to]`; events are in order.
fn sum(events: &[(Time, f64)], from: Time, to: Time) -> f64 {
    let begin = events.partition_point(|(at, _)| *at <= from);
    let end = events.partition_point(|(at, _)| *at <= to);
    events.get(begin..end).map_or(0.0, |window| window.iter().map(|(_, amount)| amount).sum())
}

/// CPU seconds that a process has used by itself at a time.
fn own_cpu(life: &Instance, at: Time) -> f64 {
    let end = life.ends().map_or(at, |end| end.min(at));
    let since = (end - life.launch.started).0.max(0);
    let Some(app) = life.app() else { return since as f64 / 1_000_000.0 };
    let warm = app.memory.warm.as_ref().map_or(Span::ZERO, |warm| warm.after + warm.over);
    let busy = since.min(app.life.start.max(warm).0);
    (busy as f64 * app.cpu.start.max(app.cpu.base) as f64 + (since - busy) as f64 * app.cpu.base as f64) / 1_000_000.0
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

fn place(instance: &Instance) -> Labels {
    let launch = &instance.launch;
    labels(&[
        ("app", instance.app_name()),
        ("container", &launch.container),
        ("namespace", &launch.namespace),
        ("pod", &launch.pod),
    ])
}

/// Whether a window touches a process's life, and the exact labels allow it.
fn wanted(query: &Query, instance: &Instance) -> bool {
    let launch = &instance.launch;
    let fits = |key: &str, value: &str| query.exact.get(key).is_none_or(|wanted| wanted == value);
    launch.started <= query.to
        && instance.ends().is_none_or(|end| query.from <= end)
        && fits("namespace", &launch.namespace)
        && fits("pod", &launch.pod)
        && fits("container", &launch.container)
        && fits("app", instance.app_name())
}

/// One series a container, over all its starts within the window.
fn containers(world: &World, query: &Query, points: impl Fn(&Labels, Vec<Arc<Instance>>) -> Points) -> Vec<Series> {
    let mut by: BTreeMap<Labels, Vec<Arc<Instance>>> = BTreeMap::new();
    for instance in world.apps.instances().filter(|instance| wanted(query, instance)) {
        by.entry(place(instance)).or_default().push(Arc::clone(instance));
    }
    by.into_iter()
        .map(|(labels, lives)| {
            let points = points(&labels, lives);
            Series { name: query.name.to_string(), labels, points }
        })
        .collect()
}

fn steps_of(lives: &[Arc<Instance>], value: impl Fn(&Instance) -> Option<f64>) -> Points {
    let mut steps = Vec::new();
    for life in lives {
        steps.push((life.launch.started, value(life)));
        steps.extend(life.ends().map(|end| (end, None)));
    }
    Points::Steps(steps)
}

/// A pod's restarts stand while the pod is there, also between its container's starts.
fn restarts(world: &World, query: &Query) -> Vec<Series> {
    let all = Query { from: Time(i64::MIN / 2), ..query.clone() };
    containers(world, &all, |_, lives| {
        let count = |life: &Arc<Instance>| (life.launch.started, Some(f64::from(life.launch.restart)));
        let mut steps: Vec<(Time, Option<f64>)> = lives.iter().map(count).collect();
        let last = lives.last().filter(|life| {
            let launch = &life.launch;
            let pod = world.k8s.store.get(Kind::Pod, &launch.namespace, &launch.pod);
            pod.is_none_or(|pod| pod.meta.uid != *launch.pod_uid)
        });
        steps.extend(last.and_then(|life| life.ends()).map(|end| (end, None)));
        Points::Steps(steps)
    })
}

fn cpu<'a>(world: &'a World, query: &'a Query) -> impl Fn(&Labels, Vec<Arc<Instance>>) -> Points + 'a {
    let mut spent: BTreeMap<(Arc<str>, Arc<str>), Amounts> = BTreeMap::new();
    visit(world, query, |_, hop| {
        let cost = hop.instance.app().and_then(|app| app.routes.get(&*hop.route)).map_or(0, |route| route.cpu.0);
        let launch = &hop.instance.launch;
        let key = (Arc::clone(&launch.namespace), Arc::clone(&launch.pod));
        spent.entry(key).or_default().push((hop.at, cost as f64 / 1_000.0));
    });
    move |labels, lives| {
        let key = |name: &str| Arc::from(labels.get(name).map_or("", String::as_str));
        let mut events = spent.get(&(key("namespace"), key("pod"))).cloned().unwrap_or_default();
        events.sort_by_key(|(at, _)| *at);
        Points::Cpu { events, lives }
    }
}

fn flags(world: &World) -> Vec<Series> {
    let steps = |history: &[(Time, bool, String)]| {
        Points::Steps(history.iter().map(|(at, on, _)| (*at, Some(f64::from(u8::from(*on))))).collect())
    };
    let series = |(name, flag): (&String, &crate::world::flags::Flag)| Series {
        name: "feature_flag_enabled".into(),
        labels: labels(&[("flag", name)]),
        points: steps(&flag.history),
    };
    world.flags.all().map(series).collect()
}

fn endpoints(world: &World) -> Vec<Series> {
    let routing = &world.apps.routing;
    let series = |(namespace, service): (&str, &str)| {
        let points = routing.points(namespace, service);
        Series {
            name: "kube_endpoint_address_available".into(),
            labels: labels(&[("endpoint", service), ("namespace", namespace)]),
            points: Points::Steps(points.iter().map(|(at, backs)| (*at, Some(backs.len() as f64))).collect()),
        }
    };
    routing.services().map(series).collect()
}

/// The tables of machines whose programs call third parties.
fn tables(world: &World, query: &Query) -> Vec<Series> {
    let series = |(node, table): (&Arc<str>, &Table)| {
        let first = table.steps.since(|step| step.at < query.from - STEP - STEP);
        let points = match query.name {
            "node_nf_conntrack_entries" => {
                table.steps.starting(first).map(|(_, step)| (step.at, Some(step.open.div_ceil(1_000) as f64))).collect()
            }
            _ => vec![(Time(i64::MIN), Some((table.room / 1_000) as f64))],
        };
        Series { name: query.name.to_string(), labels: labels(&[("node", node)]), points: Points::Steps(points) }
    };
    world.apps.dialling.tables.iter().map(series).collect()
}

/// What programs count of their clients, in steps of ten seconds.
fn outbound(world: &World, query: &Query) -> Vec<Series> {
    let mut out = Vec::new();
    for ((id, dial), member) in &world.apps.dialling.members {
        let Some(instance) = world.apps.instance(*id).filter(|instance| wanted(query, instance)) else { continue };
        let mut labels = place(instance);
        labels.extend([("client".into(), dial.to_string()), ("partner".into(), member.partner.to_string())]);
        let since = if query.need == Need::Added { query.from - STEP } else { instance.launch.started };
        let first = member.counted.since(|counted| counted.at < since);
        let counted: Vec<&dial::Counted> = member.counted.starting(first).map(|(_, counted)| counted).collect();
        let mut add = |outcome: &str, of: &dyn Fn(&dial::Counted) -> u64| {
            let mut labels = labels.clone();
            if !outcome.is_empty() {
                labels.insert("outcome".into(), outcome.into());
            }
            // A step's calls are counted when it is over.
            let event = |counted: &&dial::Counted| (counted.at + STEP, (of(counted) / 1_000) as f64);
            let events = counted.iter().map(event).take_while(|(at, _)| *at <= query.to).collect();
            let points = Points::Added { events, lives: vec![Arc::clone(instance)] };
            out.push(Series { name: query.name.to_string(), labels, points });
        };
        match query.name {
            "outbound_calls_total" => add("", &|counted| counted.calls),
            "outbound_attempts_total" => {
                add("failed", &|counted| counted.failed);
                add("ok", &|counted| counted.tried - counted.failed);
            }
            _ => {
                let points = counted.iter().map(|counted| (counted.at, Some((counted.open / 1_000) as f64))).collect();
                out.push(Series { name: query.name.to_string(), labels, points: Points::Steps(points) });
            }
        }
    }
    out
}

fn lags(world: &World) -> Vec<Series> {
    let always = |name: &String| {
        let lag = traffic::lag(world, name);
        Points::Steps(vec![(Time(i64::MIN), Some(lag.0 as f64 / 1_000.0))])
    };
    let series = |name: &String| Series {
        name: "replica_lag_seconds".into(),
        labels: labels(&[("replica", name)]),
        points: always(name),
    };
    world.apps.estate.replicas.keys().map(series).collect()
}

fn indicated(world: &World, name: &str, indicator: &IndicatorSpec, query: &Query) -> Series {
    let (labels, points) = match indicator {
        IndicatorSpec::Success { stream, sku, over } => {
            let events = traffic::journeys(world, query.from - *over, query.to)
                .into_iter()
                .filter(|journey| *journey.arrival.stream == **stream)
                .filter(|journey| sku.is_empty() || *journey.arrival.sku == **sku)
                .map(|journey| (journey.ended(), journey.ok()))
                .collect();
            let mut labels = labels(&[("stream", stream)]);
            if !sku.is_empty() {
                labels.insert("sku".into(), sku.clone());
            }
            (labels, Points::Ratio { events, over: *over })
        }
        IndicatorSpec::Ready { namespace, service, wanted } => {
            let ratio = |ready: usize| (ready as f64 / *wanted as f64).min(1.0);
            let points = world.apps.routing.points(namespace, service);
            let steps = points.iter().map(|(at, backends)| (*at, Some(ratio(backends.len())))).collect();
            (labels(&[("namespace", namespace), ("service", service)]), Points::Steps(steps))
        }
        IndicatorSpec::Written { table, lag, over, of_trait, once } => {
            let orders = world.ledger.orders(query.from - *lag - *over, query.to - *lag);
            let meant = orders.filter(|order| of_trait.is_empty() || world.ledger.has_trait(order, of_trait));
            let orders = meant.map(|order| {
                let slot = world.ledger.slot(table, order.number);
                (order.at, slot.full, slot.surplus)
            });
            let mut labels = labels(&[("table", table)]);
            if !of_trait.is_empty() {
                labels.insert("trait".into(), of_trait.clone());
            }
            (labels, Points::Written { orders: orders.collect(), lag: *lag, over: *over, once: *once })
        }
        IndicatorSpec::Thrift { allowed, over } => {
            let account = labels(&[("account", &world.aws.id)]);
            (account, Points::Steps(thrift::steps(world, allowed, *over, query.from, query.to)))
        }
        IndicatorSpec::Right { table, lag, over, traits, surplus_for } => {
            let meant =
                |order: &Order| traits.is_empty() || traits.iter().any(|one| world.ledger.has_trait(order, one));
            let orders = world.ledger.orders(query.from - *lag - *over, query.to - *lag).filter(|order| meant(order));
            let orders = orders.map(|order| {
                let slot = world.ledger.slot(table, order.number);
                (order.at, slot.full, slot.surplus)
            });
            let rows = world.ledger.rows(table, query.from - *surplus_for, query.to).map(|(_, row)| row);
            let surplus = rows.filter(|row| {
                let known = world.ledger.order(row.order).is_some_and(meant);
                let full = world.ledger.slot(table, row.order).full;
                known && full.is_some_and(|full| full < row.at) && !world.ledger.held(table, row.at)
            });
            let (orders, surplus) = (orders.collect(), surplus.map(|row| row.at).collect());
            let points = Points::Right { orders, surplus, lag: *lag, over: *over, surplus_for: *surplus_for };
            (labels(&[("table", table)]), points)
        }
    };
    Series { name: name.to_string(), labels, points }
}

/// Shows every hop that was answered while its process ran, within the window that the question needs.
fn visit(world: &World, query: &Query, mut see: impl FnMut(&Journey, &Hop)) {
    for journey in traffic::journeys(world, since(world, query), query.to + walk::TOOK_MAX) {
        for hop in &journey.hops {
            if hop.at <= query.to && hop.instance.runs_at(hop.at) {
                see(&journey, hop);
            }
        }
    }
}

/// How far back counters have to be counted.
fn since(world: &World, query: &Query) -> Time {
    match query.need {
        Need::Added => query.from,
        Need::Standing => world
            .apps
            .instances()
            .filter(|instance| {
                wanted(query, instance)
                    && instance.app().is_some_and(|app| !app.routes.is_empty() || app.work.is_some())
            })
            .map(|instance| instance.launch.started)
            .min()
            .map_or(query.from, |first| first.min(query.from)),
    }
}

/// A histogram's name without its ending, and the ending.
pub fn ending(name: &str) -> (&str, &'static str) {
    ENDINGS.iter().find_map(|end| name.strip_suffix(end).map(|base| (base, *end))).unwrap_or((name, ""))
}

/// Series fed by requests: the programs' own and those that every program and the edge have.
fn requests(world: &World, query: &Query) -> Vec<Series> {
    let (base, end) = ending(query.name);
    let mut gathered = Gathered { end, ..Gathered::default() };
    match (base, end) {
        ("http_requests_total", _) if end.is_empty() => visit(world, query, |_, hop| {
            let mut labels = place(&hop.instance);
            labels.insert("route".into(), hop.route.to_string());
            labels.insert("code".into(), hop.status.to_string());
            gathered.add(labels, hop.at, 1.0, Some(&hop.instance));
        }),
        ("http_request_duration_seconds", "_bucket" | "_count" | "_sum") => visit(world, query, |_, hop| {
            let mut labels = place(&hop.instance);
            labels.insert("route".into(), hop.route.to_string());
            gathered.observe(labels, hop.at, hop.took.0 as f64 / 1_000.0, SECONDS, Some(&hop.instance));
        }),
        ("edge_requests_total", "") | ("edge_request_duration_seconds", "_bucket" | "_count" | "_sum") => {
            let from = if query.need == Need::Added { query.from } else { since(world, query) };
            for journey in traffic::journeys(world, from, query.to) {
                let mut labels = labels(&[("stream", &journey.arrival.stream)]);
                if end.is_empty() {
                    labels.insert("code".into(), journey.status.to_string());
                    gathered.add(labels, journey.ended(), 1.0, None);
                } else {
                    gathered.observe(labels, journey.ended(), journey.took.0 as f64 / 1_000.0, SECONDS, None);
                }
            }
        }
        _ => own(world, query, base, &mut gathered),
    }
    gathered.series(query.name)
}

/// A metric of the programs' own.
fn own(world: &World, query: &Query, base: &str, gathered: &mut Gathered) {
    let fits = |metric: &MetricSpec| {
        if metric.buckets.is_empty() {
            metric.name == query.name
        } else {
            metric.name == base && !gathered.end.is_empty()
        }
    };
    if !world.apps.estate.apps.values().any(|app| app.metrics.iter().any(fits)) {
        return;
    }
    let end = gathered.end;
    let fits = |metric: &&MetricSpec| {
        if metric.buckets.is_empty() { metric.name == query.name } else { metric.name == base && !end.is_empty() }
    };
    doings(world, query, fits, gathered);
    let of_requests = |app: &Arc<AppSpec>| app.metrics.iter().filter(&fits).any(|metric| metric.of.is_empty());
    if !world.apps.estate.apps.values().any(of_requests) {
        return;
    }
    visit(world, query, |journey, hop| {
        let Some(app) = hop.instance.app() else { return };
        for metric in app.metrics.iter().filter(&fits).filter(|metric| *metric.route == *hop.route) {
            let fields = walk::fields(world, journey, hop);
            let value = |name: &str| fields.iter().find(|(key, _)| **key == *name).map(|(_, value)| value.as_str());
            let mut labels = place(&hop.instance);
            labels.extend(metric.labels.iter().map(|name| (name.clone(), value(name).unwrap_or("").to_string())));
            let amount = value(&metric.field).and_then(|text| text.parse::<f64>().ok());
            if metric.buckets.is_empty() {
                gathered.add(labels, hop.at, amount.unwrap_or(1.0), Some(&hop.instance));
            } else if let Some(amount) = amount {
                gathered.observe(labels, hop.at, amount, &metric.buckets, Some(&hop.instance));
            }
        }
    });
}

/// What the programs' doings feed: effects and consumers.
fn doings(world: &World, query: &Query, fits: impl Fn(&&MetricSpec) -> bool, gathered: &mut Gathered) {
    let fed = |app: &Arc<AppSpec>| app.metrics.iter().filter(&fits).any(|metric| !metric.of.is_empty());
    if !world.apps.estate.apps.values().any(fed) {
        return;
    }
    for doing in doing::between(world, since(world, query), query.to) {
        let Some(instance) = world.apps.instance(doing.instance) else { continue };
        let Some(app) = instance.app() else { continue };
        for metric in app.metrics.iter().filter(&fits).filter(|metric| *metric.of == *doing.name) {
            let mut labels = place(instance);
            let label = |name: &String| (name.clone(), doing.field(world, name).unwrap_or_default());
            labels.extend(metric.labels.iter().map(label));
            let amount = doing.field(world, &metric.field).and_then(|text| text.parse::<f64>().ok());
            if metric.buckets.is_empty() {
                gathered.add(labels, doing.at, amount.unwrap_or(1.0), Some(instance));
            } else if let Some(amount) = amount {
                gathered.observe(labels, doing.at, amount, &metric.buckets, Some(instance));
            }
        }
    }
}

/// Amounts, and the processes that counted them by their ids.
type Counted = (Amounts, BTreeMap<u64, Arc<Instance>>);

/// Counted amounts by labels.
#[derive(Default)]
struct Gathered {
    end: &'static str,
    by: BTreeMap<Labels, Counted>,
}

impl Gathered {
    fn add(&mut self, labels: Labels, at: Time, amount: f64, by: Option<&Arc<Instance>>) {
        let (events, lives) = self.by.entry(labels).or_default();
        if amount != 0.0 {
            events.push((at, amount));
        }
        if let Some(instance) = by {
            lives.entry(instance.id.0).or_insert_with(|| Arc::clone(instance));
        }
    }

    fn observe(&mut self, mut labels: Labels, at: Time, value: f64, bounds: &[f64], by: Option<&Arc<Instance>>) {
        match self.end {
            "_sum" => self.add(labels, at, value, by),
            "_count" => self.add(labels, at, 1.0, by),
            _ => {
                for bound in bounds {
                    labels.insert("le".into(), bound.to_string());
                    self.add(labels.clone(), at, if value <= *bound { 1.0 } else { 0.0 }, by);
                }
                labels.insert("le".into(), "+Inf".into());
                self.add(labels, at, 1.0, by);
            }
        }
    }

    fn series(self, name: &str) -> Vec<Series> {
        let one = |(labels, (mut events, lives)): (Labels, Counted)| {
            events.sort_by_key(|(at, _)| *at);
            let lives = lives.into_values().collect();
            Series { name: name.to_string(), labels, points: Points::Added { events, lives } }
        };
        self.by.into_iter().map(one).collect()
    }
}
