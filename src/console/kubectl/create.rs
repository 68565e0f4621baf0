//! `kubectl create KIND`, `run`, `expose`: objects made from flags. Does not know what the server adds to them.

use super::apply::{create_files, create_made};
use super::call::{Call, Failure};
use super::subject::{list, map, text};
use super::targets;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

pub fn run(call: &mut Call) -> Result<(), Failure> {
    if call.given.has("filename") {
        return create_files(call);
    }
    if let Some(word) = call.given.operands.first() {
        return Err(Failure::error(format!("unknown command {word:?} for \"kubectl create\"")).hint(
            "this cluster's kubectl creates from -f, and: configmap, cronjob, deployment, job, namespace, secret generic, service, serviceaccount",
        ));
    }
    Err(Failure::error("must specify one of -f and -k"))
}

pub fn name(call: &Call) -> Result<String, Failure> {
    let names = call.given.operands.get(..call.given.dash.unwrap_or(call.given.operands.len())).unwrap_or_default();
    match names {
        [name] => Ok(name.clone()),
        other => Err(Failure::usage(call.verb, format!("exactly one NAME is required, got {}", other.len()))),
    }
}

/// `--from-literal`, `--from-file`, `--from-env-file` as data.
fn data(call: &Call) -> Result<Map<String, Value>, Failure> {
    let mut out = Map::new();
    for pair in call.given.all("from-literal") {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Failure::error(format!("invalid literal source {pair}, expected key=value")));
        };
        out.insert(key.to_string(), json!(value));
    }
    let file = |path: &str| -> Result<String, Failure> {
        let lines = call.session.files.get(path);
        let lines = lines.ok_or_else(|| Failure::error(format!("error reading {path}: no such file or directory")))?;
        Ok(lines.iter().map(|l| format!("{}\n", l.text)).collect())
    };
    for source in call.given.all("from-file") {
        let (key, path) = source.split_once('=').unwrap_or((source.rsplit('/').next().unwrap_or(&source), &source));
        out.insert(key.to_string(), json!(file(path)?));
    }
    for path in call.given.all("from-env-file") {
        for line in file(&path)?.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            out.insert(key.trim().to_string(), json!(value));
        }
    }
    Ok(out)
}

pub fn config_map(call: &mut Call) -> Result<(), Failure> {
    let (name, data) = (name(call)?, data(call)?);
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    if !data.is_empty() {
        object["data"] = Value::Object(data);
    }
    create_made(call, object, "configmap:")
}

pub fn secret(call: &mut Call) -> Result<(), Failure> {
    let (name, data) = (name(call)?, data(call)?);
    let data: Map<String, Value> =
        data.into_iter().map(|(k, v)| (k, json!(STANDARD.encode(v.as_str().unwrap_or(""))))).collect();
    let object =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "Opaque", "data": data});
    create_made(call, object, "secret")
}

pub fn namespace(call: &mut Call) -> Result<(), Failure> {
    let name = name(call)?;
    create_made(call, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}), "")
}

pub fn service_account(call: &mut Call) -> Result<(), Failure> {
    let name = name(call)?;
    create_made(
        call,
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}),
        "serviceaccount:",
    )
}

pub fn deployment(call: &mut Call) -> Result<(), Failure> {
    let name = name(call)?;
    let images = call.given.list("image");
    if images.is_empty() {
        return Err(Failure::error("required flag(s) \"image\" not set"));
    }
    let replicas: i64 = call.given.value("replicas").and_then(|r| r.parse().ok()).unwrap_or(1);
    let port = call.given.value("port").and_then(|p| p.parse::<i64>().ok());
    let command = command(call);
    let containers: Vec<Value> = images
        .iter()
        .map(|image| {
            let base = image.rsplit('/').next().unwrap_or(image);
            let base = base.split(['@', ':']).next().unwrap_or(base);
            let mut container = json!({"name": base, "image": image, "resources": {}});
            if let Some(port) = port {
                container["ports"] = json!([{"containerPort": port}]);
            }
            if !command.is_empty() {
                container["command"] = json!(command);
            }
            container
        })
        .collect();
    let labels = json!({"app": name});
    let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "strategy": {},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}}}, "status": {}});
    create_made(call, object, "deployment:")
}

/// What stands after `--`.
pub fn command(call: &mut Call) -> Vec<String> {
    let dash = call.given.dash.unwrap_or(call.given.operands.len());
    call.given.operands.get(dash..).map(<[String]>::to_vec).unwrap_or_default()
}

