//! What every namespace gets (the default ServiceAccount, the cluster's root certificate) and how one is emptied and
//! goes. Does not know what is in it.

use super::{Controller, Done, delete, enqueue, update};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::k8s::kinds::{KINDS, Kind};
use crate::world::k8s::kubelet::image::hex;
use crate::world::k8s::object::Object;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const ROOT_CA: &str = "kube-root-ca.crt";
const ROOT_CA_NOTE: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal \
                            endpoints such as the internal service IP or kubernetes.default.svc. No other usage is \
                            guaranteed across distributions of Kubernetes clusters.";

pub fn reconcile(world: &mut World, name: &str) -> Done {
    let Some(namespace) = world.k8s.store.get(Kind::Namespace, "", name).cloned() else { return Done::Well };
    if namespace.meta.deleted.is_some() {
        return empty(world, &namespace);
    }
    if namespace.status["phase"] != "Active" {
        update(world, Kind::Namespace, "", name, |object| object.status = json!({"phase": "Active"}).into());
    }
    furnish(world, name);
    Done::Well
}

fn furnish(world: &mut World, namespace: &str) {
    let now = world.now;
    if world.k8s.store.get(Kind::ServiceAccount, namespace, "default").is_none() {
        world.k8s.store.put(Object::new(Kind::ServiceAccount.row(), namespace, "default"), now);
    }
    if world.k8s.store.get(Kind::ConfigMap, namespace, ROOT_CA).is_none() {
        let mut map = Object::new(Kind::ConfigMap.row(), namespace, ROOT_CA);
        map.meta.annotations.insert("kubernetes.io/description".into(), ROOT_CA_NOTE.into());
        let mut rest = Map::new();
        rest.insert("data".into(), json!({"ca.crt": certificate(world.seed)}));
        map.rest = Arc::new(rest);
        world.k8s.store.put(map, now);
    }
}

/// Something of the shape of a certificate: nothing in this world verifies it.
fn certificate(seed: u64) -> String {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in 0..16_u32 {
        let digest = Sha256::digest(format!("{seed}/{line}").as_bytes());
        text.push_str(&hex(&digest));
        text.push('\n');
    }
    text + "-----END CERTIFICATE-----\n"
}

/// Deletes what is left in a namespace that goes; the namespace itself goes when nothing is left.
fn empty(world: &mut World, namespace: &Object) -> Done {
    let name = namespace.meta.name.as_str();
    if namespace.status["phase"] != "Terminating" {
        update(world, Kind::Namespace, "", name, |object| object.status = json!({"phase": "Terminating"}).into());
    }
    let mut left = false;
    for row in KINDS.iter().filter(|row| row.namespaced) {
        let names: Vec<String> =
            world.k8s.store.list(row.id, Some(name)).map(|object| object.meta.name.clone()).collect();
        for object in names {
            delete(world, row.id, name, &object);
            left |= world.k8s.store.get(row.id, name, &object).is_some();
        }
    }
    if left {
        enqueue(world, Controller::Namespace, "", name, Span::secs(1));
        return Done::Well;
    }
    // The finalizer `kubernetes` in the spec is this controller's own: it is what has kept the namespace.
    update(world, Kind::Namespace, "", name, |object| {
        let mut spec = Value::clone(&object.spec);
        if spec.is_object() {
            spec["finalizers"] = json!([]);
        }
        object.spec = Arc::new(spec);
    });
    world.k8s.store.remove(Kind::Namespace, "", name);
    Done::Well
}
