//! Endpoints (v1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_ALL};

pub static ROW: KindRow = KindRow {
    id: Kind::Endpoints,
    group: "",
    version: "v1",
    kind: "Endpoints",
    plural: "endpoints",
    singular: "endpoints",
    short: &["ep"],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "The addresses behind a Service (legacy form)",
};
