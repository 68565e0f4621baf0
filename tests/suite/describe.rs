//! Descriptions against recordings of the real kubectl 1.36: every byte of every object of the kinds served, and that what
//! is printed moves with the objects.

use super::kubectl::{golden, joined, same};
use serde_json::{Value, json};
use std::fs;
use whodunit::console::fact::Fact;
use whodunit::console::kubectl::describe::workload::{Phases, Sets};
use whodunit::console::kubectl::describe::{batch, config, network, node, pod, workload};
use whodunit::console::page::Line;
use whodunit::stdx::time::Time;

/// One recorded object with its events and the time at which it was described.
pub struct Recorded {
    pub object: Value,
    pub events: Vec<Value>,
    pub now: Time,
}

fn json_file(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(golden(path)).expect(path)).expect(path)
}

pub fn recorded(name: &str) -> Recorded {
    let object = json_file(&format!("handset/{name}/object.json"));
    let capture = json_file(&format!("handset/{name}/capture.json"));
    let events = json_file(&format!("handset/{name}/events.json"));
    let seconds = capture["describe_between"][1].as_f64().expect("a time");
    // The selector of the real tool: an event whose object names another namespace is not this object's.
    let of_object = |event: &&Value| {
        let (involved, meta) = (&event["involvedObject"], &object["metadata"]);
        involved["uid"] == meta["uid"] && involved["namespace"] == meta["namespace"]
    };
    let events = events["items"].as_array().expect("items").iter().filter(of_object).cloned().collect();
    Recorded { object, events, now: Time((seconds * 1_000.0) as i64) }
}

pub fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(golden("handset"))
        .expect("the recordings")
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 25, "only {} recordings", names.len());
    names
}

/// The pods that stand on a recorded node (it was described before they had an age).
fn pods_on(node: &str) -> Vec<Value> {
    let on_node = |r: &Recorded| r.object["spec"]["nodeName"] == json!(node);
    names().iter().filter(|n| n.starts_with("pod-")).map(|n| recorded(n)).filter(on_node).map(|r| r.object).collect()
}

/// The slice that stood behind one of the recorded services: three ready addresses, one that is not, two more that are.
fn slices(service: &Value) -> Vec<Value> {
    if service["metadata"]["name"] != "clusterip" {
        return Vec::new();
    }
    let name = service["spec"]["ports"][0]["name"].clone();
    let endpoint = |n: u8, ready: bool| json!({"addresses": [format!("10.244.1.{n}")], "conditions": {"ready": ready}});
    let endpoints = [endpoint(1, true), endpoint(2, true), endpoint(3, false), endpoint(4, true), endpoint(5, true)];
    vec![json!({"ports": [{"name": name, "port": 80}], "endpoints": endpoints})]
}

fn described(r: &Recorded) -> Vec<Line> {
    let events = Some(r.events.as_slice());
    match r.object["kind"].as_str().expect("a kind") {
        "Pod" => pod::describe(&r.object, events, r.now),
        "Deployment" => workload::deployment(&r.object, &Sets::of(&r.object, Vec::new()), events, r.now),
        "ReplicaSet" => workload::replica_set(&r.object, Phases::default(), events, r.now),
        "CronJob" => batch::cron_job(&r.object, events, r.now),
        "Job" => batch::job(&r.object, events, r.now),
        "Service" => network::service(&r.object, &slices(&r.object), events, r.now),
        "Endpoints" => network::endpoints(&r.object, events, r.now),
        "Node" => {
            let name = r.object["metadata"]["name"].as_str().expect("a name");
            let said = format!("leases.coordination.k8s.io {name:?} not found");
            let pods = pods_on(name);
            node::describe(&r.object, &node::Surroundings { pods: &pods, lease: Err(&said), events }, r.now)
        }
        other => panic!("no description of {other}"),
    }
}

#[test]
fn every_recorded_object_is_described_byte_for_byte() {
    let mut problems = Vec::new();
    for name in names() {
        let recording = fs::read_to_string(golden(&format!("handset/{name}/describe.txt"))).expect("a recording");
        let body = recording.split("--- stderr\n").next().unwrap_or("");
        problems.extend(same(&name, &joined(&described(&recorded(&name))), body).err());
    }
    assert!(problems.is_empty(), "{} differ:\n{}", problems.len(), problems.join("\n"));
}

fn facts_on(lines: &[Line], part: &str) -> Vec<Fact> {
    let line = lines.iter().find(|l| l.text.contains(part)).unwrap_or_else(|| panic!("no line with {part:?}"));
    line.marks.iter().map(|m| (*m.fact).clone()).collect()
}

fn shows(lines: &[Line], part: &str, path: &str, value: &str) {
    let facts = facts_on(lines, part);
    let found = facts.iter().any(|f| matches!(f, Fact::Field { path: p, value: v, .. } if p == path && v == value));
    assert!(found, "{part:?} does not show {path} = {value:?} but {facts:?}");
}

#[test]
fn a_changed_object_changes_the_line_and_its_fact() {
    let mut r = recorded("pod-crash-oom");
    shows(&described(&r), "Restart Count:", "status.containerStatuses[app].restartCount", "7");
    let status = &mut r.object["status"]["containerStatuses"][0];
    status["restartCount"] = json!(9);
    status["lastState"]["terminated"]["reason"] = json!("Error");
    r.object["spec"]["containers"][0]["resources"]["limits"]["memory"] = json!("96Mi");
    let lines = described(&r);
    assert!(joined(&lines).contains("    Restart Count:  9\n"));
    shows(&lines, "Restart Count:  9", "status.containerStatuses[app].restartCount", "9");
    shows(&lines, "Reason:       Error", "status.containerStatuses[app].lastState.terminated.reason", "Error");
    shows(&lines, "memory:  96Mi", "spec.containers[app].resources.limits.memory", "96Mi");
}

#[test]
fn an_events_row_shows_the_event() {
    let r = recorded("pod-crash-oom");
    let facts = facts_on(&described(&r), "Back-off restarting");
    let [Fact::Event { object, reason, warning, count, .. }] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!((object.name.as_str(), reason.as_str(), *warning, *count), ("crash-oom", "BackOff", true, 42));
}

#[test]
fn every_mark_covers_text_that_is_there() {
    for name in names() {
        for line in described(&recorded(&name)) {
            for mark in &line.marks {
                let range = mark.start as usize..mark.end as usize;
                assert!(line.text.get(range).is_some(), "{name}: {:?} {mark:?}", line.text);
            }
        }
    }
}

#[test]
fn each_line_of_a_configuration_shows_what_it_says() {
    let now = Time::parse("2026-03-02T01:00:00Z").expect("a time");
    let map = json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "prices", "namespace": "shop"},
        "data": {"prices.yaml": "vanilla: 3\nmint: 4\n", "RATE": "12"}});
    let lines = config::config_map(&map, Some(&[]), now);
    shows(&lines, "mint: 4", "data[prices.yaml]", "mint: 4");
    shows(&lines, "12", "data.RATE", "12");
    let text = joined(&lines);
    assert!(text.ends_with("\n\nBinaryData\n====\n\nEvents:  <none>\n"), "{text}");
}
