//! `kubectl top`: usage as the metrics API gives it. Does not know where it was measured.

use super::call::{Call, Failure};
use super::sheet::Sheet;
use super::subject::{list, text, time};
use super::targets;
use crate::console::fact::Fact;
use crate::stdx::canon;
use crate::stdx::quantity::Quantity;
use crate::world::k8s::api::{self, KindRow};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

const MEBIBYTE: i128 = 1_048_576;

/// One row: names, and what is used.
struct Usage {
    namespace: String,
    pod: String,
    container: String,
    cpu: Quantity,
    memory: Quantity,
}

fn metrics_row(kind: &str) -> Result<&'static KindRow, Failure> {
    let row = api::resources().iter().find(|row| row.kind == kind).copied();
    row.ok_or_else(|| Failure::error("Metrics API not available"))
}

fn amount(value: &Value, resource: &str) -> Quantity {
    let place = value.get("usage").and_then(|u| u.get(resource));
    place.map(canon::scalar).and_then(|q| Quantity::parse(&q)).unwrap_or_default()
}

pub fn pods(call: &mut Call) -> Result<(), Failure> {
    let everywhere = call.given.on("all-namespaces");
    let by_container = call.given.on("containers");
    let row = metrics_row("PodMetrics")?;
    let metrics = match call.given.operands.first().cloned() {
        Some(name) => vec![call.object(row, &name)?],
        None => {
            let scope = call.scope();
            call.objects(row, &scope)?
        }
    };
    if metrics.is_empty() {
        let place = if everywhere { String::new() } else { format!(" in {} namespace.", call.namespace()) };
        call.warn(format!("No resources found{place}"));
        return Ok(());
    }
    let mut rows: Vec<Usage> = Vec::new();
    let mut at = call.now();
    for one in &metrics {
        at = time(one, "timestamp").unwrap_or(at);
        let usage = |container: &str, cpu: Quantity, memory: Quantity| Usage {
            namespace: text(one, "/metadata/namespace").into(),
            pod: text(one, "/metadata/name").into(),
            container: container.into(),
            cpu,
            memory,
        };
        let containers = list(one, "containers");
        if by_container {
            rows.extend(containers.iter().map(|c| usage(text(c, "name"), amount(c, "cpu"), amount(c, "memory"))));
        } else {
            let sum = |r: &str| containers.iter().map(|c| amount(c, r)).fold(Quantity::default(), Quantity::plus);
            rows.push(usage("", sum("cpu"), sum("memory")));
        }
    }
    sort(call, &mut rows)?;
    let mut sheet = Sheet::default();
    if !call.given.on("no-headers") {
        sheet.put(if everywhere { "NAMESPACE\t" } else { "" });
        sheet.put(if by_container { "POD\tNAME\t" } else { "NAME\t" }).put("CPU(cores)\tMEMORY(bytes)\t\n");
    }
    for row in &rows {
        sheet.put(&if everywhere { format!("{}\t", row.namespace) } else { String::new() });
        sheet.put(&row.pod).put("\t");
        if by_container {
            sheet.put(&row.container).put("\t");
        }
        let mut labels =
            BTreeMap::from([("namespace".to_string(), row.namespace.clone()), ("pod".into(), row.pod.clone())]);
        if by_container {
            labels.insert("container".into(), row.container.clone());
        }
        usage_cells(&mut sheet, row, &labels, at, None);
    }
    call.print_columns(sheet);
    Ok(())
}

/// CPU and memory, with shares of the whole if it is known.
fn usage_cells(
    sheet: &mut Sheet,
    row: &Usage,
    labels: &BTreeMap<String, String>,
    at: crate::stdx::time::Time,
    whole: Option<(Quantity, Quantity)>,
) {
    let kind = if labels.contains_key("node") { "node" } else { "container" };
    let fact =
        |name: String, value: f64| Arc::new(Fact::Metric { name, labels: labels.clone(), from: at, to: at, value });
    let cpu = fact(format!("{kind}_cpu_usage_cores"), row.cpu.milli() as f64 / 1_000.0);
    let memory = fact(format!("{kind}_memory_working_set_bytes"), row.memory.value() as f64);
    let share = |part: i128, all: i128| if all == 0 { 0 } else { part * 100 / all };
    sheet.show(&format!("{}m", row.cpu.milli()), cpu).put("\t");
    if let Some((all, _)) = whole {
        sheet.put(&format!("{}%\t", share(row.cpu.milli(), all.milli())));
    }
    sheet.show(&format!("{}Mi", row.memory.value() / MEBIBYTE), memory).put("\t");
    if let Some((_, all)) = whole {
        sheet.put(&format!("{}%\t", share(row.memory.value(), all.value())));
    }
    sheet.end_line();
}

fn sort(call: &Call, rows: &mut [Usage]) -> Result<(), Failure> {
    match call.given.value("sort-by") {
        None => rows.sort_by(|a, b| (&a.namespace, &a.pod, &a.container).cmp(&(&b.namespace, &b.pod, &b.container))),
        Some("cpu") => rows.sort_by_key(|r| std::cmp::Reverse(r.cpu.nanos)),
        Some("memory") => rows.sort_by_key(|r| std::cmp::Reverse(r.memory.nanos)),
        Some(_) => return Err(Failure::error("--sort-by accepts only cpu or memory")),
    }
    Ok(())
}

pub fn nodes(call: &mut Call) -> Result<(), Failure> {
    let scope = call.scope();
    let metrics = call.objects(metrics_row("NodeMetrics")?, &scope)?;
    let nodes = call.objects(targets::kind("nodes")?, &scope)?;
    let wanted = call.given.operands.first().cloned();
    let mut rows: Vec<Usage> = metrics
        .iter()
        .filter(|m| wanted.as_deref().is_none_or(|w| text(m, "/metadata/name") == w))
        .map(|m| Usage {
            namespace: String::new(),
            pod: text(m, "/metadata/name").into(),
            container: String::new(),
            cpu: amount(m, "cpu"),
            memory: amount(m, "memory"),
        })
        .collect();
    if let Some(name) = wanted.filter(|_| rows.is_empty()) {
        return Err(Failure::plain(format!(
            "Error from server (NotFound): nodemetrics.metrics.k8s.io {name:?} not found"
        )));
    }
    sort(call, &mut rows)?;
    let mut sheet = Sheet::default();
    if !call.given.on("no-headers") {
        sheet.put("NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t\n");
    }
    for row in &rows {
        let node = nodes.iter().find(|n| text(n, "/metadata/name") == row.pod);
        let of = |resource: &str| {
            let place = node.and_then(|n| n.pointer(&format!("/status/allocatable/{resource}")));
            place.map(canon::scalar).and_then(|q| Quantity::parse(&q)).unwrap_or_default()
        };
        let labels = BTreeMap::from([("node".to_string(), row.pod.clone())]);
        sheet.put(&row.pod).put("\t");
        usage_cells(&mut sheet, row, &labels, call.now(), Some((of("cpu"), of("memory"))));
    }
    call.print_columns(sheet);
    Ok(())
}
