//! `kubectl logs`: which containers of which pods are meant, and their records as lines, each with what it says. Does not
//! know what programs write.

use super::call::{Call, Failure, Reach, Scope};
use super::flags::misuse;
use super::subject::{get, int, list, map, object_id, text, time};
use super::targets;
use crate::console::fact::{Fact, ObjectId};
use crate::console::page::{Coverage, Line, Output};
use crate::console::session::{Session, Standing};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::k8s::api::{Body, Request, Verb, Vocabulary};
use crate::world::signals::Record;
use serde_json::{Value, json};
use std::sync::Arc;

/// Lines per container with `-l`, as the real tool.
const SELECTED_TAIL: u64 = 10;
/// How many logs may be followed at once unless told otherwise.
const FOLLOWED_MAX: usize = 5;
const FOLLOW_EVERY: Span = Span::secs(1);

/// One container's log on this line.
struct Source {
    pod: ObjectId,
    container: String,
    /// Which start is read, as `restartCount` counts; `None` if there was none before.
    restart: Option<u32>,
}

pub fn run(call: &mut Call) -> Result<(), Failure> {
    let operands = call.given.operands.clone();
    let selected = call.given.has("selector");
    let pods = if selected {
        let scope = Scope { labels: call.given.text("selector").to_string(), ..Scope::default() };
        call.objects(targets::kind("pods")?, &scope)?
    } else {
        let Some(first) = operands.first() else {
            return Err(Failure::error("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.")
                .line("POD or TYPE/NAME is a required argument for the logs command")
                .line("See 'kubectl logs -h' for help and examples"));
        };
        pods_of(call, first, call.given.on("all-pods"))?
    };
    if pods.is_empty() && selected {
        let namespace = call.namespace();
        call.warn(format!("No resources found in {namespace} namespace."));
        return Ok(());
    }
    let named = call.given.value("container").map(String::from).or_else(|| operands.get(1).cloned());
    let mut sources = Vec::new();
    for pod in &pods {
        sources.extend(containers(call, pod, named.as_deref())?);
    }
    let most = call.given.value("max-log-requests").and_then(|n| n.parse().ok()).unwrap_or(FOLLOWED_MAX);
    if call.given.on("follow") && sources.len() > most {
        return Err(Failure::error(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit",
            sources.len()
        )));
    }
    let mut seen = Vec::new();
    for source in &sources {
        let request = request(call, source, selected)?;
        let (records, words) = read(call, &request)?;
        cover(call, source, &request, (&records, words));
        seen.push(cursor_of(source, &records, call.now()));
        let style = Style::of(call, &sources);
        let lines = records.iter().map(|r| style.line(r, &source.pod)).collect();
        call.print_lines(lines);
    }
    if call.given.on("follow") && !call.given.on("previous") {
        let style = Style::of(call, &sources);
        let cursor = json!({"verb": "logs", "namespace": call.namespace(), "sources": seen,
            "stamps": style.stamps, "prefix": style.prefix});
        call.standing = Some(Standing::new("kubectl", cursor, call.now() + FOLLOW_EVERY));
    }
    Ok(())
}

/// The pods behind `POD` or `TYPE/NAME`; of a workload's pods the one that the real tool would pick.
pub fn pods_of(call: &mut Call, word: &str, all: bool) -> Result<Vec<Value>, Failure> {
    let (kind, name) = word.split_once('/').unwrap_or(("pods", word));
    let row = targets::kind(kind)?;
    let object = match call.object(row, name) {
        // The real tool rewords what is missing when it looked it up for its log.
        Err(failure) if failure.status == 404 && call.verb.name == "logs" => {
            let (namespace, resource) = (call.namespace(), row.qualified());
            return Err(Failure {
                lines: vec![format!(
                    "error: error from server (NotFound): {resource} {name:?} not found in namespace {namespace:?}"
                )],
                ..failure
            });
        }
        other => other?,
    };
    if row.kind == "Pod" {
        return Ok(vec![object]);
    }
    let labels = match row.kind {
        "Service" => map(&object, "/spec/selector"),
        "Deployment" | "Job" | "ReplicaSet" => map(&object, "/spec/selector/matchLabels"),
        _ => {
            return Err(Failure::error(format!(
                "cannot get the logs from {}: selector for {name} not implemented",
                row.kind
            )));
        }
    };
    let labels = labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",");
    let scope = Scope { namespace: Reach::Here, labels, ..Scope::default() };
    let mut pods = call.objects(targets::kind("pods")?, &scope)?;
    pods.sort_by_key(preference);
    if all {
        return Ok(pods);
    }
    if pods.len() > 1 {
        let chosen = text(&pods[0], "/metadata/name").to_string();
        call.warn(format!("Found {} pods, using pod/{chosen}", pods.len()));
    }
    pods.truncate(1);
    if pods.is_empty() { Err(Failure::error("timed out waiting for the condition")) } else { Ok(pods) }
}

