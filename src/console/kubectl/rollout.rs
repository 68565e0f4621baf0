//! `kubectl rollout`: status, history, undo, restart, pause, resume of deployments. Does not know the controller.

use super::call::{Call, Failure, Scope};
use super::describe::Description;
use super::describe::workload::{Sets, template_body, template_without_hash};
use super::subject::{Subject, get, int, list, map, object_id, text, time};
use super::{change, targets};
use crate::console::fact::Fact;
use crate::console::page::{Coverage, Line, Output};
use crate::console::session::{Session, Standing};
use crate::stdx::canon;
use crate::stdx::table::DESCRIPTION;
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::api::{KindRow, PatchKind};
use serde_json::{Value, json};
use std::sync::Arc;

const REVISION: &str = "/metadata/annotations/deployment.kubernetes.io~1revision";
const CAUSE: &str = "/metadata/annotations/kubernetes.io~1change-cause";
const STATUS_EVERY: Span = Span::secs(1);

/// The deployments that the operands name.
fn deployments(call: &mut Call) -> Result<Vec<(&'static KindRow, Value)>, Failure> {
    let operands = call.given.operands.clone();
    if operands.is_empty() {
        return Err(Failure::error("required resource not specified")
            .hint("for example: kubectl rollout status deployment/web"));
    }
    let every = operands.len() == 1 && !operands[0].contains('/');
    let found = if every {
        let row = targets::kind(&operands[0])?;
        let scope = call.scope();
        call.objects(row, &scope)?.into_iter().map(|o| (row, o)).collect()
    } else {
        call.named(&operands)?
    };
    if let Some((row, object)) = found.iter().find(|(row, _)| row.kind != "Deployment") {
        let name = text(object, "/metadata/name");
        return Err(Failure::error(format!("no rollouter has been implemented for {}/{name}", targets::label(row)))
            .hint("only deployments roll out; try deployment/NAME"));
    }
    Ok(found)
}

/// The revisions of a deployment: its ReplicaSets by number, the oldest first.
fn revisions(call: &mut Call, deployment: &Value) -> Result<Vec<(u64, Value)>, Failure> {
    let labels = map(deployment, "/spec/selector/matchLabels");
    let labels = labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",");
    let scope = Scope { labels, ..Scope::default() };
    let owned = call.objects(targets::kind("replicasets")?, &scope)?;
    let sets = Sets::of(deployment, owned);
    let mut out: Vec<(u64, Value)> = sets
        .old
        .into_iter()
        .chain(sets.new)
        .filter_map(|set| Some((text(&set, REVISION).parse().ok()?, set)))
        .collect();
    out.sort_by_key(|(number, _)| *number);
    Ok(out)
}

pub fn history(call: &mut Call) -> Result<(), Failure> {
    let wanted: u64 = match call.given.value("revision").map(str::parse) {
        None => 0,
        Some(Ok(n)) => n,
        Some(Err(_)) => return Err(Failure::error("revision must be a positive integer")),
    };
    for (row, deployment) in deployments(call)? {
        let revisions = revisions(call, &deployment)?;
        let name = text(&deployment, "/metadata/name");
        let head = format!("{}/{name} ", targets::label(row));
        call.covers(Coverage::History {
            target: format!("deployment/{name}"),
            from: time(&deployment, "/metadata/creationTimestamp").unwrap_or_default(),
            to: call.now(),
        });
        if wanted > 0 {
            let Some(at) = revisions.iter().position(|(n, _)| *n == wanted) else {
                return Err(Failure::error("unable to find the specified revision"));
            };
            let before = at.checked_sub(1).map(|i| &revisions[i].1);
            call.print(format!("{head}with revision #{wanted}"));
            let now = call.now();
            call.print_lines(revision_page(&deployment, wanted, &revisions[at].1, before, now));
            call.print("");
            continue;
        }
        call.print(head);
        let mut sheet = super::sheet::Sheet::default();
        sheet.put("REVISION\tCHANGE-CAUSE\n");
        for (number, set) in &revisions {
            let cause = text(set, CAUSE);
            let subject = Subject::of(set);
            let path = "metadata.annotations[deployment.kubernetes.io/revision]";
            sheet.show(&number.to_string(), subject.field(path, &number.to_string())).put("\t");
            let fact = subject.field("metadata.annotations[kubernetes.io/change-cause]", cause);
            sheet.show(if cause.is_empty() { "<none>" } else { cause }, fact).end_line();
        }
        call.print_lines(sheet.columns(DESCRIPTION));
        call.print("");
    }
    Ok(())
}

