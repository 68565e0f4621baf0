//! The small changes: scale, patch, label, annotate, cordon, taint; and the patch request that all verbs share. Does not know
//! what the changed objects do.

use super::call::{Call, Failure};
use super::subject::{list, map, text};
use super::{get, manifest, targets};
use crate::world::k8s::api::{KindRow, PatchKind, Verb};
use serde_json::{Map, Value, json};

pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
pub const LAST_APPLIED_POINTER: &str = "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";

/// How a change is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
    No,
    Client,
    Server,
}

pub fn dry_run(call: &Call) -> Result<DryRun, Failure> {
    match call.given.value("dry-run") {
        None | Some("none" | "false") => Ok(DryRun::No),
        Some("server") => Ok(DryRun::Server),
        Some("" | "client" | "true" | "unchanged") => Ok(DryRun::Client),
        Some(other) => Err(Failure::error(format!(
            "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
        ))),
    }
}

/// What follows a message of a change that was only tried.
pub fn dry_run_note(call: &Call) -> &'static str {
    match dry_run(call) {
        Ok(DryRun::Client) => " (dry run)",
        Ok(DryRun::Server) => " (server dry run)",
        _ => "",
    }
}

/// Sends a patch of one object; a client-side dry run sends nothing and gives null.
pub fn patch(call: &mut Call, row: &KindRow, name: &str, kind: PatchKind, body: Value) -> Result<Value, Failure> {
    patch_part(call, row, name, kind, body, None)
}

fn patch_part(
    call: &mut Call,
    row: &KindRow,
    name: &str,
    kind: PatchKind,
    body: Value,
    part: Option<&str>,
) -> Result<Value, Failure> {
    let mode = dry_run(call)?;
    if mode == DryRun::Client {
        return Ok(Value::Null);
    }
    let mut request = call.request(Verb::Patch(kind), row);
    request.name = Some(name.to_string());
    request.subresource = part.map(String::from);
    request.body = Some(body);
    request.query.dry_run = mode == DryRun::Server;
    call.fetch(&request)
}

/// Prints what became of an object: `-o` if it was asked for, else the message.
pub fn report(call: &mut Call, label: &str, said: &str, object: Value) -> Result<(), Failure> {
    let format = call.given.text("output").to_string();
    if format.is_empty() || object.is_null() {
        let note = dry_run_note(call);
        call.print(if format == "name" { label.to_string() } else { format!("{label} {said}{note}") });
        return Ok(());
    }
    get::print_objects(call, &format, vec![object], true)
}

pub fn run_scale(call: &mut Call) -> Result<(), Failure> {
    let replicas = match call.given.value("replicas").map(str::parse::<i64>) {
        Some(Ok(n)) if n >= 0 => n,
        Some(_) => {
            return Err(Failure::error(
                "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
            ));
        }
        None => return Err(Failure::error("required flag(s) \"replicas\" not set")),
    };
    let expected = call.given.value("current-replicas").and_then(|n| n.parse::<i64>().ok()).filter(|n| *n >= 0);
    for (row, object) in call.named(&call.given.operands.clone())? {
        let name = text(&object, "/metadata/name").to_string();
        if !matches!(row.kind, "Deployment" | "ReplicaSet") {
            return Err(Failure::error(format!(
                "could not fetch scale for {}/{name}: the server could not find the requested resource",
                row.plural
            )));
        }
        let current = super::subject::int(&object, "/spec/replicas").unwrap_or(1);
        if let Some(expected) = expected.filter(|e| *e != current) {
            call.fail(Failure::error(format!("Expected replicas to be {expected}, was {current}")));
            continue;
        }
        let body = json!({"spec": {"replicas": replicas}});
        patch_part(call, row, &name, PatchKind::Merge, body, Some("scale"))?;
        let note = dry_run_note(call);
        call.print(format!("{}/{name} scaled{note}", targets::label(row)));
    }
    Ok(())
}

