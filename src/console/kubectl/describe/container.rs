//! Containers within a description: of pods (with their statuses) and of pod templates (without). Does not know which.

use super::{Description, title_bool};
use crate::console::kubectl::subject::{get, int, list, map, text};
use crate::stdx::canon;
use crate::stdx::quantity::Quantity;
use serde_json::Value;

/// One list of containers: where it is, what it is called, and what is known of their life.
pub struct Containers<'a> {
    pub label: &'a str,
    /// `spec.initContainers`, `spec.template.spec.containers`.
    pub path: String,
    pub containers: &'a [Value],
    /// The statuses and their path; `None` in a template.
    pub statuses: Option<(&'a [Value], &'a str)>,
    /// The pod that fields are resolved against; `None` in a template.
    pub pod: Option<&'a Value>,
}

impl Description {
    pub fn containers(&mut self, all: &Containers) {
        let (indent, name_indent) = if all.pod.is_some() { ("", "") } else { ("  ", " ") };
        let none = if all.containers.is_empty() { " <none>" } else { "" };
        self.raw(0, &format!("{indent}{}:{none}\n", all.label));
        for (i, container) in all.containers.iter().enumerate() {
            let path = canon::item(&all.path, container, i);
            let name = text(container, "name");
            self.raw(1, name_indent).value(&canon::key(&path, "name"), name, name).sheet.put(":\n");
            let status = all.statuses.and_then(|(statuses, base)| {
                statuses.iter().find(|s| text(s, "name") == name).map(|s| (s, format!("{base}[{name}]")))
            });
            self.container_basics(container, &path, status.as_ref().map(|(s, p)| (*s, p.as_str())));
            self.container_command(container, &path);
            if let Some((status, at)) = &status {
                self.container_state(status, at);
            }
            self.resources(container.get("resources"), &canon::key(&path, "resources"), 2);
            for (label, field) in
                [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")]
            {
                if let Some(probe) = get(container, field) {
                    self.probe(label, probe, &canon::key(&path, field));
                }
            }
            self.environment_sources(container, &path);
            self.environment(container, &path, all.pod);
            self.mounts(container, &path);
        }
    }

    fn container_basics(&mut self, container: &Value, path: &str, status: Option<(&Value, &str)>) {
        if let Some((status, at)) = status {
            self.field(2, "Container ID", &canon::key(at, "containerID"), text(status, "containerID"));
        }
        self.field(2, "Image", &canon::key(path, "image"), text(container, "image"));
        if let Some((status, at)) = status {
            self.field(2, "Image ID", &canon::key(at, "imageID"), text(status, "imageID"));
        }
        for (label, field) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
            let ports: Vec<String> = list(container, "ports")
                .iter()
                .map(|port| {
                    let name = text(port, "name");
                    let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
                    let protocol = Some(text(port, "protocol")).filter(|p| !p.is_empty()).unwrap_or("TCP");
                    format!("{}/{protocol}{name}", int(port, field).unwrap_or(0))
                })
                .collect();
            let label = if ports.len() > 1 { format!("{label}s") } else { label.to_string() };
            self.field_or_none(2, &label, &canon::key(path, "ports"), &ports.join(", "));
        }
        if let Some(profile) = get(container, "/securityContext/seccompProfile") {
            let at = canon::key(path, "securityContext.seccompProfile.type");
            self.field(2, "SeccompProfile", &at, text(profile, "type"));
        }
    }

    fn container_command(&mut self, container: &Value, path: &str) {
        for (label, field) in [("Command", "command"), ("Args", "args")] {
            let words = list(container, field);
            if words.is_empty() {
                continue;
            }
            self.raw(2, label).sheet.put(":\n");
            for (i, word) in words.iter().enumerate() {
                let word = canon::scalar(word);
                for line in word.split('\n') {
                    self.raw(3, "").value(&format!("{path}.{field}[{i}]"), line, line).end();
                }
            }
        }
    }

    fn container_state(&mut self, status: &Value, path: &str) {
        self.state("State", status.get("state").unwrap_or(&Value::Null), &canon::key(path, "state"));
        if let Some(last) = get(status, "lastState").filter(|last| get(last, "terminated").is_some()) {
            self.state("Last State", last, &canon::key(path, "lastState"));
        }
        let ready = get(status, "ready").and_then(Value::as_bool).unwrap_or(false);
        self.field_as(2, "Ready", &canon::key(path, "ready"), &ready.to_string(), title_bool(status.get("ready")));
        let restarts = int(status, "restartCount").unwrap_or(0).to_string();
        self.field(2, "Restart Count", &canon::key(path, "restartCount"), &restarts);
    }

