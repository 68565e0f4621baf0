//! `kubectl apply`, `create -f`, `replace`: manifests become requests; client-side apply merges three ways, with the
//! last-applied annotation. Does not know what the objects do.

use super::call::{Call, Failure};
use super::change::{DryRun, LAST_APPLIED, LAST_APPLIED_POINTER, dry_run, report};
use super::subject::text;
use super::{json as go_json, manifest};
use crate::world::k8s::api::{KindRow, PatchKind, Verb};
use serde_json::{Map, Value, json};

pub fn run(call: &mut Call) -> Result<(), Failure> {
    if call.given.on("prune") {
        return Err(Failure::error("--prune is not simulated here: nothing was applied")
            .hint("apply without it, and delete what should go by name"));
    }
    if call.given.has("kustomize") {
        return Err(Failure::error("-k is not simulated here: there are no kustomizations in this shell")
            .hint("kubectl apply -f FILE"));
    }
    for document in manifest::documents(call)? {
        let outcome =
            if call.given.on("server-side") { server_side(call, &document) } else { client_side(call, &document) };
        if let Err(failure) = outcome {
            call.fail(failure);
        }
    }
    Ok(())
}

/// The namespace a manifest goes to; one that contradicts `-n` is a mistake.
fn check_namespace(call: &Call, row: &KindRow, document: &Value) -> Result<String, Failure> {
    let own = text(document, "/metadata/namespace");
    match call.given.value("namespace") {
        Some(asked) if row.namespaced && !own.is_empty() && own != asked => Err(Failure::error(format!(
            "the namespace from the provided object {own:?} does not match the namespace {asked:?}. You must pass '--namespace={own}' to perform this operation."
        ))),
        _ if own.is_empty() || !row.namespaced => Ok(call.namespace()),
        _ => Ok(own.to_string()),
    }
}

fn validation(call: &Call) -> &'static str {
    match call.given.value("validate") {
        Some("false" | "ignore") => "Ignore",
        Some("warn") => "Warn",
        _ => "Strict",
    }
}

/// The server's refusal of a manifest says which file it came from.
fn of_file(call: &Call, failure: Failure, doing: &str) -> Failure {
    let name = call.given.value("filename").unwrap_or("STDIN");
    let name = if name == "-" { "STDIN" } else { name };
    let lines = failure.lines.iter().enumerate().map(|(i, line)| match line.split_once("): ") {
        Some((head, tail)) if i == 0 && head.starts_with("Error from server (") => {
            format!("{head}): error when {doing} {name:?}: {tail}")
        }
        _ => line.clone(),
    });
    Failure { lines: lines.collect(), ..failure }
}

/// The server's refusal of apply's patch shows the patch and whom it was for.
fn of_patch(call: &Call, failure: Failure, row: &KindRow, patch: &Value, (name, space): (&str, &str)) -> Failure {
    let first = failure.lines.first().cloned().unwrap_or_default();
    let Some((head, why)) = first.split_once("): ").filter(|(head, _)| head.starts_with("Error from server (")) else {
        return of_file(call, failure, "patching");
    };
    let file = call.given.value("filename").filter(|name| *name != "-").unwrap_or("STDIN");
    let (group, version) = (row.group, row.version);
    let mut lines = vec![
        format!("{head}): error when applying patch:"),
        go_json::compact(patch),
        "to:".to_string(),
        format!(
            "Resource: \"{group}/{version}, Resource={}\", GroupVersionKind: \"{group}/{version}, Kind={}\"",
            row.plural, row.kind
        ),
        format!("Name: {name:?}, Namespace: {:?}", if row.namespaced { space } else { "" }),
        format!("for: {file:?}: error when patching {file:?}: {why}"),
    ];
    lines.extend(failure.lines.iter().skip(1).cloned());
    Failure { lines, ..failure }
}

