//! Reads what an estate says of its programs' work into typed specs. Does not know what anything does.

use super::super::dial::{self, spec::Dial};
use super::super::lower::{Problem, Reader};
use super::super::spec::{AppSpec, Estate, IndicatorSpec};
use super::spec::*;
use crate::stdx::suggest;
use crate::stdx::time::Span;
use crate::world::ledger;
use crate::world::partners;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Messages that one order may lead to.
const COUNT_MAX: u64 = 200;
/// Polling workers of one process.
const WORKERS_MAX: u64 = 50;

pub(in crate::world::apps) fn partner(r: &mut Reader) -> partners::Spec {
    partners::Spec {
        host: r.text("host"),
        ip: r.text("ip"),
        port: r.whole("port").map_or(443, |port| port.clamp(1, 65_535) as u16),
        mood: partners::Mood {
            takes: r.span("takes").unwrap_or(Span::millis(100)),
            jitter: r.span("jitter").unwrap_or(Span::ZERO),
            fails: r.whole("fails").unwrap_or(0).min(1_000),
            ..partners::Mood::default()
        },
    }
}

/// Consumers, endpoints and subscriptions of an app or a release.
pub(in crate::world::apps) fn work(r: &mut Reader) -> Work {
    let mut work = Work::default();
    r.named("consumers", consumer, |name, read| {
        let name: Arc<str> = Arc::from(name);
        work.consumers.insert(Arc::clone(&name), Arc::new(Consumer { name, ..read }));
    });
    r.named("dials", dial::lower::dial, |name, read| {
        let name: Arc<str> = Arc::from(name);
        work.dials.insert(Arc::clone(&name), Arc::new(Dial { name, ..read }));
    });
    r.named("endpoints", endpoint, |name, read| drop(work.endpoints.insert(name.to_string(), read)));
    r.named("subscribes", subscribe, |name, read| drop(work.subscribes.insert(name.to_string(), read)));
    work
}

fn arcs(texts: Vec<String>) -> Vec<Arc<str>> {
    texts.into_iter().map(Arc::from).collect()
}

pub(in crate::world::apps) fn effect(r: &mut Reader) -> Option<Effect> {
    let is = r.text("is");
    let only = Only {
        env: r.named_texts("when_env"),
        flag: r.text("when_flag"),
        unless_flag: r.text("unless_flag"),
        traits: arcs(r.texts("traits")),
    };
    let letter = Letter {
        attributes: r.named_texts("attributes").into_iter().map(|(key, value)| (Arc::from(key), value)).collect(),
        types: r.named_texts("types"),
        by_trait: r.named_sets("by_trait"),
        members: r.named_sets("members"),
        wrapped: r.yes("wrapped"),
    };
    let files = Files {
        group: r.text("group"),
        dedup: r.text("dedup"),
        count: r.whole("count").unwrap_or(1).clamp(1, COUNT_MAX),
        batch_env: r.text("batch_env"),
        batch_flag: r.text("batch_flag"),
    };
    let tries = Tries {
        attempts: r.whole("attempts").unwrap_or(1).clamp(1, 20),
        retries_env: r.text("retries_env"),
        backoff: r.span("backoff").unwrap_or(Span::secs(1)),
        timeout: r.span("timeout").unwrap_or(Span::secs(2)),
        doubles: r.whole("doubles").unwrap_or(0).min(1_000),
    };
    let (topic, queue, service, route) = (r.text("topic"), r.text("queue"), r.service("service"), r.text("route"));
    let does = match (is.as_str(), service) {
        ("order", _) => Does::Order,
        ("publish", _) if !topic.is_empty() => Does::Publish { topic, letter, tries },
        ("send", _) if !queue.is_empty() => Does::Send { queue, letter, files, tries },
        ("notify", Some((namespace, service))) => Does::Notify { namespace, service, route, tries },
        ("notify" | "publish" | "send", _) => {
            r.problem("is", format!("`{is}` needs to be told where to: topic, queue, or service and route"), None);
            return None;
        }
        _ => {
            let hint = suggest::nearest(&is, ["notify", "order", "publish", "send"]);
            r.problem("is", format!("no effect is called `{is}`"), hint.map(|near| format!("did you mean `{near}`?")));
            return None;
        }
    };
    let name = r.name("name").unwrap_or_else(|| Arc::from(is));
    Some(Effect { name, only, does, line: r.name("line"), failed_line: r.name("failed_line") })
}

/// An effect of a release, with the route it follows.
pub(in crate::world::apps) fn effect_of(r: &mut Reader) -> Option<(String, Effect)> {
    let route = r.text("on");
    if route.is_empty() {
        r.problem("", "a release's effect says which route it is `on`".into(), None);
        return None;
    }
    effect(r).map(|effect| (route, effect))
}

