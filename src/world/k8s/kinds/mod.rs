//! The kinds this cluster serves, one file each, one row each. Does not know the store.

use super::table::Print;

pub mod config_map;
pub mod cron_job;
pub mod deployment;
pub mod endpoint_slice;
pub mod endpoints;
pub mod event;
pub mod event_view;
pub mod job;
pub mod namespace;
pub mod node;
pub mod node_metrics;
pub mod pod;
pub mod pod_metrics;
pub mod replica_set;
pub mod secret;
pub mod service;
pub mod service_account;

/// Names a kind; the order is that of `KINDS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    ConfigMap,
    Endpoints,
    Event,
    Namespace,
    Node,
    Pod,
    Secret,
    ServiceAccount,
    Service,
    Deployment,
    ReplicaSet,
    CronJob,
    Job,
    EndpointSlice,
    EventView,
    NodeMetrics,
    PodMetrics,
}

impl Kind {
    pub fn row(self) -> &'static KindRow {
        KINDS[self as usize]
    }
}

/// One kind: its names, and what the API server knows of it.
#[derive(Debug)]
pub struct KindRow {
    pub id: Kind,
    /// `""` for the core group, `apps`, `discovery.k8s.io`, …
    pub group: &'static str,
    pub version: &'static str,
    /// `Pod`.
    pub kind: &'static str,
    /// `pods`.
    pub plural: &'static str,
    /// `pod`.
    pub singular: &'static str,
    /// `po`.
    pub short: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    /// As discovery lists them.
    pub verbs: &'static [&'static str],
    /// `status`, `scale`, `log`, …
    pub subresources: &'static [&'static str],
    pub doc: &'static str,
    /// How it is listed; `None` where another kind's objects are shown, or the server makes no tables.
    pub print: Option<&'static Print>,
}

impl KindRow {
    /// `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_string() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `pods`, `deployments.apps`: as the server names a resource in its messages.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.to_string() } else { format!("{}.{}", self.plural, self.group) }
    }
}

/// Sorted by (group, plural), except that ServiceAccount precedes Service as in the core group's own listing.
pub static KINDS: &[&KindRow] = &[
    &config_map::ROW,
    &endpoints::ROW,
    &event::ROW,
    &namespace::ROW,
    &node::ROW,
    &pod::ROW,
    &secret::ROW,
    &service_account::ROW,
    &service::ROW,
    &deployment::ROW,
    &replica_set::ROW,
    &cron_job::ROW,
    &job::ROW,
    &endpoint_slice::ROW,
    &event_view::ROW,
    &node_metrics::ROW,
    &pod_metrics::ROW,
];

/// The row that serves `resource` (a plural) in a group.
pub fn by_resource(group: &str, resource: &str) -> Option<&'static KindRow> {
    KINDS.iter().copied().find(|row| row.group == group && row.plural == resource)
}

/// The row of an object's own `apiVersion` and `kind`.
pub fn by_kind(api_version: &str, kind: &str) -> Option<&'static KindRow> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    KINDS.iter().copied().find(|row| row.kind == kind && row.group == group && row.version == version)
}

pub(super) const VERBS_ALL: &[&str] =
    &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
pub(super) const VERBS_NAMESPACE: &[&str] = &["create", "delete", "get", "list", "patch", "update", "watch"];
pub(super) const VERBS_READ: &[&str] = &["get", "list"];
