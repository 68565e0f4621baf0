//! A Kubernetes cluster (version 1.36): an API in front of a store, and the scheduler, kubelets and controllers that
//! live from it. Does not know HTTP, kubectl's flags, or which object is the culprit.

mod admit;
pub mod api;
mod apply;
mod decode;
mod defaults;
mod delete;
pub mod kinds;
mod managed;
pub mod object;
pub mod patch;
mod read;
mod record;
mod refusal;
mod runtime;
pub mod schema;
pub mod selector;
pub mod store;
mod subresource;
pub mod table;
mod usage;
mod validate;
mod write;

use super::World;
use crate::stdx::dice::Dice;

/// The cluster's entries on the agenda: work of the control plane and the kubelets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {}

/// The store and what the control plane remembers.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub dice: Dice,
    pub store: store::Store,
}

impl Cluster {
    pub fn new(dice: Dice) -> Cluster {
        let store = store::Store::new(dice.fork("store"));
        Cluster { dice, store }
    }
}

pub fn happen(_world: &mut World, due: Due) {
    match due {}
}

/// Lets the control plane look at every change of the store that it has not seen yet (`store.take_pending`).
/// The API calls it after each request.
pub fn react(_world: &mut World) {}
