//! The state: what the last apply left behind, and how it is read again from the account. Does not know the code.

use super::RUNNER;
use super::code::Attributes;
use super::types::{self, Hand};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// Resources that were made, by address.
pub type State = BTreeMap<String, Entry>;

/// One resource that was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// As its type names it: a URL, an ARN, a name.
    pub id: String,
    pub module: String,
    /// Resolved, with what the account added.
    pub attributes: Attributes,
    /// Addresses that it referred to.
    pub needs: BTreeSet<String>,
}

/// Reads every resource of the state from the account; those that are gone are left out.
pub fn refresh(world: &mut World) -> Result<State, String> {
    let state = world.iac.state.clone();
    let mut fresh = State::new();
    for (address, entry) in state.iter() {
        let Some(row) = types::of(address) else { continue };
        let mut hand = Hand { world, user: RUNNER };
        let read = (row.read)(&mut hand, &entry.id, &entry.attributes);
        let read = read.map_err(|fault| format!("reading {address}: {}", types::words(row, &fault)))?;
        if let Some(read) = read {
            let attributes = overlaid(&entry.attributes, read);
            fresh.insert(address.clone(), Entry { attributes, ..entry.clone() });
        }
    }
    Ok(fresh)
}

/// Attributes with what was read put over them; null takes one away.
pub fn overlaid(old: &Attributes, read: Attributes) -> Attributes {
    let mut out = old.clone();
    for (key, value) in read {
        if value.is_null() {
            out.remove(&key);
        } else {
            out.insert(key, value);
        }
    }
    out
}
