//! `kubectl describe`: asks for an object and what belongs to it, and hands them to its description. Does not know how
//! descriptions look.

use super::call::{Call, Failure, Reach, Scope};
use super::describe::workload::{Phases, Sets};
use super::describe::{batch, config, generic, network, node, pod, workload};
use super::subject::{map, text};
use super::{manifest, targets};
use crate::console::fact::ObjectId;
use crate::console::page::{Coverage, EventForm, Line};
use crate::world::k8s::api::KindRow;
use serde_json::Value;

pub fn run(call: &mut Call) -> Result<(), Failure> {
    let mut found: Vec<(&'static KindRow, Value)> = Vec::new();
    let mut by_prefix = false;
    if call.given.has("filename") {
        for document in manifest::documents(call)? {
            let row = manifest::row(&document)?;
            found.push((row, call.object(row, text(&document, "/metadata/name"))?));
        }
    } else {
        for target in targets::parse(call.verb, &call.given.operands.clone())? {
            if target.names.is_empty() {
                let scope = call.scope();
                found.extend(call.objects(target.row, &scope)?.into_iter().map(|o| (target.row, o)));
            }
            for name in &target.names {
                match call.object(target.row, name) {
                    Ok(object) => found.push((target.row, object)),
                    // As the real tool: a name that is not found may be the beginning of one.
                    Err(failure) if failure.status == 404 => {
                        let scope = call.scope();
                        let all = call.objects(target.row, &scope)?;
                        let before = found.len();
                        let starts = |o: &Value| text(o, "/metadata/name").starts_with(name.as_str());
                        found.extend(all.into_iter().filter(starts).map(|o| (target.row, o)));
                        by_prefix = true;
                        if found.len() == before {
                            call.fail(failure);
                        }
                    }
                    Err(failure) => return Err(failure),
                }
            }
        }
    }
    if found.is_empty() && call.out.code == 0 {
        let namespace = call.namespace();
        let everywhere = call.given.on("all-namespaces");
        call.warn(if everywhere {
            "No resources found".to_string()
        } else {
            format!("No resources found in {namespace} namespace.")
        });
    }
    let with_events = !call.given.off("show-events") && (found.len() == 1 || by_prefix || !call.given.has("selector"));
    for (i, (row, object)) in found.iter().enumerate() {
        if i > 0 {
            call.print("");
            call.print("");
        }
        let lines = describe(call, row, object, with_events);
        call.print_lines(lines);
    }
    Ok(())
}

fn describe(call: &mut Call, row: &KindRow, object: &Value, with_events: bool) -> Vec<Line> {
    let now = call.now();
    let subject = super::subject::object_id(object);
    call.covers(Coverage::Whole { object: subject.clone() });
    let eventful = with_events && !matches!(row.kind, "Secret" | "Namespace" | "PodMetrics" | "NodeMetrics");
    let events = eventful.then(|| events_of(call, object, &subject));
    let events = events.as_deref();
    let namespace = Reach::In(subject.namespace.clone());
    match row.kind {
        "Pod" => pod::describe(object, events, now),
        "Deployment" | "ReplicaSet" => {
            let plural = if row.kind == "Deployment" { "replicasets" } else { "pods" };
            let labels = match map(object, "/spec/selector/matchLabels").as_slice() {
                [] => String::new(),
                labels => labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(","),
            };
            let scope = Scope { namespace, labels, ..Scope::default() };
            let owned = targets::kind(plural).and_then(|r| call.objects(r, &scope)).unwrap_or_default();
            if row.kind == "Deployment" {
                workload::deployment(object, &Sets::of(object, owned), events, now)
            } else {
                workload::replica_set(object, Phases::of(object, &owned), events, now)
            }
        }
        "CronJob" => batch::cron_job(object, events, now),
        "Job" => batch::job(object, events, now),
        "Service" => {
            let labels = format!("kubernetes.io/service-name={}", subject.name);
            let scope = Scope { namespace, labels, ..Scope::default() };
            let slices = targets::kind("endpointslices").and_then(|r| call.objects(r, &scope)).unwrap_or_default();
            network::service(object, &slices, events, now)
        }
        "Endpoints" => network::endpoints(object, events, now),
        "EndpointSlice" => network::endpoint_slice(object, events, now),
        "Node" => {
            let fields = format!("spec.nodeName={},status.phase!=Succeeded,status.phase!=Failed", subject.name);
            let scope = Scope { namespace: Reach::Everywhere, fields, ..Scope::default() };
            let pods = targets::kind("pods").and_then(|r| call.objects(r, &scope)).unwrap_or_default();
            // Leases are not among the kinds that this cluster serves.
            let said = "the server could not find the requested resource";
            node::describe(object, &node::Surroundings { pods: &pods, lease: Err(said), events }, now)
        }
        "ConfigMap" => config::config_map(object, events, now),
        "Secret" => config::secret(object, now),
        "ServiceAccount" => config::service_account(object, events, now),
        "Namespace" => config::namespace(object, now),
        _ => generic::describe(object, events, now),
    }
}

/// The events about one object, asked for as the real tool does. An API that will not list them is as one without any.
fn events_of(call: &mut Call, object: &Value, id: &ObjectId) -> Vec<Value> {
    let namespaced = !id.namespace.is_empty();
    // Events about cluster-wide objects stand in the default namespace; they are found by kind and name.
    let fields = if namespaced {
        format!(
            "involvedObject.uid={},involvedObject.name={},involvedObject.namespace={}",
            id.uid, id.name, id.namespace
        )
    } else {
        format!("involvedObject.kind={},involvedObject.name={}", text(object, "kind"), id.name)
    };
    let namespace = if namespaced { Reach::In(id.namespace.clone()) } else { Reach::Everywhere };
    let scope = Scope { namespace, labels: String::new(), fields };
    call.covers(Coverage::Events {
        namespace: namespaced.then(|| id.namespace.clone()),
        object: Some(id.clone()),
        form: EventForm::Describe,
        types: None,
        reason: None,
    });
    targets::kind("events").and_then(|row| call.objects(row, &scope)).unwrap_or_default()
}
