//! The problem and the status updates: their forms are read, refused where nothing can be made of them, and kept. What is
//! merely false is not refused. Which fields are true the claims decide; it judges nothing itself.

use super::act::{Action, Audience, Certainty, ProblemForm, Standing, UpdateForm};
use super::notice::{Said, say};
use super::run::{Outcome, Run};
use super::{casework, claims};
use crate::case::board::Told;
use crate::case::score::log::{Suspect, What};
use crate::case::score::posterior::{belief, posterior};
use crate::case::score::truth::Truth;
use crate::case::score::{Exact, exact};
use crate::stdx::suggest;
use crate::stdx::time::Span;
use crate::world::signals::metrics::{self, Need, Query};
use std::collections::BTreeMap;

/// Updates of a run, at most.
const UPDATES_MAX: usize = 200;
/// A promise is not for a later day.
pub const PROMISE_MAX: Span = Span::hours(24);
/// Series that a refusal names, at most.
const NAMED_MAX: usize = 5;
/// Series that a face is given to choose from, at most.
const PICKS_MAX: usize = 200;
/// A change is in flight for so long, or until the update after it.
const IN_FLIGHT: Span = Span::mins(15);

// ---- the problem ---------------------------------------------------------------------------------------------------

pub fn state(run: &mut Run, text: &str, form: Option<&ProblemForm>) -> Outcome {
    let Some(form) = form else {
        run.board.problem = text.trim().to_string();
        return Outcome::default();
    };
    if let Err(refusal) = well_formed(run, form) {
        return Outcome::refusal(refusal);
    }
    let first = run.board.form.is_none();
    run.board.problem = if text.trim().is_empty() { in_words(form) } else { text.trim().to_string() };
    run.board.form = Some(form.clone());
    if first {
        let fields = problem_fields(run, form);
        run.record.hurting = claims::named(&form.hurts).filter(|_| fields.get("hurts") == Some(&true));
        run.note(What::Stated { fields });
        return Outcome::default();
    }
    Outcome::remark("notice.kept-the-first-statement-is-the")
}

/// A form as a sentence, for whoever said nothing in words of their own.
fn in_words(form: &ProblemForm) -> String {
    let or = |text: &String| if text.trim().is_empty() { "?".to_string() } else { text.trim().to_string() };
    let (hurts, not) = (or(&form.hurts), or(&form.not));
    format!("{hurts} is {} and not {} since {}; {not} is well", or(&form.actual), or(&form.expected), or(&form.since))
}

/// A field may be left open; what is said must be something that can be true or false.
fn well_formed(run: &Run, form: &ProblemForm) -> Result<(), Said> {
    let fields = [&form.hurts, &form.not, &form.expected, &form.actual, &form.since];
    if fields.iter().all(|field| field.trim().is_empty()) {
        return Err("notice.the-form-is-empty-say-at".into());
    }
    for (name, series) in [("hurts", &form.hurts), ("not", &form.not)] {
        if !series.trim().is_empty() {
            known(run, name, series)?;
        }
    }
    for (name, value) in [("expected", &form.expected), ("actual", &form.actual)] {
        if !value.trim().is_empty() && claims::number(value).is_none() {
            return Err(say("notice.is-not-a-number-write-099").with("name", name).with("text", value.trim()));
        }
    }
    if !form.since.trim().is_empty() && casework::onset(run.case.drill.page_at, &form.since).is_none() {
        return Err(say("notice.since-is-not-a-time-write").with("text", &form.since));
    }
    Ok(())
}

/// A series that can be asked for here. A counter may have counted nothing yet: its name is enough.
fn known(run: &Run, field: &str, text: &str) -> Result<(), Said> {
    let world = &run.stage.world;
    let names = metrics::names(world);
    let some: Vec<&str> = slo(&names).take(NAMED_MAX).collect();
    let some = say("notice.here-are-prom-list-shows-all").with("some", some.join(", "));
    let Some(named) = claims::named(text) else {
        return Err(say("notice.is-not-a-series-write-name")
            .with("field", field)
            .with("text", text.trim())
            .said("some", some));
    };
    if !names.contains_key(&named.name) && !names.contains_key(metrics::ending(&named.name).0) {
        let near = suggest::nearest(&named.name, names.keys().map(String::as_str));
        let said = match near {
            Some(near) => say("notice.there-is-no-series-near").with("near", near),
            None => say("notice.there-is-no-series"),
        };
        return Err(said.with("field", field).with("text", &named.name).said("some", some));
    }
    if named.labels.is_empty() {
        return Ok(());
    }
    let all = BTreeMap::new();
    let query = Query { name: &named.name, exact: &all, from: run.now(), to: run.now(), need: Need::Standing };
    let found = metrics::select(world, &query);
    let fits = |own: &BTreeMap<String, String>| named.labels.iter().all(|(label, value)| own.get(label) == Some(value));
    if found.is_empty() || found.iter().any(|series| fits(&series.labels)) {
        return Ok(());
    }
    let labelled: Vec<String> = found.iter().take(3).map(|series| written(&series.name, &series.labels)).collect();
    Err(say("notice.no-series-has-these-labels-there")
        .with("field", field)
        .with("text", &named.name)
        .with("some", labelled.join(", ")))
}

fn slo(names: &BTreeMap<String, String>) -> impl Iterator<Item = &str> {
    names.keys().map(String::as_str).filter(|name| name.starts_with("slo_"))
}

