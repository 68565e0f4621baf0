//! Starting and ending one container: back-off, image, configuration, launch, exit. Does not decide which container.

use super::image::{self, Image};
use super::pod::{Finish, PodKey, Start, Step};
use super::{Due, backoff, config, object_of, pod, pod_mut, probe, say, schedule};
use crate::stdx::quantity::Quantity;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps::{self, Exit, InstanceId, Launch};
use crate::world::aws::flows;
use crate::world::k8s::Name;
use serde_json::Value;
use std::sync::Arc;

/// Tries to start a container: restart back-off first, then its image, then the rest. Gives the time a pull takes.
pub fn begin(world: &mut World, key: PodKey, container: usize) -> Option<Span> {
    let now = world.now;
    if held_back(world, key, container) {
        return None;
    }
    let run = pod(world, key)?;
    let c = &run.containers[container];
    let spec = run.container_spec(c);
    let image = spec["image"].as_str().unwrap_or("").to_string();
    let always = spec["imagePullPolicy"] == "Always";
    let never = spec["imagePullPolicy"] == "Never";
    let node = run.node.clone();
    if let Some(text) = image::name_error(&image) {
        say(world, key, Some(container), true, "InspectFailed", text);
        failed(
            world,
            key,
            container,
            "InvalidImageName",
            format!("Failed to apply default image tag \"{image}\""),
            None,
        );
        return None;
    }
    let here = world.k8s.kubelets.nodes.get(&node).is_some_and(|host| host.images.contains(&image));
    if here && !always {
        let text = format!("Container image \"{image}\" already present on machine and can be accessed by the pod");
        say(world, key, Some(container), false, "Pulled", text);
        launch(world, key, container);
        return None;
    }
    if never {
        let text = format!("Container image \"{image}\" is not present with pull policy of Never");
        say(world, key, Some(container), true, "ErrImageNeverPull", text.clone());
        failed(world, key, container, "ErrImageNeverPull", text, None);
        return None;
    }
    let run = pod(world, key)?;
    let c = &run.containers[container];
    if let Some(held) = c.pull_backoff.filter(|b| now - b.updated < b.delay) {
        let _ = held;
        let why = c.pull_error.clone();
        let text = format!("Back-off pulling image \"{image}\"");
        say(world, key, Some(container), false, "BackOff", text.clone());
        failed(world, key, container, "ImagePullBackOff", format!("{text}: ErrImagePull: {why}"), None);
        return None;
    }
    say(world, key, Some(container), false, "Pulling", format!("Pulling image \"{image}\""));
    let moves = flows::of_image(world, &image).is_some();
    let took = match world.k8s.kubelets.registry.find(&image) {
        Image::Here { .. } if flows::unreached(world, now, &node, &image).is_some() => image::DIAL,
        Image::Here { .. } if here && !moves => Span::millis(120),
        Image::Here { pull, .. } => pull,
        Image::Missing | Image::Denied => Span::millis(300),
    };
    let host = Arc::make_mut(&mut world.k8s.kubelets).nodes.get_mut(&node)?;
    let free = host.pull_free.max(now);
    host.pull_free = free + took;
    let run = pod_mut(world, key)?;
    run.worker.steps.push_front(Step::Pulled { container, asked: now, took });
    Some(free + took - now)
}

/// Whether the restart back-off holds; if not, counts this start.
fn held_back(world: &mut World, key: PodKey, container: usize) -> bool {
    let now = world.now;
    let Some(run) = pod_mut(world, key) else { return true };
    let uid = run.about.uid.clone();
    let full = format!("{}_{}({uid})", run.about.name, run.about.namespace);
    // A container killed in this very sync is judged by the end before: the sync's own picture is older than the kill.
    let killed_now = run.containers[container].finish().is_some_and(|finish| finish.at == now);
    let c = &mut run.containers[container];
    let seen = if killed_now { c.last.as_ref().and_then(|last| last.finish.as_ref()) } else { c.newest_finish() };
    let Some(at) = seen.map(|finish| finish.at) else { return false };
    let Some(expiry) = backoff::held_until(c.restart_backoff, at, now) else {
        c.restart_backoff = Some(backoff::next(c.restart_backoff, at, now));
        return false;
    };
    let delay = c.restart_backoff.map_or(backoff::FIRST, |b| b.delay);
    let name = c.name.clone();
    say(
        world,
        key,
        Some(container),
        true,
        "BackOff",
        format!("Back-off restarting failed container {name} in pod {full}"),
    );
    let delay = image::go_duration_whole(delay);
    let why = format!("back-off {delay} restarting failed container={name} pod={full}");
    failed(world, key, container, "CrashLoopBackOff", why, Some(expiry));
    true
}

