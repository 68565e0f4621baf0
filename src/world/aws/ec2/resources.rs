//! What there is in the network, as values in the service model's shapes with the time each came and went, and the picture
//! of the ways that follows from it. Does not know operations.

use super::super::arn;
use super::super::call::Fault;
use super::super::flows::pieces as flows;
use super::super::tagging::Tagged;
use super::super::timeline::Timeline;
use super::instances::Machine;
use super::kinds::Kind;
use super::setup::Setup;
use crate::stdx::canon;
use crate::stdx::dice::Dice;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::audit::FieldChange;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Deleted NAT gateways, endpoints and instances are still listed for about so long (EC2 API reference: "about an hour").
pub const LINGERS: Span = Span::hours(1);
/// Things there may ever have been; what would be one more is refused with the service's own word for a quota.
const RESOURCES_MAX: usize = 10_000;

/// Pictures of the ways that are remembered (ours).
const SETUPS_MAX: usize = 4_096;

/// One thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    pub id: Arc<str>,
    pub kind: Kind,
    /// Members by the model's names; states that follow from time are made when it is looked at.
    pub body: Value,
    pub created: Time,
    /// When it began to work.
    pub ready: Time,
    /// When it ceased to work.
    pub gone: Option<Time>,
    /// How much of it is charged since when (see [`size`]).
    pub sizes: Timeline<i64>,
}

