//! One sync of one pod: write what is seen, decide what to do, do it step by step, and say when to look again.
//! The order of these is the kubelet's, and with it the lag between what happens and what the status says.

use super::pod::{Ending, Killing, Outcome, PodKey, PodRun, Role, Step};
use super::status::{self, View};
use super::{Due, config, ending, object_of, pod, pod_mut, probe, roll, say, schedule, start, write_status};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::apps;

/// The worker's pause after a failed sync (kubelet backOffPeriod), lengthened by up to half.
const PAUSE: Span = Span::secs(10);
/// However long a back-off holds, the worker looks again after this (kubelet resyncInterval), lengthened by up to half.
const PAUSE_MAX: Span = Span::secs(60);
/// Volumes that cannot be mounted are tried again after this, doubling up to two minutes.
const MOUNT_PAUSE: Span = Span::millis(500);
const MOUNT_PAUSE_MAX: Span = Span::secs(122);

pub fn wake(world: &mut World, key: PodKey, token: Option<u64>) {
    let now = world.now;
    let Some(run) = pod_mut(world, key) else { return };
    if token.is_some_and(|token| token != run.worker.queue_token) {
        return;
    }
    if run.worker.busy {
        run.worker.again = true;
        return;
    }
    if run.ending != Ending::No || token.is_none() && run.worker.looked == Some(now) {
        return;
    }
    run.worker.looked = Some(now);
    begin(world, key);
}

/// Looks, writes the status, and plans the steps.
fn begin(world: &mut World, key: PodKey) {
    let Some(object) = object_of(world, key) else { return };
    write_status(world, key, View::Current);
    let Some(run) = pod_mut(world, key) else { return };
    run.worker.outcome = Outcome::default();
    run.worker.again = false;
    if status::apps_over(run) {
        ending::terminal(world, key);
        return;
    }
    if run.sandbox.is_none()
        && let Some((volume, why)) = config::mount_error(&world.k8s.store, &object)
    {
        mount_failed(world, key, &volume, &why);
        return;
    }
    let Some(run) = pod_mut(world, key) else { return };
    run.mount_retry = None;
    plan(run);
    probe::hurry(world, key);
    go_on(world, key);
}

/// The steps of this sync: sandbox, kills, the next init container or all app containers (computePodActions).
fn plan(run: &mut PodRun) {
    let mut steps = std::collections::VecDeque::new();
    if run.sandbox.is_none() {
        steps.push_back(Step::Sandbox);
    }
    for index in 0..run.containers.len() {
        if let Some(why) = run.unhealthy(index) {
            steps.push_back(Step::Kill { container: index, why });
            steps.push_back(Step::Start { container: index });
        }
    }
    let policy = run.policy;
    let mut held = false;
    if !run.any_app_started() {
        for (index, c) in run.containers.iter().enumerate().filter(|(_, c)| c.role != Role::App) {
            if c.wants_start(policy) {
                steps.push_back(Step::Start { container: index });
                held = true;
            } else {
                held = match c.role {
                    Role::Init => c.finish().is_none_or(|finish| finish.code != 0),
                    _ => !c.started(),
                };
            }
            if held {
                break;
            }
        }
    } else {
        for (index, c) in run.containers.iter().enumerate().filter(|(_, c)| c.role == Role::Sidecar) {
            if c.wants_start(policy) {
                steps.push_back(Step::Start { container: index });
            }
        }
    }
    if !held {
        for (index, c) in run.containers.iter().enumerate().filter(|(_, c)| c.role == Role::App) {
            if c.wants_start(policy) {
                steps.push_back(Step::Start { container: index });
            }
        }
    }
    steps.push_back(Step::Finish);
    run.worker.steps = steps;
    run.worker.busy = true;
}

/// The agenda's entry for a step has come.
pub fn step(world: &mut World, key: PodKey, token: u64) {
    if pod(world, key).is_some_and(|run| run.worker.busy && run.worker.step_token == token) {
        go_on(world, key);
    }
}

/// Does steps until one takes time.
pub fn go_on(world: &mut World, key: PodKey) {
    while let Some(step) = pod_mut(world, key).and_then(|run| run.worker.steps.pop_front()) {
        if let Some(wait) = perform(world, key, step) {
            pause(world, key, wait);
            return;
        }
    }
}

fn pause(world: &mut World, key: PodKey, wait: Span) {
    let at = world.now + wait;
    let Some(run) = pod_mut(world, key) else { return };
    run.worker.step_token += 1;
    let token = run.worker.step_token;
    schedule(world, at, Due::Step { pod: key, token });
}

