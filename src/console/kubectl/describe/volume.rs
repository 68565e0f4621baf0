//! Volumes, tolerations and spread constraints within a description. Does not know whether of a pod or a template.

use super::{Description, selector};
use crate::console::kubectl::subject::{get, int, list, text};
use crate::stdx::canon;
use serde_json::Value;

impl Description {
    /// `path` is that of the list; `inside` is true within a pod template, which is indented.
    pub fn volumes(&mut self, volumes: &[Value], path: &str, inside: Inset) {
        let (indent, name_indent) = inside.indents();
        if volumes.is_empty() {
            self.raw(0, &format!("{indent}Volumes:\t")).value(path, "", "<none>").end();
            return;
        }
        self.raw(0, &format!("{indent}Volumes:\n"));
        for (i, volume) in volumes.iter().enumerate() {
            let at = canon::item(path, volume, i);
            self.raw(1, &format!("{name_indent}{}:\n", text(volume, "name")));
            self.volume(volume, &at);
        }
    }

    fn volume(&mut self, volume: &Value, at: &str) {
        let optional = |source: &Value| get(source, "optional").and_then(Value::as_bool).unwrap_or(false).to_string();
        if let Some(source) = get(volume, "configMap") {
            self.raw(2, "Type:\tConfigMap (a volume populated by a ConfigMap)\n");
            self.field(2, "Name", &format!("{at}.configMap.name"), text(source, "name"));
            self.field(2, "Optional", &format!("{at}.configMap.optional"), &optional(source));
        } else if let Some(source) = get(volume, "secret") {
            self.raw(2, "Type:\tSecret (a volume populated by a Secret)\n");
            self.field(2, "SecretName", &format!("{at}.secret.secretName"), text(source, "secretName"));
            self.field(2, "Optional", &format!("{at}.secret.optional"), &optional(source));
        } else if let Some(source) = get(volume, "emptyDir") {
            self.raw(2, "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)\n");
            self.field(2, "Medium", &format!("{at}.emptyDir.medium"), text(source, "medium"));
            let limit = canon::scalar(source.get("sizeLimit").unwrap_or(&Value::Null));
            let shown = if limit.is_empty() { "<unset>" } else { &limit };
            self.field_as(2, "SizeLimit", &format!("{at}.emptyDir.sizeLimit"), &limit, shown);
        } else if let Some(source) = get(volume, "hostPath") {
            self.raw(2, "Type:\tHostPath (bare host directory volume)\n");
            self.field(2, "Path", &format!("{at}.hostPath.path"), text(source, "path"));
            self.field(2, "HostPathType", &format!("{at}.hostPath.type"), text(source, "type"));
        } else if let Some(source) = get(volume, "persistentVolumeClaim") {
            self.raw(
                2,
                "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)\n",
            );
            self.field(2, "ClaimName", &format!("{at}.persistentVolumeClaim.claimName"), text(source, "claimName"));
            let read_only = get(source, "readOnly").and_then(Value::as_bool).unwrap_or(false).to_string();
            self.field(2, "ReadOnly", &format!("{at}.persistentVolumeClaim.readOnly"), &read_only);
        } else if let Some(source) = get(volume, "projected") {
            self.raw(2, "Type:\tProjected (a volume that contains injected data from multiple sources)\n");
            for (i, part) in list(source, "sources").iter().enumerate() {
                self.projection(part, &format!("{at}.projected.sources[{i}]"));
            }
        } else if let Some(source) = get(volume, "downwardAPI") {
            self.raw(2, "Type:\tDownwardAPI (a volume populated by information about the pod)\n    Items:\n");
            for item in list(source, "items") {
                self.raw(3, &format!("{} -> {}\n", text(item, "/fieldRef/fieldPath"), text(item, "path")));
            }
        } else {
            self.raw(2, "<unknown>\n");
        }
    }

    fn projection(&mut self, part: &Value, at: &str) {
        let optional = |source: &Value| get(source, "optional").and_then(Value::as_bool).unwrap_or(false).to_string();
        if let Some(source) = get(part, "secret") {
            self.field(2, "SecretName", &format!("{at}.secret.name"), text(source, "name"));
            self.field(2, "Optional", &format!("{at}.secret.optional"), &optional(source));
        } else if get(part, "downwardAPI").is_some() {
            self.raw(2, "DownwardAPI:\ttrue\n");
        } else if let Some(source) = get(part, "configMap") {
            self.field(2, "ConfigMapName", &format!("{at}.configMap.name"), text(source, "name"));
            self.field(2, "Optional", &format!("{at}.configMap.optional"), &optional(source));
        } else if let Some(source) = get(part, "serviceAccountToken") {
            let seconds = int(source, "expirationSeconds").unwrap_or(3607).to_string();
            let path = format!("{at}.serviceAccountToken.expirationSeconds");
            self.field(2, "TokenExpirationSeconds", &path, &seconds);
        }
    }

    /// Tolerations, ordered by key, one below the other.
    pub fn tolerations(&mut self, tolerations: &[Value], path: &str, inside: Inset) {
        let (indent, _) = inside.indents();
        self.raw(0, &format!("{indent}Tolerations:\t"));
        if tolerations.is_empty() {
            self.value(path, "", "<none>").end();
            return;
        }
        let mut sorted: Vec<(usize, &Value)> = tolerations.iter().enumerate().collect();
        sorted.sort_by_key(|(_, toleration)| text(toleration, "key"));
        for (row, (i, toleration)) in sorted.into_iter().enumerate() {
            if row > 0 {
                self.raw(0, &format!("{indent}\t"));
            }
            let shown = toleration_text(toleration);
            self.value(&format!("{path}[{i}]"), &shown, &shown).end();
        }
    }

    pub fn spread_constraints(&mut self, constraints: &[Value], path: &str, inside: Inset) {
        if constraints.is_empty() {
            return;
        }
        let (indent, _) = inside.indents();
        let mut sorted: Vec<&Value> = constraints.iter().collect();
        sorted.sort_by_key(|c| text(c, "topologyKey"));
        self.raw(0, &format!("{indent}Topology Spread Constraints:\t"));
        for (i, constraint) in sorted.into_iter().enumerate() {
            if i > 0 {
                self.raw(0, &format!("{indent}\t"));
            }
            let shown = format!(
                "{}:{} when max skew {} is exceeded for selector {}",
                text(constraint, "topologyKey"),
                text(constraint, "whenUnsatisfiable"),
                int(constraint, "maxSkew").unwrap_or(0),
                selector(constraint.get("labelSelector"))
            );
            self.value(&format!("{path}[{i}]"), &shown, &shown).end();
        }
    }
}

/// Whether a part stands in a pod's own description or within a pod template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inset {
    Pod,
    Template,
}

impl Inset {
    pub fn indents(self) -> (&'static str, &'static str) {
        match self {
            Inset::Pod => ("", ""),
            Inset::Template => ("  ", " "),
        }
    }
}

fn toleration_text(toleration: &Value) -> String {
    let (key, value, effect) = (text(toleration, "key"), text(toleration, "value"), text(toleration, "effect"));
    let mut out = key.to_string();
    if !value.is_empty() {
        out.push_str(&format!("={value}"));
    }
    if !effect.is_empty() {
        out.push_str(&format!(":{effect}"));
    }
    if text(toleration, "operator") == "Exists" && value.is_empty() {
        out.push_str(if out.is_empty() { "op=Exists" } else { " op=Exists" });
    }
    if let Some(seconds) = int(toleration, "tolerationSeconds") {
        out.push_str(&format!(" for {seconds}s"));
    }
    out
}
