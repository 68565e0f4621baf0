//! What the cast world shows: script lines succeed, roles mean something, every clue can be seen by its commands and not
//! in the healthy twin, the harm is there and the twin has none. Does not play solutions.

use super::rivals::{self, Other, Trial};
use crate::console::page::Output;
use crate::console::rows;
use crate::console::session::Session;
use crate::console::{self};
use crate::scenario::cast::{self, Telling};
use crate::scenario::file::{self, Drawn, File};
use crate::scenario::harm;
use crate::scenario::keys::Place;
use crate::scenario::problem::Problem;
use crate::scenario::roles;
use crate::scenario::shape::{Case, Clue, Rival};
use crate::scenario::source::Pack;
use crate::scenario::stage::Stage;
use crate::scenario::tree::Tree;
use crate::stdx::time::{Span, Time};
use crate::world::signals::metrics;
use std::collections::BTreeMap;

/// A clue must be there at one of these times after the page.
const LOOKS: [Span; 3] = [Span::ZERO, Span::secs(60), Span::secs(150)];
/// How long before the page the healthy twin must be well, and how often it is looked at.
const TWIN_BEFORE: Span = Span::mins(30);
const TWIN_STEP: Span = Span::mins(5);
/// How often a blocking command is fed before it is given up.
const POLLS_MAX: usize = 1_000;

/// What is to be looked at: a variant, its world at the page, and its healthy twin.
pub struct Cast {
    pub drawn: Drawn,
    pub told: Stage,
    pub healthy: Stage,
    /// The worlds in which the rivals are the truth, in the order of the rivals.
    pub rivals: Vec<Other>,
}

/// What was found in a variant's worlds.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    pub problems: Vec<Problem>,
    pub trials: Vec<Trial>,
}

/// Casts the variants of a file with their twins and the worlds of their rivals. One that cannot be cast has its problems
/// instead.
pub fn cast(pack: &Pack, file: &File, variants: &[String], seed: u64) -> Vec<Result<Cast, Vec<Problem>>> {
    let drawn: Vec<_> = variants.iter().map(|variant| file::draw(pack, file, variant, seed)).collect();
    let parts: Vec<(&Drawn, Telling)> =
        drawn.iter().flatten().flat_map(|drawn| tellings(drawn).map(move |telling| (drawn, telling))).collect();
    let stages = cast::stages(&parts, seed);
    let of_variant: BTreeMap<String, Stage> = parts
        .iter()
        .zip(&stages)
        .filter(|((_, telling), _)| *telling == Telling::Whole)
        .filter_map(|((drawn, _), stage)| Some((drawn.lowered.case.variant.clone(), stage.clone().ok()?)))
        .collect();
    let mut stages = stages.into_iter();
    let mut joined = Vec::new();
    for drawn in drawn {
        // A variant that could not be drawn has no stages.
        joined.push(drawn.and_then(|drawn| {
            let (Some(told), Some(healthy)) = (stages.next(), stages.next()) else { return Err(Vec::new()) };
            let own: Vec<_> = tellings(&drawn).skip(2).zip(stages.by_ref()).collect();
            let mut rivals: Vec<Other> = drawn
                .lowered
                .case
                .rivals
                .iter()
                .map(|rival| {
                    let variant = drawn.lowered.worlds.get(&rival.id).map(|world| &world.variant);
                    let stage = variant.and_then(|variant| Some((variant, of_variant.get(variant)?)));
                    stage.map_or(Other::None, |(id, stage)| Other::Variant(id.clone(), Box::new(stage.clone())))
                })
                .collect();
            for (telling, stage) in own {
                if let Telling::Rival(at) = telling
                    && let Some(place) = rivals.get_mut(at)
                {
                    *place = Other::Own(Box::new(stage?));
                }
            }
            Ok(Cast { drawn, told: told?, healthy: healthy?, rivals })
        }));
    }
    joined
}

/// The worlds that a variant needs: its own, its twin's, and those of rivals that have lines of their own.
fn tellings(drawn: &Drawn) -> impl Iterator<Item = Telling> + use<> {
    let own = |rival: &Rival| drawn.lowered.worlds.get(&rival.id).is_some_and(|world| world.variant.is_empty());
    let rivals = drawn.lowered.case.rivals.iter().enumerate().filter(|(_, rival)| own(rival));
    let mut tellings = vec![Telling::Whole, Telling::Healthy];
    tellings.extend(rivals.map(|(at, _)| Telling::Rival(at)));
    tellings.into_iter()
}

