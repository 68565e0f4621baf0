//! Rows whose cells stand on several lines: each line shows the columns that it prints, and lines that are seen together show
//! the row that they are pieces of. Does not know tables, and not who prints them.

use super::fact::Fact;
use super::page::Line;
use crate::stdx::dice;
use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which row a piece is of: table, time, and a number made of all its cells.
pub type Key = (String, Time, u64);

/// A row that will be printed in pieces.
pub fn whole(table: &str, at: Time, fields: BTreeMap<String, String>) -> Fact {
    // Nought is a row that is not in pieces.
    let of = dice::hash_name(&format!("{table} {at:?} {fields:?}")).max(1);
    Fact::Row { table: table.to_string(), at, fields, of }
}

/// The piece of a row that shows the columns that are wanted, and no others.
pub fn piece(row: &Fact, wanted: impl Fn(&str) -> bool) -> Arc<Fact> {
    let mut piece = row.clone();
    if let Fact::Row { fields, .. } = &mut piece {
        fields.retain(|column, _| wanted(column));
    }
    Arc::new(piece)
}

/// The row that a fact is a piece of.
pub fn key(fact: &Fact) -> Option<Key> {
    match fact {
        Fact::Row { table, at, of, .. } if *of != 0 => Some((table.clone(), *at, *of)),
        _ => None,
    }
}

/// Takes over the columns of another piece of the same row.
pub fn join(row: &mut Arc<Fact>, more: &Fact) {
    let (Fact::Row { fields: known, .. }, Fact::Row { fields: new, .. }) = (row.as_ref(), more) else { return };
    if new.keys().all(|column| known.contains_key(column)) {
        return;
    }
    if let Fact::Row { fields, .. } = Arc::make_mut(row) {
        fields.extend(new.iter().map(|(column, cell)| (column.clone(), cell.clone())));
    }
}

/// What lines show together.
pub fn shown(lines: &[Line]) -> Vec<Arc<Fact>> {
    together(lines.iter().flat_map(|line| &line.marks).map(|mark| &mark.fact))
}

/// Facts that are seen together, each once, in the order in which they first come: pieces of one row are one fact.
pub fn together<'a>(facts: impl Iterator<Item = &'a Arc<Fact>>) -> Vec<Arc<Fact>> {
    let mut out: Vec<Arc<Fact>> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    let mut rows: BTreeMap<Key, usize> = BTreeMap::new();
    for fact in facts.filter(|fact| known.insert(Arc::as_ptr(fact))) {
        let key = key(fact);
        match key.as_ref().and_then(|key| rows.get(key)).and_then(|place| out.get_mut(*place)) {
            Some(row) => join(row, fact),
            None => {
                rows.extend(key.map(|key| (key, out.len())));
                out.push(Arc::clone(fact));
            }
        }
    }
    out
}
