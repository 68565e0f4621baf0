//! Pod (v1): its row and how it is listed. Does not know the store.

use super::super::object::Object;
use super::super::table::{Print, age, column, integer, items, or_none, text, time_of, wide};
use super::{Kind, KindRow, VERBS_ALL};
use crate::stdx::quantity::Quantity;
use crate::stdx::time::Time;
use serde_json::Value;

pub static ROW: KindRow = KindRow {
    id: Kind::Pod,
    group: "",
    version: "v1",
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    short: &["po"],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["attach", "binding", "eviction", "exec", "log", "status"],
    doc: "Containers that run together on one node",
    print: Some(&PRINT),
};

static PRINT: Print = Print {
    columns: &[
        column("Name"),
        column("Ready"),
        column("Status"),
        column("Restarts"),
        column("Age"),
        wide("IP"),
        wide("Node"),
        wide("Nominated Node"),
        wide("Readiness Gates"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Value> {
    let Summary { ready, total, reason, restarts, last_restart } = summary(object);
    let restarts = if restarts > 0 && last_restart != Time::default() {
        format!("{restarts} ({} ago)", age(last_restart, now))
    } else {
        restarts.to_string()
    };
    let (spec, status) = (&object.spec, &object.status);
    vec![
        object.meta.name.as_str().into(),
        format!("{ready}/{total}").into(),
        reason.into(),
        restarts.into(),
        age(object.meta.created, now).into(),
        or_none(text(&status["podIPs"][0]["ip"])).into(),
        or_none(text(&spec["nodeName"])).into(),
        or_none(text(&status["nominatedNodeName"])).into(),
        gates(object).into(),
    ]
}

/// What the pod's row says of its containers (printers `printPod`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub ready: usize,
    pub total: usize,
    /// The word in the STATUS column.
    pub reason: String,
    pub restarts: i64,
    /// When a container last ended before it was started again; zero if none did.
    pub last_restart: Time,
}

/// Condenses a pod to one row, containers overriding the pod's own reason.
pub fn summary(object: &Object) -> Summary {
    let (spec, status) = (&object.spec, &object.status);
    let phase = text(&status["phase"]);
    let sidecars = items(&spec["initContainers"]).filter(|c| restartable(c)).count();
    let mut summary = Summary {
        ready: 0,
        total: items(&spec["containers"]).len() + sidecars,
        reason: text(&status["reason"]).to_string(),
        restarts: 0,
        last_restart: Time::default(),
    };
    if summary.reason.is_empty() {
        summary.reason = phase.to_string();
    }
    if has_condition(object, "PodScheduled", "reason", "SchedulingGated") {
        summary.reason = "SchedulingGated".into();
    }
    let (initializing, sidecars) = count_init(object, &mut summary);
    if !initializing || has_condition(object, "Initialized", "status", "True") {
        (summary.restarts, summary.last_restart) = sidecars;
        count_main(object, &mut summary);
    }
    if object.meta.deleted.is_some() {
        if text(&status["reason"]) == "NodeLost" {
            summary.reason = "Unknown".into();
        } else if !matches!(phase, "Succeeded" | "Failed") {
            summary.reason = "Terminating".into();
        }
    }
    summary
}

/// Init containers: whether one of them holds the pod back, and the restarts of the restartable ones (sidecars).
fn count_init(object: &Object, summary: &mut Summary) -> (bool, (i64, Time)) {
    let spec = &object.spec;
    let mut sidecars = (0, Time::default());
    for (index, container) in items(&object.status["initContainerStatuses"]).enumerate() {
        let declared = items(&spec["initContainers"]).find(|c| c["name"] == container["name"]);
        let sidecar = declared.is_some_and(restartable);
        let (restarts, ended) = restarts_of(container);
        summary.restarts += restarts;
        summary.last_restart = summary.last_restart.max(ended);
        if sidecar {
            sidecars = (sidecars.0 + restarts, sidecars.1.max(ended));
        }
        let state = &container["state"];
        let (ended, waiting) = (&state["terminated"], &state["waiting"]);
        if ended.is_object() && integer(&ended["exitCode"]) == 0 {
            continue;
        }
        if sidecar && container["started"] == true {
            summary.ready += usize::from(container["ready"] == true);
            continue;
        }
        summary.reason = if ended.is_object() {
            format!("Init:{}", end_reason(ended))
        } else if !matches!(text(&waiting["reason"]), "" | "PodInitializing") {
            format!("Init:{}", text(&waiting["reason"]))
        } else {
            format!("Init:{index}/{}", items(&spec["initContainers"]).len())
        };
        return (true, sidecars);
    }
    (false, sidecars)
}

/// Main containers, last first: the first container that has something to say is heard.
fn count_main(object: &Object, summary: &mut Summary) {
    let mut running = false;
    for container in items(&object.status["containerStatuses"]).rev() {
        let (restarts, ended) = restarts_of(container);
        summary.restarts += restarts;
        summary.last_restart = summary.last_restart.max(ended);
        let state = &container["state"];
        if !text(&state["waiting"]["reason"]).is_empty() {
            summary.reason = text(&state["waiting"]["reason"]).into();
        } else if state["terminated"].is_object() {
            summary.reason = end_reason(&state["terminated"]);
        } else if container["ready"] == true && state["running"].is_object() {
            running = true;
            summary.ready += 1;
        }
    }
    if summary.reason == "Completed" && running {
        let ready = has_condition(object, "Ready", "status", "True");
        summary.reason = if ready { "Running" } else { "NotReady" }.into();
    }
}

fn restartable(container: &Value) -> bool {
    text(&container["restartPolicy"]) == "Always"
}

fn restarts_of(container: &Value) -> (i64, Time) {
    (integer(&container["restartCount"]), time_of(&container["lastState"]["terminated"]["finishedAt"]))
}

/// The reason of an end, or its signal or exit code where the runtime gave none.
fn end_reason(ended: &Value) -> String {
    match (text(&ended["reason"]), integer(&ended["signal"])) {
        ("", 0) => format!("ExitCode:{}", integer(&ended["exitCode"])),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_string(),
    }
}

fn has_condition(object: &Object, kind: &str, field: &str, value: &str) -> bool {
    items(&object.status["conditions"]).any(|c| text(&c["type"]) == kind && text(&c[field]) == value)
}

/// `true gates/gates`, or `<none>`.
fn gates(object: &Object) -> String {
    let gates = items(&object.spec["readinessGates"]);
    if gates.len() == 0 {
        return "<none>".into();
    }
    let total = gates.len();
    let open = gates.filter(|gate| has_condition(object, text(&gate["conditionType"]), "status", "True")).count();
    format!("{open}/{total}")
}

/// The quality of service that requests and limits amount to (`GetPodQOS`): all containers with equal requests and
/// limits for both CPU and memory are Guaranteed, none with any is BestEffort.
pub fn qos_class(spec: &Value) -> &'static str {
    let containers = || items(&spec["containers"]).chain(items(&spec["initContainers"]));
    let amount = |container: &Value, list: &str, name: &str| {
        let amount = Quantity::parse(text(&container["resources"][list][name])).unwrap_or_default();
        Some(amount.nanos).filter(|nanos| *nanos > 0)
    };
    let mut any = false;
    let mut guaranteed = true;
    for container in containers() {
        for name in ["cpu", "memory"] {
            let (request, limit) = (amount(container, "requests", name), amount(container, "limits", name));
            any |= request.is_some() || limit.is_some();
            guaranteed &= limit.is_some() && (request.is_none() || request == limit);
        }
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}
