//! The pod status as the kubelet computes it from what runs: phase, conditions, container statuses.
//! Pure: reads a pod's run and gives a value. Does not write anything.

use super::image;
use super::pod::{ContainerRun, Ending, Finish, PodRun, Policy, Role, Sandbox, Start};
use crate::stdx::time::Time;
use crate::world::k8s::beat::Status;
use crate::world::k8s::object::Object;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// How much of the truth this status shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// What the runtime shows now.
    Current,
    /// Written in the middle of a sync when the sandbox has come up: the address is not known yet.
    SandboxOnly,
    /// The final one: nothing runs any more.
    Final,
}

/// The node's part of a status.
pub struct Host<'a> {
    pub ip: &'a str,
}

/// What the last status of a pod was computed from. Workers look far more often than anything changes, and a look that finds
/// all of this as it was needs to compute nothing.
#[derive(Clone, Debug)]
pub struct Told {
    status: Status,
    spec: Arc<Value>,
    generation: i64,
    ip: String,
    view: View,
    ending: Ending,
    sandbox: Option<Sandbox>,
    containers: Vec<ToldContainer>,
}

#[derive(Clone, Debug)]
struct ToldContainer {
    current: Option<Start>,
    last: Option<Start>,
    why: Option<(&'static str, String)>,
    ready: bool,
    started: bool,
}

impl Told {
    /// `status` is what came of it, as the pod's object holds it.
    pub fn new(run: &PodRun, pod: &Object, host: &Host<'_>, view: View, status: Status) -> Told {
        let container = |c: &ContainerRun| ToldContainer {
            current: c.current.clone(),
            last: c.last.clone(),
            why: c.why.clone(),
            ready: c.ready(),
            started: c.started(),
        };
        Told {
            status,
            spec: Arc::clone(&run.spec),
            generation: pod.meta.generation,
            ip: host.ip.to_string(),
            view,
            ending: run.ending,
            sandbox: run.sandbox.clone(),
            containers: run.containers.iter().map(container).collect(),
        }
    }

