//! An object as the store holds it: metadata typed, spec and status shared between clones, everything else kept as it
//! came, so that no field of a manifest is lost. Does not know what any kind means.

use super::beat::Status;
use super::kinds::{self, KindRow};
use crate::stdx::time::Time;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Object {
    pub kind: &'static KindRow,
    pub meta: Meta,
    /// Who set which fields when (`metadata.managedFields`).
    pub managed: Arc<Vec<Managed>>,
    /// `Null` where the kind has none. Pods of one ReplicaSet share theirs.
    pub spec: Arc<Value>,
    pub status: Status,
    /// Every other top-level field: `data`, `type`, `subsets`, `involvedObject`, …
    pub rest: Arc<Map<String, Value>>,
}

/// `metadata`, typed. What is not named here stays in `rest` (selfLink, …).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    pub name: String,
    pub generate_name: String,
    pub namespace: String,
    pub uid: String,
    pub resource_version: u64,
    pub generation: i64,
    pub created: Time,
    pub deleted: Option<Time>,
    pub grace_s: Option<i64>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub owners: Vec<Owner>,
    pub finalizers: Vec<String>,
    pub rest: Map<String, Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub uid: String,
    pub controller: bool,
    pub block_deletion: bool,
}

/// One entry of `metadata.managedFields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    pub manager: String,
    /// `Update` or `Apply`.
    pub operation: String,
    pub api_version: String,
    pub subresource: String,
    pub at: Time,
    /// FieldsV1: `{"f:spec":{"f:replicas":{}}}`.
    pub fields: Arc<Value>,
}

impl Object {
    /// An empty object of a kind, for controllers to fill. The store gives it uid, time and version.
    pub fn new(kind: &'static KindRow, namespace: &str, name: &str) -> Object {
        Object {
            kind,
            meta: Meta { namespace: namespace.into(), name: name.into(), ..Meta::default() },
            managed: Arc::default(),
            spec: Arc::new(Value::Null),
            status: Value::Null.into(),
            rest: Arc::default(),
        }
    }

    /// Reads an object whose `apiVersion` and `kind` this cluster serves. Errors are sentences for an author;
    /// the API checks requests more closely before it comes here.
    pub fn from_json(value: &Value) -> Result<Object, String> {
        let api_version = value["apiVersion"].as_str().unwrap_or("");
        let kind = value["kind"].as_str().unwrap_or("");
        let row = kinds::by_kind(api_version, kind)
            .ok_or_else(|| format!("no matches for kind \"{kind}\" in version \"{api_version}\""))?;
        Object::of_kind(row, value)
    }

    /// Reads an object of a known kind; `apiVersion` and `kind` in the value are not looked at.
    pub fn of_kind(row: &'static KindRow, value: &Value) -> Result<Object, String> {
        let map = value.as_object().ok_or("an object is expected")?;
        let mut object = Object::new(row, "", "");
        let mut rest = Map::new();
        for (key, field) in map {
            match key.as_str() {
                "apiVersion" | "kind" => {}
                "metadata" => (object.meta, object.managed) = read_meta(field)?,
                "spec" => object.spec = Arc::new(field.clone()),
                "status" => object.status = field.clone().into(),
                _ => {
                    rest.insert(key.clone(), field.clone());
                }
            }
        }
        object.rest = Arc::new(rest);
        Ok(object)
    }

    /// The whole object as the API serves it.
    pub fn to_json(&self) -> Value {
        self.json_with(self.meta_json(true))
    }

    /// The object without its managedFields, which are half of its bulk: what the rows of tables carry.
    pub fn to_json_unmanaged(&self) -> Value {
        self.json_with(self.meta_json(false))
    }

    fn json_with(&self, metadata: Value) -> Value {
        let mut map = Map::clone(&self.rest);
        map.insert("apiVersion".into(), self.kind.api_version().into());
        map.insert("kind".into(), self.kind.kind.into());
        map.insert("metadata".into(), metadata);
        if !self.spec.is_null() {
            map.insert("spec".into(), Value::clone(&self.spec));
        }
        if !self.status.is_null() {
            map.insert("status".into(), Value::clone(&self.status));
        }
        Value::Object(map)
    }

    /// `metadata` alone; `managed` says whether with managedFields, which are most of its bulk.
    pub fn meta_json(&self, managed: bool) -> Value {
        let meta = &self.meta;
        let mut map = meta.rest.clone();
        let mut text = |key: &str, value: &str| {
            if !value.is_empty() {
                map.insert(key.into(), value.into());
            }
        };
        text("name", &meta.name);
        text("generateName", &meta.generate_name);
        text("namespace", &meta.namespace);
        text("uid", &meta.uid);
        if meta.resource_version > 0 {
            map.insert("resourceVersion".into(), meta.resource_version.to_string().into());
        }
        if meta.generation > 0 {
            map.insert("generation".into(), meta.generation.into());
        }
        if meta.created != Time::default() {
            map.insert("creationTimestamp".into(), meta.created.rfc3339().into());
        }
        if let Some(at) = meta.deleted {
            map.insert("deletionTimestamp".into(), at.rfc3339().into());
        }
        if let Some(grace) = meta.grace_s {
            map.insert("deletionGracePeriodSeconds".into(), grace.into());
        }
        for (key, texts) in [("labels", &meta.labels), ("annotations", &meta.annotations)] {
            if !texts.is_empty() {
                map.insert(key.into(), texts.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect());
            }
        }
        if !meta.owners.is_empty() {
            map.insert("ownerReferences".into(), meta.owners.iter().map(Owner::to_json).collect());
        }
        if !meta.finalizers.is_empty() {
            map.insert("finalizers".into(), meta.finalizers.clone().into());
        }
        if managed && !self.managed.is_empty() {
            map.insert("managedFields".into(), self.managed.iter().map(Managed::to_json).collect());
        }
        Value::Object(map)
    }