/// Creates an object; a client-side dry run gives back what would have been sent.
fn create(call: &mut Call, row: &'static KindRow, document: Value, namespace: &str) -> Result<Value, Failure> {
    let mode = dry_run(call)?;
    if mode == DryRun::Client {
        return Ok(document);
    }
    let mut request = call.request(Verb::Create, row);
    request.namespace = row.namespaced.then(|| namespace.to_string());
    request.query.dry_run = mode == DryRun::Server;
    request.query.field_validation = validation(call).into();
    request.body = Some(document);
    if call.verb.name == "apply" {
        request.query.field_manager = "kubectl-client-side-apply".into();
        request.agent = "kubectl-client-side-apply".into();
    }
    call.fetch(&request)
}

/// The manifest with the annotation that remembers it.
fn remembered(document: &Value, namespace: &str, row: &KindRow) -> Value {
    let mut bare = document.clone();
    if row.namespaced && text(&bare, "/metadata/namespace").is_empty() {
        bare["metadata"]["namespace"] = json!(namespace);
    }
    if let Some(notes) = bare.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        notes.remove(LAST_APPLIED);
    }
    if !bare["metadata"]["annotations"].is_object() {
        bare["metadata"]["annotations"] = json!({});
    }
    let note = format!("{}\n", go_json::compact(&bare));
    bare["metadata"]["annotations"][LAST_APPLIED] = json!(note);
    bare
}

fn client_side(call: &mut Call, document: &Value) -> Result<(), Failure> {
    let row = manifest::row(document)?;
    if !document.get("metadata").is_some_and(Value::is_object) || text(document, "/metadata/name").is_empty() {
        return Err(Failure::error("error when retrieving current configuration: resource name may not be empty"));
    }
    let namespace = check_namespace(call, row, document)?;
    let label = manifest::label(document);
    let name = text(document, "/metadata/name").to_string();
    let mut ask = call.request(Verb::Get, row);
    ask.name = Some(name.clone());
    ask.namespace = row.namespaced.then(|| namespace.clone());
    let wanted = remembered(document, &namespace, row);
    let live = match call.fetch(&ask) {
        Ok(live) => live,
        Err(failure) if failure.status == 404 => {
            let made = create(call, row, wanted, &namespace).map_err(|f| of_file(call, f, "creating"))?;
            return report(call, &label, "created", made);
        }
        Err(failure) => return Err(failure),
    };
    let note = text(&live, LAST_APPLIED_POINTER);
    if note.is_empty() {
        call.warn(format!(
            "Warning: resource {}/{name} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
            row.plural
        ));
    }
    let original = serde_json::from_str(note).unwrap_or(Value::Null);
    let patch = three_way(&original, &wanted, &live);
    if patch.as_object().is_none_or(Map::is_empty) {
        return report(call, &label, "unchanged", live);
    }
    let mode = dry_run(call)?;
    if mode == DryRun::Client {
        return report(call, &label, "configured", live);
    }
    let mut request = call.request(Verb::Patch(PatchKind::Strategic), row);
    request.name = Some(name);
    request.namespace = row.namespaced.then(|| namespace.clone());
    request.query.dry_run = mode == DryRun::Server;
    request.query.field_validation = validation(call).into();
    request.query.field_manager = "kubectl-client-side-apply".into();
    request.agent = "kubectl-client-side-apply".into();
    request.body = Some(patch.clone());
    let name = request.name.clone().unwrap_or_default();
    let after = call.fetch(&request).map_err(|f| of_patch(call, f, row, &patch, (&name, &namespace)))?;
    report(call, &label, "configured", after)
}

fn server_side(call: &mut Call, document: &Value) -> Result<(), Failure> {
    let row = manifest::row(document)?;
    let namespace = check_namespace(call, row, document)?;
    let mode = dry_run(call)?;
    if mode == DryRun::Client {
        return Err(Failure::error(
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
        ));
    }
    let mut request = call.request(Verb::Patch(PatchKind::Apply), row);
    request.name = Some(text(document, "/metadata/name").to_string());
    request.namespace = row.namespaced.then_some(namespace);
    request.query.field_manager = call.given.value("field-manager").unwrap_or("kubectl").to_string();
    request.query.force = call.given.on("force-conflicts");
    request.query.dry_run = mode == DryRun::Server;
    request.query.field_validation = validation(call).into();
    request.body = Some(document.clone());
    let after =
        call.fetch(&request).map_err(|failure| if failure.status == 409 { conflict(failure) } else { failure })?;
    report(call, &manifest::label(document), "serverside-applied", after)
}

