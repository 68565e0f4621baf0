//! What clients outside the estate do to databases and caches, as `account.toml` declares it: `[load.NAME]`, and
//! `[[load.NAME.was]]` for older times. Does not know what it costs them.

use super::super::World;
use super::super::apps::lower::Problem;
use super::timeline::Timeline;
use crate::stdx::dice;
use crate::stdx::time::{Span, Time};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rates are a minute's, averaged over a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Held by clients that are not simulated.
    pub connections: i64,
    /// Statements of a database.
    pub queries: i64,
    /// Reads of a cache, and of a hundred how many find something.
    pub gets: i64,
    pub hits: i64,
    /// Writes to a cache.
    pub sets: i64,
    /// Megabytes that are stored.
    pub stored: i64,
}

/// Loads by the name of the database instance, replication group or cluster.
pub type Loads = Arc<BTreeMap<String, Timeline<Load>>>;

/// Members of a load, sorted.
static MEMBERS: &[&str] = &["connections", "gets", "hits", "queries", "sets", "stored"];

/// Reads `[load]`; `start` is when the estate begins to live, from which `until = "58d"` counts back.
pub fn describe(world: &mut World, loads: &Value, born: Time, start: Time) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in loads.as_object().into_iter().flatten() {
        let mut say = |key: &str, say: String| {
            problems.push(Problem { path: vec![name.clone(), key.to_string()], say, hint: None });
        };
        // Oldest first: each older load holds until so long before the start.
        let mut older = Vec::new();
        for was in value.get("was").and_then(Value::as_array).into_iter().flatten() {
            let ago = was.get("until").and_then(Value::as_str).and_then(Span::parse);
            match ago {
                Some(ago) => older.push((start - ago, read(was, &["until"], &mut say))),
                None => say("was", "needs `until`, a span before the start: `58d`".into()),
            }
        }
        older.sort_by_key(|(until, _)| *until);
        let mut line = Timeline::default();
        let mut from = born;
        for (until, load) in older {
            line.plan(from, load);
            from = until;
        }
        line.plan(from, read(value, &["was"], &mut say));
        Arc::make_mut(&mut world.aws.loads).insert(name.clone(), line);
    }
    problems
}

fn read(value: &Value, also: &[&str], say: &mut impl FnMut(&str, String)) -> Load {
    for key in value.as_object().into_iter().flatten().map(|(key, _)| key) {
        if !MEMBERS.contains(&key.as_str()) && !also.contains(&key.as_str()) {
            say(key, format!("is not part of a load; there are {}", MEMBERS.join(", ")));
        }
    }
    let whole = |key: &str| value.get(key).and_then(Value::as_i64).unwrap_or(0).clamp(0, 1_000_000_000);
    Load {
        connections: whole("connections"),
        queries: whole("queries"),
        gets: whole("gets"),
        hits: whole("hits").min(100),
        sets: whole("sets"),
        stored: whole("stored"),
    }
}

/// Of a hundred, how busy each hour of a day is (UTC; an ordinary day of people nine hours east, in-game).
const BUSY: [i64; 24] =
    [110, 120, 130, 140, 130, 120, 120, 125, 130, 140, 150, 150, 140, 120, 90, 60, 40, 30, 25, 25, 35, 60, 90, 120];

/// So much of a daily mean falls into a minute: the hour's share, straight lines between hours, a few percent of chance.
pub fn of_minute(seed: u64, name: &str, minute: i64, mean: i64) -> i64 {
    let (hour, into) = (minute.div_euclid(60), minute.rem_euclid(60));
    let busy = |hour: i64| BUSY.get(hour.rem_euclid(24) as usize).copied().unwrap_or(100);
    let share = (busy(hour) * (60 - into) + busy(hour + 1) * into) * 10 / 60;
    let chance = dice::at(seed, dice::hash_name(name), minute as u64) % 101;
    mean * share / 1_000 * (950 + chance as i64) / 1_000
}

/// The declared load of something at a time; nothing where none is declared.
pub fn at(world: &World, name: &str, at: Time) -> Load {
    world.aws.loads.get(name).and_then(|line| line.at(at)).cloned().unwrap_or_default()
}

/// Connections that each process opens where its environment does not say.
const POOL: i64 = 5;
/// Variables that say how many, in the order in which programs look.
static POOLS: &[&str] = &["DATABASE_POOL_SIZE", "DB_POOL_MAX", "DB_POOL_SIZE", "POOL_MAX", "POOL_SIZE"];

/// Processes of the estate that name `host` (an endpoint, or the first part of one) in their environment: from when to when
/// each holds how many connections.
pub fn clients(world: &World, host: &str) -> Vec<(Time, Time, i64)> {
    let names = |value: &str| value.split(['/', '@', ':', ',', '?']).any(|part| part.split('.').next() == Some(host));
    let mut out = Vec::new();
    for instance in world.apps.instances() {
        let env = &instance.launch.env;
        if env.values().any(|value| names(value)) {
            let pool = POOLS.iter().find_map(|name| env.get(*name)?.trim().parse::<i64>().ok());
            let end = instance.ends().unwrap_or(Time(i64::MAX));
            out.push((instance.launch.started, end, pool.unwrap_or(POOL).clamp(0, 10_000)));
        }
    }
    out
}