fn written(name: &str, labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return name.to_string();
    }
    let pairs: Vec<String> = labels.iter().map(|(label, value)| format!("{label}={value}")).collect();
    format!("{name}{{{}}}", pairs.join(","))
}

/// The indicators that there are now: what a problem is said by. Labels only where a name has several series. Sorted.
pub fn picks(run: &Run) -> Vec<String> {
    let world = &run.stage.world;
    let (names, all) = (metrics::names(world), BTreeMap::new());
    let series = |name: &str| {
        let query = Query { name, exact: &all, from: run.now(), to: run.now(), need: Need::Standing };
        match metrics::select(world, &query).as_slice() {
            [_] => vec![name.to_string()],
            many => many.iter().map(|series| written(&series.name, &series.labels)).collect(),
        }
    };
    let mut picks: Vec<String> = slo(&names).flat_map(series).collect();
    picks.truncate(PICKS_MAX);
    picks
}

fn problem_fields(run: &Run, form: &ProblemForm) -> BTreeMap<String, bool> {
    let fields = [
        ("actual", claims::is_actual(run, &form.hurts, &form.actual)),
        ("expected", claims::is_expected(run, &form.hurts, &form.expected)),
        ("hurts", claims::hurts(run, &form.hurts)),
        ("not", claims::is_well(run, &form.hurts, &form.not)),
        ("since", claims::is_since(run, &form.since)),
    ];
    fields.map(|(name, is_true)| (name.to_string(), is_true)).into()
}

// ---- updates -------------------------------------------------------------------------------------------------------

pub fn update(run: &mut Run, form: &UpdateForm) -> Outcome {
    if run.board.updates.len() >= UPDATES_MAX {
        return Outcome::refusal(say("notice.a-run-keeps-updates").with("max", UPDATES_MAX));
    }
    if form.harm.trim() != "none" {
        if form.harm.trim().is_empty() {
            return Outcome::refusal("notice.harm-name-the-series-that-hurts");
        }
        if let Err(refusal) = known(run, "harm", &form.harm) {
            return Outcome::refusal(refusal);
        }
    }
    if let Some((id, _)) = form.cause
        && run.board.hypothesis(id).is_none()
    {
        return Outcome::refusal(say("notice.cause-there-is-no-hypothesis-h").with("id", id));
    }
    if form.next.is_some_and(|next| next <= Span::ZERO || next > PROMISE_MAX) {
        return Outcome::refusal("notice.next-promise-a-time-from-now");
    }
    casework::believe(run);
    let fields = update_fields(run, form);
    run.note(What::Updated { fields, next: form.next });
    let at = run.now();
    run.board.updates.push(Told { at, update: form.clone() });
    if form.state == Standing::Resolved {
        // Whoever tells others that it is over has declared it.
        run.board.resolved.push(at);
        run.note(What::Resolved);
    }
    match form.next {
        Some(next) => Outcome::remark(say("notice.told-the-next-update-is-due").with("time", (at + next).clock())),
        None => Outcome::remark("notice.told-nobody-was-promised-a-next"),
    }
}

/// Which of the six graded fields of an update are true as it is told.
fn update_fields(run: &Run, form: &UpdateForm) -> BTreeMap<String, bool> {
    let fields = [
        ("action", (form.action == Action::Change) == in_flight(run)),
        ("audience", form.to != Audience::Customers || form.cause.is_none()),
        ("cause", cause_is_honest(run, form)),
        ("harm", claims::is_harm(run, &form.harm)),
        ("next", form.next.is_some()),
        ("state", state_fits(run, form.state)),
    ];
    fields.map(|(name, is_true)| (name.to_string(), is_true)).into()
}

/// A change was made a short time ago, or since the last update.
fn in_flight(run: &Run) -> bool {
    let told = run.board.updates.last().map(|told| told.at);
    let fresh = |at| run.now() - at <= IN_FLIGHT || told.is_some_and(|told| at >= told);
    run.record.changes.last().is_some_and(|change| fresh(change.at))
}

/// What a fair reasoner would believe who has seen what was seen.
pub(super) fn credible(run: &Run) -> BTreeMap<Suspect, Exact> {
    posterior(&Truth::of(&run.case), &run.record.evidence.seen)
}

/// What evidence seen so far justifies of a hypothesis.
fn justified(run: &Run, id: u32) -> Exact {
    belief(&credible(run), &casework::whom(run, id))
}

/// "Unknown" is honest until something is as good as certain; customers are told no cause in any case.
fn cause_is_honest(run: &Run, form: &UpdateForm) -> bool {
    let sure = exact(9, 10);
    match form.cause {
        None if form.to == Audience::Customers => true,
        None | Some((_, Certainty::Unknown)) => credible(run).values().all(|share| *share < sure),
        Some((id, Certainty::Suspected)) => justified(run, id) >= exact(3, 10),
        // Nine tenths leave no room for another as likely.
        Some((id, Certainty::Confirmed)) => justified(run, id) >= sure,
    }
}

fn state_fits(run: &Run, state: Standing) -> bool {
    match state {
        Standing::Investigating => claims::hurts_now(run),
        Standing::Identified => {
            let open = run.board.hypotheses.iter().filter(|own| own.cleared.is_none());
            open.into_iter().any(|own| justified(run, own.id) >= exact(8, 10))
        }
        Standing::Mitigating => !run.record.changes.is_empty(),
        Standing::Monitoring | Standing::Resolved => !claims::hurts_now(run),
    }
}
