//! Endpoints and EndpointSlices of Services with a selector, and word to the programs of who is behind a Service now.
//! Does not route anything itself.

use super::{Controller, Done, enqueue};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::apps;
use crate::world::k8s::Name;
use crate::world::k8s::index::News;
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::network::{selected_by, service_selector, target_port};
use crate::world::k8s::object::{Object, Owner};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const TRIGGER: &str = "endpoints.kubernetes.io/last-change-trigger-time";
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// A pod's card changed: the Services that select it, before or after, are due.
pub fn pod_noticed(world: &mut World, news: &News) {
    let cards: Vec<_> = news.before.iter().chain(&news.after).cloned().collect();
    let Some(namespace) = cards.first().map(|card| card.place.namespace.clone()) else { return };
    let due: Vec<String> = world
        .k8s
        .store
        .list(Kind::Service, Some(&namespace))
        .filter(|service| cards.iter().any(|card| selected_by(service, &card.labels)))
        .map(|service| service.meta.name.clone())
        .collect();
    for name in due {
        enqueue(world, Controller::Endpoints, &namespace, &name, Span::ZERO);
    }
}

pub fn reconcile(world: &mut World, namespace: &str, name: &str) -> Done {
    let service = world.k8s.store.get(Kind::Service, namespace, name).cloned();
    let Some(service) = service.filter(|service| service.meta.deleted.is_none()) else {
        forget(world, namespace, name);
        return Done::Well;
    };
    let Some(selector) = service_selector(&service) else { return Done::Well };
    let pods: Vec<Arc<Object>> = world
        .k8s
        .index
        .pods_with(namespace, &selector)
        .iter()
        .filter_map(|pod| world.k8s.store.get(Kind::Pod, namespace, pod))
        .filter(|pod| pod.status["podIP"].is_string())
        .filter(|pod| !matches!(pod.status["phase"].as_str(), Some("Succeeded" | "Failed")))
        .cloned()
        .collect();
    write_endpoints(world, &service, &pods);
    write_slice(world, &service, &pods);
    route(world, &service, &pods);
    Done::Well
}

/// Whether traffic goes there: ready (or wanted unready by the Service) and not leaving.
fn is_ready(service: &Object, pod: &Object) -> bool {
    let forced = service.spec["publishNotReadyAddresses"] == true;
    (forced || crate::world::k8s::index::is_ready(pod)) && pod.meta.deleted.is_none()
}

fn ports(service: &Object) -> impl Iterator<Item = &Value> {
    service.spec["ports"].as_array().into_iter().flatten()
}

/// The ports as endpoints carry them: the pod's own numbers.
fn port_rows(service: &Object, pod: &Object) -> Vec<Value> {
    ports(service)
        .filter_map(|port| {
            let number = target_port(port, pod)?;
            let mut row = Map::new();
            if let Some(name) = port["name"].as_str() {
                row.insert("name".into(), name.into());
            }
            row.insert("port".into(), number.into());
            row.insert("protocol".into(), port["protocol"].as_str().unwrap_or("TCP").into());
            Some(Value::Object(row))
        })
        .collect()
}

fn target(pod: &Object) -> Value {
    json!({"kind": "Pod", "name": pod.meta.name, "namespace": pod.meta.namespace, "uid": pod.meta.uid})
}

/// Addresses that share their ports.
#[derive(Default)]
struct Subset {
    ready: Vec<Value>,
    unready: Vec<Value>,
    ports: Vec<Value>,
}

fn write_endpoints(world: &mut World, service: &Object, pods: &[Arc<Object>]) {
    let now = world.now;
    // Pods whose named ports differ make subsets of their own.
    let mut groups: BTreeMap<String, Subset> = BTreeMap::new();
    for pod in pods.iter().filter(|pod| pod.meta.deleted.is_none()) {
        let rows = port_rows(service, pod);
        if rows.is_empty() && ports(service).next().is_some() {
            continue;
        }
        let key = Value::Array(rows.clone()).to_string();
        let group = groups.entry(key).or_insert_with(|| Subset { ports: rows, ..Subset::default() });
        let address = json!({"ip": pod.status["podIP"], "nodeName": pod.spec["nodeName"], "targetRef": target(pod)});
        if is_ready(service, pod) { group.ready.push(address) } else { group.unready.push(address) }
    }
    let subsets: Vec<Value> = groups
        .into_values()
        .map(|Subset { mut ready, mut unready, ports }| {
            let mut subset = Map::new();
            for (key, list) in [("addresses", &mut ready), ("notReadyAddresses", &mut unready)] {
                if !list.is_empty() {
                    list.sort_by_key(|address| address["ip"].as_str().unwrap_or("").to_string());
                    subset.insert(key.into(), Value::Array(std::mem::take(list)));
                }
            }
            if !ports.is_empty() {
                subset.insert("ports".into(), Value::Array(ports));
            }
            Value::Object(subset)
        })
        .collect();
    let meta = &service.meta;
    let old = world.k8s.store.get(Kind::Endpoints, &meta.namespace, &meta.name).cloned();
    let fresh = old.is_none();
    let mut object =
        old.map_or_else(|| Object::new(Kind::Endpoints.row(), &meta.namespace, &meta.name), |old| Object::clone(&old));
    let mut rest = Map::new();
    if !subsets.is_empty() {
        rest.insert("subsets".into(), Value::Array(subsets));
    }
    if !fresh && *object.rest == rest {
        return;
    }
    object.rest = Arc::new(rest);
    object.meta.labels = meta.labels.clone();
    object.meta.labels.insert("endpoints.kubernetes.io/managed-by".into(), "endpoint-controller".into());
    if service.spec["clusterIP"] == "None" {
        object.meta.labels.insert("service.kubernetes.io/headless".into(), String::new());
    }
    object.meta.annotations.insert(TRIGGER.into(), now.rfc3339());
    world.k8s.store.put(object, now);
}