/// One revision's pod template; where it differs from the one before, the line shows the difference too.
pub fn revision_page(deployment: &Value, number: u64, set: &Value, before: Option<&Value>, now: Time) -> Vec<Line> {
    let mut page = Description::new(Subject::of_kind(set, "ReplicaSet"), now);
    let mut object = object_id(deployment);
    if object.kind.is_empty() {
        object.kind = "Deployment".into();
    }
    let at = time(set, "/metadata/creationTimestamp").unwrap_or_default();
    let mut all: Vec<Arc<Fact>> = Vec::new();
    if let Some(before) = before {
        let (old, new) = (json!({"t": template_without_hash(before)}), json!({"t": template_without_hash(set)}));
        for (path, (was, is)) in canon::differences(&old, &new) {
            let tail = path.strip_prefix('t').unwrap_or(&path);
            let path = format!("spec.template{tail}");
            let fact = Arc::new(Fact::Revision {
                via: "rollout".into(),
                object: object.clone(),
                revision: number,
                at,
                path: path.clone(),
                before: was,
                after: is.clone(),
            });
            all.push(Arc::clone(&fact));
            for place in shown_at(&path, is.is_empty()) {
                page.also.entry(place).or_default().push(Arc::clone(&fact));
            }
        }
    }
    let start = page.sheet.here();
    page.raw(0, "Pod Template:\n");
    let head = page.sheet.here() - 1;
    template_body(&mut page, set.pointer("/spec/template").unwrap_or(&Value::Null), "spec.template");
    let mut lines = page.lines();
    // What is shown by no line of its own (a part that is gone) is shown by the template as a whole.
    let seen = |lines: &[Line], fact: &Arc<Fact>| lines.iter().any(|l| l.marks.iter().any(|m| m.fact == *fact));
    let missing: Vec<_> = all.into_iter().filter(|fact| !seen(&lines, fact)).collect();
    if let Some(first) = lines.first_mut() {
        first.marks.extend(missing.into_iter().map(|fact| crate::console::page::Mark {
            start: start as u32,
            end: head as u32,
            fact,
        }));
    }
    lines
}

/// The paths whose lines show a difference at `path`: its own, or the list it was taken out of.
fn shown_at(path: &str, gone: bool) -> Vec<String> {
    let mut places = vec![path.to_string()];
    if let Some((probe, _)) = path.split_once("Probe.") {
        places.push(format!("{probe}Probe"));
    }
    if gone && let Some((list, _)) = path.split_once(".env[") {
        places.push(format!("{list}.env"));
    }
    places
}

pub fn undo(call: &mut Call) -> Result<(), Failure> {
    let wanted: u64 = match call.given.value("to-revision").map(str::parse) {
        None => 0,
        Some(Ok(n)) => n,
        Some(Err(_)) => return Err(Failure::error("revision must be a positive integer")),
    };
    for (row, deployment) in deployments(call)? {
        let name = text(&deployment, "/metadata/name").to_string();
        if deployment.pointer("/spec/paused").and_then(Value::as_bool).unwrap_or(false) {
            return Err(Failure::error(format!(
                "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/{name}' and try again"
            )));
        }
        let revisions = revisions(call, &deployment)?;
        let target = if wanted > 0 {
            revisions.iter().find(|(n, _)| *n == wanted)
        } else {
            revisions.len().checked_sub(2).and_then(|i| revisions.get(i))
        };
        let Some((number, set)) = target else {
            return Err(if wanted > 0 {
                Failure::error(format!("unable to find specified revision {wanted} in history"))
            } else {
                Failure::error(format!("no rollout history found for deployment {name:?}"))
            });
        };
        let label = format!("{}/{name}", targets::label(row));
        if template_without_hash(set) == template_without_hash(&deployment) {
            call.print(format!("{label} skipped rollback (current template already matches revision {number})"));
            continue;
        }
        if !text(&deployment, change::LAST_APPLIED_POINTER).is_empty() {
            call.warn(format!(
                "Warning: resource deployments/{name} was previously managed with 'kubectl apply'. Rolling back will not update the kubectl.kubernetes.io/last-applied-configuration annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead."
            ));
        }
        let patch = json!([
            {"op": "replace", "path": "/spec/template", "value": template_without_hash(set)},
            {"op": "replace", "path": "/metadata/annotations", "value": annotations_of(set, &deployment)},
        ]);
        change::patch(call, row, &name, PatchKind::Json, patch)?;
        let dry = change::dry_run_note(call);
        call.print(format!("{label} rolled back{dry}"));
    }
    Ok(())
}