pub fn run_patch(call: &mut Call) -> Result<(), Failure> {
    let words = match (call.given.value("patch"), call.given.value("patch-file")) {
        (Some(words), _) => words.to_string(),
        (None, Some(name)) => {
            let file = call.session.files.get(name).ok_or_else(|| {
                Failure::error(format!("unable to read patch file: open {name}: no such file or directory"))
            })?;
            file.iter().map(|l| format!("{}\n", l.text)).collect()
        }
        (None, None) => {
            return Err(Failure::error("must specify --patch or --patch-file containing the contents of the patch"));
        }
    };
    let kind = match call.given.value("type") {
        None | Some("strategic") => PatchKind::Strategic,
        Some("merge") => PatchKind::Merge,
        Some("json") => PatchKind::Json,
        Some(other) => {
            return Err(Failure::error(format!("--type must be one of [json merge strategic], not {other:?}")));
        }
    };
    let body = manifest::value(&words).map_err(|e| Failure::error(format!("unable to parse {words:?}: {e}")))?;
    let part = call.given.value("subresource").map(String::from);
    for (row, object) in call.named(&call.given.operands.clone())? {
        let name = text(&object, "/metadata/name").to_string();
        let after = patch_part(call, row, &name, kind, body.clone(), part.as_deref())?;
        let version = |o: &Value| text(o, "/metadata/resourceVersion").to_string();
        let unchanged = !after.is_null() && version(&after) == version(&object);
        let said = if unchanged { "patched (no change)" } else { "patched" };
        report(call, &format!("{}/{name}", targets::label(row)), said, after)?;
    }
    Ok(())
}

/// What `KEY=VALUE` and `KEY-` operands ask for.
struct Pairs {
    set: Vec<(String, String)>,
    drop: Vec<String>,
}

/// Takes the pairs off the end of the operands.
fn pairs(operands: &[String], noun: &str) -> Result<(Vec<String>, Pairs), Failure> {
    let is_pair = |o: &String| o.contains('=') || (o.ends_with('-') && o.len() > 1);
    let first = operands.iter().position(is_pair).unwrap_or(operands.len());
    let (targets, rest) = operands.split_at(first);
    let mut found = Pairs { set: Vec::new(), drop: Vec::new() };
    for word in rest {
        match (word.split_once('='), word.strip_suffix('-')) {
            (Some((key, value)), _) if !key.is_empty() => found.set.push((key.into(), value.into())),
            (None, Some(key)) => found.drop.push(key.into()),
            _ => return Err(Failure::error(format!("all resources must be specified before {noun} changes: {word}"))),
        }
    }
    if found.set.is_empty() && found.drop.is_empty() {
        return Err(Failure::error(format!("at least one {noun} update is required")));
    }
    Ok((targets.to_vec(), found))
}

pub fn run_label(call: &mut Call) -> Result<(), Failure> {
    metadata(call, "label", "labels", "labeled")
}

pub fn run_annotate(call: &mut Call) -> Result<(), Failure> {
    metadata(call, "annotation", "annotations", "annotated")
}

fn metadata(call: &mut Call, noun: &str, field: &str, said: &str) -> Result<(), Failure> {
    let (operands, pairs) = pairs(&call.given.operands.clone(), noun)?;
    for (row, object) in call.named(&operands)? {
        let name = text(&object, "/metadata/name").to_string();
        let present = map(&object, &format!("/metadata/{field}"));
        let mut entries = Map::new();
        for (key, value) in &pairs.set {
            let known = present.iter().find(|(k, _)| k == key).map(|(_, v)| v);
            match known {
                Some(old) if old != value && !call.given.on("overwrite") => {
                    return Err(Failure::error(if noun == "label" {
                        format!("'{key}' already has a value ({old}), and --overwrite is false")
                    } else {
                        format!(
                            "--overwrite is false but found the following declared annotation(s): '{key}' already has a value ({old})"
                        )
                    }));
                }
                Some(old) if old == value => {}
                _ => {
                    entries.insert(key.clone(), json!(value));
                }
            }
        }
        for key in &pairs.drop {
            if present.iter().any(|(k, _)| k == key) {
                entries.insert(key.clone(), Value::Null);
            } else {
                call.print(format!("{noun} {key:?} not found."));
            }
        }
        let label = format!("{}/{name}", targets::label(row));
        let removed = !entries.is_empty() && entries.values().all(Value::is_null) && noun == "label";
        let said = match (entries.is_empty(), removed) {
            (true, _) if noun == "label" => "not labeled",
            (_, true) => "unlabeled",
            _ => said,
        };
        let after = if entries.is_empty() {
            Value::Null
        } else {
            patch(call, row, &name, PatchKind::Merge, json!({"metadata": {field: entries}}))?
        };
        report(call, &label, said, after)?;
    }
    Ok(())
}

