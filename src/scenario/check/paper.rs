//! What a file says of itself: chain, verdict, clues, rivals, words and texts fit together and are fair. Does not need
//! a world.

use super::Report;
use super::gameday;
use super::leak;
use super::rivals;
use crate::console::fact::Channel;
use crate::scenario::card;
use crate::scenario::cast::WARMUP_MAX;
use crate::scenario::estate::REPLICAS_MAX;
use crate::scenario::file::{self, Drawn, File};
use crate::scenario::format::ACTORS_MAX;
use crate::scenario::keys::{Place, is_id};
use crate::scenario::problem::Problem;
use crate::scenario::shape::{Case, WordKind};
use crate::scenario::source::Pack;
use crate::scenario::tree::{Entry, Tree};
use crate::stdx::suggest;
use crate::stdx::time::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Bills are slow: a fix shows in a day's window of spend a day later.
const CLOSES_MAX: Span = Span::hours(72);

/// Fewest words of each kind, so that a guess is a guess (scoring, rule L08).
const WORDS_MIN: [(WordKind, &str, usize); 4] = [
    (WordKind::Thing, "things", 5),
    (WordKind::How, "hows", 5),
    (WordKind::Change, "changes", 4),
    (WordKind::Harm, "harms", 4),
];
/// A blind verdict is right at most once in so many.
const ODDS_MIN: usize = 1_000;
/// Clues that can be lost.
const PERISHABLE_MIN: usize = 2;

/// Checks a family's own texts against the answer of one member.
pub fn page(file: &File, member: &Case, report: &mut Report) {
    let mut place = Place { file: &file.shown, source: &file.source, problems: Vec::new() };
    leaks(member, &file.tree, &mut place);
    gameday::paper(file, member, &file.tree, &mut place);
    let telling = leak::telling_words(member);
    for value in items(&file.tree, "inject").iter().flat_map(|told| [told.get("from"), told.get("say")]).flatten() {
        leaks_word(value, &telling, member, &mut place);
    }
    if place.problems.is_empty() {
        report.proven.push(format!("{}: the family's page says no word of its answer", member.variant));
    }
    report.problems.append(&mut place.problems);
}

/// Checks one variant.
pub fn check(pack: &Pack, file: &File, drawn: &Drawn, variant: &str, report: &mut Report) {
    let mut place = Place { file: &file.shown, source: &file.source, problems: Vec::new() };
    let (case, tree) = (&drawn.lowered.case, &drawn.tree);
    times(drawn, &mut place);
    script(drawn, &mut place);
    chain(case, tree, &mut place);
    if place.problems.iter().any(|problem| problem.code == "duplicate-id") {
        // Everything else goes by these names.
        report.problems.append(&mut place.problems);
        return;
    }
    verdict(case, tree, &mut place);
    clues(case, tree, &mut place);
    patterns(case, tree, &mut place);
    says(tree, &mut place);
    vocabulary(case, tree, variant, &mut place);
    leaks(case, tree, &mut place);
    coach(case, tree, &mut place);
    gameday::paper(file, case, tree, &mut place);
    rivals::paper(tree, case, &file.variants, &mut place);
    if place.problems.is_empty() {
        provable(case, tree, variant, &mut place);
        report.proven.push(odds_line(case, variant));
    }
    let path = file::solution_path(variant);
    if !pack.files.contains_key(&path) {
        let message = format!("variant {variant} has no solution");
        let hint = format!("write {path}: a transcript that earns full marks is the proof that it can be solved");
        place.problems.push(Problem::of_file(&format!("{}/{path}", pack.shown), "no-solution", message).hint(hint));
    }
    report.problems.append(&mut place.problems);
}

/// Every card that is named is there. Once for the file: variants share the drill, and each has its own clues.
pub fn cards(file: &File) -> Vec<Problem> {
    let mut place = Place { file: &file.shown, source: &file.source, problems: Vec::new() };
    let known: Vec<&str> = card::ids().collect();
    let listed = file.tree.get("drill").map_or(&[][..], |drill| items(drill, "cards"));
    let parts = std::iter::once(&file.tree).chain(items(&file.tree, "variant"));
    let of_clues = parts.flat_map(|part| entries(part, "clues")).filter_map(|clue| clue.value.get("card"));
    for value in listed.iter().chain(of_clues) {
        let Some(id) = value.text().filter(|id| !known.contains(id)) else { continue };
        let hint = match suggest::nearest(id, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`whodunit cards` lists them".to_string(),
        };
        place.complain(value, "unknown-card", format!("there is no card `{id}`")).hint = hint;
    }
    place.problems
}

