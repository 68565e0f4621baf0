//! Rules `rules_out` tried in the worlds in which the rivals are the truth: a clue clears a rival because its fact really
//! differs there. Does not trust what a file declares, and plays nothing.

use super::live::{self, Cast};
use crate::console::fact::Fact;
use crate::console::page::Output;
use crate::console::rows;
use crate::scenario::keys::Place;
use crate::scenario::pattern;
use crate::scenario::problem::Severity;
use crate::scenario::roles;
use crate::scenario::shape::{Case, Clue, Pattern};
use crate::scenario::stage::Stage;
use crate::scenario::tree::Tree;
use crate::stdx::text::clip;
use crate::stdx::time::Span;
use crate::world::signals::metrics;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A rival's world is looked at so long after the page: a clue of this world must not be there at any of these times.
const LOOKS: [Span; 2] = [Span::ZERO, Span::secs(150)];
/// Values of a fact in a rival's world that are told, and characters of each.
const VALUES_MAX: usize = 3;
const VALUE_CHARS: usize = 60;

/// The world in which a rival is the truth.
#[derive(Clone, Debug)]
pub enum Other {
    /// The file has none.
    None,
    /// That of another variant.
    Variant(String, Box<Stage>),
    /// Of lines of its own.
    Own(Box<Stage>),
}

/// One rival of one variant, tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    pub variant: String,
    pub rival: String,
    /// `variant B`, `lines of its own`; empty: there is no world for it.
    pub world: String,
    /// One for each clue, in the order of the file; none without a world.
    pub cells: Vec<Cell>,
}

/// What one clue says of one rival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub clue: String,
    /// The file says that it rules the rival out.
    pub declared: bool,
    pub there: There,
}

/// What the clue's commands show in the rival's world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum There {
    /// The same: it rules nothing out.
    Alike,
    /// The same part of the world with other values.
    Differs(Vec<String>),
    /// Nothing of the kind, by an instrument that looked; of a proven absence, the thing itself.
    Absent,
    /// There is nothing to look at: what the commands ask about is not in that world.
    Nothing,
}

impl Cell {
    /// Whether the worlds themselves say that the clue rules the rival out.
    pub fn derived(&self) -> bool {
        self.there != There::Alike
    }
}

impl Trial {
    /// The rival has a world, and what the file declares holds in it.
    pub fn holds(&self) -> bool {
        !self.world.is_empty() && self.cells.iter().all(|cell| cell.derived() || !cell.declared)
    }
}

/// One line for a variant: certified, or which rivals are not tried.
pub fn certificate(variant: &str, trials: &[Trial]) -> String {
    let without: Vec<&str> =
        trials.iter().filter(|trial| trial.world.is_empty()).map(|trial| trial.rival.as_str()).collect();
    let declared = trials.iter().flat_map(|trial| &trial.cells).filter(|cell| cell.declared);
    let (held, all) = declared.fold((0, 0), |(held, all), cell| (held + usize::from(cell.derived()), all + 1));
    if trials.iter().all(Trial::holds) {
        return format!(
            "{variant}: certified: {} rivals have worlds, and all {all} `rules_out` hold there",
            trials.len()
        );
    }
    if without.is_empty() {
        return format!("{variant}: not certified: {held} of {all} `rules_out` hold in the rivals' worlds");
    }
    let tried = if all > 0 { format!("; of those tried {held} of {all} `rules_out` hold") } else { String::new() };
    format!("{variant}: not certified: no world for {}{tried}", without.join(", "))
}

/// Tries every rival of a variant.
pub fn check(cast: &Cast, place: &mut Place) -> Vec<Trial> {
    let case = &cast.drawn.lowered.case;
    let mut trials = Vec::new();
    for (at, rival) in case.rivals.iter().enumerate() {
        let other = cast.rivals.get(at).unwrap_or(&Other::None);
        let (world, stage) = match other {
            Other::None => (String::new(), None),
            Other::Variant(id, stage) => (format!("variant {id}"), Some(stage)),
            Other::Own(stage) => ("lines of its own".to_string(), Some(stage)),
        };
        let mut trial = Trial { variant: case.variant.clone(), rival: rival.id.clone(), world, cells: Vec::new() };
        if let Some(stage) = stage {
            if matches!(other, Other::Own(_)) {
                sound(cast, at, stage, place);
            }
            trial.cells = cells(case, &rival.id, stage);
            undeserved(cast, &trial, place);
        }
        trials.push(trial);
    }
    trials
}

/// A world of its own is one in which its lines succeed, and in which it hurts at the page.
fn sound(cast: &Cast, at: usize, stage: &Stage, place: &mut Place) {
    let case = &cast.drawn.lowered.case;
    let Some(rival) = case.rivals.get(at) else { return };
    let entries = cast.drawn.tree.get("worlds").map_or(&[][..], Tree::entries);
    let span = entries.iter().find(|entry| entry.key == rival.id).map_or(0..0, |entry| entry.span.clone());
    let own = cast.drawn.lowered.worlds.get(&rival.id);
    for refusal in &stage.refused {
        let Some(line) = stage.script.get(refusal.line) else { continue };
        let spoken = own.is_some_and(|own| own.script.iter().any(|own| own.run == line.run));
        // The case's own lines are judged with the case, and may fail in a world that is otherwise.
        if spoken {
            let message = format!("in the world of `{}` this line fails: {}: {}", rival.id, line.run, refusal.said);
            place.complain_at(span.clone(), "rival-world", message);
        }
    }
    let (name, floor) = (&case.indicator.name, case.indicator.healthy);
    if metrics::indicator_at(&stage.world, name, case.drill.page_at).is_none_or(|found| found >= floor) {
        let message = format!("in the world of `{}` (variant {}) `{name}` is well at the page", rival.id, case.variant);
        place.complain_at(span, "rival-harmless", message).severity = Severity::Warning;
    }
}

