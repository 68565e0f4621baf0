//! How simulated time passes in a run: commands are charged and run, pipelines that go on printing are fed, messages
//! arrive. Does not know what a page proves beyond handing it to the evidence.

use super::act::Act;
use super::changes::{self, Look};
use super::notice::say;
use super::run::{Clock, Outcome, Run};
use super::team::{self, shell};
use crate::case::score::log::What;
use crate::console;
use crate::console::fact::Fact;
use crate::console::page::{Line, Output, Page};
use crate::console::session::Standing;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;

/// A blocking command is interrupted after so long: `rollout status` of a rollout that never ends.
pub const BLOCKING_MAX: Span = Span::mins(30);
/// The longest single wait.
pub const WAIT_MAX: Span = Span::hours(24);
/// Pipelines of one seat that go on printing, at most.
pub const STANDING_MAX: usize = 8;
/// A page that goes on printing holds at most so many lines; then its pipeline is ended.
pub const STANDING_LINES_MAX: usize = 20_000;
/// A pipeline that wants to be asked again at once is asked after so long.
const FEED_EVERY_MIN: Span = Span::millis(100);
/// A pipeline through stages has them see everything again each time: after so many times it is asked less often.
const STAGED_FEEDS_MAX: u32 = 600;
/// How often it is asked then.
const STAGED_EVERY_MIN: Span = Span::secs(10);

/// A value of the indicator that is older says nothing of now: the step of a chart over five hours, at sixty points.
const CURRENT: Span = Span::mins(5);

pub fn act(run: &mut Run, seat: u16, act: &Act) -> Outcome {
    match act {
        Act::Run { line } => command(run, seat, line),
        Act::Wait { span } => wait(run, *span),
        Act::Clock { to } => tick(run, *to),
        Act::Leave { standing } => leave(run, seat, *standing),
        // No other act passes time.
        _ => Outcome { refused: true, ..Outcome::default() },
    }
}

fn wait(run: &mut Run, span: Span) -> Outcome {
    if run.clock == Clock::Live {
        return Outcome::refusal("notice.the-clock-runs-by-itself-in");
    }
    if span <= Span::ZERO || span > WAIT_MAX {
        return Outcome::refusal("notice.wait-for-more-than-nothing-and");
    }
    advance(run, run.now() + span);
    Outcome::default()
}

fn tick(run: &mut Run, to: Span) -> Outcome {
    if run.clock == Clock::Turn {
        return Outcome::refusal("notice.time-passes-only-by-acts-in");
    }
    let until = run.case.drill.page_at + to;
    if until <= run.now() || until - run.now() > WAIT_MAX {
        return Outcome::refusal("notice.the-clock-only-goes-forward-by");
    }
    advance(run, until);
    Outcome::default()
}

fn leave(run: &mut Run, seat: u16, id: u32) -> Outcome {
    let owner = owner(run, id);
    // What somebody left behind who has no shell any more may be ended by whoever has one.
    if owner != seat && team::rights::allows(run, owner, team::Deed::Shell) {
        return Outcome::refusal(say("notice.that-pipeline-is-of").with("name", run.team.name(owner)));
    }
    let Some(at) = run.standing.iter().position(|(page, _)| *page == id) else {
        return Outcome::refusal(say("notice.no-pipeline-goes-on-printing").with("id", id));
    };
    let (page, standing) = run.standing.remove(at);
    let output = console::interrupt(&mut run.stage.world, shell(&mut run.session, &mut run.team, owner), standing);
    append(run, page, output);
    Outcome { page: Some(page), ..Outcome::default() }
}

