//! PodMetrics (metrics.k8s.io/v1beta1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_READ};

pub static ROW: KindRow = KindRow {
    id: Kind::PodMetrics,
    group: "metrics.k8s.io",
    version: "v1beta1",
    kind: "PodMetrics",
    plural: "pods",
    singular: "",
    short: &[],
    categories: &[],
    namespaced: true,
    verbs: VERBS_READ,
    subresources: &[],
    doc: "What a pod's containers use now",
    print: None,
};