fn consumer(r: &mut Reader) -> Consumer {
    let deletes = match r.text("deletes").as_str() {
        "before" => Deletes::Before,
        "" | "after" => Deletes::After,
        "together" => Deletes::Together,
        other => {
            r.problem("deletes", format!("`{other}` is not a moment"), Some("after, before, together".into()));
            Deletes::After
        }
    };
    Consumer {
        name: Arc::from(""),
        only: Only { env: r.named_texts("when_env"), ..Only::default() },
        queue: r.text("queue"),
        batch: r.whole("batch").unwrap_or(10).clamp(1, 10),
        batch_env: r.text("batch_env"),
        wait: waits(r),
        workers: r.whole("workers").unwrap_or(1).clamp(1, WORKERS_MAX),
        pace: Pace {
            takes: r.span("takes").unwrap_or(Span::millis(50)),
            jitter: r.span("jitter").unwrap_or(Span::ZERO),
            by_trait: r.named_spans("slow"),
            calls: r.name("calls"),
            calls_env: r.text("calls_env"),
            mails: Some(Mails {
                sender: r.text("mail_from_env"),
                region: r.text("mail_region_env"),
                set: r.text("mail_set_env"),
            })
            .filter(|mails| !mails.sender.is_empty()),
        },
        deletes,
        in_order: r.yes("in_order"),
        retry_after: r.span("retry_after"),
        writes: Writes {
            tables: arcs(r.texts("writes")),
            unique: r.yes("unique"),
            unique_env: r.text("unique_env"),
            per_order: r.whole("rows_per_order").unwrap_or(1).clamp(1, COUNT_MAX) as u32,
        },
        lines: Lines {
            done: r.name("line"),
            again: r.name("again_line"),
            failed: r.name("failed_line"),
            receive: r.name("receive_line"),
        },
        rules: r.tables("rules", refusal).into_iter().flatten().collect(),
    }
}

/// The longest that SQS lets a receive wait (SQS API Reference, ReceiveMessage: 20 seconds); what a consumer asks for that
/// is not described otherwise.
const LONG_POLL: Span = Span::secs(20);

fn waits(r: &mut Reader) -> Option<Span> {
    match r.text("wait").as_str() {
        "" => Some(LONG_POLL),
        "queue" => None,
        text => {
            let span = Span::parse(text).filter(|span| (Span::ZERO..=LONG_POLL).contains(span));
            if span.is_none() {
                r.problem("wait", format!("`{text}` is neither 0s to 20s nor `queue`"), None);
            }
            span
        }
    }
}

