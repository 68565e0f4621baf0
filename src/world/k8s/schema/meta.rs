//! The fields of metadata and what every kind shares (Kubernetes 1.36), sorted. Data only.

use super::Fields;
use super::Type::{Any, Atomic, Bool, Int64, Keyed, List, Map, Set, Struct, Text, Time, Uid};

pub static OBJECT_META: Fields = Fields {
    go: "ObjectMeta",
    fields: &[
        ("annotations", Map(&Text)),
        ("creationTimestamp", Time),
        ("deletionGracePeriodSeconds", Int64),
        ("deletionTimestamp", Time),
        ("finalizers", Set(&Text)),
        ("generateName", Text),
        ("generation", Int64),
        ("labels", Map(&Text)),
        ("managedFields", List(&Struct(&MANAGED_FIELDS_ENTRY))),
        ("name", Text),
        ("namespace", Text),
        ("ownerReferences", Keyed(&Atomic(&OWNER_REFERENCE), &["uid"])),
        ("resourceVersion", Text),
        ("selfLink", Text),
        ("uid", Uid),
    ],
};

pub static MANAGED_FIELDS_ENTRY: Fields = Fields {
    go: "ManagedFieldsEntry",
    fields: &[
        ("apiVersion", Text),
        ("fieldsType", Text),
        ("fieldsV1", Any),
        ("manager", Text),
        ("operation", Text),
        ("subresource", Text),
        ("time", Time),
    ],
};

pub static OWNER_REFERENCE: Fields = Fields {
    go: "OwnerReference",
    fields: &[
        ("apiVersion", Text),
        ("blockOwnerDeletion", Bool),
        ("controller", Bool),
        ("kind", Text),
        ("name", Text),
        ("uid", Uid),
    ],
};

pub static LABEL_SELECTOR: Fields = Fields {
    go: "LabelSelector",
    fields: &[("matchExpressions", List(&Struct(&LABEL_SELECTOR_REQUIREMENT))), ("matchLabels", Map(&Text))],
};

pub static LABEL_SELECTOR_REQUIREMENT: Fields =
    Fields { go: "LabelSelectorRequirement", fields: &[("key", Text), ("operator", Text), ("values", List(&Text))] };

pub static CONDITION: Fields = Fields {
    go: "Condition",
    fields: &[
        ("lastTransitionTime", Time),
        ("message", Text),
        ("observedGeneration", Int64),
        ("reason", Text),
        ("status", Text),
        ("type", Text),
    ],
};
