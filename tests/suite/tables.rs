//! Server-side tables equal those of a recorded Kubernetes 1.36 control plane, cell by cell, and move when values move.
//! Ages are computed from the time of the recording; a cell may be a second off where the recording was slow.

use serde_json::Value;
use std::path::Path;
use whodunit::stdx::time::Time;
use whodunit::world::World;
use whodunit::world::k8s::api::{self, Accept, Body, Query, Request, Verb};
use whodunit::world::k8s::kinds::{self, KINDS, KindRow};
use whodunit::world::k8s::object::Object;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn at(seconds: &Value) -> Time {
    Time((seconds.as_f64().expect("a time in seconds") * 1000.0) as i64)
}

/// A world that holds these objects and nothing else, at the time of the recording.
fn holding(objects: &[Object], now: Time) -> World {
    let mut world = World::new(1, now);
    for object in objects {
        world.k8s.store.put(object.clone(), now);
    }
    world
}

/// The table the API serves for all objects of a kind.
fn table(world: &mut World, row: &KindRow) -> Value {
    let request = Request {
        verb: Verb::List,
        group: row.group.into(),
        version: row.version.into(),
        resource: row.plural.into(),
        namespace: None,
        name: None,
        subresource: None,
        query: Query::default(),
        accept: Accept::Table { full_objects: false },
        body: None,
        user: "learner".into(),
        agent: "kubectl".into(),
    };
    match api::handle(world, &request).body {
        Body::Table(table) => table,
        other => panic!("a table was asked of {}, got {other:?}", row.plural),
    }
}

fn columns(table: &Value) -> Value {
    let all = table["columnDefinitions"].as_array().expect("columns").iter();
    all.map(|c| Value::from(vec![c["name"].clone(), c["type"].clone(), c["format"].clone(), c["priority"].clone()]))
        .collect()
}

/// Cells equal, or one of the two instants just before and after gives the recorded ages.
fn matches(objects: &[Object], row: &KindRow, now: Time, name: &str, recorded: &Value) -> Result<(), String> {
    let mut seen = Vec::new();
    for shift in [0, -1_000, 1_000, 2_000] {
        let mut world = holding(objects, Time(now.0 + shift));
        let table = table(&mut world, row);
        let rows = table["rows"].as_array().expect("rows");
        let cells = rows.iter().find(|r| r["object"]["metadata"]["name"] == name).map(|r| r["cells"].clone());
        let cells = cells.unwrap_or(Value::Null);
        if cells == *recorded {
            return Ok(());
        }
        seen.push(cells);
    }
    Err(format!("{} {name}\n  recorded {recorded}\n  ours     {}", row.plural, seen[0]))
}

