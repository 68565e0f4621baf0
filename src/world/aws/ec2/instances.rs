//! Instances and their disks: those that were asked for, and those that the cluster's nodes run on. Does not know pods.

use super::super::call::{Answer, Call, Cover, Fault};
use super::address;
use super::describe::{called, dry, page, pick};
use super::guard;
use super::interfaces::{About, Interface, groups_shown, guarded, interface};
use super::kinds::Kind;
use super::resources::{Resource, add, alter, derived_id, find, missing, remove};
use super::setup::Net;
use super::view;
use super::vpc::{created, deleted, required};
use super::way::Sender;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::kinds::Kind as ClusterKind;
use crate::world::k8s::object::Object;
use crate::world::k8s::store::{Logged, What};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// From `RunInstances` until `running`; half a minute in practice.
const PENDING: Span = Span::secs(30);
/// The root disk of a node, in GiB: what the nodes' ephemeral storage says.
pub const ROOT_GIB: i64 = 100;

/// Machines remembered after their nodes left (ours); the first to leave are forgotten first.
const LEFT_MAX: usize = 1_000;

/// A node of the cluster as a machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// The node's name.
    pub node: Arc<str>,
    /// `i-…`, as the node's providerID says.
    pub id: Arc<str>,
    pub model: Arc<str>,
    pub zone: Arc<str>,
    pub address: u32,
    /// The subnet that holds the address; empty if none does.
    pub subnet: Arc<str>,
    pub launched: Time,
    /// When its node left the cluster. The machine runs on: deleting a node ends no instance.
    pub left: Option<Time>,
}

impl Machine {
    pub fn sender(&self) -> Sender<'_> {
        Sender { subnet: &self.subnet, address: self.address, groups: &[] }
    }
}

/// The cluster's nodes as machines, by name. Where the account has no network there are none.
pub fn machines(world: &World) -> Vec<Machine> {
    let Some(setup) = world.aws.network.setups().last().map(|(_, setup)| setup) else { return Vec::new() };
    let nodes = world.k8s.store.list(ClusterKind::Node, None);
    nodes.filter_map(|node| machine(world.seed, node, |address| setup.net_of(address))).collect()
}

/// Also those whose nodes have left, by name and time.
pub fn machines_ever(world: &World) -> Vec<Machine> {
    let mut all = world.aws.network.left.to_vec();
    all.extend(machines(world));
    all.sort_by(|a, b| (&a.node, a.launched).cmp(&(&b.node, b.launched)));
    all
}

/// The machine of one node, or the last that it had.
pub fn machine_of(world: &World, node: &str) -> Option<Machine> {
    let (_, setup) = world.aws.network.setups().last()?;
    match world.k8s.store.get(ClusterKind::Node, "", node) {
        Some(node) => machine(world.seed, node, |address| setup.net_of(address)),
        None => world.aws.network.left.iter().rev().find(|machine| *machine.node == *node).cloned(),
    }
}

/// Where the machine of a node sends from: the subnet (empty: in none of ours) and the address.
pub fn seat_of(world: &World, node: &str) -> Option<(Arc<str>, u32)> {
    let (_, setup) = world.aws.network.setups().last()?;
    let Some(node) = world.k8s.store.get(ClusterKind::Node, "", node) else {
        return machine_of(world, node).map(|machine| (machine.subnet, machine.address));
    };
    let address = address_of(node)?;
    Some((setup.net_of(address).map(|net| Arc::clone(&net.id)).unwrap_or_default(), address))
}

/// A node leaves the cluster; what it was is remembered with the time.
pub fn leave(world: &mut World, node: &str) {
    let Some((_, setup)) = world.aws.network.setups().last() else { return };
    let log = world.k8s.store.changes_since(world.k8s.store.oldest()).ok().into_iter().flatten();
    let of = |logged: &&Logged| {
        logged.what == What::Deleted && logged.object.kind.id == ClusterKind::Node && logged.object.meta.name == node
    };
    let Some(last) = log.filter(of).last() else { return };
    let Some(machine) = machine(world.seed, &last.object, |address| setup.net_of(address)) else { return };
    let machine = Machine { left: Some(world.now), ..machine };
    let left = Arc::make_mut(&mut world.aws.network.left);
    if left.len() == LEFT_MAX {
        left.remove(0);
    }
    left.push(machine);
}

