//! Jobs and CronJobs.

use serde_json::{Value, json};
use whodunit::console::{self, session::Session};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::k8s::api::{Accept, Query, Request, Verb, handle};
use whodunit::world::k8s::kinds::{Kind, by_kind};
use whodunit::world::k8s::kubelet::image::Image;

/// Creates an object as a client does; the answer's code and body.
fn post(world: &mut World, value: &Value) -> (u16, String) {
    let row = by_kind(value["apiVersion"].as_str().unwrap(), value["kind"].as_str().unwrap()).unwrap();
    let request = Request {
        verb: Verb::Create,
        group: row.group.into(),
        version: row.version.into(),
        resource: row.plural.into(),
        namespace: value["metadata"]["namespace"].as_str().map(str::to_string),
        name: None,
        subresource: None,
        query: Query::default(),
        accept: Accept::Json,
        body: Some(value.clone()),
        user: "author".into(),
        agent: "test".into(),
    };
    let response = handle(world, &request);
    (response.code, format!("{:?}", response.body))
}

fn put(world: &mut World, value: &Value) {
    let (code, said) = post(world, value);
    assert!(code < 300, "{said} for {value}");
}

fn start() -> Time {
    Time::parse("2026-11-21T23:00:44Z").unwrap()
}

/// Three nodes and a namespace; programs do what their pods' annotations say.
fn world() -> World {
    let mut world = World::new(5, start() - Span::secs(3));
    world.apps.scripted = true;
    let pull = Span::millis(300);
    world.k8s.registry().set("busybox:1.36", Image::Here { bytes: 72_319_182, pull });
    for n in 1..=3 {
        put(&mut world, &json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node-{n}")}}));
    }
    put(&mut world, &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "jobs"}}));
    world.advance_to(start());
    world
}

fn template(does: &str, policy: &str) -> Value {
    json!({"metadata": {"annotations": {"oracle/app": does}},
           "spec": {"restartPolicy": policy, "containers": [{"name": "app", "image": "busybox:1.36"}]}})
}

fn job(name: &str, does: &str, more: Value) -> Value {
    let mut spec = json!({"template": template(does, "Never")});
    for (key, value) in more.as_object().into_iter().flatten() {
        spec[key] = value.clone();
    }
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": "jobs"}, "spec": spec})
}

fn cron(name: &str, schedule: &str, does: &str, more: Value) -> Value {
    let mut spec = json!({"schedule": schedule, "jobTemplate": {"spec": {"template": template(does, "Never")}}});
    for (key, value) in more.as_object().into_iter().flatten() {
        spec[key] = value.clone();
    }
    json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name, "namespace": "jobs"}, "spec": spec})
}

fn status(world: &World, kind: Kind, name: &str) -> Value {
    let object = world.k8s.store.get(kind, "jobs", name).unwrap_or_else(|| panic!("{name} is gone"));
    Value::clone(&object.status)
}

fn conditions(world: &World, name: &str) -> Vec<String> {
    let status = status(world, Kind::Job, name);
    let all = status["conditions"].as_array().cloned().unwrap_or_default();
    all.iter().map(|c| format!("{}/{}", c["type"].as_str().unwrap(), c["reason"].as_str().unwrap())).collect()
}

/// Events about an object: seconds after the start, reason, message.
fn events(world: &World, name: &str) -> Vec<(i64, String, String)> {
    let all = world.k8s.store.list(Kind::Event, Some("jobs"));
    let mut found: Vec<(i64, String, String)> = all
        .filter(|event| event.field("involvedObject")["name"] == name)
        .map(|event| {
            let at = Time::parse(event.field("lastTimestamp").as_str().unwrap_or("")).unwrap_or_default();
            let text = |field: &str| event.field(field).as_str().unwrap_or("").to_string();
            ((at - start()).as_secs(), text("reason"), text("message"))
        })
        .collect();
    found.sort();
    found
}

fn reasons(world: &World, name: &str) -> Vec<String> {
    events(world, name).into_iter().map(|(_, reason, _)| reason).collect()
}

