//! `kubectl create job` and `create cronjob`: from an image, or a Job from a CronJob's template. Does not know schedules.

use super::apply::create_made;
use super::call::{Call, Failure};
use super::create::{command, name};
use super::subject::{map, text};
use super::targets;
use serde_json::{Map, Value, json};

/// The template of pods that run one container.
fn template(call: &mut Call, name: &str, policy: &str) -> Result<Value, Failure> {
    let Some(image) = call.given.value("image").map(String::from) else {
        return Err(Failure::error("required flag(s) \"image\" not set"));
    };
    let words = command(call);
    let policy = call.given.value("restart").unwrap_or(policy).to_string();
    let mut container = json!({"name": name, "image": image, "resources": {}});
    if !words.is_empty() {
        container["command"] = json!(words);
    }
    Ok(json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": policy}}))
}

pub fn job(call: &mut Call) -> Result<(), Failure> {
    let name = name(call)?;
    let from = call.given.value("from").unwrap_or("").to_string();
    match (from.is_empty(), call.given.value("image").is_some()) {
        (true, false) => return Err(Failure::error("either --image or --from must be specified")),
        (false, true) => return Err(Failure::error("either --image or --from must be specified")),
        _ => {}
    }
    if from.is_empty() {
        let template = template(call, &name, "Never")?;
        let object = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"template": template}, "status": {}});
        return create_made(call, object, "");
    }
    let (kind, source) = from.split_once('/').unwrap_or(("cronjob", &from));
    let row = targets::kind(kind)?;
    if row.kind != "CronJob" {
        let words = "from must be an existing cronjob";
        return Err(Failure::error(words));
    }
    let cron = call.object(row, source)?;
    let part = |place: &str| -> Map<String, Value> {
        map(&cron, place).into_iter().map(|(key, value)| (key.to_string(), json!(value))).collect()
    };
    let mut annotations = part("/spec/jobTemplate/metadata/annotations");
    annotations.insert("cronjob.kubernetes.io/instantiate".into(), json!("manual"));
    let object = json!({"apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": name, "annotations": annotations, "labels": part("/spec/jobTemplate/metadata/labels"),
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob", "name": source,
                "uid": text(&cron, "/metadata/uid"), "controller": true}]},
        "spec": cron.pointer("/spec/jobTemplate/spec").cloned().unwrap_or(Value::Null), "status": {}});
    create_made(call, object, "")
}

pub fn cron_job(call: &mut Call) -> Result<(), Failure> {
    let name = name(call)?;
    let Some(schedule) = call.given.value("schedule").map(String::from) else {
        return Err(Failure::error("required flag(s) \"schedule\" not set"));
    };
    let template = template(call, &name, "OnFailure")?;
    let object = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
        "spec": {"schedule": schedule, "jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}}},
        "status": {}});
    create_made(call, object, "cronjob:")
}