fn entries<'a>(tree: &'a Tree, key: &str) -> &'a [Entry] {
    tree.get(key).map_or(&[], Tree::entries)
}

fn items<'a>(tree: &'a Tree, key: &str) -> &'a [Tree] {
    tree.get(key).map_or(&[], Tree::items)
}

fn times(drawn: &Drawn, place: &mut Place) {
    let drill = &drawn.lowered.case.drill;
    let Some(tree) = drawn.tree.get("drill") else { return };
    if let Some(value) = tree.get("closes_after")
        && (drill.closes_at - drill.page_at < Span::mins(5) || drill.closes_at - drill.page_at > CLOSES_MAX)
    {
        place.complain(value, "bad-time", "`closes_after` must be 5m to 3d");
    }
    let warmup = drawn.lowered.warmup;
    if let Some(value) = tree.get("warmup")
        && (warmup < Span::hours(1) || warmup > WARMUP_MAX)
    {
        place.complain(value, "bad-time", format!("`warmup` must be 1h to {}", WARMUP_MAX.human()));
    }
    let onset = drawn.tree.get("verdict").and_then(|verdict| verdict.get("onset"));
    if let (Some(value), Some(at)) = (onset, drawn.lowered.case.verdict.onset)
        && (at > drill.page_at || drill.page_at - at > warmup)
    {
        place.complain(value, "bad-time", "`onset` must lie between the start of the warm-up and the page");
    }
}

fn script(drawn: &Drawn, place: &mut Place) {
    let page_at = drawn.lowered.case.drill.page_at;
    let mut actors = BTreeSet::new();
    let mut faults = 0;
    for line in items(&drawn.tree, "script") {
        let at = line.get("at");
        let span = at.and_then(Tree::text).and_then(Span::parse).unwrap_or(Span::ZERO);
        if let Some(at) = at
            && (span < Span::ZERO - drawn.lowered.warmup || page_at + span > drawn.lowered.case.drill.closes_at)
        {
            place.complain(at, "bad-time", "the line runs before the warm-up begins or after the drill closes");
        }
        actors.extend(line.get("by").and_then(Tree::text));
        faults += usize::from(line.get("fault").and_then(Tree::truth) == Some(true));
        let run = line.get("run").and_then(Tree::text).unwrap_or_default();
        if let Some(count) = replicas_asked(run)
            && count > REPLICAS_MAX
            && let Some(value) = line.get("run")
        {
            place.complain(value, "too-many", format!("{count} replicas; at most {REPLICAS_MAX}"));
        }
    }
    faults +=
        items(&drawn.tree, "weather").iter().filter(|w| w.get("fault").and_then(Tree::truth) == Some(true)).count();
    if actors.len() > ACTORS_MAX
        && let Some(list) = drawn.tree.get("script")
    {
        place.complain(list, "too-many", format!("{} actors; at most {ACTORS_MAX}", actors.len()));
    }
    if faults == 0 {
        let target = drawn.tree.get("script").unwrap_or(&drawn.tree);
        let first = target.items().first().unwrap_or(target).span.clone();
        place.complain_at(first, "no-fault", "no line of the script is marked as the fault").hint =
            "mark what sets the incident off with `fault = true`; the healthy twin drops it".into();
    }
}

/// The number behind `--replicas=` or `"replicas":`.
fn replicas_asked(line: &str) -> Option<i64> {
    let at = line.find("replicas")? + "replicas".len();
    let digits: String = line[at..]
        .chars()
        .skip_while(|c| matches!(c, '=' | ' ' | '"' | ':' | '\\'))
        .take_while(char::is_ascii_digit)
        .take(18)
        .collect();
    digits.parse().ok()
}

