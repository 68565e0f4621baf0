//! Whether the injects and role cards of a game day fit their case: when they come, whom they mean, and that none of them
//! names the answer. Does not know what a part's commands show: that needs the world.

use super::{leak, paper};
use crate::console::gate::INSTRUMENTS;
use crate::scenario::file::File;
use crate::scenario::gameday::{Role, When};
use crate::scenario::keys::Place;
use crate::scenario::shape::Case;
use crate::scenario::tree::{Entry, Tree};
use crate::stdx::suggest;
use std::collections::BTreeSet;

/// An hour with fewer is a drill with spectators.
const INJECTS_MIN: usize = 3;
const SEATS_MIN: usize = 4;
/// Roles that every game day has.
const ROLES: [Role; 4] = [Role::Commander, Role::Operator, Role::Communications, Role::Scribe];

fn items<'a>(tree: &'a Tree, key: &str) -> &'a [Tree] {
    tree.get(key).map_or(&[], Tree::items)
}

/// Checks what a file says of its game day, if it says anything.
pub fn paper(file: &File, case: &Case, tree: &Tree, place: &mut Place) {
    let Some(gameday) = tree.get("gameday") else { return };
    let (injects, seats) = (items(gameday, "inject"), items(gameday, "seat"));
    if injects.len() < INJECTS_MIN {
        let message = format!("a game day has at least {INJECTS_MIN} injects; this has {}", injects.len());
        place.complain(gameday, "few-injects", message);
    }
    few_seats(gameday, seats, place);
    parts(seats, place);
    let clues = clues(file);
    for (inject, own) in injects.iter().zip(&case.gameday.injects) {
        timing(inject, &own.when, case, &clues, place);
        addressed(inject, seats, place);
    }
    let telling = leak::telling_words(case);
    let said = injects.iter().flat_map(|inject| [inject.get("from"), inject.get("say")]);
    let cards = || seats.iter().flat_map(|seat| [seat.get("title"), seat.get("note")]).flatten();
    said.flatten().chain(cards()).for_each(|value| paper::leaks_word(value, &telling, case, place));
    if case.tongues.contains_key(leak::KOREAN) {
        let telling = leak::telling_korean(case);
        cards().for_each(|value| paper::leaks_korean(value, &telling, case, place));
    }
}

fn few_seats(gameday: &Tree, seats: &[Tree], place: &mut Place) {
    let named: BTreeSet<&str> = seats.iter().filter_map(|seat| seat.get("role").and_then(Tree::text)).collect();
    let missing: Vec<&str> = ROLES.iter().map(|role| role.name()).filter(|role| !named.contains(role)).collect();
    if seats.len() < SEATS_MIN || !missing.is_empty() {
        let lacks = if missing.is_empty() { String::new() } else { format!("; there is no {}", missing.join(", no ")) };
        let message = format!("a game day has at least {SEATS_MIN} seats; this has {}{lacks}", seats.len());
        place.complain(gameday, "few-seats", message).hint =
            "commander, communications, scribe and at least one operator have a card each".into();
    }
}

/// Names are given once, and only operators have shells, with commands that ask something.
fn parts(seats: &[Tree], place: &mut Place) {
    let mut known = BTreeSet::new();
    for seat in seats {
        if let Some(id) = seat.get("id")
            && !known.insert(id.text())
        {
            let message = format!("there are two seats {:?}", id.text().unwrap_or_default());
            place.complain(id, "duplicate-id", message);
        }
        if let Some(id) = seat.get("id").filter(|id| id.text().and_then(Role::named).is_some()) {
            place.complain(id, "odd-part", "a seat is not named as a role is");
        }
        let Some(can) = seat.get("can") else { continue };
        if seat.get("role").and_then(Tree::text) != Some(Role::Operator.name()) {
            place.complain(can, "odd-part", "only an operator has a shell");
        }
        for prefix in can.items() {
            let word = prefix.text().and_then(|text| text.split_whitespace().next()).unwrap_or_default();
            if INSTRUMENTS.contains(&word) {
                continue;
            }
            let message = format!("`{word}` is no program that asks an instrument");
            place.complain(prefix, "odd-part", message).hint = match suggest::nearest(word, INSTRUMENTS.iter().copied())
            {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}; everything else is everybody's", INSTRUMENTS.join(", ")),
            };
        }
    }
}

/// The clues of all variants: a condition may be one variant's.
fn clues(file: &File) -> BTreeSet<String> {
    let parts = std::iter::once(&file.tree).chain(items(&file.tree, "variant"));
    let entries = parts.flat_map(|part| part.get("clues").map_or(&[][..], Tree::entries));
    entries.map(|entry: &Entry| entry.key.clone()).collect()
}

fn timing(inject: &Tree, when: &When, case: &Case, clues: &BTreeSet<String>, place: &mut Place) {
    let (at, condition) = (inject.get("at"), inject.get("when"));
    let by_hand = inject.get("by-hand").and_then(Tree::truth) == Some(true);
    let closes = case.drill.closes_at - case.drill.page_at;
    match (at, condition) {
        (Some(_), Some(condition)) => {
            place.complain(condition, "odd-inject", "`at` or `when`, not both");
        }
        (None, None) if !by_hand => {
            place.complain(inject, "odd-inject", "an inject has `at`, `when`, or `by-hand = true`");
        }
        (None, Some(condition)) if *when == When::Never => {
            place.complain(condition, "odd-inject", "`when` is not a condition").hint =
                "seen:CLUE, bagged:CLUE, change, update, harm-over or verdict".into();
        }
        (Some(at), None) if matches!(when, When::At(span) if span.0 < 0 || *span > closes) => {
            place.complain(at, "odd-inject", "`at` lies between the page and the close of the drill");
        }
        (Some(_), None) if inject.get("after").is_some() => {
            place.complain(inject, "odd-inject", "`after` belongs to `when`");
        }
        _ => {}
    }
    // A family has no clues of its own: which there are would tell its members apart.
    if let (When::Seen(clue) | When::Bagged(clue), Some(condition)) = (when, condition)
        && !clues.contains(clue)
    {
        let message = format!("there is no clue `{clue}`");
        place.complain(condition, "unknown-clue", message).hint =
            match suggest::nearest(clue, clues.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => String::new(),
            };
    }
}

fn addressed(inject: &Tree, seats: &[Tree], place: &mut Place) {
    let Some(to) = inject.get("to") else { return };
    let word = to.text().unwrap_or_default();
    let ids: Vec<&str> = seats.iter().filter_map(|seat| seat.get("id").and_then(Tree::text)).collect();
    let known: Vec<&str> = ids.iter().copied().chain(ROLES.iter().map(|role| role.name())).collect();
    if !known.contains(&word) {
        let message = format!("`{word}` is no role and no seat");
        place.complain(to, "odd-inject", message).hint = match suggest::nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
    }
}
