//! Completion of kubectl's words: verbs, kinds, names, namespaces, flags, containers, formats. Shows names only; the world
//! that is asked is a copy, so nothing moves.

use super::verbs::{self, Takes, VERBS, VerbRow};
use super::{about, call_for, flags, targets};
use crate::console::Candidate;
use crate::console::session::Session;
use crate::world::World;
use crate::world::k8s::api;

const FORMATS: &[&str] = &["custom-columns=", "json", "jsonpath=", "name", "wide", "yaml"];
/// More candidates than this help nobody.
const CANDIDATES_MAX: usize = 200;

/// What may stand in place of `words[caret]`, the word that is being typed (`words[0]` is `kubectl`). The candidates'
/// `start` is 0: the caller knows where the word stands on the line.
pub fn complete(world: &World, session: &Session, words: &[String], caret: usize) -> Vec<Candidate> {
    let typed = words.get(caret).map_or("", String::as_str);
    let (leading, rest) = leading_flags(words.iter().take(caret).skip(1).cloned().collect());
    // Flags of every verb may stand before it: they are read as if they stood behind.
    let before: Vec<String> = match leading.last().filter(|_| rest.is_empty()) {
        Some(flag) if takes_value(flag) => return values(world, session, &leading, typed),
        _ => rest.iter().chain(&leading).cloned().collect(),
    };
    let mut plain: Vec<String> = rest.iter().filter(|w| !w.starts_with('-')).cloned().collect();
    let found = verbs::find(&plain);
    let candidates = match found {
        None => verb_names(&plain, typed),
        // `create` and `create configmap` both exist: while the second word is typed, both are meant.
        Some((row, n)) if plain.len() == n && VERBS.iter().any(|v| v.name.starts_with(&format!("{} ", row.name))) => {
            verb_names(&plain, typed)
        }
        Some((row, n)) => {
            plain.drain(..n);
            arguments(world, session, row, &before, typed)
        }
    };
    let mut out: Vec<Candidate> = candidates.into_iter().filter(|c| c.text.starts_with(typed)).collect();
    out.truncate(CANDIDATES_MAX);
    out
}

/// The flags before the verb with their values, and what comes after them.
fn leading_flags(words: Vec<String>) -> (Vec<String>, Vec<String>) {
    let (mut at, mut value) = (0, false);
    while let Some(word) = words.get(at).filter(|word| value || word.starts_with('-')) {
        value = !value && takes_value(word);
        at += 1;
    }
    let mut leading = words;
    let rest = leading.split_off(at);
    (leading, rest)
}

/// Whether the next word is the value of this flag of every verb.
fn takes_value(word: &str) -> bool {
    let bare = word.trim_start_matches('-');
    let is = |flag: &crate::console::flag::Flag| flag.long == bare || bare.chars().eq([flag.short]);
    word.starts_with('-') && flags::GLOBAL.iter().any(|flag| is(flag) && !flag.value.is_empty())
}

/// Values of a flag that stands before any verb: what they are does not depend on the verb.
fn values(world: &World, session: &Session, before: &[String], typed: &str) -> Vec<Candidate> {
    let Some((get, _)) = verbs::find(&["get".to_string()]) else { return Vec::new() };
    let found = arguments(world, session, get, before, typed);
    found.into_iter().filter(|candidate| candidate.text.starts_with(typed)).collect()
}

fn candidate(text: impl Into<String>, about: impl Into<String>) -> Candidate {
    Candidate { start: 0, text: text.into(), about: about.into() }
}

fn verb_names(before: &[String], typed: &str) -> Vec<Candidate> {
    let prefix = if before.is_empty() { String::new() } else { format!("{} ", before.join(" ")) };
    let mut out: Vec<Candidate> = Vec::new();
    for row in VERBS {
        let Some(tail) = row.name.strip_prefix(&prefix) else { continue };
        let (word, more) = tail.split_once(' ').map_or((tail, false), |(w, _)| (w, true));
        if out.last().is_none_or(|c| c.text != word) && word.starts_with(typed) {
            out.push(candidate(word, if more { "" } else { row.doc }));
        }
    }
    out
}

