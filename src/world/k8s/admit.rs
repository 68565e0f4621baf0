//! Admission: what the server's plugins add to an object or forbid before it is checked and stored (NamespaceLifecycle,
//! ServiceAccount, DefaultTolerationSeconds, Priority), and the addresses it allocates. Does not check fields.

use super::kinds::{Kind, KindRow, pod};
use super::object::Object;
use super::refusal::{Faults, Refusal};
use super::store::Store;
use super::table::{items, text};
use crate::stdx::time::{Span, Time};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where the token of a pod's service account is mounted.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Seconds a pod stays on a node that is not ready or unreachable (DefaultTolerationSeconds).
const TOLERATION_S: i64 = 300;

/// Pods that a kubelet runs at most (its `maxPods`, by default).
const PODS_PER_NODE_MAX: usize = 110;

/// New objects need a namespace that is there and not going away.
pub fn namespace_alive(store: &Store, row: &KindRow, namespace: &str, name: &str) -> Result<(), Refusal> {
    let Some(found) = store.get(Kind::Namespace, "", namespace) else {
        return Err(Refusal::not_found(Kind::Namespace.row(), namespace));
    };
    let dying = found.meta.deleted.is_some() || found.status["phase"] == "Terminating";
    if dying { Err(Refusal::terminating(row, name, namespace)) } else { Ok(()) }
}

