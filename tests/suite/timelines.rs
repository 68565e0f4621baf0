//! The recorded timelines of a real control plane (namespaces crash, image and probes): the same manifests, given to
//! our cluster, must go through the same statuses and events, pod by pod.

// Named unknowns and tolerances:
// * times: the kubelet's loops have phases and jitter of their own; order is compared, and back-off gaps lie within
//   [back-off, 1.5 × back-off + 3 s];
// * a status that the next one replaces at once may be missing on either side (the real status manager merges quick
//   successions): every status that lasted (450 ms) in one must appear in the other, in the same order;
// * `CrashLoopBackOff` is shown for certain only in gaps longer than 100 s (60 s requeue × 1.0–1.5), so it is compared
//   there and free elsewhere;
// * how often a back-off repeats its event within one gap is chance: repetitions are folded;
// * on which node a pod lands, and so whether its image is there, is chance: a good pull counts as one event;
// * `sandboxerr` needs a broken network plugin, and `noretry-ok`'s `echo` never ended in the recorded runtime.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;
use whodunit::world::k8s::api::{Accept, Query, Request, Verb, handle};
use whodunit::world::k8s::kinds::{Kind, by_kind};
use whodunit::world::k8s::kubelet::image::Image;
use whodunit::world::k8s::object::Object;
use whodunit::world::k8s::store::What;

/// Pods whose recorded inputs we cannot give: see the named unknowns.
const UNKNOWN: &[&str] = &["sandboxerr", "noretry-ok"];
/// Statuses that lived shorter than this are transient.
const TRANSIENT_MS: i64 = 450;

#[derive(Clone, Debug)]
struct Shown {
    at_ms: i64,
    text: String,
}

#[derive(Debug, Default)]
struct Pod {
    statuses: Vec<Shown>,
    events: Vec<Shown>,
}

fn recorded(text: &str) -> BTreeMap<String, Pod> {
    let mut pods: BTreeMap<String, Pod> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        let at_ms = (words.next().unwrap().parse::<f64>().unwrap() * 1_000.0) as i64;
        let sort = words.next().unwrap();
        let name = words.next().unwrap().to_string();
        let rest = words.next().unwrap_or("").to_string();
        match sort {
            "pod" => {
                let text = rest.rsplit_once(" qos=").unwrap().0.to_string();
                pods.entry(name).or_default().statuses.push(Shown { at_ms, text });
            }
            "event" if !name.contains('/') => {
                let mut parts = rest.splitn(4, ' ');
                let (kind, reason, _, message) =
                    (parts.next().unwrap(), parts.next().unwrap(), parts.next(), parts.next().unwrap());
                let text = format!("{kind} {reason} {message}");
                pods.entry(name).or_default().events.push(Shown { at_ms, text });
            }
            _ => {}
        }
    }
    pods
}

/// A status in the recording's words.
fn words(pod: &Object) -> String {
    let status = &pod.status;
    let ip = if status["podIP"].is_string() { "y" } else { "-" };
    let mut out = format!("phase={} ip={ip}", status["phase"].as_str().unwrap_or("None"));
    for (field, mark) in [("initContainerStatuses", "I:"), ("containerStatuses", "")] {
        for c in status[field].as_array().into_iter().flatten() {
            out.push_str(&format!(" {mark}{}[{}]", c["name"].as_str().unwrap(), container(c)));
        }
    }
    let condition = |c: &Value| {
        let reason = c["reason"].as_str().map(|r| format!("({r})")).unwrap_or_default();
        format!("{}={}{reason}", c["type"].as_str().unwrap(), &c["status"].as_str().unwrap()[..1])
    };
    let all: Vec<String> = status["conditions"].as_array().into_iter().flatten().map(condition).collect();
    format!("{out} cond={{{}}}", all.join(","))
}

fn container(c: &Value) -> String {
    let state = &c["state"];
    let mut out = if let Some(waiting) = state.get("waiting") {
        format!("waiting:{}", waiting["reason"].as_str().unwrap())
    } else if let Some(ended) = state.get("terminated") {
        format!("terminated:{} code={}", ended["reason"].as_str().unwrap(), ended["exitCode"])
    } else {
        "running".to_string()
    };
    if let Some(last) = c["lastState"].get("terminated") {
        out.push_str(&format!(" last={}/{}", last["reason"].as_str().unwrap(), last["exitCode"]));
    }
    let flag = |value: &Value| if value == true { "True" } else { "False" };
    format!("{out} r={} ready={} started={}", c["restartCount"], flag(&c["ready"]), flag(&c["started"]))
}

