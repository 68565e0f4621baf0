//! `kubectl delete` and `drain`: objects are asked to go, and waited for. Does not know how they end.

use super::call::{Call, Failure, Reach, Scope};
use super::change::{self, DryRun, dry_run, dry_run_note};
use super::subject::{list, text};
use super::{manifest, targets};
use crate::console::page::{Line, Output};
use crate::console::session::{Session, Standing};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::api::{KindRow, PatchKind, Verb};
use serde_json::{Value, json};

const WAIT_EVERY: Span = Span::secs(1);

pub fn run(call: &mut Call) -> Result<(), Failure> {
    let mut doomed: Vec<(&'static KindRow, Value)> = Vec::new();
    let by_file = call.given.has("filename");
    if by_file {
        for document in manifest::documents(call)? {
            doomed.push((manifest::row(&document)?, document));
        }
    } else {
        let every = call.given.on("all") || call.given.has("selector") || call.given.has("field-selector");
        for target in targets::parse(call.verb, &call.given.operands.clone())? {
            if target.names.is_empty() && !every {
                return Err(Failure::error("resource(s) were provided, but no name was specified"));
            }
            if target.names.is_empty() {
                let scope = call.scope();
                doomed.extend(call.objects(target.row, &scope)?.into_iter().map(|o| (target.row, o)));
            }
            let named = |name: &String| (target.row, json!({"metadata": {"name": name}}));
            doomed.extend(target.names.iter().map(named));
        }
        if doomed.is_empty() {
            call.print("No resources found");
        }
    }
    let force = call.given.on("force");
    let grace = if call.given.on("now") {
        Some(1)
    } else {
        call.given.value("grace-period").and_then(|g| g.parse::<i64>().ok())
    };
    let grace = grace.filter(|g| *g >= 0).or(force.then_some(0));
    if grace == Some(0) && !force {
        return Err(Failure::error("--grace-period=0 must be used with --force to confirm an immediate deletion")
            .hint("for example: kubectl delete pod NAME --grace-period=0 --force"));
    }
    if force && grace == Some(0) {
        call.warn("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.");
    }
    let mut waited = Vec::new();
    for (row, object) in doomed {
        match delete(call, row, &object, grace) {
            Ok(Some(gone)) => waited.push(gone),
            Ok(None) => {}
            Err(failure) if failure.status == 404 && call.given.on("ignore-not-found") => {}
            Err(failure) => call.fail(failure),
        }
    }
    if !waited.is_empty() && !call.given.off("wait") && !force {
        let until = call.given.value("timeout").and_then(Span::parse).filter(|t| t.0 > 0).map(|t| (call.now() + t).0);
        let cursor = json!({"verb": "delete", "objects": waited, "until": until});
        let mut standing = Standing::new("kubectl", cursor, call.now() + WAIT_EVERY);
        standing.blocking = true;
        call.standing = Some(standing);
    }
    Ok(())
}

/// Deletes one object and says so; what must still be waited for comes back.
fn delete(
    call: &mut Call,
    row: &'static KindRow,
    object: &Value,
    grace: Option<i64>,
) -> Result<Option<Value>, Failure> {
    let name = text(object, "/metadata/name").to_string();
    let own = text(object, "/metadata/namespace");
    let namespace = if own.is_empty() { call.namespace() } else { own.to_string() };
    let mode = dry_run(call)?;
    let mut options = json!({"propagationPolicy": match call.given.value("cascade") {
        Some("orphan" | "false") => "Orphan",
        Some("foreground") => "Foreground",
        _ => "Background",
    }});
    if let Some(seconds) = grace {
        options["gracePeriodSeconds"] = json!(seconds);
    }
    let mut request = call.request(Verb::Delete, row);
    request.name = Some(name.clone());
    request.namespace = row.namespaced.then(|| namespace.clone());
    request.query.dry_run = mode == DryRun::Server;
    request.body = Some(options);
    let mut answer = Value::Null;
    if mode != DryRun::Client {
        answer = call.fetch(&request)?;
    }
    let kind = targets::label(row);
    let place = if row.namespaced { format!(" from {namespace} namespace") } else { String::new() };
    let how = if call.given.on("force") && grace == Some(0) { "force deleted" } else { "deleted" };
    let note = dry_run_note(call);
    if call.given.value("output") == Some("name") {
        call.print(format!("{kind}/{name}"));
    } else {
        call.print(format!("{kind} {name:?} {how}{place}{note}"));
    }
    if mode != DryRun::No {
        return Ok(None);
    }
    let mut ask = call.request(Verb::Get, row);
    ask.name = Some(name.clone());
    ask.namespace = row.namespaced.then(|| namespace.clone());
    let uid = Some(text(&answer, "/metadata/uid"))
        .filter(|u| !u.is_empty())
        .or(answer.pointer("/details/uid").and_then(Value::as_str));
    let still = call.fetch(&ask).ok().filter(|o| uid.is_none_or(|uid| text(o, "/metadata/uid") == uid));
    Ok(still.map(|object| {
        json!({"kind": row.qualified(), "name": name, "namespace": namespace, "uid": text(&object, "/metadata/uid")})
    }))
}

/// Feeds a delete that waits: it is done when the last of its objects is gone.
pub fn poll(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    let cursor = standing.cursor.clone();
    let mut call = super::call_for(world, session, "delete");
    standing.next = call.now() + WAIT_EVERY;
    let mut left = Vec::new();
    for object in list(&cursor, "objects") {
        let Ok(row) = targets::kind(text(object, "kind")) else { continue };
        let mut ask = call.request(Verb::Get, row);
        ask.name = Some(text(object, "name").to_string());
        ask.namespace = row.namespaced.then(|| text(object, "namespace").to_string());
        let found = call.fetch(&ask).ok();
        if found.is_some_and(|f| text(&f, "/metadata/uid") == text(object, "uid")) {
            left.push(object.clone());
        }
    }
    standing.done = left.is_empty();
    let late = cursor.get("until").and_then(Value::as_i64).is_some_and(|until| Time(until) <= call.now());
    if late && !left.is_empty() {
        standing.done = true;
        let name = text(&left[0], "name").to_string();
        call.fail(Failure::error(format!("timed out waiting for the condition on {}/{name}", text(&left[0], "kind"))));
    }
    standing.cursor["objects"] = json!(left);
    call.out
}

pub fn run_drain(call: &mut Call) -> Result<(), Failure> {
    let Some(name) = call.given.operands.first().map(|n| n.rsplit('/').next().unwrap_or(n).to_string()) else {
        return Err(Failure::usage(call.verb, "USAGE: drain NODE [flags]"));
    };
    let row = targets::kind("nodes")?;
    let node = call.object(row, &name)?;
    if node.pointer("/spec/unschedulable").and_then(Value::as_bool).unwrap_or(false) {
        call.print(format!("node/{name} already cordoned"));
    } else {
        change::patch(call, row, &name, PatchKind::Strategic, json!({"spec": {"unschedulable": true}}))?;
        call.print(format!("node/{name} cordoned"));
    }
    let scope = Scope { namespace: Reach::Everywhere, fields: format!("spec.nodeName={name}"), ..Scope::default() };
    let pods_row = targets::kind("pods")?;
    let pods = call.objects(pods_row, &scope)?;
    let bare: Vec<String> = pods
        .iter()
        .filter(|p| list(p, "/metadata/ownerReferences").is_empty())
        .map(|p| format!("{}/{}", text(p, "/metadata/namespace"), text(p, "/metadata/name")))
        .collect();
    if !bare.is_empty() && !call.given.on("force") {
        let why =
            format!("cannot delete Pods that declare no controller (use --force to override): {}", bare.join(", "));
        return Err(Failure::error(format!(
            "unable to drain node {name:?} due to error: {why}, continuing command..."
        ))
        .line("There are pending nodes to be drained:")
        .line(format!(" {name}"))
        .line(why));
    }
    if !bare.is_empty() {
        call.warn(format!("Warning: deleting Pods that declare no controller: {}", bare.join(", ")));
    }
    let mut leaving = Vec::new();
    for pod in &pods {
        let (space, pod_name) = (text(pod, "/metadata/namespace"), text(pod, "/metadata/name"));
        call.print(format!("evicting pod {space}/{pod_name}"));
        let mut request = call.request(Verb::Create, pods_row);
        request.name = Some(pod_name.to_string());
        request.namespace = Some(space.to_string());
        request.subresource = Some("eviction".into());
        request.body = Some(json!({"apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": {"name": pod_name, "namespace": space}}));
        match call.send(&request) {
            Ok(_) => leaving.push(json!({"kind": "pods", "name": pod_name, "namespace": space,
                "uid": text(pod, "/metadata/uid")})),
            Err(failure) => call.fail(failure),
        }
    }
    let until = call.given.value("timeout").and_then(Span::parse).filter(|t| t.0 > 0).map(|t| (call.now() + t).0);
    let cursor = json!({"verb": "drain", "node": name, "objects": leaving, "until": until});
    let mut standing = Standing::new("kubectl", cursor, call.now() + WAIT_EVERY);
    standing.blocking = true;
    call.standing = Some(standing);
    Ok(())
}

/// Feeds a drain: a line for each pod that is gone, and the end when all are.
pub fn poll_drain(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    let before = list(&standing.cursor, "objects").to_vec();
    let mut output = poll(world, session, standing);
    let left = list(&standing.cursor, "objects");
    let gone = before.iter().filter(|object| !left.contains(object));
    let evicted = gone.map(|object| Line::plain(format!("pod/{} evicted", text(object, "name"))));
    output.lines.splice(0..0, evicted);
    if left.is_empty() {
        output.lines.push(Line::plain(format!("node/{} drained", text(&standing.cursor, "node"))));
    }
    output
}