fn address_of(node: &Object) -> Option<u32> {
    let addresses = node.status.steady().get("addresses").and_then(Value::as_array);
    let internal = addresses.into_iter().flatten().find(|row| row["type"] == "InternalIP");
    internal.and_then(|row| row["address"].as_str()).and_then(address::parse)
}

fn machine<'a>(seed: u64, node: &Object, net: impl Fn(u32) -> Option<&'a Net>) -> Option<Machine> {
    let address = address_of(node)?;
    let provider = node.spec.get("providerID").and_then(Value::as_str).unwrap_or_default();
    let id = provider.rsplit('/').next().filter(|id| id.starts_with("i-")).map(str::to_string);
    let label = |key: &str| node.meta.labels.get(key).map(String::as_str).unwrap_or_default();
    let net = net(address);
    Some(Machine {
        node: node.meta.name.as_str().into(),
        id: id.unwrap_or_else(|| derived_id(seed, "i-", &node.meta.name)).into(),
        model: label("node.kubernetes.io/instance-type").into(),
        zone: net.map_or_else(|| label("topology.kubernetes.io/zone").into(), |net| Arc::clone(&net.zone)),
        address,
        subnet: net.map(|net| Arc::clone(&net.id)).unwrap_or_default(),
        launched: node.meta.created,
        left: None,
    })
}

/// The machines that nobody asked for in this account: nodes of estates whose code says nothing of them. A node that left
/// and came back is one machine.
pub fn unasked(world: &World) -> Vec<Machine> {
    let mut machines = machines_ever(world);
    machines.retain(|machine| world.aws.network.get(&machine.id).is_none());
    machines.dedup_by(|later, first| later.id == first.id);
    machines
}

/// Nodes whose address an instance has get its id: the cloud's part of registering a node, which sets `providerID`. Called
/// once the estate's nodes are there.
pub fn adopt(world: &mut World) {
    let mut by_address = std::collections::BTreeMap::new();
    for instance in world.aws.network.there(Kind::Instance) {
        let address = instance.text("PrivateIpAddress").to_string();
        let zone = instance.body["Placement"]["AvailabilityZone"].as_str().unwrap_or_default().to_string();
        by_address.insert(address, format!("aws:///{zone}/{}", instance.id));
    }
    if by_address.is_empty() {
        return;
    }
    let nodes: Vec<Arc<Object>> = world.k8s.store.list(ClusterKind::Node, None).cloned().collect();
    for node in nodes {
        let addresses = node.status.steady().get("addresses").and_then(Value::as_array);
        let internal = addresses.into_iter().flatten().find(|row| row["type"] == "InternalIP");
        let Some(provider) = internal.and_then(|row| by_address.get(row["address"].as_str()?)) else { continue };
        let mut node = Object::clone(&node);
        Arc::make_mut(&mut node.spec)["providerID"] = json!(provider);
        let born = node.meta.created;
        world.k8s.store.put(node, born);
    }
}

/// The interfaces of the nodes and of the instances that were asked for.
pub fn interfaces(world: &World) -> Vec<Interface> {
    let mut out = Vec::new();
    for machine in unasked(world) {
        let id = derived_id(world.seed, "eni-", &machine.id);
        let about = About { kind: "interface", words: format!("node {}", machine.node), ours: false };
        let mut found = interface(world, id, &machine.subnet, machine.address, &about);
        found.body["Attachment"] = attachment(world, &machine.id, machine.launched);
        out.push(guarded(world, found, &[]));
    }
    for instance in world.aws.network.there(Kind::Instance) {
        let address = address::parse(instance.text("PrivateIpAddress")).unwrap_or_default();
        let id = derived_id(world.seed, "eni-", &instance.id);
        let about = About { kind: "interface", words: String::new(), ours: false };
        let mut found = interface(world, id, instance.text("SubnetId"), address, &about);
        found.body["Attachment"] = attachment(world, &instance.id, instance.created);
        out.push(guarded(world, found, &guard::ids(instance.list("SecurityGroups"))));
    }
    out
}

fn attachment(world: &World, instance: &str, at: Time) -> Value {
    json!({
        "AttachTime": at.0, "AttachmentId": derived_id(world.seed, "eni-attach-", instance), "DeleteOnTermination": true,
        "DeviceIndex": 0, "NetworkCardIndex": 0, "InstanceId": instance, "InstanceOwnerId": *world.aws.id,
        "Status": "attached"})
}

