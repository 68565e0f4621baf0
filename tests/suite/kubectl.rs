//! The built-in kubectl's printers against recordings of the real one: YAML, tables.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use whodunit::console::fact::Fact;
use whodunit::console::kubectl::sheet::Sheet;
use whodunit::console::kubectl::table::{self, Shape};
use whodunit::console::kubectl::verbs::VERBS;
use whodunit::console::kubectl::{columns, jsonpath, yaml};
use whodunit::console::page::{Coverage, EventForm, Line};
use whodunit::console::session::Session;
use whodunit::console::{self, Ran};
use whodunit::stdx::table::LISTING;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;

pub fn golden(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/kubernetes").join(path)
}

pub fn joined(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("{}\n", line.text)).collect()
}

/// The recordings hold no blank that an editor could lose; compare line by line and show the first that differs.
pub fn same(name: &str, ours: &str, recorded: &str) -> Result<(), String> {
    if ours == recorded {
        return Ok(());
    }
    let (ours, recorded): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), recorded.lines().collect());
    let at = ours.iter().zip(&recorded).take_while(|(a, b)| a == b).count();
    Err(format!(
        "{name}:{}\n  ours:     {:?}\n  recorded: {:?}",
        at + 1,
        ours.get(at).unwrap_or(&"(end)"),
        recorded.get(at).unwrap_or(&"(end)")
    ))
}

#[test]
fn yaml_recordings_are_written_again_byte_for_byte() {
    let mut problems = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(golden("yaml")).expect("the recordings") {
        let path = entry.expect("an entry").path();
        let recorded = fs::read_to_string(&path).expect("UTF-8");
        // A recording of several streams ends with what went to standard error.
        let body = recorded.split("--- stderr\n").next().unwrap_or("");
        let value: Value = serde_saphyr::from_str(body).expect("YAML");
        let mut sheet = Sheet::default();
        yaml::write(&mut sheet, &value);
        problems.extend(same(&path.display().to_string(), &joined(&sheet.lines()), body).err());
        count += 1;
    }
    assert!(count > 80, "only {count} recordings");
    assert!(problems.is_empty(), "{} of {count} differ:\n{}", problems.len(), problems.join("\n"));
}

/// A small cluster and a shell in its namespace `shop`; what is typed into it is printed as the face would print it.
struct Desk {
    world: World,
    session: Session,
}

impl Desk {
    fn new() -> Desk {
        let world = World::new(7, Time::parse("2026-03-02T01:00:00Z").expect("a time"));
        let session =
            Session { user: "learner".into(), namespace: "shop".into(), context: "lab".into(), ..Session::default() };
        let mut desk = Desk { world, session };
        let nodes = ["node-1", "node-2"].map(|name| {
            format!(
                "---\napiVersion: v1\nkind: Node\nmetadata:\n  name: {name}\n  labels:\n    kubernetes.io/hostname: {name}\nspec: {{}}\nstatus:\n  capacity: {{cpu: \"4\", memory: 8Gi, pods: \"110\"}}\n  allocatable: {{cpu: \"4\", memory: 8Gi, pods: \"110\"}}\n  conditions:\n  - {{type: Ready, status: \"True\", reason: KubeletReady}}\n"
            )
        });
        desk.file(
            "estate.yaml",
            &format!("{}---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n", nodes.concat()),
        );
        desk.file("web.yaml", WEB);
        desk.say("kubectl apply -f estate.yaml");
        desk
    }

    fn file(&mut self, name: &str, text: &str) {
        self.session.files.insert(name.into(), text.lines().map(Line::plain).collect());
    }

    fn run(&mut self, line: &str) -> Ran {
        console::run(&mut self.world, &mut self.session, line)
    }

    fn say(&mut self, line: &str) -> String {
        let ran = self.run(line);
        let mut text = joined(&ran.output.lines);
        if ran.output.code != 0 {
            text.push_str(&format!("(exit {})\n", ran.output.code));
        }
        text
    }