/// Which pod comes first when one must be picked (kubectl's order for logs): bound, running, ready, ready for longest,
/// most restarts, youngest.
fn preference(pod: &Value) -> (bool, u8, bool, i64, i64, i64, String) {
    let phase = match text(pod, "/status/phase") {
        "Running" => 0,
        "Unknown" => 1,
        _ => 2,
    };
    let ready = list(pod, "/status/conditions").iter().find(|c| text(c, "type") == "Ready");
    let is_ready = ready.is_some_and(|c| text(c, "status") == "True");
    let since = ready.filter(|_| is_ready).and_then(|c| time(c, "lastTransitionTime")).map_or(i64::MAX, |t| t.0);
    let restarts =
        list(pod, "/status/containerStatuses").iter().filter_map(|s| int(s, "restartCount")).max().unwrap_or(0);
    let created = time(pod, "/metadata/creationTimestamp").unwrap_or_default().0;
    let name = text(pod, "/metadata/name").to_string();
    (text(pod, "/spec/nodeName").is_empty(), phase, !is_ready, since, -restarts, -created, name)
}

/// The containers of a pod that are meant: the named one, all, or the default one.
fn containers(call: &mut Call, pod: &Value, named: Option<&str>) -> Result<Vec<Source>, Failure> {
    let id = object_id(pod);
    let names = |place: &str| -> Vec<String> { list(pod, place).iter().map(|c| text(c, "name").to_string()).collect() };
    let (main, init) = (names("/spec/containers"), names("/spec/initContainers"));
    let everything: Vec<String> = init.iter().chain(&main).cloned().collect();
    let chosen = match named {
        Some(name) if everything.iter().any(|c| c == name) => vec![name.to_string()],
        Some(name) => return Err(Failure::error(format!("container {name} is not valid for pod {}", id.name))),
        None if call.given.on("all-containers") => everything,
        None => {
            let annotated = text(pod, "/metadata/annotations/kubectl.kubernetes.io~1default-container");
            let default = main.iter().find(|c| *c == annotated).or(main.first()).cloned().unwrap_or_default();
            if main.len() + init.len() > 1 && annotated.is_empty() {
                let listed = main.iter().cloned().chain(init.iter().map(|i| format!("{i} (init)")));
                let listed = listed.collect::<Vec<_>>().join(", ");
                call.warn(format!("Defaulted container {default:?} out of: {listed}"));
            }
            vec![default]
        }
    };
    let previous = call.given.on("previous");
    let source = |container: String| {
        let restart = state_of(pod, &container).and_then(|(count, state)| match state {
            // What waits to be started again has its newest start in its last state.
            State::Running | State::Ended if previous => count.checked_sub(1),
            _ => Some(count),
        });
        Source { pod: id.clone(), restart, container }
    };
    Ok(chosen.into_iter().map(source).collect())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Ended,
    Waiting,
}

/// A container's restart count and what it does now, as its status says.
fn state_of(pod: &Value, container: &str) -> Option<(u32, State)> {
    let lists = ["/status/containerStatuses", "/status/initContainerStatuses"].map(|place| list(pod, place));
    let status = lists.into_iter().flatten().find(|status| text(status, "name") == container)?;
    let state = if status.pointer("/state/running").is_some() {
        State::Running
    } else if status.pointer("/state/terminated").is_some() {
        State::Ended
    } else {
        State::Waiting
    };
    Some((u32::try_from(int(status, "restartCount")?).ok()?, state))
}

