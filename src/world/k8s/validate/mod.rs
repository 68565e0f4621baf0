//! Semantic validation with the server's words (pkg/apis/*/validation): what may be created, and what may change.
//! One file a family of kinds. Does not know defaults or the store.

mod batch;
mod config;
mod container;
mod name;
mod network;
mod pod;
mod workload;

pub use name::label_key_fault;

use super::kinds::Kind;
use super::object::Object;
use super::refusal::{Faults, Refusal};
use serde_json::Value;

/// Total bytes of all annotations (validation `TotalAnnotationSizeLimitB`).
const ANNOTATIONS_BYTES_MAX: usize = 256 * 1024;

/// Whether a new object may be stored.
pub fn create(object: &Object) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    meta(object, &mut faults);
    contents(object, &mut faults);
    faults.refuse(object.kind, &object.meta.name)
}

/// Whether an object may take the place of `old`.
pub fn update(object: &Object, old: &Object) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    labels(object, &mut faults);
    match object.kind.id {
        Kind::Pod => pod::update(object, old, &mut faults),
        Kind::Deployment | Kind::ReplicaSet => workload::update(object, old, &mut faults),
        Kind::CronJob | Kind::Job => batch::update(object, old, &mut faults),
        Kind::Service => network::service_update(object, old, &mut faults),
        Kind::ConfigMap | Kind::Secret => config::update(object, old, &mut faults),
        _ => contents(object, &mut faults),
    }
    faults.refuse(object.kind, &object.meta.name)
}

fn contents(object: &Object, faults: &mut Faults) {
    match object.kind.id {
        Kind::Pod => pod::pod(object, faults),
        Kind::Deployment | Kind::ReplicaSet => workload::workload(object, faults),
        Kind::CronJob => batch::cron_job(object, faults),
        Kind::Job => batch::job(object, faults),
        Kind::Service => network::service(object, faults),
        Kind::ConfigMap => config::config_map(object, faults),
        Kind::Secret => config::secret(object, faults),
        Kind::Event => event(object, faults),
        _ => {}
    }
}

fn meta(object: &Object, faults: &mut Faults) {
    let meta = &object.meta;
    if meta.name.is_empty() {
        faults.required("metadata.name", "name or generateName is required");
    } else {
        let why = match object.kind.id {
            Kind::Namespace => name::label(&meta.name),
            Kind::Service => name::label_1035(&meta.name),
            _ => name::subdomain(&meta.name),
        };
        if let Some(why) = why {
            faults.invalid("metadata.name", &meta.name.as_str().into(), &why);
        }
    }
    labels(object, faults);
}

fn labels(object: &Object, faults: &mut Faults) {
    label_map("metadata.labels", object.meta.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())), faults);
    let mut bytes = 0;
    for (key, value) in &object.meta.annotations {
        if let Some(why) = name::qualified(&key.to_lowercase()) {
            faults.invalid("metadata.annotations", &key.as_str().into(), &why);
        }
        bytes += key.len() + value.len();
    }
    if bytes > ANNOTATIONS_BYTES_MAX {
        faults.too_long("metadata.annotations", ANNOTATIONS_BYTES_MAX);
    }
}

/// Keys and values of labels.
fn label_map<'a>(field: &str, labels: impl Iterator<Item = (&'a str, &'a str)>, faults: &mut Faults) {
    for (key, value) in labels {
        if let Some(why) = name::qualified(key) {
            faults.invalid(field, &key.into(), &why);
        }
        if let Some(why) = name::label_value(value) {
            faults.invalid(field, &value.into(), &why);
        }
    }
}

/// A JSON map of labels.
fn label_value_map(field: &str, labels: &Value, faults: &mut Faults) {
    let pairs = labels.as_object().into_iter().flatten();
    label_map(field, pairs.map(|(k, v)| (k.as_str(), v.as_str().unwrap_or(""))), faults);
}

fn event(object: &Object, faults: &mut Faults) {
    let about = object.field("involvedObject")["namespace"].as_str().unwrap_or("");
    let own = object.meta.namespace.as_str();
    let fits = if about.is_empty() { matches!(own, "default" | "kube-system") } else { about == own };
    if !fits {
        faults.invalid("involvedObject.namespace", &about.into(), "does not match event.namespace");
    }
}