    fn later(&mut self, span: Span) {
        let until = self.world.now + span;
        self.world.advance_to(until);
    }
}

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: app
        image: registry.example/web:1.0
        env:
        - name: POOL_MAX
          value: \"20\"
        resources:
          limits:
            memory: 128Mi
";

/// Ages with their digits hidden: the table was recorded up to a second before the text.
fn ageless(text: &str) -> String {
    let hide = |word: &str| {
        let bare = word.trim_end();
        let age =
            bare.ends_with(['s', 'm', 'h', 'd']) && bare.chars().all(|c| c.is_ascii_digit() || "(smhd".contains(c));
        if age { word.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect() } else { word.to_string() }
    };
    text.split_inclusive('\n').map(|line| line.split(' ').map(hide).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn recorded_tables_are_laid_out_byte_for_byte() {
    let mut problems = Vec::new();
    for name in super::describe::names() {
        let read = |file: &str| fs::read_to_string(golden(&format!("handset/{name}/{file}"))).expect(file);
        let table: Value = serde_json::from_str(&read("table.json")).expect("a table");
        let kind = super::describe::recorded(&name).object["kind"].as_str().expect("a kind").to_string();
        for (file, wide) in [("get.txt", false), ("get-wide.txt", true)] {
            let mut sheet = Sheet::default();
            table::write(&mut sheet, &table, &kind, &Shape { wide, headers: true, ..Shape::default() });
            let recording = read(file);
            let body = recording.split("--- stderr\n").next().unwrap_or("");
            problems.extend(
                same(&format!("{name}/{file}"), &ageless(&joined(&sheet.columns(LISTING))), &ageless(body)).err(),
            );
        }
    }
    assert!(problems.is_empty(), "{} differ:\n{}", problems.len(), problems.join("\n"));
}

fn fields(lines: &[Line]) -> Vec<(String, String)> {
    let facts = lines.iter().flat_map(|l| &l.marks).map(|m| &*m.fact);
    let field = |f: &Fact| match f {
        Fact::Field { path, value, .. } => Some((path.clone(), value.clone())),
        _ => None,
    };
    facts.filter_map(field).collect()
}

fn has(lines: &[Line], path: &str, value: &str) {
    let found = fields(lines);
    assert!(found.contains(&(path.into(), value.into())), "{path} = {value:?} is not among {found:?}");
}

/// A table row as the server makes it, with the full object.
fn pod_row(status: &str, restarts: &str, object: &Value) -> Vec<Line> {
    let columns = ["Name", "Ready", "Status", "Restarts", "Age"].map(|name| json!({"name": name, "priority": 0}));
    let rows = json!([{"cells": ["web-1", "0/1", status, restarts, "9m"], "object": object}]);
    let mut sheet = Sheet::default();
    let table = json!({"columnDefinitions": columns, "rows": rows});
    table::write(&mut sheet, &table, "Pod", &Shape { headers: true, ..Shape::default() });
    sheet.columns(LISTING)
}

#[test]
fn a_cell_shows_the_field_it_was_made_from() {
    let mut object = super::describe::recorded("pod-crash-oom").object;
    let lines = pod_row("CrashLoopBackOff", "7 (102s ago)", &object);
    has(&lines, "status.containerStatuses[app].state.waiting.reason", "CrashLoopBackOff");
    has(&lines, "status.containerStatuses[app].restartCount", "7");
    has(&lines, "status.containerStatuses[app].ready", "false");
    let ended = json!({"terminated": {"reason": "OOMKilled", "exitCode": 137}});
    object["status"]["containerStatuses"][0]["state"] = ended;
    object["status"]["containerStatuses"][0]["restartCount"] = json!(8);
    let lines = pod_row("OOMKilled", "8 (2s ago)", &object);
    has(&lines, "status.containerStatuses[app].state.terminated.reason", "OOMKilled");
    has(&lines, "status.containerStatuses[app].restartCount", "8");
}

#[test]
fn a_sum_over_two_containers_shows_no_field_of_either() {
    let object = json!({"metadata": {"name": "web-1"}, "status": {"containerStatuses": [
        {"name": "a", "ready": true, "restartCount": 2}, {"name": "b", "ready": false, "restartCount": 3}]}});
    let found = fields(&pod_row("Running", "5", &object));
    assert!(found.iter().all(|(path, _)| !path.ends_with("restartCount") && !path.ends_with("ready")), "{found:?}");
}

fn template(text: &str, value: &Value) -> Result<String, String> {
    let mut sheet = Sheet::default();
    jsonpath::write(&mut sheet, text, value)?;
    Ok(joined(&sheet.lines()).trim_end_matches('\n').to_string())
}

#[test]
fn jsonpath_reads_the_dialect() {
    let value = json!({"kind": "List", "items": [
        {"kind": "Pod", "metadata": {"name": "a", "labels": {"pod-template-hash": "x1", "app.kubernetes.io/name": "web"}},
         "spec": {"containers": [{"name": "c1", "image": "i:1"}, {"name": "c2", "image": "i:2"}], "n": 3}},
        {"kind": "Pod", "metadata": {"name": "b", "labels": {}}, "spec": {"containers": [], "n": 7}}]});
    for (text, wanted) in [
        ("{.items[*].metadata.name}", "a b"),
        ("{.items[0].metadata.labels.pod-template-hash}", "x1"),
        ("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "web"),
        ("{.items[0].metadata.labels['app.kubernetes.io/name']}", "web"),
        ("{range .items[*]}{.metadata.name}:{.spec.n}{\",\"}{end}", "a:3,b:7,"),
        ("{.items[?(@.spec.n>3)].metadata.name}", "b"),
        ("{.items[?(@.metadata.name==\"a\")].spec.containers[*].image}", "i:1 i:2"),
        ("{.items[?(@.spec.containers[*].name==\"c1\")].metadata.name}", "a"),
        ("{.items[-1].metadata.name}", "b"),
        ("{.items[0].spec.containers[0:1].name}", "c1"),
        ("{.items[0]['metadata.name', 'kind']}", "Pod"),
        ("{..image}", "i:1 i:2"),
        ("{.items[1].spec}", "{\"containers\":[],\"n\":7}"),
        ("name={.items[0].metadata.name};", "name=a;"),
        ("{.nope}", ""),
    ] {
        assert_eq!(template(text, &value).as_deref(), Ok(wanted), "{text}");
    }
    assert_eq!(template("{.items[9].kind}", &value), Err("array index out of bounds: index 9, length 2".into()));
    assert!(template("{.items[*", &value).is_err());
    assert!(template("{range .items[*]}", &value).is_err());
    assert!(template("{end}", &value).is_err());
}

#[test]
fn jsonpath_yaml_and_columns_show_whose_field_it_is() {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"},
        "spec": {"containers": [{"name": "app", "resources": {"limits": {"memory": "64Mi"}}}]}});
    let value = json!({"apiVersion": "v1", "kind": "List", "items": [pod]});
    let path = "spec.containers[app].resources.limits.memory";
    let mut sheet = Sheet::default();
    jsonpath::write(&mut sheet, "{.items[*].spec.containers[0].resources.limits.memory}", &value).expect("a path");
    let lines = sheet.lines();
    has(&lines, path, "64Mi");
    let Fact::Field { object, .. } = &*lines[0].marks[0].fact else { panic!("a field") };
    assert_eq!((object.kind.as_str(), object.namespace.as_str(), object.name.as_str()), ("Pod", "shop", "a"));
    for write in [yaml::write, whodunit::console::kubectl::json::write] {
        let mut sheet = Sheet::default();
        write(&mut sheet, &value);
        has(&sheet.lines(), path, "64Mi");
    }
    let columns = columns::parse("M:.spec.containers[*].resources.limits.memory,C:.spec.nope").expect("columns");
    let mut sheet = Sheet::default();
    columns::write(&mut sheet, &columns, &value, true).expect("rows");
    let lines = sheet.columns(LISTING);
    has(&lines, path, "64Mi");
    has(&lines, "spec.nope", "");
}

#[test]
fn a_revision_shows_what_differs_from_the_one_before() {
    let mut desk = Desk::new();
    desk.say("kubectl apply -f web.yaml");
    desk.later(Span::secs(40));
    desk.say("kubectl set env deploy/web POOL_MAX=2");
    desk.say("kubectl set resources deploy/web --limits=memory=64Mi");
    desk.later(Span::secs(40));
    let ran = desk.run("kubectl rollout history deploy/web --revision=2");
    let facts: Vec<&Fact> = ran.output.lines.iter().flat_map(|l| &l.marks).map(|m| &*m.fact).collect();
    for (wanted, was, is) in [
        ("spec.template.spec.containers[app].env[POOL_MAX].value", "20", "2"),
        ("spec.template.spec.containers[app].resources.limits.memory", "128Mi", "64Mi"),
    ] {
        let found = facts.iter().any(|f| {
            matches!(f, Fact::Revision { revision: 2, path, before, after, object, .. }
                if path == wanted && before == was && after == is && object.kind == "Deployment")
        });
        assert!(found, "{wanted} is not among {facts:?}");
    }
    assert!(matches!(ran.output.coverage.as_slice(), [Coverage::History { .. }]), "{:?}", ran.output.coverage);
}

#[test]
fn what_was_looked_at_is_said() {
    let mut desk = Desk::new();
    desk.say("kubectl apply -f web.yaml");
    desk.later(Span::secs(40));
    let all = |desk: &mut Desk, line: &str| desk.run(line).output.coverage;
    let listed = all(&mut desk, "kubectl get pods -l app=web");
    assert!(
        matches!(&listed[..], [Coverage::Objects { kind, selector, .. }] if kind == "Pod" && selector == "app=web")
    );
    let events = all(&mut desk, "kubectl get events --field-selector type=Warning");
    assert!(matches!(&events[..], [Coverage::Events { types: Some(t), form: EventForm::Get, .. }] if t == "Warning"));
    let events = all(&mut desk, "kubectl events -A");
    assert!(matches!(&events[..], [Coverage::Events { namespace: None, form: EventForm::Events, .. }]));
    let whole = all(&mut desk, "kubectl describe deploy web");
    assert!(whole.iter().any(|c| matches!(c, Coverage::Whole { object } if object.name == "web")), "{whole:?}");
    assert!(whole.iter().any(|c| matches!(c, Coverage::Events { form: EventForm::Describe, object: Some(_), .. })));
    let logs = all(&mut desk, "kubectl logs deploy/web --since=20s");
    let now = desk.world.now;
    assert!(
        matches!(&logs[..], [Coverage::Log { from, to, restart: Some(0), .. }] if *to == now && *from == now - Span::secs(20)),
        "{logs:?}"
    );
}

#[test]
fn a_watch_prints_changes_in_the_columns_of_its_listing() {
    let mut desk = Desk::new();
    desk.say("kubectl apply -f web.yaml");
    desk.later(Span::secs(40));
    let ran = desk.run("kubectl get deploy -w");
    let mut standing = ran.standing.expect("it goes on");
    assert!(console::poll(&mut desk.world, &mut desk.session, &mut standing).lines.is_empty());
    desk.say("kubectl scale deploy/web --replicas=3");
    desk.later(Span::secs(40));
    let news = console::poll(&mut desk.world, &mut desk.session, &mut standing);
    let header = &ran.output.lines[0].text;
    let at = header.find("UP-TO-DATE").expect("the column");
    let last = news.lines.last().expect("a change").text.clone();
    assert_eq!(last.get(at..at + 1), Some("3"), "{header}\n{last}");
}

#[test]
fn a_blocking_delete_waits_until_the_pod_is_gone() {
    let mut desk = Desk::new();
    desk.say("kubectl apply -f web.yaml");
    desk.later(Span::secs(40));
    let name = desk.say("kubectl get pods -o jsonpath='{.items[0].metadata.name}'").trim().to_string();
    let ran = desk.run(&format!("kubectl delete pod {name}"));
    assert_eq!(joined(&ran.output.lines), format!("pod {name:?} deleted from shop namespace\n"));
    let mut standing = ran.standing.expect("it waits for the grace period");
    assert!(standing.blocking && !standing.done);
    for _ in 0..60 {
        desk.later(Span::secs(1));
        console::poll(&mut desk.world, &mut desk.session, &mut standing);
    }
    assert!(standing.done);
    assert!(desk.say(&format!("kubectl get pod {name}")).contains("not found"));
}

#[test]
fn completion_knows_verbs_kinds_names_flags_and_formats() {
    let mut desk = Desk::new();
    desk.say("kubectl apply -f web.yaml");
    desk.later(Span::secs(40));
    let told = |desk: &Desk, line: &str| -> Vec<String> {
        let words: Vec<String> = line.split(' ').map(String::from).collect();
        let caret = words.len() - 1;
        let found = whodunit::console::kubectl::complete(&desk.world, &desk.session, &words, caret);
        found.into_iter().map(|c| c.text).collect()
    };
    for (line, wanted) in [
        ("kubectl desc", "describe"),
        ("kubectl rollout un", "undo"),
        ("kubectl get repl", "replicasets"),
        ("kubectl get deploy w", "web"),
        ("kubectl describe deploy/", "deploy/web"),
        ("kubectl get pods -n sh", "shop"),
        ("kubectl get pods -n shop -o ya", "yaml"),
        ("kubectl get pods --sort", "--sort-by="),
        ("kubectl rollout restart ", "deployment/web"),
    ] {
        assert!(told(&desk, line).contains(&wanted.to_string()), "{line}: {:?}", told(&desk, line));
    }
}

#[test]
fn each_verb_costs_what_its_row_says_and_a_mistake_nothing() {
    let cost = |line: &str| {
        let words: Vec<String> = line.split(' ').map(String::from).collect();
        whodunit::console::kubectl::cost(&words)
    };
    for (line, wanted) in [
        ("kubectl get pods", Some(Span::secs(15))),
        ("kubectl -n shop logs web-1", Some(Span::secs(20))),
        ("kubectl top pods", Some(Span::secs(30))),
        ("kubectl set env deploy/web A=1", Some(Span::secs(30))),
        ("kubectl rollout status deploy/web", Some(Span::secs(20))),
        ("kubectl get pods --nonsense", Some(Span::ZERO)),
        ("kubectl get --help", Some(Span::ZERO)),
        ("kubectl gte pods", None),
    ] {
        assert_eq!(cost(line), wanted, "{line}");
    }
}

#[test]
fn verbs_are_sorted_and_each_shows_how_it_is_used() {
    let names: Vec<&str> = VERBS.iter().map(|row| row.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    for row in VERBS {
        assert!(!row.doc.is_empty() && !row.examples.is_empty(), "{}", row.name);
        assert!(row.usage.starts_with(row.name), "{}: {}", row.name, row.usage);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn no_template_columns_or_words_break_kubectl(text in "\\PC{0,40}", words in proptest::collection::vec("[-a-z/={}\\[\\]@.,]{0,12}", 0..6)) {
        let value = json!({"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "a"}, "spec": {"l": [1, 2]}}]});
        let _ = template(&text, &value);
        let _ = template(&format!("{{.items[{text}]}}"), &value);
        let _ = columns::parse(&text);
        let mut desk = Desk { world: World::new(1, Time(0)), session: Session::default() };
        let _ = desk.say(&format!("kubectl {}", words.join(" ")));
    }

    #[test]
    fn any_text_survives_yaml(text in "[ -~\\n\\t:#'\"é가]{0,120}", key in "[ -~]{1,20}") {
        let value = json!({"data": {key: text}});
        let mut sheet = Sheet::default();
        yaml::write(&mut sheet, &value);
        let written = joined(&sheet.lines());
        let read: Value = serde_saphyr::from_str(&written).unwrap_or_else(|e| panic!("{e}: {written:?}"));
        proptest::prop_assert_eq!(read, value, "{}", written);
    }
}
