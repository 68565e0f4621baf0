//! One start of one container: what it was started with, how far it is, what it wrote about its own life. Does not know
//! requests, nor why it was stopped.

use super::life::{self, Plan};
use super::shell::{self, Script};
use super::spec::{AppSpec, LineSpec};
use super::{InstanceId, Launch, ProbeAnswer, work};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::aws::message::Principal;
use crate::world::signals::{Record, Vocabulary};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A process, running or ended. Shared between clones of the world.
#[derive(Clone, Debug)]
pub struct Instance {
    pub id: InstanceId,
    pub launch: Launch,
    pub program: Program,
    pub plan: Plan,
    /// When SIGTERM arrived.
    pub term: Option<Time>,
    pub stopped: Option<Time>,
    /// Mounted files as they read since a time.
    pub refreshed: Vec<(Time, Arc<BTreeMap<String, String>>)>,
    /// What an annotation makes it do, in a world that repeats a recorded run.
    pub scripted: Option<super::scripted::Scripted>,
    /// Who it is for the account.
    pub principal: Arc<Principal>,
}

/// What runs in a container.
#[derive(Clone, Debug)]
pub enum Program {
    /// One of the estate's, in the release its image tag names.
    App(Arc<AppSpec>),
    Script(Box<Script>),
}

/// Named values of a line.
pub type Fields = Vec<(Arc<str>, String)>;

/// At most so many repeated lines of one process are made for one question.
const LINES_MAX: i64 = 200_000;

impl Instance {
    pub(super) fn new(world: &World, id: InstanceId, launch: Launch) -> Instance {
        let spec = match world.apps.app_of_image(&launch.image) {
            // A command of the container's own replaces the image's program.
            Some((app, tag)) if launch.command.is_empty() || !foreign(&launch.command) => {
                Some(Arc::clone(app.release(tag)))
            }
            _ => None,
        };
        let (program, plan) = match spec {
            Some(spec) => {
                let plan = life::plan(world, &spec, &launch);
                (Program::App(spec), plan)
            }
            None => {
                let script = shell::script(&launch);
                let plan = shell::plan(&script);
                (Program::Script(Box::new(script)), plan)
            }
        };
        let mut instance = Instance {
            id,
            launch,
            program,
            plan,
            term: None,
            stopped: None,
            refreshed: Vec::new(),
            scripted: None,
            principal: Arc::default(),
        };
        instance.principal = Arc::new(work::principal_of(world, &instance));
        instance
    }

    /// Lets the pod's annotations say how it ends and answers.
    pub(super) fn script(&mut self) {
        let scripted = super::scripted::read(&self.launch);
        if let Some(scripted) = &scripted {
            self.plan.exit.clone_from(&scripted.exit);
        }
        self.scripted = Some(scripted.unwrap_or_default());
    }

    pub fn app(&self) -> Option<&Arc<AppSpec>> {
        match &self.program {
            Program::App(spec) => Some(spec),
            Program::Script(_) => None,
        }
    }

    /// The name of the app, or the container's.
    pub fn app_name(&self) -> &str {
        self.app().map_or(&self.launch.container, |app| &app.name)
    }