#[test]
fn hand_set_objects_are_listed_as_recorded() {
    let mut faults = Vec::new();
    let mut count = 0;
    let mut dirs: Vec<_> = std::fs::read_dir(format!("{GOLDEN}/handset")).expect("golden").flatten().collect();
    dirs.sort_by_key(|d| d.path());
    for dir in dirs {
        let object = Object::from_json(&read(&dir.path().join("object.json"))).expect("a kind we serve");
        let recorded = read(&dir.path().join("table.json"));
        let now = at(&read(&dir.path().join("capture.json"))["get_between"][0]);
        let ours = table(&mut holding(std::slice::from_ref(&object), now), object.kind);
        if columns(&ours) != recorded["columns"] {
            faults.push(format!("{:?}: columns {} recorded {}", dir.path(), columns(&ours), recorded["columns"]));
        }
        let (kind, name) = (object.kind, object.meta.name.clone());
        faults.extend(matches(&[object], kind, now, &name, &recorded["cells"][0]).err());
        count += 1;
    }
    assert!(count >= 25, "only {count} recordings were found");
    assert!(faults.is_empty(), "{} of {count} differ:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_kind_that_is_listed_has_a_recorded_list_and_the_reverse() {
    let mut files: Vec<String> = std::fs::read_dir(format!("{GOLDEN}/tables"))
        .expect("golden")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    for row in KINDS.iter().filter(|row| row.print.is_some()) {
        let group = if row.group.is_empty() { String::new() } else { format!(".{}", row.group) };
        let name = format!("{}{group}_{}.json", row.plural, row.version);
        assert!(files.contains(&name), "{} has no recorded list {name}", row.kind);
        files.retain(|file| *file != name);
    }
    // What is left lists kinds whose objects are shown by another's row.
    let untold = |file: &&String| {
        !KINDS.iter().any(|row| row.print.is_none() && file.starts_with(&format!("{}.{}_", row.plural, row.group)))
    };
    assert_eq!(files.iter().filter(untold).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn every_object_is_read_and_written_without_loss() {
    for dir in std::fs::read_dir(format!("{GOLDEN}/handset")).expect("golden").flatten() {
        let recorded = read(&dir.path().join("object.json"));
        let ours = Object::from_json(&recorded).expect("a kind we serve").to_json();
        assert_eq!(ours, recorded, "{:?}", dir.path());
    }
}

#[test]
fn lists_of_a_living_cluster_are_listed_as_recorded() {
    let mut faults = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(format!("{GOLDEN}/tables")).expect("golden").flatten().collect();
    files.sort_by_key(|f| f.path());
    assert_eq!(files.len(), 15, "one file a kind");
    for file in files {
        let recorded = read(&file.path());
        let api_version = recorded["apiVersion"].as_str().expect("apiVersion");
        let kind = recorded["kind"].as_str().and_then(|k| k.strip_suffix("List")).expect("kind");
        let row = kinds::by_kind(api_version, kind).expect("a kind we serve");
        let now = at(&recorded["capturedAt"]);
        for (item, cells) in recorded["items"].as_array().unwrap().iter().zip(recorded["cells"].as_array().unwrap()) {
            let mut item = item.clone();
            if row.group == "events.k8s.io" {
                item = kinds::event_view::to_core(item);
                item["kind"] = "Event".into();
            }
            let stored = if row.group == "events.k8s.io" { kinds::Kind::Event.row() } else { row };
            let object = Object::of_kind(stored, &item).expect("an object");
            let name = object.meta.name.clone();
            faults.extend(matches(&[object], row, now, &name, cells).err());
            count += 1;
        }
        let ours = columns(&table(&mut World::new(1, now), row));
        if ours != recorded["columns"] {
            faults.push(format!("{}: columns {ours}, recorded {}", row.plural, recorded["columns"]));
        }
    }
    assert!(count > 300, "only {count} objects");
    assert!(faults.is_empty(), "{} of {count} differ:\n{}", faults.len(), faults.join("\n"));
}

/// One change of a recorded object and the cell that must follow it.
#[test]
fn a_changed_value_moves_its_cell() {
    let cases: [(&str, &str, Value, &str, &str); 12] = [
        ("pod-running", "/status/containerStatuses/0/ready", false.into(), "Ready", "0/1"),
        ("pod-crash-oom", "/status/containerStatuses/0/restartCount", 8.into(), "Restarts", "8 (1m42s ago)"),
        ("pod-crash-oom", "/status/containerStatuses/0/state/waiting/reason", "Paused".into(), "Status", "Paused"),
        ("pod-signaled", "/status/containerStatuses/0/state/terminated/signal", 15.into(), "Status", "Signal:15"),
        ("pod-running", "/status/podIPs/0/ip", "10.0.0.9".into(), "IP", "10.0.0.9"),
        ("node-node-2", "/status/conditions/3/status", "True".into(), "Status", "Ready"),
        ("node-node-2", "/spec/unschedulable", true.into(), "Status", "NotReady,SchedulingDisabled"),
        ("deployment-quota", "/status/readyReplicas", 3.into(), "Ready", "3/4"),
        ("replicaset-rs", "/spec/selector/matchLabels/app", "x".into(), "Selector", "app=x"),
        ("service-nodeport", "/spec/ports/0/nodePort", 30099.into(), "Port(s)", "80:30099/TCP"),
        ("service-lb", "/status/loadBalancer/ingress", Value::Null, "External-IP", "<pending>"),
        ("endpoints-old", "/subsets/0/addresses/0/ip", "10.0.0.1".into(), "Endpoints", "10.0.0.1:80"),
    ];
    for (name, pointer, value, column, expected) in cases {
        let dir = Path::new(GOLDEN).join("handset").join(name);
        let mut changed = read(&dir.join("object.json"));
        let now = at(&read(&dir.join("capture.json"))["get_between"][0]);
        let cell = |object: &Value| {
            let object = Object::from_json(object).expect("an object");
            let table = table(&mut holding(std::slice::from_ref(&object), now), object.kind);
            let columns = table["columnDefinitions"].as_array().unwrap();
            let index = columns.iter().position(|c| c["name"] == column).expect(column);
            table["rows"][0]["cells"][index].as_str().unwrap_or_default().to_string()
        };
        let before = cell(&changed);
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        match changed.pointer_mut(parent).expect(parent) {
            Value::Object(map) => drop(map.insert(last.into(), value)),
            Value::Array(list) => list[last.parse::<usize>().unwrap()] = value,
            other => panic!("{other}"),
        }
        let after = cell(&changed);
        assert_ne!(before, after, "{name} {pointer}");
        let expected = expected.replace("1m42s", "102s");
        assert!(after.starts_with(&expected), "{name} {pointer}: {after} instead of {expected}");
    }
}
