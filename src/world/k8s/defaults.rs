//! What the server fills in where a manifest is silent (pkg/apis/*/v1/defaults.go), on JSON before it becomes an
//! object. Does not know the store: addresses and names are drawn elsewhere.

use super::kinds::Kind;
use serde_json::{Map, Value, json};

/// Completes an object of a stored kind.
pub fn fill(kind: Kind, object: &mut Value) {
    let Value::Object(map) = object else { return };
    match kind {
        Kind::Pod => pod(map),
        Kind::Deployment => deployment(map),
        Kind::ReplicaSet => replica_set(map),
        Kind::CronJob => cron_job(map),
        Kind::Job => job(map),
        Kind::Service => service(map),
        Kind::Secret => secret(map),
        Kind::Namespace => namespace(map),
        Kind::Endpoints => endpoints(map),
        Kind::EndpointSlice => {
            or(map, "endpoints", Value::Null);
            or(map, "ports", Value::Null);
            each(map, "ports", |port| {
                or(port, "name", "");
                or(port, "protocol", "TCP");
            });
        }
        Kind::Event => event(map),
        Kind::Node => node(map),
        _ => {}
    }
}

/// Sets a field that is not there.
fn or(map: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    if !map.contains_key(key) {
        map.insert(key.into(), value.into());
    }
}

/// Sets a field that is not there or is empty text.
fn or_empty(map: &mut Map<String, Value>, key: &str, value: &str) {
    if map.get(key).and_then(Value::as_str).unwrap_or("").is_empty() {
        map.insert(key.into(), value.into());
    }
}

/// The object under `key`, made if it is not there.
fn inner<'a>(map: &'a mut Map<String, Value>, key: &str) -> Option<&'a mut Map<String, Value>> {
    map.entry(key).or_insert_with(|| json!({})).as_object_mut()
}

fn each(map: &mut Map<String, Value>, key: &str, mut work: impl FnMut(&mut Map<String, Value>)) {
    if let Some(Value::Array(list)) = map.get_mut(key) {
        list.iter_mut().filter_map(Value::as_object_mut).for_each(&mut work);
    }
}

fn pod(map: &mut Map<String, Value>) {
    let Some(spec) = inner(map, "spec") else { return };
    pod_spec(spec);
    or(spec, "enableServiceLinks", true);
    for list in ["containers", "initContainers"] {
        each(spec, list, requests_from_limits);
    }
}

/// In a pod (not in a template) a missing request equals the limit.
fn requests_from_limits(container: &mut Map<String, Value>) {
    let Some(resources) = container.get_mut("resources").and_then(Value::as_object_mut) else { return };
    let Some(limits) = resources.get("limits").and_then(Value::as_object).cloned() else { return };
    if let Some(requests) = inner(resources, "requests") {
        for (name, limit) in limits {
            or(requests, &name, limit);
        }
    }
}

fn pod_spec(spec: &mut Map<String, Value>) {
    or_empty(spec, "dnsPolicy", "ClusterFirst");
    or_empty(spec, "restartPolicy", "Always");
    or_empty(spec, "schedulerName", "default-scheduler");
    or(spec, "securityContext", json!({}));
    or(spec, "terminationGracePeriodSeconds", 30);
    let host_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        each(spec, list, |c| container(c, host_network));
    }
    each(spec, "volumes", volume);
    each(spec, "topologySpreadConstraints", |_| {});
    // The old name of the service account is kept equal to the new one.
    match (spec.get("serviceAccountName").cloned(), spec.get("serviceAccount").cloned()) {
        (Some(name), _) if name != "" => {
            spec.insert("serviceAccount".into(), name);
        }
        (_, Some(old)) if old != "" => {
            spec.insert("serviceAccountName".into(), old);
        }
        _ => {}
    }
}

