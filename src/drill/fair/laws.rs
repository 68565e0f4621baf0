//! The laws of a fair case, L01 to L17, as rows: each says what it holds, and has one function for what only a sheet can
//! tell. What files and living worlds tell is proved elsewhere, under the problem codes that a row names. Does not draw.

use super::archetypes;
use super::proof;
use super::seats;
use super::sheet::Sheet;
use crate::case::score::exact;
use crate::scenario::problem::Severity;
use std::collections::BTreeMap;

/// Random players, and those who cite everything, stay below this many points.
pub const CEILING: i64 = 46;
/// Nobody who cites nothing gets more.
pub const UNCITED_MAX: i64 = 44;
/// Whoever secures what does not last, mends and proves the rest afterwards gets at least this.
pub const CAPTURE_MIN: i64 = 90;
/// Of a hundred lines that a case's commands print, so many at least are about something else.
const NOISE_MIN: usize = 30;
/// Rivals that may hang on one clue alone.
const LEANS_MAX: usize = 2;
/// Words of a command that cannot be taken back: a setting that is deleted can be set again, a thing is gone.
const FOR_EVER: &[&str] = &[
    "delete",
    "delete-bucket",
    "delete-db-instance",
    "delete-object",
    "delete-objects",
    "delete-queue",
    "delete-replication-group",
    "delete-table",
    "delete-volume",
    "drop",
    "purge",
    "purge-queue",
    "terminate-instances",
    "truncate",
];
/// With this in the same line a thing can be made again as it was.
const KEPT: &str = "--final-snapshot";
/// Words that blame.
const BLAMING: &[&str] = &["blame", "careless", "fault of", "guilty", "incompetent", "negligen", "stupid"];

/// What a law is about, so that it can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Clue(String),
    Rival(String),
    Drill,
    Fixes,
    Chain,
}

/// One breach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    pub code: &'static str,
    pub severity: Severity,
    pub place: Place,
    pub message: String,
    pub hint: &'static str,
}

impl Breach {
    fn error(code: &'static str, place: Place, message: String, hint: &'static str) -> Breach {
        Breach { code, severity: Severity::Error, place, message, hint }
    }

    fn warning(code: &'static str, place: Place, message: String, hint: &'static str) -> Breach {
        Breach { code, severity: Severity::Warning, place, message, hint }
    }
}

/// What was played on a sheet: totals in thousandths by player.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Played {
    pub totals: BTreeMap<&'static str, i64>,
    pub archetypes: Vec<(&'static str, i64)>,
    /// Blanks that the detective of the optimal policy did not prove, and rivals that it could not clear.
    pub unproven: usize,
    pub uncleared: Vec<String>,
    /// Perishable clues that are gone a minute after the page.
    pub brief: Vec<String>,
}

/// What a law says of a sheet and of what was played on it.
pub type Rule = fn(&Sheet, &Played) -> Vec<Breach>;

/// One law.
pub struct Law {
    pub code: &'static str,
    pub severity: Severity,
    pub says: &'static str,
    pub rule: Rule,
}

use Severity::{Error, Warning};

/// All laws, sorted. Which problem codes belong to which is in the table of the scenario's checker.
pub const LAWS: &[Law] = &[
    law("L01", Error, "every clue's commands run and show it", elsewhere),
    law("L02", Error, "every blank can be proven in full, from two instruments", elsewhere),
    law("L03", Error, "every rival can be cleared, not by one clue for all, nor only by what can be lost", rivals),
    law("L04", Error, "with all clues seen the truth is justified", justified),
    law("L05", Warning, "there are two ways to prove it", paths),
    law("L06", Warning, "what becomes unprovable without a clue is told in the report", elsewhere),
    law("L07", Warning, "after a blind fix something of culprit and mechanism can still be proven", scene),
    law("L08", Error, "there are words enough, a guess is a guess, and no text says the answer", elsewhere),
    law("L09", Error, "the solution earns 95 of a hundred, without hints, at the first attempt", elsewhere),
    law(
        "L10",
        Error,
        "who guesses, greps, remembers or does nothing does not win; who goes by the evidence does",
        players,
    ),
    law("L11", Error, "what can be lost can be had for a minute", brief),
    law("L12", Error, "every fix does what it says, and one that lasts can be taken back", fixes),
    law("L13", Error, "a clue rules a rival out because its fact differs where the rival is the truth", elsewhere),
    law("L14", Warning, "no person, no blame; every word once; translations whole", wording),
    law("L15", Warning, "a third of what is printed is about something else", noise),
    law("L16", Error, "everything fits and is finite, and the solution ends the harm before the close", closes),
    law("L17", Error, "where seats have commands of their own, nobody alone can prove it, and all together can", parts),
];

const fn law(code: &'static str, severity: Severity, says: &'static str, rule: Rule) -> Law {
    Law { code, severity, says, rule }
}

/// Every breach of every law, in their order.
pub fn breaches(sheet: &Sheet, played: &Played) -> Vec<Breach> {
    LAWS.iter().flat_map(|law| (law.rule)(sheet, played)).collect()
}

