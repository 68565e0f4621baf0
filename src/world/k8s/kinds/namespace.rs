//! Namespace (v1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_NAMESPACE};

pub static ROW: KindRow = KindRow {
    id: Kind::Namespace,
    group: "",
    version: "v1",
    kind: "Namespace",
    plural: "namespaces",
    singular: "namespace",
    short: &["ns"],
    categories: &[],
    namespaced: false,
    verbs: VERBS_NAMESPACE,
    subresources: &["finalize", "status"],
    doc: "A scope for names",
};
