//! `kubectl logs` of a living case: what it shows agrees with what `describe` says of the container's starts, a followed log
//! loses and repeats nothing, and a search in it proves an absence only with the program's own words.

use std::sync::Arc;
use whodunit::case::absence;
use whodunit::console::page::{Output, Page, Stream};
use whodunit::console::session::Session;
use whodunit::console::{self, Ran};
use whodunit::scenario::shape::{Case, Clue, Pattern};
use whodunit::scenario::{self};
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;

/// A shell in the namespace of a case's shop.
struct Desk {
    case: Arc<Case>,
    world: World,
    session: Session,
}

impl Desk {
    fn new(slug: &str) -> Desk {
        let pack = scenario::find(slug).expect("the case");
        let (case, stage) =
            scenario::cast(&pack, "A", 7).unwrap_or_else(|wrong| panic!("{}", scenario::render(&wrong)));
        let session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
        Desk { case: case.into(), world: stage.world, session }
    }

    fn run(&mut self, line: &str) -> Ran {
        console::run(&mut self.world, &mut self.session, line)
    }

    /// The lines on standard output, and the exit code.
    fn say(&mut self, line: &str) -> (Vec<String>, i32) {
        let ran = self.run(line);
        (out(&ran.output), ran.output.code)
    }

    fn later(&mut self, span: Span) {
        let until = self.world.now + span;
        self.world.advance_to(until);
    }

    /// The pods of an app, the youngest first.
    fn pods(&mut self, app: &str) -> Vec<String> {
        let line = format!(
            "kubectl get pods -l app={app} --sort-by=.metadata.creationTimestamp -o jsonpath='{{range .items[*]}}{{.metadata.name}}{{\"\\n\"}}{{end}}'"
        );
        self.say(&line).0.into_iter().rev().collect()
    }

    fn field(&mut self, pod: &str, path: &str) -> Option<String> {
        let (lines, _) =
            self.say(&format!("kubectl get pod {pod} -o jsonpath='{{.status.containerStatuses[0].{path}}}'"));
        lines.first().filter(|text| !text.is_empty()).cloned()
    }
}

fn out(output: &Output) -> Vec<String> {
    output.lines.iter().filter(|line| line.stream == Stream::Out).map(|line| line.text.clone()).collect()
}

/// Programs write their first line so long after they were started.
const FIRST_LINE: Span = Span(120);

/// Whether a log begins with the start that a status names (in whole seconds).
fn begins_with(log: &[String], started: &str) -> bool {
    let first = log.first().and_then(|line| Time::parse(line.split(' ').next()?));
    let started = Time::parse(started).expect("a time");
    first.is_some_and(|first| (0..1_000).contains(&(first - FIRST_LINE - started).0))
}

#[test]
fn a_crash_loop_shows_the_starts_that_its_status_names() {
    let mut desk = Desk::new("the-pod-that-would-not-stay-up");
    let old = desk.pods("storefront").into_iter().next().expect("a pod of the new release");
    desk.say(&format!("kubectl delete pod {old} --wait=false"));
    desk.later(Span::secs(1));
    let pod = desk.pods("storefront").into_iter().next().expect("its successor");
    assert_ne!(pod, old);
    let mut seen = [0_u32; 3];
    // Waiting shows only in the longer gaps: a status lags by one sync.
    for _ in 0..420 {
        desk.later(Span::secs(1));
        let running = desk.field(&pod, "state.running.startedAt");
        let ended = desk.field(&pod, "state.terminated.startedAt");
        let last = desk.field(&pod, "lastState.terminated.startedAt");
        let at = desk.world.now.rfc3339();
        let (plain, code) = desk.say(&format!("kubectl logs {pod}"));
        let (before, missing) = desk.say(&format!("kubectl logs {pod} --previous"));
        let shown = running.clone().or(ended.clone()).or(last.clone());
        match &shown {
            // A process that has only just begun has not written yet.
            Some(_) if plain.is_empty() && running.is_some() => {}
            Some(started) => assert!(begins_with(&plain, started), "{at}: {started} but {plain:?}"),
            None => assert_eq!(code, 1, "{at}: a log of nothing: {plain:?}"),
        }
        match &last {
            Some(started) => assert!(begins_with(&before, started), "{at}: {started} but {before:?}"),
            None => assert_eq!(missing, 1, "{at}: a previous log of nothing: {before:?}"),
        }
        if let Some(started) = &last {
            let said = Time::parse(started).and_then(|t| t.format("%a, %d %b %Y %H:%M:%S +0000")).expect("a time");
            let (page, _) = desk.say(&format!("kubectl describe pod {pod}"));
            let from = page.iter().position(|line| line.trim_start().starts_with("Last State:")).expect("a last state");
            assert!(page[from..from + 5].iter().any(|line| line.contains(&said)), "{at}: {said} is not in describe");
        }
        seen[usize::from(running.is_none()) + usize::from(running.is_none() && ended.is_none())] += 1;
    }
    assert!(seen.iter().all(|count| *count > 0), "running, terminated, waiting: {seen:?}");
}