pub fn run_cordon(call: &mut Call) -> Result<(), Failure> {
    cordon(call, true, "cordoned")
}

pub fn run_uncordon(call: &mut Call) -> Result<(), Failure> {
    cordon(call, false, "uncordoned")
}

fn cordon(call: &mut Call, closed: bool, said: &str) -> Result<(), Failure> {
    let row = targets::kind("nodes")?;
    let names = call.given.operands.clone();
    if names.is_empty() {
        return Err(Failure::usage(call.verb, format!("USAGE: {} NODE [flags]", call.verb.name)));
    }
    for name in names {
        let name = name.rsplit('/').next().unwrap_or("").to_string();
        let node = call.object(row, &name)?;
        if node.pointer("/spec/unschedulable").and_then(Value::as_bool).unwrap_or(false) == closed {
            call.print(format!("node/{name} already {said}"));
            continue;
        }
        let value = if closed { json!(true) } else { Value::Null };
        patch(call, row, &name, PatchKind::Strategic, json!({"spec": {"unschedulable": value}}))?;
        call.print(format!("node/{name} {said}"));
    }
    Ok(())
}

pub fn run_taint(call: &mut Call) -> Result<(), Failure> {
    let operands = call.given.operands.clone();
    let row = targets::kind("nodes")?;
    let kind_given = operands.first().is_some_and(|o| matches!(o.as_str(), "node" | "nodes" | "no"));
    let [name, changes @ ..] = &operands[usize::from(kind_given)..] else {
        return Err(Failure::error("one or more taint updates are required"));
    };
    let node = call.object(row, name)?;
    let mut taints = list(&node, "/spec/taints").to_vec();
    let (mut added, mut removed) = (false, false);
    for change in changes {
        if let Some(body) = change.strip_suffix('-') {
            let (key, effect) = body.split_once(':').map_or((body, ""), |(k, e)| (k, e));
            let before = taints.len();
            taints.retain(|t| text(t, "key") != key || (!effect.is_empty() && text(t, "effect") != effect));
            if taints.len() == before {
                return Err(Failure::error(format!("taint {body:?} not found")));
            }
            removed = true;
            continue;
        }
        let Some((pair, effect)) = change.rsplit_once(':') else {
            return Err(Failure::error(format!("invalid taint spec: {change}")));
        };
        if !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
            return Err(Failure::error(format!("invalid taint effect: {effect}, unsupported taint effect")));
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let same = |t: &Value| text(t, "key") == key && text(t, "effect") == effect;
        if taints.iter().any(same) && !call.given.on("overwrite") {
            return Err(Failure::error(format!(
                "node {name} already has {key} taint(s) with same effect(s) and --overwrite is false"
            )));
        }
        taints.retain(|t| !same(t));
        let mut taint = json!({"key": key, "effect": effect});
        if !value.is_empty() {
            taint["value"] = json!(value);
        }
        taints.push(taint);
        added = true;
    }
    patch(call, row, name, PatchKind::Merge, json!({"spec": {"taints": taints}}))?;
    let said = match (added, removed || call.given.on("overwrite")) {
        (true, true) => "modified",
        (true, false) => "tainted",
        (false, _) => "untainted",
    };
    call.print(format!("node/{name} {said}"));
    Ok(())
}