/// Every instance as it looks now: nodes first.
pub fn all(world: &World) -> Vec<Value> {
    let nodes = unasked(world).into_iter().map(|machine| {
        let tags = json!([{"Key": "Name", "Value": *machine.node}, {"Key": "kubernetes.io/cluster", "Value": "owned"}]);
        body(world, &machine, tags)
    });
    let own = world.aws.network.ever(Kind::Instance);
    nodes.chain(own.filter_map(|instance| shown(world, instance))).collect()
}

fn shown(world: &World, instance: &Resource) -> Option<Value> {
    let mut body = view::one(world, instance)?;
    let now = world.now;
    let stopped = body["Stopped"] == true;
    body.as_object_mut()?.remove("Stopped");
    let (code, name) = match instance.gone {
        Some(gone) if now >= gone => (48, "terminated"),
        Some(_) => (32, "shutting-down"),
        None if stopped => (80, "stopped"),
        None if now < instance.ready => (0, "pending"),
        None => (16, "running"),
    };
    body["State"] = json!({"Code": code, "Name": name});
    Some(body)
}

fn body(world: &World, machine: &Machine, tags: Value) -> Value {
    let private = address::show(machine.address);
    let vpc = world.aws.network.get(&machine.subnet).map(|subnet| subnet.text("VpcId").to_string());
    let dns = format!("ip-{}.{}.compute.internal", private.replace('.', "-"), world.aws.region);
    let interface = derived_id(world.seed, "eni-", &machine.id);
    let volume = derived_id(world.seed, "vol-", &machine.id);
    json!({
        "AmiLaunchIndex": 0, "Architecture": "x86_64", "EbsOptimized": true, "EnaSupport": true, "Hypervisor": "xen",
        "ImageId": derived_id(world.seed, "ami-", &world.aws.id), "InstanceId": *machine.id,
        "InstanceType": *machine.model, "LaunchTime": machine.launched.0, "Monitoring": {"State": "disabled"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"AttachTime": machine.launched.0,
            "DeleteOnTermination": true, "Status": "attached", "VolumeId": volume}}],
        "NetworkInterfaces": [{"NetworkInterfaceId": interface, "PrivateIpAddress": private, "Status": "in-use",
            "SubnetId": *machine.subnet, "VpcId": vpc, "OwnerId": *world.aws.id, "SourceDestCheck": true}],
        "Placement": {"AvailabilityZone": *machine.zone, "GroupName": "", "Tenancy": "default"},
        "PrivateDnsName": dns, "PrivateIpAddress": private, "PublicDnsName": "", "RootDeviceName": "/dev/sda1",
        "RootDeviceType": "ebs", "SecurityGroups": standing(world, machine), "SourceDestCheck": true, "State": {"Code": 16, "Name": "running"},
        "SubnetId": *machine.subnet, "Tags": tags, "VirtualizationType": "hvm", "VpcId": vpc.unwrap_or_default(),
    })
}

/// The groups of a machine that names none, now.
fn standing(world: &World, machine: &Machine) -> Value {
    let setup = world.aws.network.setup_at(world.now);
    let end = setup.map(|setup| setup.end(&machine.subnet, machine.address, &[]));
    groups_shown(world, &end.and_then(|end| end.groups).unwrap_or_default())
}

/// `DescribeInstances`: each instance in a reservation of its own.
pub fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    dry(call)?;
    let row = Kind::Instance.row();
    let picked = pick(call, row, all(world))?;
    let (shown, next) = page(call, picked.items)?;
    let mut answer = Answer::default();
    if picked.whole && next.is_none() && call.text("NextToken").is_none() {
        answer = answer.covering(Cover::All { kind: row.cfn.to_string() });
    }
    let mut reservations = Vec::new();
    for (index, instance) in shown.into_iter().enumerate() {
        let name = called(&instance, row).to_string();
        answer = answer.about(format!("/Reservations/{index}/Instances/0"), row.cfn, &name);
        answer = answer.covering(Cover::Whole { kind: row.cfn.to_string(), name });
        let id = derived_id(world.seed, "r-", instance["InstanceId"].as_str().unwrap_or_default());
        reservations.push(json!({
            "ReservationId": id, "OwnerId": *world.aws.id, "Groups": [], "Instances": [instance]}));
    }
    let mut body = Map::from_iter([("Reservations".to_string(), Value::Array(reservations))]);
    if let Some(next) = next {
        body.insert("NextToken".into(), json!(next));
    }
    answer.body = Value::Object(body);
    Ok(answer)
}

