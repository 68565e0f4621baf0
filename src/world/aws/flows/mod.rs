//! Bytes on the estate's ways to the outside: who sends how much to whom, over which gateway, at which time. A pure
//! function of workloads, routes and time. Does not know prices.

pub mod amounts;
mod lower;
pub mod meters;
pub mod metrics;
pub mod pieces;
pub mod ports;
pub mod records;
pub mod rights;
pub mod sources;
pub mod spec;

use super::super::World;
use super::super::apps::lower::Problem;
use super::ec2::address::show;
use super::ec2::way::{self, Destination};
use super::ec2::{instances, prefix_lists};
use crate::stdx::dice::hash_name;
use crate::stdx::time::Time;
use crate::world::k8s::kubelet::image::full_name;
use serde_json::Value;
use spec::Flow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Pulls remembered one by one; beyond it the older half is remembered by the hour, node and flow, which bills ask for.
const PULLS_MAX: usize = 50_000;

/// What flows.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    pub(super) specs: Arc<Vec<Arc<Flow>>>,
    pub(super) pulls: Arc<Vec<Pull>>,
    /// Since when there is the account.
    pub born: Time,
    /// When the world began; before it things ran as they first did after it.
    pub start: Time,
}

/// A kubelet pulled an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pull {
    pub at: Time,
    pub node: Arc<str>,
    pub image: Arc<str>,
    pub bytes: u64,
    /// The flow it belongs to: the one that declares the image's repository.
    pub flow: Arc<Flow>,
}

/// Reads `[flows]` of an estate's account.
pub fn describe(world: &mut World, flows: &Value) -> Vec<Problem> {
    let (specs, problems) = lower::flows(flows);
    world.aws.flows.specs = Arc::new(specs.into_iter().map(Arc::new).collect());
    problems
}

/// The world began to live at `start`.
pub fn begin(world: &mut World, start: Time) {
    world.aws.flows.start = start;
}

/// Where something is that flows and programs name (`partner:payments`, `s3:scoop-backups`, `aws:email-smtp`). What no flow
/// declares is somewhere on the internet.
pub fn destination(world: &World, to: &str) -> Destination {
    if let Some(flow) = world.aws.flows.specs.iter().find(|flow| *flow.to == *to) {
        return pieces::destination(flow);
    }
    let partner = to.strip_prefix("partner:").and_then(|name| world.partners.get(name));
    let stated = partner.and_then(|partner| super::ec2::address::parse(&partner.spec.ip));
    let elsewhere = stated.unwrap_or(0xCB00_7100 + (hash_name(to) % 250) as u32);
    match to.split_once(':') {
        Some(("s3", _)) => {
            let address = prefix_lists::ranges("s3").first().map_or(elsewhere, |range| range.at(1));
            Destination { name: to.into(), service: "s3".into(), address, port: TLS }
        }
        Some(("aws", service)) => {
            Destination { name: to.into(), service: service.into(), address: AWS_ADDRESS, port: TLS }
        }
        _ => {
            let port = partner.map_or(TLS, |partner| partner.spec.port);
            Destination { name: to.into(), service: "".into(), address: elsewhere, port }
        }
    }
}

/// Whether a flow says where something is.
pub fn declared(world: &World, to: &str) -> bool {
    world.aws.flows.specs.iter().any(|flow| *flow.to == *to)
}

/// HTTPS.
pub const TLS: u16 = 443;

/// One of AWS's own addresses in the region, in 52.95.192.0/20.
const AWS_ADDRESS: u32 = 0x345F_C00A;

/// Whether a node reaches a destination at a time. Where the account has no network nothing stands in the way.
pub fn node_reaches(world: &World, at: Time, node: &str, to: &Destination) -> bool {
    if world.aws.network.setups().is_empty() {
        return true;
    }
    let machine = instances::machine_of(world, node);
    machine.is_none_or(|machine| way::reaches(world, at, machine.sender(), to))
}

