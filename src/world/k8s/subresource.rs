//! Subresources: scale, log, exec, binding, eviction (`status` is an ordinary write of one half). Does not run programs
//! or make log lines: it asks for them.

use super::api::{Body, PatchKind, Request, Response, Verb};
use super::kinds::{Kind, KindRow};
use super::object::Object;
use super::patch;
use super::refusal::{Faults, Refusal};
use super::selector::format_label_selector;
use super::table::{items, text};
use super::{delete, read, runtime, write};
use crate::stdx::dice;
use crate::world::World;
use crate::world::signals::Vocabulary;
use serde_json::{Value, json};
use std::sync::Arc;

fn find(world: &World, request: &Request, row: &KindRow, name: &str) -> Result<Arc<Object>, Refusal> {
    let namespace = request.namespace.as_deref().unwrap_or("");
    world.k8s.store.get(row.id, namespace, name).cloned().ok_or_else(|| Refusal::not_found(row, name))
}

pub fn serve(
    world: &mut World,
    request: &Request,
    row: &'static KindRow,
    name: &str,
    subresource: &str,
) -> Result<Response, Refusal> {
    if !row.subresources.contains(&subresource) {
        return Err(Refusal::no_resource());
    }
    match (subresource, request.verb) {
        ("status", Verb::Get) => read::get(world, request, row, name),
        ("status" | "finalize", Verb::Update) => write::update(world, request, row, name),
        ("status", Verb::Patch(kind)) => write::patch(world, request, row, name, kind),
        ("scale", _) => scale(world, request, row, name),
        ("log", Verb::Get) => log(world, request, row, name),
        ("exec", Verb::Get | Verb::Create) => exec(world, request, row, name),
        ("binding", Verb::Create) => bind(world, request, row, name),
        ("eviction", Verb::Create) => evict(world, request, row, name),
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// autoscaling/v1 Scale: the number of replicas as an object of its own.
fn scale(world: &mut World, request: &Request, row: &'static KindRow, name: &str) -> Result<Response, Refusal> {
    let object = find(world, request, row, name)?;
    let current = scale_of(&object);
    let mut wanted = current.clone();
    match (request.verb, &request.body) {
        (Verb::Get, _) => return Ok(json_response(200, current)),
        (Verb::Update, Some(body)) => wanted = body.clone(),
        (Verb::Patch(PatchKind::Json), Some(body)) => patch::json(&mut wanted, body)?,
        (Verb::Patch(_), Some(body)) => patch::merge(&mut wanted, body),
        _ => return Err(Refusal::method_not_allowed()),
    }
    let version = text(&wanted["metadata"]["resourceVersion"]);
    if !version.is_empty() && version != object.meta.resource_version.to_string() {
        return Err(Refusal::stale(row, name));
    }
    let replicas = wanted["spec"]["replicas"].as_i64().unwrap_or(0);
    if replicas < 0 {
        let mut faults = Faults::default();
        faults.invalid("spec.replicas", &replicas.into(), "must be greater than or equal to 0");
        return Err(Refusal::invalid("autoscaling", "Scale", name, &faults));
    }
    let change = Request {
        verb: Verb::Patch(PatchKind::Merge),
        body: Some(json!({"spec": {"replicas": replicas}})),
        accept: Default::default(),
        ..request.clone()
    };
    write::patch(world, &change, row, name, PatchKind::Merge)?;
    if request.query.dry_run {
        let mut scaled = current;
        scaled["spec"]["replicas"] = replicas.into();
        return Ok(json_response(200, scaled));
    }
    let object = find(world, request, row, name)?;
    Ok(json_response(200, scale_of(&object)))
}

fn scale_of(object: &Object) -> Value {
    let meta = &object.meta;
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": meta.name, "namespace": meta.namespace, "uid": meta.uid,
            "resourceVersion": meta.resource_version.to_string(), "creationTimestamp": meta.created.rfc3339(),
        },
        "spec": {"replicas": object.spec["replicas"].as_i64().unwrap_or(0)},
        "status": {
            "replicas": object.status["replicas"].as_i64().unwrap_or(0),
            "selector": format_label_selector(&object.spec["selector"]),
        },
    })
}