/// `RunInstances`: one instance (counts beyond one are refused, as the game's quota of vCPUs).
pub fn run(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let subnet = find(world, Kind::Subnet, required(call, "SubnetId")?)?.clone();
    if call.whole("MaxCount").unwrap_or(1) > 1 {
        let message = "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance \
                       bucket that the specified instance type belongs to.";
        return Err(Fault::new("VcpuLimitExceeded", message));
    }
    dry(call)?;
    let taken = super::interfaces::free(world, &subnet, world.now.0.unsigned_abs());
    let address = call.text("PrivateIpAddress").map_or(taken, str::to_string);
    let machine = Machine {
        node: "".into(),
        id: "".into(),
        model: call.text("InstanceType").unwrap_or("m1.small").into(),
        zone: subnet.text("AvailabilityZone").into(),
        address: address::parse(&address).unwrap_or_default(),
        subnet: subnet.id.clone(),
        launched: world.now,
        left: None,
    };
    let mut body = body(world, &machine, json!([]));
    let groups: Vec<Arc<str>> = call.texts("SecurityGroupIds").into_iter().map(Arc::from).collect();
    for id in &groups {
        find(world, Kind::Group, id)?;
    }
    if !groups.is_empty() {
        body["SecurityGroups"] = groups_shown(world, &groups);
    }
    if let Some(image) = call.text("ImageId") {
        body["ImageId"] = json!(image);
    }
    let ready = world.now + PENDING;
    let instance = add(world, Kind::Instance, body, call.input(), ready)?;
    let (seed, id) = (world.seed, instance.id.clone());
    alter(world, &id, |body| {
        body["NetworkInterfaces"][0]["NetworkInterfaceId"] = json!(derived_id(seed, "eni-", &id));
        body["BlockDeviceMappings"][0]["Ebs"]["VolumeId"] = json!(derived_id(seed, "vol-", &id));
    });
    let instance = find(world, Kind::Instance, &id)?.clone();
    let shown = shown(world, &instance).unwrap_or_default();
    let mut answer = created(world, &instance, "Instance");
    answer.subjects.clear();
    let id = derived_id(world.seed, "r-", &instance.id);
    answer.body = json!({"ReservationId": id, "OwnerId": *world.aws.id, "Groups": [], "Instances": [shown]});
    Ok(answer.about("/Instances/0", Kind::Instance.row().cfn, instance.name()))
}

/// What becomes of instances.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Start,
    Stop,
    Terminate,
}

fn turn(world: &mut World, call: &Call, turn: Turn, member: &str) -> Result<Answer, Fault> {
    let mut nodes = machines(world);
    nodes.extend(unasked(world));
    let ids = call.texts("InstanceIds");
    for id in &ids {
        if turn != Turn::Start && nodes.iter().any(|machine| *machine.id == **id) {
            // The cluster's machines are protected against being stopped or terminated by hand.
            let (verb, attribute) = if turn == Turn::Stop {
                ("stopped", "disableApiStop")
            } else {
                ("terminated", "disableApiTermination")
            };
            let message = format!(
                "The instance '{id}' may not be {verb}. Modify its '{attribute}' instance attribute and try again."
            );
            return Err(Fault::new("OperationNotPermitted", message));
        }
        if !nodes.iter().any(|machine| *machine.id == **id) {
            find(world, Kind::Instance, id).map_err(|_| missing(Kind::Instance, id))?;
        }
    }
    dry(call)?;
    let now = world.now;
    let mut rows = Vec::new();
    let mut changed = Vec::new();
    for id in ids.iter().filter(|id| !nodes.iter().any(|machine| *machine.id == ***id)) {
        let stopped = find(world, Kind::Instance, id)?.body["Stopped"] == true;
        let was = if stopped { (80, "stopped") } else { (16, "running") };
        let is = match turn {
            Turn::Start => (0, "pending"),
            Turn::Stop => (64, "stopping"),
            Turn::Terminate => (32, "shutting-down"),
        };
        match turn {
            Turn::Terminate => remove(world, id, now),
            other => changed = alter(world, id, |body| body["Stopped"] = json!(other == Turn::Stop)),
        }
        rows.push(json!({
            "InstanceId": id, "CurrentState": {"Code": is.0, "Name": is.1},
            "PreviousState": {"Code": was.0, "Name": was.1}}));
    }
    let name = ids.first().copied().unwrap_or_default();
    Ok(Answer::of(json!({member: rows})).altering(Kind::Instance.row().cfn, name, changed))
}