/// Does one step; gives the time to wait before the next.
fn perform(world: &mut World, key: PodKey, step: Step) -> Option<Span> {
    match step {
        Step::Sandbox => {
            let run = pod_mut(world, key)?;
            run.worker.steps.push_front(Step::SandboxReady);
            Some(Span::millis(roll(world, 190, 300)))
        }
        Step::SandboxReady => {
            sandbox_ready(world, key);
            None
        }
        Step::Kill { container, why } => kill(world, key, container, why),
        Step::Killed { container, code } => {
            start::killed(world, key, container, code);
            None
        }
        Step::Start { container } => start::begin(world, key, container),
        Step::Pulled { container, asked, took } => {
            start::pulled(world, key, container, asked, took);
            None
        }
        Step::Gone => ending::gone(world, key),
        Step::Over => {
            ending::over(world, key);
            None
        }
        Step::Finish => {
            finish(world, key);
            None
        }
    }
}

/// The sandbox is up, or the node's address range is used up.
fn sandbox_ready(world: &mut World, key: PodKey) {
    let Some(run) = pod(world, key) else { return };
    let node = run.node.clone();
    let kubelets = std::sync::Arc::make_mut(&mut world.k8s.kubelets);
    let Some(host) = kubelets.nodes.get_mut(&node) else { return };
    let taken = host.take_ip();
    let Some(run) = kubelets.pods.get_mut(&key).map(std::sync::Arc::make_mut) else { return };
    match taken {
        Some(ip) => {
            run.sandbox = Some(super::pod::Sandbox { ip, ready: true });
            write_status(world, key, View::SandboxOnly);
        }
        None => {
            run.worker.steps.clear();
            run.worker.steps.push_back(Step::Finish);
            run.worker.outcome.failed = true;
            let text = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for \
                        sandbox: plugin type=\"bridge\" failed (add): failed to allocate for range 0: no IP addresses \
                        available in range set";
            say(world, key, None, true, "FailedCreatePodSandBox", text.into());
        }
    }
}

/// Sends SIGTERM to a container whose probe failed; it is over when the program leaves or the grace ends.
fn kill(world: &mut World, key: PodKey, container: usize, why: Killing) -> Option<Span> {
    let run = pod(world, key)?;
    let c = &run.containers[container];
    let instance = c.running()?.instance;
    let name = c.name.clone();
    let grace = run.spec["terminationGracePeriodSeconds"].as_i64().unwrap_or(30);
    let message = match why {
        Killing::Liveness => format!("Container {name} failed liveness probe, will be restarted"),
        Killing::Startup => format!("Container {name} failed startup probe, will be restarted"),
        Killing::Changed => format!("Container {name} definition changed, will be restarted"),
    };
    say(world, key, Some(container), false, "Killing", message);
    let (code, wait) = leave(world, instance, Span::secs(grace));
    let run = pod_mut(world, key)?;
    run.worker.steps.push_front(Step::Killed { container, code });
    Some(wait)
}

/// With which code a program leaves on SIGTERM within the grace, and after how long: 137 when it had to be killed.
pub fn leave(world: &mut World, instance: apps::InstanceId, grace: Span) -> (i32, Span) {
    let (code, after) = apps::terminate(world, instance);
    // The runtime itself takes some hundred milliseconds to stop a container.
    let runtime = Span::millis(100);
    if after > grace { (137, grace + runtime) } else { (code, after + runtime) }
}

fn mount_failed(world: &mut World, key: PodKey, volume: &str, why: &str) {
    let text = format!("MountVolume.SetUp failed for volume \"{volume}\" : {why}");
    say(world, key, None, true, "FailedMount", text);
    let now = world.now;
    let Some(run) = pod_mut(world, key) else { return };
    let wait = run.mount_retry.unwrap_or(MOUNT_PAUSE);
    run.mount_retry = Some(Span((wait.0 * 2).min(MOUNT_PAUSE_MAX.0)));
    run.worker.queue_token += 1;
    let token = run.worker.queue_token;
    schedule(world, now + wait, Due::Wake { pod: key, token: Some(token) });
}

/// The sync is over: when to look again.
fn finish(world: &mut World, key: PodKey) {
    let now = world.now;
    let jitter = roll(world, 1_000, 1_499);
    let soon = roll(world, 4, 9);
    let Some(run) = pod_mut(world, key) else { return };
    run.worker.busy = false;
    let again = std::mem::take(&mut run.worker.again);
    let outcome = run.worker.outcome;
    let node = run.node.clone();
    let mut due: Vec<(Time, Option<u64>)> = Vec::new();
    let Some(host) = world.k8s.kubelets.nodes.get(&node) else { return };
    let relist = host.relist_after(now);
    if outcome.started && !outcome.failed {
        // A relist is asked for at once after a start; the next regular one brings another look.
        due.push((now + Span::millis(soon), None));
        due.push((relist, None));
    } else if outcome.started || again {
        due.push((relist, None));
    }
    if outcome.failed {
        let base = match outcome.expiry {
            Some(expiry) => Span((expiry - now).0.clamp(0, PAUSE_MAX.0)),
            None => PAUSE,
        };
        let at = host.tick_after(now + Span(base.0 * jitter / 1_000));
        if let Some(run) = pod_mut(world, key) {
            run.worker.queue_token += 1;
            due.push((at, Some(run.worker.queue_token)));
        }
    }
    for (at, token) in due {
        schedule(world, at, Due::Wake { pod: key, token });
    }
}