/// A clue that is there as well where the rival is the truth does not rule it out.
fn undeserved(cast: &Cast, trial: &Trial, place: &mut Place) {
    let entries = cast.drawn.tree.get("clues").map_or(&[][..], Tree::entries);
    for cell in trial.cells.iter().filter(|cell| cell.declared && !cell.derived()) {
        let Some(entry) = entries.iter().find(|entry| entry.key == cell.clue) else { continue };
        let named = |value: &&Tree| value.text() == Some(&trial.rival);
        let value = entry.value.get("rules_out").and_then(|list| list.items().iter().find(named));
        let message = format!(
            "clue `{}` does not rule out `{}` (variant {}): its world ({}) shows the same",
            cell.clue, trial.rival, trial.variant, trial.world
        );
        place.complain_at(value.map_or(entry.span.clone(), |value| value.span.clone()), "rival-alike", message).hint =
            "take the rival out of `rules_out`, or let the clue test what really differs".into();
    }
}

// ---- what is there -------------------------------------------------------------------------------------------------

fn cells(case: &Case, rival: &str, stage: &Stage) -> Vec<Cell> {
    let mut own = case.clone();
    let _unbound = roles::bind(&mut own.roles, &stage.world);
    let mut stage = stage.clone();
    let mut looks = LOOKS.iter().map(|after| {
        stage.advance_to(own.drill.page_at + *after);
        Look { stage: stage.clone(), pages: BTreeMap::new() }
    });
    let mut looks: Vec<Look> = looks.by_ref().collect();
    let cell = |clue: &Clue| Cell {
        clue: clue.id.clone(),
        declared: clue.rules_out.iter().any(|id| id == rival),
        there: there(clue, &own, &mut looks),
    };
    own.clues.iter().map(cell).collect()
}

/// A rival's world at one time, and what was printed there.
struct Look {
    stage: Stage,
    pages: BTreeMap<String, (Vec<Arc<Fact>>, bool)>,
}

impl Look {
    /// The facts that a command shows, and whether it looked at anything.
    fn page(&mut self, case: &Case, command: &str) -> &(Vec<Arc<Fact>>, bool) {
        let line = roles::expand(command, &case.roles, &self.stage.world);
        let stage = &self.stage;
        self.pages.entry(line).or_insert_with_key(|line| {
            let output: Output = live::run(&mut stage.clone(), line);
            (rows::shown(&output.lines), output.code == 0 && !output.coverage.is_empty())
        })
    }
}

fn there(clue: &Clue, case: &Case, looks: &mut [Look]) -> There {
    let loose = Pattern { tests: Vec::new(), ..clue.pattern.clone() };
    let (mut looked, mut values) = (false, BTreeSet::new());
    for look in looks {
        for command in &clue.at {
            let (facts, covers) = look.page(case, command);
            looked |= covers;
            for fact in facts {
                if clue.pattern.matches(fact, &case.roles) {
                    // What is shown there is not absent there.
                    return if clue.absent { There::Absent } else { There::Alike };
                }
                if loose.matches(fact, &case.roles) {
                    values.insert(clip(&pattern::told(&clue.pattern, fact), VALUE_CHARS).to_string());
                }
            }
        }
    }
    match (clue.absent, values.is_empty()) {
        (true, _) => There::Alike,
        (false, false) => There::Differs(values.into_iter().take(VALUES_MAX).collect()),
        (false, true) if looked => There::Absent,
        (false, true) => There::Nothing,
    }
}

// ---- worlds that the file names ------------------------------------------------------------------------------------

/// What a file says of its rivals' worlds, before any is lived.
pub fn paper(tree: &Tree, case: &Case, variants: &[String], place: &mut Place) {
    for entry in tree.get("worlds").map_or(&[][..], Tree::entries) {
        let (variant, lines) = (entry.value.get("variant"), ["script", "weather", "iac"]);
        let own = lines.iter().any(|key| entry.value.get(key).is_some_and(|list| !list.items().is_empty()));
        match variant {
            Some(value) if own => {
                let message = "a world is that of a variant, or one of lines of its own: not both";
                place.complain(value, "rival-world", message);
            }
            Some(value) if !variants.iter().any(|known| Some(known.as_str()) == value.text()) => {
                let message = format!("there is no variant {:?}", value.text().unwrap_or_default());
                place.complain(value, "unknown-variant", message).hint = format!("there are: {}", variants.join(", "));
            }
            Some(value)
                if value.text() == Some(&case.variant) && case.rivals.iter().any(|rival| rival.id == entry.key) =>
            {
                let message = format!("`{}` is a rival of variant {}: that is not its world", entry.key, case.variant);
                place.complain(value, "rival-world", message);
            }
            None if !own => {
                let message = format!("the world of `{}` says nothing: `variant`, or lines of its own", entry.key);
                place.complain_at(entry.span.clone(), "rival-world", message);
            }
            _ => {}
        }
    }
}