/// `create service TYPE NAME --tcp=PORT[:TARGET]`.
pub fn service(call: &mut Call) -> Result<(), Failure> {
    let [kind, name] = call.given.operands.as_slice() else {
        return Err(Failure::error(
            "expected: kubectl create service clusterip|nodeport|loadbalancer NAME --tcp=port:targetPort",
        ));
    };
    let kind = match kind.as_str() {
        "clusterip" => "ClusterIP",
        "nodeport" => "NodePort",
        "loadbalancer" => "LoadBalancer",
        other => return Err(Failure::error(format!("unknown command {other:?} for \"kubectl create service\""))),
    };
    let name = name.clone();
    let mut ports = Vec::new();
    for pair in call.given.list("tcp") {
        let (port, target) = pair.split_once(':').unwrap_or((&pair, &pair));
        let Ok(number) = port.parse::<i64>() else {
            return Err(Failure::error(format!("invalid port {port:?}")));
        };
        let goal = target.parse::<i64>().map_or_else(|_| json!(target), |n| json!(n));
        ports.push(json!({"name": format!("{port}-{target}"), "protocol": "TCP", "port": number, "targetPort": goal}));
    }
    if ports.is_empty() {
        return Err(Failure::error("at least one tcp port specifier must be provided"));
    }
    let object = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"type": kind, "selector": {"app": name}, "ports": ports}});
    create_made(call, object, &format!("{kind} service:"))
}

pub fn run_pod(call: &mut Call) -> Result<(), Failure> {
    let Some(name) = call.given.operands.first().cloned() else {
        return Err(Failure::error("NAME is required for run"));
    };
    let Some(image) = call.given.value("image").map(String::from) else {
        return Err(Failure::error("required flag(s) \"image\" not set"));
    };
    if ["rm", "stdin", "tty"].iter().any(|flag| call.given.on(flag)) {
        return Err(Failure::error("attaching to a container is not simulated here: nothing was created").hint(
            "leave out -i, -t and --rm; run the pod with `-- sleep 600` and use kubectl exec, or exec in a pod that is there",
        ));
    }
    let mut container = json!({"name": name, "image": image, "resources": {}});
    if let Some(port) = call.given.value("port").and_then(|port| port.parse::<i64>().ok()) {
        container["ports"] = json!([{"containerPort": port}]);
    }
    let words = command(call);
    if !words.is_empty() {
        container[if call.given.on("command") { "command" } else { "args" }] = json!(words);
    }
    let env: Vec<Value> = call
        .given
        .all("env")
        .iter()
        .filter_map(|e| e.split_once('=').map(|(name, value)| json!({"name": name, "value": value})))
        .collect();
    if !env.is_empty() {
        container["env"] = json!(env);
    }
    let policy = call.given.value("restart").unwrap_or("Always");
    let mut labels: Map<String, Value> = Map::new();
    for pair in call.given.list("labels") {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Failure::error(format!("unexpected label spec: {pair}")));
        };
        labels.insert(key.to_string(), json!(value));
    }
    if labels.is_empty() {
        labels.insert("run".into(), json!(name));
    }
    let object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels},
        "spec": {"containers": [container], "restartPolicy": policy, "dnsPolicy": "ClusterFirst"}, "status": {}});
    create_made(call, object, "")
}

pub fn expose(call: &mut Call) -> Result<(), Failure> {
    for (row, object) in call.named(&call.given.operands.clone())? {
        let base = text(&object, "/metadata/name").to_string();
        let place = match row.kind {
            "Deployment" | "ReplicaSet" => "/spec/selector/matchLabels",
            "Service" => "/spec/selector",
            "Pod" => "/metadata/labels",
            _ => return Err(Failure::error(format!("cannot expose a {}", targets::label(row)))),
        };
        let selector: Map<String, Value> =
            map(&object, place).into_iter().map(|(k, v)| (k.to_string(), json!(v))).collect();
        let known = list(&object, "/spec/template/spec/containers").first().map_or(0, |c| {
            list(c, "ports").first().and_then(|p| p.get("containerPort")).and_then(Value::as_i64).unwrap_or(0)
        });
        let port = call.given.value("port").and_then(|p| p.parse::<i64>().ok()).unwrap_or(known);
        if port == 0 {
            return Err(Failure::error("couldn't find port via --port flag or introspection"));
        }
        let target = call
            .given
            .value("target-port")
            .map_or(json!(port), |t| t.parse::<i64>().map_or_else(|_| json!(t), |n| json!(n)));
        let name = call.given.value("name").unwrap_or(&base).to_string();
        let kind = call.given.value("type").unwrap_or("ClusterIP").to_string();
        let made = json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name, "labels": object.pointer("/metadata/labels").cloned().unwrap_or(json!({}))},
            "spec": {"type": kind, "selector": selector, "ports": [{"protocol": "TCP", "port": port, "targetPort": target}]}});
        let said = format!("service/{name}");
        create_exposed(call, made, &said)?;
    }
    Ok(())
}

fn create_exposed(call: &mut Call, made: Value, label: &str) -> Result<(), Failure> {
    let row = targets::kind("services")?;
    let mut request = call.request(crate::world::k8s::api::Verb::Create, row);
    request.body = Some(made);
    let after = call.fetch(&request)?;
    super::change::report(call, label, "exposed", after)
}