/// What a file and its worlds say is proved by the scenario's own check, and by playing.
fn elsewhere(_: &Sheet, _: &Played) -> Vec<Breach> {
    Vec::new()
}

fn rivals(sheet: &Sheet, _: &Played) -> Vec<Breach> {
    let mut found = Vec::new();
    let mut only: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
    for rival in &sheet.truth.rivals {
        let (lasting, perishable) = proof::against(sheet, rival);
        if lasting.is_empty() && !perishable.is_empty() {
            let message = format!("the rival `{rival}` is ruled out only by clues that can be lost");
            let hint = "let something that lasts rule it out as well, or say in `allow` why the loss is fair";
            found.push(Breach::warning("rival-perishable", Place::Rival(rival.clone()), message, hint));
        }
        if let [one] = lasting.iter().chain(&perishable).copied().collect::<Vec<_>>().as_slice() {
            only.entry(one).or_default().push(rival);
        }
    }
    for (clue, rivals) in only.into_iter().filter(|(_, rivals)| rivals.len() > LEANS_MAX) {
        let message = format!("{} rivals can only be cleared by the clue `{clue}`", rivals.len());
        let hint = "clear them by different clues: who misses one should not miss all";
        found.push(Breach::warning("rival-leans", Place::Clue(clue.clone()), message, hint));
    }
    found
}

fn justified(sheet: &Sheet, _: &Played) -> Vec<Breach> {
    let all = sheet.truth.clues.keys().cloned().collect();
    let belief = proof::justified(sheet, &all);
    if belief >= exact(9, 10) {
        return Vec::new();
    }
    let message = format!("with every clue seen the truth is justified to {} of 100 only", percent(&belief));
    let hint = "the clues do not tell it from its rivals: let more of them rule rivals out";
    vec![Breach::error("truth-unjustified", Place::Chain, message, hint)]
}

/// Whole percent, rounded down.
pub fn percent(share: &crate::case::score::Exact) -> String {
    (share * exact(100, 1)).floor().to_integer().to_string()
}

fn paths(sheet: &Sheet, _: &Played) -> Vec<Breach> {
    match proof::paths(sheet).as_slice() {
        [_] => {
            let message = "there is one way to prove it, whatever is left out".to_string();
            let hint = "a second clue for what only one shows; or say in `allow` why there is no other";
            vec![Breach::warning("one-path", Place::Chain, message, hint)]
        }
        _ => Vec::new(),
    }
}

fn scene(sheet: &Sheet, _: &Played) -> Vec<Breach> {
    use crate::case::score::truth::Blank::{Culprit, Mechanism};
    let Some(hasty) = &sheet.hasty else { return Vec::new() };
    let left = [Culprit, Mechanism].map(|blank| sheet.truth.support(&hasty.after, blank));
    if left.iter().any(|support| *support > exact(0, 1)) {
        return Vec::new();
    }
    let message = "after a blind fix nothing of culprit or mechanism can be proven any more".to_string();
    let hint = "to lose the scene must cost something, not everything: a history, a metric, a log that stays";
    vec![Breach::warning("scene-fatal", Place::Fixes, message, hint)]
}

/// Players who must stay below [`CEILING`].
pub const LOSERS: [&str; 5] = ["bag-all-cite-all", "keyword-soup", "leaked-answer", "loudest-line", "random-p99"];

fn players(sheet: &Sheet, played: &Played) -> Vec<Breach> {
    let mut found = Vec::new();
    let of = |name: &str| played.totals.get(name).copied().unwrap_or(0);
    let mut error = |code, message: String, hint| found.push(Breach::error(code, Place::Drill, message, hint));
    for name in LOSERS.into_iter().filter(|name| of(name) >= CEILING * 1_000) {
        let message = format!("the player `{name}` earns {}, not less than {CEILING}", shown(of(name)));
        error("stranger-wins", message, "clues that lie too near together, or pages that show little else");
    }
    if of("uncited") > UNCITED_MAX * 1_000 {
        let message =
            format!("without citing anything {} points can be had, more than {UNCITED_MAX}", shown(of("uncited")));
        error("stranger-wins", message, "this breaks the constitution of the weights");
    }
    if played.unproven > 0 || !played.uncleared.is_empty() {
        let uncleared = match played.uncleared.is_empty() {
            true => String::new(),
            false => format!(", and cannot clear {}", played.uncleared.join(", ")),
        };
        let message = format!("whoever goes by the evidence leaves {} blanks unproven{uncleared}", played.unproven);
        error(
            "detective-fails",
            message,
            "the clues' commands do not show at the page, or not by themselves, what they promise",
        );
    }
    let lasting = sheet.case.fixes.iter().any(|fix| fix.lasts && reversible(&fix.run));
    if lasting && of("capture-first") < CAPTURE_MIN * 1_000 {
        let message = format!(
            "whoever secures what does not last, mends and then proves it earns {}, less than {CAPTURE_MIN}",
            shown(of("capture-first"))
        );
        error("capture-falls-short", message, "clues die with the fix that nobody can secure before it");
    }
    for (better, worse) in archetypes::disorder(&played.archetypes) {
        let points =
            |name: &str| played.archetypes.iter().find(|(own, _)| *own == name).map_or(0, |(_, points)| *points);
        let message = format!("`{better}` earns {}, `{worse}` {}", shown(points(better)), shown(points(worse)));
        error("out-of-order", message, "the points do not tell a good detective from a bad one");
    }
    found
}