fn arguments(
    world: &World,
    session: &Session,
    row: &'static VerbRow,
    before: &[String],
    typed: &str,
) -> Vec<Candidate> {
    let mut world = world.clone();
    let mut session = session.clone();
    let last = before.last().map_or("", String::as_str);
    // A namespace given on the line says where names are looked for.
    let space = before.iter().position(|w| w == "-n" || w == "--namespace").and_then(|i| before.get(i + 1)).cloned();
    let inline = before.iter().find_map(|w| w.strip_prefix("--namespace=").or(w.strip_prefix("-n="))).map(String::from);
    if let Some(space) = space.or(inline) {
        session.namespace = space;
    }
    let mut call = call_for(&mut world, &mut session, row.name);
    let named = |names: Vec<String>, about: &str| names.into_iter().map(|n| candidate(n, about)).collect();
    match last {
        "-n" | "--namespace" => return named(about::names(&mut call, "namespaces"), "namespace"),
        "-o" | "--output" => return FORMATS.iter().map(|f| candidate(*f, "format")).collect(),
        "-c" | "--container" | "--containers" => {
            let pod = before.iter().rev().skip(1).find(|w| !w.starts_with('-')).cloned().unwrap_or_default();
            let pod = pod.rsplit('/').next().unwrap_or("").to_string();
            return named(about::containers(&mut call, &pod), "container");
        }
        _ => {}
    }
    if typed.starts_with("--namespace=") {
        let names = about::names(&mut call, "namespaces");
        return names.into_iter().map(|n| candidate(format!("--namespace={n}"), "namespace")).collect();
    }
    if typed.starts_with('-') {
        return flags::all(row)
            .filter(|f| !f.long.is_empty())
            .map(|f| {
                let equals = if f.value.is_empty() || f.value.starts_with('[') { "" } else { "=" };
                candidate(format!("--{}{equals}", f.long), f.about)
            })
            .collect();
    }
    let operands: Vec<&String> = operands(row, before);
    match row.takes {
        Takes::Nothing => Vec::new(),
        Takes::Verb => verb_names(&[], typed),
        Takes::Kind => kinds(),
        Takes::Node => named(about::names(&mut call, "nodes"), "node"),
        Takes::Workload => slashed(&mut call, typed, "deployment"),
        Takes::Pod if typed.contains('/') => slashed(&mut call, typed, ""),
        Takes::Pod => named(about::names(&mut call, "pods"), "pod"),
        Takes::Objects if typed.contains('/') => slashed(&mut call, typed, ""),
        Takes::Objects => match operands.first() {
            None => kinds(),
            Some(kind) if !kind.contains('/') => named(about::names(&mut call, kind), kind),
            Some(_) => Vec::new(),
        },
    }
}

/// The operands given so far: words that are neither flags nor flags' values.
fn operands<'a>(row: &'static VerbRow, before: &'a [String]) -> Vec<&'a String> {
    let mut out = Vec::new();
    let mut rest = before.iter().skip(row.name.split(' ').count());
    while let Some(word) = rest.next() {
        if !word.starts_with('-') {
            out.push(word);
            continue;
        }
        let bare = word.trim_start_matches('-');
        let takes = flags::all(row)
            .any(|f| (f.long == bare || (f.short != '\0' && bare.chars().eq([f.short]))) && !f.value.is_empty());
        if takes {
            rest.next();
        }
    }
    out
}

fn kinds() -> Vec<Candidate> {
    let mut out: Vec<Candidate> = api::resources().iter().map(|row| candidate(row.plural, row.doc)).collect();
    out.push(candidate("all", "pods, services and workloads"));
    out.sort_by(|a, b| a.text.cmp(&b.text));
    out.dedup_by(|a, b| a.text == b.text);
    out
}

/// `KIND/NAME` for the kind typed, or for `default`.
fn slashed(call: &mut super::call::Call, typed: &str, default: &str) -> Vec<Candidate> {
    let kind = typed.split_once('/').map_or(default, |(k, _)| k);
    if targets::kind(kind).is_err() {
        return Vec::new();
    }
    let names = about::names(call, kind);
    names.into_iter().map(|n| candidate(format!("{kind}/{n}"), kind)).collect()
}
