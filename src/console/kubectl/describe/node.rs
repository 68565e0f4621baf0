//! `describe node`: conditions, addresses, resources and the pods that take them. Does not know the scheduler.

use super::Description;
use crate::console::kubectl::subject::{Subject, list, map, text, time};
use crate::console::page::Line;
use crate::stdx::canon;
use crate::stdx::quantity::Quantity;
use crate::stdx::time::Time;
use serde_json::Value;

/// What a node's description is made of besides the node.
pub struct Surroundings<'a> {
    /// The pods bound to it whose phase is neither Succeeded nor Failed.
    pub pods: &'a [Value],
    /// Its lease, or what the API said instead.
    pub lease: Result<&'a Value, &'a str>,
    pub events: Option<&'a [Value]>,
}

pub fn describe(node: &Value, around: &Surroundings, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(node, "Node"), now);
    heading(&mut page, node);
    lease(&mut page, around.lease);
    conditions(&mut page, node);
    page.raw(0, "Addresses:\n");
    for address in list(node, "/status/addresses") {
        let kind = text(address, "type");
        page.field(1, kind, &format!("status.addresses[{kind}].address"), text(address, "address"));
    }
    for (label, field) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
        let amounts = map(node, &format!("/status/{field}"));
        if !amounts.is_empty() {
            page.raw(0, &format!("{label}:\n"));
        }
        for (name, amount) in amounts {
            page.field(1, name, &canon::key(&format!("status.{field}"), name), &amount);
        }
    }
    system(&mut page, node);
    resources(&mut page, node, around.pods);
    if let Some(events) = around.events {
        page.events(events);
    }
    page.lines()
}

fn heading(page: &mut Description, node: &Value) {
    page.field(0, "Name", "metadata.name", text(node, "/metadata/name"));
    let labels = map(node, "/metadata/labels");
    let mut roles: Vec<&str> = labels
        .iter()
        .filter_map(|(k, _)| k.strip_prefix("node-role.kubernetes.io/"))
        .filter(|r| !r.is_empty())
        .collect();
    roles.sort_unstable();
    page.field_or_none(0, "Roles", "metadata.labels", &roles.join(","));
    page.labels("Labels", "metadata.labels", &labels);
    page.annotations("Annotations", "metadata.annotations", &map(node, "/metadata/annotations"));
    page.time(0, "CreationTimestamp", "metadata.creationTimestamp", text(node, "/metadata/creationTimestamp"));
    let mut taints: Vec<&Value> = list(node, "/spec/taints").iter().collect();
    taints.sort_by_key(|t| (text(t, "effect"), text(t, "key")));
    page.raw(0, "Taints:\t");
    if taints.is_empty() {
        page.value("spec.taints", "", "<none>").end();
    }
    for (i, taint) in taints.into_iter().enumerate() {
        if i > 0 {
            page.sheet.put("\t");
        }
        let (key, value, effect) = (text(taint, "key"), text(taint, "value"), text(taint, "effect"));
        let shown = if value.is_empty() { format!("{key}:{effect}") } else { format!("{key}={value}:{effect}") };
        page.value(&format!("spec.taints[{i}]"), &shown, &shown).end();
    }
    let unschedulable = node.pointer("/spec/unschedulable").and_then(Value::as_bool).unwrap_or(false);
    page.field(0, "Unschedulable", "spec.unschedulable", &unschedulable.to_string());
}

fn lease(page: &mut Description, lease: Result<&Value, &str>) {
    match lease {
        Err(said) => {
            page.raw(0, &format!("Lease:\tFailed to get lease: {said}\n"));
        }
        Ok(lease) => {
            page.raw(0, "Lease:\n");
            let holder = text(lease, "/spec/holderIdentity");
            page.raw(1, &format!("HolderIdentity:\t{}\n", if holder.is_empty() { "<unset>" } else { holder }));
            for (label, field) in [("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")] {
                let at = time(lease, &format!("/spec/{field}")).map_or("<unset>".to_string(), Time::rfc1123);
                page.raw(1, &format!("{label}:\t{at}\n"));
            }
        }
    }
}

