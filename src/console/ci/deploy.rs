//! `ci deploy`: rolls a release out through the API and writes it down with the difference of the real manifests before
//! and after. Does not wait for the rollout.

use super::{Context, Failure, Given, Line, Output};
use crate::stdx::{canon, suggest};
use crate::world::k8s::api::{self, Body, PatchKind, Query, Request, Response, Verb};
use crate::world::releases::{Change, Release};
use serde_json::{Map, Value, json};

/// The field manager and audit agent of everything that the pipeline writes.
const AGENT: &str = "ci";

fn request(context: &Context, verb: Verb, resource: &str, namespace: Option<&str>, name: Option<&str>) -> Request {
    Request {
        verb,
        group: if resource == "deployments" { "apps".into() } else { String::new() },
        version: "v1".into(),
        resource: resource.into(),
        namespace: namespace.map(str::to_string),
        name: name.map(str::to_string),
        subresource: None,
        query: Query { field_manager: AGENT.into(), ..Query::default() },
        accept: api::Accept::Json,
        body: None,
        user: context.session.user.clone(),
        agent: AGENT.into(),
    }
}

fn get(context: &mut Context, resource: &str, namespace: &str, name: &str) -> Option<Value> {
    let request = request(context, Verb::Get, resource, Some(namespace), Some(name));
    match api::handle(context.world, &request) {
        Response { code: 200, body: Body::Json(object), .. } => Some(object),
        _ => None,
    }
}

/// The words of a refusal.
fn refusal(response: &Response) -> String {
    match &response.body {
        Body::Json(status) => status["message"].as_str().unwrap_or("the API refused it").to_string(),
        _ => format!("the API answered {}", response.code),
    }
}

/// The app's Deployment, wherever it runs.
pub(super) fn find_deployment(context: &mut Context, app: &str, namespace: Option<&str>) -> Result<Value, Failure> {
    let list = request(context, Verb::List, "deployments", namespace, None);
    let response = api::handle(context.world, &list);
    let items = match &response.body {
        Body::Json(list) => list["items"].as_array().cloned().unwrap_or_default(),
        _ => Vec::new(),
    };
    let name = |item: &Value| item["metadata"]["name"].as_str().unwrap_or_default().to_string();
    let found: Vec<&Value> = items.iter().filter(|item| name(item) == app).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let names: Vec<String> = items.iter().map(name).collect();
            let near =
                suggest::nearest(app, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
            Err((format!("there is no app {app:?}"), near))
        }
        _ => Err((format!("{app:?} runs in more than one namespace"), Some("say which with --namespace".into()))),
    }
}

/// How the newest release of an app stands, as its Deployment says.
pub(super) fn state(context: &mut Context, release: &Release) -> String {
    let Some(object) = get(context, "deployments", &release.namespace, &release.app) else { return "gone".into() };
    let (status, number) = (&object["status"], |value: &Value| value.as_i64().unwrap_or(0));
    let wanted = object["spec"]["replicas"].as_i64().unwrap_or(1);
    let conditions = status["conditions"].as_array().map_or(&[][..], Vec::as_slice);
    let late = conditions.iter().any(|c| c["type"] == "Progressing" && c["reason"] == "ProgressDeadlineExceeded");
    let seen = number(&status["observedGeneration"]) >= number(&object["metadata"]["generation"]);
    let done = [&status["updatedReplicas"], &status["availableReplicas"], &status["replicas"]];
    match (seen && late, seen && done.iter().all(|count| number(count) == wanted)) {
        (true, _) => "failed".into(),
        (false, true) => "succeeded".into(),
        (false, false) => "in progress".into(),
    }
}

pub(super) fn deploy(context: &mut Context, given: &Given, app: &str, version: &str) -> Result<Output, Failure> {
    let before = find_deployment(context, app, given.last("namespace"))?;
    let namespace = before["metadata"]["namespace"].as_str().unwrap_or_default().to_string();
    let patch = deployment_patch(given, &before, app, version)?;
    let config = config_patch(given)?;
    let mut release = Release {
        number: 0,
        app: app.to_string(),
        namespace: namespace.clone(),
        version: version.to_string(),
        at: context.world.now,
        by: context.session.user.clone(),
        note: given.last("note").unwrap_or("").to_string(),
        changes: Vec::new(),
        refused: String::new(),
    };
    let config_name = format!("{app}-config");
    if let Some(patch) = config {
        let was = get(context, "configmaps", &namespace, &config_name).unwrap_or(Value::Null);
        match send(context, "configmaps", &namespace, &config_name, PatchKind::Merge, patch) {
            Ok(is) => release.changes.extend(changes("ConfigMap", &namespace, &config_name, &["data"], &was, &is)),
            Err(words) => release.refused = words,
        }
    }
    if release.refused.is_empty() {
        match send(context, "deployments", &namespace, app, PatchKind::Strategic, patch) {
            Ok(after) => release.changes.extend(changes("Deployment", &namespace, app, &["spec"], &before, &after)),
            Err(words) => release.refused = words,
        }
    }
    let rolls = release.changes.iter().any(|change| change.path.starts_with("spec.template"));
    let refused = release.refused.clone();
    let number = context.world.releases.record(release);
    if !refused.is_empty() {
        return Err((format!("release {number} was refused: {refused}"), None));
    }
    // Without a change of the template the Deployment has nothing to roll: no pod is replaced.
    let what = if rolls { "is being rolled out" } else { "is recorded; the pod template is unchanged" };
    let line = Line::plain(format!("release {number}: {app} {version} {what}"));
    Ok(Output { lines: vec![line], ..Output::default() })
}

