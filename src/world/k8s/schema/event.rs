//! The fields of events in both their forms (Kubernetes 1.36), sorted. Data only.

use super::Fields;
use super::Type::{Atomic, Int32, MicroTime, Struct, Text, Time};
use super::config::OBJECT_REFERENCE;
use super::meta::OBJECT_META;

pub static EVENT: Fields = Fields {
    go: "Event",
    fields: &[
        ("action", Text),
        ("apiVersion", Text),
        ("count", Int32),
        ("eventTime", MicroTime),
        ("firstTimestamp", Time),
        ("involvedObject", Atomic(&OBJECT_REFERENCE)),
        ("kind", Text),
        ("lastTimestamp", Time),
        ("message", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("reason", Text),
        ("related", Struct(&OBJECT_REFERENCE)),
        ("reportingComponent", Text),
        ("reportingInstance", Text),
        ("series", Struct(&EVENT_SERIES)),
        ("source", Struct(&EVENT_SOURCE)),
        ("type", Text),
    ],
};

pub static EVENT_SERIES: Fields =
    Fields { go: "EventSeries", fields: &[("count", Int32), ("lastObservedTime", MicroTime)] };

pub static EVENT_SOURCE: Fields = Fields { go: "EventSource", fields: &[("component", Text), ("host", Text)] };

pub static EVENT_VIEW: Fields = Fields {
    go: "Event",
    fields: &[
        ("action", Text),
        ("apiVersion", Text),
        ("deprecatedCount", Int32),
        ("deprecatedFirstTimestamp", Time),
        ("deprecatedLastTimestamp", Time),
        ("deprecatedSource", Struct(&EVENT_SOURCE)),
        ("eventTime", MicroTime),
        ("kind", Text),
        ("metadata", Struct(&OBJECT_META)),
        ("note", Text),
        ("reason", Text),
        ("regarding", Struct(&OBJECT_REFERENCE)),
        ("related", Struct(&OBJECT_REFERENCE)),
        ("reportingController", Text),
        ("reportingInstance", Text),
        ("series", Struct(&EVENT_SERIES)),
        ("type", Text),
    ],
};