/// The pull is over.
pub fn pulled(world: &mut World, key: PodKey, container: usize, asked: Time, took: Span) {
    let now = world.now;
    let Some(run) = pod_mut(world, key) else { return };
    let spec = run.container_spec(&run.containers[container]);
    let image = spec["image"].as_str().unwrap_or("").to_string();
    let node = run.node.clone();
    let found = world.k8s.kubelets.registry.find(&image);
    let unreached = flows::unreached(world, asked, &node, &image);
    let refused = flows::rights::pull_refused(world, asked, &node, &image);
    if let (Image::Here { bytes, .. }, None, None) = (&found, &unreached, &refused) {
        let bytes = flows::of_image(world, &image).map_or(*bytes, |(_, bytes)| bytes);
        let text = format!(
            "Successfully pulled image \"{image}\" in {} ({} including waiting). Image size: {bytes} bytes.",
            image::go_duration(took),
            image::go_duration(now - asked)
        );
        flows::pulled(world, &node, &image);
        if let Some(host) = Arc::make_mut(&mut world.k8s.kubelets).nodes.get_mut(&node) {
            host.images.insert(image);
        }
        say(world, key, Some(container), false, "Pulled", text);
        launch(world, key, container);
        return;
    }
    let why = match (unreached, refused) {
        (Some(address), _) => image::dial_error(&image, &address),
        (None, Some(layers)) => image::forbidden_error(&image, layers.as_deref()),
        (None, None) => image::pull_error(&image, &found),
    };
    if let Some(run) = pod_mut(world, key) {
        let c = &mut run.containers[container];
        c.pull_backoff = Some(backoff::next(c.pull_backoff, now, now));
        c.pull_error.clone_from(&why);
    }
    say(world, key, Some(container), true, "Failed", format!("Failed to pull image \"{image}\": {why}"));
    failed(world, key, container, "ErrImagePull", why, None);
}

/// This start has failed: the reason is remembered for the next status, and said unless the back-off said it.
fn failed(world: &mut World, key: PodKey, container: usize, reason: &'static str, why: String, expiry: Option<Time>) {
    let Some(run) = pod_mut(world, key) else { return };
    let outcome = &mut run.worker.outcome;
    outcome.failed = true;
    if let Some(expiry) = expiry {
        outcome.expiry = Some(outcome.expiry.map_or(expiry, |e| e.min(expiry)));
    }
    run.containers[container].why = Some((reason, why.clone()));
    match reason {
        "CrashLoopBackOff" => {}
        "RunContainerError" | "CreateContainerConfigError" => {
            say(world, key, Some(container), true, "Failed", format!("Error: {why}"));
        }
        _ => say(world, key, Some(container), true, "Failed", format!("Error: {reason}")),
    }
}

/// Creates the container and starts its process.
fn launch(world: &mut World, key: PodKey, container: usize) {
    let Some(object) = object_of(world, key) else { return };
    let Some(run) = pod(world, key) else { return };
    let c = &run.containers[container];
    let spec = run.container_spec(c).clone();
    let ip = run.sandbox.as_ref().map_or_else(|| Name::from(""), |s| s.ip.clone());
    let restart = c.current.as_ref().map_or(0, |start| start.restart + 1);
    let env = match config::environment(&world.k8s.store, &object, &spec, &ip) {
        Ok(env) => env,
        Err(why) => {
            failed(world, key, container, "CreateContainerConfigError", why, None);
            return;
        }
    };
    let words = |field: &str| spec[field].as_array().into_iter().flatten().filter_map(Value::as_str);
    let command = words("command").chain(words("args")).map(|word| config::expand(word, &env)).collect();
    let limit = |name: &str| spec["resources"]["limits"][name].as_str().and_then(Quantity::parse);
    let ask = Launch {
        namespace: run.about.namespace.clone(),
        pod: run.about.name.clone(),
        pod_uid: run.about.uid.clone(),
        container: c.name.clone(),
        node: run.node.clone(),
        image: spec["image"].as_str().unwrap_or("").into(),
        command,
        files: config::files(&world.k8s.store, &object, &spec),
        env,
        pod_labels: object.meta.labels.clone(),
        pod_annotations: object.meta.annotations.clone(),
        memory_limit: limit("memory").and_then(|q| u64::try_from(q.value()).ok()),
        cpu_limit: limit("cpu").and_then(|q| u64::try_from(q.milli()).ok()),
        restart,
        started: world.now,
    };
    say(world, key, Some(container), false, "Created", "Container created".into());
    let (instance, exit) = apps::launch(world, ask);
    remember(world, key, container, instance, restart);
    match exit {
        Some(exit) if exit.reason == "StartError" => not_started(world, key, container, exit),
        exit => {
            say(world, key, Some(container), false, "Started", "Container started".into());
            plan_exit(world, key, container, exit);
            probe::begin(world, key, container);
        }
    }
}

