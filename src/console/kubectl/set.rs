//! `kubectl set`: image, env, resources of the containers of a deployment or ReplicaSet. Does not know the rollout.

use super::call::{Call, Failure};
use super::change::{patch, report};
use super::sheet::Sheet;
use super::subject::{Subject, get, list, map, text};
use super::targets;
use crate::stdx::canon;
use crate::stdx::quantity::Quantity;
use crate::world::k8s::api::{KindRow, PatchKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// What stands before the changes, and the changes (`NAME=VALUE`, `NAME-`).
fn split(operands: &[String]) -> (Vec<String>, Vec<String>) {
    let is_change = |o: &String| o.contains('=') || (o.ends_with('-') && !o.contains('/'));
    let first = operands.iter().position(is_change).unwrap_or(operands.len());
    (operands[..first].to_vec(), operands[first..].to_vec())
}

/// The pod spec within an object, as a JSON pointer; `None` if it has none that can be set.
fn pod_spec(row: &KindRow) -> Option<&'static str> {
    match row.kind {
        "Deployment" | "ReplicaSet" => Some("/spec/template/spec"),
        "Pod" => Some("/spec"),
        _ => None,
    }
}

fn containers<'a>(object: &'a Value, spec: &str) -> Vec<(&'static str, &'a Value)> {
    ["containers", "initContainers"]
        .into_iter()
        .flat_map(|field| list(object, &format!("{spec}/{field}")).iter().map(move |c| (field, c)))
        .collect()
}

/// Whether `-c`/`--containers` means this one; a pattern may hold `*`.
fn chosen(call: &Call, name: &str) -> bool {
    let pattern = call.given.value("containers").or(call.given.value("container")).unwrap_or("*");
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, end)) => name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end),
    }
}

