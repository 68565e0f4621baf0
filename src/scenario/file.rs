//! A scenario file as read: its tree, what is wrong with it, and its variants lowered for a seed. Does not build worlds.

use super::base;
use super::estate::{self, Estate};
use super::family;
use super::format::{FAMILY, SCENARIO};
use super::keys::{self, Place};
use super::lower::{Lowered, lower};
use super::overlay::{overlay, variants};
use super::problem::{Problem, Severity, tidy};
use super::shape::{Case, Met, Origin};
use super::skin::{self, Draws};
use super::source::Pack;
use super::tongue;
use super::tree::{self, Tree};
use super::words;
use crate::stdx::suggest;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A file whose keys and types are right.
#[derive(Clone, Debug)]
pub struct File {
    pub shown: String,
    pub source: String,
    pub tree: Tree,
    pub variants: Vec<String>,
}

/// One variant with everything drawn: what casting and checking need.
pub struct Drawn {
    pub lowered: Lowered,
    pub estate: Estate,
    pub draws: Draws,
    /// The variant's tree, expanded: where its parts are in the file.
    pub tree: Tree,
}

/// Reads `scenario.toml`. All problems at once; warnings alone do not stop it.
pub fn read(pack: &Pack) -> Result<File, Vec<Problem>> {
    let refusals = pack.refusals();
    if !refusals.is_empty() {
        return Err(tidy(refusals));
    }
    let source = pack.text("scenario.toml").map_err(|problem| vec![*problem])?;
    let shown = format!("{}/scenario.toml", pack.shown);
    let (tree, syntax) = tree::parse(&shown, source);
    let broken = !syntax.is_empty();
    let mut place = Place { file: &shown, source, problems: syntax };
    if broken {
        // What follows from a syntax error is noise, except keys that are plainly wrong.
        let mut shape = Place { file: &shown, source, problems: Vec::new() };
        keys::check(&tree, shape_of(&tree), &mut shape);
        place.problems.extend(shape.problems.into_iter().filter(|problem| problem.code == "unknown-key"));
        return Err(tidy(place.problems));
    }
    keys::check(&tree, shape_of(&tree), &mut place);
    let family = family::is_family(&tree);
    let ids = if family { family::members(&tree) } else { variants(&tree) };
    check_variants(&tree, &ids, &mut place);
    if family {
        // One page for all members: it cannot hold what the seed draws for one of them.
        skin::expand_tree(&mut tree.clone(), &Draws::new(), &[], &mut place);
    }
    if place.problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(tidy(place.problems));
    }
    Ok(File { shown: shown.clone(), source: source.to_string(), tree, variants: ids })
}

/// The keys of a case's file, or of a family's.
fn shape_of(tree: &Tree) -> &'static keys::Shape {
    if family::is_family(tree) { &FAMILY } else { &SCENARIO }
}

fn check_variants(tree: &Tree, ids: &[String], place: &mut Place) {
    if let Some(list) = tree.get("variant").or(tree.get("member"))
        && ids.is_empty()
    {
        place.complain(list, "no-variant", "a scenario needs at least one variant");
    }
    for (index, variant) in tree.get("variant").map_or(&[][..], Tree::items).iter().enumerate() {
        let Some(id) = variant.get("id") else { continue };
        if ids.iter().take(index).any(|earlier| Some(earlier.as_str()) == id.text()) {
            place.complain(id, "duplicate-id", format!("there are two variants {:?}", id.text().unwrap_or_default()));
        }
    }
}