    fn state(&mut self, label: &str, state: &Value, path: &str) {
        if let Some(running) = get(state, "running") {
            let at = format!("{path}.running");
            self.field_as(2, label, &at, "running", "Running");
            self.time(3, "Started", &format!("{at}.startedAt"), text(running, "startedAt"));
        } else if let Some(ended) = get(state, "terminated") {
            let at = format!("{path}.terminated");
            self.field_as(2, label, &at, "terminated", "Terminated");
            for (name, field) in [("Reason", "reason"), ("Message", "message")] {
                let value = text(ended, field);
                if !value.is_empty() {
                    self.field(3, name, &canon::key(&at, field), value);
                }
            }
            let code = int(ended, "exitCode").unwrap_or(0).to_string();
            self.field(3, "Exit Code", &format!("{at}.exitCode"), &code);
            if let Some(signal) = int(ended, "signal").filter(|s| *s > 0) {
                self.field(3, "Signal", &format!("{at}.signal"), &signal.to_string());
            }
            self.time(3, "Started", &format!("{at}.startedAt"), text(ended, "startedAt"));
            self.time(3, "Finished", &format!("{at}.finishedAt"), text(ended, "finishedAt"));
        } else {
            let at = format!("{path}.waiting");
            self.field_as(2, label, &at, "waiting", "Waiting");
            let reason = text(state, "/waiting/reason");
            if !reason.is_empty() {
                self.field(3, "Reason", &format!("{at}.reason"), reason);
            }
        }
    }

    /// `Limits:` and `Requests:`, each only if it says something.
    pub fn resources(&mut self, resources: Option<&Value>, path: &str, level: usize) {
        for (label, field) in [("Limits", "limits"), ("Requests", "requests")] {
            let amounts = resources.map(|r| map(r, field)).unwrap_or_default();
            if amounts.is_empty() {
                continue;
            }
            self.raw(level, label).sheet.put(":\n");
            for (name, amount) in amounts {
                let shown = Quantity::parse(&amount).map_or(amount, |q| q.to_string());
                self.field(level + 1, name, &canon::key(&canon::key(path, field), name), &shown);
            }
        }
    }

    fn probe(&mut self, label: &str, probe: &Value, path: &str) {
        let number = |field: &str, default: i64| int(probe, field).unwrap_or(default);
        let (what, at) = probe_action(probe, path);
        self.raw(2, label).sheet.put(":\t");
        let start = self.sheet.here();
        self.value(&at.0, &at.1, &what);
        for (name, field, default, unit) in [
            (" delay", "initialDelaySeconds", 0, "s"),
            (" timeout", "timeoutSeconds", 1, "s"),
            (" period", "periodSeconds", 10, "s"),
            (" #success", "successThreshold", 1, ""),
            (" #failure", "failureThreshold", 3, ""),
        ] {
            let value = number(field, default).to_string();
            self.value(&canon::key(path, field), &value, &format!("{name}={value}{unit}"));
        }
        for fact in self.also.get(path).cloned().unwrap_or_default() {
            self.sheet.mark_from(start, fact);
        }
        self.end();
    }

    fn environment_sources(&mut self, container: &Value, path: &str) {
        let sources = list(container, "envFrom");
        if sources.is_empty() {
            return;
        }
        self.raw(2, "Environment Variables from:\n");
        for (i, source) in sources.iter().enumerate() {
            let (kind, field) = if get(source, "configMapRef").is_some() {
                ("ConfigMap", "configMapRef")
            } else {
                ("Secret", "secretRef")
            };
            let name = text(source, &format!("/{field}/name"));
            let optional = source.pointer(&format!("/{field}/optional")).and_then(Value::as_bool).unwrap_or(false);
            let prefix = text(source, "prefix");
            let prefix = if prefix.is_empty() { String::new() } else { format!(" with prefix '{prefix}'") };
            self.raw(3, "").value(&format!("{path}.envFrom[{i}].{field}.name"), name, name);
            self.sheet.put(&format!("\t{kind}{prefix}\tOptional: {optional}\n"));
        }
    }

    fn environment(&mut self, container: &Value, path: &str, pod: Option<&Value>) {
        let variables = list(container, "env");
        if variables.is_empty() {
            self.raw(2, "Environment:\t").value(&canon::key(path, "env"), "", "<none>").end();
            return;
        }
        self.raw(2, "Environment:");
        let facts = self.also.get(&canon::key(path, "env")).cloned().unwrap_or_default();
        let start = self.sheet.here() - "Environment:".len();
        facts.into_iter().for_each(|fact| self.sheet.mark_from(start, fact));
        self.end();
        for (i, variable) in variables.iter().enumerate() {
            let at = canon::item(&canon::key(path, "env"), variable, i);
            self.variable(variable, &at, container, pod);
        }
    }