/// The flow that an image comes by, with the bytes of its layers.
pub fn of_image(world: &World, image: &str) -> Option<(Arc<Flow>, u64)> {
    if world.aws.flows.specs.is_empty() {
        return None;
    }
    let (specs, full) = (world.aws.flows.specs.iter(), full_name(image));
    let named = |flow: &Arc<Flow>| {
        let best = flow.images.iter().filter(|(repository, _)| covers(repository, &full));
        best.max_by_key(|(repository, _)| repository.len()).map(|(repository, bytes)| (repository.len(), *bytes))
    };
    let best = specs.filter_map(|flow| named(flow).map(|(length, bytes)| (length, flow, bytes)));
    best.max_by_key(|(length, ..)| *length).map(|(_, flow, bytes)| (Arc::clone(flow), bytes))
}

/// `registry.example/shop/*` covers all below it; `registry.example/shop/cart` its tags and digests, and with a tag just that.
fn covers(pattern: &str, image: &str) -> bool {
    if let Some(start) = pattern.strip_suffix('*') {
        return image.starts_with(start);
    }
    let rest = image.strip_prefix(pattern);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@']))
}

/// A kubelet pulls an image at `world.now`: its layers' bytes flow, if the account says by which way. A pull by policy of an
/// image that is here counts like any other: nodes of this cluster keep no layers once they are unpacked.
pub fn pulled(world: &mut World, node: &str, image: &str) {
    let Some((flow, bytes)) = of_image(world, image) else { return };
    let pull = Pull { at: world.now, node: node.into(), image: image.into(), bytes, flow };
    let pulls = Arc::make_mut(&mut world.aws.flows.pulls);
    if pulls.len() >= PULLS_MAX {
        fold(pulls);
    }
    pulls.push(pull);
}

/// Makes one pull of those of the older half that one node made for one flow in one hour, at the time of their first. Bytes
/// and the hour in which they are charged stay.
pub fn fold(pulls: &mut Vec<Pull>) {
    let recent = pulls.split_off(pulls.len() / 2);
    let mut folded: Vec<Pull> = Vec::new();
    let mut at: BTreeMap<(i64, Arc<str>, Arc<str>), usize> = BTreeMap::new();
    for pull in pulls.drain(..) {
        let hour = pieces::minute_from(pull.at).div_euclid(60);
        match at.get(&(hour, Arc::clone(&pull.node), Arc::clone(&pull.flow.name))) {
            Some(index) => folded[*index].bytes += pull.bytes,
            None => {
                at.insert((hour, Arc::clone(&pull.node), Arc::clone(&pull.flow.name)), folded.len());
                folded.push(pull);
            }
        }
    }
    // If every hour of years had its pull, the oldest of them would have to go.
    let over = (folded.len() + recent.len()).saturating_sub(PULLS_MAX - 1);
    pulls.extend(folded.into_iter().skip(over).chain(recent));
}

/// The registry's address, if a node could not reach it at a time. Where there is no network, everything is reached.
pub fn unreached(world: &World, at: Time, node: &str, image: &str) -> Option<String> {
    if world.aws.network.setups().is_empty() {
        return None;
    }
    let machine = instances::machine_of(world, node)?;
    let flow = of_image(world, image).map(|(flow, _)| flow);
    // A registry that nobody declared is somewhere on the internet.
    let elsewhere =
        Destination { address: 0xCB00_7100 + (hash_name(image) % 250) as u32, port: TLS, ..Destination::default() };
    let layers = flow.as_ref().map_or_else(|| elsewhere.clone(), |flow| pieces::destination(flow));
    let mut asked = vec![layers];
    if flow.is_some_and(|flow| &*flow.to == "ecr") {
        // The registry itself answers beside S3, which has the layers (ECR user guide, "Amazon ECR interface VPC endpoints").
        asked.insert(0, Destination { name: "ecr".into(), service: "ecr.dkr".into(), address: AWS_ADDRESS, port: TLS });
    }
    let missing = asked.into_iter().find(|to| !way::reaches(world, at, machine.sender(), to))?;
    Some(show(missing.address))
}
