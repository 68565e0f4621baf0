//! `kubectl exec`: a program in a container, run by the API; what it printed is an experiment on that pod. Does not know
//! what programs there are.

use super::call::{Call, Failure};
use super::logs::pods_of;
use super::subject::{list, text};
use super::targets;
use crate::console::fact::Fact;
use crate::console::page::Line;
use crate::stdx::time::Time;
use crate::world::k8s::api::{Body, Verb};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn run(call: &mut Call) -> Result<(), Failure> {
    let operands = call.given.operands.clone();
    let dash = call.given.dash;
    let (Some(target), Some(at)) = (operands.first(), dash.filter(|d| *d > 0)) else {
        return Err(match operands.len() {
            0 => Failure::error("pod, type/name or --filename must be specified"),
            1 => Failure::error("you must specify at least one command for the container")
                .hint("put the program after --, for example: kubectl exec POD -- env"),
            _ => Failure::usage(
                call.verb,
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
            ),
        });
    };
    let command = operands.get(at..).map(<[String]>::to_vec).unwrap_or_default();
    if command.is_empty() {
        return Err(Failure::error("you must specify at least one command for the container"));
    }
    let (kind, name) = target.split_once('/').unwrap_or(("pods", target));
    let row = targets::kind(kind)?;
    let pod = if row.kind == "Pod" {
        call.object(row, name)?
    } else {
        let before = call.out.lines.len();
        let pods = pods_of(call, target, false)?;
        // Only `logs` says which of several pods it took.
        call.out.lines.truncate(before);
        pods.into_iter().next().unwrap_or_default()
    };
    let phase = text(&pod, "/status/phase");
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::error(format!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    let container = container(call, &pod)?;
    if call.given.on("stdin")
        && matches!(command.as_slice(), [one] if matches!(one.as_str(), "sh" | "bash" | "/bin/sh" | "/bin/bash"))
    {
        call.hint(
            "an interactive shell is not available here; give the program itself, for example: kubectl exec POD -- env",
        );
    }
    let mut request = call.request(Verb::Create, targets::kind("pods")?);
    request.name = Some(text(&pod, "/metadata/name").to_string());
    request.subresource = Some("exec".into());
    request.query.container = container;
    request.query.command = command.clone();
    // What fails behind the upgraded connection comes as a stream's end, not as an answer of the server.
    let answer = call.send(&request).map_err(|failure| match failure.lines.first() {
        Some(line) if failure.status == 500 => {
            Failure::error(line.strip_prefix("Error from server (InternalError): ").unwrap_or(line))
        }
        _ => failure,
    })?;
    match answer.body {
        Body::Exec(lines, code) => {
            let given = [("command", command.join(" ")), ("pod", text(&pod, "/metadata/name").to_string())];
            let given = BTreeMap::from(given.map(|(key, value)| (key.to_string(), value)));
            let at = call.now();
            let shown = lines.into_iter().map(|line| printed(&line, &given, at)).collect();
            call.print_lines(shown);
            if code != 0 {
                call.warn(format!("command terminated with exit code {code}"));
                call.out.code = code;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A line that a program printed. What it says about itself is its outcome: the members of a JSON object, else the line.
fn printed(text: &str, given: &BTreeMap<String, String>, at: Time) -> Line {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    let outcome = match serde_json::from_str(text) {
        Ok(Value::Object(members)) => members.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        _ => BTreeMap::from([("line".to_string(), text.to_string())]),
    };
    let fact = Fact::Experiment { tool: "kubectl exec".into(), given: given.clone(), outcome, at };
    let mut line = Line::default();
    line.push_fact(text, &Arc::new(fact));
    line
}

/// The container that is meant: the named one, or the default one, which is said if there are several.
fn container(call: &mut Call, pod: &Value) -> Result<String, Failure> {
    let names: Vec<&str> = list(pod, "/spec/containers").iter().map(|c| text(c, "name")).collect();
    let default = text(pod, "/metadata/annotations/kubectl.kubernetes.io~1default-container");
    Ok(match call.given.value("container") {
        Some(name) if names.contains(&name) => name.to_string(),
        Some(name) => {
            let pod = text(pod, "/metadata/name");
            return Err(Failure::error(format!("container {name} is not valid for pod {pod}"))
                .hint(format!("its containers: {}", names.join(", "))));
        }
        None if !default.is_empty() => default.to_string(),
        None => {
            let first = names.first().copied().unwrap_or("").to_string();
            if names.len() > 1 {
                call.warn(format!("Defaulted container {first:?} out of: {}", names.join(", ")));
            }
            first
        }
    })
}
