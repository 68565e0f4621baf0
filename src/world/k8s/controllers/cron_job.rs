//! The CronJob controller: a Job whenever the schedule says so, as far as its policy allows, and no more old ones than
//! asked. Does not know pods.

use super::{Controller, Done, create, delete, enqueue_at, integer, say, update};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::cron::{self, Schedule};
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::kinds::job::has_condition;
use crate::world::k8s::object::Object;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const USER: &str = "system:serviceaccount:kube-system:cronjob-controller";
const COMPONENT: &str = "cronjob-controller";
const SCHEDULED_AT: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";
/// The controller looks so long after a scheduled time (`nextScheduleDelta`).
const AFTER: Span = Span::millis(100);
/// More missed times than this are an error (`TooManyMissedTimes`).
const MISSED_MAX: usize = 100;

pub fn reconcile(world: &mut World, namespace: &str, name: &str) -> Done {
    let Some(cron) = world.k8s.store.get(Kind::CronJob, namespace, name).cloned() else { return Done::Well };
    if cron.meta.deleted.is_some() {
        return Done::Well;
    }
    let jobs = jobs_of(world, &cron);
    let mut status = Value::clone(&cron.status);
    see(world, &cron, &jobs, &mut status);
    clean(world, &cron, &jobs);
    if cron.spec["suspend"] != true {
        act(world, &cron, &jobs, &mut status);
    }
    if status != *cron.status {
        update(world, Kind::CronJob, namespace, name, |cron| cron.status = status.into());
    }
    Done::Well
}

fn jobs_of(world: &World, cron: &Object) -> Vec<Arc<Object>> {
    let uid = &cron.meta.uid;
    let places = world.k8s.index.dependents(uid).filter(|place| place.kind == Kind::Job);
    let jobs = places.filter_map(|place| world.k8s.store.get(Kind::Job, &place.namespace, &place.name));
    jobs.filter(|job| job.controller().is_some_and(|owner| owner.uid == *uid)).cloned().collect()
}

/// How a Job ended.
fn ended(job: &Object) -> Option<&'static str> {
    ["Complete", "Failed"].into_iter().find(|kind| has_condition(job, kind))
}

fn time(object: &Object, field: &str) -> Option<Time> {
    object.status[field].as_str().and_then(Time::parse)
}

/// Takes finished and lost Jobs off the list of active ones, and notes the last success.
fn see(world: &mut World, cron: &Object, jobs: &[Arc<Object>], status: &mut Value) {
    let mut active = status["active"].as_array().cloned().unwrap_or_default();
    active.retain(|reference| {
        let job = jobs.iter().find(|job| reference["uid"] == *job.meta.uid);
        let name = reference["name"].as_str().unwrap_or_default();
        match (job, job.and_then(|job| ended(job))) {
            (Some(_), None) => true,
            (Some(_), Some(end)) => {
                let text = format!("Saw completed job: {name}, condition: {end}");
                say(world, COMPONENT, cron, false, "SawCompletedJob", text);
                false
            }
            (None, _) => {
                say(world, COMPONENT, cron, false, "MissingJob", format!("Active job went missing: {name}"));
                false
            }
        }
    });
    let successes = jobs.iter().filter(|job| ended(job) == Some("Complete"));
    let last = successes.filter_map(|job| time(job, "completionTime")).max();
    if let Some(last) = last.max(time(cron, "lastSuccessfulTime")) {
        status["lastSuccessfulTime"] = last.rfc3339().into();
    }
    set_active(status, active);
}

fn set_active(status: &mut Value, active: Vec<Value>) {
    let Some(map) = status.as_object_mut() else { return };
    if active.is_empty() {
        map.remove("active");
    } else {
        map.insert("active".into(), Value::Array(active));
    }
}

/// Deletes finished Jobs beyond the history limits, oldest first.
fn clean(world: &mut World, cron: &Object, jobs: &[Arc<Object>]) {
    for (end, limit, default) in
        [("Complete", "successfulJobsHistoryLimit", 3), ("Failed", "failedJobsHistoryLimit", 1)]
    {
        let keep = integer(&cron.spec[limit], default).max(0) as usize;
        let mut over: Vec<&Arc<Object>> =
            jobs.iter().filter(|job| ended(job) == Some(end) && job.meta.deleted.is_none()).collect();
        over.sort_by_key(|job| (time(job, "startTime"), job.meta.name.clone()));
        let surplus = over.len().saturating_sub(keep);
        let names: Vec<String> = over.iter().take(surplus).map(|job| job.meta.name.clone()).collect();
        for name in names {
            remove(world, cron, &name);
        }
    }
}

fn remove(world: &mut World, cron: &Object, name: &str) {
    delete(world, Kind::Job, &cron.meta.namespace, name);
    say(world, COMPONENT, cron, false, "SuccessfulDelete", format!("Deleted job {name}"));
}