fn run(world: &mut World, seconds: i64) {
    let until = world.now + Span::secs(seconds);
    world.advance_to(until);
}

fn kubectl(world: &mut World, line: &str) -> String {
    let mut session = Session { user: "learner".into(), ..Session::default() };
    console::run(world, &mut session, line).output.lines.iter().map(|line| format!("{}\n", line.text)).collect()
}

#[test]
fn a_job_runs_its_pods_in_parallel_until_enough_have_succeeded() {
    let mut world = world();
    put(&mut world, &job("ok", "after=3s;exit=0", json!({"completions": 5, "parallelism": 2})));
    run(&mut world, 4);
    assert_eq!(world.k8s.store.list(Kind::Pod, Some("jobs")).count(), 2);
    run(&mut world, 40);
    assert_eq!(conditions(&world, "ok"), ["SuccessCriteriaMet/CompletionsReached", "Complete/CompletionsReached"]);
    let status = status(&world, Kind::Job, "ok");
    assert_eq!((&status["succeeded"], &status["failed"]), (&json!(5), &Value::Null));
    assert_eq!(reasons(&world, "ok").iter().filter(|reason| *reason == "SuccessfulCreate").count(), 5);
    // Recorded on a real control plane: five pods of three seconds, two at a time, took 16 s.
    let done = events(&world, "ok").into_iter().find(|event| event.1 == "Completed").expect("an end");
    assert!((13..=20).contains(&done.0), "{done:?}");
    assert_eq!(done.2, "Job completed");
    // A finished Job's pods are counted, and no longer held.
    assert!(world.k8s.store.list(Kind::Pod, Some("jobs")).all(|pod| pod.meta.finalizers.is_empty()));
    assert!(kubectl(&mut world, "kubectl get jobs -n jobs").contains("ok     Complete   5/5"));
}

#[test]
fn failures_come_later_and_later_until_the_limit() {
    let mut world = world();
    put(&mut world, &job("fail", "after=1s;exit=1", json!({"backoffLimit": 2})));
    run(&mut world, 90);
    let made: Vec<i64> =
        events(&world, "fail").into_iter().filter(|event| event.1 == "SuccessfulCreate").map(|event| event.0).collect();
    // Recorded: 0 s, 12 s, 33 s, and the end at 36 s.
    assert_eq!(made.len(), 3, "{made:?}");
    assert!((11..=14).contains(&(made[1] - made[0])) && (21..=25).contains(&(made[2] - made[1])), "{made:?}");
    assert_eq!(conditions(&world, "fail"), ["FailureTarget/BackoffLimitExceeded", "Failed/BackoffLimitExceeded"]);
    assert_eq!(status(&world, Kind::Job, "fail")["failed"], 3);
    let end = events(&world, "fail").into_iter().find(|event| event.1 == "BackoffLimitExceeded").expect("an end");
    assert_eq!(end.2, "Job has reached the specified backoff limit");
}

#[test]
fn a_deadline_ends_a_job_and_its_pods() {
    let mut world = world();
    put(&mut world, &job("slow", "after=600s;exit=0", json!({"activeDeadlineSeconds": 10})));
    run(&mut world, 9);
    assert!(conditions(&world, "slow").is_empty());
    run(&mut world, 40);
    assert_eq!(conditions(&world, "slow"), ["FailureTarget/DeadlineExceeded", "Failed/DeadlineExceeded"]);
    let reasons = reasons(&world, "slow");
    assert_eq!(reasons, ["SuccessfulCreate", "SuccessfulDelete", "DeadlineExceeded"]);
}

#[test]
fn restarts_in_place_use_up_the_limit() {
    let mut world = world();
    let mut made = job("again", "after=1s;exit=1", json!({"backoffLimit": 1}));
    made["spec"]["template"] = template("after=1s;exit=1", "OnFailure");
    put(&mut world, &made);
    run(&mut world, 90);
    let pods: Vec<String> =
        world.k8s.store.list(Kind::Pod, Some("jobs")).map(|pod| format!("{:?} {}", pod.meta, pod.status)).collect();
    let ended = conditions(&world, "again").contains(&"Failed/BackoffLimitExceeded".to_string());
    assert!(ended, "{} {pods:?}", status(&world, Kind::Job, "again"));
}