fn chain(case: &Case, tree: &Tree, place: &mut Place) {
    let known: Vec<&str> = case.chain.iter().map(|node| node.id.as_str()).collect();
    for (index, node) in items(tree, "chain").iter().enumerate() {
        let Some(id) = node.get("id") else { continue };
        if known.iter().take(index).any(|earlier| Some(*earlier) == id.text()) {
            place.complain(id, "duplicate-id", format!("two entries are called {:?}", id.text().unwrap_or_default()));
        }
        for cause in items(node, "causes") {
            unknown(cause, &known, "unknown-node", "entry of the chain", place);
        }
    }
    let distinct: BTreeSet<&str> = known.iter().copied().collect();
    if distinct.len() == known.len()
        && let Some(id) = cycle(case)
        && let Some(node) = items(tree, "chain").iter().find(|node| node.get("id").and_then(Tree::text) == Some(&id))
    {
        place.complain(node.get("causes").unwrap_or(node), "cyclic-chain", format!("`{id}` causes itself")).hint =
            "a chain runs from the cause to the effect and never back".into();
    }
}

/// A node that can be reached from itself.
fn cycle(case: &Case) -> Option<String> {
    let edges: BTreeMap<&str, &[String]> =
        case.chain.iter().map(|node| (node.id.as_str(), node.causes.as_slice())).collect();
    for node in &case.chain {
        let mut open: Vec<&str> = node.causes.iter().map(String::as_str).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if id == node.id {
                return Some(node.id.clone());
            }
            if seen.insert(id) {
                open.extend(edges.get(id).copied().unwrap_or_default().iter().map(String::as_str));
            }
        }
    }
    None
}

/// Complains of a name that is not among the known ones.
fn unknown(value: &Tree, known: &[&str], code: &'static str, noun: &str, place: &mut Place) {
    let Some(name) = value.text() else { return };
    if known.contains(&name) {
        return;
    }
    let hint = match suggest::nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    };
    place.complain(value, code, format!("there is no {noun} `{name}`")).hint = hint;
}

fn verdict(case: &Case, tree: &Tree, place: &mut Place) {
    let Some(verdict) = tree.get("verdict") else { return };
    let known: Vec<&str> = case.chain.iter().map(|node| node.id.as_str()).collect();
    for (blank, kind, noun) in [
        ("culprit", WordKind::Thing, "thing"),
        ("mechanism", WordKind::How, "how"),
        ("trigger", WordKind::Change, "change"),
        ("impact", WordKind::Harm, "harm"),
    ] {
        let also = verdict.get("also").map_or(&[][..], |also| items(also, blank));
        for value in verdict.get(blank).into_iter().chain(also) {
            unknown(value, &known, "unknown-node", "entry of the chain", place);
            let node = case.chain.iter().find(|node| Some(node.id.as_str()) == value.text());
            if node.is_some_and(|node| node.kind != kind) {
                let message = format!("`{blank}` must be a {noun}; `{}` is not", value.text().unwrap_or_default());
                place.complain(value, "wrong-kind", message);
            }
        }
    }
}

fn clues(case: &Case, tree: &Tree, place: &mut Place) {
    let mut nodes: Vec<&str> = case.chain.iter().map(|node| node.id.as_str()).collect();
    nodes.push("onset");
    let rivals: Vec<&str> = case.rivals.iter().map(|rival| rival.id.as_str()).collect();
    for entry in entries(tree, "clues") {
        for key in ["shows", "hints"] {
            items(&entry.value, key)
                .iter()
                .for_each(|v| unknown(v, &nodes, "unknown-node", "entry of the chain", place));
        }
        for value in items(&entry.value, "rules_out") {
            unknown(value, &rivals, "unknown-rival", "rival", place);
        }
        if ["shows", "hints", "rules_out"].iter().all(|key| items(&entry.value, key).is_empty()) {
            let message = format!("clue `{}` shows, hints at and rules out nothing", entry.key);
            place.complain_at(entry.span.clone(), "idle-clue", message);
        }
        if items(&entry.value, "at").is_empty()
            && let Some(at) = entry.value.get("at")
        {
            place.complain(at, "clue-hidden", format!("clue `{}` names no command that reveals it", entry.key));
        }
        if !is_id(&entry.key) {
            place.complain_at(entry.span.clone(), "bad-name", format!("{:?} is not a name", entry.key));
        }
    }
    let perishable = case.clues.iter().filter(|clue| clue.perishable).count();
    if perishable < PERISHABLE_MIN
        && let Some(clues) = tree.get("clues")
    {
        let message = format!("{perishable} perishable clues; at least {PERISHABLE_MIN}");
        let span = entries(tree, "clues").first().map_or(clues.span.clone(), |entry| entry.span.clone());
        place.complain_at(span, "few-perishable", message).hint =
            "mark clues that a restart, a deletion or an hour destroys with `perishable = true`".into();
    }
    for entry in entries(tree, "rivals") {
        if !case.clues.iter().any(|clue| clue.rules_out.contains(&entry.key)) {
            let message = format!("no clue rules out the rival `{}`", entry.key);
            place.complain_at(entry.span.clone(), "rival-uncleared", message);
        }
    }
}

