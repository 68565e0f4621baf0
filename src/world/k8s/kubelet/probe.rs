//! Probes: when they are due, what counts as failure, what the kubelet says about it. Does not restart anything: a
//! sync does, when it finds a failed liveness or startup probe.

use super::pod::{PodKey, PodRun, Role};
use super::{Due, say, schedule};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::{self, Probe, ProbeAnswer};
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Startup,
    Liveness,
    Readiness,
}

impl Which {
    const ALL: [(Which, &'static str); 3] =
        [(Which::Startup, "startupProbe"), (Which::Liveness, "livenessProbe"), (Which::Readiness, "readinessProbe")];

    fn word(self) -> &'static str {
        match self {
            Which::Startup => "Startup",
            Which::Liveness => "Liveness",
            Which::Readiness => "Readiness",
        }
    }
}

/// One probe of one container, through all its restarts (a prober worker).
#[derive(Clone, Debug)]
pub struct ProbeRun {
    pub which: Which,
    pub ask: Probe,
    host: String,
    scheme: String,
    /// The worker's ticks are at `base + k * period`, for as long as the pod lives.
    base: Time,
    period: Span,
    timeout: Span,
    initial_delay: Span,
    failures_max: u32,
    successes_min: u32,
    /// The result in force: started, alive, ready.
    pub good: bool,
    last: bool,
    run: u32,
    /// After a failure that restarts the container, until the next start.
    on_hold: bool,
    token: u64,
}

/// The probes of a container, with worker ticks from `base` on.
pub fn plan(container: &Value, base: Time) -> Vec<ProbeRun> {
    let mut probes = Vec::new();
    for (which, field) in Which::ALL {
        let spec = &container[field];
        let Some(ask) = read(container, spec) else { continue };
        let number = |key: &str, default: i64| spec[key].as_i64().unwrap_or(default).clamp(0, 1_000_000);
        let get = &spec["httpGet"];
        probes.push(ProbeRun {
            which,
            ask,
            host: get["host"].as_str().unwrap_or("").into(),
            scheme: get["scheme"].as_str().unwrap_or("HTTP").to_lowercase(),
            base,
            period: Span::secs(number("periodSeconds", 10).max(1)),
            timeout: Span::secs(number("timeoutSeconds", 1).max(1)),
            initial_delay: Span::secs(number("initialDelaySeconds", 0)),
            failures_max: number("failureThreshold", 3).max(1) as u32,
            successes_min: number("successThreshold", 1).max(1) as u32,
            good: which == Which::Liveness,
            last: which == Which::Liveness,
            run: 0,
            on_hold: false,
            token: 0,
        });
    }
    probes
}

fn read(container: &Value, spec: &Value) -> Option<Probe> {
    let port = |value: &Value| match value {
        Value::String(name) => container["ports"]
            .as_array()
            .and_then(|ports| ports.iter().find(|p| p["name"] == name.as_str())?["containerPort"].as_i64())
            .or_else(|| name.parse().ok())
            .unwrap_or(0),
        number => number.as_i64().unwrap_or(0),
    };
    if let Some(get) = spec.get("httpGet") {
        let path = get["path"].as_str().unwrap_or("/").to_string();
        return Some(Probe::Http { path, port: port(&get["port"]) });
    }
    if let Some(tcp) = spec.get("tcpSocket") {
        return Some(Probe::Tcp { port: port(&tcp["port"]) });
    }
    if let Some(exec) = spec.get("exec") {
        let words = exec["command"].as_array().into_iter().flatten();
        return Some(Probe::Exec { command: words.filter_map(|w| w.as_str().map(str::to_string)).collect() });
    }
    spec.get("grpc").map(|grpc| Probe::Grpc { port: port(&grpc["port"]) })
}

impl ProbeRun {
    fn next_tick(&self, after: Time) -> Time {
        let periods = (after - self.base).0.div_euclid(self.period.0) + 1;
        self.base + Span(self.period.0 * periods)
    }
}

/// A container has started: its probes begin anew, on their old ticks.
pub fn begin(world: &mut World, key: PodKey, container: usize) {
    let now = world.now;
    let mut ticks = Vec::new();
    let Some(run) = super::pod_mut(world, key) else { return };
    for (index, probe) in run.containers[container].probes.iter_mut().enumerate() {
        probe.good = probe.which == Which::Liveness;
        probe.last = probe.good;
        probe.run = 0;
        probe.on_hold = false;
        probe.token += 1;
        ticks.push((probe.next_tick(now), Due::Probe { pod: key, container, probe: index, token: probe.token }));
    }
    for (at, due) in ticks {
        schedule(world, at, due);
    }
}

/// The worker's tick.
pub fn tick(world: &mut World, key: PodKey, container: usize, index: usize, token: u64) {
    let now = world.now;
    let Some(run) = super::pod(world, key) else { return };
    let Some(c) = run.containers.get(container) else { return };
    let Some(probe) = c.probes.get(index).filter(|p| p.token == token) else { return };
    if c.running().is_none() || run.ending != super::pod::Ending::No {
        return;
    }
    // A startup probe has nothing left to do once it has succeeded.
    if probe.which == Which::Startup && probe.good {
        return;
    }
    let next = probe.next_tick(now);
    if let Some(failure) = ask(world, run, container, index) {
        settle(world, key, container, index, failure);
    }
    schedule(world, next, Due::Probe { pod: key, container, probe: index, token });
}

/// Readiness is asked at once whenever the kubelet writes a status in which a started container is not ready.
pub fn hurry(world: &mut World, key: PodKey) {
    let Some(run) = super::pod(world, key) else { return };
    let mut due = Vec::new();
    for (container, c) in run.containers.iter().enumerate().filter(|(_, c)| c.role != Role::Init && c.started()) {
        for (index, probe) in c.probes.iter().enumerate() {
            if probe.which == Which::Readiness && !probe.good {
                due.push((container, index));
            }
        }
    }
    for (container, index) in due {
        let Some(run) = super::pod(world, key) else { return };
        if let Some(failure) = ask(world, run, container, index) {
            settle(world, key, container, index, failure);
        }
    }
}

/// Asks a container, if it is to be asked now, and says what went wrong if anything did. `None`: there is nothing to count,
/// as with most ticks, so they end without a write.
fn ask(world: &World, run: &PodRun, container: usize, index: usize) -> Option<Option<String>> {
    let now = world.now;
    let c = &run.containers[container];
    let probe = &c.probes[index];
    let start = c.running()?;
    let early = now - start.started.unwrap_or(now) < probe.initial_delay;
    let waits_for_startup = probe.which != Which::Startup && !c.started();
    if probe.on_hold || early || waits_for_startup {
        return None;
    }
    let answer = apps::probe(world, start.instance, &probe.ask);
    let ip = run.sandbox.as_ref().map_or("", |s| &*s.ip);
    let failure = judge(probe, ip, &answer);
    let goes_on = failure.is_none() && run.goes_on_well(container, index, now);
    (!goes_on).then_some(failure)
}

/// `None` is a success; else what went wrong, in the prober's words.
fn judge(probe: &ProbeRun, ip: &str, answer: &ProbeAnswer) -> Option<String> {
    let host = if probe.host.is_empty() { ip } else { &probe.host };
    let refused = |port: &i64| format!("dial tcp {host}:{port}: connect: connection refused");
    let url = |path: &str, port: &i64| {
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("Get \"{}://{host}:{port}{slash}{path}\"", probe.scheme)
    };
    let seconds = probe.timeout.as_secs();
    match (answer, &probe.ask) {
        (ProbeAnswer::Refused, Probe::Http { path, port }) => Some(format!("{}: {}", url(path, port), refused(port))),
        (ProbeAnswer::Refused, Probe::Tcp { port }) => Some(refused(port)),
        (ProbeAnswer::Refused, Probe::Grpc { port }) => Some(format!(
            "timeout: failed to connect service \"{host}:{port}\" within {seconds}s: context deadline exceeded"
        )),
        (ProbeAnswer::Refused, Probe::Exec { .. }) => Some(String::new()),
        (ProbeAnswer::Answered { after, .. }, ask) if *after > probe.timeout => Some(match ask {
            Probe::Http { path, port } => {
                format!(
                    "{}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
                    url(path, port)
                )
            }
            Probe::Tcp { port } => format!("dial tcp {host}:{port}: i/o timeout"),
            Probe::Exec { command } => format!("command \"{}\" timed out", command.join(" ")),
            Probe::Grpc { port } => {
                format!("timeout: health rpc did not complete within {seconds}s: service \"{host}:{port}\"")
            }
        }),
        (ProbeAnswer::Answered { status: 200..=399, .. }, _) => None,
        (ProbeAnswer::Answered { status, .. }, Probe::Http { .. }) => {
            Some(format!("HTTP probe failed with statuscode: {status}"))
        }
        (ProbeAnswer::Answered { .. }, Probe::Grpc { .. }) => {
            Some("service unhealthy (responded with \"NOT_SERVING\")".into())
        }
        (ProbeAnswer::Answered { body, .. }, _) => Some(body.to_string()),
    }
}

/// Counts the answer against the thresholds; a result that changes wakes the pod's worker.
fn settle(world: &mut World, key: PodKey, container: usize, index: usize, failure: Option<String>) {
    let now = world.now;
    let Some(run) = super::pod_mut(world, key) else { return };
    run.worker.looked = None;
    let probe = &mut run.containers[container].probes[index];
    let good = failure.is_none();
    if probe.last == good {
        probe.run += 1;
    } else {
        probe.last = good;
        probe.run = 1;
    }
    let enough = probe.run >= if good { probe.successes_min } else { probe.failures_max };
    let which = probe.which;
    let changed = enough && probe.good != good;
    let kills = enough && !good && which != Which::Readiness;
    if enough {
        probe.good = good;
    }
    if kills {
        probe.on_hold = true;
        probe.run = 0;
    }
    if let Some(text) = failure {
        say(world, key, Some(container), true, "Unhealthy", format!("{} probe failed: {text}", which.word()));
    }
    if kills || changed {
        schedule(world, now + Span::millis(2), Due::Wake { pod: key, token: None });
    }
}

impl PodRun {
    /// Whether one more success of a probe changes nothing at all.
    fn goes_on_well(&self, container: usize, index: usize, now: Time) -> bool {
        let probe = self.containers.get(container).and_then(|c| c.probes.get(index));
        let settled = probe.is_some_and(|p| p.last && p.good && p.run >= p.successes_min);
        settled && self.worker.looked != Some(now)
    }

    /// Why a running container must be restarted: a failed liveness or startup probe, or a new image.
    pub fn unhealthy(&self, container: usize) -> Option<super::pod::Killing> {
        let c = &self.containers[container];
        c.running()?;
        if c.changed {
            return Some(super::pod::Killing::Changed);
        }
        c.probes.iter().find(|p| p.on_hold).map(|p| match p.which {
            Which::Startup => super::pod::Killing::Startup,
            _ => super::pod::Killing::Liveness,
        })
    }
}
