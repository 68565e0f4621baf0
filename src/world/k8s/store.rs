//! What the cluster remembers: objects by kind, namespace and name, one version counter, a bounded log of changes for
//! watches, and the changes that the control plane has not looked at yet. Does not validate and does not know any kind.

use super::kinds::{KINDS, Kind};
use super::object::{Managed, Object};
use crate::stdx::dice::{self, Dice};
use crate::stdx::time::Time;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Changes kept for watches; an older resourceVersion is answered with 410 Expired.
pub const LOG_MAX: usize = 4_096;

/// Field sets remembered for sharing; an estate has a few dozen templates.
const FIELD_SETS_MAX: usize = 1_024;

/// The version of the first object, so that no version is mistaken for "unset".
const VERSION_FIRST: u64 = 200;

type ByName = BTreeMap<String, Arc<Object>>;

/// The objects. Cloning shares all of them.
#[derive(Clone, Debug)]
pub struct Store {
    /// One table a kind, in the order of `KINDS`; namespace (`""` for cluster-scoped) → name → object.
    tables: Vec<Arc<BTreeMap<String, ByName>>>,
    version: u64,
    log: VecDeque<Logged>,
    /// The version of the newest change that has fallen out of the log.
    forgotten: u64,
    pending: Vec<Change>,
    /// Field sets (`Managed.fields`) by their hash: a thousand pods of one template share one.
    field_sets: Arc<BTreeMap<u64, Arc<Value>>>,
    dice: Dice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Added,
    Modified,
    Deleted,
}

/// A change the control plane has yet to react to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub what: What,
    pub kind: Kind,
    pub namespace: String,
    pub name: String,
    pub uid: String,
}

/// A change as a watch needs it: the object after (for a deletion: as it last was), and before.
#[derive(Clone, Debug)]
pub struct Logged {
    pub version: u64,
    pub what: What,
    pub object: Arc<Object>,
    pub before: Option<Arc<Object>>,
}

/// The asked version is older than the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired;

impl Store {
    pub fn new(dice: Dice) -> Store {
        Store {
            tables: KINDS.iter().map(|_| Arc::default()).collect(),
            version: VERSION_FIRST,
            log: VecDeque::new(),
            forgotten: 0,
            pending: Vec::new(),
            field_sets: Arc::default(),
            dice,
        }
    }

    /// The newest resourceVersion.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// `namespace` is `""` for cluster-scoped kinds.
    pub fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Arc<Object>> {
        self.tables[kind as usize].get(namespace)?.get(name)
    }

    /// Objects of a kind in order of namespace and name; `None` is every namespace.
    pub fn list<'a>(&'a self, kind: Kind, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Arc<Object>> {
        let table = &*self.tables[kind as usize];
        let (one, all) = match namespace {
            Some(namespace) => (table.get(namespace), None),
            None => (None, Some(table.values())),
        };
        one.into_iter().chain(all.into_iter().flatten()).flat_map(|names| names.values())
    }

    /// How many objects of a kind there are in all namespaces.
    pub fn count(&self, kind: Kind) -> usize {
        self.tables[kind as usize].values().map(|names| names.len()).sum()
    }

    /// A fresh uid.
    pub fn uid(&mut self) -> String {
        self.dice.uuid()
    }

    /// A fresh suffix for `generateName` (five characters, as the API server draws it).
    pub fn suffix(&mut self) -> String {
        self.dice.suffix(5)
    }

    /// A number in `0..n`, for addresses and ports.
    pub fn below(&mut self, n: u64) -> u64 {
        self.dice.below(n)
    }

