//! Containers: names, images, ports, environment, resources, probes, mounts. Does not know the rest of the pod but its
//! volumes' names.

use super::name;
use super::network::target_port;
use crate::stdx::quantity::Quantity;
use crate::world::k8s::refusal::Faults;
use crate::world::k8s::table::{integer, items, text};
use serde_json::Value;

const NEGATIVE: &str = "must be greater than or equal to 0";

/// All containers of a pod spec at `path`.
pub fn containers(spec: &Value, path: &str, volumes: &[&str], faults: &mut Faults) {
    if items(&spec["containers"]).len() == 0 {
        faults.required(&format!("{path}.containers"), "");
    }
    let mut names: Vec<&str> = Vec::new();
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        let mut host_ports: Vec<(i64, &str)> = Vec::new();
        for (index, container) in items(&spec[list]).enumerate() {
            let path = format!("{path}.{list}[{index}]");
            let container_name = text(&container["name"]);
            if container_name.is_empty() {
                faults.required(&format!("{path}.name"), "");
            } else if let Some(why) = name::label(container_name) {
                faults.invalid(&format!("{path}.name"), &container["name"], &why);
            } else if names.contains(&container_name) {
                faults.duplicate(&format!("{path}.name"), &container["name"]);
            }
            names.push(container_name);
            one(container, &path, volumes, list == "initContainers", faults);
            for (index, port) in items(&container["ports"]).enumerate() {
                let host = (integer(&port["hostPort"]), text(&port["protocol"]));
                if host.0 != 0 && host_ports.contains(&host) {
                    let shown = format!("{}/{}", host.1, host.0);
                    faults.duplicate(&format!("{path}.ports[{index}].hostPort"), &shown.into());
                }
                host_ports.push(host);
            }
        }
    }
}

fn one(container: &Value, path: &str, volumes: &[&str], init: bool, faults: &mut Faults) {
    let image = text(&container["image"]);
    if image.is_empty() {
        faults.required(&format!("{path}.image"), "");
    } else if image.trim() != image {
        let why = "must not have leading or trailing whitespace";
        faults.invalid(&format!("{path}.image"), &container["image"], why);
    }
    one_of(container, path, "terminationMessagePolicy", &["FallbackToLogsOnError", "File"], faults);
    ports(&container["ports"], &format!("{path}.ports"), faults);
    environment(&container["env"], &format!("{path}.env"), faults);
    environment_from(&container["envFrom"], &format!("{path}.envFrom"), faults);
    mounts(&container["volumeMounts"], &format!("{path}.volumeMounts"), volumes, faults);
    one_of(container, path, "imagePullPolicy", &["Always", "IfNotPresent", "Never"], faults);
    resources(&container["resources"], &format!("{path}.resources"), faults);
    let sidecar = text(&container["restartPolicy"]) == "Always";
    for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
        if init && !sidecar && !container[field].is_null() {
            faults.forbidden(
                &format!("{path}.{field}"),
                "may not be set for init containers without restartPolicy=Always",
            );
        }
    }
    for field in ["livenessProbe", "readinessProbe", "startupProbe"] {
        probe(&container[field], &format!("{path}.{field}"), field != "readinessProbe", faults);
    }
    for hook in ["postStart", "preStop"] {
        let hooks = &container["lifecycle"][hook];
        if hooks.is_object() {
            handler(hooks, &format!("{path}.lifecycle.{hook}"), faults);
        }
    }
}

fn one_of(container: &Value, path: &str, field: &str, supported: &[&str], faults: &mut Faults) {
    if !supported.contains(&text(&container[field])) {
        faults.unsupported(&format!("{path}.{field}"), &container[field], supported);
    }
}