/// Completes a new object.
pub fn create(store: &mut Store, object: &mut Object, now: Time) -> Result<(), Refusal> {
    match object.kind.id {
        Kind::Pod => pod_create(store, object, now),
        Kind::Service => service(store, object, None),
        Kind::Job => {
            job_selector(object);
            Ok(())
        }
        Kind::Namespace => {
            let spec = Arc::make_mut(&mut object.spec);
            if items(&spec["finalizers"]).len() == 0 {
                *spec = json!({"finalizers": ["kubernetes"]});
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A Job without a selector of its own gets one on its uid, and its pods the labels for it (batch's strategy
/// `generateSelector`).
fn job_selector(object: &mut Object) {
    let mut spec = Value::clone(&object.spec);
    if spec["manualSelector"] == true {
        return;
    }
    let labels = [
        ("batch.kubernetes.io/controller-uid", object.meta.uid.clone()),
        ("batch.kubernetes.io/job-name", object.meta.name.clone()),
        ("controller-uid", object.meta.uid.clone()),
        ("job-name", object.meta.name.clone()),
    ];
    for (key, value) in labels {
        spec["template"]["metadata"]["labels"][key] = value.as_str().into();
        object.meta.labels.entry(key.to_string()).or_insert(value);
    }
    spec["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"] = object.meta.uid.as_str().into();
    object.spec = Arc::new(spec);
}

/// Completes a changed object.
pub fn update(store: &mut Store, old: &Object, object: &mut Object) -> Result<(), Refusal> {
    match object.kind.id {
        Kind::Service => service(store, object, Some(old)),
        _ => Ok(()),
    }
}

/// The estate's bound on pods, worded as a ResourceQuota's refusal: all that its nodes can run, and one
/// node's worth that waits.
fn quota(store: &Store, row: &KindRow, name: &str) -> Result<(), Refusal> {
    let used = store.count(Kind::Pod);
    let limited = (store.count(Kind::Node) + 1) * PODS_PER_NODE_MAX;
    if used < limited {
        return Ok(());
    }
    let why = format!("exceeded quota: pods, requested: pods=1, used: pods={used}, limited: pods={limited}");
    Err(Refusal::forbidden(row, name, &why))
}

fn pod_create(store: &mut Store, object: &mut Object, now: Time) -> Result<(), Refusal> {
    let namespace = object.meta.namespace.clone();
    let name = if object.meta.name.is_empty() { &object.meta.generate_name } else { &object.meta.name }.clone();
    let mut spec = Value::clone(&object.spec);
    let Some(map) = spec.as_object_mut() else { return Ok(()) };
    quota(store, object.kind, &name)?;
    service_account(store, map, object.kind, &namespace, &name, now)?;
    tolerations(map);
    priority(map, object.kind, &name)?;
    object.status = json!({"phase": "Pending", "qosClass": pod::qos_class(&spec)}).into();
    object.spec = Arc::new(spec);
    Ok(())
}

/// The ServiceAccount plugin: the default account, its pull secrets, and a projected token in every container.
fn service_account(
    store: &mut Store,
    spec: &mut Map<String, Value>,
    row: &KindRow,
    namespace: &str,
    name: &str,
    now: Time,
) -> Result<(), Refusal> {
    let wanted = spec.get("serviceAccountName").map(text).unwrap_or("");
    let account = if wanted.is_empty() { "default" } else { wanted }.to_string();
    spec.insert("serviceAccountName".into(), account.as_str().into());
    spec.insert("serviceAccount".into(), account.as_str().into());
    let mut found = store.get(Kind::ServiceAccount, namespace, &account).cloned();
    if found.is_none() && account == "default" && young(store, namespace, now) {
        found = Some(Arc::new(Object::new(Kind::ServiceAccount.row(), namespace, &account)));
    }
    let Some(found) = found else {
        let why =
            format!("error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found");
        return Err(Refusal::forbidden(row, name, &why));
    };
    let pulls = found.field("imagePullSecrets");
    if spec.get("imagePullSecrets").is_none_or(|own| items(own).len() == 0) && items(pulls).len() > 0 {
        spec.insert("imagePullSecrets".into(), pulls.clone());
    }
    let mounts = spec
        .get("automountServiceAccountToken")
        .and_then(Value::as_bool)
        .or(found.field("automountServiceAccountToken").as_bool())
        .unwrap_or(true);
    if mounts {
        let suffix = store.suffix();
        mount_token(spec, &format!("kube-api-access-{suffix}"));
    }
    Ok(())
}

/// A namespace so new that its default account is still being made: the server waits for it.
fn young(store: &Store, namespace: &str, now: Time) -> bool {
    store.get(Kind::Namespace, "", namespace).is_some_and(|found| now - found.meta.created < Span::secs(2))
}

fn mount_token(spec: &mut Map<String, Value>, fresh: &str) {
    let present = spec.get("volumes").map(items).unwrap_or_default();
    let present = present.map(|volume| text(&volume["name"])).find(|name| name.starts_with("kube-api-access-"));
    let volume = present.unwrap_or(fresh).to_string();
    let exists = present.is_some();
    let mut needed = exists;
    for list in ["initContainers", "containers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(container) = container.as_object_mut() else { continue };
            let mounts = container.entry("volumeMounts").or_insert_with(|| json!([]));
            if items(mounts).any(|mount| text(&mount["mountPath"]) == TOKEN_PATH) {
                continue;
            }
            if let Some(mounts) = mounts.as_array_mut() {
                mounts.push(json!({"name": volume, "readOnly": true, "mountPath": TOKEN_PATH}));
                needed = true;
            }
        }
    }
    if !needed || exists {
        return;
    }
    let token = json!({"name": volume, "projected": {"defaultMode": 0o644, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [
            {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
        ]}},
    ]}});
    if let Some(volumes) = spec.entry("volumes").or_insert_with(|| json!([])).as_array_mut() {
        volumes.push(token);
    }
}

fn tolerations(spec: &mut Map<String, Value>) {
    let Some(list) = spec.entry("tolerations").or_insert_with(|| json!([])).as_array_mut() else { return };
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = list.iter().any(|toleration| {
            (text(&toleration["key"]) == key || text(&toleration["key"]).is_empty())
                && matches!(text(&toleration["effect"]), "" | "NoExecute")
        });
        if !tolerated {
            list.push(json!({
                "key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": TOLERATION_S,
            }));
        }
    }
}

/// The Priority plugin. There are only the two built-in classes here.
fn priority(spec: &mut Map<String, Value>, row: &KindRow, name: &str) -> Result<(), Refusal> {
    let priority = match spec.get("priorityClassName").map(text).unwrap_or("") {
        "" => 0,
        "system-cluster-critical" => 2_000_000_000,
        "system-node-critical" => 2_000_001_000,
        class => return Err(Refusal::forbidden(row, name, &format!("no PriorityClass with name {class} was found"))),
    };
    spec.insert("priority".into(), priority.into());
    spec.entry("preemptionPolicy").or_insert_with(|| "PreemptLowerPriority".into());
    Ok(())
}

/// Cluster addresses and node ports: kept on update, drawn where missing.
fn service(store: &mut Store, object: &mut Object, old: Option<&Object>) -> Result<(), Refusal> {
    let mut spec = Value::clone(&object.spec);
    let Some(map) = spec.as_object_mut() else { return Ok(()) };
    let kind = map.get("type").map(text).unwrap_or("").to_string();
    if kind == "ExternalName" {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
            map.remove(field);
        }
        object.spec = Arc::new(spec);
        return Ok(());
    }
    let before = old.map(|old| &*old.spec);
    let address = [map.get("clusterIP"), before.map(|b| &b["clusterIP"])]
        .into_iter()
        .flatten()
        .map(text)
        .find(|address| !address.is_empty())
        .map(str::to_string);
    allocated(store, object, map, &address)?;
    let address = match address {
        Some(address) => address,
        None => free_address(store),
    };
    map.insert("clusterIPs".into(), json!([address]));
    map.insert("clusterIP".into(), address.into());
    map.entry("ipFamilies").or_insert_with(|| json!(["IPv4"]));
    map.entry("ipFamilyPolicy").or_insert_with(|| "SingleStack".into());
    let has_node_ports = matches!(kind.as_str(), "NodePort" | "LoadBalancer")
        && map.get("allocateLoadBalancerNodePorts") != Some(&Value::Bool(false));
    for port in map.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        let kept = before.and_then(|b| items(&b["ports"]).find(|p| p["port"] == port["port"]));
        let kept = kept.map(|port| port["nodePort"].clone()).filter(Value::is_number);
        let Some(port) = port.as_object_mut() else { continue };
        if !has_node_ports {
            if kept.is_some() {
                port.remove("nodePort");
            }
        } else if port.get("nodePort").and_then(Value::as_i64).unwrap_or(0) == 0 {
            let number = kept.unwrap_or_else(|| free_node_port(store).into());
            port.insert("nodePort".into(), number);
        }
    }
    object.spec = Arc::new(spec);
    Ok(())
}