/// Points with three decimals.
pub fn shown(milli: i64) -> String {
    format!("{}.{:03}", milli / 1_000, (milli % 1_000).abs())
}

fn brief(_: &Sheet, played: &Played) -> Vec<Breach> {
    let breach = |clue: &String| {
        let message = format!("the perishable clue `{clue}` is gone a minute after the page");
        let hint = "nobody reads so fast: let it live for a minute at least";
        Breach::error("clue-too-brief", Place::Clue(clue.clone()), message, hint)
    };
    played.brief.iter().map(breach).collect()
}

fn fixes(sheet: &Sheet, _: &Played) -> Vec<Breach> {
    if sheet.case.fixes.iter().any(|fix| fix.lasts && reversible(&fix.run)) {
        return Vec::new();
    }
    let message = "no fix both lasts and can be taken back".to_string();
    vec![Breach::error(
        "no-way-back",
        Place::Fixes,
        message,
        "add a fix that sets something back instead of removing it",
    )]
}

fn reversible(lines: &[String]) -> bool {
    let ends = |line: &String| !line.contains(KEPT) && line.split_whitespace().any(|word| FOR_EVER.contains(&word));
    !lines.iter().any(ends)
}

fn wording(sheet: &Sheet, _: &Played) -> Vec<Breach> {
    let case = &sheet.case;
    let rivals = case
        .rivals
        .iter()
        .flat_map(|rival| [&rival.thing, &rival.how].map(|say| (Place::Rival(rival.id.clone()), say)));
    let words = case.chain.iter().map(|node| (Place::Chain, &node.say)).chain(rivals);
    let words = words.chain(case.decoys.iter().map(|word| (Place::Chain, &word.say)));
    let clues = case.clues.iter().map(|clue| (Place::Clue(clue.id.clone()), &clue.say));
    let mut found = Vec::new();
    for (at, (place, say)) in words.chain(clues).enumerate() {
        let low = say.to_lowercase();
        let is_word = at < case.chain.len() + 2 * case.rivals.len() + case.decoys.len();
        let person = case
            .people
            .witnesses
            .iter()
            .map(|witness| witness.who.as_str())
            .find(|who| is_word && low.split(|c: char| !c.is_alphanumeric()).any(|word| word == *who));
        let blame = BLAMING.iter().copied().find(|blame| low.contains(blame));
        if let Some(why) = person.or(blame) {
            let message = format!("{say:?} names a person or blames: {why:?}");
            found.push(Breach::warning("person-blamed", place, message, "say what failed, not who"));
        }
    }
    found
}

fn noise(sheet: &Sheet, _: &Played) -> Vec<Breach> {
    let noise = proof::noise(sheet);
    if noise >= NOISE_MIN {
        return Vec::new();
    }
    let message = format!("{noise} of 100 lines are about something else; at least {NOISE_MIN}");
    vec![Breach::warning(
        "little-noise",
        Place::Drill,
        message,
        "clues shown alone need no search: print more around them",
    )]
}

fn closes(sheet: &Sheet, _: &Played) -> Vec<Breach> {
    let (idle, solved) = (&sheet.idle.course, &sheet.solved.course);
    let message = match solved.ended {
        Some(ended) if ended < sheet.truth.closes && solved.harm < idle.harm => return Vec::new(),
        Some(ended) if ended < sheet.truth.closes => {
            "the solution spares nobody anything: its harm is that of doing nothing"
        }
        _ => "the harm of the solution does not end before the case closes",
    };
    let hint = "let `closes_after` be longer, or the fix work sooner";
    vec![Breach::error("never-mended", Place::Fixes, message.to_string(), hint)]
}

fn parts(sheet: &Sheet, _: &Played) -> Vec<Breach> {
    let Some(parts) = seats::parts(sheet) else { return Vec::new() };
    let mut found = Vec::new();
    for part in &parts.alone {
        let message = format!("the seat `{part}` can prove culprit and mechanism alone");
        let hint = "take commands from its `can` that show one of the two, or give the case to one person";
        found.push(Breach::error("seat-solves-alone", Place::Drill, message, hint));
    }
    if !parts.missing.is_empty() {
        let message = format!("all seats together cannot prove the {}", parts.missing.join(" and the "));
        let hint = "some seat's `can` needs a command that shows it";
        found.push(Breach::error("seats-fall-short", Place::Drill, message, hint));
    }
    found
}