fn ports(list: &Value, path: &str, faults: &mut Faults) {
    let mut names: Vec<&str> = Vec::new();
    for (index, port) in items(list).enumerate() {
        let path = format!("{path}[{index}]");
        let port_name = text(&port["name"]);
        if !port_name.is_empty() {
            for why in name::port_name(port_name) {
                faults.invalid(&format!("{path}.name"), &port["name"], &why);
            }
            if names.contains(&port_name) {
                faults.duplicate(&format!("{path}.name"), &port["name"]);
            }
            names.push(port_name);
        }
        match integer(&port["containerPort"]) {
            0 => faults.required(&format!("{path}.containerPort"), ""),
            number => {
                if let Some(why) = name::port_number(number) {
                    faults.invalid(&format!("{path}.containerPort"), &port["containerPort"], why);
                }
            }
        }
        if integer(&port["hostPort"]) != 0
            && let Some(why) = name::port_number(integer(&port["hostPort"]))
        {
            faults.invalid(&format!("{path}.hostPort"), &port["hostPort"], why);
        }
        if !matches!(text(&port["protocol"]), "SCTP" | "TCP" | "UDP") {
            faults.unsupported(&format!("{path}.protocol"), &port["protocol"], &["SCTP", "TCP", "UDP"]);
        }
    }
}

fn environment(list: &Value, path: &str, faults: &mut Faults) {
    for (index, variable) in items(list).enumerate() {
        let path = format!("{path}[{index}]");
        let variable_name = text(&variable["name"]);
        if variable_name.is_empty() {
            faults.required(&format!("{path}.name"), "");
        } else if let Some(why) = name::env_name(variable_name) {
            faults.invalid(&format!("{path}.name"), &variable["name"], &why);
        }
        if variable["valueFrom"].is_object() {
            value_from(variable, &format!("{path}.valueFrom"), faults);
        }
    }
}

fn value_from(variable: &Value, path: &str, faults: &mut Faults) {
    let from = &variable["valueFrom"];
    let sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
    let count = sources.iter().filter(|source| from[**source].is_object()).count();
    for source in ["configMapKeyRef", "secretKeyRef"] {
        let reference = &from[source];
        if !reference.is_object() {
            continue;
        }
        if text(&reference["name"]).is_empty() {
            faults.required(&format!("{path}.{source}.name"), "");
        }
        let key = text(&reference["key"]);
        if key.is_empty() {
            faults.required(&format!("{path}.{source}.key"), "");
        } else if let Some(why) = name::config_key(key) {
            faults.invalid(&format!("{path}.{source}.key"), &reference["key"], &why);
        }
    }
    if from["fieldRef"].is_object() {
        field_path(&from["fieldRef"]["fieldPath"], &format!("{path}.fieldRef.fieldPath"), faults);
    }
    if count == 0 {
        let why =
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
        faults.invalid(path, &"".into(), why);
    } else if !text(&variable["value"]).is_empty() {
        faults.invalid(path, &"".into(), "may not be specified when `value` is not empty");
    } else if count > 1 {
        faults.invalid(path, &"".into(), "may not have more than one field specified at a time");
    }
}

fn field_path(value: &Value, path: &str, faults: &mut Faults) {
    let plain = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    let given = text(value);
    let subscripted = ["metadata.annotations['", "metadata.labels['"].iter().any(|stem| given.starts_with(stem));
    if given.is_empty() {
        faults.required(path, "");
    } else if !plain.contains(&given) && !subscripted {
        let why = format!("error converting fieldPath: field label not supported: {given}");
        faults.invalid(path, value, &why);
    }
}

