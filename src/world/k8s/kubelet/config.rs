//! What a container is configured with at its start: environment, command line and mounted files, resolved from
//! ConfigMaps, Secrets and the pod itself, with the kubelet's own words for what is missing. Does not start anything.

use crate::world::k8s::kinds::Kind;
use crate::world::k8s::object::Object;
use crate::world::k8s::store::Store;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;

pub type Texts = BTreeMap<String, String>;

/// The environment of a container. An error is the message of CreateContainerConfigError.
pub fn environment(store: &Store, pod: &Object, container: &Value, ip: &str) -> Result<Texts, String> {
    let mut env = service_links(store, pod);
    env.insert("HOSTNAME".into(), pod.meta.name.clone());
    env.insert("PATH".into(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into());
    for source in list(&container["envFrom"]) {
        let prefix = source["prefix"].as_str().unwrap_or("");
        for (field, kind) in [("configMapRef", Kind::ConfigMap), ("secretRef", Kind::Secret)] {
            let reference = &source[field];
            let Some(name) = reference["name"].as_str() else { continue };
            match data(store, kind, &pod.meta.namespace, name) {
                Some(all) => env.extend(all.into_iter().map(|(key, text)| (format!("{prefix}{key}"), text))),
                None if reference["optional"] == true => {}
                None => return Err(missing(kind, name)),
            }
        }
    }
    for variable in list(&container["env"]) {
        let Some(name) = variable["name"].as_str() else { continue };
        if let Some(text) = variable["value"].as_str() {
            let text = expand(text, &env);
            env.insert(name.into(), text);
        } else if let Some(text) = value_from(store, pod, container, &variable["valueFrom"], ip)? {
            env.insert(name.into(), text);
        } else if variable.get("valueFrom").is_none() {
            env.insert(name.into(), String::new());
        }
    }
    Ok(env)
}

fn value_from(
    store: &Store,
    pod: &Object,
    container: &Value,
    from: &Value,
    ip: &str,
) -> Result<Option<String>, String> {
    let namespace = &pod.meta.namespace;
    for (field, kind, noun) in
        [("configMapKeyRef", Kind::ConfigMap, "ConfigMap"), ("secretKeyRef", Kind::Secret, "Secret")]
    {
        let reference = &from[field];
        let Some(name) = reference["name"].as_str() else { continue };
        let key = reference["key"].as_str().unwrap_or("");
        let optional = reference["optional"] == true;
        return match data(store, kind, namespace, name) {
            Some(mut all) => match all.remove(key) {
                Some(text) => Ok(Some(text)),
                None if optional => Ok(None),
                None => Err(format!("couldn't find key {key} in {noun} {namespace}/{name}")),
            },
            None if optional => Ok(None),
            None => Err(missing(kind, name)),
        };
    }
    if let Some(path) = from["fieldRef"]["fieldPath"].as_str() {
        return Ok(Some(field(pod, path, ip)));
    }
    if let Some(resource) = from["resourceFieldRef"]["resource"].as_str() {
        return Ok(Some(resource_field(container, resource)));
    }
    Ok(None)
}

fn field(pod: &Object, path: &str, ip: &str) -> String {
    let meta = &pod.meta;
    let text = |value: &Value| value.as_str().unwrap_or("").to_string();
    match path {
        "metadata.name" => meta.name.clone(),
        "metadata.namespace" => meta.namespace.clone(),
        "metadata.uid" => meta.uid.clone(),
        "spec.nodeName" => text(&pod.spec["nodeName"]),
        "spec.serviceAccountName" => text(&pod.spec["serviceAccountName"]),
        "status.hostIP" => text(&pod.status["hostIP"]),
        "status.podIP" | "status.podIPs" => ip.to_string(),
        _ => {
            let map = if path.starts_with("metadata.annotations") { &meta.annotations } else { &meta.labels };
            let key = path.split_once('[').map_or("", |(_, key)| key.trim_end_matches(']').trim_matches(['\'', '"']));
            map.get(key).cloned().unwrap_or_default()
        }
    }
}

fn resource_field(container: &Value, resource: &str) -> String {
    let (group, name) = resource.split_once('.').unwrap_or(("limits", resource));
    let quantity = container["resources"][group][name].as_str().and_then(crate::stdx::quantity::Quantity::parse);
    quantity.map_or("0".into(), |q| q.value().to_string())
}

/// `$(NAME)` becomes the variable's value if it is known; `$$` is a dollar sign.
pub fn expand(text: &str, env: &Texts) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some((name, tail)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
            match env.get(name) {
                Some(value) => out.push_str(value),
                None => {
                    out.push_str("$(");
                    out.push_str(name);
                    out.push(')');
                }
            }
            rest = tail;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

/// The variables that tell of the namespace's Services (and of the API server) at the start.
fn service_links(store: &Store, pod: &Object) -> Texts {
    let mut env = Texts::new();
    env.insert("KUBERNETES_SERVICE_HOST".into(), "10.96.0.1".into());
    env.insert("KUBERNETES_SERVICE_PORT".into(), "443".into());
    if pod.spec["enableServiceLinks"] == false {
        return env;
    }
    for service in store.list(Kind::Service, Some(&pod.meta.namespace)) {
        let Some(ip) = service.spec["clusterIP"].as_str().filter(|ip| *ip != "None") else { continue };
        let name = service.meta.name.to_uppercase().replace('-', "_");
        env.insert(format!("{name}_SERVICE_HOST"), ip.into());
        if let Some(port) = service.spec["ports"][0]["port"].as_i64() {
            env.insert(format!("{name}_SERVICE_PORT"), port.to_string());
        }
    }
    env
}

/// A volume of the pod that cannot be set up now: its name and why.
pub fn mount_error(store: &Store, pod: &Object) -> Option<(String, String)> {
    list(&pod.spec["volumes"]).find_map(|volume| {
        let name = volume["name"].as_str().unwrap_or("").to_string();
        let sources = [("configMap", "name", Kind::ConfigMap), ("secret", "secretName", Kind::Secret)];
        sources.iter().find_map(|(field, key, kind)| {
            let source = &volume[*field];
            let wanted = source[*key].as_str()?;
            if source["optional"] == true {
                return None;
            }
            match data(store, *kind, &pod.meta.namespace, wanted) {
                None => Some((name.clone(), missing(*kind, wanted))),
                Some(all) => list(&source["items"]).find_map(|item| {
                    let key = item["key"].as_str().unwrap_or("");
                    let text = "references non-existent config key: ";
                    (!all.contains_key(key)).then(|| (name.clone(), format!("{text}{key}")))
                }),
            }
        })
    })
}

/// The files that ConfigMap and Secret volumes put into a container: path → content.
pub fn files(store: &Store, pod: &Object, container: &Value) -> Texts {
    let mut files = Texts::new();
    for mount in list(&container["volumeMounts"]) {
        let (Some(volume), Some(path)) = (mount["name"].as_str(), mount["mountPath"].as_str()) else { continue };
        let Some(volume) = list(&pod.spec["volumes"]).find(|v| v["name"] == volume) else { continue };
        for (field, key, kind) in [("configMap", "name", Kind::ConfigMap), ("secret", "secretName", Kind::Secret)] {
            let Some(name) = volume[field][key].as_str() else { continue };
            let all = data(store, kind, &pod.meta.namespace, name).unwrap_or_default();
            let items: Vec<(String, String)> = match volume[field]["items"].as_array() {
                Some(items) => items
                    .iter()
                    .filter_map(|item| Some((item["key"].as_str()?.into(), item["path"].as_str()?.into())))
                    .collect(),
                None => all.keys().map(|key| (key.clone(), key.clone())).collect(),
            };
            let one = mount["subPath"].as_str();
            for (key, file) in items {
                let Some(text) = all.get(&key) else { continue };
                match one {
                    Some(one) if one == file => files.insert(path.into(), text.clone()),
                    Some(_) => None,
                    None => files.insert(format!("{}/{file}", path.trim_end_matches('/')), text.clone()),
                };
            }
        }
    }
    files
}

/// The entries of a ConfigMap, or of a Secret decoded; `None` if there is no such object.
fn data(store: &Store, kind: Kind, namespace: &str, name: &str) -> Option<Texts> {
    let object = store.get(kind, namespace, name)?;
    let decode = |text: &str| {
        let bytes = STANDARD.decode(text).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let mut out = Texts::new();
    for (key, value) in object.field("data").as_object().into_iter().flatten() {
        let text = value.as_str().unwrap_or("");
        out.insert(key.clone(), if kind == Kind::Secret { decode(text) } else { text.into() });
    }
    for (key, value) in object.field("stringData").as_object().into_iter().flatten() {
        out.insert(key.clone(), value.as_str().unwrap_or("").into());
    }
    Some(out)
}

fn missing(kind: Kind, name: &str) -> String {
    format!("{} \"{name}\" not found", kind.row().singular)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