/// Checks one variant in its world.
pub fn check(file: &File, cast: &Cast) -> Finding {
    let mut place = Place { file: &file.shown, source: &file.source, problems: Vec::new() };
    own(cast, &mut place);
    let trials = if place.problems.is_empty() { rivals::check(cast, &mut place) } else { Vec::new() };
    Finding { problems: place.problems, trials }
}

/// What the variant's own world shows.
fn own(cast: &Cast, place: &mut Place) {
    let Cast { drawn, told, healthy, .. } = cast;
    let (tree, variant) = (&drawn.tree, &drawn.lowered.case.variant);
    refused(drawn, told, tree, place);
    let mut twin_roles = drawn.lowered.case.roles.clone();
    let case = &cast::bound_case(&drawn.lowered.case, told);
    for role in case.roles.iter().filter(|(_, role)| roles::resolve(role, &told.world).is_none()).map(|(name, _)| name)
    {
        let entry = tree.get("roles").map_or(&[][..], Tree::entries).iter().find(|entry| entry.key == *role);
        let span = entry.map_or(0..0, |entry| entry.span.clone());
        place.complain_at(span, "role-unbound", format!("the role `{role}` means no object of this world"));
    }
    if !place.problems.is_empty() {
        return;
    }
    roles::bind(&mut twin_roles, &healthy.world);
    let twin = Case { roles: twin_roles, ..case.clone() };
    // Where harm cannot be told from health, what follows would be noise.
    hurts(case, told, healthy, tree, place);
    let measured = place.problems.is_empty();
    let (told_looks, healthy_looks) = (looks(case, told), looks(case, healthy));
    for clue in &case.clues {
        let Some(entry) = tree.get("clues").map_or(&[][..], Tree::entries).iter().find(|e| e.key == clue.id) else {
            continue;
        };
        match found(clue, case, &told_looks) {
            Found::Shown => {}
            Found::Fails(line) => {
                let message = format!("clue `{}`: this command fails: {line}", clue.id);
                place.complain(entry.value.get("at").unwrap_or(&entry.value), "clue-hidden", message);
                continue;
            }
            Found::Hidden => {
                let message = format!("no listed command reveals the clue `{}` (variant {variant})", clue.id);
                place.complain_at(entry.span.clone(), "clue-hidden", message);
                continue;
            }
        }
        let tells = !(clue.shows.is_empty() && clue.hints.is_empty());
        if measured && tells && !clue.absent && matches!(found(clue, &twin, &healthy_looks), Found::Shown) {
            let message = format!("clue `{}` shows or hints, yet the healthy twin has it (variant {variant})", clue.id);
            place.complain_at(entry.span.clone(), "clue-in-twin", message);
        }
    }
    if measured {
        fixes(case, told, tree, place);
    }
}

/// It hurts at the page, and at no time in the healthy twin.
fn hurts(case: &Case, told: &Stage, healthy: &Stage, tree: &Tree, place: &mut Place) {
    let Some(value) = tree.get("indicator") else { return };
    let (name, floor, page_at) = (&case.indicator.name, case.indicator.healthy, case.drill.page_at);
    let at_page = metrics::indicator_at(&told.world, name, page_at);
    match at_page {
        None => {
            place.complain(value, "no-indicator", format!("the estate measures no `{name}`"));
            return;
        }
        Some(found) if found >= floor => {
            let message = format!("`{name}` is {found} at the page of variant {}: nothing hurts", case.variant);
            place.complain(value, "no-harm", message);
        }
        Some(_) => {}
    }
    let mut twin = healthy.clone();
    twin.advance_to(case.drill.closes_at);
    let steps = (case.drill.closes_at - (page_at - TWIN_BEFORE)).0.div_euclid(TWIN_STEP.0);
    let times: Vec<Time> = (0..=steps).map(|n| page_at - TWIN_BEFORE + Span(TWIN_STEP.0 * n)).collect();
    for (at, found) in times.iter().zip(metrics::indicator_through(&twin.world, name, &times)) {
        // Where nobody came in the window, nobody was hurt.
        if let Some(shown) = found.filter(|found| *found < floor) {
            let message = format!(
                "`{name}` is {shown} in the healthy twin of variant {} at {}: harm without the fault",
                case.variant,
                at.hour_minute()
            );
            place.complain(value, "twin-harmed", message);
            return;
        }
    }
}

