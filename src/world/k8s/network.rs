//! What connects Services and pods: label selectors, ports by name, virtual addresses. Does not know requests.

use super::object::Object;
use serde_json::Value;
use std::collections::BTreeMap;

/// Whether a LabelSelector (`matchLabels`, `matchExpressions`) selects these labels. An empty selector selects
/// everything; an absent one nothing.
pub fn selects(selector: &Value, labels: &BTreeMap<String, String>) -> bool {
    if !selector.is_object() {
        return false;
    }
    let equal = selector["matchLabels"].as_object().into_iter().flatten();
    let mut equal = equal.map(|(key, value)| labels.get(key).map(String::as_str) == value.as_str());
    let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
    let mut expressions = expressions.map(|e| {
        let actual = labels.get(e["key"].as_str().unwrap_or(""));
        let listed = |value: &String| e["values"].as_array().into_iter().flatten().any(|v| v == value.as_str());
        match e["operator"].as_str().unwrap_or("") {
            "In" => actual.is_some_and(listed),
            "NotIn" => !actual.is_some_and(listed),
            "Exists" => actual.is_some(),
            "DoesNotExist" => actual.is_none(),
            _ => false,
        }
    });
    equal.all(|good| good) && expressions.all(|good| good)
}

/// A Service's selector as plain labels; `None` if it has none (its endpoints are somebody else's business).
pub fn service_selector(service: &Object) -> Option<BTreeMap<String, String>> {
    let selector = service.spec["selector"].as_object().filter(|map| !map.is_empty())?;
    Some(selector.iter().map(|(key, value)| (key.clone(), value.as_str().unwrap_or("").to_string())).collect())
}

/// Whether a Service has a selector and selects these labels.
pub fn selected_by(service: &Object, labels: &BTreeMap<String, String>) -> bool {
    let selector = service.spec["selector"].as_object().filter(|map| !map.is_empty());
    selector.is_some_and(|selector| {
        let carried = |(key, value): (&String, &Value)| {
            labels.get(key).is_some_and(|label| label == value.as_str().unwrap_or(""))
        };
        selector.iter().all(carried)
    })
}

/// The container port that a Service port leads to in a pod: a number, or the name of one of the pod's ports.
pub fn target_port(port: &Value, pod: &Object) -> Option<i64> {
    match &port["targetPort"] {
        Value::String(name) => {
            let containers = pod.spec["containers"].as_array().into_iter().flatten();
            let mut ports = containers.flat_map(|c| c["ports"].as_array().into_iter().flatten());
            ports.find(|p| p["name"] == name.as_str())?["containerPort"].as_i64()
        }
        Value::Number(number) => number.as_i64(),
        _ => port["port"].as_i64(),
    }
}