#[test]
fn an_indexed_job_gives_each_index_a_pod() {
    let mut world = world();
    let more = json!({"completions": 3, "parallelism": 3, "completionMode": "Indexed"});
    put(&mut world, &job("indexed", "after=2s;exit=0", more));
    run(&mut world, 3);
    let names: Vec<String> = world.k8s.store.list(Kind::Pod, Some("jobs")).map(|pod| pod.meta.name.clone()).collect();
    for index in 0..3 {
        assert!(names.iter().any(|name| name.starts_with(&format!("indexed-{index}-"))), "{names:?}");
    }
    run(&mut world, 30);
    assert_eq!(status(&world, Kind::Job, "indexed")["completedIndexes"], "0-2");
    assert!(kubectl(&mut world, "kubectl describe job indexed -n jobs").contains("Completed Indexes:  0-2"));
}

#[test]
fn a_finished_job_goes_when_its_time_is_over() {
    let mut world = world();
    put(&mut world, &job("ttl", "after=1s;exit=0", json!({"ttlSecondsAfterFinished": 30})));
    run(&mut world, 25);
    assert!(!conditions(&world, "ttl").is_empty());
    run(&mut world, 30);
    assert!(world.k8s.store.get(Kind::Job, "jobs", "ttl").is_none());
    assert_eq!(world.k8s.store.list(Kind::Pod, Some("jobs")).count(), 0, "its pods go with it");
}

