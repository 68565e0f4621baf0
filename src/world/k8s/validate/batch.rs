//! Jobs and CronJobs: counts, limits, policies, schedules (pkg/apis/batch/validation). Does not know pods' own rules.

use super::pod;
use crate::world::k8s::cron::{self, Schedule};
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::object::Object;
use crate::world::k8s::refusal::Faults;
use crate::world::k8s::table::{integer, text};
use serde_json::Value;

const NEGATIVE: &str = "must be greater than or equal to 0";
/// A CronJob's Jobs add eleven characters to its name (`CronJobNameLengthLimit`).
const CRON_NAME_MAX: usize = 52;

pub fn job(object: &Object, faults: &mut Faults) {
    job_spec(&object.spec, "spec", faults);
    let labels = &object.spec["template"]["metadata"]["labels"];
    super::label_value_map("spec.template.labels", labels, faults);
}

fn job_spec(spec: &Value, path: &str, faults: &mut Faults) {
    let numbers = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"];
    for field in numbers {
        if integer(&spec[field]) < 0 {
            faults.invalid(&format!("{path}.{field}"), &spec[field], NEGATIVE);
        }
    }
    match text(&spec["completionMode"]) {
        "" | "NonIndexed" => {}
        "Indexed" if spec["completions"].is_null() => {
            faults.required(&format!("{path}.completions"), "when completion mode is Indexed");
        }
        "Indexed" => {}
        _ => faults.unsupported(&format!("{path}.completionMode"), &spec["completionMode"], &["Indexed", "NonIndexed"]),
    }
    pod::spec(&spec["template"]["spec"], &format!("{path}.template.spec"), faults);
    let policy = &spec["template"]["spec"]["restartPolicy"];
    if !matches!(text(policy), "OnFailure" | "Never") {
        let field = format!("{path}.template.spec.restartPolicy");
        faults.required(&field, "valid values: \"OnFailure\", \"Never\"");
    }
}

pub fn cron_job(object: &Object, faults: &mut Faults) {
    let spec = &object.spec;
    if object.meta.name.len() > CRON_NAME_MAX {
        let why = "must be no more than 52 characters";
        faults.invalid("metadata.name", &object.meta.name.as_str().into(), why);
    }
    match text(&spec["schedule"]) {
        "" => faults.required("spec.schedule", ""),
        schedule if schedule.contains("TZ") => {
            let why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
            faults.invalid("spec.schedule", &spec["schedule"], why);
        }
        schedule => {
            if let Err(why) = Schedule::parse(schedule) {
                faults.invalid("spec.schedule", &spec["schedule"], &why);
            }
        }
    }
    if let Some(zone) = spec["timeZone"].as_str()
        && cron::zone(zone).is_none()
    {
        faults.invalid("spec.timeZone", &spec["timeZone"], &format!("unknown time zone {zone}"));
    }
    for field in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        if integer(&spec[field]) < 0 {
            faults.invalid(&format!("spec.{field}"), &spec[field], NEGATIVE);
        }
    }
    let policies = ["Allow", "Forbid", "Replace"];
    match text(&spec["concurrencyPolicy"]) {
        "" => faults.required("spec.concurrencyPolicy", ""),
        policy if policies.contains(&policy) => {}
        _ => faults.unsupported("spec.concurrencyPolicy", &spec["concurrencyPolicy"], &policies),
    }
    job_spec(&spec["jobTemplate"]["spec"], "spec.jobTemplate.spec", faults);
}

pub fn update(object: &Object, old: &Object, faults: &mut Faults) {
    if object.kind.id == Kind::CronJob {
        return cron_job(object, faults);
    }
    job(object, faults);
    for field in ["completions", "selector", "template", "completionMode"] {
        let (is, was) = (&object.spec[field], &old.spec[field]);
        // Completions of an Indexed Job may follow its parallelism; a suspended Job's template stays as it is here.
        if is != was && !(field == "completions" && object.spec["completionMode"] == "Indexed") {
            faults.invalid(&format!("spec.{field}"), is, "field is immutable");
        }
    }
}