/// Every fix ends the harm in time, and it stays ended if the file says so.
fn fixes(case: &Case, told: &Stage, tree: &Tree, place: &mut Place) {
    let written = tree.get("fixes").map_or(&[][..], Tree::items);
    for (fix, value) in case.fixes.iter().zip(written) {
        let mut stage = told.clone();
        let mut failed = None;
        for line in &fix.run {
            let line = roles::expand(line, &case.roles, &stage.world);
            let output = run(&mut stage, &line);
            if output.code != 0 {
                failed = Some(format!("this line of the fix fails with exit code {}: {line}", output.code));
            }
        }
        let start = stage.world.now;
        stage.advance_to(start + fix.within);
        if failed.is_none() && !harm::well(&stage.world, &case.indicator) {
            failed = Some(format!("the harm has not ended {} after this fix", fix.within.human()));
        }
        if failed.is_none() && harm::lasts(&mut stage, &case.indicator) != fix.lasts {
            let word = if fix.lasts { "comes back" } else { "stays away" };
            failed = Some(format!("the harm {word} within {} after this fix", harm::LASTS.human()));
        }
        if let Some(message) = failed {
            place.complain(
                value.get("run").unwrap_or(value),
                "fix-fails",
                format!("variant {}: {message}", case.variant),
            );
        }
    }
}

/// Lines of the script that did not succeed.
fn refused(drawn: &Drawn, told: &Stage, tree: &Tree, place: &mut Place) {
    for refusal in &told.refused {
        let Some(line) = drawn.lowered.script.get(refusal.line) else { continue };
        let written = tree.get("script").map_or(&[][..], Tree::items).iter().filter_map(|item| item.get("run"));
        let value = written.into_iter().find(|run| run.text() == Some(line.run.as_str()));
        let span = value.map_or(0..0, |value| value.span.clone());
        if refusal.code == 0 {
            let message = format!("the line does not end at once: `{}` waits or goes on printing", refusal.said);
            place.complain_at(span, "line-stands", message).hint =
                "let it not wait (`--wait=false`), and write what comes after it as a line of its own time".into();
            continue;
        }
        let message = format!("the line fails with exit code {}: {}", refusal.code, refusal.said);
        place.complain_at(span, "line-fails", message);
    }
}

enum Found {
    Shown,
    Hidden,
    Fails(String),
}

/// A stage at the looks.
fn looks(case: &Case, stage: &Stage) -> Vec<Stage> {
    let mut stage = stage.clone();
    let look = |look: &Span| {
        stage.advance_to(case.drill.page_at + *look);
        stage.clone()
    };
    LOOKS.iter().map(look).collect()
}

/// Whether one of a clue's commands shows it at one of the looks.
fn found(clue: &Clue, case: &Case, looks: &[Stage]) -> Found {
    let mut failing = None;
    for stage in looks {
        for command in &clue.at {
            let line = roles::expand(command, &case.roles, &stage.world);
            let output = run(&mut stage.clone(), &line);
            let shown = rows::shown(&output.lines).iter().any(|fact| clue.pattern.matches(fact, &case.roles));
            if clue.absent {
                if shown {
                    return Found::Hidden;
                }
                if !output.coverage.is_empty() {
                    return Found::Shown;
                }
            } else if shown {
                return Found::Shown;
            }
            if output.code > 1 || (output.code == 1 && output.lines.iter().all(|line| line.marks.is_empty())) {
                failing = Some(line);
            }
        }
    }
    match failing {
        Some(line) if clue.at.len() == 1 => Found::Fails(line),
        _ => Found::Hidden,
    }
}

/// Runs a line as the learner would, to its end if it blocks.
pub fn run(stage: &mut Stage, line: &str) -> Output {
    let mut session = Session { user: "learner".into(), namespace: "default".into(), ..Session::default() };
    let mut ran = console::run(&mut stage.world, &mut session, line);
    let Some(mut standing) = ran.standing.take() else { return ran.output };
    for _ in 0..POLLS_MAX {
        if standing.done || !standing.blocking {
            break;
        }
        stage.advance_to(standing.next.max(stage.world.now + Span::millis(1)));
        let more = console::poll(&mut stage.world, &mut session, &mut standing);
        ran.output.lines.extend(more.lines);
        ran.output.coverage.extend(more.coverage);
        ran.output.code = more.code;
    }
    ran.output
}
