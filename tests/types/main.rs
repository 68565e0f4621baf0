//! Every object that the cluster serves is one of Kubernetes' own types: JSON read into the k8s-openapi type and written
//! again keeps every field. A test target of its own, so that nothing else waits for those types to compile (about half a
//! minute and 1.3 GB, once): `cargo test --test types`. Left out: metrics.k8s.io, which k8s-openapi does not have.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{ConfigMap, Endpoints, Event, Namespace, Node, Pod, Secret, Service, ServiceAccount};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::events::v1::Event as EventView;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use whodunit::console::{self, session::Session};
use whodunit::scenario::{self, stage::Stage};
use whodunit::stdx::time::Span;
use whodunit::world::k8s::api::{self, Accept, Body, Query, Request, Verb};

/// Reads a value into a type and writes it again.
type Through = fn(&Value) -> Result<Value, String>;

fn through<T: Serialize + DeserializeOwned>(value: &Value) -> Result<Value, String> {
    let typed: T = serde_json::from_value(value.clone()).map_err(|wrong| wrong.to_string())?;
    serde_json::to_value(typed).map_err(|wrong| wrong.to_string())
}

/// The type of each served kind.
const TYPES: &[(&str, &str, Through)] = &[
    ("v1", "ConfigMap", through::<ConfigMap>),
    ("v1", "Endpoints", through::<Endpoints>),
    ("v1", "Event", through::<Event>),
    ("v1", "Namespace", through::<Namespace>),
    ("v1", "Node", through::<Node>),
    ("v1", "Pod", through::<Pod>),
    ("v1", "Secret", through::<Secret>),
    ("v1", "ServiceAccount", through::<ServiceAccount>),
    ("v1", "Service", through::<Service>),
    ("apps/v1", "Deployment", through::<Deployment>),
    ("apps/v1", "ReplicaSet", through::<ReplicaSet>),
    ("batch/v1", "CronJob", through::<CronJob>),
    ("batch/v1", "Job", through::<Job>),
    ("discovery.k8s.io/v1", "EndpointSlice", through::<EndpointSlice>),
    ("events.k8s.io/v1", "Event", through::<EventView>),
];

/// Without nulls and empty values, which the types leave out (`emptyDir: {}` is kept by both, and lost by both).
fn bare(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(list) => {
            let list: Vec<Value> = list.iter().map(|item| bare(item).unwrap_or(Value::Null)).collect();
            (!list.is_empty()).then_some(Value::Array(list))
        }
        Value::Object(map) => {
            let map: serde_json::Map<_, _> =
                map.iter().filter_map(|(key, item)| Some((key.clone(), bare(item)?))).collect();
            (!map.is_empty()).then_some(Value::Object(map))
        }
        other => Some(other.clone()),
    }
}

/// The places where two values differ.
fn differences(path: &str, ours: &Value, theirs: &Value, out: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                differences(&format!("{path}.{key}"), a, b, out);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(n, (a, b))| differences(&format!("{path}[{n}]"), a, b, out));
        }
        (a, b) if a != b => out.push(format!("{path}: served {a}, typed {b}")),
        _ => {}
    }
}

fn served(stage: &mut Stage, row: &api::KindRow) -> Vec<Value> {
    let request = Request {
        verb: Verb::List,
        group: row.group.into(),
        version: row.version.into(),
        resource: row.plural.into(),
        namespace: None,
        name: None,
        subresource: None,
        query: Query::default(),
        accept: Accept::Json,
        body: None,
        user: "learner".into(),
        agent: "kubectl".into(),
    };
    match api::handle(&mut stage.world, &request).body {
        Body::Json(list) => list["items"].as_array().cloned().unwrap_or_default(),
        other => panic!("{}: no list but {other:?}", row.plural),
    }
}