/// Three nodes, the recorded registry, and the manifests of one namespace.
fn world(namespace: &str, seed: u64) -> World {
    let mut world = World::new(seed, Time::parse("2026-11-21T22:18:11Z").unwrap());
    world.apps.scripted = true;
    let registry = world.k8s.registry();
    let pull = Span::millis(300);
    for image in ["busybox:1.36", "envoy:1.30", "fluentd:v1", "nginx:1.27", "nginx:never-pulled", "postgres:16"] {
        registry.set(image, Image::Here { bytes: 72_319_182, pull });
    }
    registry.set("bigimage:v1", Image::Here { bytes: 72_319_182, pull: Span::secs(12) });
    for missing in ["nginx:nonexistent", "nginx:typo", "busybox:nonexistent"] {
        registry.set(missing, Image::Missing);
    }
    registry.set("private/app:1.0", Image::Denied);
    for n in 1..=3 {
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node-{n}"),
            "labels": {"topology.kubernetes.io/region": "sim", "topology.kubernetes.io/zone": format!("zone-{n}")}}});
        put(&mut world, &node);
    }
    for name in [namespace, "before"] {
        put(&mut world, &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
    }
    world.advance_to(world.now + Span::millis(100));
    if namespace == "probes" {
        // The recorded nodes had pulled this image for other namespaces.
        for n in 1..=3 {
            let spec = json!({"nodeName": format!("node-{n}"), "containers": [{"name": "app", "image": "nginx:1.27"}]});
            put(
                &mut world,
                &json!({"apiVersion": "v1", "kind": "Pod", "spec": spec,
                "metadata": {"name": format!("warm-{n}"), "namespace": "before"}}),
            );
        }
    }
    world.advance_to(world.now + Span::secs(2));
    let items: Value = serde_json::from_str(include_str!("../golden/timelines/manifests.json")).unwrap();
    for item in items.as_array().unwrap() {
        if item["metadata"]["namespace"] != namespace {
            continue;
        }
        put(&mut world, item);
    }
    world
}

/// Creates an object as a client does.
fn put(world: &mut World, value: &Value) {
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
    assert!(response.code < 300, "{:?} for {value}", response);
}

/// Runs a world from one agenda entry to the next and notes every status and event of its pods.
fn ours(mut world: World, namespace: &str, seconds: i64) -> BTreeMap<String, Pod> {
    let start = world.now - Span::secs(2);
    let end = start + Span::secs(seconds);
    let mut pods: BTreeMap<String, Pod> = BTreeMap::new();
    stamp(&world, 0, namespace, Span::secs(2), &mut pods);
    while let Some(next) = world.agenda.next_at().filter(|next| *next <= end) {
        let before = world.k8s.store.version();
        world.advance_to(next);
        stamp(&world, before, namespace, next - start, &mut pods);
    }
    pods
}

fn stamp(world: &World, version: u64, namespace: &str, at: Span, pods: &mut BTreeMap<String, Pod>) {
    for logged in world.k8s.store.changes_since(version).unwrap() {
        let object = &logged.object;
        if object.meta.namespace != namespace || logged.what == What::Deleted {
            continue;
        }
        match object.kind.id {
            Kind::Pod => {
                let shown = Shown { at_ms: at.0, text: words(object) };
                let pod = pods.entry(object.meta.name.clone()).or_default();
                if pod.statuses.last().is_none_or(|last| last.text != shown.text) {
                    pod.statuses.push(shown);
                }
            }
            Kind::Event => {
                let about = &object.field("involvedObject");
                if about["kind"] == "Pod" {
                    let name = about["name"].as_str().unwrap().to_string();
                    pods.entry(name).or_default().events.push(Shown { at_ms: at.0, text: event(object) });
                }
            }
            _ => {}
        }
    }
}

fn event(object: &Object) -> String {
    let text = |field: &str| object.field(field).as_str().unwrap_or("").to_string();
    format!("{} {} {}", text("type"), text("reason"), text("message"))
}

/// Statuses that lasted; CrashLoopBackOff only where it lasted for certain.
fn lasting(statuses: &[Shown]) -> Vec<&Shown> {
    let lasts = |index: usize| {
        let shown = &statuses[index];
        let Some(next) = statuses.get(index + 1) else { return true };
        let least = if shown.text.contains("CrashLoopBackOff") { 100_000 } else { TRANSIENT_MS };
        next.at_ms - shown.at_ms >= least
    };
    (0..statuses.len()).filter(|index| lasts(*index)).map(|index| &statuses[index]).collect()
}

/// The first of `wanted` (up to a time) that `all` does not have, in order.
fn absent<'a>(wanted: &[&'a Shown], all: &[Shown], until_ms: i64) -> Option<&'a Shown> {
    let mut rest = all.iter();
    wanted.iter().find(|shown| shown.at_ms <= until_ms && !rest.any(|other| other.text == shown.text)).copied()
}

/// Events without what chance puts into them, repeated groups of one to three folded.
fn told(events: &[Shown], until_ms: i64) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for shown in events.iter().filter(|shown| shown.at_ms <= until_ms) {
        let text = plain(&shown.text);
        if text == "Normal Pulled" && out.last().is_some_and(|last| last.starts_with("Normal Pulling")) {
            out.pop();
        }
        out.push(text);
        for width in 1..=3 {
            let len = out.len();
            if len >= 2 * width && out[len - width..] == out[len - 2 * width..len - width] {
                out.truncate(len - width);
            }
        }
    }
    out
}

