//! Functions as they are set up: configuration with the times from which it works, versions, aliases, concurrency, and
//! the execution environments that serve them. Does not know events.

use super::super::timeline::Timeline;
use super::spec::{Program, Release};
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An idle environment is taken away after a time that Lambda does not state; five to nine minutes here, by lot for each
/// (public measurements find five to seven minutes and more).
const IDLE_LEAST: Span = Span::mins(5);
const IDLE_MORE: u64 = 240_000;

/// Function and account quotas (Lambda Developer Guide, "Lambda quotas"): concurrent executions of an account and region,
/// and how many of them must stay unreserved.
pub const CONCURRENCY: u32 = 1_000;
pub const UNRESERVED_LEAST: u32 = 100;

/// What is configured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    pub runtime: String,
    pub role: String,
    pub handler: String,
    pub description: String,
    /// Seconds.
    pub timeout: u32,
    /// Megabytes.
    pub memory: u32,
    pub env: BTreeMap<String, String>,
    pub net: Net,
    /// ARN of a queue or topic; empty: none.
    pub dead_letter: String,
    pub code: Code,
    /// When it was set, and its number among the function's.
    pub modified: Time,
    pub revision: u64,
}

/// Where it is attached; no subnets: not to a VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Net {
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
}

impl Net {
    /// The ids of its security groups, as the network has ids.
    pub fn guards(&self) -> Vec<Arc<str>> {
        self.groups.iter().map(|id| Arc::from(id.as_str())).collect()
    }
}

/// What runs: the key of a package in S3 (or an image), the version read from it, and for which processor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    pub place: String,
    pub version: String,
    pub size: u64,
    pub arm: bool,
}

impl Code {
    /// `reporter-api/1.8.2.zip` and `registry/reporter-api:1.8.2` are version `1.8.2`.
    pub fn version_of(place: &str) -> String {
        let last = place.rsplit('/').next().unwrap_or(place);
        let last = last.rsplit(':').next().unwrap_or(last);
        last.strip_suffix(".zip").unwrap_or(last).to_string()
    }
}

/// One execution environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    pub number: u64,
    /// The qualifier's version and the configuration's revision that it was made with.
    pub of: (u32, u64),
    pub since: Time,
    /// Until when it is busy.
    pub busy: Time,
    /// It was killed in its last invocation: the next begins with the set-up again ("suppressed init").
    pub reset: bool,
    /// Kept ready by provisioned concurrency of this qualifier.
    pub provisioned: bool,
}

impl Environment {
    /// Whether it is still there at a time it is not busy.
    fn there(&self, seed: u64, function: &str, at: Time) -> bool {
        let lot = dice::at(seed, dice::hash_name(function), self.number);
        self.provisioned || at - self.busy < IDLE_LEAST + Span((lot % IDLE_MORE) as i64)
    }
}

/// The environment that takes an invocation: a new one, or one that has to be set up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    pub number: u64,
    pub since: Time,
    pub cold: bool,
    pub again: bool,
}

/// Provisioned concurrency of a version or alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisioned {
    pub count: u32,
    pub asked: Time,
    /// When all of it is allocated.
    pub ready: Time,
    /// Megabytes that were kept ready since when: what is charged.
    pub held: Timeline<u64>,
}

/// How asynchronous events are treated.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRules {
    pub retries: u32,
    /// Seconds.
    pub max_age: u32,
    pub on_failure: String,
    pub on_success: String,
    pub modified: Time,
}

impl Default for EventRules {
    /// Two retries, six hours (Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation").
    fn default() -> EventRules {
        EventRules {
            retries: 2,
            max_age: 21_600,
            on_failure: String::new(),
            on_success: String::new(),
            modified: Time(0),
        }
    }
}

/// A function.
#[derive(Clone, Debug, Default)]
pub struct Function {
    pub name: Arc<str>,
    pub arn: Arc<str>,
    pub created: Time,
    /// `$LATEST`.
    pub config: Timeline<Arc<Config>>,
    pub versions: BTreeMap<u32, Arc<Config>>,
    /// Name → version (0 is `$LATEST`) and description.
    pub aliases: BTreeMap<String, (u32, String)>,
    pub reserved: Timeline<Option<u32>>,
    pub provisioned: BTreeMap<String, Provisioned>,
    pub rules: BTreeMap<String, EventRules>,
    /// Statements of its policy, by qualifier (empty: the function).
    pub policy: BTreeMap<String, Vec<Value>>,
    pub tags: BTreeMap<String, String>,
    pub pool: Pool,
}

/// Its environments, and when what it counts for began.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    pub environments: Vec<Environment>,
    pub next: u64,
    /// When it first ran: its log group exists from then on.
    pub first: Option<Time>,
    /// When the function was deleted.
    pub gone: Option<Time>,
    /// Megabytes that were kept ready by what has been deleted since: their time stays charged.
    pub released: Vec<Timeline<u64>>,
    pub program: Arc<Program>,
}