fn container(map: &mut Map<String, Value>, host_network: bool) {
    let image = map.get("image").and_then(Value::as_str).unwrap_or("");
    let policy = if pulls_always(image) { "Always" } else { "IfNotPresent" };
    or_empty(map, "imagePullPolicy", policy);
    or(map, "resources", json!({}));
    or_empty(map, "terminationMessagePath", "/dev/termination-log");
    or_empty(map, "terminationMessagePolicy", "File");
    each(map, "ports", |port| {
        or_empty(port, "protocol", "TCP");
        if host_network && let Some(number) = port.get("containerPort").cloned() {
            or(port, "hostPort", number);
        }
    });
    each(map, "env", |env| {
        if let Some(field) = env.get_mut("valueFrom").and_then(|from| from.get_mut("fieldRef")) {
            field_ref(field);
        }
        if let Some(resource) = env.get_mut("valueFrom").and_then(|from| from.get_mut("resourceFieldRef"))
            && let Some(map) = resource.as_object_mut()
        {
            or(map, "divisor", "0");
        }
    });
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = map.get_mut(name).and_then(Value::as_object_mut) {
            handler(probe);
            for (field, value) in [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1)] {
                or_zero(probe, field, value);
            }
            or_zero(probe, "failureThreshold", 3);
        }
    }
    if let Some(lifecycle) = map.get_mut("lifecycle").and_then(Value::as_object_mut) {
        for hook in ["postStart", "preStop"] {
            if let Some(hook) = lifecycle.get_mut(hook).and_then(Value::as_object_mut) {
                handler(hook);
            }
        }
    }
}

/// Sets a number that is missing or zero.
fn or_zero(map: &mut Map<String, Value>, key: &str, value: i64) {
    if map.get(key).and_then(Value::as_i64).unwrap_or(0) == 0 {
        map.insert(key.into(), value.into());
    }
}

/// Whether an image without a policy is pulled at every start: tag `latest`, or neither tag nor digest.
fn pulls_always(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    if image.contains('@') {
        return false;
    }
    match name.rsplit_once(':') {
        Some((_, tag)) => tag == "latest",
        None => true,
    }
}

fn handler(map: &mut Map<String, Value>) {
    if let Some(get) = map.get_mut("httpGet").and_then(Value::as_object_mut) {
        or_empty(get, "path", "/");
        or_empty(get, "scheme", "HTTP");
    }
    if let Some(grpc) = map.get_mut("grpc").and_then(Value::as_object_mut) {
        or(grpc, "service", "");
    }
}

fn field_ref(field: &mut Value) {
    if let Some(map) = field.as_object_mut() {
        or_empty(map, "apiVersion", "v1");
    }
}

fn volume(map: &mut Map<String, Value>) {
    if map.len() == 1 && map.contains_key("name") {
        map.insert("emptyDir".into(), json!({}));
    }
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        if let Some(source) = map.get_mut(source).and_then(Value::as_object_mut) {
            or(source, "defaultMode", 0o644);
            each(source, "items", downward_item);
            each(source, "sources", |projection| {
                if let Some(token) = projection.get_mut("serviceAccountToken").and_then(Value::as_object_mut) {
                    or(token, "expirationSeconds", 3600);
                }
                if let Some(downward) = projection.get_mut("downwardAPI").and_then(Value::as_object_mut) {
                    each(downward, "items", downward_item);
                }
            });
        }
    }
    if let Some(path) = map.get_mut("hostPath").and_then(Value::as_object_mut) {
        or(path, "type", "");
    }
}

fn downward_item(item: &mut Map<String, Value>) {
    if let Some(field) = item.get_mut("fieldRef") {
        field_ref(field);
    }
}

fn template(spec: &mut Map<String, Value>) {
    if let Some(template) = inner(spec, "template") {
        or(template, "metadata", json!({}));
        if let Some(pod) = inner(template, "spec") {
            pod_spec(pod);
        }
    }
}

fn deployment(map: &mut Map<String, Value>) {
    let Some(spec) = inner(map, "spec") else { return };
    or(spec, "replicas", 1);
    or(spec, "revisionHistoryLimit", 10);
    or(spec, "progressDeadlineSeconds", 600);
    if let Some(strategy) = inner(spec, "strategy") {
        or_empty(strategy, "type", "RollingUpdate");
        if strategy["type"] == "RollingUpdate"
            && let Some(rolling) = inner(strategy, "rollingUpdate")
        {
            or(rolling, "maxUnavailable", "25%");
            or(rolling, "maxSurge", "25%");
        }
    }
    template(spec);
    or(map, "status", json!({}));
}

fn replica_set(map: &mut Map<String, Value>) {
    let Some(spec) = inner(map, "spec") else { return };
    or(spec, "replicas", 1);
    template(spec);
    or(map, "status", json!({"replicas": 0}));
}