    /// When the process ends or ended, as far as is known now.
    pub fn ends(&self) -> Option<Time> {
        let planned = self.plan.exit.as_ref().map(|exit| self.launch.started + exit.after);
        match (self.stopped, planned) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    pub fn runs_at(&self, at: Time) -> bool {
        self.launch.started <= at && self.ends().is_none_or(|end| at < end)
    }

    /// Whether a connection to `port` is accepted. A described program listens on its ports only; a container whose
    /// program is unknown accepts what it is asked for (its image is not ours to know).
    pub fn listens(&self, port: i64, at: Time) -> bool {
        let ports = match &self.program {
            Program::App(spec) => &spec.life.listens,
            Program::Script(script) => &script.listens,
        };
        ports.contains(&port) && self.runs_at(at) && self.plan.up.is_some_and(|up| self.launch.started + up <= at)
    }

    /// Exit code and time on SIGTERM.
    pub(super) fn stop(&self) -> (i32, Span) {
        if self.scripted.is_some() {
            return (0, Span::ZERO);
        }
        match &self.program {
            Program::App(spec) => (spec.life.stop_code, spec.life.stop_after),
            Program::Script(script) if script.deaf => (137, Span::hours(24)),
            Program::Script(script) if !script.listens.is_empty() => (0, Span::millis(150)),
            Program::Script(_) => (143, Span::millis(20)),
        }
    }

    /// The mounted files as they read at a time.
    pub fn files_at(&self, at: Time) -> &BTreeMap<String, String> {
        let seen = self.refreshed.iter().rev().find(|(since, _)| *since <= at);
        seen.map_or(&self.launch.files, |(_, files)| files)
    }

    /// Working set in bytes.
    pub fn memory_at(&self, at: Time) -> u64 {
        let since = at - self.launch.started;
        match &self.program {
            Program::App(spec) => {
                let bytes = life::memory(&spec.memory, spec.life.start, since);
                // What a cgroup reports wavers a little with the page cache.
                let waver = dice::at(self.id.0, 0x006d_656d, (at.0 / 15_000) as u64) % (bytes / 64).max(1);
                self.launch.memory_limit.map_or(bytes + waver, |limit| (bytes + waver).min(limit))
            }
            Program::Script(_) => 6 << 20,
        }
    }

    /// The answer of an HTTP endpoint to a probe at `world.now`.
    pub fn answer(&self, world: &World, path: &str, port: i64) -> ProbeAnswer {
        let now = world.now;
        if !self.listens(port, now) {
            return ProbeAnswer::Refused;
        }
        let answered = |status, after, body: &'static str| ProbeAnswer::Answered { status, after, body: body.into() };
        let Some(spec) = self.app() else {
            let status = if path == "/" || path.is_empty() { 200 } else { 404 };
            return answered(status, Span::millis(2), "");
        };
        let bare = path.split('?').next().unwrap_or(path);
        let Some(endpoint) = spec.probes.iter().find(|endpoint| endpoint.path == bare) else {
            return answered(404, Span::millis(2), "404 page not found");
        };
        let lot = dice::at(world.seed, self.id.0, now.0 as u64);
        let after = endpoint.takes + Span((lot % (endpoint.jitter.0.max(0) as u64 + 1)) as i64);
        let warm = self.plan.ready.is_some_and(|ready| self.launch.started + ready <= now);
        if endpoint.ready && !warm {
            return answered(503, after, "warming up");
        }
        let missing = endpoint.peers.iter().find(|(ns, name)| world.apps.routing.at(ns, name, now).is_empty());
        match missing {
            Some((namespace, name)) => {
                ProbeAnswer::Answered { status: 503, after, body: format!("{name}.{namespace} unreachable").into() }
            }
            None => answered(200, after, "ok"),
        }
    }

    /// A record of this process.
    pub fn record(&self, at: Time, level: &'static str, template: &Arc<str>, message: &str, fields: Fields) -> Record {
        let stamped = self.app().is_some();
        let text = match (stamped, level) {
            (false, _) => message.to_string(),
            (true, "") => format!("{} {message}", at.rfc3339_millis()),
            (true, level) => format!("{} {level} {message}", at.rfc3339_millis()),
        };
        let launch = &self.launch;
        Record {
            at,
            namespace: Arc::clone(&launch.namespace),
            pod: Arc::clone(&launch.pod),
            container: Arc::clone(&launch.container),
            restart: launch.restart,
            level,
            template: Arc::clone(template),
            text,
            fields,
        }
    }

    /// A record made from one of the program's lines; `None` if it has no such line.
    pub fn say(&self, seed: u64, at: Time, name: &Arc<str>, fields: Fields) -> Option<Record> {
        let line = self.app()?.lines.get(name)?;
        let wording = wording(seed, name, line);
        let message = fill(wording, &fields);
        // A record says what its text shows, no more.
        let fields = fields.into_iter().filter(|(key, _)| wording.contains(&format!("{{{key}}}"))).collect();
        Some(self.record(at, line.level, name, &message, fields))
    }

    /// The words of each of the program's lines, before values are put in.
    pub fn vocabulary(&self, seed: u64) -> Vocabulary {
        let lines = self.app().into_iter().flat_map(|app| &app.lines);
        let words = |(name, line): (&Arc<str>, &LineSpec)| {
            (name.to_string(), format!("{} {}", line.level, wording(seed, name, line)).trim_start().to_string())
        };
        Arc::new(lines.map(words).collect())
    }

    /// What the process wrote about its own life in `from..=to`, in order.
    pub fn life_lines(&self, seed: u64, from: Time, to: Time) -> Vec<Record> {
        let to = self.ends().map_or(to, |end| to.min(end));
        let mut out = match &self.program {
            Program::App(spec) => self.app_lines(spec, seed, from, to),
            Program::Script(script) => self.script_lines(script, from, to),
        };
        out.retain(|record| from <= record.at && record.at <= to);
        out.sort_by_key(|record| record.at);
        out
    }

    fn app_lines(&self, spec: &AppSpec, seed: u64, from: Time, to: Time) -> Vec<Record> {
        let started = self.launch.started;
        let mut out = Vec::new();
        let mut say = |at: Time, name: &Option<Arc<str>>, fields: Fields| {
            out.extend(name.as_ref().and_then(|name| self.say(seed, at, name, fields)));
        };
        say(started + Span::millis(120), &spec.life.first_line, self.about());
        if let Some(up) = self.plan.up {
            say(started + up, &spec.life.started_line, self.about());
        }
        if let Some(term) = self.term {
            say(term, &spec.life.stop_line, Fields::new());
        }
        if let (Some((line, fields)), Some(exit)) = (&self.plan.dying, &self.plan.exit) {
            say(started + exit.after - Span::millis(3), &Some(Arc::clone(line)), fields.clone());
        }
        let tick = spec.life.tick_every;
        if tick > Span::ZERO && spec.life.tick_line.is_some() {
            let first = ((from - started).0.div_euclid(tick.0)).max(1);
            for n in (first..=(to - started).0.div_euclid(tick.0)).take(LINES_MAX as usize) {
                let uptime = vec![(Arc::from("uptime_s"), (tick.0 * n / 1_000).to_string())];
                say(started + Span(tick.0 * n), &spec.life.tick_line, uptime);
            }
        }
        out.extend(self.warm_lines(spec, seed));
        out
    }

    /// Progress of the cache, and where the kernel cuts it off.
    fn warm_lines(&self, spec: &AppSpec, seed: u64) -> Vec<Record> {
        let Some(warm) = &spec.memory.warm else { return Vec::new() };
        let Some(name) = &warm.line else { return Vec::new() };
        let every = warm.every.0.max(50);
        let steps = (warm.over.0 / every).clamp(1, 10_000);
        let end = self.ends();
        let killed = self.plan.exit.as_ref().is_some_and(|exit| exit.reason == "OOMKilled");
        let mut out = Vec::new();
        for step in 1..=steps {
            let at = self.launch.started + warm.after + Span(every * step);
            let done = (u128::from(warm.total) * step as u128 / steps as u128).to_string();
            let fields = vec![(Arc::from("done"), done), (Arc::from("total"), warm.total.to_string())];
            if end.is_some_and(|end| at > end) {
                // Standard output is a buffered pipe: the line being written when the kernel killed it stays a part.
                if killed && end == self.planned_end() {
                    out.extend(end.and_then(|end| self.say(seed, end, name, fields)).map(cut));
                }
                break;
            }
            out.extend(self.say(seed, at, name, fields));
        }
        out
    }

    fn planned_end(&self) -> Option<Time> {
        self.plan.exit.as_ref().map(|exit| self.launch.started + exit.after)
    }

    /// What a program tells about itself when it starts.
    fn about(&self) -> Fields {
        let tag = self.launch.image.rsplit_once(':').map_or("latest", |(_, tag)| tag);
        let port = self.app().and_then(|app| app.life.listens.first()).map_or(String::new(), i64::to_string);
        let pairs = [("version", tag.to_string()), ("port", port), ("node", self.launch.node.to_string())];
        pairs.into_iter().map(|(key, value)| (Arc::from(key), value)).collect()
    }

    fn script_lines(&self, script: &Script, from: Time, to: Time) -> Vec<Record> {
        let started = self.launch.started;
        let plain: Arc<str> = Arc::from("output");
        let line = |at: Time, text: &str| self.record(at, "", &plain, text, Fields::new());
        let mut out: Vec<Record> = script.printed.iter().map(|(at, text)| line(started + *at, text)).collect();
        if let Some((begins, turn, lines)) = &script.turning {
            let first = ((from - started - *begins).0.div_euclid(turn.0)).max(0);
            let last = (to - started - *begins).0.div_euclid(turn.0);
            for n in first.max(last - LINES_MAX)..=last {
                let base = started + *begins + Span(turn.0 * n);
                out.extend(lines.iter().map(|(at, text)| line(base + *at, text)));
            }
        }
        out
    }
}

/// A command that is not the image's own program.
fn foreign(command: &[String]) -> bool {
    command.first().is_some_and(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        matches!(name, "sh" | "bash" | "ash" | "sleep" | "tail" | "echo" | "true" | "false" | "cat")
    })
}