/// The message without node, pod name, address and pull time.
fn plain(text: &str) -> String {
    if text.starts_with("Normal Pulled ") {
        return "Normal Pulled".into();
    }
    let head = |mark: &str| text.split_once(mark).map(|(head, _)| head.to_string());
    if let Some(head) = head(" in pod ").or_else(|| head("Successfully assigned")) {
        return head;
    }
    let words = text.split(' ').map(|word| if word.starts_with("10.244.") { "IP" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn crash() {
    compare("crash", include_str!("../golden/timelines/crash.txt"), 150);
}

#[test]
fn image() {
    compare("image", include_str!("../golden/timelines/image.txt"), 150);
}

#[test]
fn probes() {
    compare("probes", include_str!("../golden/timelines/probes.txt"), 52);
}

/// The recording against our runs with several seeds: the jitter of each is its own.
fn compare(namespace: &str, text: &str, seconds: i64) {
    for seed in 1..=5 {
        compare_seed(namespace, text, seconds, seed);
    }
}

fn compare_seed(namespace: &str, text: &str, seconds: i64, seed: u64) {
    let theirs = recorded(text);
    let ours = ours(world(namespace, seed), namespace, 600);
    let base = |name: &str| name.split_once("-5").map_or(name, |(base, _)| base).to_string();
    let mut problems = Vec::new();
    let mut compared = 0;
    for (name, want) in &theirs {
        if UNKNOWN.contains(&name.as_str()) {
            continue;
        }
        let have = ours.get(name).or_else(|| {
            ours.iter()
                .find(|(other, _)| {
                    let owner = |n: &str| n.rsplitn(3, '-').nth(2).map(str::to_string);
                    base(name) != *name && owner(other) == owner(name)
                })
                .map(|(_, pod)| pod)
        });
        let Some(have) = have else {
            problems.push(format!("{name}: we have no such pod; ours: {:?}", ours.keys().collect::<Vec<_>>()));
            continue;
        };
        compared += 1;
        let until = seconds * 1_000;
        if let Some(shown) = absent(&lasting(&want.statuses), &have.statuses, until) {
            problems.push(format!("{name}: recorded at {} and not ours:\n  {}", shown.at_ms, shown.text));
        }
        if let Some(shown) = absent(&lasting(&have.statuses), &want.statuses, until / 2) {
            problems.push(format!("{name}: ours at {} and not recorded:\n  {}", shown.at_ms, shown.text));
        }
        let (a, b) = (told(&want.events, until), told(&have.events, 600_000));
        for (index, text) in a.iter().enumerate() {
            if b.get(index) != Some(text) {
                problems.push(format!(
                    "{name}: event {index}:\n  recorded {text}\n  ours     {:?}\n  before {:?}",
                    b.get(index),
                    index.checked_sub(1).map(|i| &a[i])
                ));
                break;
            }
        }
    }
    assert!(compared >= 5, "only {compared} pods were compared");
    assert!(problems.is_empty(), "seed {seed}\n{}", problems.join("\n"));
}

/// The recorded Deployment whose image does not exist, after its deadline.
#[test]
fn a_deployment_that_makes_no_progress() {
    let mut world = world("image", 4);
    world.advance_to(world.now + Span::secs(40));
    let status = &world.k8s.store.get(Kind::Deployment, "image", "progress").unwrap().status;
    let text = include_str!("../golden/timelines/image.txt");
    let last = text.lines().rfind(|line| line.contains(" deployment progress ")).unwrap();
    let want: Value = serde_json::from_str(last.split_once("status=").unwrap().1).unwrap();
    for (key, value) in want.as_object().unwrap().iter().filter(|(key, _)| *key != "conditions") {
        assert_eq!(&status[key], value, "{key}");
    }
    let conditions = status["conditions"].as_array().unwrap();
    let rows: Value = conditions.iter().map(|c| json!([c["type"], c["status"], c["reason"]])).collect();
    assert_eq!(rows, want["conditions"]);
}

/// The first restart is at once; then each gap lies between the back-off and half as much again, plus the kubelet's
/// one-second loops. Both the recording and ours must keep to it.
#[test]
fn restart_gaps() {
    let ours = ours(world("crash", 3), "crash", 1_500);
    let theirs = recorded(include_str!("../golden/timelines/crash.txt"));
    for (pods, least) in [(&theirs, 5), (&ours, 7)] {
        let statuses = &pods["oom"].statuses;
        let mut ended: Option<i64> = None;
        let mut gaps = Vec::new();
        for shown in statuses {
            if shown.text.contains("app[terminated") {
                ended = ended.or(Some(shown.at_ms));
            } else if shown.text.contains("app[running")
                && let Some(at) = ended.take()
            {
                gaps.push(shown.at_ms - at);
            }
        }
        assert!(gaps.len() >= least, "{gaps:?}");
        assert!(gaps[0] < 200, "the first restart is at once: {gaps:?}");
        for (index, gap) in gaps[1..].iter().enumerate() {
            let backoff = (10_000_i64 << index).min(300_000);
            assert!((backoff - 300..=backoff * 3 / 2 + 3_000).contains(gap), "gap {index} of {gaps:?}");
        }
    }
}