fn environment_from(list: &Value, path: &str, faults: &mut Faults) {
    for (index, source) in items(list).enumerate() {
        let path = format!("{path}[{index}]");
        let references = ["configMapRef", "secretRef"];
        let given: Vec<&&str> = references.iter().filter(|r| source[**r].is_object()).collect();
        for reference in &given {
            if text(&source[**reference]["name"]).is_empty() {
                faults.required(&format!("{path}.{reference}.name"), "");
            }
        }
        match given.len() {
            0 => faults.invalid(&path, &"".into(), "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => faults.invalid(&path, &"".into(), "may not have more than one field specified at a time"),
        }
    }
}

fn mounts(list: &Value, path: &str, volumes: &[&str], faults: &mut Faults) {
    let mut paths: Vec<&str> = Vec::new();
    for (index, mount) in items(list).enumerate() {
        let path = format!("{path}[{index}]");
        let (volume, target) = (text(&mount["name"]), text(&mount["mountPath"]));
        if volume.is_empty() {
            faults.required(&format!("{path}.name"), "");
        } else if !volumes.contains(&volume) {
            faults.missing(&format!("{path}.name"), &mount["name"]);
        }
        if target.is_empty() {
            faults.required(&format!("{path}.mountPath"), "");
        } else if paths.contains(&target) {
            faults.invalid(&format!("{path}.mountPath"), &mount["mountPath"], "must be unique");
        }
        paths.push(target);
    }
}

fn resources(resources: &Value, path: &str, faults: &mut Faults) {
    let amount = |value: &Value| Quantity::parse(text(value));
    for list in ["limits", "requests"] {
        for (resource, value) in resources[list].as_object().into_iter().flatten() {
            let path = format!("{path}.{list}");
            let standard = matches!(resource.as_str(), "cpu" | "memory" | "ephemeral-storage")
                || resource.starts_with("hugepages-");
            if !standard && !resource.contains('/') {
                let at = format!("{path}[{resource}]");
                faults.invalid(&at, &resource.as_str().into(), "must be a standard resource type or fully qualified");
                faults.invalid(&at, &resource.as_str().into(), "must be a standard resource for containers");
            }
            if amount(value).is_some_and(|amount| amount.nanos < 0) {
                faults.invalid(&format!("{path}[{resource}]"), value, NEGATIVE);
            }
        }
    }
    for (resource, request) in resources["requests"].as_object().into_iter().flatten() {
        let limit = &resources["limits"][resource];
        if let (Some(asked), Some(most)) = (amount(request), amount(limit))
            && asked.nanos > most.nanos
        {
            let why = format!("must be less than or equal to {resource} limit of {}", text(limit));
            faults.invalid(&format!("{path}.requests"), request, &why);
        }
    }
}

fn probe(probe: &Value, path: &str, once: bool, faults: &mut Faults) {
    if !probe.is_object() {
        return;
    }
    handler(probe, path, faults);
    for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        if integer(&probe[field]) < 0 {
            faults.invalid(&format!("{path}.{field}"), &probe[field], NEGATIVE);
        }
    }
    if probe["terminationGracePeriodSeconds"].as_i64().is_some_and(|seconds| seconds <= 0) {
        let field = format!("{path}.terminationGracePeriodSeconds");
        faults.invalid(&field, &probe["terminationGracePeriodSeconds"], "must be greater than 0");
    }
    if once && integer(&probe["successThreshold"]) != 1 {
        faults.invalid(&format!("{path}.successThreshold"), &probe["successThreshold"], "must be 1");
    }
}

/// What a probe or a hook does: exactly one thing.
fn handler(handler: &Value, path: &str, faults: &mut Faults) {
    let mut count = 0;
    for action in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
        let given = &handler[action];
        if !given.is_object() {
            continue;
        }
        let path = format!("{path}.{action}");
        count += 1;
        if count > 1 {
            faults.forbidden(&path, "may not specify more than 1 handler type");
            continue;
        }
        match action {
            "exec" if items(&given["command"]).len() == 0 => faults.required(&format!("{path}.command"), ""),
            "httpGet" => {
                if text(&given["path"]).is_empty() {
                    faults.required(&format!("{path}.path"), "");
                }
                target_port(&format!("{path}.port"), &given["port"], faults);
                if !matches!(text(&given["scheme"]), "HTTP" | "HTTPS") {
                    faults.unsupported(&format!("{path}.scheme"), &given["scheme"], &["HTTP", "HTTPS"]);
                }
            }
            "tcpSocket" | "grpc" => target_port(&format!("{path}.port"), &given["port"], faults),
            _ => {}
        }
    }
    if count == 0 {
        faults.required(path, "must specify a handler type");
    }
}
