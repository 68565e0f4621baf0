//! The fields of Deployment, ReplicaSet and Scale (Kubernetes 1.36), sorted. Data only.

use super::Fields;
use super::Type::{Atomic, Bool, Int32, Int64, IntOrText, Keyed, Struct, Text, Time};
use super::meta::{LABEL_SELECTOR, OBJECT_META};
use super::pod::POD_TEMPLATE_SPEC;

pub static DEPLOYMENT: Fields = Fields {
    go: "Deployment",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("spec", Struct(&DEPLOYMENT_SPEC)),
        ("status", Struct(&DEPLOYMENT_STATUS)),
    ],
};

pub static DEPLOYMENT_SPEC: Fields = Fields {
    go: "DeploymentSpec",
    fields: &[
        ("minReadySeconds", Int32),
        ("paused", Bool),
        ("progressDeadlineSeconds", Int32),
        ("replicas", Int32),
        ("revisionHistoryLimit", Int32),
        ("selector", Atomic(&LABEL_SELECTOR)),
        ("strategy", Struct(&DEPLOYMENT_STRATEGY)),
        ("template", Struct(&POD_TEMPLATE_SPEC)),
    ],
};

pub static DEPLOYMENT_STRATEGY: Fields = Fields {
    go: "DeploymentStrategy",
    fields: &[("rollingUpdate", Struct(&ROLLING_UPDATE_DEPLOYMENT)), ("type", Text)],
};

pub static ROLLING_UPDATE_DEPLOYMENT: Fields =
    Fields { go: "RollingUpdateDeployment", fields: &[("maxSurge", IntOrText), ("maxUnavailable", IntOrText)] };

pub static DEPLOYMENT_STATUS: Fields = Fields {
    go: "DeploymentStatus",
    fields: &[
        ("availableReplicas", Int32),
        ("collisionCount", Int32),
        ("conditions", Keyed(&Struct(&DEPLOYMENT_CONDITION), &["type"])),
        ("observedGeneration", Int64),
        ("readyReplicas", Int32),
        ("replicas", Int32),
        ("terminatingReplicas", Int32),
        ("unavailableReplicas", Int32),
        ("updatedReplicas", Int32),
    ],
};

pub static DEPLOYMENT_CONDITION: Fields = Fields {
    go: "DeploymentCondition",
    fields: &[
        ("lastTransitionTime", Time),
        ("lastUpdateTime", Time),
        ("message", Text),
        ("reason", Text),
        ("status", Text),
        ("type", Text),
    ],
};

pub static REPLICA_SET: Fields = Fields {
    go: "ReplicaSet",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("spec", Struct(&REPLICA_SET_SPEC)),
        ("status", Struct(&REPLICA_SET_STATUS)),
    ],
};

pub static REPLICA_SET_SPEC: Fields = Fields {
    go: "ReplicaSetSpec",
    fields: &[
        ("minReadySeconds", Int32),
        ("replicas", Int32),
        ("selector", Atomic(&LABEL_SELECTOR)),
        ("template", Struct(&POD_TEMPLATE_SPEC)),
    ],
};

pub static REPLICA_SET_STATUS: Fields = Fields {
    go: "ReplicaSetStatus",
    fields: &[
        ("availableReplicas", Int32),
        ("conditions", Keyed(&Struct(&REPLICA_SET_CONDITION), &["type"])),
        ("fullyLabeledReplicas", Int32),
        ("observedGeneration", Int64),
        ("readyReplicas", Int32),
        ("replicas", Int32),
        ("terminatingReplicas", Int32),
    ],
};

pub static REPLICA_SET_CONDITION: Fields = Fields {
    go: "ReplicaSetCondition",
    fields: &[("lastTransitionTime", Time), ("message", Text), ("reason", Text), ("status", Text), ("type", Text)],
};

pub static SCALE_SPEC: Fields = Fields { go: "ScaleSpec", fields: &[("replicas", Int32)] };

pub static SCALE_STATUS: Fields = Fields { go: "ScaleStatus", fields: &[("replicas", Int32), ("selector", Text)] };
