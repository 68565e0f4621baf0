//! `describe service`, `endpoints`, `endpointslice`. Does not know who answers behind the addresses.

use super::Description;
use crate::console::kubectl::subject::{Subject, get, int, list, map, text};
use crate::console::page::Line;
use crate::stdx::canon;
use crate::stdx::time::Time;
use serde_json::Value;

/// At most this many addresses are written out.
const ENDPOINTS_SHOWN_MAX: usize = 3;

pub fn service(object: &Value, slices: &[Value], events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "Service"), now);
    page.heading(object, true);
    page.labels("Selector", "spec.selector", &map(object, "/spec/selector"));
    page.field(0, "Type", "spec.type", text(object, "/spec/type"));
    let joined = |place: &str| list(object, place).iter().map(canon::scalar).collect::<Vec<_>>().join(",");
    let policy = text(object, "/spec/ipFamilyPolicy");
    if !policy.is_empty() {
        page.field(0, "IP Family Policy", "spec.ipFamilyPolicy", policy);
    }
    page.field_or_none(0, "IP Families", "spec.ipFamilies", &joined("/spec/ipFamilies"));
    page.field(0, "IP", "spec.clusterIP", text(object, "/spec/clusterIP"));
    page.field_or_none(0, "IPs", "spec.clusterIPs", &joined("/spec/clusterIPs"));
    let external = joined("/spec/externalIPs");
    if !external.is_empty() {
        page.field(0, "External IPs", "spec.externalIPs", &external);
    }
    for (label, field) in [("Desired LoadBalancer IP", "loadBalancerIP"), ("External Name", "externalName")] {
        let value = text(object, &format!("/spec/{field}"));
        if !value.is_empty() {
            page.field(0, label, &format!("spec.{field}"), value);
        }
    }
    let ingress: Vec<String> = list(object, "/status/loadBalancer/ingress").iter().map(ingress_text).collect();
    if !ingress.is_empty() {
        page.field(0, "LoadBalancer Ingress", "status.loadBalancer.ingress", &ingress.join(", "));
    }
    for (i, port) in list(object, "/spec/ports").iter().enumerate() {
        service_port(&mut page, port, &canon::item("spec.ports", port, i), slices);
    }
    for (label, field) in [
        ("Session Affinity", "sessionAffinity"),
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
    ] {
        let value = text(object, &format!("/spec/{field}"));
        if !value.is_empty() || field == "sessionAffinity" {
            page.field(0, label, &format!("spec.{field}"), value);
        }
    }
    if let Some(port) = int(object, "/spec/healthCheckNodePort").filter(|p| *p != 0) {
        page.field(0, "HealthCheck NodePort", "spec.healthCheckNodePort", &port.to_string());
    }
    let ranges = joined("/spec/loadBalancerSourceRanges");
    if !ranges.is_empty() {
        page.field(0, "LoadBalancer Source Ranges", "spec.loadBalancerSourceRanges", &ranges);
    }
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

fn ingress_text(ingress: &Value) -> String {
    let (address, host, mode) = (text(ingress, "ip"), text(ingress, "hostname"), text(ingress, "ipMode"));
    match (address.is_empty(), mode.is_empty()) {
        (true, _) => host.to_string(),
        (false, true) => address.to_string(),
        (false, false) => format!("{address} ({mode})"),
    }
}

fn service_port(page: &mut Description, port: &Value, at: &str, slices: &[Value]) {
    let name = Some(text(port, "name")).filter(|n| !n.is_empty()).unwrap_or("<unset>");
    let protocol = text(port, "protocol");
    let number = int(port, "port").unwrap_or(0).to_string();
    page.raw(0, &format!("Port:\t{name}\t"));
    page.value(&format!("{at}.port"), &number, &format!("{number}/{protocol}")).end();
    let target = canon::scalar(port.get("targetPort").unwrap_or(&Value::Null));
    page.field_as(0, "TargetPort", &format!("{at}.targetPort"), &target, &format!("{target}/{protocol}"));
    let application = text(port, "appProtocol");
    if !application.is_empty() {
        page.field(0, "AppProtocol", &format!("{at}.appProtocol"), application);
    }
    if let Some(node) = int(port, "nodePort").filter(|p| *p != 0) {
        page.raw(0, &format!("NodePort:\t{name}\t"));
        page.value(&format!("{at}.nodePort"), &node.to_string(), &format!("{node}/{protocol}")).end();
    }
    page.raw(0, "Endpoints:\t");
    let (addresses, hidden) = ready_addresses(slices, text(port, "name"));
    if slices.is_empty() {
        page.value("status.endpoints", "", "<none>");
    } else if addresses.is_empty() {
        page.value("status.endpoints", "", "");
    } else {
        for (i, address) in addresses.iter().enumerate() {
            if i > 0 {
                page.sheet.put(",");
            }
            page.value("status.endpoints", address, address);
        }
        if hidden > 0 {
            page.sheet.put(&format!(" + {hidden} more..."));
        }
    }
    page.end();
}

