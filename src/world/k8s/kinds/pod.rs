//! Pod (v1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_ALL};

pub static ROW: KindRow = KindRow {
    id: Kind::Pod,
    group: "",
    version: "v1",
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    short: &["po"],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["attach", "binding", "eviction", "exec", "log", "status"],
    doc: "Containers that run together on one node",
};
