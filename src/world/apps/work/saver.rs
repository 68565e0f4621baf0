//! A program that acts on the cluster when it starts: it scales what runs to zero, unless its namespace or the Deployment
//! itself says otherwise, as its service account, through the API like everybody. Does not know who asked for it, or when.

use super::super::InstanceId;
use super::super::instance::Instance;
use super::super::spec::Acts;
use super::doing::{Came, Doing, Mail};
use super::note;
use crate::world::World;
use crate::world::aws;
use crate::world::k8s::api::{self, Accept, Body, PatchKind, Query, Request, Response, Verb};
use crate::world::k8s::kinds::Kind;
use serde_json::{Value, json};
use std::sync::Arc;

/// A namespace with this label is left alone, and so is a Deployment.
const LABEL: (&str, &str) = ("saver", "skip");
/// What programs of this kind use, as the audit has it.
const AGENT: &str = "kubectl scale";

/// A process listens at `world.now`: it does what it was made for.
pub(super) fn act(world: &mut World, id: InstanceId) {
    let now = world.now;
    let Some(instance) = world.apps.instance(id).cloned().filter(|instance| instance.runs_at(now)) else { return };
    if instance.app().and_then(|app| app.life.acts) == Some(Acts::ScaleDownUnlabelled) {
        // What is under way comes first: doings are kept in the order of time.
        aws::run_to(world, now);
        scale_down(world, &instance);
    }
}

fn scale_down(world: &mut World, instance: &Arc<Instance>) {
    let user = account(world, instance);
    for namespace in items(world, &user, Kind::Namespace, None) {
        let name = namespace["metadata"]["name"].as_str().unwrap_or_default().to_string();
        // The cluster's own parts are nobody's to save.
        if name.starts_with("kube-") {
            continue;
        }
        if skips(&namespace) {
            say(world, instance, "skipped", &name, 0, None);
            continue;
        }
        for deployment in items(world, &user, Kind::Deployment, Some(&name)) {
            let replicas = deployment["spec"]["replicas"].as_i64().unwrap_or(1);
            let app = deployment["metadata"]["name"].as_str().unwrap_or_default().to_string();
            if skips(&deployment) {
                say(world, instance, "skipped", &format!("{name}/{app}"), 0, None);
                continue;
            }
            if replicas == 0 {
                continue;
            }
            let body = Some(json!({ "spec": { "replicas": 0 } }));
            let verb = Verb::Patch(PatchKind::Merge);
            let request = Request {
                subresource: Some("scale".into()),
                body,
                ..request(verb, &user, Kind::Deployment, Some(&name), Some(&app))
            };
            let refused = match api::handle(world, &request) {
                Response { code: 200..=299, .. } => None,
                Response { body: Body::Json(status), .. } => Some(status["message"].as_str().unwrap_or("").to_string()),
                Response { code, .. } => Some(format!("the API answered {code}")),
            };
            say(world, instance, "scaled", &format!("{name}/{app}"), replicas, refused);
        }
    }
}

fn skips(object: &Value) -> bool {
    object["metadata"]["labels"][LABEL.0] == LABEL.1
}

/// The service account that the process's pod runs as.
fn account(world: &World, instance: &Instance) -> String {
    let launch = &instance.launch;
    let pod = world.k8s.store.get(Kind::Pod, &launch.namespace, &launch.pod);
    let account = pod.and_then(|pod| pod.spec["serviceAccountName"].as_str()).unwrap_or("default");
    format!("system:serviceaccount:{}:{account}", launch.namespace)
}

fn request(verb: Verb, user: &str, kind: Kind, namespace: Option<&str>, name: Option<&str>) -> Request {
    let row = kind.row();
    Request {
        verb,
        group: row.group.into(),
        version: row.version.into(),
        resource: row.plural.into(),
        namespace: namespace.map(str::to_string),
        name: name.map(str::to_string),
        subresource: None,
        query: Query { field_manager: AGENT.into(), ..Query::default() },
        accept: Accept::Json,
        body: None,
        user: user.to_string(),
        agent: AGENT.into(),
    }
}

fn items(world: &mut World, user: &str, kind: Kind, namespace: Option<&str>) -> Vec<Value> {
    match api::handle(world, &request(Verb::List, user, kind, namespace, None)).body {
        Body::Json(list) => list["items"].as_array().cloned().unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Writes one of the app's lines, if it has it: `scaled` and `skipped` with {to} and {count}, `failed` with {err}.
fn say(world: &mut World, instance: &Arc<Instance>, line: &str, to: &str, count: i64, refused: Option<String>) {
    let line: Arc<str> = if refused.is_some() { "failed".into() } else { line.into() };
    if !instance.app().is_some_and(|app| app.lines.contains_key(&line)) {
        return;
    }
    let mut doing = Doing::new(world.now, instance, &line, 0);
    doing.line = Some(Arc::clone(&line));
    doing.mail = Mail { to: Arc::from(to), ..Mail::default() };
    doing.count = count.clamp(0, i64::from(u32::MAX)) as u32;
    if let Some(error) = refused {
        doing.came = Came { outcome: Arc::from("refused"), error: Arc::from(error) };
    }
    note(world, doing);
}