/// Every `on` names a role.
fn patterns(case: &Case, tree: &Tree, place: &mut Place) {
    let roles: Vec<&str> = case.roles.keys().map(String::as_str).collect();
    let owners = ["chain", "decoys"].iter().flat_map(|key| items(tree, key));
    let named = ["clues", "rivals"].iter().flat_map(|key| entries(tree, key)).map(|entry| &entry.value);
    for owner in owners.chain(named) {
        for pattern in items(owner, "met").iter().chain(std::iter::once(owner)) {
            if let Some(on) = pattern.get("on") {
                unknown(on, &roles, "unknown-role", "role", place);
            }
        }
    }
}

/// Words are collected by what they say, so no two may say the same.
fn says(tree: &Tree, place: &mut Place) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let listed = ["chain", "decoys"].iter().flat_map(|key| items(tree, key)).filter_map(|item| item.get("say"));
    for value in listed {
        twice(value, &mut seen, place);
    }
    // Two rivals may share a thing or a how: a bug and a leak are both of one image.
    let mut things: BTreeSet<String> = seen.clone();
    let mut hows: BTreeSet<String> = seen.clone();
    for rival in entries(tree, "rivals") {
        for (key, others) in [("thing", &seen), ("how", &seen)] {
            if let Some(value) = rival.value.get(key)
                && let Some(say) = value.text()
                && others.contains(&say.to_lowercase())
            {
                let message = format!("{say:?} is a word already: a rival's words must be wrong");
                place.complain(value, "duplicate-say", message);
            }
        }
        things.extend(rival.value.get("thing").and_then(Tree::text).map(str::to_lowercase));
        hows.extend(rival.value.get("how").and_then(Tree::text).map(str::to_lowercase));
    }
}

fn twice(value: &Tree, seen: &mut BTreeSet<String>, place: &mut Place) {
    if let Some(say) = value.text()
        && !seen.insert(say.to_lowercase())
    {
        place.complain(value, "duplicate-say", format!("two words say {say:?}"));
    }
}

/// How many different words of a kind a learner can meet.
fn count(case: &Case, kind: WordKind) -> usize {
    let nodes = case.chain.iter().filter(|node| node.kind == kind).map(|node| node.say.as_str());
    let decoys = case.decoys.iter().filter(|word| word.kind == kind).map(|word| word.say.as_str());
    let rivals = case.rivals.iter().filter_map(|rival| match kind {
        WordKind::Thing => Some(rival.thing.as_str()),
        WordKind::How => Some(rival.how.as_str()),
        _ => None,
    });
    nodes.chain(decoys).chain(rivals).collect::<BTreeSet<&str>>().len()
}

fn vocabulary(case: &Case, tree: &Tree, variant: &str, place: &mut Place) {
    let Some(chain) = tree.get("chain") else { return };
    let span = items(tree, "chain").first().map_or(chain.span.clone(), |first| first.span.clone());
    let mut odds = 1;
    let mut few = false;
    for (kind, noun, least) in WORDS_MIN {
        let found = count(case, kind);
        odds *= found;
        if found < least {
            few = true;
            let message = format!("variant {variant} has {found} {noun}; at least {least}");
            place.complain_at(span.clone(), "few-words", message).hint = "add rivals, or decoys of that kind".into();
        }
    }
    if odds < ODDS_MIN && !few {
        let message = format!("a blind verdict is right once in {odds}; at most once in {ODDS_MIN}");
        place.complain_at(span, "blind-odds", message).hint = "add decoys".into();
    }
}

fn odds_line(case: &Case, variant: &str) -> String {
    let counts = WORDS_MIN.map(|(kind, noun, _)| (count(case, kind), noun));
    let odds: usize = counts.iter().map(|(n, _)| n).product();
    let words = counts.map(|(n, noun)| format!("{n} {noun}")).join(", ");
    format!("{variant}: {words}: a blind verdict is right once in {odds}")
}