fn remember(world: &mut World, key: PodKey, container: usize, instance: InstanceId, restart: u32) {
    let now = world.now;
    let kubelets = Arc::make_mut(&mut world.k8s.kubelets);
    let id: String = (0..4).map(|_| format!("{:016x}", kubelets.dice.roll())).collect();
    let Some(run) = kubelets.pods.get_mut(&key).map(Arc::make_mut) else { return };
    run.worker.outcome.started = true;
    let c = &mut run.containers[container];
    c.why = None;
    c.changed = false;
    let container_id: Name = format!("containerd://{id}").as_str().into();
    let fresh = Start { instance, restart, container_id, started: Some(now), finish: None, exit_token: 0 };
    c.last = c.current.replace(fresh);
    c.kept.push((restart, instance));
    if c.kept.len() > 2 {
        let (_, gone) = c.kept.remove(0);
        kubelets.by_instance.remove(&gone);
    }
    kubelets.by_instance.insert(instance, (key, container));
}

/// The process could not be started at all (no such command): exit code 128, no start time.
fn not_started(world: &mut World, key: PodKey, container: usize, exit: Exit) {
    let now = world.now;
    if let Some(run) = pod_mut(world, key)
        && let Some(start) = run.containers[container].current.as_mut()
    {
        start.started = None;
        let message = exit.message.clone();
        start.finish = Some(Finish { at: now, code: 128, reason: "StartError", message });
        let instance = start.instance;
        apps::stopped(world, instance);
    }
    failed(world, key, container, "RunContainerError", exit.message, None);
}

/// Puts the planned exit of the running start on the agenda, and voids an older plan.
pub fn plan_exit(world: &mut World, key: PodKey, container: usize, exit: Option<Exit>) {
    let kubelets = Arc::make_mut(&mut world.k8s.kubelets);
    let Some(run) = kubelets.pods.get_mut(&key).map(Arc::make_mut) else { return };
    let Some(start) = run.containers.get_mut(container).and_then(|c| c.current.as_mut()) else { return };
    if start.finish.is_some() {
        return;
    }
    start.exit_token += 1;
    let (instance, token) = (start.instance, start.exit_token);
    let began = start.started.unwrap_or_default();
    kubelets.planned.remove(&instance);
    if let Some(exit) = exit {
        let at = began + exit.after;
        kubelets.planned.insert(instance, exit);
        schedule(world, at, Due::Exit { pod: key, container, instance, token });
    }
}

/// A container's process has ended by itself; the kubelet notices at its next relist.
pub fn exited(world: &mut World, key: PodKey, container: usize, instance: InstanceId, token: u64) {
    let now = world.now;
    let Some(exit) = world.k8s.kubelets.planned.get(&instance).cloned() else { return };
    let Some(run) = pod(world, key) else { return };
    let valid = run.containers[container].running().is_some_and(|s| s.instance == instance && s.exit_token == token);
    if !valid {
        return;
    }
    let relist = world.k8s.kubelets.nodes.get(&run.node).map_or(now, |host| host.relist_after(now));
    let finish = Finish { at: now, code: exit.code, reason: exit.reason, message: exit.message };
    end(world, key, container, finish);
    schedule(world, relist, Due::Wake { pod: key, token: None });
}

/// A container that was told to leave has left, unless it ended by itself meanwhile.
pub fn killed(world: &mut World, key: PodKey, container: usize, code: i32) {
    let now = world.now;
    if pod(world, key).is_some_and(|run| run.containers[container].running().is_some()) {
        let reason = if code == 0 { "Completed" } else { "Error" };
        end(world, key, container, Finish { at: now, code, reason, message: String::new() });
    }
}

fn end(world: &mut World, key: PodKey, container: usize, finish: Finish) {
    let kubelets = Arc::make_mut(&mut world.k8s.kubelets);
    let Some(run) = kubelets.pods.get_mut(&key).map(Arc::make_mut) else { return };
    run.worker.looked = None;
    let Some(start) = run.containers[container].current.as_mut() else { return };
    start.finish = Some(finish);
    let instance = start.instance;
    kubelets.planned.remove(&instance);
    apps::stopped(world, instance);
}