impl Function {
    /// The version that a qualifier means: 0 is `$LATEST`.
    pub fn version(&self, qualifier: &str) -> Option<u32> {
        match qualifier {
            "" | "$LATEST" => Some(0),
            other => match other.parse::<u32>() {
                Ok(number) => self.versions.contains_key(&number).then_some(number),
                Err(_) => self.aliases.get(other).map(|(version, _)| *version),
            },
        }
    }

    /// The configuration of a version as it works at a time.
    pub fn config_at(&self, version: u32, at: Time) -> Option<Arc<Config>> {
        match version {
            0 => self.config.at(at).or_else(|| self.config.points().first().map(|(_, config)| config)).cloned(),
            number => self.versions.get(&number).cloned(),
        }
    }

    pub fn latest(&self) -> Arc<Config> {
        self.config.last().cloned().unwrap_or_default()
    }

    /// Environments that are busy at a time.
    pub fn busy(&self, at: Time) -> u32 {
        self.pool.environments.iter().filter(|one| one.busy > at).count() as u32
    }

    /// Keeps `count` environments ready for a version and configuration: those that are there, and new ones from `ready` on.
    /// When all of them are, and how many are already.
    pub fn provide(&mut self, of: (u32, u64), count: u32, now: Time, ready: Time) -> (Time, u32) {
        let pool = &mut self.pool;
        let mut kept = 0;
        pool.environments.retain_mut(|one| {
            if !one.provisioned || one.of != of {
                return true;
            }
            kept += 1;
            // What is too many goes, once it is idle.
            one.provisioned = kept <= count;
            one.provisioned || one.busy > now
        });
        for _ in kept..count {
            let number = pool.next;
            pool.next += 1;
            // Being made ready is not being busy.
            let one = Environment { number, of, since: ready, busy: now, reset: false, provisioned: true };
            pool.environments.push(one);
        }
        let held = || pool.environments.iter().filter(|one| one.provisioned && one.of == of);
        let ready = held().map(|one| one.since).max().map_or(now, |since| since.max(now));
        (ready, held().filter(|one| one.since <= now).count() as u32)
    }

    /// Takes an idle environment made for this version and configuration, the one used last; or makes one.
    pub fn enter(&mut self, seed: u64, at: Time, of: (u32, u64)) -> Entered {
        let name = Arc::clone(&self.name);
        let pool = &mut self.pool;
        pool.first.get_or_insert(at);
        pool.environments.retain(|one| one.busy > at || one.there(seed, &name, at));
        let fits = |one: &&mut Environment| one.busy <= at && one.of == of && one.since <= at;
        let found = pool.environments.iter_mut().filter(fits).max_by_key(|one| (one.busy, one.number));
        if let Some(one) = found {
            let again = std::mem::take(&mut one.reset);
            return Entered { number: one.number, since: one.since, cold: false, again };
        }
        let number = pool.next;
        pool.next += 1;
        let one = Environment { number, of, since: at, busy: at, reset: false, provisioned: false };
        pool.environments.push(one);
        Entered { number, since: at, cold: true, again: false }
    }

    /// An environment is busy until a time; `killed`: it begins anew afterwards.
    pub fn occupy(&mut self, number: u64, until: Time, killed: bool) {
        if let Some(one) = self.pool.environments.iter_mut().find(|one| one.number == number) {
            (one.busy, one.reset) = (until, killed);
        }
    }

    pub fn release(&self, config: &Config) -> Arc<Release> {
        Arc::clone(self.pool.program.release(&config.code.version))
    }
}

/// A function by its name, partial or whole ARN, with the qualifier that these carry.
pub fn named(given: &str) -> (String, String) {
    let rest = match given.split_once(":function:") {
        Some((_, rest)) => rest,
        None => given,
    };
    match rest.split_once(':') {
        Some((name, qualifier)) => (name.to_string(), qualifier.to_string()),
        None => (rest.to_string(), String::new()),
    }
}

/// Where a function was attached, since when; also a deleted one up to its end, and one that was made again under its name.
/// `None`: there never was one.
pub fn attached(world: &World, name: &str) -> Option<Vec<(Time, Net)>> {
    let mut out = Vec::new();
    for function in world.aws.functions.ever().filter(|function| *function.name == *name) {
        out.extend(function.config.points().iter().map(|(at, config)| (*at, config.net.clone())));
        out.extend(function.pool.gone.map(|gone| (gone, Net::default())));
    }
    (!out.is_empty()).then_some(out)
}

/// Text members of a map, as environments have them.
pub fn texts(map: Option<&Map<String, Value>>) -> BTreeMap<String, String> {
    let pairs = map.into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string()))).collect()
}
