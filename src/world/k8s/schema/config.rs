//! The fields of ConfigMap, Secret, ServiceAccount (Kubernetes 1.36), sorted. Data only.

use super::Fields;
use super::Type::{Bool, Bytes, Keyed, List, Map, Struct, Text, Uid};
use super::meta::OBJECT_META;
use super::pod::LOCAL_OBJECT_REFERENCE;

pub static CONFIG_MAP: Fields = Fields {
    go: "ConfigMap",
    fields: &[
        ("apiVersion", Text),
        ("binaryData", Map(&Bytes)),
        ("data", Map(&Text)),
        ("immutable", Bool),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
    ],
};

pub static SECRET: Fields = Fields {
    go: "Secret",
    fields: &[
        ("apiVersion", Text),
        ("data", Map(&Bytes)),
        ("immutable", Bool),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("stringData", Map(&Text)),
        ("type", Text),
    ],
};

pub static SERVICE_ACCOUNT: Fields = Fields {
    go: "ServiceAccount",
    fields: &[
        ("apiVersion", Text),
        ("automountServiceAccountToken", Bool),
        ("imagePullSecrets", List(&Struct(&LOCAL_OBJECT_REFERENCE))),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("secrets", Keyed(&Struct(&OBJECT_REFERENCE), &["name"])),
    ],
};

pub static OBJECT_REFERENCE: Fields = Fields {
    go: "ObjectReference",
    fields: &[
        ("apiVersion", Text),
        ("fieldPath", Text),
        ("kind", Text),
        ("name", Text),
        ("namespace", Text),
        ("resourceVersion", Text),
        ("uid", Uid),
    ],
};