/// The span of a line `wait 5m`; a bare number would be a process.
pub(super) fn waited(line: &str) -> Option<Span> {
    let span = line.trim().strip_prefix("wait ")?.trim();
    Span::parse(span).filter(|_| !span.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Runs one line of the shell.
pub(super) fn command(run: &mut Run, seat: u16, line: &str) -> Outcome {
    // A shell has no jobs here to wait for: `wait 5m` lets time pass wherever it is typed.
    if let Some(span) = waited(line) {
        return wait(run, span);
    }
    let cost = console::cost(&run.stage.world, run.session_of(seat), line);
    if run.clock == Clock::Turn {
        let until = run.now() + Span(cost.0.clamp(0, WAIT_MAX.0));
        advance(run, until);
    }
    let session = shell(&mut run.session, &mut run.team, seat);
    let prompt = format!("{}$ ", session.namespace);
    let ran = console::run(&mut run.stage.world, session, line);
    let id = run.pages.len() as u32 + 1;
    let at = run.now();
    run.pages.push(Page { id, seat, at, prompt, command: line.to_string(), output: ran.output });
    let mut outcome = Outcome { page: Some(id), ..Outcome::default() };
    let going = match ran.standing {
        Some(standing) if standing.blocking && run.clock == Clock::Turn => block(run, seat, id, standing),
        going => going,
    };
    match going {
        Some(standing) if standing_of(run, seat) >= STANDING_MAX => {
            let shell = shell(&mut run.session, &mut run.team, seat);
            let output = console::interrupt(&mut run.stage.world, shell, standing);
            append(run, id, output);
            outcome.notice =
                Some(say("notice.pipelines-go-on-printing-already-leave").with("max", STANDING_MAX).into());
        }
        Some(standing) => run.standing.push((id, standing)),
        None => {}
    }
    read(run, id);
    changes::after(run, line, id, cost);
    outcome
}

/// Whose shell a pipeline prints from.
fn owner(run: &Run, page: u32) -> u16 {
    run.page(page).map_or(0, |page| page.seat)
}

/// Pipelines of one seat that go on printing.
fn standing_of(run: &Run, seat: u16) -> usize {
    run.standing.iter().filter(|(page, _)| owner(run, *page) == seat).count()
}

/// Turn clock: a blocking command costs until it is done. What follows it on its line may go on without blocking
/// (`sleep 2; kubectl get pods -w`): that is given back.
fn block(run: &mut Run, seat: u16, page: u32, mut standing: Standing) -> Option<Standing> {
    let limit = run.now() + BLOCKING_MAX;
    while !standing.done {
        if !standing.blocking {
            return Some(standing);
        }
        let next = standing.next.max(run.now() + Span::millis(1));
        if next > limit {
            advance(run, limit);
            let shell = shell(&mut run.session, &mut run.team, seat);
            let output = console::interrupt(&mut run.stage.world, shell, standing);
            append(run, page, output);
            append(run, page, remark("interrupted: it was still waiting after 30 minutes"));
            return None;
        }
        advance(run, next);
        let shell = shell(&mut run.session, &mut run.team, seat);
        let output = console::poll(&mut run.stage.world, shell, &mut standing);
        append(run, page, output);
    }
    None
}

fn remark(text: &str) -> Output {
    Output { lines: vec![Line::hint(text)], code: 130, ..Output::default() }
}

/// Moves the world to `until` and feeds what stands on the way there, each pipeline exactly when it asks for it: what is
/// seen does not depend on how the waiting is cut.
pub fn advance(run: &mut Run, until: Time) {
    while run.now() < until {
        let asked = run.standing.iter().map(|(_, standing)| standing.next).min().unwrap_or(until);
        let asked = team::inject::next_look(run).map_or(asked, |look| look.min(asked));
        let step = asked.max(run.now() + Span::millis(1)).min(until);
        run.stage.advance_to(step);
        feed(run);
        team::inject::notice(run);
    }
    run.receive();
}

/// Asks every standing pipeline that wants to be asked what it has to print.
fn feed(run: &mut Run) {
    let now = run.now();
    let mut standing = std::mem::take(&mut run.standing);
    standing.retain_mut(|(page, pipeline)| {
        if pipeline.next > now {
            return true;
        }
        let seat = owner(run, *page);
        let output = console::poll(&mut run.stage.world, shell(&mut run.session, &mut run.team, seat), pipeline);
        let look = Look::of(&output);
        append(run, *page, output);
        // What it runs, or what followed it on its line, may have changed something.
        changes::weigh(run, seat, &pipeline.line, look);
        if pipeline.done {
            return false;
        }
        pipeline.feeds = pipeline.feeds.saturating_add(1);
        let worn = !pipeline.stages.is_empty() && pipeline.feeds > STAGED_FEEDS_MAX;
        pipeline.next = pipeline.next.max(now + if worn { STAGED_EVERY_MIN } else { FEED_EVERY_MIN });
        let full = run.page(*page).is_some_and(|page| page.output.lines.len() >= STANDING_LINES_MAX);
        if full {
            append(run, *page, remark("ended: a page holds 20,000 lines"));
        }
        !full
    });
    run.standing = standing;
}

/// Adds what was printed to its page and looks at it.
fn append(run: &mut Run, page: u32, output: Output) {
    let Some(own) = (page as usize).checked_sub(1).and_then(|at| run.pages.get_mut(at)) else { return };
    own.output.code = output.code;
    if output.lines.is_empty() && output.coverage.is_empty() {
        return;
    }
    own.output.lines.extend(output.lines);
    own.output.coverage.extend(output.coverage);
    read(run, page);
}

/// What a page shows is known to the evidence as soon as it is printed.
pub(super) fn read(run: &mut Run, id: u32) {
    let Some(page) = (id as usize).checked_sub(1).and_then(|at| run.pages.get(at)) else { return };
    let lines = run.record.evidence.looked(id);
    let checked = page.output.lines.iter().skip(lines).any(|line| shows_indicator(run, line));
    let fresh = run.record.evidence.read(&run.case, page);
    for clue in fresh {
        run.note(What::Seen { clue });
    }
    let entry = run.entry();
    let noted = run.record.events.iter().rev().take_while(|event| event.entry == entry);
    if checked && !noted.into_iter().any(|event| event.what == What::Checked) {
        run.note(What::Checked);
    }
    debug_assert!(run.is_open(), "nothing is read after the verdict");
}

/// Whether a line shows what users feel, the case's own indicator or the series that the problem was truly stated by, as it
/// is now, or was a moment ago.
fn shows_indicator(run: &Run, line: &Line) -> bool {
    let own = &run.case.indicator;
    let stated = run.record.hurting.iter().map(|stated| (&stated.name, &stated.labels));
    let watched: Vec<_> = std::iter::once((&own.name, &own.labels)).chain(stated).collect();
    let shows = |fact: &Fact| match fact {
        Fact::Metric { name, labels, to, .. } if *to + CURRENT >= run.now() => {
            let fits =
                |own: &BTreeMap<String, String>| own.iter().all(|(label, value)| labels.get(label) == Some(value));
            watched.iter().any(|(own, labels)| *own == name && fits(labels))
        }
        _ => false,
    };
    line.marks.iter().any(|mark| shows(&mark.fact))
}