fn conditions(page: &mut Description, node: &Value) {
    let conditions = list(node, "/status/conditions");
    if conditions.is_empty() {
        return;
    }
    page.raw(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n");
    page.raw(1, "----\t------\t-----------------\t------------------\t------\t-------\n");
    for condition in conditions {
        let kind = text(condition, "type");
        let at = format!("status.conditions[{kind}]");
        let field = |name: &str| text(condition, name);
        let stamp = |name: &str| Time::parse(field(name)).map(Time::rfc1123).unwrap_or_default();
        page.raw(1, &format!("{kind} \t"));
        page.value(&format!("{at}.status"), field("status"), field("status")).sheet.put(" \t");
        let beat = stamp("lastHeartbeatTime");
        page.value(&format!("{at}.lastHeartbeatTime"), field("lastHeartbeatTime"), &beat).sheet.put(" \t");
        let turn = stamp("lastTransitionTime");
        page.value(&format!("{at}.lastTransitionTime"), field("lastTransitionTime"), &turn).sheet.put(" \t");
        page.value(&format!("{at}.reason"), field("reason"), field("reason")).sheet.put(" \t");
        page.value(&format!("{at}.message"), field("message"), field("message")).end();
    }
}

fn system(page: &mut Description, node: &Value) {
    page.raw(0, "System Info:\n");
    for (label, field) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ] {
        let value = text(node, &format!("/status/nodeInfo/{field}"));
        page.field(1, label, &format!("status.nodeInfo.{field}"), value);
    }
    let range = text(node, "/spec/podCIDR");
    if !range.is_empty() {
        page.field(0, "PodCIDR", "spec.podCIDR", range);
    }
    let ranges: Vec<String> = list(node, "/spec/podCIDRs").iter().map(canon::scalar).collect();
    if !ranges.is_empty() {
        page.field(0, "PodCIDRs", "spec.podCIDRs", &ranges.join(","));
    }
    let provider = text(node, "/spec/providerID");
    if !provider.is_empty() {
        page.field(0, "ProviderID", "spec.providerID", provider);
    }
}

/// What a pod asks for or may take of one resource: the sum of its containers, but at least what one init container does.
pub fn pod_amount(pod: &Value, side: &str, resource: &str) -> Quantity {
    let amount = |container: &Value| {
        let place = container.pointer(&format!("/resources/{side}")).and_then(|r| r.get(resource));
        place.map(canon::scalar).and_then(|q| Quantity::parse(&q)).unwrap_or_default()
    };
    let mut total =
        list(pod, "/spec/containers").iter().map(amount).fold(Quantity::default(), |sum, next| sum.plus(next));
    for init in list(pod, "/spec/initContainers") {
        let own = amount(init);
        if text(init, "restartPolicy") == "Always" {
            total = total.plus(own);
        } else if own.nanos > total.nanos {
            total = own;
        }
    }
    total
}

fn resources(page: &mut Description, node: &Value, pods: &[Value]) {
    let allocatable = |resource: &str| {
        let place = node.pointer("/status/allocatable").or(node.pointer("/status/capacity"));
        let amount = place.and_then(|a| a.get(resource)).map(canon::scalar).unwrap_or_default();
        Quantity::parse(&amount).unwrap_or_default()
    };
    let share = |amount: Quantity, resource: &str| {
        let (part, whole) = match resource {
            "cpu" => (amount.milli(), allocatable(resource).milli()),
            _ => (amount.value(), allocatable(resource).value()),
        };
        if whole == 0 { 0 } else { part * 100 / whole }
    };
    page.raw(0, &format!("Non-terminated Pods:\t({} in total)\n", pods.len()));
    page.raw(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n");
    page.raw(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n");
    for pod in pods {
        let subject = Subject::of_kind(pod, "Pod");
        page.raw(1, &format!("{}\t{}\t\t", text(pod, "/metadata/namespace"), text(pod, "/metadata/name")));
        for (resource, side) in [("cpu", "requests"), ("cpu", "limits"), ("memory", "requests"), ("memory", "limits")] {
            let amount = pod_amount(pod, side, resource);
            let fact = subject.field(&format!("spec.resources.{side}.{resource}"), &amount.to_string());
            page.sheet.show(&format!("{amount} ({}%)", share(amount, resource)), fact).put("\t");
        }
        let age = time(pod, "/metadata/creationTimestamp").map_or("<unknown>".into(), |at| (page.now - at).human());
        page.sheet.put(&age).end_line();
    }
    page.raw(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n");
    page.raw(1, "Resource\tRequests\tLimits\n  --------\t--------\t------\n");
    for resource in ["cpu", "memory", "ephemeral-storage"] {
        let total = |side: &str| {
            pods.iter().map(|p| pod_amount(p, side, resource)).fold(Quantity::default(), |sum, next| sum.plus(next))
        };
        let (requests, limits) = (total("requests"), total("limits"));
        page.raw(
            1,
            &format!(
                "{resource}\t{requests} ({}%)\t{limits} ({}%)\n",
                share(requests, resource),
                share(limits, resource)
            ),
        );
    }
}
