//! ConfigMaps and Secrets: keys, size, and what immutable means. Does not know who reads them.

use super::name;
use crate::world::k8s::object::Object;
use crate::world::k8s::refusal::Faults;
use crate::world::k8s::table::text;
use serde_json::Value;

/// Bytes of all values (`MaxSecretSize`; etcd would not take more).
const BYTES_MAX: usize = 1024 * 1024;

pub fn config_map(object: &Object, faults: &mut Faults) {
    let (data, binary) = (object.field("data"), object.field("binaryData"));
    let mut bytes = 0;
    for (list, values) in [("data", data), ("binaryData", binary)] {
        for (key, value) in values.as_object().into_iter().flatten() {
            if let Some(why) = name::config_key(key) {
                faults.invalid(&format!("{list}[{key}]"), &key.as_str().into(), &why);
            }
            bytes += value.as_str().map_or(0, str::len);
        }
    }
    for key in data.as_object().into_iter().flatten().map(|(key, _)| key) {
        if binary.get(key).is_some() {
            faults.invalid(&format!("data[{key}]"), &key.as_str().into(), "duplicate of key present in binaryData");
        }
    }
    if bytes > BYTES_MAX {
        faults.too_long("", BYTES_MAX);
    }
}

pub fn secret(object: &Object, faults: &mut Faults) {
    let data = object.field("data");
    let mut bytes = 0;
    for (key, value) in data.as_object().into_iter().flatten() {
        if let Some(why) = name::config_key(key) {
            faults.invalid(&format!("data[{key}]"), &key.as_str().into(), &why);
        }
        bytes += value.as_str().map_or(0, str::len) / 4 * 3;
    }
    if bytes > BYTES_MAX {
        faults.too_long("data", BYTES_MAX);
    }
    let needed: &[&str] = match text(object.field("type")) {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        _ => &[],
    };
    for key in needed {
        if data.get(key).is_none() {
            faults.required(&format!("data[{key}]"), "");
        }
    }
}

pub fn update(object: &Object, old: &Object, faults: &mut Faults) {
    let frozen = old.field("immutable") == &Value::Bool(true);
    if old.field("type") != object.field("type") {
        faults.invalid("type", object.field("type"), "field is immutable");
    }
    if frozen {
        if object.field("immutable") != &Value::Bool(true) {
            faults.forbidden("immutable", "field is immutable when `immutable` is set");
        }
        for field in ["data", "binaryData"] {
            if object.field(field) != old.field(field) {
                faults.forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }
    if object.field("type").is_null() { config_map(object, faults) } else { secret(object, faults) }
}