fn slice_of(world: &World, service: &Object) -> Option<Arc<Object>> {
    let slices = world.k8s.index.dependents(&service.meta.uid).filter(|place| place.kind == Kind::EndpointSlice);
    let mut slices = slices.filter_map(|place| world.k8s.store.get(place.kind, &place.namespace, &place.name));
    slices.next().cloned()
}

fn write_slice(world: &mut World, service: &Object, pods: &[Arc<Object>]) {
    let now = world.now;
    let meta = &service.meta;
    let endpoint = |pod: &Arc<Object>| {
        let serving = crate::world::k8s::index::is_ready(pod);
        let node = pod.spec["nodeName"].as_str().unwrap_or("");
        let mut row = json!({
            "addresses": [pod.status["podIP"]],
            "conditions": {"ready": is_ready(service, pod), "serving": serving, "terminating": pod.meta.deleted.is_some()},
            "nodeName": node,
            "targetRef": target(pod),
        });
        let zone = world.k8s.store.get(Kind::Node, "", node);
        if let Some(zone) = zone.and_then(|node| node.meta.labels.get("topology.kubernetes.io/zone")) {
            row["zone"] = zone.as_str().into();
        }
        row
    };
    let endpoints: Vec<Value> = pods.iter().map(endpoint).collect();
    let rows = pods.first().map(|pod| port_rows(service, pod)).unwrap_or_default();
    let mut rest = Map::new();
    rest.insert("addressType".into(), "IPv4".into());
    rest.insert("endpoints".into(), Value::Array(endpoints));
    rest.insert("ports".into(), if rows.is_empty() { Value::Null } else { Value::Array(rows) });
    let old = slice_of(world, service);
    if old.as_ref().is_some_and(|old| *old.rest == rest) {
        return;
    }
    let mut object = match old {
        Some(old) => Object::clone(&old),
        None => {
            let name = format!("{}-{}", meta.name, world.k8s.store.suffix());
            let mut slice = Object::new(Kind::EndpointSlice.row(), &meta.namespace, &name);
            slice.meta.generate_name = format!("{}-", meta.name);
            slice.meta.owners.push(Owner {
                api_version: "v1".into(),
                kind: "Service".into(),
                name: meta.name.clone(),
                uid: meta.uid.clone(),
                controller: true,
                block_deletion: true,
            });
            slice
        }
    };
    object.meta.generation += 1;
    object.meta.labels = meta.labels.clone();
    let by = "endpointslice-controller.k8s.io";
    object.meta.labels.insert("endpointslice.kubernetes.io/managed-by".into(), by.into());
    object.meta.labels.insert(SERVICE_NAME.into(), meta.name.clone());
    if service.spec["clusterIP"] == "None" {
        object.meta.labels.insert("service.kubernetes.io/headless".into(), String::new());
    }
    object.meta.annotations.insert(TRIGGER.into(), now.rfc3339());
    object.rest = Arc::new(rest);
    world.k8s.store.put(object, now);
}

/// Tells the programs which ready pods stand behind the Service, once for each change.
fn route(world: &mut World, service: &Object, pods: &[Arc<Object>]) {
    let mut backends: Vec<(Name, i64)> = Vec::new();
    for pod in pods.iter().filter(|pod| is_ready(service, pod)) {
        for port in ports(service) {
            if let Some(number) = target_port(port, pod) {
                backends.push((pod.meta.uid.as_str().into(), number));
            }
        }
    }
    tell(world, &service.meta.namespace, &service.meta.name, backends);
}

fn tell(world: &mut World, namespace: &str, name: &str, backends: Vec<(Name, i64)>) {
    let key = (Name::from(namespace), Name::from(name));
    let controllers = Arc::make_mut(&mut world.k8s.controllers);
    if controllers.routed.get(&key).is_some_and(|old| *old == backends) {
        return;
    }
    controllers.routed.insert(key, backends.clone());
    apps::routed(world, namespace, name, &backends);
}

/// The Service is gone: so is its Endpoints object; slices go with their owner.
fn forget(world: &mut World, namespace: &str, name: &str) {
    world.k8s.store.remove(Kind::Endpoints, namespace, name);
    let key = (Name::from(namespace), Name::from(name));
    if world.k8s.controllers.routed.contains_key(&key) {
        tell(world, namespace, name, Vec::new());
        Arc::make_mut(&mut world.k8s.controllers).routed.remove(&key);
    }
}
