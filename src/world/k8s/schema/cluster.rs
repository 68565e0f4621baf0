//! The fields of Namespace and Node (Kubernetes 1.36), sorted. Data only.

use super::Fields;
use super::Type::{Any, Bool, Int32, Int64, Keyed, List, Map, Quantity, Set, Struct, Text, Time};
use super::meta::OBJECT_META;

pub static NAMESPACE: Fields = Fields {
    go: "Namespace",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("spec", Struct(&NAMESPACE_SPEC)),
        ("status", Struct(&NAMESPACE_STATUS)),
    ],
};

pub static NAMESPACE_SPEC: Fields = Fields { go: "NamespaceSpec", fields: &[("finalizers", List(&Text))] };

pub static NAMESPACE_STATUS: Fields = Fields {
    go: "NamespaceStatus",
    fields: &[("conditions", Keyed(&Struct(&NAMESPACE_CONDITION), &["type"])), ("phase", Text)],
};

pub static NAMESPACE_CONDITION: Fields = Fields {
    go: "NamespaceCondition",
    fields: &[("lastTransitionTime", Time), ("message", Text), ("reason", Text), ("status", Text), ("type", Text)],
};

pub static NODE: Fields = Fields {
    go: "Node",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("spec", Struct(&NODE_SPEC)),
        ("status", Struct(&NODE_STATUS)),
    ],
};

pub static NODE_SPEC: Fields = Fields {
    go: "NodeSpec",
    fields: &[
        ("configSource", Any),
        ("externalID", Text),
        ("podCIDR", Text),
        ("podCIDRs", Set(&Text)),
        ("providerID", Text),
        ("taints", List(&Struct(&TAINT))),
        ("unschedulable", Bool),
    ],
};

pub static TAINT: Fields =
    Fields { go: "Taint", fields: &[("effect", Text), ("key", Text), ("timeAdded", Time), ("value", Text)] };

pub static NODE_STATUS: Fields = Fields {
    go: "NodeStatus",
    fields: &[
        ("addresses", Keyed(&Struct(&NODE_ADDRESS), &["type"])),
        ("allocatable", Map(&Quantity)),
        ("capacity", Map(&Quantity)),
        ("conditions", Keyed(&Struct(&NODE_CONDITION), &["type"])),
        ("config", Any),
        ("daemonEndpoints", Struct(&NODE_DAEMON_ENDPOINTS)),
        ("declaredFeatures", List(&Text)),
        ("features", Any),
        ("images", List(&Struct(&CONTAINER_IMAGE))),
        ("nodeInfo", Struct(&NODE_SYSTEM_INFO)),
        ("phase", Text),
        ("runtimeHandlers", List(&Any)),
        ("volumesAttached", List(&Any)),
        ("volumesInUse", List(&Text)),
    ],
};

pub static NODE_ADDRESS: Fields = Fields { go: "NodeAddress", fields: &[("address", Text), ("type", Text)] };

pub static NODE_CONDITION: Fields = Fields {
    go: "NodeCondition",
    fields: &[
        ("lastHeartbeatTime", Time),
        ("lastTransitionTime", Time),
        ("message", Text),
        ("reason", Text),
        ("status", Text),
        ("type", Text),
    ],
};

pub static NODE_DAEMON_ENDPOINTS: Fields =
    Fields { go: "NodeDaemonEndpoints", fields: &[("kubeletEndpoint", Struct(&DAEMON_ENDPOINT))] };

pub static DAEMON_ENDPOINT: Fields = Fields { go: "DaemonEndpoint", fields: &[("Port", Int32)] };

pub static CONTAINER_IMAGE: Fields =
    Fields { go: "ContainerImage", fields: &[("names", List(&Text)), ("sizeBytes", Int64)] };

pub static NODE_SYSTEM_INFO: Fields = Fields {
    go: "NodeSystemInfo",
    fields: &[
        ("architecture", Text),
        ("bootID", Text),
        ("containerRuntimeVersion", Text),
        ("kernelVersion", Text),
        ("kubeProxyVersion", Text),
        ("kubeletVersion", Text),
        ("machineID", Text),
        ("operatingSystem", Text),
        ("osImage", Text),
        ("swap", Any),
        ("systemUUID", Text),
    ],
};
