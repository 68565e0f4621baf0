//! How a pod ends: by itself when its containers are done, or by deletion with a grace period. Does not restart anything.

use super::pod::{Ending, PodKey, Role, Step};
use super::status::View;
use super::{Due, object_of, pod, pod_mut, say, schedule, start, sync, write_status};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::apps;
use crate::world::k8s::kinds::Kind;
use std::sync::Arc;

/// All app containers have ended for good: sidecars are stopped, then the final status is written.
pub fn terminal(world: &mut World, key: PodKey) {
    let Some(run) = pod_mut(world, key) else { return };
    run.ending = Ending::Terminal;
    stop_all(world, key);
}

/// Deletion was asked: every container gets SIGTERM and the pod's grace.
pub fn delete(world: &mut World, key: PodKey) {
    let Some(run) = pod_mut(world, key) else { return };
    let idle = !run.worker.busy && run.ending == Ending::Deleting;
    if run.ending == Ending::Done || idle {
        // Nothing runs any more: the object may go as soon as its finalizers allow it.
        run.ending = Ending::Deleting;
        remove_object(world, key);
        return;
    }
    if run.ending == Ending::Deleting {
        return;
    }
    let stopping = run.ending == Ending::Terminal;
    run.ending = Ending::Deleting;
    if !stopping {
        stop_all(world, key);
    }
}

fn stop_all(world: &mut World, key: PodKey) {
    let grace = object_of(world, key).and_then(|object| object.meta.grace_s);
    let Some(run) = pod(world, key) else { return };
    let grace = grace.or_else(|| run.spec["terminationGracePeriodSeconds"].as_i64()).unwrap_or(30);
    let mut leaving = Vec::new();
    let running =
        run.containers.iter().enumerate().filter_map(|(i, c)| Some((i, c.name.clone(), c.running()?.instance)));
    // Sidecars are stopped with the rest: nothing here depends on their order.
    let running: Vec<_> = running.collect();
    for (index, name, instance) in running {
        say(world, key, Some(index), false, "Killing", format!("Stopping container {name}"));
        let (code, wait) = sync::leave(world, instance, Span::secs(grace));
        leaving.push((wait, index, code));
    }
    leaving.sort();
    let Some(run) = pod_mut(world, key) else { return };
    run.worker.busy = true;
    run.worker.steps.clear();
    let longest = leaving.last().map_or(Span::ZERO, |(wait, ..)| *wait);
    for (_, container, code) in leaving {
        run.worker.steps.push_back(Step::Killed { container, code });
    }
    run.worker.steps.push_back(Step::Gone);
    run.worker.step_token += 1;
    let token = run.worker.step_token;
    let at = world.now + longest;
    schedule(world, at, Due::Step { pod: key, token });
}

/// All containers have left: the sandbox goes too, and the next relist notices it. Gives the time until then.
pub fn gone(world: &mut World, key: PodKey) -> Option<Span> {
    let now = world.now;
    let run = pod_mut(world, key)?;
    run.worker.steps.push_back(Step::Over);
    let sandbox = run.sandbox.as_mut().filter(|sandbox| sandbox.ready)?;
    sandbox.ready = false;
    let sidecars = run.containers.iter().any(|c| c.role == Role::Sidecar);
    let show = sidecars || run.ending == Ending::Deleting;
    let node = run.node.clone();
    if show {
        write_status(world, key, View::Current);
    }
    let relist = world.k8s.kubelets.nodes.get(&node).map_or(now, |host| host.relist_after(now));
    Some(relist - now)
}

/// The pod is over: its final status is written, or its object goes.
pub fn over(world: &mut World, key: PodKey) {
    write_status(world, key, View::Final);
    let Some(run) = pod_mut(world, key) else { return };
    run.worker.busy = false;
    if run.ending == Ending::Deleting {
        remove_object(world, key);
    } else {
        run.ending = Ending::Done;
    }
}

/// Takes the pod's object out of the API, as the kubelet's final deletion with grace 0 does.
fn remove_object(world: &mut World, key: PodKey) {
    let Some(object) = object_of(world, key) else { return };
    if object.meta.finalizers.is_empty() {
        world.k8s.store.remove(Kind::Pod, &object.meta.namespace, &object.meta.name);
    }
}

/// The pod's object is gone: what still runs is killed, and nothing is remembered.
pub fn drop_pod(world: &mut World, key: PodKey) {
    let running: Vec<_> = pod(world, key)
        .map(|run| run.containers.iter().enumerate().filter(|(_, c)| c.running().is_some()).map(|(i, _)| i).collect())
        .unwrap_or_default();
    for container in running {
        start::killed(world, key, container, 137);
    }
    let kubelets = Arc::make_mut(&mut world.k8s.kubelets);
    let Some(run) = kubelets.pods.remove(&key) else { return };
    if let (Some(host), Some(sandbox)) = (kubelets.nodes.get_mut(&run.node), &run.sandbox) {
        host.release_ip(&sandbox.ip);
    }
    kubelets.by_uid.remove(&run.about.uid);
    let name = (run.about.namespace.clone(), run.about.name.clone());
    if kubelets.by_name.get(&name) == Some(&key) {
        kubelets.by_name.remove(&name);
    }
    let kept: Vec<apps::InstanceId> = run.containers.iter().flat_map(|c| c.kept.iter().map(|(_, i)| *i)).collect();
    for instance in kept {
        kubelets.by_instance.remove(&instance);
        kubelets.planned.remove(&instance);
    }
}