/// Texts that are read before the verdict may not hold a word that only the answer has.
fn leaks(case: &Case, tree: &Tree, place: &mut Place) {
    let telling = leak::telling_words(case);
    let Some(drill) = tree.get("drill") else { return };
    let texts = ["title", "brief", "page"].iter().filter_map(|key| drill.get(key)).chain(items(drill, "tags"));
    for value in
        texts.chain(items(tree, "coach").iter().flat_map(|step| [step.get("say"), step.get("plain")]).flatten())
    {
        leaks_word(value, &telling, case, place);
    }
    if case.tongues.contains_key(leak::KOREAN) {
        let told = ["title", "brief"].iter().filter_map(|key| drill.get(key));
        let steps = items(tree, "coach").iter().flat_map(|step| [step.get("say"), step.get("plain")]).flatten();
        let telling = leak::telling_korean(case);
        told.chain(steps).for_each(|value| leaks_korean(value, &telling, case, place));
    }
}

pub(super) fn leaks_korean(value: &Tree, telling: &BTreeSet<String>, case: &Case, place: &mut Place) {
    let told = value.text().map(|text| case.told(leak::KOREAN, text));
    if let Some(word) = told.and_then(|told| leak::leaked_korean(told, telling)) {
        let message = format!("in Korean this says {word:?}, a word of the answer of variant {}", case.variant);
        place.complain(value, "answer-leaked", message).hint =
            "say it otherwise in ko.toml, or let the translation of a rival or a decoy share the word".into();
    }
}

pub(super) fn leaks_word(value: &Tree, telling: &BTreeSet<String>, case: &Case, place: &mut Place) {
    if let Some(word) = value.text().and_then(|text| leak::leaked(text, telling)) {
        let message = format!("{word:?} is a word of the answer of variant {}", case.variant);
        place.complain(value, "answer-leaked", message).hint =
            "say it otherwise, or let a rival or a decoy share the word".into();
    }
}

fn coach(case: &Case, tree: &Tree, place: &mut Place) {
    let clues: Vec<&str> = case.clues.iter().map(|clue| clue.id.as_str()).collect();
    for step in items(tree, "coach") {
        let Some(until) = step.get("until") else { continue };
        match until.text().unwrap_or_default().split_once(':') {
            Some(("seen" | "bagged", clue)) if !clues.contains(&clue) => {
                place.complain(until, "unknown-clue", format!("there is no clue `{clue}`"));
            }
            Some(("seen" | "bagged" | "act" | "key", rest)) if !rest.is_empty() => {}
            _ => {
                place.complain(until, "unknown-word", "`until` is seen:CLUE, bagged:CLUE, act:VERB or key:PANE");
            }
        }
    }
}

/// Every blank can be proven in full, and from two instruments.
fn provable(case: &Case, tree: &Tree, variant: &str, place: &mut Place) {
    let Some(verdict) = tree.get("verdict") else { return };
    let answer = &case.verdict;
    for (blank, id) in [
        ("culprit", answer.culprit.as_str()),
        ("mechanism", answer.mechanism.as_str()),
        ("trigger", answer.trigger.as_str()),
        ("impact", answer.impact.as_str()),
        ("onset", "onset"),
    ] {
        let mut strength: BTreeMap<Channel, u32> = BTreeMap::new();
        for clue in &case.clues {
            let Some(channel) = clue.channel else { continue };
            let direct = clue.shows.iter().any(|node| node == id);
            let tenths = if direct { 7 } else { 4 * u32::from(clue.hints.iter().any(|node| node == id)) };
            let best = strength.entry(channel).or_default();
            *best = (*best).max(tenths);
        }
        strength.retain(|_, tenths| *tenths > 0);
        let support: u32 = strength.values().sum();
        if strength.len() < 2 || support < 10 {
            let value = verdict.get(blank).unwrap_or(verdict);
            let message = format!(
                "variant {variant}: `{blank}` can be proven to {}.{} from {} channel(s)",
                support.min(10) / 10,
                support.min(10) % 10,
                strength.len()
            );
            place.complain(value, "blank-unproven", message).hint =
                "a blank needs clues of two channels: one that shows it and another, or more".into();
        }
    }
}
