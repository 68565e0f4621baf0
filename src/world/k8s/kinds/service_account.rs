//! ServiceAccount (v1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_ALL};

pub static ROW: KindRow = KindRow {
    id: Kind::ServiceAccount,
    group: "",
    version: "v1",
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    singular: "serviceaccount",
    short: &["sa"],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "An identity for the processes in a pod",
};
