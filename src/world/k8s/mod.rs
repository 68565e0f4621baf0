//! A Kubernetes cluster (version 1.36): an API in front of a store, and the scheduler, kubelets and controllers that
//! live from it. Does not know HTTP, kubectl's flags, or which object is the culprit.

mod admit;
pub mod api;
mod apply;
pub mod beat;
mod controllers;
mod cron;
mod decode;
mod defaults;
mod delete;
mod index;
pub mod kinds;
pub mod kubelet;
mod managed;
pub mod network;
pub mod object;
pub mod patch;
mod read;
mod record;
pub mod recorder;
mod refusal;
mod runtime;
mod scheduler;
pub mod schema;
pub mod selector;
pub mod store;
mod subresource;
pub mod table;
mod usage;
mod validate;
mod write;

pub use kubelet::{instances, replan};

use super::World;
use super::aws::ec2;
use crate::stdx::dice::Dice;
use controllers::{Controller, Controllers};
use index::Index;
use kinds::Kind;
use std::sync::Arc;
use store::{Change, What};

/// A name shared between all that use it.
pub type Name = Arc<str>;

/// The cluster's entries on the agenda: work of the control plane and the kubelets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// The scheduler takes the next pod from its queue.
    Schedule,
    /// Pods that could not be scheduled and whose back-off is over go back to the queue.
    Requeue,
    /// A controller looks at one object.
    Reconcile {
        controller: Controller,
        namespace: Name,
        name: Name,
    },
    Kubelet(kubelet::Due),
    /// An event's hour may be over.
    Forget {
        namespace: Name,
        name: Name,
    },
}

/// The store and what the control plane remembers. Cloning shares everything.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub dice: Dice,
    pub store: store::Store,
    pub kubelets: Arc<kubelet::Kubelets>,
    index: Arc<Index>,
    scheduler: Arc<scheduler::Scheduler>,
    controllers: Arc<Controllers>,
    recorder: Arc<recorder::Recorder>,
}

impl Cluster {
    pub fn new(dice: Dice) -> Cluster {
        Cluster {
            store: store::Store::new(dice.fork("store")),
            kubelets: Arc::new(kubelet::Kubelets::new(dice.fork("kubelets"))),
            index: Arc::default(),
            scheduler: Arc::new(scheduler::Scheduler::new(dice.fork("scheduler"))),
            controllers: Arc::new(Controllers::new(dice.fork("controllers"))),
            recorder: Arc::default(),
            dice,
        }
    }

    /// What the registries of this world hold; without a row every image exists.
    pub fn registry(&mut self) -> &mut kubelet::image::Registry {
        &mut Arc::make_mut(&mut self.kubelets).registry
    }
}

pub fn happen(world: &mut World, due: Due) {
    match due {
        Due::Schedule => scheduler::next(world),
        Due::Requeue => scheduler::requeue(world),
        Due::Reconcile { controller, namespace, name } => controllers::reconcile(world, controller, namespace, name),
        Due::Kubelet(due) => kubelet::happen(world, due),
        Due::Forget { namespace, name } => recorder::forget(world, namespace, name),
    }
    react(world);
}

/// Lets the control plane look at every change of the store that it has not seen yet (`store.take_pending`).
/// The API calls it after each request.
pub fn react(world: &mut World) {
    loop {
        let changes = world.k8s.store.take_pending();
        if changes.is_empty() {
            return;
        }
        for change in changes {
            notice(world, &change);
        }
    }
}

fn notice(world: &mut World, change: &Change) {
    // Events are the bulk of all changes, and nobody in the cluster acts on them.
    if change.kind == Kind::Event {
        return;
    }
    let object = world.k8s.store.get(change.kind, &change.namespace, &change.name);
    let object = object.filter(|object| object.meta.uid == change.uid && change.what != What::Deleted).cloned();
    let news = Arc::make_mut(&mut world.k8s.index).update(change, object.as_deref());
    match (change.kind, &object) {
        (Kind::Node, Some(node)) => {
            if change.what == What::Added {
                kubelet::node::join(world, node);
            }
            scheduler::node_changed(world, &change.name);
        }
        (Kind::Node, None) => {
            kubelet::node::leave(world, &change.name);
            ec2::instances::leave(world, &change.name);
            scheduler::node_changed(world, &change.name);
        }
        (Kind::Pod, Some(pod)) => {
            scheduler::pod_changed(world, pod);
            kubelet::notice(world, pod);
        }
        (Kind::Pod, None) => {
            scheduler::pod_removed(world, &change.uid);
            kubelet::removed(world, &change.uid);
        }
        (Kind::ConfigMap | Kind::Secret, Some(_)) => kubelet::source_changed(world, change),
        _ => {}
    }
    controllers::notice(world, change, object.as_deref(), news);
}