fn json_response(code: u16, value: Value) -> Response {
    Response { code, body: Body::Json(value), warnings: Vec::new() }
}

/// All containers of a pod: name and the status list it is reported in.
fn declared(pod: &Object) -> impl Iterator<Item = (&str, &'static str)> {
    let lists = [
        ("containers", "containerStatuses"),
        ("initContainers", "initContainerStatuses"),
        ("ephemeralContainers", "ephemeralContainerStatuses"),
    ];
    lists
        .into_iter()
        .flat_map(|(list, statuses)| items(&pod.spec[list]).map(move |container| (text(&container["name"]), statuses)))
}

/// The container a request means; the only one if it names none.
fn container<'a>(pod: &'a Object, asked: &'a str) -> Result<(&'a str, &'static str), Refusal> {
    let name = &pod.meta.name;
    if !asked.is_empty() {
        let found = declared(pod).find(|(container, _)| *container == asked);
        let why = || Refusal::bad_request(format!("container {asked} is not valid for pod {name}"));
        return found.ok_or_else(why);
    }
    let mains = || items(&pod.spec["containers"]).map(|container| text(&container["name"]));
    match (mains().next(), mains().count()) {
        (Some(only), 1) => Ok((only, "containerStatuses")),
        _ => {
            let mains = mains().collect::<Vec<_>>().join(" ");
            let inits: Vec<&str> = items(&pod.spec["initContainers"]).map(|c| text(&c["name"])).collect();
            let mut why = format!("a container name must be specified for pod {name}, choose one of: [{mains}]");
            if !inits.is_empty() {
                why += &format!(" or one of the init containers: [{}]", inits.join(" "));
            }
            Err(Refusal::bad_request(why))
        }
    }
}

fn log(world: &World, request: &Request, row: &KindRow, name: &str) -> Result<Response, Refusal> {
    let pod = find(world, request, row, name)?;
    let (container, statuses) = container(&pod, &request.query.container)?;
    if text(&pod.spec["nodeName"]).is_empty() {
        return Ok(Response { code: 204, body: Body::Log(Vec::new(), Vocabulary::default()), warnings: Vec::new() });
    }
    let status = items(&pod.status[statuses]).find(|status| text(&status["name"]) == container);
    log_source(&pod.meta.name, container, status, request.query.previous).map_err(Refusal::bad_request)?;
    let (records, words) = runtime::logs(world, &pod, container, &request.query);
    Ok(Response { code: 200, body: Body::Log(records, words), warnings: Vec::new() })
}

/// Whether there is a log to read (kubelet `validateContainerLogStatus`).
fn log_source(pod: &str, container: &str, status: Option<&Value>, previous: bool) -> Result<(), String> {
    let Some(status) = status else {
        return Err(format!("container \"{container}\" in pod \"{pod}\" is not available"));
    };
    let (state, last) = (&status["state"], &status["lastState"]["terminated"]);
    let kept = !text(&last["containerID"]).is_empty();
    if previous {
        let missing = || format!("previous terminated container \"{container}\" in pod \"{pod}\" not found");
        return if kept { Ok(()) } else { Err(missing()) };
    }
    let waiting = text(&state["waiting"]["reason"]);
    if state["running"].is_object() || kept {
        return Ok(());
    }
    if state["terminated"].is_object() {
        let own = !text(&state["terminated"]["containerID"]).is_empty();
        let why = || format!("container \"{container}\" in pod \"{pod}\" is terminated");
        return if own { Ok(()) } else { Err(why()) };
    }
    let why = match waiting {
        "" => return Err(format!("container \"{container}\" in pod \"{pod}\" is waiting to start - no logs yet")),
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        reason => reason,
    };
    Err(format!("container \"{container}\" in pod \"{pod}\" is waiting to start: {why}"))
}

