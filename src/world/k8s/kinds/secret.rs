//! Secret (v1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_ALL};

pub static ROW: KindRow = KindRow {
    id: Kind::Secret,
    group: "",
    version: "v1",
    kind: "Secret",
    plural: "secrets",
    singular: "secret",
    short: &[],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "Confidential data for pods to consume",
};
