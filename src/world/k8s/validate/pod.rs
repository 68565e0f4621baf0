//! Pod specs, in pods and in templates: volumes, policies, tolerations, affinity; and what of a pod may change.
//! Does not know controllers.

use super::{container, name};
use crate::stdx::canon;
use crate::world::k8s::object::Object;
use crate::world::k8s::refusal::Faults;
use crate::world::k8s::table::{integer, items, text};
use serde_json::Value;

pub fn pod(object: &Object, faults: &mut Faults) {
    spec(&object.spec, "spec", faults);
}

/// A pod spec at `path`.
pub fn spec(spec: &Value, path: &str, faults: &mut Faults) {
    let volumes = volumes(&spec["volumes"], &format!("{path}.volumes"), faults);
    container::containers(spec, path, &volumes, faults);
    let policy = &spec["restartPolicy"];
    if !matches!(text(policy), "Always" | "OnFailure" | "Never") {
        faults.unsupported(&format!("{path}.restartPolicy"), policy, &["Always", "OnFailure", "Never"]);
    }
    let dns = &spec["dnsPolicy"];
    let policies = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
    if !policies.contains(&text(dns)) {
        faults.unsupported(&format!("{path}.dnsPolicy"), dns, &policies);
    }
    super::label_value_map(&format!("{path}.nodeSelector"), &spec["nodeSelector"], faults);
    affinity(&spec["affinity"], &format!("{path}.affinity"), faults);
    for field in ["serviceAccountName", "nodeName"] {
        if let Some(why) = Some(text(&spec[field])).filter(|name| !name.is_empty()).and_then(name::subdomain) {
            faults.invalid(&format!("{path}.{field}"), &spec[field], &why);
        }
    }
    for (field, least) in [("activeDeadlineSeconds", 1), ("terminationGracePeriodSeconds", 0)] {
        if spec[field].as_i64().is_some_and(|n| n < least) {
            let why = if least == 1 {
                "must be between 1 and 2147483647, inclusive"
            } else {
                "must be greater than or equal to 0"
            };
            faults.invalid(&format!("{path}.{field}"), &spec[field], why);
        }
    }
    for field in ["hostname", "subdomain"] {
        if let Some(why) = Some(text(&spec[field])).filter(|name| !name.is_empty()).and_then(name::label) {
            faults.invalid(&format!("{path}.{field}"), &spec[field], &why);
        }
    }
    for (index, toleration) in items(&spec["tolerations"]).enumerate() {
        tolerate(toleration, &format!("{path}.tolerations[{index}]"), faults);
    }
    for (index, constraint) in items(&spec["topologySpreadConstraints"]).enumerate() {
        spread(constraint, &format!("{path}.topologySpreadConstraints[{index}]"), faults);
    }
}

/// Checks volumes; gives back their names.
fn volumes<'a>(list: &'a Value, path: &str, faults: &mut Faults) -> Vec<&'a str> {
    let mut names = Vec::new();
    for (index, volume) in items(list).enumerate() {
        let path = format!("{path}[{index}]");
        let volume_name = text(&volume["name"]);
        if volume_name.is_empty() {
            faults.required(&format!("{path}.name"), "");
        } else if let Some(why) = name::label(volume_name) {
            faults.invalid(&format!("{path}.name"), &volume["name"], &why);
        }
        if names.contains(&volume_name) {
            faults.duplicate(&format!("{path}.name"), &volume["name"]);
        }
        names.push(volume_name);
        let sources = volume.as_object().into_iter().flatten().filter(|(key, _)| *key != "name");
        for (count, (source, _)) in sources.enumerate() {
            if count > 0 {
                faults.forbidden(&format!("{path}.{source}"), "may not specify more than 1 volume type");
            }
        }
        for (source, field) in [
            ("configMap", "name"),
            ("hostPath", "path"),
            ("nfs", "path"),
            ("nfs", "server"),
            ("persistentVolumeClaim", "claimName"),
            ("secret", "secretName"),
        ] {
            if volume[source].is_object() && text(&volume[source][field]).is_empty() {
                faults.required(&format!("{path}.{source}.{field}"), "");
            }
        }
        for source in ["configMap", "secret"] {
            key_paths(&volume[source]["items"], &format!("{path}.{source}.items"), faults);
        }
    }
    names
}

