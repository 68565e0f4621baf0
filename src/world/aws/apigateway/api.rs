//! An API as it is set up, and what its stages serve: a stage serves the API as it was when it was deployed. Does not know
//! requests.

use super::super::timeline::Timeline;
use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest that an integration may take, and what holds where nobody says (API Gateway quotas: 29 seconds; longer
/// only on request for regional APIs).
pub const TIMEOUT_MAX: i64 = 29_000;
pub const TIMEOUT_MIN: i64 = 50;

/// A REST API.
#[derive(Clone, Debug, Default)]
pub struct Api {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub description: String,
    pub created: Time,
    pub root: String,
    pub tags: BTreeMap<String, String>,
    pub resources: BTreeMap<String, Resource>,
    pub deployments: BTreeMap<String, Deployment>,
    pub stages: BTreeMap<String, Stage>,
    /// Counts what was made here, for ids.
    pub made: u64,
}

/// A part of the path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    pub id: String,
    /// Empty: the root.
    pub parent: String,
    pub part: String,
    pub methods: BTreeMap<String, Method>,
}

/// A method of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Method {
    pub authorization: String,
    pub integration: Option<Integration>,
}

/// What answers a method.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integration {
    /// `AWS_PROXY`, `MOCK`, …
    pub kind: String,
    pub verb: String,
    pub uri: String,
    /// Milliseconds.
    pub timeout: i64,
}

/// An API as it was when it was deployed: path and method → integration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    pub id: String,
    pub description: String,
    pub created: Time,
    pub serves: Arc<BTreeMap<(String, String), Integration>>,
}

/// A name under which a deployment is served.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    pub name: String,
    pub description: String,
    pub deployment: Timeline<String>,
    pub created: Time,
    pub updated: Time,
    /// ARN of the access log's group, and its format.
    pub log: (String, String),
    pub variables: BTreeMap<String, String>,
    /// Requests a second and burst for all methods, where they are set.
    pub throttle: Option<(i64, i64)>,
    pub tags: BTreeMap<String, String>,
    /// Since when something was logged.
    pub logged: Option<Time>,
}

impl Api {
    /// The whole path of a resource: `/v1/reports`.
    pub fn path(&self, id: &str) -> String {
        let mut parts = Vec::new();
        let mut at = self.resources.get(id);
        while let Some(resource) = at.filter(|resource| !resource.parent.is_empty() && parts.len() < 20) {
            parts.push(resource.part.as_str());
            at = self.resources.get(&resource.parent);
        }
        parts.reverse();
        format!("/{}", parts.join("/"))
    }

    /// What a deployment made now serves.
    pub fn snapshot(&self) -> BTreeMap<(String, String), Integration> {
        let mut out = BTreeMap::new();
        for (id, resource) in &self.resources {
            for (verb, method) in &resource.methods {
                if let Some(integration) = &method.integration {
                    out.insert((self.path(id), verb.clone()), integration.clone());
                }
            }
        }
        out
    }

    /// What answers a request to a stage at a time.
    pub fn served(&self, stage: &str, at: Time, path: &str, verb: &str) -> Option<&Integration> {
        let deployment = self.stages.get(stage)?.deployment.at(at)?;
        let serves = &self.deployments.get(deployment)?.serves;
        let key = |verb: &str| (path.to_string(), verb.to_string());
        serves.get(&key(verb)).or_else(|| serves.get(&key("ANY")))
    }
}