    fn variable(&mut self, variable: &Value, at: &str, container: &Value, pod: Option<&Value>) {
        let name = text(variable, "name");
        let Some(from) = get(variable, "valueFrom") else {
            let value = text(variable, "value");
            for (i, line) in value.split('\n').enumerate() {
                self.raw(3, "");
                let start = self.sheet.here();
                if i == 0 {
                    self.sheet.put(&format!("{name}:"));
                }
                self.sheet.put("\t").put(line);
                let fact =
                    self.subject.field(&canon::key(at, "value"), if value.contains('\n') { line } else { value });
                self.sheet.mark_from(start, fact);
                for fact in self.also.get(&canon::key(at, "value")).cloned().unwrap_or_default() {
                    self.sheet.mark_from(start, fact);
                }
                self.end();
            }
            return;
        };
        let optional =
            |field: &str| from.pointer(&format!("/{field}/optional")).and_then(Value::as_bool).unwrap_or(false);
        let base = canon::key(at, "valueFrom");
        let (place, value, shown) = if let Some(field) = get(from, "fieldRef") {
            let path = text(field, "fieldPath");
            let resolved = pod.map(|p| resolve_field(p, path)).unwrap_or_default();
            (format!("{base}.fieldRef.fieldPath"), path, format!("{resolved} ({}:{path})", text(field, "apiVersion")))
        } else if let Some(field) = get(from, "resourceFieldRef") {
            let resource = text(field, "resource");
            let amount = container_amount(container, resource);
            (format!("{base}.resourceFieldRef.resource"), resource, format!("{amount} ({resource})"))
        } else if let Some(key) = get(from, "secretKeyRef") {
            let (name, key, optional) = (text(key, "name"), text(key, "key"), optional("secretKeyRef"));
            let shown = format!("<set to the key '{key}' in secret '{name}'>\tOptional: {optional}");
            (format!("{base}.secretKeyRef.name"), name, shown)
        } else {
            let key = from.get("configMapKeyRef").unwrap_or(&Value::Null);
            let (name, key, optional) = (text(key, "name"), text(key, "key"), optional("configMapKeyRef"));
            let shown = format!("<set to the key '{key}' of config map '{name}'>\tOptional: {optional}");
            (format!("{base}.configMapKeyRef.name"), name, shown)
        };
        self.raw(3, name).sheet.put(":\t");
        self.value(&place, value, &shown).end();
    }

    fn mounts(&mut self, container: &Value, path: &str) {
        let mut mounts: Vec<&Value> = list(container, "volumeMounts").iter().collect();
        if mounts.is_empty() {
            self.raw(2, "Mounts:\t").value(&canon::key(path, "volumeMounts"), "", "<none>").end();
            return;
        }
        mounts.sort_by_key(|mount| text(mount, "mountPath"));
        self.raw(2, "Mounts:\n");
        for mount in mounts {
            let read_only = get(mount, "readOnly").and_then(Value::as_bool).unwrap_or(false);
            let sub_path = text(mount, "subPath");
            let mut flags = if read_only { "ro".to_string() } else { "rw".to_string() };
            if !sub_path.is_empty() {
                flags.push_str(&format!(",path={sub_path:?}"));
            }
            let (place, name) = (text(mount, "mountPath"), text(mount, "name"));
            let at = format!("{path}.volumeMounts[{name}].mountPath");
            self.raw(3, "").value(&at, place, &format!("{place} from {name} ({flags})")).end();
        }
    }
}

/// What a probe does, and the field that says so.
fn probe_action(probe: &Value, path: &str) -> (String, (String, String)) {
    let port = |value: &Value| canon::scalar(value.get("port").unwrap_or(&Value::Null));
    if let Some(exec) = get(probe, "exec") {
        let words: Vec<String> = list(exec, "command").iter().map(canon::scalar).collect();
        let words = words.join(" ");
        (format!("exec [{words}]"), (format!("{path}.exec.command"), words))
    } else if let Some(http) = get(probe, "httpGet") {
        let scheme = Some(text(http, "scheme")).filter(|s| !s.is_empty()).unwrap_or("HTTP").to_lowercase();
        let target = text(http, "path");
        let slash = if target.is_empty() || target.starts_with('/') { "" } else { "/" };
        let shown = format!("http-get {scheme}://{}:{}{slash}{target}", text(http, "host"), port(http));
        (shown, (format!("{path}.httpGet.path"), target.to_string()))
    } else if let Some(tcp) = get(probe, "tcpSocket") {
        (format!("tcp-socket {}:{}", text(tcp, "host"), port(tcp)), (format!("{path}.tcpSocket.port"), port(tcp)))
    } else if let Some(grpc) = get(probe, "grpc") {
        let shown = format!("grpc <pod>:{} {}", port(grpc), text(grpc, "service"));
        (shown, (format!("{path}.grpc.port"), port(grpc)))
    } else {
        ("unknown".to_string(), (path.to_string(), String::new()))
    }
}

/// A field of the pod as the downward API gives it.
fn resolve_field(pod: &Value, path: &str) -> String {
    canon::at(pod, &path.replace('\'', "")).map(canon::scalar).unwrap_or_default()
}

/// A container's own limit or request as the downward API gives it.
fn container_amount(container: &Value, resource: &str) -> String {
    let amount = canon::at(container, &format!("resources.{resource}")).map(canon::scalar).unwrap_or_default();
    let limit = resource == "limits.cpu" || resource == "limits.memory";
    match Quantity::parse(&amount).map(Quantity::value) {
        Some(value) if value != 0 => value.to_string(),
        _ if limit => "node allocatable".to_string(),
        _ => "0".to_string(),
    }
}
