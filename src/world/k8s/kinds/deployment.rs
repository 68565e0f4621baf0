//! Deployment (apps/v1): its row. Does not know the store.

use super::{Kind, KindRow, VERBS_ALL};

pub static ROW: KindRow = KindRow {
    id: Kind::Deployment,
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    singular: "deployment",
    short: &["deploy"],
    categories: &["all"],
    namespaced: true,
    verbs: VERBS_ALL,
    subresources: &["scale", "status"],
    doc: "Declares pods and how to roll from one version to the next",
};
