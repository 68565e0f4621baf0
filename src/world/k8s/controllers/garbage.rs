//! Garbage collection by owner references: what loses its last owner goes (background), what must see its dependents
//! off first waits (foreground), and orphans lose their reference. Does not know kinds.

use super::{Controller, Done, delete, enqueue, update};
use crate::stdx::time::Span;
use crate::world::World;
use crate::world::k8s::index::Place;
use crate::world::k8s::kinds::by_kind;
use crate::world::k8s::object::{Object, Owner};
use crate::world::k8s::store::{Change, What};
use std::sync::Arc;

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// An object went, or was marked for deletion with its dependents first.
pub fn notice(world: &mut World, change: &Change, object: Option<&Object>) {
    if change.what == What::Deleted {
        let controllers = Arc::make_mut(&mut world.k8s.controllers);
        controllers.doomed.remove(change.uid.as_str());
        if world.k8s.index.dependents(&change.uid).next().is_some() {
            enqueue(world, Controller::Garbage, "", &change.uid, Span::ZERO);
        }
        return;
    }
    let Some(object) = object.filter(|object| object.meta.deleted.is_some()) else { return };
    if object.meta.finalizers.iter().any(|f| f == FOREGROUND || f == ORPHAN) {
        let place =
            Place { kind: change.kind, namespace: change.namespace.as_str().into(), name: change.name.as_str().into() };
        Arc::make_mut(&mut world.k8s.controllers).doomed.insert(change.uid.as_str().into(), place);
        enqueue(world, Controller::Garbage, "", &change.uid, Span::ZERO);
    } else if object.meta.finalizers.is_empty() && change.kind != crate::world::k8s::kinds::Kind::Pod {
        let waits = change.kind == crate::world::k8s::kinds::Kind::Namespace;
        if !waits {
            world.k8s.store.remove(change.kind, &change.namespace, &change.name);
        }
    }
}

/// Sees to the dependents of the object with this uid.
pub fn reconcile(world: &mut World, uid: &str) -> Done {
    let doomed = world.k8s.controllers.doomed.get(uid).cloned();
    let dependents: Vec<Place> = world.k8s.index.dependents(uid).cloned().collect();
    let Some(place) = doomed else {
        for place in dependents {
            release(world, &place, uid);
        }
        return Done::Well;
    };
    let Some(object) = world.k8s.store.get(place.kind, &place.namespace, &place.name).cloned() else {
        return Done::Well;
    };
    if object.meta.finalizers.iter().any(|f| f == ORPHAN) {
        for dependent in &dependents {
            update(world, dependent.kind, &dependent.namespace, &dependent.name, |object| {
                object.meta.owners.retain(|owner| owner.uid != uid);
            });
        }
        finish(world, &place, ORPHAN);
        return Done::Well;
    }
    let blocking = |place: &&Place| {
        let object = world.k8s.store.get(place.kind, &place.namespace, &place.name);
        object.is_some_and(|object| object.meta.owners.iter().any(|o| o.uid == uid && o.block_deletion))
    };
    let blocked = dependents.iter().filter(blocking).count() > 0;
    for dependent in &dependents {
        delete(world, dependent.kind, &dependent.namespace, &dependent.name);
    }
    if blocked {
        enqueue(world, Controller::Garbage, "", uid, Span::millis(500));
    } else {
        finish(world, &place, FOREGROUND);
    }
    Done::Well
}

/// A dependent whose owner is gone goes too, unless another owner still lives.
fn release(world: &mut World, place: &Place, uid: &str) {
    let Some(object) = world.k8s.store.get(place.kind, &place.namespace, &place.name).cloned() else { return };
    let lives = |owner: &Owner| {
        by_kind(&owner.api_version, &owner.kind)
            .and_then(|row| {
                let namespace = if row.namespaced { &*place.namespace } else { "" };
                world.k8s.store.get(row.id, namespace, &owner.name)
            })
            .is_some_and(|found| found.meta.uid == owner.uid)
    };
    if object.meta.owners.iter().any(|owner| owner.uid != uid && lives(owner)) {
        update(world, place.kind, &place.namespace, &place.name, |object| {
            object.meta.owners.retain(|owner| owner.uid != uid);
        });
    } else {
        delete(world, place.kind, &place.namespace, &place.name);
    }
}

fn finish(world: &mut World, place: &Place, finalizer: &str) {
    update(world, place.kind, &place.namespace, &place.name, |object| {
        object.meta.finalizers.retain(|f| f != finalizer);
    });
}
