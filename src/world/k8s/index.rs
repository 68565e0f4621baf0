//! What the control plane looks up often: dependents by owner, pods by label, and of each pod the little that others
//! act on. Kept up to date change by change. Does not decide anything.

use super::Name;
use super::kinds::Kind;
use super::object::{Object, Owner};
use super::store::Change;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub kind: Kind,
    pub namespace: Name,
    pub name: Name,
}

/// What others act on of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodCard {
    pub place: Place,
    pub labels: BTreeMap<String, String>,
    pub node: String,
    pub ip: String,
    pub ready: bool,
    pub deleting: bool,
    pub phase: String,
}

/// What a change of a pod means to others.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// Something on the card changed: labels, node, address, readiness, deletion, phase.
    pub card_changed: bool,
    pub before: Option<Arc<PodCard>>,
    pub after: Option<Arc<PodCard>>,
    /// The owners before and after.
    pub owners: Vec<Owner>,
}

#[derive(Clone, Debug, Default)]
pub struct Index {
    cards: BTreeMap<Name, Arc<PodCard>>,
    /// (namespace, label key, label value) → pod names.
    by_label: BTreeMap<(Name, String, String), BTreeSet<Name>>,
    owners: BTreeMap<Name, Vec<Owner>>,
    dependents: BTreeMap<Name, BTreeSet<Place>>,
}

impl Index {
    /// Takes in a change; `object` is what is there now.
    pub fn update(&mut self, change: &Change, object: Option<&Object>) -> News {
        let uid: Name = change.uid.as_str().into();
        let place =
            Place { kind: change.kind, namespace: change.namespace.as_str().into(), name: change.name.as_str().into() };
        let mut news = News::default();
        let fresh = object.map_or(&[][..], |object| &object.meta.owners);
        let known = self.owners.get(&uid).map_or(&[][..], Vec::as_slice);
        news.owners = known.iter().chain(fresh.iter().filter(|o| !known.contains(o))).cloned().collect();
        if known != fresh {
            let former = known.to_vec();
            for owner in &former {
                self.unlink(owner, &place);
            }
            for owner in fresh {
                self.dependents.entry(owner.uid.as_str().into()).or_default().insert(place.clone());
            }
            if fresh.is_empty() {
                self.owners.remove(&uid);
            } else {
                self.owners.insert(uid.clone(), fresh.to_vec());
            }
        }
        if change.kind == Kind::Pod {
            self.update_card(uid, place, object, &mut news);
        }
        news
    }

    fn unlink(&mut self, owner: &Owner, place: &Place) {
        if let Some(places) = self.dependents.get_mut(owner.uid.as_str()) {
            places.remove(place);
            if places.is_empty() {
                self.dependents.remove(owner.uid.as_str());
            }
        }
    }

    fn update_card(&mut self, uid: Name, place: Place, object: Option<&Object>, news: &mut News) {
        news.before = self.cards.get(&uid).cloned();
        let after = object.map(|object| Arc::new(card(place, object)));
        news.card_changed = news.before != after;
        if !news.card_changed {
            news.after = after;
            return;
        }
        if news.before.as_ref().map(|c| &c.labels) != after.as_ref().map(|c| &c.labels) {
            if let Some(before) = &news.before {
                for (key, value) in &before.labels {
                    let label = (before.place.namespace.clone(), key.clone(), value.clone());
                    if let Some(names) = self.by_label.get_mut(&label) {
                        names.remove(&before.place.name);
                        if names.is_empty() {
                            self.by_label.remove(&label);
                        }
                    }
                }
            }
            if let Some(after) = &after {
                for (key, value) in &after.labels {
                    let label = (after.place.namespace.clone(), key.clone(), value.clone());
                    self.by_label.entry(label).or_default().insert(after.place.name.clone());
                }
            }
        }
        match &after {
            Some(after) => self.cards.insert(uid, after.clone()),
            None => self.cards.remove(&uid),
        };
        news.after = after;
    }

    /// What names `uid` as an owner.
    pub fn dependents(&self, uid: &str) -> impl Iterator<Item = &Place> {
        self.dependents.get(uid).into_iter().flatten()
    }

    pub fn card(&self, uid: &str) -> Option<&Arc<PodCard>> {
        self.cards.get(uid)
    }

    /// Pods of a namespace that carry all `labels` (at least one), by name.
    pub fn pods_with(&self, namespace: &str, labels: &BTreeMap<String, String>) -> Vec<Name> {
        let sets: Option<Vec<&BTreeSet<Name>>> =
            labels.iter().map(|(k, v)| self.by_label.get(&(namespace.into(), k.clone(), v.clone()))).collect();
        let Some(mut sets) = sets else { return Vec::new() };
        sets.sort_by_key(|set| set.len());
        let Some((first, rest)) = sets.split_first() else { return Vec::new() };
        first.iter().filter(|name| rest.iter().all(|set| set.contains(*name))).cloned().collect()
    }
}

fn card(place: Place, object: &Object) -> PodCard {
    let text = |value: &Value| value.as_str().unwrap_or("").to_string();
    PodCard {
        place,
        labels: object.meta.labels.clone(),
        node: text(&object.spec["nodeName"]),
        ip: text(&object.status["podIP"]),
        ready: is_ready(object),
        deleting: object.meta.deleted.is_some(),
        phase: text(&object.status["phase"]),
    }
}

/// Whether the condition Ready is True.
pub fn is_ready(object: &Object) -> bool {
    let conditions = object.status["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    conditions.iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
}
