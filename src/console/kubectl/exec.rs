//! `kubectl exec`: a program in a container, run by the API. Does not know what programs there are.

use super::call::{Call, Failure};
use super::logs::pods_of;
use super::subject::{list, text};
use super::targets;
use crate::world::k8s::api::{Body, Verb};
use serde_json::Value;

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
    request.query.command = command;
    // What fails behind the upgraded connection comes as a stream's end, not as an answer of the server.
    let answer = call.send(&request).map_err(|failure| match failure.lines.first() {
        Some(line) if failure.status == 500 => {
            Failure::error(line.strip_prefix("Error from server (InternalError): ").unwrap_or(line))
        }
        _ => failure,
    })?;
    match answer.body {
        Body::Exec(lines, code) => {
            lines.into_iter().for_each(|line| call.print(line));
            if code != 0 {
                call.warn(format!("command terminated with exit code {code}"));
                call.out.code = code;
            }
            Ok(())
        }
        _ => Ok(()),
    }
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
