//! Which of the nodes that fit is best: least allocated, balanced, away from siblings, as the pod prefers; ties by
//! chance. Weights are those of the default profile. Does not filter.

use super::fit::{matching, node_term, tolerates};
use super::{Asks, NodeLoad};
use crate::world::World;
use crate::world::k8s::Name;
use crate::world::k8s::object::Object;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The best of `nodes` (not empty; the first if all else fails).
pub fn best(world: &mut World, pod: &Object, asks: &Asks, nodes: Vec<Name>) -> Name {
    let siblings = siblings(world, pod);
    let most = siblings.values().max().copied().unwrap_or(0);
    let scheduler = &world.k8s.scheduler;
    let mut scored: Vec<(i64, &Name)> = Vec::new();
    for name in &nodes {
        let Some(load) = scheduler.nodes.get(name) else { continue };
        let spread = (most - siblings.get(name).copied().unwrap_or(0)) * 100 / most.max(1);
        let affine = preferred_nodes(pod, name, load) + preferred_pods(world, pod, load);
        let total = room(load, asks) + 2 * spread + 2 * affine - 3 * soft_taints(pod, load);
        scored.push((total, name));
    }
    let top = scored.iter().map(|(score, _)| *score).max().unwrap_or(0);
    let ties: Vec<Name> = scored.into_iter().filter(|(score, _)| *score == top).map(|(_, name)| name.clone()).collect();
    let chosen = Arc::make_mut(&mut world.k8s.scheduler).dice.pick(&ties).cloned();
    chosen.or_else(|| nodes.first().cloned()).unwrap_or_else(|| "".into())
}

/// NodeResourcesFit (least allocated) and NodeResourcesBalancedAllocation, 0 to 200.
fn room(load: &NodeLoad, asks: &Asks) -> i64 {
    let free = |resource: &str, least: i64| {
        let all = load.allocatable.get(resource).copied().unwrap_or(0).max(1);
        let asked = asks.requests.get(resource).copied().filter(|a| *a > 0).unwrap_or(least);
        let used = load.used_scoring.get(resource).copied().unwrap_or(0) + asked;
        ((all - used).max(0) as i128 * 100 / all as i128) as i64
    };
    let (cpu, memory) = (free("cpu", 100), free("memory", 200 << 20));
    (cpu + memory) / 2 + 100 - (cpu - memory).abs() / 2
}

/// How many pods of the same controller each node has (the default spread constraints, hostname only).
fn siblings(world: &World, pod: &Object) -> BTreeMap<Name, i64> {
    let mut counts = BTreeMap::new();
    let Some(owner) = pod.controller() else { return counts };
    for place in world.k8s.index.dependents(&owner.uid) {
        let Some(other) = world.k8s.store.get(place.kind, &place.namespace, &place.name) else { continue };
        if let Some(node) = other.spec["nodeName"].as_str() {
            *counts.entry(Name::from(node)).or_default() += 1;
        }
    }
    counts
}

fn preferred_nodes(pod: &Object, name: &str, load: &NodeLoad) -> i64 {
    let path = "/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution";
    let terms = pod.spec.pointer(path).and_then(Value::as_array).into_iter().flatten();
    terms
        .filter(|term| node_term(&term["preference"], name, &load.labels))
        .map(|term| term["weight"].as_i64().unwrap_or(0))
        .sum()
}

fn preferred_pods(world: &World, pod: &Object, load: &NodeLoad) -> i64 {
    let mut total = 0;
    for (kind, sign) in [("podAffinity", 1), ("podAntiAffinity", -1)] {
        let path = format!("/affinity/{kind}/preferredDuringSchedulingIgnoredDuringExecution");
        for weighted in pod.spec.pointer(&path).and_then(Value::as_array).into_iter().flatten() {
            let term = &weighted["podAffinityTerm"];
            let key = term["topologyKey"].as_str().unwrap_or("");
            let cards = matching(&world.k8s.index, pod, term, world);
            let value = |card: &Arc<_>| {
                let card: &crate::world::k8s::index::PodCard = card;
                world.k8s.scheduler.nodes.get(card.node.as_str())?.labels.get(key).cloned()
            };
            let here = cards.iter().filter(|card| value(card).as_ref() == load.labels.get(key)).count() as i64;
            total += sign * here * weighted["weight"].as_i64().unwrap_or(0);
        }
    }
    total.clamp(-100, 100)
}

fn soft_taints(pod: &Object, load: &NodeLoad) -> i64 {
    let tolerations = pod.spec["tolerations"].as_array().map(Vec::as_slice).unwrap_or_default();
    let soft = load.taints.iter().filter(|taint| taint["effect"] == "PreferNoSchedule");
    soft.filter(|taint| !tolerations.iter().any(|t| tolerates(t, taint))).count() as i64 * 100
}