/// Starts the Job that is due, if one is, and looks again when the next one is.
fn act(world: &mut World, cron: &Object, jobs: &[Arc<Object>], status: &mut Value) {
    let zone = cron.spec["timeZone"].as_str().map_or(Some(0), cron::zone);
    let schedule = Schedule::parse(cron.spec["schedule"].as_str().unwrap_or_default());
    let (Ok(schedule), Some(zone)) = (schedule, zone) else {
        let text = format!("Unparseable schedule: {}", cron.spec["schedule"].as_str().unwrap_or_default());
        return say(world, COMPONENT, cron, true, "UnparseableSchedule", text);
    };
    let now = world.now;
    if let Some(next) = schedule.next(now, zone) {
        enqueue_at(world, Controller::CronJob, &cron.meta.namespace, &cron.meta.name, next + AFTER);
    }
    let deadline = cron.spec["startingDeadlineSeconds"].as_i64().map(Span::secs);
    let earliest = time(cron, "lastScheduleTime").unwrap_or(cron.meta.created);
    let earliest = deadline.map_or(earliest, |deadline| earliest.max(now - deadline));
    let (mut due, mut missed, mut at) = (None, 0_usize, earliest);
    while let Some(next) = schedule.next(at, zone).filter(|next| *next <= now && missed <= MISSED_MAX) {
        (due, at) = (Some(next), next);
        missed += 1;
    }
    if missed > MISSED_MAX {
        let text = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
        say(world, COMPONENT, cron, true, "TooManyMissedTimes", text.into());
        due = last_before(&schedule, now, zone);
    }
    let Some(due) = due.filter(|due| time(cron, "lastScheduleTime") != Some(*due)) else { return };
    if deadline.is_some_and(|deadline| due + deadline < now) {
        let text = format!("Missed scheduled time to start a job: {}", due.rfc1123());
        return say(world, COMPONENT, cron, true, "MissSchedule", text);
    }
    start(world, cron, jobs, due, status);
}

/// The newest scheduled time up to now: looked for in windows that grow.
fn last_before(schedule: &Schedule, now: Time, zone: i64) -> Option<Time> {
    let mut back = Span::mins(2);
    for _ in 0..20 {
        let mut at = now - back;
        let mut found = None;
        while let Some(next) = schedule.next(at, zone).filter(|next| *next <= now) {
            (found, at) = (Some(next), next);
        }
        if found.is_some() {
            return found;
        }
        back = Span(back.0 * 4);
    }
    None
}

fn start(world: &mut World, cron: &Object, jobs: &[Arc<Object>], due: Time, status: &mut Value) {
    let mut active = status["active"].as_array().cloned().unwrap_or_default();
    let policy = cron.spec["concurrencyPolicy"].as_str().unwrap_or("Allow");
    if policy == "Forbid" && !active.is_empty() {
        let text = "Not starting job because prior execution is running and concurrency policy is Forbid";
        return say(world, COMPONENT, cron, false, "JobAlreadyActive", text.into());
    }
    if policy == "Replace" {
        let running = jobs.iter().filter(|job| active.iter().any(|reference| reference["uid"] == *job.meta.uid));
        let names: Vec<String> = running.map(|job| job.meta.name.clone()).collect();
        for name in names {
            remove(world, cron, &name);
        }
        active.clear();
    }
    // Minutes since 1970 tell one run from the next.
    let name = format!("{}-{}", cron.meta.name, due.0 / 60_000);
    let made = create(world, USER, Kind::Job, &cron.meta.namespace, body(cron, &name, due));
    match made {
        Ok(job) => {
            say(world, COMPONENT, cron, false, "SuccessfulCreate", format!("Created job {name}"));
            active.push(json!({
                "apiVersion": "batch/v1", "kind": "Job", "namespace": cron.meta.namespace, "name": name,
                "uid": job["metadata"]["uid"], "resourceVersion": job["metadata"]["resourceVersion"],
            }));
        }
        Err(why) if why.ends_with("already exists") => {}
        Err(why) => {
            say(world, COMPONENT, cron, true, "FailedCreate", format!("Error creating job: {why}"));
            return;
        }
    }
    status["lastScheduleTime"] = due.rfc3339().into();
    set_active(status, active);
}

fn body(cron: &Object, name: &str, due: Time) -> Value {
    let template = &cron.spec["jobTemplate"];
    let part = |field: &str| template["metadata"][field].as_object().cloned().unwrap_or_else(Map::new);
    let mut annotations = part("annotations");
    annotations.insert(SCHEDULED_AT.into(), due.rfc3339().into());
    let owner = json!({"apiVersion": "batch/v1", "blockOwnerDeletion": true, "controller": true, "kind": "CronJob",
                       "name": cron.meta.name, "uid": cron.meta.uid});
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "spec": template["spec"],
        "metadata": {"name": name, "namespace": cron.meta.namespace, "labels": part("labels"),
                     "annotations": annotations, "ownerReferences": [owner]},
    })
}
