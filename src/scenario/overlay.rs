//! Variants: one tree out of the shared part of a file and what a variant says of its own. Does not know what is said.

use super::tree::{Data, Entry, Tree};

/// Lists to which a variant adds; other lists it replaces.
const ADDED: &[&str] = &["script", "iac", "weather", "decoys", "witness", "inject", "question"];
/// Tables to which a variant adds entry by entry; other tables it replaces.
const MERGED: &[&str] = &["rivals", "clues", "roles", "worlds"];

/// The ids of a file's variants, in the order of the file.
pub fn variants(root: &Tree) -> Vec<String> {
    let list = root.get("variant").map_or(&[][..], Tree::items);
    list.iter().filter_map(|variant| variant.get("id")?.text().map(str::to_string)).collect()
}

/// The tree of one variant, without the list of variants; `None` if there is no such variant.
pub fn overlay(root: &Tree, id: &str) -> Option<Tree> {
    let list = root.get("variant")?.items();
    let variant = list.iter().find(|variant| variant.get("id").and_then(Tree::text) == Some(id))?;
    let mut entries: Vec<Entry> = root.entries().iter().filter(|entry| entry.key != "variant").cloned().collect();
    for entry in variant.entries().iter().filter(|entry| entry.key != "id") {
        match entries.iter_mut().find(|shared| shared.key == entry.key) {
            None => entries.push(entry.clone()),
            Some(shared) => lay(shared, entry),
        }
    }
    Some(Tree { span: root.span.clone(), data: Data::Table(entries) })
}

fn lay(shared: &mut Entry, own: &Entry) {
    match (&mut shared.value.data, &own.value.data) {
        (Data::Array(list), Data::Array(more)) if ADDED.contains(&own.key.as_str()) => {
            list.extend(more.iter().cloned())
        }
        (Data::Table(table), Data::Table(more)) if MERGED.contains(&own.key.as_str()) => {
            for entry in more {
                match table.iter_mut().find(|old| old.key == entry.key) {
                    Some(old) => *old = entry.clone(),
                    None => table.push(entry.clone()),
                }
            }
        }
        _ => *shared = own.clone(),
    }
}