/// Annotations that belong to the deployment or to the controller, which a rollback leaves as they are.
const KEPT: &[&str] = &[
    change::LAST_APPLIED,
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deprecated.deployment.rollback.to",
];

/// The annotations after a rollback: the older ReplicaSet's own, its change cause among them (kubectl `getDeploymentPatch`).
fn annotations_of(set: &Value, deployment: &Value) -> Value {
    let place = "/metadata/annotations";
    let kept = map(deployment, place).into_iter().filter(|(key, _)| KEPT.contains(key));
    let back = map(set, place).into_iter().filter(|(key, _)| !KEPT.contains(key));
    kept.chain(back).map(|(key, value)| (key.to_string(), json!(value))).collect::<serde_json::Map<_, _>>().into()
}

/// A strategic patch of each deployment, and what is said when it is done.
fn each(call: &mut Call, said: &str, patch: impl Fn(&Value) -> Result<Value, String>) -> Result<(), Failure> {
    for (row, deployment) in deployments(call)? {
        let name = text(&deployment, "/metadata/name").to_string();
        let label = format!("{}/{name}", targets::label(row));
        match patch(&deployment) {
            Ok(body) => {
                change::patch(call, row, &name, PatchKind::Strategic, body)?;
                call.print(format!("{label} {said}"));
            }
            Err(why) => call.fail(Failure::error(format!("{}.{} {name:?} {why}", row.plural, row.group))),
        }
    }
    Ok(())
}