fn request(call: &Call, source: &Source, selected: bool) -> Result<Request, Failure> {
    let mut request = call.request(Verb::Get, targets::kind("pods")?);
    request.namespace = Some(source.pod.namespace.clone());
    request.name = Some(source.pod.name.clone());
    request.subresource = Some("log".into());
    request.query.container = source.container.clone();
    request.query.previous = call.given.on("previous");
    if let Some(since) = call.given.value("since") {
        let span = Span::parse(since).filter(|s| s.0 > 0);
        let span = span.ok_or_else(|| {
            misuse(
                call.verb,
                &format!("invalid argument {since:?} for \"--since\" flag: time: invalid duration {since:?}"),
            )
        })?;
        request.query.since_seconds = Some((span.0 + 999) / 1_000);
    }
    if let Some(since) = call.given.value("since-time") {
        if Time::parse(since).is_none() {
            return Err(Failure::error(format!(
                "invalid argument {since:?} for \"--since-time\" flag: must be RFC 3339"
            )));
        }
        request.query.since_time = since.to_string();
    }
    request.query.tail_lines = match call.given.value("tail").map(str::parse::<i64>) {
        Some(Ok(n)) if n >= 0 => Some(n.unsigned_abs()),
        Some(Ok(_)) => None,
        Some(Err(_)) => {
            let word = call.given.text("tail");
            let why = format!("strconv.ParseInt: parsing {word:?}: invalid syntax");
            return Err(misuse(call.verb, &format!("invalid argument {word:?} for \"--tail\" flag: {why}")));
        }
        None if selected => Some(SELECTED_TAIL),
        None => None,
    };
    Ok(request)
}

fn read(call: &mut Call, request: &Request) -> Result<(Vec<Record>, Vocabulary), Failure> {
    match call.send(request)?.body {
        Body::Log(records, words) => Ok((records, words)),
        _ => Ok(Default::default()),
    }
}

/// The time that was really looked at: from the first line if some were cut off, else from where the log begins.
fn cover(call: &mut Call, source: &Source, request: &Request, (records, words): (&[Record], Vocabulary)) {
    let query = &request.query;
    let asked = query.since_seconds.map(|s| call.now() - Span::secs(s)).or(Time::parse(&query.since_time));
    let cut = query.tail_lines.is_some_and(|n| records.len() as u64 >= n);
    let from = match (cut, records.first()) {
        (true, Some(first)) => first.at,
        (true, None) => call.now(),
        (false, _) => asked.unwrap_or(Time(0)),
    };
    call.covers(Coverage::Log {
        namespace: source.pod.namespace.clone(),
        pod: source.pod.name.clone(),
        container: source.container.clone(),
        restart: source.restart,
        from,
        to: call.now(),
        words,
    });
}

/// How lines look: with times, with where they come from.
#[derive(Clone, Copy)]
struct Style {
    stamps: bool,
    prefix: bool,
}

impl Style {
    fn of(call: &Call, _sources: &[Source]) -> Style {
        Style { stamps: call.given.on("timestamps"), prefix: call.given.on("prefix") || call.given.on("all-pods") }
    }

    fn line(self, record: &Record, pod: &ObjectId) -> Line {
        let mut line = Line::default();
        let mut text = String::new();
        if self.prefix {
            text.push_str(&format!("[pod/{}/{}] ", record.pod, record.container));
        }
        if self.stamps {
            text.push_str(&stamp(record.at));
            text.push(' ');
        }
        line.push(&text);
        line.push_fact(&record.text, &Arc::new(log_fact(record, pod)));
        line
    }
}

/// RFC 3339 with nanoseconds, as the container runtime writes it.
fn stamp(at: Time) -> String {
    let micros = at.rfc3339_micros();
    format!("{}000Z", micros.trim_end_matches('Z'))
}

