//! Who sends when: the pods of a workload on the machines they ran on, as their history says, and the settings they ran
//! with. Does not know amounts or ways.

use super::super::ec2::instances::Machine;
use super::super::ec2::interfaces;
use super::super::ec2::resources::derived_id;
use super::super::ec2::way::Sender;
use super::super::lambda::{self, Net};
use super::super::message::Principal;
use super::rights;
use super::spec::{Flow, From, Setting, When};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::instance::Instance;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What first ran within this time after the world began is taken to have run like that ever before.
const SETTLES: Span = Span::mins(15);
/// A workload's first pods start within this time of each other.
const TOGETHER: Span = Span::mins(5);
/// Before all times.
pub const EVER: Time = Time(i64::MIN / 4);

/// Where something is sent from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Pod, node or function.
    pub name: Arc<str>,
    /// The machine's, as addresses of pods are translated to it; a function's own.
    pub address: u32,
    pub interface: Arc<str>,
    pub instance: Arc<str>,
    pub subnet: Arc<str>,
    pub zone: Arc<str>,
    /// As whom it calls AWS.
    pub by: Arc<Principal>,
    /// The security groups that it names; a machine's follow from its address.
    pub groups: Vec<Arc<str>>,
}

impl Source {
    pub fn sender(&self) -> Sender<'_> {
        Sender { subnet: &self.subnet, address: self.address, groups: &self.groups }
    }
}

/// A value that holds in `from..to`.
#[derive(Clone, Debug, PartialEq)]
pub struct During<T> {
    pub from: Time,
    pub to: Time,
    pub what: T,
}

impl<T> During<T> {
    pub fn holds(&self, at: Time) -> bool {
        self.from <= at && at < self.to
    }
}

/// Forever from now on.
const LATER: Time = Time(i64::MAX / 4);

/// Who sends a flow, and when.
pub fn of(world: &World, flow: &Flow, machines: &[Machine], start: Time) -> Vec<During<Arc<Source>>> {
    match &flow.from {
        From::Node => {
            let during = |machine| {
                let (from, to) = there(machine, start);
                During { from, to, what: Arc::new(machine_source(world, machine, &machine.node)) }
            };
            machines.iter().map(during).collect()
        }
        From::Function(name, subnets) => match lambda::attached(world, name) {
            None => subnets.iter().filter_map(|subnet| function(world, name, subnet, &[])).map(ever).collect(),
            Some(history) => attached(world, name, &history, start),
        },
        From::Workload(namespace, workload) => {
            let placed = |instance: &Instance| {
                let machine = on(machines, &instance.launch.node, instance.launch.started)?;
                let by = Arc::clone(&instance.principal);
                Some(Arc::new(Source { by, ..machine_source(world, machine, &instance.launch.pod) }))
            };
            runs(world, namespace, workload, start)
                .into_iter()
                .filter_map(|run| Some(During { from: run.from, to: run.to, what: placed(&run.what)? }))
                .collect()
        }
    }
}

/// The machine that a node was at a time, of all there were by name and time.
pub fn on<'m>(machines: &'m [Machine], node: &str, at: Time) -> Option<&'m Machine> {
    machines.iter().find(|machine| *machine.node == *node && machine.left.is_none_or(|left| at < left))
}

/// When a machine was in the cluster; one that the world began with has always been there.
fn there(machine: &Machine, start: Time) -> (Time, Time) {
    let from = if machine.launched <= start + SETTLES { EVER } else { machine.launched };
    (from, machine.left.unwrap_or(LATER))
}

fn ever(source: Source) -> During<Arc<Source>> {
    During { from: EVER, to: LATER, what: Arc::new(source) }
}

/// A function of the account sends from the subnets that it was attached to at the time; outside of a VPC its bytes are
/// nobody's here.
fn attached(world: &World, name: &Arc<str>, history: &[(Time, Net)], start: Time) -> Vec<During<Arc<Source>>> {
    let mut out = Vec::new();
    for (n, (from, net)) in history.iter().enumerate() {
        // A function of the account as it was set up has always been there.
        let from = if n == 0 && *from <= start { EVER } else { *from };
        let to = history.get(n + 1).map_or(LATER, |(next, _)| *next);
        let groups = net.guards();
        let sources = net.subnets.iter().filter_map(|subnet| function(world, name, subnet, &groups));
        out.extend(sources.map(|source| During { from, to, what: Arc::new(source) }));
    }
    out
}