fn send(
    context: &mut Context,
    resource: &str,
    namespace: &str,
    name: &str,
    kind: PatchKind,
    patch: Value,
) -> Result<Value, String> {
    let mut request = request(context, Verb::Patch(kind), resource, Some(namespace), Some(name));
    request.body = Some(patch);
    let response = api::handle(context.world, &request);
    match response {
        Response { code: 200..=201, body: Body::Json(object), .. } => Ok(object),
        other => Err(refusal(&other)),
    }
}

/// The Deployment's part of a release: image, variables, limit, and what was given as a patch.
fn deployment_patch(given: &Given, before: &Value, app: &str, version: &str) -> Result<Value, Failure> {
    let container = &before["spec"]["template"]["spec"]["containers"][0];
    let (Some(name), Some(image)) = (container["name"].as_str(), container["image"].as_str()) else {
        return Err((format!("{app} has no container"), None));
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if version.is_empty() || !version.chars().all(fits) {
        return Err((format!("{version:?} is not a version"), None));
    }
    let repository = match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    };
    let mut change = Map::new();
    change.insert("name".into(), json!(name));
    change.insert("image".into(), json!(format!("{repository}:{version}")));
    let env: Vec<Value> = given.all("env").map(variable).collect::<Result<_, _>>()?;
    if !env.is_empty() {
        change.insert("env".into(), Value::Array(env));
    }
    if let Some(limit) = given.last("memory-limit") {
        change.insert("resources".into(), json!({ "limits": { "memory": limit } }));
    }
    let mut patch = json!({
        "metadata": { "annotations": { "kubernetes.io/change-cause": format!("{app} {version}") } },
        "spec": { "template": { "spec": { "containers": [change] } } },
    });
    if let Some(text) = given.last("patch") {
        let extra: Value = serde_json::from_str(text).map_err(|error| (format!("--patch: {error}"), None))?;
        merge(&mut patch, extra);
    }
    Ok(patch)
}

/// `NAME=VALUE`, or `NAME-` to remove it.
fn variable(text: &str) -> Result<Value, Failure> {
    match (text.split_once('='), text.strip_suffix('-')) {
        (Some((name, value)), _) if !name.is_empty() => Ok(json!({ "name": name, "value": value, "valueFrom": null })),
        (None, Some(name)) if !name.is_empty() => Ok(json!({ "name": name, "$patch": "delete" })),
        _ => Err((format!("--env: {text:?} is not NAME=VALUE"), None)),
    }
}

fn config_patch(given: &Given) -> Result<Option<Value>, Failure> {
    let mut data = Map::new();
    for text in given.all("config") {
        let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
        let (key, value) = pair.ok_or_else(|| (format!("--config: {text:?} is not KEY=VALUE"), None))?;
        data.insert(key.into(), json!(value));
    }
    Ok((!data.is_empty()).then(|| json!({ "data": data })))
}

/// Puts `extra` into a patch: tables by key, containers by name, anything else replaced.
fn merge(into: &mut Value, extra: Value) {
    match (into, extra) {
        (Value::Object(into), Value::Object(extra)) => {
            for (key, value) in extra {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(extra)) => {
            for value in extra {
                let same = into.iter_mut().find(|old| !value["name"].is_null() && old["name"] == value["name"]);
                match same {
                    Some(old) => merge(old, value),
                    None => into.push(value),
                }
            }
        }
        (into, extra) => *into = extra,
    }
}

/// The differences of the given parts of one object.
fn changes(kind: &str, namespace: &str, name: &str, parts: &[&str], was: &Value, is: &Value) -> Vec<Change> {
    let part = |object: &Value| {
        let kept = parts.iter().filter_map(|part| Some((part.to_string(), object.get(*part)?.clone())));
        Value::Object(kept.collect())
    };
    canon::differences(&part(was), &part(is))
        .into_iter()
        .map(|(path, (before, after))| Change {
            kind: kind.to_string(),
            namespace: namespace.to_string(),
            name: name.to_string(),
            path,
            before,
            after,
        })
        .collect()
}