/// The wording that this estate uses for a line.
pub fn wording<'a>(seed: u64, name: &str, line: &'a LineSpec) -> &'a str {
    let lot = dice::at(seed, dice::hash_name("wording"), dice::hash_name(name));
    line.texts.get((lot % line.texts.len().max(1) as u64) as usize).map_or("", String::as_str)
}

/// Puts values into `{names}`; a name without a value stays as it is.
pub fn fill(template: &str, fields: &[(Arc<str>, String)]) -> String {
    fill_from(template, |name| fields.iter().find(|(key, _)| **key == *name).map(|(_, value)| value.as_str().into()))
}

/// The same with values that are made when they are asked for.
pub fn fill_from<'v>(template: &str, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let tail = &rest[open + 1..];
        let filled = tail.find('}').and_then(|close| {
            let name = &tail[..close];
            value(name).map(|value| (close, value))
        });
        match filled {
            Some((close, value)) => {
                out.push_str(&value);
                rest = &tail[close + 1..];
            }
            None => {
                out.push('{');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The first part of a record, as a killed process leaves it: no newline follows, so no shipper ever sends it on.
fn cut(mut record: Record) -> Record {
    let half = record.text.chars().count() * 3 / 4;
    record.text = record.text.chars().take(half).collect();
    record.fields.clear();
    record.template = Arc::from(crate::world::signals::CUT);
    record
}
