//! An object as the store holds it: metadata typed, spec and status shared between clones, everything else kept as it
//! came, so that no field of a manifest is lost. Does not know what any kind means.

use super::kinds::KindRow;
use crate::stdx::time::Time;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Object {
    pub kind: &'static KindRow,
    pub meta: Meta,
    /// `Null` where the kind has none. Pods of one ReplicaSet share theirs.
    pub spec: Arc<Value>,
    pub status: Arc<Value>,
    /// Every other top-level field: `data`, `type`, `subsets`, `involvedObject`, …
    pub rest: Arc<Map<String, Value>>,
}

/// `metadata`, typed. What is not named here stays in `rest` (managedFields, selfLink, …).
#[derive(Clone, Debug, Default)]
pub struct Meta {
    pub name: String,
    pub generate_name: String,
    pub namespace: String,
    pub uid: String,
    pub resource_version: u64,
    pub generation: i64,
    pub created: Time,
    pub deleted: Option<Time>,
    pub grace_s: Option<i64>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub owners: Vec<Owner>,
    pub finalizers: Vec<String>,
    pub rest: Map<String, Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub uid: String,
    pub controller: bool,
    pub block_deletion: bool,
}