#[test]
fn a_suspended_job_waits() {
    let mut world = world();
    put(&mut world, &job("held", "after=1s;exit=0", json!({"suspend": true})));
    run(&mut world, 20);
    assert_eq!(conditions(&world, "held"), ["Suspended/JobSuspended"]);
    assert_eq!(world.k8s.store.list(Kind::Pod, Some("jobs")).count(), 0);
    let page = kubectl(&mut world, r#"kubectl -n jobs patch job held -p '{"spec":{"suspend":false}}'"#);
    assert!(page.contains("patched"), "{page}");
    run(&mut world, 20);
    assert!(conditions(&world, "held").contains(&"Complete/CompletionsReached".to_string()));
}

#[test]
fn a_cron_job_makes_a_job_a_minute_and_keeps_three() {
    let mut world = world();
    put(&mut world, &cron("cron", "* * * * *", "after=5s;exit=0", json!({})));
    run(&mut world, 20);
    // Recorded: Job cron-29921701 at 23:01:00, for the minutes since 1970.
    assert_eq!(status(&world, Kind::Job, "cron-29921701")["active"], 1);
    let of_cron = status(&world, Kind::CronJob, "cron");
    assert_eq!(of_cron["active"][0]["name"], "cron-29921701");
    assert_eq!(of_cron["lastScheduleTime"], "2026-11-21T23:01:00Z");
    run(&mut world, 6 * 60 + 20);
    let jobs: Vec<String> = world.k8s.store.list(Kind::Job, Some("jobs")).map(|job| job.meta.name.clone()).collect();
    assert_eq!(jobs.len(), 3, "{jobs:?}");
    let reasons = reasons(&world, "cron");
    assert!(reasons.contains(&"SuccessfulDelete".to_string()), "{reasons:?}");
    let seen = events(&world, "cron").into_iter().find(|event| event.1 == "SawCompletedJob").expect("an end seen");
    assert!(
        seen.2.starts_with("Saw completed job: cron-2992170") && seen.2.ends_with(", condition: Complete"),
        "{seen:?}"
    );
    let owner = &world.k8s.store.get(Kind::Job, "jobs", &jobs[2]).unwrap().meta.owners[0];
    assert_eq!((owner.kind.as_str(), owner.name.as_str()), ("CronJob", "cron"));
}

#[test]
fn concurrency_policies_hold() {
    let count = |policy: &str| {
        let mut world = world();
        put(&mut world, &cron("long", "* * * * *", "after=300s;exit=0", json!({"concurrencyPolicy": policy})));
        run(&mut world, 200);
        let jobs = world.k8s.store.list(Kind::Job, Some("jobs")).count();
        (jobs, reasons(&world, "long"))
    };
    assert_eq!(count("Allow").0, 4);
    let (jobs, reasons) = count("Forbid");
    assert!(jobs == 1 && reasons.contains(&"JobAlreadyActive".to_string()), "{jobs} {reasons:?}");
    let (jobs, reasons) = count("Replace");
    assert!(jobs == 1 && reasons.contains(&"SuccessfulDelete".to_string()), "{jobs} {reasons:?}");
}

#[test]
fn a_suspended_cron_job_makes_nothing_and_one_can_be_made_by_hand() {
    let mut world = world();
    put(&mut world, &cron("idle", "* * * * *", "after=2s;exit=0", json!({"suspend": true})));
    run(&mut world, 150);
    assert_eq!(world.k8s.store.list(Kind::Job, Some("jobs")).count(), 0);
    let page = kubectl(&mut world, "kubectl -n jobs create job now --from=cronjob/idle");
    assert_eq!(page, "job.batch/now created\n");
    run(&mut world, 20);
    assert!(conditions(&world, "now").contains(&"Complete/CompletionsReached".to_string()));
    let made = world.k8s.store.get(Kind::Job, "jobs", "now").unwrap();
    assert_eq!(made.meta.annotations["cronjob.kubernetes.io/instantiate"], "manual");
}

#[test]
fn schedules_and_zones() {
    // (schedule, zone, the first times after 2026-11-21T23:00:44Z, a Saturday)
    let cases = [
        ("30 2 * * *", None, "2026-11-22T02:30:00Z"),
        ("*/15 9-17 * * sun,mon-fri", None, "2026-11-22T09:00:00Z"),
        ("@hourly", None, "2026-11-22T00:00:00Z"),
        ("0 9 22 nov,jul *", None, "2026-11-22T09:00:00Z"),
        ("0 0 13 * 0", None, "2026-11-22T00:00:00Z"),
        ("30 2 * * *", Some("Asia/Seoul"), "2026-11-22T17:30:00Z"),
    ];
    for (schedule, zone, first) in cases {
        let mut world = world();
        let mut made = cron("when", schedule, "after=1s;exit=0", json!({"successfulJobsHistoryLimit": 0}));
        if let Some(zone) = zone {
            made["spec"]["timeZone"] = json!(zone);
        }
        put(&mut world, &made);
        let first = Time::parse(first).unwrap();
        world.advance_to(first - Span::secs(1));
        assert!(status(&world, Kind::CronJob, "when")["lastScheduleTime"].is_null(), "{schedule}: too early");
        world.advance_to(first + Span::secs(2));
        let last = status(&world, Kind::CronJob, "when")["lastScheduleTime"].clone();
        assert_eq!(last, first.rfc3339(), "{schedule} {zone:?}");
    }
}

#[test]
fn mistakes_are_refused_in_the_server_s_words() {
    let mut always = job("a", "exit=0", json!({}));
    always["spec"]["template"]["spec"]["restartPolicy"] = json!("Always");
    let cases = [
        (always, "spec.template.spec.restartPolicy: Required value: valid values: \\\"OnFailure\\\", \\\"Never\\\""),
        (
            job("a", "exit=0", json!({"parallelism": -1})),
            "spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
        ),
        (job("a", "exit=0", json!({"completionMode": "Indexed", "parallelism": 2})), "when completion mode is Indexed"),
        (cron("a", "61 * * * *", "exit=0", json!({})), "end of range (61) above maximum (59): 61"),
        (cron("a", "* * * *", "exit=0", json!({})), "expected exactly 5 fields, found 4: [* * * *]"),
        (cron("a", "* * * * *", "exit=0", json!({"timeZone": "Mars/Base"})), "unknown time zone Mars/Base"),
        (
            cron("a", "* * * * *", "exit=0", json!({"concurrencyPolicy": "Maybe"})),
            "spec.concurrencyPolicy: Unsupported value",
        ),
    ];
    let mut world = world();
    for (object, says) in cases {
        let (code, said) = post(&mut world, &object);
        assert!(code == 422 && said.contains(says), "{says}: {code} {said}");
    }
}

#[test]
fn a_saver_scales_what_is_not_labelled_as_its_service_account() {
    // What says saver=skip stays: a namespace whole, or one Deployment in another.
    let mut world = World::new(5, start() - Span::secs(3));
    let apps = json!({"apps": {"saver": {
        "image": "registry.scoopline.example/saver",
        "life": {"ends": "4s", "acts": "scale-down-unlabelled"},
        "lines": {"scaled": {"level": "INFO", "text": "scaled {to} from {count} to 0"},
                  "skipped": {"level": "INFO", "text": "skipped {to}"}},
    }}});
    assert!(whodunit::world::apps::describe(&mut world, &apps).is_empty());
    put(&mut world, &json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}));
    for (name, labels) in [("platform", json!({"saver": "skip"})), ("fulfil", json!({}))] {
        put(
            &mut world,
            &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}),
        );
        let spec = json!({"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "nginx:1.27"}]}}});
        for (app, labels) in [("books", json!({"saver": "skip"})), ("web", json!({}))] {
            let meta = json!({"name": app, "namespace": name, "labels": labels});
            put(&mut world, &json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}));
        }
    }
    let account = json!({"name": "night-saver", "namespace": "platform"});
    put(&mut world, &json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}));
    let pod = json!({"metadata": {}, "spec": {"restartPolicy": "Never", "serviceAccountName": "night-saver",
        "containers": [{"name": "app", "image": "registry.scoopline.example/saver:1.0"}]}});
    put(
        &mut world,
        &json!({"apiVersion": "batch/v1", "kind": "CronJob",
        "metadata": {"name": "night-saver", "namespace": "platform"},
        "spec": {"schedule": "2 * * * *", "jobTemplate": {"spec": {"template": pod}}}}),
    );
    world.advance_to(Time::parse("2026-11-21T23:03:00Z").unwrap());
    let replicas = |namespace: &str, name: &str| {
        world.k8s.store.get(Kind::Deployment, namespace, name).unwrap().spec["replicas"].clone()
    };
    assert_eq!((replicas("platform", "web"), replicas("fulfil", "web")), (json!(2), json!(0)));
    assert_eq!(replicas("fulfil", "books"), json!(2));
    let deed = world.audit.entries().find(|entry| entry.verb == "patch").expect("it is in the audit");
    assert_eq!(deed.user, "system:serviceaccount:platform:night-saver");
    assert_eq!((deed.namespace.as_str(), deed.name.as_str()), ("fulfil", "web"));
    let log = kubectl(&mut world, "kubectl -n platform logs job/night-saver-29921702");
    assert!(log.contains("scaled fulfil/web from 2 to 0") && log.contains("skipped platform"), "{log}");
    assert!(log.contains("skipped fulfil/books"), "{log}");
    let page = kubectl(&mut world, "kubectl -n platform get jobs");
    assert!(page.contains("night-saver-29921702   Complete   1/1"), "{page}");
}

#[test]
fn time_in_two_steps_is_time_in_one() {
    let start = || {
        let mut world = world();
        put(&mut world, &cron("cron", "*/2 * * * *", "after=5s;exit=0,1", json!({})));
        put(&mut world, &job("fail", "after=1s;exit=1", json!({"backoffLimit": 2})));
        world
    };
    let shown = |world: &World| {
        let all = [Kind::CronJob, Kind::Job, Kind::Pod, Kind::Event];
        let of = |kind: &Kind| world.k8s.store.list(*kind, None).map(|o| o.to_json().to_string()).collect::<Vec<_>>();
        all.iter().flat_map(of).collect::<Vec<_>>()
    };
    let (mut a, mut b) = (start(), start());
    run(&mut a, 600);
    for seconds in [1, 15, 1, 60, 103, 220, 200] {
        run(&mut b, seconds);
    }
    assert_eq!(shown(&a), shown(&b));
}