/// The ready addresses behind a port: those written out, and how many more there are.
fn ready_addresses(slices: &[Value], port_name: &str) -> (Vec<String>, usize) {
    let mut shown = Vec::new();
    let mut count = 0;
    for slice in slices {
        let ports: Vec<Option<i64>> = match list(slice, "ports") {
            [] => vec![None],
            ports => ports.iter().filter(|p| text(p, "name") == port_name).map(|p| int(p, "port")).collect(),
        };
        for port in ports {
            for endpoint in list(slice, "endpoints") {
                if !endpoint.pointer("/conditions/ready").and_then(Value::as_bool).unwrap_or(true) {
                    continue;
                }
                count += 1;
                if shown.len() < ENDPOINTS_SHOWN_MAX {
                    let address = list(endpoint, "addresses").first().map(canon::scalar).unwrap_or_default();
                    shown.push(port.map_or(address.clone(), |p| format!("{address}:{p}")));
                }
            }
        }
    }
    let hidden = count - shown.len();
    (shown, hidden)
}

pub fn endpoints(object: &Value, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "Endpoints"), now);
    page.heading(object, true);
    page.raw(0, "Subsets:\n");
    let subsets = list(object, "subsets");
    if subsets.is_empty() {
        // The heading alone says that there are none; the mark lets that be seen.
        let start = page.sheet.here() - "Subsets:\n".len();
        page.sheet.mark_from(start, page.subject.field("subsets", ""));
    }
    for (i, subset) in subsets.iter().enumerate() {
        for (label, field) in [("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")] {
            let addresses: Vec<&str> = list(subset, field).iter().map(|a| text(a, "ip")).collect();
            page.field_or_none(1, label, &format!("subsets[{i}].{field}"), &addresses.join(","));
        }
        let ports = list(subset, "ports");
        if !ports.is_empty() {
            page.raw(1, "Ports:\n    Name\tPort\tProtocol\n    ----\t----\t--------\n");
            port_rows(&mut page, ports, &format!("subsets[{i}].ports"), 2);
        }
        page.end();
    }
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

fn port_rows(page: &mut Description, ports: &[Value], path: &str, level: usize) {
    for (i, port) in ports.iter().enumerate() {
        let name = Some(text(port, "name")).filter(|n| !n.is_empty()).unwrap_or("<unset>");
        let number = int(port, "port").map(|p| p.to_string()).unwrap_or_default();
        let shown = if number.is_empty() { "<unset>" } else { &number };
        page.raw(level, &format!("{name}\t"));
        page.value(&format!("{}.port", canon::item(path, port, i)), &number, shown);
        page.sheet.put(&format!("\t{}\n", text(port, "protocol")));
    }
}

pub fn endpoint_slice(object: &Value, events: Option<&[Value]>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(object, "EndpointSlice"), now);
    page.heading(object, true);
    page.field(0, "AddressType", "addressType", text(object, "addressType"));
    let ports = list(object, "ports");
    if ports.is_empty() {
        page.raw(0, "Ports: ").value("ports", "", "<unset>").end();
    } else {
        page.raw(0, "Ports:\n  Name\tPort\tProtocol\n  ----\t----\t--------\n");
        port_rows(&mut page, ports, "ports", 1);
    }
    let endpoints = list(object, "endpoints");
    if endpoints.is_empty() {
        page.raw(0, "Endpoints: ").value("endpoints", "", "<none>").end();
    } else {
        page.raw(0, "Endpoints:\n");
        for (i, endpoint) in endpoints.iter().enumerate() {
            slice_endpoint(&mut page, endpoint, &format!("endpoints[{i}]"));
        }
    }
    if let Some(events) = events {
        page.events(events);
    }
    page.lines()
}

fn slice_endpoint(page: &mut Description, endpoint: &Value, at: &str) {
    let addresses: Vec<String> = list(endpoint, "addresses").iter().map(canon::scalar).collect();
    page.field(1, "- Addresses", &format!("{at}.addresses"), &addresses.join(","));
    page.raw(2, "Conditions:\n");
    let ready = endpoint.pointer("/conditions/ready").and_then(Value::as_bool);
    let shown = ready.map_or("<unset>".to_string(), |r| r.to_string());
    page.field(3, "Ready", &format!("{at}.conditions.ready"), &shown);
    let host = text(endpoint, "hostname");
    page.field_as(2, "Hostname", &format!("{at}.hostname"), host, if host.is_empty() { "<unset>" } else { host });
    if let Some(target) = get(endpoint, "targetRef") {
        let shown = format!("{}/{}", text(target, "kind"), text(target, "name"));
        page.field(2, "TargetRef", &format!("{at}.targetRef.name"), &shown);
    }
    for (label, field) in [("NodeName", "nodeName"), ("Zone", "zone")] {
        let value = text(endpoint, field);
        page.field_as(2, label, &format!("{at}.{field}"), value, if value.is_empty() { "<unset>" } else { value });
    }
}
