//! Families: one page behind which the culprits of several cases hide. A family's file gives the page and names its members; a
//! member's world, clues and grading are those of its case. Does not check fairness.

use super::file::{self, Drawn, File};
use super::format::MEMBERS_MAX;
use super::problem::Problem;
use super::shape::Origin;
use super::skin;
use super::source::Pack;
use super::tongue;
use super::tree::{self, Data, Entry, Tree};
use crate::stdx::text::harmless;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Between a member's case and its variant.
const OF: char = '/';
/// Messages that arrive, and what a game day has beyond.
const GAMEDAY: &str = "gameday";
const INJECT: &str = "inject";
/// What speaks of a case's own page.
const SPEAKS: &[&str] = &["coach", GAMEDAY, INJECT];

/// Whether a file's tree is a family's.
pub fn is_family(tree: &Tree) -> bool {
    tree.get("member").is_some()
}

/// The members of a family, `case/variant` each, in the order of the file.
pub fn members(tree: &Tree) -> Vec<String> {
    let list = tree.get("member").map_or(&[][..], Tree::items);
    let ids = list.iter().flat_map(|member| {
        let case = member.get("case").and_then(Tree::text).unwrap_or_default();
        let variants = member.get("variants").map_or(&[][..], Tree::items).iter().filter_map(Tree::text);
        variants.map(move |variant| format!("{case}{OF}{variant}"))
    });
    ids.collect()
}

/// The cases that a file's text names as members, if it is a family's. For whoever fetches them; says nothing of mistakes.
pub fn cases(source: &str) -> Vec<String> {
    if !source.contains("member") {
        return Vec::new();
    }
    let (tree, _) = tree::parse("", source);
    let cases: BTreeSet<String> = members(&tree).iter().filter_map(|id| Some(case_of(id)?.to_string())).collect();
    cases.into_iter().take(MEMBERS_MAX).collect()
}

/// The case that a member comes from; a variant of a plain case comes from none but its own.
pub fn case_of(id: &str) -> Option<&str> {
    id.split_once(OF).map(|(case, _)| case)
}

/// The pack and the variant that an id means: of a member those of its case, of a plain variant the pack's own. `None` if
/// there is no such case.
pub fn behind<'a>(pack: &'a Pack, id: &'a str) -> Option<(Cow<'a, Pack>, &'a str)> {
    match id.split_once(OF) {
        Some((case, variant)) => Some((Cow::Owned(pack.member(case)?), variant)),
        None => Some((Cow::Borrowed(pack), id)),
    }
}

/// Draws a member: the variant of its case, under the family's page.
pub fn draw(pack: &Pack, family: &File, id: &str, seed: u64) -> Result<Drawn, Vec<Problem>> {
    let (inner, variant) = match behind(pack, id) {
        Some((inner, variant)) if inner.slug != pack.slug => (inner, variant),
        _ => return Err(vec![unknown(family, id, "case", "unknown-case", "there is no case of that name")]),
    };
    let mut own = file::read(&inner)?;
    if is_family(&own.tree) {
        return Err(vec![unknown(family, id, "case", "unknown-case", "this is a family itself, not a case")]);
    }
    if !own.variants.iter().any(|known| known == variant) {
        let why = format!("the case has the variants {}", own.variants.join(", "));
        return Err(vec![unknown(family, id, "variants", "unknown-variant", &why)]);
    }
    let title = own.tree.get("drill").and_then(|drill| drill.get("title")?.text()).unwrap_or_default().to_string();
    // What the case says on its own page is told as well: a debrief names the case behind.
    let texts = tongue::texts(&inner, &own.tree);
    wear(&mut own.tree, &family.tree);
    let mut drawn = file::draw(&inner, &own, variant, seed)?;
    let case = &mut drawn.lowered.case;
    case.slug.clone_from(&pack.slug);
    case.variant = id.to_string();
    case.origin = Origin(Some(Arc::new(pack.clone())));
    case.tongues = tongue::told(&inner, &texts, &case.names);
    tongue::add(&mut case.tongues, tongue::told(pack, &tongue::texts(pack, &family.tree), &case.names));
    case.behind = harmless(&skin::expand(&title, &drawn.draws));
    case.hash = file::hash_of([("family", family.source.as_bytes()), ("case", case.hash.as_bytes())].into_iter());
    Ok(drawn)
}

/// Puts what a family says in the place of what the case says: of the drill, and the messages that arrive, which would speak of
/// the case's own page.
fn wear(case: &mut Tree, family: &Tree) {
    let Data::Table(entries) = &mut case.data else { return };
    let drill = entries.iter_mut().find(|entry| entry.key == "drill");
    if let Some(Data::Table(drill)) = drill.map(|entry| &mut entry.value.data) {
        let face = family.get("drill").map_or(&[][..], Tree::entries);
        // A case that was read has a face of its own: each key is there.
        for entry in drill {
            if let Some(own) = face.iter().find(|own| own.key == entry.key) {
                *entry = elsewhere(own);
            }
        }
    }
    let variants = entries.iter_mut().filter(|entry| entry.key == "variant");
    for variant in variants.flat_map(|entry| items(&mut entry.value)) {
        mute(variant);
    }
    mute(case);
    let told = family.entries().iter().filter(|entry| [GAMEDAY, INJECT].contains(&entry.key.as_str()));
    if let Data::Table(entries) = &mut case.data {
        entries.extend(told.map(elsewhere));
    }
}

fn items(tree: &mut Tree) -> &mut [Tree] {
    match &mut tree.data {
        Data::Array(items) => items,
        _ => &mut [],
    }
}

/// Takes away what speaks of the page.
fn mute(tree: &mut Tree) {
    if let Data::Table(entries) = &mut tree.data {
        entries.retain(|entry| !SPEAKS.contains(&entry.key.as_str()));
    }
}

/// An entry of a family in a case's tree: its place is in another file.
fn elsewhere(entry: &Entry) -> Entry {
    Entry { span: 0..0, value: Tree { span: 0..0, data: entry.value.data.clone() }, ..entry.clone() }
}

/// What is wrong with a member, at its key.
fn unknown(family: &File, id: &str, key: &str, code: &'static str, why: &str) -> Problem {
    let members = family.tree.get("member").map_or(&[][..], Tree::items);
    let member = members.iter().find(|member| member.get("case").and_then(Tree::text) == case_of(id));
    let span = member.and_then(|member| member.get(key)).map_or(0..0, |value| value.span.clone());
    Problem::at(&family.shown, &family.source, span, code, format!("the member {id:?} cannot be played: {why}"))
}