    /// The owner that controls this object.
    pub fn controller(&self) -> Option<&Owner> {
        self.meta.owners.iter().find(|owner| owner.controller)
    }

    /// A top-level field: `data`, `type`, `spec` or `status` included; `Null` if absent.
    pub fn field(&self, name: &str) -> &Value {
        static NULL: Value = Value::Null;
        match name {
            "spec" => &self.spec,
            "status" => &self.status,
            _ => self.rest.get(name).unwrap_or(&NULL),
        }
    }

    /// Everything equal but the resource version: writing it again would change nothing.
    pub fn same_content(&self, other: &Object) -> bool {
        fn shared<T: PartialEq>(a: &Arc<T>, b: &Arc<T>) -> bool {
            Arc::ptr_eq(a, b) || a == b
        }
        let version = other.meta.resource_version;
        (self.meta.resource_version == version && self.meta == other.meta
            || self.meta == Meta { resource_version: self.meta.resource_version, ..other.meta.clone() })
            && self.status == other.status
            && shared(&self.spec, &other.spec)
            && shared(&self.rest, &other.rest)
            && shared(&self.managed, &other.managed)
    }
}

impl Owner {
    fn to_json(&self) -> Value {
        let mut value = json!({"apiVersion": self.api_version, "kind": self.kind, "name": self.name, "uid": self.uid});
        if self.controller {
            value["controller"] = true.into();
        }
        if self.block_deletion {
            value["blockOwnerDeletion"] = true.into();
        }
        value
    }
}

impl Managed {
    fn to_json(&self) -> Value {
        let mut value = json!({
            "manager": self.manager, "operation": self.operation, "apiVersion": self.api_version,
            "time": self.at.rfc3339(), "fieldsType": "FieldsV1", "fieldsV1": Value::clone(&self.fields),
        });
        if !self.subresource.is_empty() {
            value["subresource"] = self.subresource.as_str().into();
        }
        value
    }

    fn from_json(value: &Value) -> Managed {
        let text = |key: &str| value[key].as_str().unwrap_or("").to_string();
        Managed {
            manager: text("manager"),
            operation: text("operation"),
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            at: Time::parse(&text("time")).unwrap_or_default(),
            fields: Arc::new(value["fieldsV1"].clone()),
        }
    }
}

fn read_meta(value: &Value) -> Result<(Meta, Arc<Vec<Managed>>), String> {
    let mut meta = Meta::default();
    let mut managed = Vec::new();
    for (key, field) in value.as_object().ok_or("metadata must be an object")? {
        let text = || {
            if field.is_null() {
                return Ok(String::new());
            }
            field.as_str().map(str::to_string).ok_or_else(|| format!("metadata.{key} must be a string"))
        };
        let time = || Time::parse(&text()?).ok_or_else(|| format!("metadata.{key} must be a time"));
        let list = || field.as_array().into_iter().flatten();
        match key.as_str() {
            _ if field.is_null() => {}
            "name" => meta.name = text()?,
            "generateName" => meta.generate_name = text()?,
            "namespace" => meta.namespace = text()?,
            "uid" => meta.uid = text()?,
            "resourceVersion" => meta.resource_version = text()?.parse().unwrap_or(0),
            "generation" => meta.generation = field.as_i64().unwrap_or(0),
            "creationTimestamp" => meta.created = time()?,
            "deletionTimestamp" => meta.deleted = Some(time()?),
            "deletionGracePeriodSeconds" => meta.grace_s = field.as_i64(),
            "labels" => meta.labels = read_texts(key, field)?,
            "annotations" => meta.annotations = read_texts(key, field)?,
            "ownerReferences" => meta.owners = list().map(read_owner).collect(),
            "finalizers" => meta.finalizers = list().filter_map(|f| f.as_str().map(str::to_string)).collect(),
            "managedFields" => managed = list().map(Managed::from_json).collect(),
            _ => {
                meta.rest.insert(key.clone(), field.clone());
            }
        }
    }
    Ok((meta, Arc::new(managed)))
}

fn read_texts(key: &str, value: &Value) -> Result<BTreeMap<String, String>, String> {
    let map = value.as_object().ok_or_else(|| format!("metadata.{key} must be an object"))?;
    map.iter()
        .map(|(name, text)| match text {
            Value::String(text) => Ok((name.clone(), text.clone())),
            Value::Null => Ok((name.clone(), String::new())),
            _ => Err(format!("metadata.{key}.{name} must be a string")),
        })
        .collect()
}

fn read_owner(value: &Value) -> Owner {
    let text = |key: &str| value[key].as_str().unwrap_or("").to_string();
    Owner {
        api_version: text("apiVersion"),
        kind: text("kind"),
        name: text("name"),
        uid: text("uid"),
        controller: value["controller"].as_bool().unwrap_or(false),
        block_deletion: value["blockOwnerDeletion"].as_bool().unwrap_or(false),
    }
}