/// Refuses an address or node port that another service has.
fn allocated(
    store: &Store,
    object: &Object,
    spec: &Map<String, Value>,
    address: &Option<String>,
) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let same = |other: &Object| other.meta.namespace == object.meta.namespace && other.meta.name == object.meta.name;
    let others: Vec<&Arc<Object>> = store.list(Kind::Service, None).filter(|other| !same(other)).collect();
    if let Some(address) = address.as_ref().filter(|address| *address != "None")
        && others.iter().any(|other| text(&other.spec["clusterIP"]) == address)
    {
        let why = format!("failed to allocate IP {address}: provided IP is already allocated");
        faults.invalid("spec.clusterIPs", &json!([address]), &why);
    }
    let taken = |number: &Value| others.iter().any(|o| items(&o.spec["ports"]).any(|p| p["nodePort"] == *number));
    for (index, port) in spec.get("ports").map(items).unwrap_or_default().enumerate() {
        let number = &port["nodePort"];
        if number.as_i64().unwrap_or(0) != 0 && taken(number) {
            faults.invalid(&format!("spec.ports[{index}].nodePort"), number, "provided port is already allocated");
        }
    }
    faults.refuse(object.kind, &object.meta.name)
}

/// An unused address of the service network 10.96.0.0/16.
fn free_address(store: &mut Store) -> String {
    let used: BTreeSet<String> =
        store.list(Kind::Service, None).map(|s| text(&s.spec["clusterIP"]).to_string()).collect();
    loop {
        let roll = store.below(65_534 - 256) + 256;
        let address = format!("10.96.{}.{}", roll >> 8, roll & 0xff);
        if !used.contains(&address) || used.len() > 65_000 {
            return address;
        }
    }
}

/// An unused port of 30000–32767.
fn free_node_port(store: &mut Store) -> u64 {
    let used: BTreeSet<i64> = store
        .list(Kind::Service, None)
        .flat_map(|service| items(&service.spec["ports"]).filter_map(|port| port["nodePort"].as_i64()))
        .collect();
    loop {
        let port = 30_000 + store.below(2_768);
        if !used.contains(&(port as i64)) || used.len() >= 2_768 {
            return port;
        }
    }
}
