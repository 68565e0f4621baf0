//! metrics.k8s.io: what pods and nodes use now, computed when asked. Stores nothing.

use super::api::{Body, Request, Response};
use super::kinds::{Kind, KindRow};
use super::object::Object;
use super::refusal::Refusal;
use super::runtime;
use super::selector::Selector;
use super::table::{items, text};
use crate::world::World;
use serde_json::{Value, json};

/// The length of time over which metrics-server averages, as it reports it.
const WINDOW: &str = "15s";

/// What the system itself takes of a node besides its pods: thousandths of a core, and bytes.
const SYSTEM: (u64, u64) = (60, 350 << 20);

pub fn list(world: &World, request: &Request, row: &'static KindRow) -> Result<Response, Refusal> {
    let query = &request.query;
    let kind = if row.id == Kind::NodeMetrics { Kind::Node } else { Kind::Pod };
    let selector = Selector::parse(kind, &query.label_selector, &query.field_selector)?;
    let objects = world.k8s.store.list(kind, request.namespace.as_deref());
    let items: Vec<Value> =
        objects.filter(|object| selector.matches(object)).filter_map(|object| of(world, object)).collect();
    let list = json!({
        "kind": format!("{}List", row.kind), "apiVersion": row.api_version(), "metadata": {}, "items": items,
    });
    Ok(Response { code: 200, body: Body::Json(list), warnings: Vec::new() })
}

pub fn get(world: &World, request: &Request, row: &'static KindRow, name: &str) -> Result<Response, Refusal> {
    let (kind, what) =
        if row.id == Kind::NodeMetrics { (Kind::Node, "nodemetrics") } else { (Kind::Pod, "podmetrics") };
    let namespace = request.namespace.as_deref().unwrap_or("");
    let found = world.k8s.store.get(kind, namespace, name).and_then(|object| of(world, object));
    let shown = if namespace.is_empty() { name.to_string() } else { format!("{namespace}/{name}") };
    let found = found.ok_or_else(|| Refusal::no_metrics(what, &shown))?;
    Ok(Response { code: 200, body: Body::Json(found), warnings: Vec::new() })
}

fn of(world: &World, object: &Object) -> Option<Value> {
    let mut value = match object.kind.id {
        Kind::Node => {
            let (cpu, memory) = node(world, &object.meta.name);
            json!({"kind": "NodeMetrics", "usage": amount(cpu, memory)})
        }
        _ => json!({"kind": "PodMetrics", "containers": containers(world, object)?}),
    };
    let meta = &object.meta;
    value["apiVersion"] = "metrics.k8s.io/v1beta1".into();
    value["metadata"] = json!({"name": meta.name, "creationTimestamp": world.now.rfc3339(), "labels": meta.labels});
    if !meta.namespace.is_empty() {
        value["metadata"]["namespace"] = meta.namespace.as_str().into();
    }
    value["timestamp"] = world.now.rfc3339().into();
    value["window"] = WINDOW.into();
    Some(value)
}

fn containers(world: &World, pod: &Object) -> Option<Vec<Value>> {
    let used: Vec<Value> = running(pod)
        .filter_map(|name| {
            let (cpu, memory) = runtime::usage(world, pod, name)?;
            Some(json!({"name": name, "usage": amount(cpu, memory)}))
        })
        .collect();
    (!used.is_empty()).then_some(used)
}

/// The containers that run now: nothing is measured of the others.
fn running(pod: &Object) -> impl Iterator<Item = &str> {
    let statuses = items(&pod.status["containerStatuses"]).chain(items(&pod.status["initContainerStatuses"]));
    statuses.filter(|status| status["state"]["running"].is_object()).map(|status| text(&status["name"]))
}

fn node(world: &World, node: &str) -> (u64, u64) {
    let pods = world.k8s.store.list(Kind::Pod, None).filter(|pod| text(&pod.spec["nodeName"]) == node);
    let used = pods.flat_map(|pod| running(pod).filter_map(|name| runtime::usage(world, pod, name)));
    used.fold(SYSTEM, |(cpu, memory), (c, m)| (cpu + c, memory + m))
}

/// CPU in nanocores and memory in KiB, as metrics-server writes them.
fn amount(cpu_milli: u64, memory_bytes: u64) -> Value {
    json!({"cpu": format!("{}n", cpu_milli * 1_000_000), "memory": format!("{}Ki", memory_bytes / 1_024)})
}
