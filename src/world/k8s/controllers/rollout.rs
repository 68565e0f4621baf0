//! The arithmetic of a rollout: how many replicas the new and the old ReplicaSets may have, given surge and
//! unavailability; and scaling outside of one. Follows deployment/util and rolling.go. Does not write statuses.

use super::deployment::{DESIRED, MAX, Scene, replicas};
use super::{integer, say, update};
use crate::world::World;
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::object::Object;
use serde_json::Value;
use std::sync::Arc;

/// An integer, or a percentage of `total`, rounded up or down.
fn share(value: &Value, total: i64, up: bool) -> i64 {
    match value {
        Value::String(text) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(25);
            if up { (percent * total + 99).div_euclid(100) } else { percent * total / 100 }
        }
        Value::Null => {
            if up {
                (25 * total + 99).div_euclid(100)
            } else {
                25 * total / 100
            }
        }
        number => number.as_i64().unwrap_or(0),
    }
}

fn is_rolling(scene: &Scene) -> bool {
    scene.deployment.spec["strategy"]["type"] != "Recreate"
}

pub fn surge_max(scene: &Scene) -> i64 {
    let rolling = &scene.deployment.spec["strategy"]["rollingUpdate"];
    if is_rolling(scene) { share(&rolling["maxSurge"], scene.wanted(), true) } else { 0 }
}

pub fn unavailable_max(scene: &Scene) -> i64 {
    let rolling = &scene.deployment.spec["strategy"]["rollingUpdate"];
    if !is_rolling(scene) || scene.wanted() == 0 {
        return 0;
    }
    let unavailable = share(&rolling["maxUnavailable"], scene.wanted(), false);
    // Both zero would never move: one may be unavailable then.
    let unavailable = if unavailable == 0 && surge_max(scene) == 0 { 1 } else { unavailable };
    unavailable.min(scene.wanted())
}

/// How many replicas the newest ReplicaSet should have now.
pub fn new_replicas(scene: &Scene) -> i64 {
    if !is_rolling(scene) {
        return scene.wanted();
    }
    let current: i64 = scene.all().map(|set| replicas(set)).sum();
    let own = scene.new.as_ref().map_or(0, |set| replicas(set));
    let total = scene.wanted() + surge_max(scene);
    if current >= total { own } else { own + (total - current).min(scene.wanted() - own) }
}

/// Sets a ReplicaSet's replicas and says so.
pub fn set_replicas(world: &mut World, scene: &Scene, set: &Object, count: i64) {
    let from = replicas(set);
    let wanted = scene.wanted().to_string();
    let most = (scene.wanted() + surge_max(scene)).to_string();
    let noted = set.meta.annotations.get(DESIRED) == Some(&wanted) && set.meta.annotations.get(MAX) == Some(&most);
    if from == count && noted {
        return;
    }
    update(world, Kind::ReplicaSet, &set.meta.namespace, &set.meta.name, |set| {
        set.meta.annotations.insert(DESIRED.into(), wanted);
        set.meta.annotations.insert(MAX.into(), most);
        if from != count {
            let mut spec = Value::clone(&set.spec);
            spec["replicas"] = count.into();
            set.spec = Arc::new(spec);
        }
    });
    if from != count {
        let way = if count > from { "up" } else { "down" };
        let text = format!("Scaled {way} replica set {} from {from} to {count}", set.meta.name);
        say(world, "deployment-controller", &scene.deployment, false, "ScalingReplicaSet", text);
    }
}

/// Scales the newest ReplicaSet towards what is wanted; true if it moved.
pub fn grow_new(world: &mut World, scene: &Scene) -> bool {
    let Some(new) = &scene.new else { return false };
    let own = replicas(new);
    if own == scene.wanted() {
        return false;
    }
    let count = if own > scene.wanted() { scene.wanted() } else { new_replicas(scene) };
    set_replicas(world, scene, new, count);
    count != own
}

/// Scales old ReplicaSets down as far as availability allows, the broken pods first; true if any moved.
pub fn shrink_old(world: &mut World, scene: &Scene) -> bool {
    let old: i64 = scene.old.iter().map(|set| replicas(set)).sum();
    let Some(new) = scene.new.as_ref().filter(|_| old > 0) else { return false };
    let all: i64 = scene.all().map(|set| replicas(set)).sum();
    let least = scene.wanted() - unavailable_max(scene);
    let available = |set: &Object| integer(&set.status["availableReplicas"], 0);
    let spare = all - least - (replicas(new) - available(new));
    if spare <= 0 {
        return false;
    }
    let mut left: Vec<(Arc<Object>, i64)> = scene.old.iter().map(|set| (set.clone(), replicas(set))).collect();
    let mut cleaned = 0;
    for (set, count) in left.iter_mut().filter(|(_, count)| *count > 0) {
        let broken = (*count - available(set)).max(0).min(spare - cleaned);
        if broken > 0 {
            set_replicas(world, scene, set, *count - broken);
            *count -= broken;
            cleaned += broken;
        }
    }
    let living: i64 = scene.all().map(|set| available(set)).sum();
    let mut quota = (living - least).max(0);
    let mut moved = cleaned > 0;
    for (set, count) in left.iter().filter(|(_, count)| *count > 0) {
        let less = quota.min(*count);
        if less > 0 {
            let fresh = world.k8s.store.get(Kind::ReplicaSet, &set.meta.namespace, &set.meta.name).cloned();
            set_replicas(world, scene, fresh.as_deref().unwrap_or(set), count - less);
            quota -= less;
            moved = true;
        }
    }
    moved
}

/// Scaling while no rollout is due: one active set takes all; several share in proportion.
pub fn scale(world: &mut World, scene: &Scene) {
    let active: Vec<&Arc<Object>> = scene.all().filter(|set| replicas(set) > 0).collect();
    let one = match active.as_slice() {
        [] => scene.new.as_ref().or(scene.old.last()),
        [one] => Some(*one),
        _ => None,
    };
    if let Some(one) = one {
        set_replicas(world, scene, one, scene.wanted());
        return;
    }
    let saturated = scene.new.as_ref().is_some_and(|new| {
        replicas(new) == scene.wanted() && integer(&new.status["availableReplicas"], 0) == scene.wanted()
    });
    if saturated {
        for set in scene.old.iter().filter(|set| replicas(set) > 0) {
            set_replicas(world, scene, set, 0);
        }
        return;
    }
    let total: i64 = active.iter().map(|set| replicas(set)).sum();
    let allowed = if scene.wanted() > 0 { scene.wanted() + surge_max(scene) } else { 0 };
    let mut sets = active.clone();
    // Growing favours the newest of equal sets, shrinking the oldest.
    sets.sort_by_key(|set| {
        let newest = std::cmp::Reverse(set.meta.created);
        (std::cmp::Reverse(replicas(set)), if allowed > total { Some(newest) } else { None }, set.meta.created)
    });
    let mut rest = allowed - total;
    let mut counts: Vec<i64> = Vec::new();
    for set in &sets {
        let own = replicas(set);
        let most = set.meta.annotations.get(MAX).and_then(|text| text.parse::<i64>().ok()).filter(|m| *m > 0);
        let fair = (2 * own * allowed / most.unwrap_or(total.max(1)) + 1) / 2 - own;
        let part = if rest > 0 { fair.clamp(0, rest) } else { fair.clamp(rest, 0) };
        rest -= part;
        counts.push(own + part);
    }
    if let Some(first) = counts.first_mut() {
        *first = (*first + rest).max(0);
    }
    for (set, count) in sets.into_iter().zip(counts) {
        set_replicas(world, scene, set, count);
    }
}