fn refusal(r: &mut Reader) -> Option<Refusal> {
    let word = r.text("when");
    let (name, per_mille) = (r.text("trait"), r.whole("per_mille").unwrap_or(0));
    let (action, key, traits) = (r.text("action"), r.text("key"), arcs(r.texts("traits")));
    let when = match word.as_str() {
        "key-denied" => RefusalWhen::KeyDenied { action, key, traits },
        "partner-failed" => RefusalWhen::PartnerFailed,
        "share" => RefusalWhen::Share { per_mille },
        "trait" => RefusalWhen::Trait { name: Arc::from(name) },
        _ => {
            let hint = suggest::nearest(&word, REFUSALS.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            r.problem("when", format!("no condition is called `{word}`"), hint);
            return None;
        }
    };
    let error = r.text("error");
    let reason = r.name("reason").unwrap_or_else(|| Arc::from(word));
    Some(Refusal { when, error: Arc::from(error), reason, line: r.name("line") })
}

fn endpoint(r: &mut Reader) -> Endpoint {
    let (namespace, service) = r.service("service").unwrap_or_default();
    Endpoint { address: address(&r.text("url")).to_string(), namespace, service, route: r.text("route") }
}

/// Host and path of a URL.
pub fn address(url: &str) -> &str {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    bare.split(['?', '#']).next().unwrap_or(bare)
}

fn subscribe(r: &mut Reader) -> Subscribe {
    Subscribe {
        topic: r.text("topic"),
        endpoint: r.text("endpoint"),
        only: Only { env: r.named_texts("when_env"), ..Only::default() },
        line: r.name("line"),
        failed_line: r.name("failed_line"),
    }
}

/// What only the whole estate can tell: which streams have effects, which traits there are, and names that must exist
/// elsewhere.
pub fn survey(estate: &mut Estate, problems: &mut Vec<Problem>) {
    let all: Vec<&Arc<AppSpec>> =
        estate.apps.values().flat_map(|app| std::iter::once(app).chain(app.releases.values())).collect();
    let fed = |start: &str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![start.to_string()]);
        while let Some(name) = next.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            for route in all.iter().filter_map(|app| app.routes.get(&name)) {
                if !route.effects.is_empty() {
                    return true;
                }
                next.extend(route.calls.iter().map(|call| call.route.clone()));
            }
        }
        false
    };
    let streams = estate.streams.iter().filter(|(_, stream)| fed(&stream.route));
    let fed: Vec<String> = streams.map(|(name, _)| name.clone()).collect();
    let traits: BTreeSet<Arc<str>> =
        estate.streams.values().flat_map(|stream| stream.traits.keys()).map(|name| Arc::from(name.as_str())).collect();
    if traits.len() > ledger::TRAITS_MAX {
        let say = format!("{} traits; at most {}", traits.len(), ledger::TRAITS_MAX);
        problems.push(Problem { path: vec!["streams".into()], say, hint: None });
    }
    for (name, app) in &estate.apps {
        lines(name, app, problems);
        for (tag, release) in &app.releases {
            let mut found = Vec::new();
            lines(name, release, &mut found);
            found.retain(|problem| !problems.contains(problem));
            found.iter_mut().for_each(|problem| {
                problem.path.splice(2..2, ["releases".to_string(), tag.clone()]);
            });
            problems.extend(found);
        }
        for dial in app.work.iter().flat_map(|work| work.dials.values()) {
            if !estate.partners.contains_key(&*dial.partner) {
                let path = ["apps", name, "dials", &dial.name, "partner"].map(str::to_string).to_vec();
                problems.push(missing(path, "partner", &dial.partner, estate.partners.keys().map(String::as_str)));
            }
        }
        for consumer in app.work.iter().flat_map(|work| work.consumers.values()) {
            if let Some(partner) = consumer.pace.calls.as_ref().filter(|name| !estate.partners.contains_key(&***name)) {
                let path = ["apps", name, "consumers", &consumer.name, "calls"].map(str::to_string).to_vec();
                problems.push(missing(path, "partner", partner, estate.partners.keys().map(String::as_str)));
            }
        }
    }
    for (name, indicator) in &estate.indicators {
        if let IndicatorSpec::Written { of_trait, .. } = indicator
            && !of_trait.is_empty()
            && !traits.contains(of_trait.as_str())
        {
            let path = ["indicators", name, "trait"].map(str::to_string).to_vec();
            problems.push(missing(path, "trait", of_trait, traits.iter().map(|name| &**name)));
        }
    }
    (estate.fed, estate.traits) = (fed, traits.into_iter().collect());
}

fn missing<'a>(path: Vec<String>, what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    let hint = suggest::nearest(name, known).map(|near| format!("did you mean `{near}`?"));
    Problem { path, say: format!("there is no {what} `{name}`"), hint }
}

/// Lines and consumers that an app's work names must be the app's.
fn lines(name: &str, app: &AppSpec, problems: &mut Vec<Problem>) {
    let known = || app.lines.keys().map(AsRef::as_ref);
    let at = |rest: &[&str]| ["apps", name].iter().chain(rest).map(|step| step.to_string()).collect::<Vec<_>>();
    let mut check = |path: &[&str], line: &Option<Arc<str>>| {
        if let Some(line) = line.as_ref().filter(|line| !app.lines.contains_key(*line)) {
            problems.push(missing(at(path), "line", line, known()));
        }
    };
    for (route_name, route) in &app.routes {
        for effect in &route.effects {
            check(&["routes", route_name, "effects"], &effect.line);
            check(&["routes", route_name, "effects"], &effect.failed_line);
        }
    }
    for (consumer, spec) in app.work.iter().flat_map(|work| &work.consumers) {
        let own = [&spec.lines.done, &spec.lines.again, &spec.lines.failed, &spec.lines.receive];
        own.into_iter().chain(spec.rules.iter().map(|rule| &rule.line)).for_each(|line| {
            check(&["consumers", consumer], line);
        });
    }
    for (subscribe, spec) in app.work.iter().flat_map(|work| &work.subscribes) {
        check(&["subscribes", subscribe], &spec.line);
        check(&["subscribes", subscribe], &spec.failed_line);
    }
    for (route_name, route) in &app.routes {
        let consumer = |work: &Arc<str>| app.work.iter().any(|all| all.consumers.contains_key(work));
        if let Some(work) = route.work.as_ref().filter(|work| !consumer(work)) {
            let known = app.work.iter().flat_map(|work| work.consumers.keys()).map(|name| &**name);
            problems.push(missing(at(&["routes", route_name, "work"]), "consumer", work, known));
        }
        let dial = |name: &Arc<str>| app.work.iter().any(|all| all.dials.contains_key(name));
        if let Some(name) = route.dials.as_ref().filter(|name| !dial(name)) {
            let known = app.work.iter().flat_map(|work| work.dials.keys()).map(|name| &**name);
            problems.push(missing(at(&["routes", route_name, "dials"]), "dial", name, known));
        }
    }
}