fn key_paths(list: &Value, path: &str, faults: &mut Faults) {
    for (index, item) in items(list).enumerate() {
        if text(&item["key"]).is_empty() {
            faults.required(&format!("{path}[{index}].key"), "");
        }
        let target = text(&item["path"]);
        if target.is_empty() {
            faults.required(&format!("{path}[{index}].path"), "");
        } else if target.starts_with('/') {
            faults.invalid(&format!("{path}[{index}].path"), &item["path"], "must be a relative path");
        } else if target.split('/').any(|step| step == "..") {
            faults.invalid(&format!("{path}[{index}].path"), &item["path"], "must not contain '..'");
        }
    }
}

fn tolerate(toleration: &Value, path: &str, faults: &mut Faults) {
    let (key, operator, effect) =
        (text(&toleration["key"]), text(&toleration["operator"]), text(&toleration["effect"]));
    if !key.is_empty()
        && let Some(why) = name::qualified(key)
    {
        faults.invalid(&format!("{path}.key"), &toleration["key"], &why);
    }
    if key.is_empty() && operator != "Exists" {
        let why = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
        faults.invalid(&format!("{path}.operator"), &operator.into(), why);
    }
    if !toleration["tolerationSeconds"].is_null() && effect != "NoExecute" {
        let why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
        faults.invalid(&format!("{path}.effect"), &effect.into(), why);
    }
    match operator {
        "" | "Equal" => {
            if let Some(why) = name::label_value(text(&toleration["value"])) {
                faults.invalid(&format!("{path}.operator"), &toleration["value"], &why);
            }
        }
        "Exists" => {
            if !text(&toleration["value"]).is_empty() {
                let why = "value must be empty when `operator` is 'Exists'";
                faults.invalid(&format!("{path}.operator"), &toleration["value"], why);
            }
        }
        _ => faults.unsupported(&format!("{path}.operator"), &operator.into(), &["Equal", "Exists"]),
    }
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    if !effect.is_empty() && !effects.contains(&effect) {
        faults.unsupported(&format!("{path}.effect"), &effect.into(), &effects);
    }
}

fn spread(constraint: &Value, path: &str, faults: &mut Faults) {
    if integer(&constraint["maxSkew"]) <= 0 {
        faults.invalid(
            &format!("{path}.maxSkew"),
            &integer(&constraint["maxSkew"]).into(),
            "must be greater than zero",
        );
    }
    if text(&constraint["topologyKey"]).is_empty() {
        faults.required(&format!("{path}.topologyKey"), "can not be empty");
    }
    let when = &constraint["whenUnsatisfiable"];
    if !matches!(text(when), "DoNotSchedule" | "ScheduleAnyway") {
        let shown = Value::from(text(when));
        faults.unsupported(&format!("{path}.whenUnsatisfiable"), &shown, &["DoNotSchedule", "ScheduleAnyway"]);
    }
}

fn affinity(affinity: &Value, path: &str, faults: &mut Faults) {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
    let node = &affinity["nodeAffinity"];
    let node_path = format!("{path}.nodeAffinity");
    let weight = |term: &Value, path: &str, faults: &mut Faults| {
        if !(1..=100).contains(&integer(&term["weight"])) {
            faults.invalid(&format!("{path}.weight"), &integer(&term["weight"]).into(), "must be in the range 1-100");
        }
    };
    if node[REQUIRED].is_object() {
        let terms = items(&node[REQUIRED]["nodeSelectorTerms"]);
        let path = format!("{node_path}.{REQUIRED}.nodeSelectorTerms");
        if terms.len() == 0 {
            faults.required(&path, "must have at least one node selector term");
        }
        for (index, term) in terms.enumerate() {
            node_term(term, &format!("{path}[{index}]"), faults);
        }
    }
    for (index, term) in items(&node[PREFERRED]).enumerate() {
        let path = format!("{node_path}.{PREFERRED}[{index}]");
        weight(term, &path, faults);
        node_term(&term["preference"], &format!("{path}.preference"), faults);
    }
    for side in ["podAffinity", "podAntiAffinity"] {
        for (index, term) in items(&affinity[side][REQUIRED]).enumerate() {
            pod_term(term, &format!("{path}.{side}.{REQUIRED}[{index}]"), faults);
        }
        for (index, term) in items(&affinity[side][PREFERRED]).enumerate() {
            let path = format!("{path}.{side}.{PREFERRED}[{index}]");
            weight(term, &path, faults);
            pod_term(&term["podAffinityTerm"], &format!("{path}.podAffinityTerm"), faults);
        }
    }
}

