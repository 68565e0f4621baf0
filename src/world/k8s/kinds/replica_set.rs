//! ReplicaSet (apps/v1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_ALL};

pub static ROW: KindRow = KindRow {
    id: Kind::ReplicaSet,
    group: "apps",
    version: "v1",
    kind: "ReplicaSet",
    plural: "replicasets",
    singular: "replicaset",
    short: &["rs"],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["scale", "status"],
    doc: "Keeps a number of equal pods running",
};