impl Resource {
    pub fn text(&self, member: &str) -> &str {
        self.body.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn list(&self, member: &str) -> &[Value] {
        self.body.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// What people call it: its `Name` tag, else its id.
    pub fn name(&self) -> &str {
        name_of(&self.body).unwrap_or(&self.id)
    }

    /// Whether it is there at a time (deleting or not).
    pub fn lives(&self, at: Time) -> bool {
        self.created <= at && self.gone.is_none_or(|gone| at < gone)
    }
}

/// State of the service. Clones share everything until it changes.
#[derive(Clone, Debug, Default)]
pub struct Network {
    resources: Arc<BTreeMap<Arc<str>, Arc<Resource>>>,
    /// Since when which picture of the ways holds, rising.
    setups: Arc<Vec<(Time, Arc<Setup>)>>,
    /// Machines whose nodes have left the cluster, in the order of leaving.
    pub(super) left: Arc<Vec<Machine>>,
    serial: u64,
}

impl Network {
    pub fn get(&self, id: &str) -> Option<&Arc<Resource>> {
        self.resources.get(id)
    }

    /// Everything of a kind there has ever been.
    pub fn ever(&self, kind: Kind) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.values().filter(move |resource| resource.kind == kind)
    }

    /// Everything of a kind that has not been deleted.
    pub fn there(&self, kind: Kind) -> impl Iterator<Item = &Arc<Resource>> {
        self.ever(kind).filter(|resource| resource.gone.is_none())
    }

    /// The ways as they were at a time; before the first picture there were none.
    pub fn setup_at(&self, at: Time) -> Option<&Arc<Setup>> {
        let index = self.setups.partition_point(|(since, _)| *since <= at);
        index.checked_sub(1).and_then(|index| self.setups.get(index)).map(|(_, setup)| setup)
    }

    /// When the ways changed, with what holds since then.
    pub fn setups(&self) -> &[(Time, Arc<Setup>)] {
        &self.setups
    }

    /// Keeps the picture after a change at `now`.
    fn settle(&mut self, now: Time, region: &str) {
        let setup = Setup::of(self, region);
        let setups = Arc::make_mut(&mut self.setups);
        if setups.last().is_some_and(|(_, last)| **last == setup) {
            return;
        }
        if let Some(last) = setups.last_mut().filter(|(since, _)| *since == now) {
            last.1 = Arc::new(setup);
        } else {
            setups.push((now, Arc::new(setup)));
        }
        if setups.len() > SETUPS_MAX {
            thin(setups);
        }
    }
}

/// Forgets pictures that stood at no minute's beginning, as flows take the way that stood there; but for the newest. If there
/// are still too many, the oldest but the first: its time is when the network began.
fn thin(setups: &mut Vec<(Time, Arc<Setup>)>) {
    let ends: Vec<Time> = setups.iter().skip(1).map(|(since, _)| *since).collect();
    let stood =
        |since: Time, end: Option<&Time>| end.is_none_or(|end| flows::minute_from(since) < flows::minute_from(*end));
    let mut index = 0;
    setups.retain(|(since, _)| {
        index += 1;
        index == 1 || stood(*since, ends.get(index - 1))
    });
    if setups.len() > SETUPS_MAX {
        setups.remove(1);
    }
}

/// What an hour of it is charged by: an endpoint's subnets, a volume's GiB; of an instance 1 while it runs and 0 while it is
/// stopped. Of the rest 1.
fn size(kind: Kind, body: &Value) -> i64 {
    match kind {
        Kind::Endpoint => body["SubnetIds"].as_array().map_or(0, |subnets| subnets.len() as i64),
        Kind::Instance => i64::from(body["Stopped"] != true),
        Kind::Volume => body["Size"].as_i64().unwrap_or_default(),
        _ => 1,
    }
}

/// The `Name` tag of a body.
pub fn name_of(body: &Value) -> Option<&str> {
    let tags = body.get("Tags")?.as_array()?;
    tags.iter().find(|tag| tag["Key"] == "Name")?["Value"].as_str().filter(|name| !name.is_empty())
}

/// A new id, shaped like the real ones: a prefix and 17 hexadecimal digits that begin with 0. It follows from the seed and
/// the thing's name, so that the same estate has the same ids however often it is built.
pub fn new_id(world: &mut World, prefix: &str, name: &str) -> Arc<str> {
    let network = &mut world.aws.network;
    network.serial += 1;
    let dice = Dice::new(world.seed).fork("ec2").fork(prefix);
    let named = format!("{prefix}0{:016x}", dice.fork(name).roll());
    if !name.is_empty() && !network.resources.contains_key(named.as_str()) {
        return named.into();
    }
    format!("{prefix}0{:016x}", dice.fork(&format!("{name}#{}", network.serial)).roll()).into()
}

/// An id for what belongs to something that has an id, where it is not kept (interfaces, associations).
pub fn derived_id(seed: u64, prefix: &str, of: &str) -> String {
    format!("{prefix}0{:016x}", Dice::new(seed).fork("ec2").fork(prefix).fork(of).roll())
}

/// The tags that a creation asks for, for its own kind.
pub fn tags_asked(input: &Value, tagged: &str) -> Vec<Value> {
    let asked = input.get("TagSpecifications").and_then(Value::as_array).into_iter().flatten();
    let of = asked.filter(|spec| spec["ResourceType"] == tagged);
    of.flat_map(|spec| spec["Tags"].as_array().cloned().unwrap_or_default()).collect()
}

/// Keeps a new thing, which works from `ready` on. `body` gets its id and tags.
pub fn add(world: &mut World, kind: Kind, mut body: Value, input: &Value, ready: Time) -> Result<Arc<Resource>, Fault> {
    if world.aws.network.resources.len() >= RESOURCES_MAX {
        return Err(Fault::new("ResourceCountExceeded", "You have exceeded the number of resources allowed."));
    }
    let row = kind.row();
    body["Tags"] = Value::Array(tags_asked(input, row.tagged));
    let name = name_of(&body).unwrap_or_default().to_string();
    let id = new_id(world, row.prefix, &name);
    body[row.id] = json!(*id);
    let mut sizes = Timeline::default();
    sizes.set(world.now, size(kind, &body));
    let resource = Arc::new(Resource { id: Arc::clone(&id), kind, body, created: world.now, ready, gone: None, sizes });
    let network = &mut world.aws.network;
    Arc::make_mut(&mut network.resources).insert(id, Arc::clone(&resource));
    network.settle(world.now, &world.aws.region);
    Ok(resource)
}

/// Changes a thing's body; says which members differ.
pub fn alter(world: &mut World, id: &str, change: impl FnOnce(&mut Value)) -> Vec<FieldChange> {
    let network = &mut world.aws.network;
    let Some(found) = Arc::make_mut(&mut network.resources).get_mut(id) else { return Vec::new() };
    let before = found.body.clone();
    let held = Arc::make_mut(found);
    change(&mut held.body);
    let size = size(held.kind, &held.body);
    if held.sizes.at(world.now) != Some(&size) {
        held.sizes.set(world.now, size);
    }
    let changed = changes(&before, &found.body);
    network.settle(world.now, &world.aws.region);
    changed
}

/// A thing ceases to work at `gone`, which may lie ahead.
pub fn remove(world: &mut World, id: &str, gone: Time) {
    let network = &mut world.aws.network;
    if let Some(found) = Arc::make_mut(&mut network.resources).get_mut(id) {
        Arc::make_mut(found).gone = Some(gone);
    }
    network.settle(world.now, &world.aws.region);
}

/// Where two bodies differ.
pub fn changes(before: &Value, after: &Value) -> Vec<FieldChange> {
    let some = |text: String| (!text.is_empty()).then_some(text);
    let differ = canon::differences(before, after).into_iter();
    differ.map(|(path, (was, is))| FieldChange { path, before: some(was), after: some(is) }).collect()
}

/// The thing of a kind with an id, or the service's words for that it is not there.
pub fn find<'a>(world: &'a World, kind: Kind, id: &str) -> Result<&'a Arc<Resource>, Fault> {
    let found = world.aws.network.get(id).filter(|found| found.kind == kind && found.gone.is_none());
    found.ok_or_else(|| missing(kind, id))
}