pub fn start(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    turn(world, call, Turn::Start, "StartingInstances")
}

pub fn stop(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    turn(world, call, Turn::Stop, "StoppingInstances")
}

pub fn terminate(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    turn(world, call, Turn::Terminate, "TerminatingInstances")
}

/// The disks that instances boot from.
pub fn root_volumes(world: &World) -> impl Iterator<Item = Value> {
    let mut rows = Vec::new();
    for instance in all(world).into_iter().filter(|instance| instance["State"]["Name"] != "terminated") {
        let name = super::resources::name_of(&instance).unwrap_or_default().to_string();
        let (at, disk) = (&instance["LaunchTime"], &instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]);
        rows.push(json!({
            "Attachments": [{"AttachTime": at, "DeleteOnTermination": true, "Device": "/dev/sda1",
                "InstanceId": instance["InstanceId"], "State": "attached", "VolumeId": disk}],
            "AvailabilityZone": instance["Placement"]["AvailabilityZone"], "CreateTime": at, "Encrypted": false,
            "Iops": 3000, "MultiAttachEnabled": false, "Size": ROOT_GIB, "SnapshotId": "", "State": "in-use",
            "Throughput": 125, "VolumeId": disk, "VolumeType": "gp3",
            "Tags": [{"Key": "Name", "Value": format!("{name}-root")}],
        }));
    }
    rows.into_iter()
}

pub fn create_volume(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let snapshot = call.text("SnapshotId").unwrap_or_default();
    let of = find(world, Kind::Snapshot, snapshot).ok().and_then(|found| found.body["VolumeSize"].as_i64());
    let missing = || Fault::new("MissingParameter", "The request must contain the parameter size or snapshotId");
    let size = call.whole("Size").or(of).ok_or_else(missing)?;
    dry(call)?;
    let kind = call.text("VolumeType").unwrap_or("gp2");
    let body = json!({
        "Attachments": [], "AvailabilityZone": required(call, "AvailabilityZone")?, "CreateTime": world.now.0,
        "Encrypted": call.yes("Encrypted").unwrap_or(false), "Size": size, "SnapshotId": snapshot,
        "State": "available", "VolumeType": kind, "MultiAttachEnabled": false,
        "Iops": call.whole("Iops").unwrap_or(3_000),
    });
    let now = world.now;
    let volume = add(world, Kind::Volume, body, call.input(), now)?;
    let mut answer = created(world, &volume, "Volume");
    answer.subjects.clear();
    answer.body = answer.body["Volume"].take();
    Ok(answer.about("", Kind::Volume.row().cfn, volume.name()))
}

pub fn delete_volume(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = required(call, "VolumeId")?;
    if let Some(root) = root_volumes(world).find(|volume| volume["VolumeId"] == *id) {
        let instance = root["Attachments"][0]["InstanceId"].as_str().unwrap_or_default();
        return Err(Fault::new("VolumeInUse", format!("Volume {id} is currently attached to {instance}")));
    }
    let volume = find(world, Kind::Volume, id)?.clone();
    dry(call)?;
    let now = world.now;
    remove(world, id, now);
    Ok(deleted(&volume))
}

pub fn create_snapshot(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = required(call, "VolumeId")?;
    let volume = view::all(world, Kind::Volume).into_iter().find(|volume| volume["VolumeId"] == *id);
    let volume = volume.ok_or_else(|| missing(Kind::Volume, id))?;
    dry(call)?;
    let body = json!({
        "Description": call.text("Description").unwrap_or_default(), "Encrypted": volume["Encrypted"],
        "OwnerId": *world.aws.id, "Progress": "100%", "StartTime": world.now.0, "State": "completed",
        "VolumeId": id, "VolumeSize": volume["Size"], "StorageTier": "standard",
    });
    let now = world.now;
    let snapshot = add(world, Kind::Snapshot, body, call.input(), now)?;
    let mut answer = created(world, &snapshot, "Snapshot");
    answer.subjects.clear();
    answer.body = answer.body["Snapshot"].take();
    Ok(answer.about("", Kind::Snapshot.row().cfn, snapshot.name()))
}

pub fn delete_snapshot(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let snapshot = find(world, Kind::Snapshot, required(call, "SnapshotId")?)?.clone();
    dry(call)?;
    let now = world.now;
    remove(world, &snapshot.id, now);
    Ok(deleted(&snapshot))
}
