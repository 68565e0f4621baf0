//! What CloudWatch has of instances, computed from what they are and what asks them. Does not know who reads.

use super::super::load;
use super::super::tally::{Key, Minute};
use super::state::{self, Instance, State};
use crate::stdx::time::Time;
use crate::world::World;

/// Metrics of an instance (user guide, "Amazon CloudWatch instance-level metrics"), sorted.
static NAMES: &[&str] = &[
    "CPUUtilization",
    "DatabaseConnections",
    "FreeStorageSpace",
    "FreeableMemory",
    "NetworkReceiveThroughput",
    "NetworkTransmitThroughput",
    "ReadIOPS",
    "ReadLatency",
    "WriteIOPS",
    "WriteLatency",
];

pub fn list(world: &World) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for instance in world.aws.databases.instances.iter().filter(|instance| instance.created <= world.now) {
        for metric in NAMES {
            let dimensions = vec![("DBInstanceIdentifier", instance.name.clone())];
            let key = Key { namespace: "AWS/RDS", metric, dimensions };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

pub fn minutes(world: &World, key: &Key, from: i64, to: i64) -> Vec<(i64, Minute)> {
    let [("DBInstanceIdentifier", name)] = key.dimensions.as_slice() else { return Vec::new() };
    let mut out = Vec::new();
    let to = to.min(world.now.0.div_euclid(60_000));
    for instance in world.aws.databases.instances.iter().filter(|instance| instance.name == *name) {
        of_instance(world, instance, key.metric, (from, to), &mut out);
    }
    out
}

fn of_instance(world: &World, instance: &Instance, metric: &str, (from, to): (i64, i64), out: &mut Vec<(i64, Minute)>) {
    let clients = load::clients(world, &instance.name);
    let spans = instance.life.spans(Time(from * 60_000), Time((to + 1) * 60_000));
    for (start, end, state) in spans.filter(|(_, _, state)| state.status.runs()) {
        // A minute belongs to what held when it began.
        let first = (start.0 + 59_999).div_euclid(60_000);
        for minute in first..=(end.0 - 1).div_euclid(60_000) {
            let at = Time(minute * 60_000);
            let held = clients.iter().filter(|(from, to, _)| *from <= at && at < *to).map(|(_, _, pool)| *pool).sum();
            let now = Now { world, instance, state, minute, held };
            let Some(value) = now.value(metric) else { continue };
            out.push((minute, Minute { sum: value, count: 1, least: value, most: value }));
        }
    }
}

/// An instance in one minute.
struct Now<'a> {
    world: &'a World,
    instance: &'a Instance,
    state: &'a State,
    minute: i64,
    /// Connections of the estate's own programs.
    held: i64,
}

/// Virtual processors and memory in MiB of a class (instance type pages).
fn size(class: &str) -> (i64, i64) {
    match class.rsplit('.').next().unwrap_or_default() {
        "micro" => (2, 1_024),
        "small" => (2, 2_048),
        "medium" => (2, 4_096),
        "xlarge" => (4, 16_384),
        _ if class.contains(".r") => (2, 16_384),
        _ => (2, 8_192),
    }
}

// What a statement costs, in-game: of ten, seven only read; a third of reads reach the disk.
const CPU_MICROS: i64 = 2_500;
const IDLE_PARTS: i64 = 1_200;
const CONNECTION_PARTS: i64 = 250;
const CONNECTION_MIB: i64 = 9;

impl Now<'_> {
    fn value(&self, metric: &str) -> Option<i64> {
        let at = Time(self.minute * 60_000);
        let (shape, name) = (&self.state.shape, &self.instance.name);
        let declared = load::at(self.world, name, at);
        let connections = declared.connections + self.held;
        let queries = load::of_minute(self.world.seed, name, self.minute, declared.queries + self.held * 20);
        let (processors, memory) = size(&shape.class);
        let noise = load::of_minute(self.world.seed, metric, self.minute, 1_000) - 1_000;
        let busy = queries * CPU_MICROS * 100 / (60_000 * processors);
        let waits = 600 + noise.abs() / 10 + busy / 200;
        Some(match metric {
            "CPUUtilization" => (IDLE_PARTS + connections.min(200) * CONNECTION_PARTS + busy).clamp(0, 100_000),
            "DatabaseConnections" => connections,
            "FreeStorageSpace" => {
                (shape.storage * 1_024 - state::stored(self.world, self.instance, shape, at)).max(0) << 20
            }
            "FreeableMemory" => (memory * 55 / 100 - connections * CONNECTION_MIB).max(memory / 50) << 20,
            "NetworkReceiveThroughput" => 400 + queries * 180 / 60,
            "NetworkTransmitThroughput" => 2_500 + queries * 2_200 / 60,
            // Parts of one: thousandths of an operation a second.
            "ReadIOPS" => queries * 7 / 10 / 3 * 1_000 / 60,
            "WriteIOPS" => 300 + queries * 3 / 10 * 1_000 / 60,
            // Millionths of a second; writes wait for the other zone too.
            "ReadLatency" => {
                if queries == 0 {
                    0
                } else {
                    waits
                }
            }
            "WriteLatency" => {
                if shape.multi_az {
                    waits * 3
                } else {
                    waits * 3 / 2
                }
            }
            _ => return None,
        })
    }
}