/// Sends the changed containers of one object as a strategic patch; nothing changed is nothing sent.
fn apply(
    call: &mut Call,
    row: &KindRow,
    object: &Value,
    parts: Vec<(&'static str, Value)>,
    said: &str,
) -> Result<(), Failure> {
    let name = text(object, "/metadata/name").to_string();
    if parts.is_empty() {
        call.hint(format!("nothing to change: {} {name} is so already", row.singular));
        return Ok(());
    }
    let mut spec = Map::new();
    for (field, part) in parts {
        if let Some(list) = spec.entry(field).or_insert_with(|| json!([])).as_array_mut() {
            list.push(part);
        }
    }
    // Without the order of all, the changed ones would come first.
    let pods = pod_spec(row).unwrap_or("/spec");
    for field in spec.keys().cloned().collect::<Vec<_>>() {
        let all = list(object, &format!("{pods}/{field}")).iter().map(|c| json!({"name": text(c, "name")})).collect();
        spec.insert(format!("$setElementOrder/{field}"), Value::Array(all));
    }
    let body = if row.kind == "Pod" { json!({"spec": spec}) } else { json!({"spec": {"template": {"spec": spec}}}) };
    let after = patch(call, row, &name, PatchKind::Strategic, body)?;
    report(call, &format!("{}/{name}", targets::label(row)), said, after)
}

fn no_pods(row: &KindRow, object: &Value) -> Failure {
    let name = text(object, "/metadata/name");
    Failure::error(format!("{}/{name} does not have a pod spec", targets::label(row)))
}

pub fn image(call: &mut Call) -> Result<(), Failure> {
    let (operands, changes) = split(&call.given.operands.clone());
    if changes.is_empty() {
        return Err(Failure::error("at least one image update is required"));
    }
    for (row, object) in call.named(&operands)? {
        let spec = pod_spec(row).ok_or_else(|| no_pods(row, &object))?;
        let all = containers(&object, spec);
        let mut parts = Vec::new();
        for change in &changes {
            let Some((wanted, image)) = change.split_once('=').filter(|(_, i)| !i.is_empty()) else {
                return Err(Failure::error(format!("invalid image update {change:?}")));
            };
            let hits: Vec<_> = all.iter().filter(|(_, c)| wanted == "*" || text(c, "name") == wanted).collect();
            if hits.is_empty() {
                let known: Vec<&str> = all.iter().map(|(_, c)| text(c, "name")).collect();
                return Err(Failure::error(format!("unable to find container named {wanted:?}")).hint(format!(
                    "containers of {}: {}",
                    text(&object, "/metadata/name"),
                    known.join(", ")
                )));
            }
            for (field, container) in hits.into_iter().filter(|(_, c)| text(c, "image") != image) {
                parts.push((*field, json!({"name": text(container, "name"), "image": image})));
            }
        }
        apply(call, row, &object, parts, "image updated")?;
    }
    Ok(())
}

/// A change of one variable.
enum Variable {
    Set(String, Value),
    Drop(String),
}

pub fn env(call: &mut Call) -> Result<(), Failure> {
    let (operands, words) = split(&call.given.operands.clone());
    let mut words = words;
    words.extend(call.given.all("env"));
    let mut changes = Vec::new();
    for word in &words {
        match (word.split_once('='), word.strip_suffix('-')) {
            (Some((name, value)), _) if !name.is_empty() => {
                changes.push(Variable::Set(name.into(), json!({"value": value})))
            }
            (None, Some(name)) => changes.push(Variable::Drop(name.into())),
            _ => {
                return Err(Failure::error(format!(
                    "environment variables must be of the form key=value, got {word:?}"
                )));
            }
        }
    }
    if let Some(from) = call.given.value("from").map(String::from) {
        changes.extend(from_source(call, &from)?);
    }
    if call.given.on("list") {
        return list_env(call, &operands);
    }
    if changes.is_empty() {
        return Err(Failure::error("at least one environment variable must be provided"));
    }
    for (row, object) in call.named(&operands)? {
        let spec = pod_spec(row).ok_or_else(|| no_pods(row, &object))?;
        let mut parts = Vec::new();
        let mut any = false;
        for (field, container) in containers(&object, spec) {
            let name = text(container, "name");
            if !chosen(call, name) || field == "initContainers" {
                continue;
            }
            any = true;
            let edits: Vec<Value> = changes.iter().filter_map(|c| edit(container, c)).collect();
            if !edits.is_empty() {
                let order = env_order(container, &edits);
                parts.push((field, json!({"name": name, "env": edits, "$setElementOrder/env": order})));
            }
        }
        if !any {
            let pattern = call.given.value("containers").unwrap_or("*").to_string();
            call.warn(format!(
                "warning: {}/{} does not have any containers matching {pattern:?}",
                row.plural,
                text(&object, "/metadata/name")
            ));
        }
        apply(call, row, &object, parts, "env updated")?;
    }
    Ok(())
}

/// The variables in the order they shall have: those that stay, then the new ones.
fn env_order(container: &Value, edits: &[Value]) -> Vec<Value> {
    let gone = |name: &str| edits.iter().any(|e| text(e, "name") == name && e.get("$patch").is_some());
    let mut names: Vec<&str> = list(container, "env").iter().map(|e| text(e, "name")).filter(|n| !gone(n)).collect();
    for edit in edits.iter().filter(|e| e.get("$patch").is_none()) {
        if !names.contains(&text(edit, "name")) {
            names.push(text(edit, "name"));
        }
    }
    names.into_iter().map(|name| json!({"name": name})).collect()
}

/// The patch of one variable of one container; `None` if it is so already.
fn edit(container: &Value, change: &Variable) -> Option<Value> {
    let known = |name: &str| list(container, "env").iter().find(|e| text(e, "name") == name);
    match change {
        Variable::Drop(name) => known(name).map(|_| json!({"name": name, "$patch": "delete"})),
        Variable::Set(name, source) => {
            let old = known(name);
            let mut entry = source.clone();
            entry["name"] = json!(name);
            if old == Some(&entry) {
                return None;
            }
            // A variable has a value or a source, never both: what it had before must go.
            if let Some(old) = old {
                for field in ["value", "valueFrom"] {
                    if get(old, field).is_some() && source.get(field).is_none() {
                        entry[field] = Value::Null;
                    }
                }
            }
            Some(entry)
        }
    }
}

/// `--from=configmap/NAME`: a variable for each key (or for `--keys`), with `--prefix`.
fn from_source(call: &mut Call, from: &str) -> Result<Vec<Variable>, Failure> {
    let Some((kind, name)) = from.split_once('/') else {
        return Err(Failure::error("--from must be in resource/name form"));
    };
    let row = targets::kind(kind)?;
    let reference = match row.kind {
        "ConfigMap" => "configMapKeyRef",
        "Secret" => "secretKeyRef",
        other => return Err(Failure::error(format!("unsupported resource specified in --from: {other}"))),
    };
    let source = call.object(row, name)?;
    let wanted = call.given.list("keys");
    let prefix = call.given.text("prefix").to_string();
    let upper = |key: &str| key.to_uppercase().replace(['-', '.'], "_");
    Ok(map(&source, "data")
        .into_iter()
        .filter(|(key, _)| wanted.is_empty() || wanted.iter().any(|w| w == key))
        .map(|(key, _)| {
            let value = json!({"valueFrom": {reference: {"name": name, "key": key}}});
            Variable::Set(format!("{prefix}{}", upper(key)), value)
        })
        .collect())
}

fn list_env(call: &mut Call, operands: &[String]) -> Result<(), Failure> {
    let resolve = call.given.on("resolve");
    for (row, object) in call.named(operands)? {
        let spec = pod_spec(row).ok_or_else(|| no_pods(row, &object))?;
        let subject = Subject::of(&object);
        let base = spec.trim_start_matches('/').replace('/', ".");
        let mut sheet = Sheet::default();
        for (field, container) in containers(&object, spec) {
            let name = text(container, "name");
            if !chosen(call, name) {
                continue;
            }
            sheet.put(&format!("# {} {}, container {name}\n", row.plural, text(&object, "/metadata/name")));
            for variable in list(container, "env") {
                let (key, value) = (text(variable, "name"), text(variable, "value"));
                let path = format!("{base}.{field}[{name}].env[{key}].value");
                let from = get(variable, "valueFrom");
                if let Some((source, path, value)) = from.filter(|_| resolve).and_then(|from| resolved(call, from)) {
                    sheet.show(&format!("{key}={value}"), Subject::of(&source).field(&path, &value)).end_line();
                    continue;
                }
                match from {
                    None => sheet.show(&format!("{key}={value}"), subject.field(&path, value)).end_line(),
                    Some(from) => sheet.put(&format!("# {key} from {}\n", source_text(from))),
                };
            }
        }
        call.print_lines(sheet.lines());
    }
    Ok(())
}

/// The object that a variable's value comes from, where in it, and the value there.
fn resolved(call: &mut Call, from: &Value) -> Option<(Value, String, String)> {
    let (kind, reference) = match get(from, "configMapKeyRef") {
        Some(reference) => ("configmaps", reference),
        None => ("secrets", get(from, "secretKeyRef")?),
    };
    let (name, key) = (text(reference, "name").to_string(), text(reference, "key").to_string());
    let source = call.object(targets::kind(kind).ok()?, &name).ok()?;
    let held = source.get("data")?.get(&key)?.as_str()?.to_string();
    let value = match kind {
        "secrets" => String::from_utf8_lossy(&STANDARD.decode(&held).ok()?).into_owned(),
        _ => held,
    };
    Some((source, format!("data.{key}"), value))
}

fn source_text(from: &Value) -> String {
    if let Some(key) = get(from, "configMapKeyRef") {
        format!("configmap {}, key {}", text(key, "name"), text(key, "key"))
    } else if let Some(key) = get(from, "secretKeyRef") {
        format!("secret {}, key {}", text(key, "name"), text(key, "key"))
    } else {
        format!("field path {}", text(from, "/fieldRef/fieldPath"))
    }
}

pub fn resources(call: &mut Call) -> Result<(), Failure> {
    let mut wanted = Map::new();
    for side in ["limits", "requests"] {
        let mut amounts = Map::new();
        for part in call.given.list(side) {
            let Some((name, amount)) = part.split_once('=') else {
                return Err(Failure::error(format!("invalid argument syntax {part}, expected <resource>=<value>")));
            };
            if Quantity::parse(amount).is_none() {
                return Err(Failure::error(
                    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                ));
            }
            amounts.insert(name.to_string(), json!(amount));
        }
        if !amounts.is_empty() {
            wanted.insert(side.to_string(), Value::Object(amounts));
        }
    }
    if wanted.is_empty() {
        return Err(Failure::error(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    for (row, object) in call.named(&call.given.operands.clone())? {
        let spec = pod_spec(row).ok_or_else(|| no_pods(row, &object))?;
        let wanted = Value::Object(wanted.clone());
        let mut parts = Vec::new();
        let all = containers(&object, spec);
        if !all.iter().any(|(field, container)| *field == "containers" && chosen(call, text(container, "name"))) {
            let pattern = call.given.text("containers");
            return Err(Failure::error(format!("unable to find container named {pattern}")));
        }
        for (field, container) in all {
            let name = text(container, "name");
            let has = canon::leaves("", container.get("resources").unwrap_or(&Value::Null));
            let same = canon::leaves("", &wanted).iter().all(|(path, amount)| has.get(path) == Some(amount));
            if chosen(call, name) && field == "containers" && !same {
                parts.push((field, json!({"name": name, "resources": wanted})));
            }
        }
        apply(call, row, &object, parts, "resource requirements updated")?;
    }
    Ok(())
}
