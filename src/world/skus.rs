//! The shop's goods: one row a SKU, its columns as text at any time, and who edited them. Does not know who reads a
//! price, nor whether it is a number.

use super::World;
use super::audit::{Entry, FieldChange};
use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Edits kept a row; beyond it an edit is refused.
pub const EDITS_MAX: usize = 10_000;

/// One edit of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub at: Time,
    pub by: String,
    pub column: String,
    pub before: String,
    pub after: String,
}

#[derive(Clone, Debug, Default)]
pub struct Row {
    pub flavour: String,
    first: BTreeMap<String, String>,
    pub edits: Vec<Edit>,
}

/// All rows by SKU.
#[derive(Clone, Debug, Default)]
pub struct Skus {
    rows: Arc<BTreeMap<String, Row>>,
}

impl Row {
    /// A column as it read at a time.
    pub fn column_at(&self, column: &str, at: Time) -> Option<&str> {
        let mut edits = self.edits.iter().rev().filter(|edit| edit.at <= at && edit.column == column);
        edits.next().map(|edit| edit.after.as_str()).or_else(|| self.first.get(column).map(String::as_str))
    }

    /// Every column's name, sorted.
    pub fn columns(&self) -> Vec<&str> {
        let edited = self.edits.iter().map(|edit| edit.column.as_str());
        let mut names: Vec<&str> = self.first.keys().map(String::as_str).chain(edited).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Skus {
    /// Makes a row known as it reads at the start of the world.
    pub fn declare(&mut self, sku: &str, flavour: &str, columns: &BTreeMap<String, String>, _at: Time) {
        let row = Row { flavour: flavour.to_string(), first: columns.clone(), edits: Vec::new() };
        Arc::make_mut(&mut self.rows).insert(sku.to_string(), row);
    }

    pub fn get(&self, sku: &str) -> Option<&Row> {
        self.rows.get(sku)
    }

    pub fn all(&self) -> impl Iterator<Item = (&String, &Row)> {
        self.rows.iter()
    }

    /// A row by its SKU or its flavour, in any case.
    pub fn find(&self, word: &str) -> Option<(&String, &Row)> {
        let same = |text: &str| text.eq_ignore_ascii_case(word);
        self.rows.iter().find(|(sku, row)| same(sku) || same(&row.flavour))
    }
}

/// Edits one column at `world.now` and writes it to the audit; `None` if there is no such row or it was edited too
/// often.
pub fn edit(world: &mut World, sku: &str, column: &str, after: &str, user: &str, agent: &str) -> Option<()> {
    let now = world.now;
    let row = Arc::make_mut(&mut world.skus.rows).get_mut(sku)?;
    let before = row.column_at(column, now).unwrap_or("").to_string();
    if row.edits.len() >= EDITS_MAX {
        return None;
    }
    let changed = before != after;
    if changed {
        let (column, before, after) = (column.to_string(), before.clone(), after.to_string());
        row.edits.push(Edit { at: now, by: user.to_string(), column, before, after });
    }
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let change = || FieldChange { path: column.to_string(), before: Some(quoted(&before)), after: Some(quoted(after)) };
    world.audit.record(Entry {
        serial: 0,
        at: now,
        user: user.to_string(),
        agent: agent.to_string(),
        verb: "update".into(),
        resource: "skus".into(),
        namespace: String::new(),
        name: sku.to_string(),
        changed: if changed { vec![change()] } else { Vec::new() },
        code: 200,
        dry_run: false,
    });
    Some(())
}