pub fn missing(kind: Kind, id: &str) -> Fault {
    let row = kind.row();
    if !id.starts_with(row.prefix) {
        let (code, _) = row.missing;
        let code = code.replace("NotFound", "Malformed");
        return Fault::new(&code, format!("Invalid id: \"{id}\" (expecting \"{}...\")", row.prefix));
    }
    let (code, words) = row.missing;
    Fault::new(code, words.replace("{}", id))
}

/// The id of what people call so (its `Name` tag), or of what has that id. Of several kinds with one name the last by id.
pub fn id_of(world: &World, name: &str) -> Option<Arc<str>> {
    let network = &world.aws.network;
    let mut named = network.resources.values().filter(|found| found.gone.is_none() && found.name() == name);
    network.get(name).or_else(|| named.next_back()).map(|found| Arc::clone(&found.id))
}

/// The same by the kind's CloudFormation name: an address may be called like its gateway.
pub fn id_of_cfn(world: &World, cfn: &str, name: &str) -> Option<Arc<str>> {
    let resources = world.aws.network.resources.values();
    let mut named = resources.filter(|r| r.gone.is_none() && r.kind.row().cfn == cfn && r.name() == name);
    named.next_back().map(|found| Arc::clone(&found.id))
}

/// The id of the one of a kind that people call so.
pub fn id_of_kind(world: &World, kind: Kind, name: &str) -> Option<Arc<str>> {
    let mut named = world.aws.network.there(kind).filter(|found| found.name() == name);
    named.next().map(|found| Arc::clone(&found.id))
}

/// Everything that is there, with its tags.
pub fn tagged(world: &World) -> Vec<Tagged> {
    tagged_if(world, |found| found.gone.is_none())
}

/// What is no longer there, with the tags it had.
pub fn tagged_gone(world: &World) -> Vec<Tagged> {
    tagged_if(world, |found| found.gone.is_some())
}

fn tagged_if(world: &World, wanted: impl Fn(&Resource) -> bool) -> Vec<Tagged> {
    let found = world.aws.network.resources.values().filter(|found| wanted(found));
    found
        .map(|found| {
            let row = found.kind.row();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
            let tags = found.list("Tags").iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"])));
            Tagged {
                arn: arn::make("ec2", &world.aws.region, &world.aws.id, &format!("{}/{}", row.tagged, found.id)),
                kind: row.cfn,
                name: Arc::clone(&found.id),
                tags: tags.collect(),
            }
        })
        .collect()
}