/// Overlays, draws, expands and lowers one variant. `[drill]`, the title and the page are the same for all of them.
pub fn draw(pack: &Pack, file: &File, variant: &str, seed: u64) -> Result<Drawn, Vec<Problem>> {
    if family::is_family(&file.tree) {
        return family::draw(pack, file, variant, seed);
    }
    let mut place = Place { file: &file.shown, source: &file.source, problems: Vec::new() };
    let Some(mut tree) = overlay(&file.tree, variant) else {
        let known = file.variants.iter().map(String::as_str);
        let near = suggest::nearest(variant, known).map(|near| format!("did you mean `{near}`?"));
        let hint = near.unwrap_or_else(|| format!("there are: {}", file.variants.join(", ")));
        let message = format!("there is no variant {variant:?}");
        return Err(vec![Problem::of_file(&file.shown, "unknown-variant", message).hint(hint)]);
    };
    require(&tree, &["chain", "verdict", "clues", "rivals", "fixes"], variant, &mut place);
    let mut draws = Draws::new();
    if let Some(skin) = file.tree.get("skin") {
        skin::draw(skin, seed, &mut draws, &mut place);
    }
    let name = tree.get("estate").and_then(Tree::text).unwrap_or_default().to_string();
    let estate = estate::read(pack, &name, seed, &mut draws);
    let roles: Vec<String> =
        tree.get("roles").map_or(&[][..], Tree::entries).iter().map(|entry| entry.key.clone()).collect();
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    skin::expand_tree(&mut tree, &draws, &roles, &mut place);
    keys::check_drawn(&tree, &SCENARIO, &mut place);
    let mut lowered = lower(&tree, &mut place);
    lowered.case.slug = pack.slug.clone();
    lowered.case.variant = variant.to_string();
    lowered.case.seed = seed;
    lowered.case.hash = hash(pack, &name);
    lowered.case.names.clone_from(&draws);
    lowered.case.words = words(file, &draws);
    lowered.case.origin = Origin(Some(Arc::new(pack.clone())));
    lowered.case.solution = pack.text(&solution_path(variant)).unwrap_or_default().to_string();
    lowered.case.names.insert("page_time".into(), lowered.case.drill.page_at.hour_minute());
    if let Some(onset) = lowered.case.verdict.onset {
        let page_at = lowered.case.drill.page_at;
        lowered.case.names.insert("onset".into(), onset.told_at(page_at));
    }
    lowered.case.tongues = tongue::told(pack, &tongue::texts(pack, &file.tree), &lowered.case.names);
    match estate {
        Ok(estate) if place.problems.is_empty() => Ok(Drawn { lowered, estate, draws, tree }),
        Ok(_) => Err(tidy(place.problems)),
        Err(mut problems) => {
            problems.append(&mut place.problems);
            Err(tidy(problems))
        }
    }
}

/// Where the solution of a variant is in its pack.
pub fn solution_path(variant: &str) -> String {
    format!("solutions/{variant}.txt")
}

/// A variant's structure: chain, clues and rivals as the file says them, without reading its estate. What only the estate
/// draws stays in braces. For whoever looks at many cases and plays none.
pub fn outline(file: &File, variant: &str) -> Option<Case> {
    let mut place = Place { file: &file.shown, source: &file.source, problems: Vec::new() };
    let mut tree = overlay(&file.tree, variant)?;
    let mut draws = Draws::new();
    if let Some(skin) = file.tree.get("skin") {
        skin::draw(skin, 1, &mut draws, &mut place);
    }
    skin::expand_tree(&mut tree, &draws, &[], &mut place);
    Some(lower(&tree, &mut place).case)
}

/// The words of all variants under the same draws. What is wrong in another variant is said when that one is drawn.
fn words(file: &File, draws: &Draws) -> Vec<Met> {
    let mut place = Place { file: &file.shown, source: &file.source, problems: Vec::new() };
    let trees = file.variants.iter().filter_map(|variant| overlay(&file.tree, variant));
    let cases: Vec<Case> = trees
        .map(|mut tree| {
            skin::expand_tree(&mut tree, draws, &[], &mut place);
            lower(&tree, &mut place).case
        })
        .collect();
    words::gather(&cases)
}

/// What may be shared or a variant's own must be somewhere.
fn require(tree: &Tree, keys: &[&str], variant: &str, place: &mut Place) {
    for key in keys.iter().filter(|key| tree.get(key).is_none()) {
        let message = format!("variant {variant} has no `{key}`, and there is no shared one");
        let start = place.source.find("[[variant]]").unwrap_or(0);
        place.complain_at(start..start + 11, "missing-key", message);
    }
}

/// SHA-256 over paths and contents of the pack and its estate. A translation changes nothing of a case: runs outlive it.
pub fn hash(pack: &Pack, estate: &str) -> String {
    let own = pack.files.iter().filter(|(path, _)| !tongue::is_tongue(path));
    let estates = base::names(pack, estate);
    let shared = estates.iter().filter_map(|name| pack.estates.get(name)).flat_map(|files| files.iter());
    hash_of(own.chain(shared).map(|(path, bytes)| (path.as_str(), &bytes[..])))
}

/// SHA-256 over names and contents, hex.
pub fn hash_of<'a>(parts: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut digest = Sha256::new();
    for (path, bytes) in parts {
        digest.update((path.len() as u64).to_le_bytes());
        digest.update(path.as_bytes());
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