/// What a record says.
pub fn log_fact(record: &Record, pod: &ObjectId) -> Fact {
    Fact::Log {
        pod: pod.clone(),
        container: record.container.to_string(),
        restart: record.restart,
        at: record.at,
        level: record.level.to_string(),
        template: record.template.to_string(),
        fields: record.fields.iter().map(|(k, v)| (k.to_string(), v.clone())).collect(),
    }
}

/// Where a followed log goes on: the last time seen and how many records had it.
fn cursor_of(source: &Source, records: &[Record], now: Time) -> Value {
    let last = records.last().map_or(now.0, |r| r.at.0);
    let same = records.iter().rev().take_while(|r| r.at.0 == last).count();
    json!({"pod": source.pod, "container": source.container, "restart": source.restart, "last": last, "same": same})
}

/// How a followed start is still to be read: as the current log or as the previous one, and whether it has ended. `None`
/// if it is out of reach.
fn follow(call: &mut Call, source: &Source) -> Option<(bool, bool)> {
    let row = targets::kind("pods").ok()?;
    let mut ask = call.request(Verb::Get, row);
    ask.namespace = Some(source.pod.namespace.clone());
    ask.name = Some(source.pod.name.clone());
    let pod = call.fetch(&ask).ok().filter(|pod| text(pod, "/metadata/uid") == source.pod.uid)?;
    let (count, state) = state_of(&pod, &source.container)?;
    let followed = source.restart?;
    match (count.checked_sub(followed)?, state) {
        (0, state) => Some((false, state != State::Running)),
        (1, State::Running | State::Ended) => Some((true, true)),
        _ => None,
    }
}

/// Feeds `logs -f`: what was written since. A stream ends with its container, as the runtime's does; the next start is
/// another log.
pub fn poll(world: &mut World, session: &mut Session, standing: &mut Standing) -> Output {
    let cursor = standing.cursor.clone();
    let mut call = super::call_for(world, session, "logs");
    standing.next = call.now() + FOLLOW_EVERY;
    let style = Style {
        stamps: get(&cursor, "stamps").and_then(Value::as_bool).unwrap_or(false),
        prefix: get(&cursor, "prefix").and_then(Value::as_bool).unwrap_or(false),
    };
    let mut alive = false;
    let open = |followed: &&Value| !followed.get("ended").and_then(Value::as_bool).unwrap_or(false);
    for (i, followed) in list(&cursor, "sources").iter().enumerate().filter(|(_, followed)| open(followed)) {
        let pod: ObjectId =
            followed.get("pod").and_then(|p| serde_json::from_value(p.clone()).ok()).unwrap_or_default();
        let restart = int(followed, "restart").and_then(|n| u32::try_from(n).ok());
        let source = Source { pod, container: text(followed, "container").to_string(), restart };
        let Some((previous, ended)) = follow(&mut call, &source) else { continue };
        standing.cursor["sources"][i]["ended"] = json!(ended);
        let last = Time(int(followed, "last").unwrap_or(-1));
        let Ok(mut request) = request(&call, &source, false) else { continue };
        if last.0 >= 0 {
            request.query.since_time = last.rfc3339_millis();
        }
        request.query.previous = previous;
        let Ok((records, _)) = read(&mut call, &request) else { continue };
        alive |= !ended;
        let skip = usize::try_from(int(followed, "same").unwrap_or(0)).unwrap_or(0);
        let fresh: Vec<&Record> = {
            let mut at_last = 0;
            records
                .iter()
                .filter(|r| {
                    at_last += usize::from(r.at == last);
                    r.at > last || (r.at == last && at_last > skip)
                })
                .collect()
        };
        call.out.lines.extend(fresh.iter().map(|r| style.line(r, &source.pod)));
        if let Some(newest) = records.last().filter(|r| r.at >= last) {
            let same = records.iter().rev().take_while(|r| r.at == newest.at).count();
            standing.cursor["sources"][i]["last"] = json!(newest.at.0);
            standing.cursor["sources"][i]["same"] = json!(same);
        }
    }
    standing.done = !alive;
    call.out
}