fn exec(world: &World, request: &Request, row: &KindRow, name: &str) -> Result<Response, Refusal> {
    let pod = find(world, request, row, name)?;
    let (container, statuses) = container(&pod, &request.query.container)?;
    if text(&pod.spec["nodeName"]).is_empty() {
        return Err(Refusal::bad_request(format!("pod {name} does not have a host assigned")));
    }
    let status = items(&pod.status[statuses]).find(|status| text(&status["name"]) == container);
    let running = status.is_some_and(|status| status["state"]["running"].is_object());
    let output = if running { runtime::exec(world, &pod, container, &request.query.command) } else { None };
    let Some((lines, code)) = output else {
        return Err(Refusal::internal_error(&format!(
            "unable to upgrade connection: container not found (\"{container}\")"
        )));
    };
    // A program that could not be started is no exit code: the runtime's words come back as two nested server errors.
    if let [line] = lines.as_slice()
        && line.starts_with("OCI runtime exec failed")
    {
        let id = id_of_exec(&pod, container, &request.query.command);
        let why = "Internal error occurred: error executing command in container: failed to exec in container";
        return Err(Refusal::internal_error(&format!("{why}: failed to start exec \"{id}\": {line}")));
    }
    Ok(Response { code: 200, body: Body::Exec(lines, code), warnings: Vec::new() })
}

/// The runtime's name for one exec: 64 hexadecimal digits, the same for the same command in the same pod.
fn id_of_exec(pod: &Object, container: &str, command: &[String]) -> String {
    let of = dice::hash_name(&format!("{}/{container}/{}", pod.meta.uid, command.join(" ")));
    (0..4).map(|n| format!("{:016x}", dice::at(of, n, 0))).collect()
}

/// The scheduler's decision: sets the node and the PodScheduled condition.
fn bind(world: &mut World, request: &Request, row: &'static KindRow, name: &str) -> Result<Response, Refusal> {
    let pod = find(world, request, row, name)?;
    let body = request.body.as_ref().ok_or_else(|| Refusal::bad_request("EOF"))?;
    let node = text(&body["target"]["name"]).to_string();
    if node.is_empty() {
        let mut faults = Faults::default();
        faults.required("target.name", "");
        return Err(Refusal::invalid("", "Binding", name, &faults));
    }
    let assigned = text(&pod.spec["nodeName"]);
    let refused = |why: String| Err(Refusal::conflict_on("pods/binding", name, &why));
    if pod.meta.deleted.is_some() {
        return refused(format!("pod {name} is being deleted, cannot be assigned to a host"));
    }
    if !assigned.is_empty() {
        return refused(format!("pod {name} is already assigned to node \"{assigned}\""));
    }
    if items(&pod.spec["schedulingGates"]).len() > 0 {
        return refused(format!("pod {name} has non-empty .spec.schedulingGates"));
    }
    if !request.query.dry_run {
        let mut bound = Object::clone(&pod);
        Arc::make_mut(&mut bound.spec)["nodeName"] = node.as_str().into();
        let mut status = Value::clone(&bound.status);
        let mut conditions = status["conditions"].as_array().cloned().unwrap_or_default();
        conditions.retain(|condition| condition["type"] != "PodScheduled");
        conditions.push(json!({
            "type": "PodScheduled", "status": "True", "observedGeneration": bound.meta.generation,
            "lastProbeTime": null, "lastTransitionTime": world.now.rfc3339(),
        }));
        status["conditions"] = conditions.into();
        bound.status = status.into();
        // PodTopologyLabels: the pod carries the zone and region of its node.
        if let Some(node) = world.k8s.store.get(Kind::Node, "", &node) {
            for label in ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"] {
                if let Some(value) = node.meta.labels.get(label) {
                    bound.meta.labels.insert(label.into(), value.clone());
                }
            }
        }
        world.k8s.store.put(bound, world.now);
    }
    Ok(json_response(201, success()))
}

fn success() -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})
}

/// policy/v1 Eviction: there are no disruption budgets here, so it is a deletion.
fn evict(world: &mut World, request: &Request, row: &'static KindRow, name: &str) -> Result<Response, Refusal> {
    find(world, request, row, name)?;
    let options = request.body.as_ref().map(|body| body["deleteOptions"].clone()).filter(Value::is_object);
    let change = Request { verb: Verb::Delete, subresource: None, body: options, ..request.clone() };
    delete::one(world, &change, row, name)?;
    Ok(json_response(201, success()))
}
