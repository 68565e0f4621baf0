//! Deployments and ReplicaSets: selector, template, strategy, counts. Does not know pods' own rules.

use super::pod;
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::object::Object;
use crate::world::k8s::refusal::Faults;
use crate::world::k8s::selector::label_selector_matches;
use crate::world::k8s::table::{integer, items, text};
use serde_json::Value;
use std::collections::BTreeMap;

const NEGATIVE: &str = "must be greater than or equal to 0";

pub fn workload(object: &Object, faults: &mut Faults) {
    let spec = &object.spec;
    numbers(spec, faults);
    let selector = &spec["selector"];
    let empty = |field: &str| selector[field].as_object().is_none_or(|map| map.is_empty());
    if !selector.is_object() {
        faults.required("spec.selector", "");
    } else {
        expressions(&selector["matchExpressions"], faults);
        super::label_value_map("spec.selector.matchLabels", &selector["matchLabels"], faults);
        if empty("matchLabels") && items(&selector["matchExpressions"]).len() == 0 {
            let kind = if object.kind.id == Kind::Deployment { "deployment" } else { "replicaset" };
            faults.invalid("spec.selector", selector, &format!("empty selector is invalid for {kind}"));
        }
    }
    if object.kind.id == Kind::Deployment {
        strategy(&spec["strategy"], faults);
    }
    template(spec, faults);
}

fn numbers(spec: &Value, faults: &mut Faults) {
    for field in ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
        if integer(&spec[field]) < 0 {
            faults.invalid(&format!("spec.{field}"), &spec[field], NEGATIVE);
        }
    }
    let (deadline, ready) = (&spec["progressDeadlineSeconds"], integer(&spec["minReadySeconds"]));
    if deadline.as_i64().is_some_and(|deadline| deadline <= ready) {
        faults.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
    }
}

fn expressions(list: &Value, faults: &mut Faults) {
    for (index, expression) in items(list).enumerate() {
        let path = format!("spec.selector.matchExpressions[{index}]");
        let values = items(&expression["values"]).len();
        match text(&expression["operator"]) {
            "In" | "NotIn" if values == 0 => {
                faults.required(&format!("{path}.values"), "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if values > 0 => {
                let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                faults.forbidden(&format!("{path}.values"), why);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => faults.invalid(&format!("{path}.operator"), &expression["operator"], "not a valid selector operator"),
        }
    }
}

fn strategy(strategy: &Value, faults: &mut Faults) {
    let rolling = &strategy["rollingUpdate"];
    match text(&strategy["type"]) {
        "Recreate" if rolling.is_object() => {
            let why = "may not be specified when strategy `type` is 'Recreate'";
            faults.forbidden("spec.strategy.rollingUpdate", why);
        }
        "Recreate" => {}
        "RollingUpdate" => {
            let zero = |field: &str| {
                matches!(&rolling[field], Value::Number(n) if n.as_i64() == Some(0)) || rolling[field] == "0%"
            };
            for field in ["maxUnavailable", "maxSurge"] {
                int_or_percent(&format!("spec.strategy.rollingUpdate.{field}"), &rolling[field], faults);
            }
            if zero("maxUnavailable") && zero("maxSurge") {
                let field = "spec.strategy.rollingUpdate.maxUnavailable";
                faults.invalid(field, &rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
            }
        }
        _ => faults.unsupported("spec.strategy.type", &strategy["type"], &["Recreate", "RollingUpdate"]),
    }
}

fn int_or_percent(field: &str, value: &Value, faults: &mut Faults) {
    match value {
        Value::String(percent) => {
            let digits = percent.strip_suffix('%').filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
            if digits.is_none() {
                let why = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
                faults.invalid(field, value, why);
            } else if field.ends_with("maxUnavailable")
                && digits.and_then(|d| d.parse::<i64>().ok()).is_none_or(|n| n > 100)
            {
                faults.invalid(field, value, "must not be greater than 100%");
            }
        }
        Value::Number(number) if number.as_i64().is_some_and(|n| n < 0) => faults.invalid(field, value, NEGATIVE),
        _ => {}
    }
}

fn template(spec: &Value, faults: &mut Faults) {
    let template = &spec["template"];
    let labels: BTreeMap<String, String> = template["metadata"]["labels"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), text(value).to_string()))
        .collect();
    let selector = &spec["selector"];
    if selector.is_object() && !label_selector_matches(selector, &labels) {
        let field = "spec.template.metadata.labels";
        let shown = match &template["metadata"]["labels"] {
            Value::Null => Value::Null,
            labels => labels.clone(),
        };
        faults.invalid(field, &shown, "`selector` does not match template `labels`");
    }
    super::label_value_map("spec.template.labels", &template["metadata"]["labels"], faults);
    pod::spec(&template["spec"], "spec.template.spec", faults);
    let policy = &template["spec"]["restartPolicy"];
    if matches!(text(policy), "OnFailure" | "Never") {
        faults.unsupported("spec.template.spec.restartPolicy", policy, &["Always"]);
    }
    if !template["spec"]["activeDeadlineSeconds"].is_null() {
        faults.forbidden(
            "spec.template.spec.activeDeadlineSeconds",
            "activeDeadlineSeconds in ReplicaSet is not Supported",
        );
    }
}

pub fn update(object: &Object, old: &Object, faults: &mut Faults) {
    workload(object, faults);
    let selector = &object.spec["selector"];
    if *selector != old.spec["selector"] {
        faults.invalid("spec.selector", selector, "field is immutable");
    }
}
