//! What fields each kind has and how their lists merge (Kubernetes 1.36): the one table behind unknown-field detection,
//! type errors, strategic merge, server-side apply and field ownership. Knows no object.

pub mod batch;
pub mod cluster;
pub mod config;
pub mod event;
pub mod meta;
pub mod network;
pub mod pod;
pub mod workload;

use super::kinds::Kind;

/// A Go struct of the API: its name, and its JSON fields sorted by name.
#[derive(Debug)]
pub struct Fields {
    /// `Container`: as Go names it in decoding errors.
    pub go: &'static str,
    pub fields: &'static [(&'static str, Type)],
}

/// The type of a field, with how it merges.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    Text,
    /// A `types.UID`, text.
    Uid,
    Bool,
    Int32,
    Int64,
    Quantity,
    IntOrText,
    Time,
    MicroTime,
    /// Base64.
    Bytes,
    /// Not looked into.
    Any,
    Struct(&'static Fields),
    /// Owned and replaced as one by server-side apply.
    Atomic(&'static Fields),
    Map(&'static Type),
    AtomicMap(&'static Type),
    /// Replaced as one.
    List(&'static Type),
    /// A set of scalars, merged.
    Set(&'static Type),
    /// Elements are told apart by these keys; the first alone is the strategic merge key.
    Keyed(&'static Type, &'static [&'static str]),
}

impl Fields {
    pub fn field(&self, name: &str) -> Option<Type> {
        let at = self.fields.binary_search_by(|(field, _)| (*field).cmp(name)).ok()?;
        self.fields.get(at).map(|(_, kind)| *kind)
    }
}

impl Type {
    /// The type of the value under `key`, for structs and maps.
    pub fn child(self, key: &str) -> Option<Type> {
        match self {
            Type::Struct(fields) | Type::Atomic(fields) => fields.field(key),
            Type::Map(value) | Type::AtomicMap(value) => Some(*value),
            _ => None,
        }
    }

    /// The type of a list's elements.
    pub fn element(self) -> Option<Type> {
        match self {
            Type::List(element) | Type::Set(element) | Type::Keyed(element, _) => Some(*element),
            _ => None,
        }
    }

    /// As Go's decoder names it: `[]v1.Container`, `map[string]string`, `int32`.
    pub fn go(self) -> String {
        match self {
            Type::Text => "string".into(),
            Type::Uid => "types.UID".into(),
            Type::Bool => "bool".into(),
            Type::Int32 => "int32".into(),
            Type::Int64 => "int64".into(),
            Type::Quantity => "resource.Quantity".into(),
            Type::IntOrText => "intstr.IntOrString".into(),
            Type::Time => "v1.Time".into(),
            Type::MicroTime => "v1.MicroTime".into(),
            Type::Bytes => "[]uint8".into(),
            Type::Any => "interface {}".into(),
            Type::Struct(fields) | Type::Atomic(fields) => format!("v1.{}", fields.go),
            Type::Map(Type::Quantity) => "v1.ResourceList".into(),
            Type::Map(value) | Type::AtomicMap(value) => format!("map[string]{}", value.go()),
            Type::List(element) | Type::Set(element) | Type::Keyed(element, _) => format!("[]{}", element.go()),
        }
    }
}

/// The schema of a stored kind; `None` for the computed ones (metrics).
pub fn of(kind: Kind) -> Option<&'static Fields> {
    Some(match kind {
        Kind::ConfigMap => &config::CONFIG_MAP,
        Kind::Endpoints => &network::ENDPOINTS,
        Kind::Event => &event::EVENT,
        Kind::Namespace => &cluster::NAMESPACE,
        Kind::Node => &cluster::NODE,
        Kind::Pod => &pod::POD,
        Kind::Secret => &config::SECRET,
        Kind::ServiceAccount => &config::SERVICE_ACCOUNT,
        Kind::Service => &network::SERVICE,
        Kind::Deployment => &workload::DEPLOYMENT,
        Kind::ReplicaSet => &workload::REPLICA_SET,
        Kind::CronJob => &batch::CRON_JOB,
        Kind::Job => &batch::JOB,
        Kind::EndpointSlice => &network::ENDPOINT_SLICE,
        Kind::EventView => &event::EVENT_VIEW,
        Kind::NodeMetrics | Kind::PodMetrics => return None,
    })
}
