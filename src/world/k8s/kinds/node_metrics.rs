//! NodeMetrics (metrics.k8s.io/v1beta1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_READ};

pub static ROW: KindRow = KindRow {
    id: Kind::NodeMetrics,
    group: "metrics.k8s.io",
    version: "v1beta1",
    kind: "NodeMetrics",
    plural: "nodes",
    singular: "",
    short: &[],
    categories: &[],
    namespaced: false,
    verbs: VERBS_READ,
    subresources: &[],
    doc: "What a node uses now",
    print: None,
};
