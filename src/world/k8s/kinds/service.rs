//! Service (v1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_ALL};

pub static ROW: KindRow = KindRow {
    id: Kind::Service,
    group: "",
    version: "v1",
    kind: "Service",
    plural: "services",
    singular: "service",
    short: &["svc"],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["status"],
    doc: "A stable name and address for a set of pods",
};