/// Sends every object of every kind through its type; what was lost is put into `wrong`. Says how many objects went.
fn check(stage: &mut Stage, counts: &mut BTreeMap<String, usize>, wrong: &mut Vec<String>) {
    for row in api::resources().iter().filter(|row| row.group != "metrics.k8s.io") {
        let named = |(version, kind, _): &&(&str, &str, Through)| *version == row.api_version() && *kind == row.kind;
        let (.., through) = TYPES.iter().find(named).unwrap_or_else(|| panic!("{} has no type here", row.qualified()));
        for object in served(stage, row) {
            *counts.entry(row.qualified()).or_default() += 1;
            let name = format!("{}/{}", row.qualified(), object["metadata"]["name"].as_str().unwrap_or("?"));
            match through(&object) {
                Err(why) => wrong.push(format!("{name}: {why}")),
                Ok(typed) => {
                    let (ours, theirs) = (bare(&object).unwrap_or_default(), bare(&typed).unwrap_or_default());
                    differences(&name, &ours, &theirs, wrong);
                }
            }
        }
    }
}

/// What a player may leave behind: each object of a kind that has been touched by another tool.
const ACTS: &[&str] = &[
    "kubectl -n shop set env deploy/storefront PROBE=1",
    "kubectl -n shop set resources deploy/storefront --limits=memory=512Mi --requests=cpu=100m",
    "kubectl -n shop patch deploy storefront --type=json -p '[{\"op\":\"add\",\"path\":\"/spec/minReadySeconds\",\"value\":3}]'",
    "kubectl -n shop run probe --image=busybox --env=A=b --port=80 -- sleep 600",
    "kubectl -n shop create configmap prices --from-literal=RATE=12",
    "kubectl -n shop create secret generic key --from-literal=token=x",
    "kubectl -n shop create serviceaccount bot",
    "kubectl -n shop expose deploy/storefront --name=front --port=80 --target-port=8080 --type=NodePort",
    "kubectl -n shop create job once --image=busybox -- true",
    "kubectl -n shop create cronjob nightly --image=busybox --schedule='0 3 * * *' -- true",
    "kubectl create namespace lab",
    "kubectl -n lab create deployment web --image=nginx --replicas=2 --port=80",
    "kubectl -n shop annotate --overwrite deploy/storefront kubernetes.io/change-cause=probe",
    "kubectl -n shop delete pod -l app=storefront --wait=false",
    "kubectl -n shop rollout restart deploy/storefront",
];

#[test]
fn every_served_object_keeps_every_field_in_its_own_type() {
    let (mut counts, mut wrong) = (BTreeMap::new(), Vec::new());
    for pack in scenario::library().into_iter().filter(|pack| !pack.is_family()) {
        let variant = &"A".to_string();
        let (_, mut stage) =
            scenario::cast(&pack, variant, 7).unwrap_or_else(|problems| panic!("{}", scenario::render(&problems)));
        check(&mut stage, &mut counts, &mut wrong);
        let node = served(&mut stage, api::resources().iter().find(|row| row.plural == "nodes").expect("nodes"));
        // An estate of functions has no machines, and nobody to act on.
        let Some(node) = node.first().and_then(|node| node["metadata"]["name"].as_str()) else { continue };
        let more = [format!("kubectl cordon {node}"), format!("kubectl taint node {node} lab=yes:NoSchedule")];
        let mut session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
        for line in ACTS.iter().map(ToString::to_string).chain(more) {
            let ran = console::run(&mut stage.world, &mut session, &line);
            let said: Vec<&str> = ran.output.lines.iter().map(|line| line.text.as_str()).collect();
            assert_eq!(ran.output.code, 0, "{line}: {said:?}");
        }
        // While pods still start and end, and when they have settled.
        for span in [Span::secs(2), Span::secs(20), Span::mins(5)] {
            let until = stage.world.now + span;
            stage.advance_to(until);
            check(&mut stage, &mut counts, &mut wrong);
        }
    }
    wrong.sort();
    wrong.dedup();
    let shown: Vec<&String> = wrong.iter().take(40).collect();
    assert!(wrong.is_empty(), "{} fields differ:\n{shown:#?}", wrong.len());
    let seen: Vec<&str> = counts.keys().map(String::as_str).collect();
    assert_eq!(seen.len(), TYPES.len(), "kinds without an object: only {seen:?} were seen");
    assert!(counts.values().all(|count| *count > 0) && counts.values().sum::<usize>() > 1_000, "{counts:?}");
}
