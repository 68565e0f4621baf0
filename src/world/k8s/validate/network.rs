//! Services: type, ports, addresses. Does not allocate.

use super::name;
use crate::world::k8s::object::Object;
use crate::world::k8s::refusal::Faults;
use crate::world::k8s::table::{integer, items, text};
use serde_json::Value;

/// `--service-node-port-range`.
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;

pub fn service(object: &Object, faults: &mut Faults) {
    let spec = &object.spec;
    let kind = text(&spec["type"]);
    let headless = text(&spec["clusterIP"]) == "None";
    let ports = items(&spec["ports"]);
    if ports.len() == 0 && !headless && kind != "ExternalName" {
        faults.required("spec.ports", "");
    }
    match kind {
        "ExternalName" if text(&spec["externalName"]).is_empty() => faults.required("spec.externalName", ""),
        "LoadBalancer" if headless => {
            faults.invalid("spec.clusterIPs[0]", &"None".into(), "may not be set to 'None' for LoadBalancer services");
        }
        "NodePort" if headless => {
            faults.invalid("spec.clusterIPs[0]", &"None".into(), "may not be set to 'None' for NodePort services");
        }
        "ClusterIP" | "ExternalName" | "LoadBalancer" | "NodePort" => {}
        _ => {
            let supported = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
            faults.unsupported("spec.type", &spec["type"], &supported);
        }
    }
    let many = ports.len() > 1;
    let mut names: Vec<&str> = Vec::new();
    let mut numbers: Vec<(i64, &str)> = Vec::new();
    for (index, port) in ports.enumerate() {
        let path = format!("spec.ports[{index}]");
        service_port(&path, port, kind, many, faults);
        let port_name = text(&port["name"]);
        if !port_name.is_empty() && names.contains(&port_name) {
            faults.duplicate(&format!("{path}.name"), &port["name"]);
        }
        names.push(port_name);
        let number = (integer(&port["port"]), text(&port["protocol"]));
        if numbers.contains(&number) {
            let key = serde_json::json!({"port": number.0, "protocol": number.1});
            faults.duplicate(&path, &key);
        }
        numbers.push(number);
    }
    super::label_value_map("spec.selector", &spec["selector"], faults);
    let affinity = &spec["sessionAffinity"];
    if !matches!(text(affinity), "ClientIP" | "None") {
        faults.unsupported("spec.sessionAffinity", affinity, &["ClientIP", "None"]);
    }
}

fn service_port(path: &str, port: &Value, kind: &str, many: bool, faults: &mut Faults) {
    let port_name = text(&port["name"]);
    if many && port_name.is_empty() {
        faults.required(&format!("{path}.name"), "");
    } else if !port_name.is_empty()
        && let Some(why) = name::label(port_name)
    {
        faults.invalid(&format!("{path}.name"), &port["name"], &why);
    }
    if let Some(why) = name::port_number(integer(&port["port"])) {
        faults.invalid(&format!("{path}.port"), &integer(&port["port"]).into(), why);
    }
    if !matches!(text(&port["protocol"]), "SCTP" | "TCP" | "UDP") {
        faults.unsupported(&format!("{path}.protocol"), &port["protocol"], &["SCTP", "TCP", "UDP"]);
    }
    target_port(&format!("{path}.targetPort"), &port["targetPort"], faults);
    let node_port = integer(&port["nodePort"]);
    if node_port != 0 && kind == "ClusterIP" {
        faults.forbidden(&format!("{path}.nodePort"), "may not be used when `type` is 'ClusterIP'");
    } else if node_port != 0 && !NODE_PORTS.contains(&node_port) {
        let why = "provided port is not in the valid range. The range of valid ports is 30000-32767";
        faults.invalid(&format!("{path}.nodePort"), &node_port.into(), why);
    }
}

/// A port by number or by name.
pub fn target_port(path: &str, port: &Value, faults: &mut Faults) {
    match port {
        Value::String(text) => {
            for why in name::port_name(text) {
                faults.invalid(path, port, &why);
            }
        }
        _ => {
            if let Some(why) = name::port_number(integer(port)) {
                faults.invalid(path, &integer(port).into(), why);
            }
        }
    }
}

pub fn service_update(object: &Object, old: &Object, faults: &mut Faults) {
    let address = |object: &Object| text(&object.spec["clusterIP"]).to_string();
    let (was, is) = (address(old), address(object));
    let external = |object: &Object| text(&object.spec["type"]) == "ExternalName";
    if !was.is_empty() && was != is && !external(object) && !external(old) {
        faults.invalid("spec.clusterIPs[0]", &serde_json::json!([is]), "may not change once set");
    }
    service(object, faults);
}
