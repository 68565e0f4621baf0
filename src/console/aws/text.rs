//! `--output text`: tabs between scalars, a list's name in capitals before each of its lines, keys in order. Does not know
//! where a value comes from.

use super::node::{Data, Facts, Node};
use super::query;
use super::show::Paper;
use std::collections::BTreeSet;

/// Writes one answer (or one page of it). The error is what the client falls over: a list of maps and something else.
pub fn write(node: &Node, paper: &mut Paper) -> Result<(), String> {
    item(node, None, None, paper)
}

fn item(node: &Node, name: Option<&str>, keys: Option<&BTreeSet<&str>>, paper: &mut Paper) -> Result<(), String> {
    match &node.data {
        Data::Map(members) => map(members, name, keys, paper),
        Data::List(items) => list(items, name, paper),
        _ => {
            paper.put(&node.words(), &node.facts);
            paper.end();
            Ok(())
        }
    }
}

fn list(items: &[Node], name: Option<&str>, paper: &mut Paper) -> Result<(), String> {
    // Of an empty list nothing is printed; there is no span to show its emptiness on.
    if items.is_empty() {
        return Ok(());
    }
    if items.iter().any(|item| matches!(item.data, Data::Map(_))) {
        if let Some(other) = items.iter().find(|item| !matches!(item.data, Data::Map(_))) {
            return Err(format!("'{}' object has no attribute 'items'", query::class(other)));
        }
        // Every element prints the same columns.
        let keys: BTreeSet<&str> = items
            .iter()
            .filter_map(|item| match &item.data {
                Data::Map(members) => Some(members.iter().filter(|(_, v)| v.is_scalar()).map(|(key, _)| &**key)),
                _ => None,
            })
            .flatten()
            .collect();
        for element in items {
            item(element, name, Some(&keys), paper)?;
        }
    } else if items.iter().any(|item| matches!(item.data, Data::List(_))) {
        let (scalars, others): (Vec<&Node>, Vec<&Node>) = items.iter().partition(|item| item.is_scalar());
        if !scalars.is_empty() {
            scalar_list(&scalars, name, paper);
        }
        for other in others {
            item(other, name, None, paper)?;
        }
    } else {
        scalar_list(&items.iter().collect::<Vec<_>>(), name, paper);
    }
    Ok(())
}

fn scalar_list(items: &[&Node], name: Option<&str>, paper: &mut Paper) {
    match name {
        Some(name) => {
            for item in items {
                paper.push(&format!("{}\t", name.to_uppercase()));
                paper.put(&item.words(), &item.facts);
                paper.end();
            }
        }
        None => row(items.iter().map(|item| (item.words(), &item.facts)), paper),
    }
}

fn row<'a>(cells: impl Iterator<Item = (String, &'a Facts)>, paper: &mut Paper) {
    for (at, (text, facts)) in cells.enumerate() {
        if at > 0 {
            paper.push("\t");
        }
        paper.put(&text, facts);
    }
    paper.end();
}

type Members = [(std::rc::Rc<str>, Node)];

fn map(members: &Members, name: Option<&str>, keys: Option<&BTreeSet<&str>>, paper: &mut Paper) -> Result<(), String> {
    let none = Facts::new();
    let mut sorted: Vec<(&str, &Node)> = members.iter().map(|(key, node)| (&**key, node)).collect();
    sorted.sort_by_key(|(key, _)| *key);
    let mut scalars: Vec<(String, &Facts)> = Vec::new();
    match keys {
        None => scalars.extend(sorted.iter().filter(|(_, n)| n.is_scalar()).map(|(_, n)| (n.words(), &n.facts))),
        Some(keys) => {
            for key in keys {
                let found = sorted.iter().find(|(name, _)| name == key);
                scalars.push(found.map_or((String::new(), &none), |(_, node)| (node.words(), &node.facts)));
            }
        }
    }
    if !scalars.is_empty() {
        if let Some(name) = name {
            scalars.insert(0, (name.to_uppercase(), &none));
        }
        row(scalars.into_iter(), paper);
    }
    let column = |key: &str, node: &Node| keys.map_or(node.is_scalar(), |keys| keys.contains(key));
    for (key, node) in sorted.into_iter().filter(|(key, node)| !column(key, node)) {
        item(node, Some(key), None, paper)?;
    }
    Ok(())
}