/// Without completions and parallelism one pod has to succeed; with parallelism alone, one of so many.
fn job(map: &mut Map<String, Value>) {
    let Some(spec) = inner(map, "spec") else { return };
    if !spec.contains_key("completions") && !spec.contains_key("parallelism") {
        or(spec, "completions", 1);
    }
    or(spec, "parallelism", 1);
    or(spec, "backoffLimit", 6);
    or_empty(spec, "completionMode", "NonIndexed");
    or(spec, "suspend", false);
    or(spec, "manualSelector", false);
    or_empty(spec, "podReplacementPolicy", "TerminatingOrFailed");
    template(spec);
}

/// The template of a CronJob's Jobs is completed only as far as pods go.
fn cron_job(map: &mut Map<String, Value>) {
    let Some(spec) = inner(map, "spec") else { return };
    or_empty(spec, "concurrencyPolicy", "Allow");
    or(spec, "suspend", false);
    or(spec, "successfulJobsHistoryLimit", 3);
    or(spec, "failedJobsHistoryLimit", 1);
    if let Some(job) = inner(spec, "jobTemplate").and_then(|template| inner(template, "spec")) {
        template(job);
    }
}

fn service(map: &mut Map<String, Value>) {
    let Some(spec) = inner(map, "spec") else { return };
    or_empty(spec, "type", "ClusterIP");
    or_empty(spec, "sessionAffinity", "None");
    if spec["sessionAffinity"] == "ClientIP" {
        or(spec, "sessionAffinityConfig", json!({"clientIP": {"timeoutSeconds": 10800}}));
    }
    each(spec, "ports", |port| {
        or_empty(port, "protocol", "TCP");
        if port.get("targetPort").is_none_or(|target| *target == 0 || *target == "") {
            let number = port.get("port").cloned().unwrap_or(Value::from(0));
            port.insert("targetPort".into(), number);
        }
    });
    let kind = spec["type"].as_str().unwrap_or("").to_string();
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") {
        or_empty(spec, "externalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        or(spec, "allocateLoadBalancerNodePorts", true);
    }
    if kind != "ExternalName" {
        or_empty(spec, "internalTrafficPolicy", "Cluster");
    }
    or(map, "status", json!({"loadBalancer": {}}));
}

/// `stringData` is write-only: it lands in `data`, and wins there.
fn secret(map: &mut Map<String, Value>) {
    use base64::Engine;
    or_empty(map, "type", "Opaque");
    let Some(Value::Object(texts)) = map.remove("stringData") else { return };
    if texts.is_empty() {
        return;
    }
    if let Some(data) = inner(map, "data") {
        for (key, text) in texts {
            let bytes = text.as_str().unwrap_or("").as_bytes();
            data.insert(key, base64::engine::general_purpose::STANDARD.encode(bytes).into());
        }
    }
}

fn namespace(map: &mut Map<String, Value>) {
    let name = map.get("metadata").and_then(|m| m["name"].as_str()).unwrap_or("").to_string();
    if let Some(labels) = inner(map, "metadata").and_then(|metadata| inner(metadata, "labels"))
        && !name.is_empty()
    {
        labels.insert("kubernetes.io/metadata.name".into(), name.into());
    }
    or(map, "spec", json!({}));
    or(map, "status", json!({}));
    if let Some(status) = inner(map, "status") {
        or_empty(status, "phase", "Active");
    }
}

fn endpoints(map: &mut Map<String, Value>) {
    each(map, "subsets", |subset| each(subset, "ports", |port| or_empty(port, "protocol", "TCP")));
}

/// Fields of an event that Go always writes.
fn event(map: &mut Map<String, Value>) {
    for (key, value) in [
        ("eventTime", Value::Null),
        ("firstTimestamp", Value::Null),
        ("involvedObject", json!({})),
        ("lastTimestamp", Value::Null),
        ("reportingComponent", Value::from("")),
        ("reportingInstance", Value::from("")),
        ("source", json!({})),
    ] {
        or(map, key, value);
    }
}

fn node(map: &mut Map<String, Value>) {
    or(map, "spec", json!({}));
    let Some(status) = inner(map, "status") else { return };
    if let Some(capacity) = status.get("capacity").cloned() {
        or(status, "allocatable", capacity);
    }
}