#[test]
fn a_followed_log_loses_and_repeats_nothing() {
    let mut desk = Desk::new("the-car-that-hated-vanilla");
    let pod = desk.pods("checkout").into_iter().next().expect("a pod");
    let began = desk.world.now;
    let ran = desk.run(&format!("kubectl logs -f {pod} --tail=3"));
    let mut followed = out(&ran.output);
    assert_eq!(followed.len(), 3);
    let mut standing = ran.standing.expect("it goes on");
    for _ in 0..300 {
        let next = standing.next;
        desk.world.advance_to(next);
        followed.extend(out(&console::poll(&mut desk.world, &mut desk.session, &mut standing)));
    }
    let (whole, _) = desk.say(&format!("kubectl logs {pod} --tail={}", followed.len()));
    assert!(followed.len() > 10, "{} lines in {:?}", followed.len(), desk.world.now - began);
    assert_eq!(followed, whole);
}

#[test]
fn a_followed_log_ends_with_its_container() {
    let mut desk = Desk::new("the-pod-that-would-not-stay-up");
    let pods = desk.pods("storefront");
    let running = pods.iter().find(|pod| {
        desk.field(pod, "ready").as_deref() == Some("false") && desk.field(pod, "state.running.startedAt").is_some()
    });
    let pod = running.expect("one that has just been started again").clone();
    let ran = desk.run(&format!("kubectl logs -f {pod} --tail=0"));
    assert!(out(&ran.output).is_empty());
    let mut standing = ran.standing.expect("it goes on");
    let mut followed = Vec::new();
    for _ in 0..60 {
        if standing.done {
            break;
        }
        let next = standing.next;
        desk.world.advance_to(next);
        followed.extend(out(&console::poll(&mut desk.world, &mut desk.session, &mut standing)));
    }
    assert!(standing.done, "the container has ended: {followed:?}");
    assert_eq!(followed.len(), 1, "its last words and nothing of the next start: {followed:?}");
    assert!(followed[0].contains("FATAL"), "{followed:?}");
    // Of one that waits there is nothing to follow.
    let waiting =
        pods.iter().find(|pod| desk.field(pod, "state.waiting.reason").is_some()).expect("one that waits").clone();
    let ran = desk.run(&format!("kubectl logs -f {waiting} --tail=1"));
    let mut standing = ran.standing.expect("asked once more");
    assert_eq!(out(&ran.output).len(), 1);
    let next = standing.next;
    desk.world.advance_to(next);
    assert!(out(&console::poll(&mut desk.world, &mut desk.session, &mut standing)).is_empty() && standing.done);
}

#[test]
fn a_search_proves_an_absence_with_the_programs_own_words_only() {
    let mut desk = Desk::new("the-pod-that-would-not-stay-up");
    let healthy = desk.pods("storefront").into_iter().last().expect("a pod of the old release");
    let clue = Clue {
        pattern: Pattern { family: "log".into(), path: "config".into(), ..Pattern::default() },
        absent: true,
        ..Clue::default()
    };
    let command = format!("kubectl logs {healthy}");
    for (rest, proves) in [
        ("", true),
        (" | grep 'configuration error'", true),
        (" | grep -i fatal | head -5", true),
        (" 2>&1 | grep -c .", false),
        (" | grep config-empty-names", false),
        (" | grep 'exit 78'", false),
        (" | grep 'no such words'", false),
        (" | grep -v 'configuration error'", false),
    ] {
        let line = format!("{command}{rest}");
        let output = desk.run(&line).output;
        let page = Page { id: 1, seat: 0, at: desk.world.now, prompt: String::new(), command: line.clone(), output };
        assert_eq!(absence::proven(&desk.case, &page, &clue.pattern), proves, "{line}");
    }
}