fn node_term(term: &Value, path: &str, faults: &mut Faults) {
    for (index, expression) in items(&term["matchExpressions"]).enumerate() {
        let path = format!("{path}.matchExpressions[{index}]");
        let values = items(&expression["values"]).len();
        match text(&expression["operator"]) {
            "In" | "NotIn" if values == 0 => {
                faults.required(&format!("{path}.values"), "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if values > 0 => {
                let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                faults.forbidden(&format!("{path}.values"), why);
            }
            "Gt" | "Lt" if values != 1 => {
                let why = "must be specified single value when `operator` is 'Lt' or 'Gt'";
                faults.required(&format!("{path}.values"), why);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
            _ => {
                let operator = Value::from(text(&expression["operator"]));
                faults.invalid(&format!("{path}.operator"), &operator, "not a valid selector operator");
            }
        }
        if let Some(why) = name::qualified(text(&expression["key"])) {
            faults.invalid(&format!("{path}.key"), &text(&expression["key"]).into(), &why);
        }
    }
}

fn pod_term(term: &Value, path: &str, faults: &mut Faults) {
    if text(&term["topologyKey"]).is_empty() {
        faults.required(&format!("{path}.topologyKey"), "can not be empty");
    }
}

/// The fields of a running pod that may change, as the server lists them.
const MUTABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// A pod is what it was made as, but for its images and a few numbers.
pub fn update(object: &Object, old: &Object, faults: &mut Faults) {
    let (new, was) = (&object.spec, &old.spec);
    if new == was {
        return;
    }
    for list in ["containers", "initContainers"] {
        let (now, then) = (items(&new[list]), items(&was[list]));
        if now.len() != then.len() {
            let what = if list == "containers" { "containers" } else { "initContainers" };
            faults.forbidden(&format!("spec.{what}"), "pod updates may not add or remove containers");
            return;
        }
        for (index, container) in now.enumerate() {
            if text(&container["image"]).is_empty() {
                faults.required(&format!("spec.{list}[{index}].image"), "");
            }
        }
    }
    tolerations_only_added(new, was, faults);
    let mut munged = Value::clone(new);
    for list in ["containers", "initContainers"] {
        for (index, container) in munged.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
            container["image"] = was[list][index]["image"].clone();
        }
    }
    for field in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"] {
        if let (Some(munged), Some(was)) = (munged.as_object_mut(), was.as_object()) {
            match was.get(field) {
                Some(value) => munged.insert(field.into(), value.clone()),
                None => munged.remove(field),
            };
        }
    }
    if munged == **was {
        return;
    }
    // The server shows a difference of its own structures here; ours names the fields.
    let mut why = MUTABLE.to_string();
    for (path, (before, after)) in canon::differences(was, &munged) {
        why += &format!("\n@@ spec.{path} @@");
        for (sign, side) in [('-', before), ('+', after)] {
            if !side.is_empty() {
                why += &format!("\n{sign} {side}");
            }
        }
    }
    faults.forbidden("spec", &why);
}

fn tolerations_only_added(new: &Value, was: &Value, faults: &mut Faults) {
    let kept = |toleration: &Value| items(&new["tolerations"]).any(|other| other["key"] == toleration["key"]);
    if !items(&was["tolerations"]).all(kept) {
        let why = "existing toleration can not be modified except its tolerationSeconds";
        faults.forbidden("spec.tolerations", why);
    }
}
