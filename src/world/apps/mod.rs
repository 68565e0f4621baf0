//! What the programs in containers do: what they need, how long they take, how much memory, what they log, how they
//! answer a probe or a request. Does not know pods' status fields, kubectl or scores.

use super::World;
use crate::stdx::time::{Span, Time};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Apps' entries on the agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {}

#[derive(Clone, Debug, Default)]
pub struct Apps {}

/// Names one start of one container, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstanceId(pub u64);

/// What a container is started with: frozen at the start, as environment variables are.
#[derive(Clone, Debug)]
pub struct Launch {
    pub namespace: Arc<str>,
    pub pod: Arc<str>,
    pub pod_uid: Arc<str>,
    pub container: Arc<str>,
    pub node: Arc<str>,
    pub image: String,
    pub command: Vec<String>,
    pub env: BTreeMap<String, String>,
    /// Mounted ConfigMap and Secret files: path → content at the start.
    pub files: BTreeMap<String, String>,
    pub pod_labels: BTreeMap<String, String>,
    pub pod_annotations: BTreeMap<String, String>,
    /// Bytes; `None` is no limit.
    pub memory_limit: Option<u64>,
    /// Thousandths of a core; `None` is no limit.
    pub cpu_limit: Option<u64>,
    pub restart: u32,
    pub started: Time,
}

/// How a container's process will end by itself, if nothing else ends it first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// After the start.
    pub after: Span,
    pub code: i32,
    /// `Error`, `Completed` or `OOMKilled`, as the kubelet reports it.
    pub reason: &'static str,
    /// The termination message, if the program writes one.
    pub message: String,
}

/// The kubelet's question to the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    Http { path: String, port: i64 },
    Tcp { port: i64 },
    Exec { command: Vec<String> },
    Grpc { port: i64 },
}

/// The program's answer, before the kubelet's timeout is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeAnswer {
    /// HTTP status (exec: exit code 0 is 200) after so long.
    Answered { status: u16, after: Span, body: String },
    /// Nothing listens.
    Refused,
}

/// Starts a program: remembers the instance and says how it will end by itself.
/// The kubelet schedules that end, and tells `stopped` when the container has ended for whatever reason.
pub fn launch(world: &mut World, launch: Launch) -> (InstanceId, Option<Exit>) {
    let _ = (world, launch);
    (InstanceId(0), None)
}

/// How the program answers SIGTERM: exit code and how long it takes to leave (the kubelet kills it with 137 after the grace period).
pub fn terminate(world: &World, instance: InstanceId) -> (i32, Span) {
    let _ = (world, instance);
    (0, Span::ZERO)
}

/// The container has ended at `world.now`.
pub fn stopped(world: &mut World, instance: InstanceId) {
    let _ = (world, instance);
}

/// What the program answers a probe sent at `world.now`.
pub fn probe(world: &World, instance: InstanceId, probe: &Probe) -> ProbeAnswer {
    let _ = (world, instance, probe);
    ProbeAnswer::Answered { status: 200, after: Span::ZERO, body: String::new() }
}

/// Which instances stand behind which Service changed at `world.now` (the endpoints controller says so), or a Service's ports did.
/// `backends` are ready addresses: (pod uid, target port).
pub fn routed(world: &mut World, namespace: &str, service: &str, backends: &[(Arc<str>, i64)]) {
    let _ = (world, namespace, service, backends);
}

/// CPU (thousandths of a core) and memory (bytes) that the instance uses at `world.now`.
pub fn usage(world: &World, instance: InstanceId) -> (u64, u64) {
    let _ = (world, instance);
    (0, 0)
}

/// Runs a program inside a container (`kubectl exec`): output lines and exit code.
pub fn exec(world: &World, instance: InstanceId, command: &[String]) -> (Vec<String>, i32) {
    let _ = (world, instance, command);
    (Vec::new(), 0)
}

pub fn happen(_world: &mut World, due: Due) {
    match due {}
}

/// Reads an app description (one table of an estate's `apps.toml`, already checked) into the registry.
pub fn describe(_apps: &mut Apps, _name: &str, _table: &Value) {}