    /// Writes an object: new ones get uid and creation time, all get a new version. Writing what is already there
    /// changes nothing (an API server does not touch etcd for it) and gives back the stored object.
    pub fn put(&mut self, mut object: Object, now: Time) -> Arc<Object> {
        let kind = object.kind.id;
        let before = self.get(kind, &object.meta.namespace, &object.meta.name).cloned();
        match &before {
            Some(before) if before.same_content(&object) => return before.clone(),
            Some(before) => {
                object.meta.uid.clone_from(&before.meta.uid);
                object.meta.created = before.meta.created;
            }
            None => {
                if object.meta.uid.is_empty() {
                    object.meta.uid = self.uid();
                }
                if object.meta.created == Time::default() {
                    object.meta.created = now.floor_secs();
                }
            }
        }
        self.version += 1;
        object.meta.resource_version = self.version;
        let object = Arc::new(object);
        let names = Arc::make_mut(&mut self.tables[kind as usize]).entry(object.meta.namespace.clone()).or_default();
        names.insert(object.meta.name.clone(), object.clone());
        let what = if before.is_some() { What::Modified } else { What::Added };
        self.note(what, object.clone(), before);
        object
    }

    /// Writes a node's heartbeat. Watches see it; nothing in the control plane acts on it, so it is not among the changes
    /// that it looks at.
    pub fn beat(&mut self, node: &str, now: Time) {
        let nodes = Arc::make_mut(&mut self.tables[Kind::Node as usize]).get_mut("");
        let Some(place) = nodes.and_then(|nodes| nodes.get_mut(node)) else { return };
        self.version += 1;
        let mut object = Object::clone(place);
        object.status = object.status.beaten(now);
        object.meta.resource_version = self.version;
        let object = Arc::new(object);
        let before = std::mem::replace(place, Arc::clone(&object));
        self.log(What::Modified, object, Some(before));
    }

    /// Lets entries of a new object share their field sets with those of others that are equal.
    pub fn share_fields(&mut self, managed: &mut [Managed]) {
        for entry in managed {
            let hash = dice::hash_name(&entry.fields.to_string());
            match self.field_sets.get(&hash) {
                Some(known) if **known == *entry.fields => entry.fields = known.clone(),
                Some(_) => {}
                None if self.field_sets.len() < FIELD_SETS_MAX => {
                    Arc::make_mut(&mut self.field_sets).insert(hash, entry.fields.clone());
                }
                None => {}
            }
        }
    }

    /// Takes an object away at once; what is given back is the object as it last was.
    pub fn remove(&mut self, kind: Kind, namespace: &str, name: &str) -> Option<Arc<Object>> {
        self.get(kind, namespace, name)?;
        let table = Arc::make_mut(&mut self.tables[kind as usize]);
        let names = table.get_mut(namespace)?;
        let before = names.remove(name)?;
        if names.is_empty() {
            table.remove(namespace);
        }
        self.version += 1;
        // A watch serves the deletion under the version of the deletion.
        let mut last = Object::clone(&before);
        last.meta.resource_version = self.version;
        self.note(What::Deleted, Arc::new(last), Some(before.clone()));
        Some(before)
    }

    fn note(&mut self, what: What, object: Arc<Object>, before: Option<Arc<Object>>) {
        self.pending.push(Change {
            what,
            kind: object.kind.id,
            namespace: object.meta.namespace.clone(),
            name: object.meta.name.clone(),
            uid: object.meta.uid.clone(),
        });
        self.log(what, object, before);
    }

    fn log(&mut self, what: What, object: Arc<Object>, before: Option<Arc<Object>>) {
        if self.log.len() == LOG_MAX
            && let Some(oldest) = self.log.pop_front()
        {
            self.forgotten = oldest.version;
        }
        self.log.push_back(Logged { version: self.version, what, object, before });
    }

    /// What changed after `version`, oldest first.
    pub fn changes_since(&self, version: u64) -> Result<impl Iterator<Item = &Logged>, Expired> {
        if version < self.forgotten {
            return Err(Expired);
        }
        let start = self.log.partition_point(|logged| logged.version <= version);
        Ok(self.log.range(start..))
    }

    /// The oldest version from which a watch can start.
    pub fn oldest(&self) -> u64 {
        self.forgotten
    }

    /// The changes since this was last asked, oldest first. The control plane asks until there are none.
    pub fn take_pending(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.pending)
    }
}