fn conflict(failure: Failure) -> Failure {
    let said = failure.lines.join("\n");
    let said = said.split_once("): ").map_or(said.as_str(), |(_, tail)| tail).to_string();
    let advice = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";
    Failure { status: failure.status, ..Failure::error(format!("{said}\n{advice}")) }.split_lines()
}

impl Failure {
    /// Lines that hold several are taken apart.
    fn split_lines(self) -> Failure {
        let lines = self.lines.iter().flat_map(|l| l.lines().map(String::from)).collect();
        Failure { lines, ..self }
    }
}

/// Lists that a strategic merge joins by this key, in the kinds served here; other lists are replaced whole.
fn merge_key(field: &str, sample: &Value) -> Option<&'static str> {
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "secrets" => Some("name"),
        "ports" if sample.get("containerPort").is_some() => Some("containerPort"),
        "ports" if sample.get("port").is_some() => Some("port"),
        "volumeMounts" => Some("mountPath"),
        "conditions" => Some("type"),
        "topologySpreadConstraints" => Some("topologyKey"),
        "ownerReferences" => Some("uid"),
        "hostAliases" => Some("ip"),
        _ => None,
    }
}

/// The strategic patch that adds what `wanted` says and `live` does not have, and removes what `original` said and
/// `wanted` no longer says.
pub fn three_way(original: &Value, wanted: &Value, live: &Value) -> Value {
    let mut patch = Map::new();
    let (empty, null) = (Map::new(), Value::Null);
    let was = original.as_object().unwrap_or(&empty);
    let is = live.as_object().unwrap_or(&empty);
    for (key, value) in wanted.as_object().unwrap_or(&empty) {
        if matches!(key.as_str(), "apiVersion" | "kind") || value.is_null() {
            continue;
        }
        let (old, now) = (was.get(key).unwrap_or(&null), is.get(key).unwrap_or(&null));
        let part = match value {
            Value::Object(_) if now.is_object() => {
                let inner = three_way(old, value, now);
                inner.as_object().is_some_and(|m| !m.is_empty()).then_some(inner)
            }
            Value::Array(items) if now.is_array() => match items.first().and_then(|first| merge_key(key, first)) {
                Some(by) => {
                    let part = merged_list(by, old, items, now);
                    if part.is_some() {
                        let order: Vec<Value> = items.iter().filter_map(|e| Some(json!({by: e.get(by)?}))).collect();
                        patch.insert(format!("$setElementOrder/{key}"), Value::Array(order));
                    }
                    part
                }
                None => (value != now).then(|| value.clone()),
            },
            _ => (value != now).then(|| value.clone()),
        };
        if let Some(part) = part {
            patch.insert(key.clone(), part);
        }
    }
    for key in was.keys() {
        if wanted.get(key).is_none() && is.contains_key(key) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    Value::Object(patch)
}

fn merged_list(by: &str, original: &Value, wanted: &[Value], live: &Value) -> Option<Value> {
    let find = |list: &Value, id: &Value| {
        list.as_array().and_then(|l| l.iter().find(|e| e.get(by) == Some(id)).cloned()).unwrap_or(Value::Null)
    };
    let mut out = Vec::new();
    for element in wanted {
        let id = element.get(by).cloned().unwrap_or(Value::Null);
        let now = find(live, &id);
        if now.is_null() {
            out.push(element.clone());
            continue;
        }
        let mut part = three_way(&find(original, &id), element, &now);
        if let Some(map) = part.as_object_mut().filter(|m| !m.is_empty()) {
            map.insert(by.to_string(), id);
            out.push(part);
        }
    }
    for element in original.as_array().into_iter().flatten() {
        let id = element.get(by).cloned().unwrap_or(Value::Null);
        let dropped = wanted.iter().all(|e| e.get(by) != Some(&id));
        if dropped && !find(live, &id).is_null() {
            out.push(json!({by: id, "$patch": "delete"}));
        }
    }
    (!out.is_empty()).then_some(Value::Array(out))
}

pub fn run_replace(call: &mut Call) -> Result<(), Failure> {
    for document in manifest::documents(call)? {
        let row = manifest::row(&document)?;
        let namespace = check_namespace(call, row, &document)?;
        let mode = dry_run(call)?;
        let mut request = call.request(Verb::Update, row);
        request.name = Some(text(&document, "/metadata/name").to_string());
        request.namespace = row.namespaced.then_some(namespace);
        request.query.field_validation = validation(call).into();
        request.query.dry_run = mode == DryRun::Server;
        request.body = Some(document.clone());
        let after = if mode == DryRun::Client {
            document.clone()
        } else {
            call.fetch(&request).map_err(|f| of_file(call, f, "replacing"))?
        };
        report(call, &manifest::label(&document), "replaced", after)?;
    }
    Ok(())
}

/// `create -f`.
pub fn create_files(call: &mut Call) -> Result<(), Failure> {
    for document in manifest::documents(call)? {
        let row = manifest::row(&document)?;
        let namespace = check_namespace(call, row, &document)?;
        match create(call, row, document.clone(), &namespace) {
            Ok(made) => report(call, &manifest::label(&document), "created", made)?,
            Err(failure) => {
                let failure = of_file(call, failure, "creating");
                call.fail(failure);
            }
        }
    }
    Ok(())
}

/// Creates an object that a `create KIND NAME` generated. With a noun a refusal is told in the verb's own words, which are
/// not alike in all of them (`configmap:`, `secret`); without, as the server said it.
pub fn create_made(call: &mut Call, document: Value, noun: &str) -> Result<(), Failure> {
    let row = manifest::row(&document)?;
    let namespace = call.namespace();
    let label = manifest::label(&document);
    let said = |f: Failure| if noun.is_empty() { f } else { f.reworded(&format!("failed to create {noun}")) };
    let made = create(call, row, document, &namespace).map_err(said)?;
    report(call, &label, "created", made)
}

/// `diff -f`: which fields would change, told from a dry run on the server.
pub fn run_diff(call: &mut Call) -> Result<(), Failure> {
    for document in manifest::documents(call)? {
        let row = manifest::row(&document)?;
        let namespace = check_namespace(call, row, &document)?;
        let name = text(&document, "/metadata/name").to_string();
        let mut ask = call.request(Verb::Get, row);
        ask.name = Some(name.clone());
        ask.namespace = row.namespaced.then(|| namespace.clone());
        let live = call.fetch(&ask).unwrap_or(Value::Null);
        let original = serde_json::from_str(text(&live, LAST_APPLIED_POINTER)).unwrap_or(Value::Null);
        let wanted = remembered(&document, &namespace, row);
        let patch = three_way(&original, &wanted, &live);
        if patch.as_object().is_none_or(Map::is_empty) {
            continue;
        }
        let after = if live.is_null() {
            wanted
        } else {
            let mut request = call.request(Verb::Patch(PatchKind::Strategic), row);
            request.name = Some(name);
            request.namespace = row.namespaced.then_some(namespace);
            request.query.dry_run = true;
            request.body = Some(patch);
            call.fetch(&request)?
        };
        let own = ["metadata.managedFields", "metadata.resourceVersion", "metadata.generation"];
        let mut differences = crate::stdx::canon::differences(&live, &after);
        differences.retain(|path, _| !own.iter().any(|p| path.starts_with(p)) && !path.contains(LAST_APPLIED));
        if differences.is_empty() {
            continue;
        }
        call.print(format!("diff -u LIVE/{0} MERGED/{0}", manifest::label(&document)));
        for (path, (was, is)) in differences {
            for (sign, value) in [("-", was), ("+", is)] {
                if !value.is_empty() {
                    call.print(format!("{sign}{path}: {value}"));
                }
            }
        }
        call.out.code = 1;
    }
    Ok(())
}