fn machine_source(world: &World, machine: &Machine, name: &Arc<str>) -> Source {
    Source {
        name: Arc::clone(name),
        address: machine.address,
        interface: derived_id(world.seed, "eni-", &machine.id).into(),
        instance: Arc::clone(&machine.id),
        subnet: Arc::clone(&machine.subnet),
        zone: Arc::clone(&machine.zone),
        by: Arc::new(rights::machine(world, &machine.id)),
        groups: Vec::new(),
    }
}

fn function(world: &World, name: &Arc<str>, subnet: &str, groups: &[Arc<str>]) -> Option<Source> {
    let id = super::super::ec2::id_of(world, subnet)?;
    let found = world.aws.network.get(&id)?;
    Some(Source {
        name: Arc::clone(name),
        address: interfaces::function_address(world, name, &id),
        interface: derived_id(world.seed, "eni-", &format!("{name}/{id}")).into(),
        instance: "".into(),
        subnet: id,
        zone: found.text("AvailabilityZone").into(),
        by: Arc::new(rights::function(world, name)),
        groups: groups.to_vec(),
    })
}

/// The runs of a workload's main containers. Those of its first pods reach back to before the world began.
pub fn runs(world: &World, namespace: &str, workload: &str, start: Time) -> Vec<During<Arc<Instance>>> {
    let mut first_of: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
    let mut out: Vec<During<Arc<Instance>>> = Vec::new();
    for instance in world.apps.instances() {
        let launch = &instance.launch;
        if &*launch.namespace != namespace || !belongs(instance, workload) {
            continue;
        }
        let main = first_of.entry(Arc::clone(&launch.pod_uid)).or_insert_with(|| Arc::clone(&launch.container));
        if *main != launch.container {
            continue;
        }
        let to = instance.ends().unwrap_or(LATER);
        out.push(During { from: launch.started, to, what: Arc::clone(instance) });
    }
    let Some(first) = out.iter().map(|run| run.from).min().filter(|first| *first <= start + SETTLES) else {
        return out;
    };
    let mut reached: Vec<Arc<str>> = Vec::new();
    for run in out.iter_mut().filter(|run| run.from <= first + TOGETHER) {
        if !reached.contains(&run.what.launch.pod_uid) {
            reached.push(Arc::clone(&run.what.launch.pod_uid));
            run.from = EVER;
        }
    }
    out
}

/// Whether a pod is one of a workload's: its `app` label says so, else its name does (a Deployment adds two parts, a
/// DaemonSet or StatefulSet one).
fn belongs(instance: &Instance, workload: &str) -> bool {
    let launch = &instance.launch;
    if let Some(app) = launch.pod_labels.get("app").or_else(|| launch.pod_labels.get("app.kubernetes.io/name")) {
        return app == workload;
    }
    let Some(rest) = launch.pod.strip_prefix(workload).and_then(|rest| rest.strip_prefix('-')) else {
        return *launch.pod == *workload;
    };
    (1..=2).contains(&rest.split('-').count())
}

/// When a setting holds in any of a workload's processes.
pub fn settings(world: &World, when: &When, start: Time) -> Vec<During<()>> {
    let mut out = Vec::new();
    for run in runs(world, &when.namespace, &when.workload, start) {
        let launch = &run.what.launch;
        match &when.setting {
            Setting::Env(name, value) => {
                if launch.env.get(&**name).is_some_and(|has| **has == **value) {
                    out.push(During { from: run.from, to: run.to, what: () });
                }
            }
            Setting::Config(path, has) => {
                let mut points = vec![run.from];
                points.extend(run.what.refreshed.iter().map(|(at, _)| *at));
                points.push(run.to);
                for pair in points.windows(2) {
                    let [from, to] = pair else { continue };
                    let files = run.what.files_at((*from).max(launch.started));
                    if files.get(&**path).is_some_and(|text| text.contains(&**has)) {
                        out.push(During { from: *from, to: *to, what: () });
                    }
                }
            }
        }
    }
    out
}

/// A machine itself as a source.
pub fn node(world: &World, machine: &Machine) -> Arc<Source> {
    Arc::new(machine_source(world, machine, &machine.node))
}
