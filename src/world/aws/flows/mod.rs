//! Bytes on the estate's ways to the outside: who sends how much to whom, over which gateway, at which time. A pure
//! function of workloads, routes and time. Does not know prices.

pub mod amounts;
mod lower;
pub mod meters;
pub mod metrics;
pub mod pieces;
pub mod ports;
pub mod records;
pub mod sources;
pub mod spec;

use super::super::World;
use super::super::apps::lower::Problem;
use crate::stdx::time::Time;
use serde_json::Value;
use spec::Flow;
use std::sync::Arc;

/// Pulls remembered; beyond it the oldest are forgotten (with their bytes).
const PULLS_MAX: usize = 50_000;

/// What flows.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    pub(super) specs: Arc<Vec<Arc<Flow>>>,
    pub(super) pulls: Arc<Vec<Pull>>,
    /// When the world began; before it things ran as they first did after it.
    pub(super) start: Time,
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

/// The flow that an image comes by, with the bytes of its layers.
pub fn of_image(world: &World, image: &str) -> Option<(Arc<Flow>, u64)> {
    let specs = world.aws.flows.specs.iter();
    let named = |flow: &Arc<Flow>| {
        let best = flow.images.iter().filter(|(repository, _)| covers(repository, image));
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

/// A kubelet pulls an image at `world.now`: its bytes flow, if the account says by which way. An image that was here
/// already (a pull by policy) moves its layers again only if they are not kept: containerd asks for the manifest alone, so
/// `bytes` then are those of a manifest.
pub fn pulled(world: &mut World, node: &str, image: &str, here: bool) {
    if world.aws.flows.specs.is_empty() {
        return;
    }
    let Some((flow, whole)) = of_image(world, image) else { return };
    let bytes = if here && !flow.images.contains_key("*") { MANIFEST } else { whole };
    let pull = Pull { at: world.now, node: node.into(), image: image.into(), bytes, flow };
    let pulls = Arc::make_mut(&mut world.aws.flows.pulls);
    if pulls.len() == PULLS_MAX {
        pulls.remove(0);
    }
    pulls.push(pull);
}

/// Bytes of a manifest with its configuration.
const MANIFEST: u64 = 12_000;