pub fn restart(call: &mut Call) -> Result<(), Failure> {
    let stamp = call.now().rfc3339();
    each(call, "restarted", |deployment| {
        if deployment.pointer("/spec/paused").and_then(Value::as_bool).unwrap_or(false) {
            return Err("can't restart paused deployment (run rollout resume first)".into());
        }
        Ok(json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": stamp}}}}}))
    })
}

pub fn pause(call: &mut Call) -> Result<(), Failure> {
    each(call, "paused", |deployment| match deployment.pointer("/spec/paused").and_then(Value::as_bool) {
        Some(true) => Err("is already paused".into()),
        _ => Ok(json!({"spec": {"paused": true}})),
    })
}

pub fn resume(call: &mut Call) -> Result<(), Failure> {
    each(call, "resumed", |deployment| match deployment.pointer("/spec/paused").and_then(Value::as_bool) {
        Some(true) => Ok(json!({"spec": {"paused": null}})),
        _ => Err("is not paused".into()),
    })
}

pub fn status(call: &mut Call) -> Result<(), Failure> {
    let wanted = call.given.value("revision").and_then(|r| r.parse::<u64>().ok()).unwrap_or(0);
    let Some((_, deployment)) = deployments(call)?.into_iter().next() else {
        return Err(Failure::error("no resources found"));
    };
    let (said, done) = progress(&deployment, wanted)?;
    let mut sheet = super::sheet::Sheet::default();
    sheet.show(&said, progress_fact(&deployment)).end_line();
    call.print_lines(sheet.lines());
    if done || call.given.off("watch") {
        return Ok(());
    }
    let name = text(&deployment, "/metadata/name");
    let timeout = call.given.value("timeout").and_then(Span::parse).filter(|t| t.0 > 0);
    let cursor = json!({"verb": "rollout status", "name": name, "namespace": call.namespace(), "said": said,
        "version": text(&deployment, "/metadata/resourceVersion"), "revision": wanted,
        "until": timeout.map(|t| (call.now() + t).0)});
    let mut standing = Standing::new("kubectl", cursor, call.now() + STATUS_EVERY);
    standing.blocking = true;
    call.standing = Some(standing);
    Ok(())
}

/// Feeds `rollout status`: a line whenever the deployment changed, until it is done or fails.
pub fn poll(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    let cursor = standing.cursor.clone();
    let mut call = super::call_for(world, session, "rollout status");
    standing.next = call.now() + STATUS_EVERY;
    let mut request = match targets::kind("deployments") {
        Ok(row) => call.request(crate::world::k8s::api::Verb::Get, row),
        Err(failure) => {
            call.fail(failure);
            standing.done = true;
            return call.out;
        }
    };
    request.name = Some(text(&cursor, "name").to_string());
    request.namespace = Some(text(&cursor, "namespace").to_string());
    let wanted = get(&cursor, "revision").and_then(Value::as_u64).unwrap_or(0);
    let outcome = call.fetch(&request).and_then(|d| progress(&d, wanted).map(|p| (d, p)));
    match outcome {
        Err(failure) => {
            standing.done = true;
            call.fail(failure);
        }
        Ok((deployment, (said, done))) => {
            let version = text(&deployment, "/metadata/resourceVersion");
            if version != text(&cursor, "version") || said != text(&cursor, "said") {
                let mut sheet = super::sheet::Sheet::default();
                sheet.show(&said, progress_fact(&deployment)).end_line();
                call.out.lines.extend(sheet.lines());
            }
            standing.cursor["version"] = json!(version);
            standing.cursor["said"] = json!(said);
            standing.done = done;
            let until = int(&cursor, "until").filter(|t| Time(*t) <= call.now());
            if until.is_some() && !done {
                standing.done = true;
                call.fail(Failure::error("timed out waiting for the condition"));
            }
        }
    }
    call.out
}

fn progress_fact(deployment: &Value) -> Arc<Fact> {
    let updated = int(deployment, "/status/updatedReplicas").unwrap_or(0);
    Subject::of_kind(deployment, "Deployment").field("status.updatedReplicas", &updated.to_string())
}

/// How far a rollout is, in the real tool's words, and whether it is finished.
pub fn progress(deployment: &Value, wanted: u64) -> Result<(String, bool), Failure> {
    let name = text(deployment, "/metadata/name");
    let number = |place: &str| int(deployment, place).unwrap_or(0);
    if wanted > 0 {
        let current: u64 = text(deployment, REVISION).parse().unwrap_or(0);
        if current != wanted {
            return Err(Failure::error(format!(
                "desired revision ({wanted}) is different from the running revision ({current})"
            )));
        }
    }
    if number("/metadata/generation") > number("/status/observedGeneration") {
        return Ok(("Waiting for deployment spec update to be observed...".into(), false));
    }
    let conditions = list(deployment, "/status/conditions");
    let late =
        conditions.iter().any(|c| text(c, "type") == "Progressing" && text(c, "reason") == "ProgressDeadlineExceeded");
    if late {
        return Err(Failure::error(format!("deployment {name:?} exceeded its progress deadline")));
    }
    let desired = int(deployment, "/spec/replicas").unwrap_or(1);
    let (updated, total, available) =
        (number("/status/updatedReplicas"), number("/status/replicas"), number("/status/availableReplicas"));
    let waiting = format!("Waiting for deployment {name:?} rollout to finish: ");
    if updated < desired {
        return Ok((format!("{waiting}{updated} out of {desired} new replicas have been updated..."), false));
    }
    if total > updated {
        return Ok((format!("{waiting}{} old replicas are pending termination...", total - updated), false));
    }
    if available < updated {
        return Ok((format!("{waiting}{available} of {updated} updated replicas are available..."), false));
    }
    Ok((format!("deployment {name:?} successfully rolled out"), true))
}
