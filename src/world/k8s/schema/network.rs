//! The fields of Service, Endpoints, EndpointSlice (Kubernetes 1.36), sorted. Data only.

use super::Fields;
use super::Type::{Atomic, AtomicMap, Bool, Int32, IntOrText, Keyed, List, Map, Struct, Text};
use super::config::OBJECT_REFERENCE;
use super::meta::{CONDITION, OBJECT_META};

pub static SERVICE: Fields = Fields {
    go: "Service",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("spec", Struct(&SERVICE_SPEC)),
        ("status", Struct(&SERVICE_STATUS)),
    ],
};

pub static SERVICE_SPEC: Fields = Fields {
    go: "ServiceSpec",
    fields: &[
        ("allocateLoadBalancerNodePorts", Bool),
        ("clusterIP", Text),
        ("clusterIPs", List(&Text)),
        ("externalIPs", List(&Text)),
        ("externalName", Text),
        ("externalTrafficPolicy", Text),
        ("healthCheckNodePort", Int32),
        ("internalTrafficPolicy", Text),
        ("ipFamilies", List(&Text)),
        ("ipFamilyPolicy", Text),
        ("loadBalancerClass", Text),
        ("loadBalancerIP", Text),
        ("loadBalancerSourceRanges", List(&Text)),
        ("ports", Keyed(&Struct(&SERVICE_PORT), &["port", "protocol"])),
        ("publishNotReadyAddresses", Bool),
        ("selector", AtomicMap(&Text)),
        ("sessionAffinity", Text),
        ("sessionAffinityConfig", Struct(&SESSION_AFFINITY_CONFIG)),
        ("trafficDistribution", Text),
        ("type", Text),
    ],
};

pub static SESSION_AFFINITY_CONFIG: Fields =
    Fields { go: "SessionAffinityConfig", fields: &[("clientIP", Struct(&CLIENT_IP_CONFIG))] };

pub static CLIENT_IP_CONFIG: Fields = Fields { go: "ClientIPConfig", fields: &[("timeoutSeconds", Int32)] };

pub static SERVICE_PORT: Fields = Fields {
    go: "ServicePort",
    fields: &[
        ("appProtocol", Text),
        ("name", Text),
        ("nodePort", Int32),
        ("port", Int32),
        ("protocol", Text),
        ("targetPort", IntOrText),
    ],
};

pub static SERVICE_STATUS: Fields = Fields {
    go: "ServiceStatus",
    fields: &[("conditions", Keyed(&Struct(&CONDITION), &["type"])), ("loadBalancer", Struct(&LOAD_BALANCER_STATUS))],
};

pub static LOAD_BALANCER_STATUS: Fields =
    Fields { go: "LoadBalancerStatus", fields: &[("ingress", List(&Struct(&LOAD_BALANCER_INGRESS)))] };

pub static LOAD_BALANCER_INGRESS: Fields = Fields {
    go: "LoadBalancerIngress",
    fields: &[("hostname", Text), ("ip", Text), ("ipMode", Text), ("ports", List(&Struct(&PORT_STATUS)))],
};

pub static PORT_STATUS: Fields =
    Fields { go: "PortStatus", fields: &[("error", Text), ("port", Int32), ("protocol", Text)] };

pub static ENDPOINTS: Fields = Fields {
    go: "Endpoints",
    fields: &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("subsets", List(&Struct(&ENDPOINT_SUBSET))),
    ],
};

pub static ENDPOINT_SUBSET: Fields = Fields {
    go: "EndpointSubset",
    fields: &[
        ("addresses", List(&Struct(&ENDPOINT_ADDRESS))),
        ("notReadyAddresses", List(&Struct(&ENDPOINT_ADDRESS))),
        ("ports", List(&Struct(&ENDPOINT_PORT))),
    ],
};

pub static ENDPOINT_ADDRESS: Fields = Fields {
    go: "EndpointAddress",
    fields: &[("hostname", Text), ("ip", Text), ("nodeName", Text), ("targetRef", Atomic(&OBJECT_REFERENCE))],
};

pub static ENDPOINT_PORT: Fields = Fields {
    go: "EndpointPort",
    fields: &[("appProtocol", Text), ("name", Text), ("port", Int32), ("protocol", Text)],
};

pub static ENDPOINT_SLICE: Fields = Fields {
    go: "EndpointSlice",
    fields: &[
        ("addressType", Text),
        ("apiVersion", Text),
        ("endpoints", List(&Struct(&ENDPOINT))),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("ports", List(&Struct(&ENDPOINT_PORT))),
    ],
};

pub static ENDPOINT: Fields = Fields {
    go: "Endpoint",
    fields: &[
        ("addresses", List(&Text)),
        ("conditions", Struct(&ENDPOINT_CONDITIONS)),
        ("deprecatedTopology", Map(&Text)),
        ("hints", Struct(&ENDPOINT_HINTS)),
        ("hostname", Text),
        ("nodeName", Text),
        ("targetRef", Atomic(&OBJECT_REFERENCE)),
        ("zone", Text),
    ],
};

pub static ENDPOINT_CONDITIONS: Fields =
    Fields { go: "EndpointConditions", fields: &[("ready", Bool), ("serving", Bool), ("terminating", Bool)] };

pub static ENDPOINT_HINTS: Fields = Fields {
    go: "EndpointHints",
    fields: &[("forNodes", List(&Struct(&FOR_NODE))), ("forZones", List(&Struct(&FOR_ZONE)))],
};

pub static FOR_NODE: Fields = Fields { go: "ForNode", fields: &[("name", Text)] };

pub static FOR_ZONE: Fields = Fields { go: "ForZone", fields: &[("name", Text)] };