    /// Whether the same status would come of it now.
    pub fn holds(&self, run: &PodRun, pod: &Object, host: &Host<'_>, view: View) -> bool {
        let same = |(told, c): (&ToldContainer, &ContainerRun)| {
            told.current == c.current
                && told.last == c.last
                && told.why == c.why
                && told.ready == c.ready()
                && told.started == c.started()
        };
        self.view == view
            && self.status.is(&pod.status)
            && Arc::ptr_eq(&self.spec, &run.spec)
            && self.generation == pod.meta.generation
            && self.ip == host.ip
            && self.ending == run.ending
            && self.sandbox == run.sandbox
            && self.containers.len() == run.containers.len()
            && self.containers.iter().zip(&run.containers).all(same)
    }
}

pub fn compose(run: &PodRun, pod: &Object, host: &Host<'_>, view: View, now: Time) -> Value {
    let mut status = Map::new();
    if let Some(old) = pod.status.as_object() {
        for key in ["qosClass", "reason", "message", "nominatedNodeName"] {
            if let Some(value) = old.get(key) {
                status.insert(key.into(), value.clone());
            }
        }
    }
    let generation = pod.meta.generation.max(1);
    let raw = phase(run);
    let terminal = matches!(raw, "Succeeded" | "Failed");
    let shown = if terminal && view != View::Final { "Running" } else { raw };
    status.insert("phase".into(), shown.into());
    status.insert("observedGeneration".into(), generation.into());
    status.insert("startTime".into(), run.started.rfc3339().into());
    status.insert("hostIP".into(), host.ip.into());
    status.insert("hostIPs".into(), json!([{"ip": host.ip}]));
    if let Some(sandbox) = run.sandbox.as_ref().filter(|_| view != View::SandboxOnly) {
        status.insert("podIP".into(), (&*sandbox.ip).into());
        status.insert("podIPs".into(), json!([{"ip": &*sandbox.ip}]));
    }
    status.insert("conditions".into(), conditions(run, pod, view, raw, generation, now));
    let mut apps: Vec<&ContainerRun> = run.containers.iter().filter(|c| c.role == Role::App).collect();
    apps.sort_by(|a, b| a.name.cmp(&b.name));
    status.insert("containerStatuses".into(), apps.iter().map(|c| container(run, c)).collect());
    if run.has_init() {
        let inits = run.containers.iter().filter(|c| c.role != Role::App);
        status.insert("initContainerStatuses".into(), inits.map(|c| container(run, c)).collect());
    }
    pod_resources(run, &mut status);
    Value::Object(status)
}

/// Requests and limits of the whole pod, as 1.36 reports them.
fn pod_resources(run: &PodRun, status: &mut Map<String, Value>) {
    let apps: Vec<&ContainerRun> = run.containers.iter().filter(|c| c.role == Role::App).collect();
    let resources = match apps.as_slice() {
        [one] => run.container_spec(one)["resources"].clone(),
        _ => json!({}),
    };
    let resources = if resources.is_null() { json!({}) } else { resources };
    if let Some(requests) = resources.get("requests") {
        status.insert("allocatedResources".into(), requests.clone());
    }
    status.insert("resources".into(), resources);
}

fn conditions(run: &PodRun, pod: &Object, view: View, phase: &str, generation: i64, now: Time) -> Value {
    let done = match phase {
        "Succeeded" => Some("PodCompleted"),
        "Failed" => Some("PodFailed"),
        _ => None,
    };
    let sandbox_ready = view != View::Final && run.sandbox.as_ref().is_some_and(|s| s.ready);
    let incomplete: Vec<&str> = run
        .containers
        .iter()
        .filter(|c| match c.role {
            Role::Init => c.finish().is_none_or(|f| f.code != 0),
            Role::Sidecar => !c.started() && !c.ready(),
            Role::App => false,
        })
        .map(|c| &*c.name)
        .collect();
    let initialized = match done {
        Some("PodCompleted") => (true, "PodCompleted", String::new()),
        _ if run.initialized() => (true, "", String::new()),
        _ => {
            let text = format!("containers with incomplete status: [{}]", incomplete.join(" "));
            (false, "ContainersNotInitialized", text)
        }
    };
    let needs_ready = |c: &&ContainerRun| c.role != Role::Init && !c.ready();
    let unready: Vec<&str> = run.containers.iter().filter(needs_ready).map(|c| &*c.name).collect();
    let ready = match done {
        Some(reason) => (false, reason, String::new()),
        None if unready.is_empty() => (true, "", String::new()),
        None => {
            let text = format!("containers with unready status: [{}]", unready.join(" "));
            (false, "ContainersNotReady", text)
        }
    };
    let rows = [
        ("PodReadyToStartContainers", (sandbox_ready, "", String::new())),
        ("Initialized", initialized),
        ("Ready", ready.clone()),
        ("ContainersReady", ready),
    ];
    let old = pod.status["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut out: Vec<Value> = rows
        .into_iter()
        .map(|(kind, (good, reason, message))| condition(old, kind, (good, reason, &message), generation, now))
        .collect();
    let known = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"];
    out.extend(old.iter().filter(|c| !c["type"].as_str().is_some_and(|t| known.contains(&t))).cloned());
    Value::Array(out)
}

/// One condition; its transition time moves only when its status does.
pub fn condition(old: &[Value], kind: &str, new: (bool, &str, &str), generation: i64, now: Time) -> Value {
    let (good, reason, message) = new;
    let status = if good { "True" } else { "False" };
    let before = old.iter().find(|c| c["type"] == kind);
    let since = match before.filter(|c| c["status"] == status) {
        Some(same) => same["lastTransitionTime"].clone(),
        None => now.rfc3339().into(),
    };
    let mut value = json!({
        "type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": since,
        "observedGeneration": generation,
    });
    if !reason.is_empty() {
        value["reason"] = reason.into();
    }
    if !message.is_empty() {
        value["message"] = message.into();
    }
    value
}

/// The phase that the containers' states make (kubelet `getPhase`).
pub fn phase(run: &PodRun) -> &'static str {
    let init_waits = run.containers.iter().filter(|c| c.role == Role::Init).any(|c| match c.finish() {
        Some(finish) => finish.code != 0 && run.policy != Policy::Never,
        None => true,
    });
    let init_failed = run.policy == Policy::Never
        && run.containers.iter().any(|c| c.role == Role::Init && c.finish().is_some_and(|f| f.code != 0));
    if init_failed {
        return "Failed";
    }
    let sidecar_waits = run.containers.iter().any(|c| c.role == Role::Sidecar && c.current.is_none());
    if !run.any_app_started() && (init_waits || sidecar_waits) {
        return "Pending";
    }
    let (mut waiting, mut running, mut stopped, mut succeeded, mut sidecars) = (0, 0, 0, 0, 0);
    for c in &run.containers {
        match (c.role, &c.current) {
            (Role::Init, _) => {}
            (Role::Sidecar, current) => sidecars += i32::from(current.as_ref().is_some_and(|s| s.finish.is_none())),
            (Role::App, None) => waiting += 1,
            (Role::App, Some(Start { finish: None, .. })) => running += 1,
            (Role::App, Some(Start { finish: Some(finish), .. })) => {
                stopped += 1;
                succeeded += i32::from(finish.code == 0);
            }
        }
    }
    match (waiting, running) {
        (1.., _) => "Pending",
        (0, 1..) => "Running",
        _ if stopped == 0 => "Pending",
        // A sidecar that still runs keeps the pod from being over.
        _ if sidecars > 0 || run.policy == Policy::Always => "Running",
        _ if succeeded == stopped => "Succeeded",
        _ if run.policy == Policy::Never => "Failed",
        _ => "Running",
    }
}

/// Whether every app container has ended for good, sidecars or not.
pub fn apps_over(run: &PodRun) -> bool {
    let init_failed = run.policy == Policy::Never
        && run.containers.iter().any(|c| c.role == Role::Init && c.finish().is_some_and(|f| f.code != 0));
    let mut apps = run.containers.iter().filter(|c| c.role == Role::App);
    init_failed || run.policy != Policy::Always && apps.all(|c| c.finish().is_some() && !c.wants_start(run.policy))
}

fn container(run: &PodRun, c: &ContainerRun) -> Value {
    let spec = run.container_spec(c);
    let name = spec["image"].as_str().unwrap_or("");
    let waits = |reason: &str, message: &str| {
        if message.is_empty() {
            json!({"waiting": {"reason": reason}})
        } else {
            json!({"waiting": {"message": message, "reason": reason}})
        }
    };
    let default = if run.has_init() { "PodInitializing" } else { "ContainerCreating" };
    let mut last = c.last.as_ref().map_or(json!({}), |start| terminated(start, run));
    let state = match &c.current {
        None => match &c.why {
            Some((reason, message)) => waits(reason, message),
            None => waits(default, ""),
        },
        Some(start) if start.finish.is_none() => {
            json!({"running": {"startedAt": start.started.unwrap_or_default().rfc3339()}})
        }
        Some(start) => match &c.why {
            Some((reason, message)) if c.wants_start(run.policy) && run.ending == Ending::No => {
                last = terminated(start, run);
                waits(reason, message)
            }
            _ => terminated(start, run),
        },
    };
    let mut value = json!({
        "image": name, "imageID": "", "lastState": last, "name": &*c.name, "ready": c.ready(),
        "restartCount": c.restarts(), "started": c.started(), "state": state,
    });
    if let Some(start) = &c.current {
        value["containerID"] = (&*start.container_id).into();
        value["image"] = image::full_name(name).into();
        value["imageID"] = image::image_id(name).into();
        let resources = &spec["resources"];
        value["resources"] = if resources.is_null() { json!({}) } else { resources.clone() };
        if let Some(requests) = resources.get("requests") {
            value["allocatedResources"] = requests.clone();
        }
    }
    if let Some(mounts) = spec["volumeMounts"].as_array() {
        let shown = mounts.iter().map(|mount| {
            let mut mount = mount.clone();
            if mount["readOnly"] == true {
                mount["recursiveReadOnly"] = "Disabled".into();
            }
            mount
        });
        value["volumeMounts"] = shown.collect();
    }
    value
}

fn terminated(start: &Start, run: &PodRun) -> Value {
    let _ = run;
    let Some(Finish { at, code, reason, message }) = &start.finish else { return json!({}) };
    let mut value = json!({
        "containerID": &*start.container_id, "exitCode": code, "finishedAt": at.rfc3339(), "reason": reason,
        "startedAt": start.started.unwrap_or_default().rfc3339(),
    });
    if !message.is_empty() {
        value["message"] = message.as_str().into();
    }
    json!({"terminated": value})
}
