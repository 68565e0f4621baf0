//! Event (v1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_ALL};

pub static ROW: KindRow = KindRow {
    id: Kind::Event,
    group: "",
    version: "v1",
    kind: "Event",
    plural: "events",
    singular: "event",
    short: &["ev"],
    categories: &[],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &[],
    doc: "A report of something that happened to an object",
};
