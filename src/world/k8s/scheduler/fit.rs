//! Which nodes a pod fits on, and the scheduler's sentence about those it does not. Does not choose among them.

use super::{Asks, NodeLoad};
use crate::world::World;
use crate::world::k8s::Name;
use crate::world::k8s::index::{Index, PodCard};
use crate::world::k8s::kinds::Kind;
use crate::world::k8s::network::selects;
use crate::world::k8s::object::Object;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const NODE_TERMS: &str = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms";

/// Why a node does not do, and whether evicting pods could change that.
struct Reason {
    text: String,
    resolvable: bool,
}

impl Reason {
    fn fixed(text: &str) -> Vec<Reason> {
        vec![Reason { text: text.into(), resolvable: false }]
    }

    fn resolvable(text: &str) -> Vec<Reason> {
        vec![Reason { text: text.into(), resolvable: true }]
    }
}

/// One pod's question, with what is the same for all nodes worked out once.
pub struct Ask<'a> {
    pod: &'a Object,
    asks: &'a Asks,
    nodes: &'a BTreeMap<Name, NodeLoad>,
    /// The required node affinity, if there is any.
    node_terms: Option<&'a Vec<Value>>,
    /// Of each required pod (anti-)affinity term: topology key, the values where matching pods are, whether against.
    topology: Vec<(String, BTreeSet<String>, bool)>,
    /// (topology key, value) that pods already placed forbid to this one.
    forbidden: BTreeSet<(String, String)>,
    /// Of each hard spread constraint: topology key, pods per value, largest skew, whether the pod counts itself.
    spread: Vec<(String, BTreeMap<String, i64>, i64)>,
}

impl<'a> Ask<'a> {
    pub fn new(world: &'a World, pod: &'a Object, asks: &'a Asks) -> Ask<'a> {
        let scheduler = &world.k8s.scheduler;
        let mut ask = Ask {
            pod,
            asks,
            nodes: &scheduler.nodes,
            node_terms: pod.spec.pointer(NODE_TERMS).and_then(Value::as_array),
            topology: Vec::new(),
            forbidden: BTreeSet::new(),
            spread: Vec::new(),
        };
        for (kind, against) in [("podAffinity", false), ("podAntiAffinity", true)] {
            let path = format!("/affinity/{kind}/requiredDuringSchedulingIgnoredDuringExecution");
            for term in pod.spec.pointer(&path).and_then(Value::as_array).into_iter().flatten() {
                let key = term["topologyKey"].as_str().unwrap_or("").to_string();
                let mut values = ask.values_of(&key, &matching(&world.k8s.index, pod, term, world));
                // The first pod of a group that is affine to itself may go anywhere.
                if !against && values.is_empty() && selects(&term["labelSelector"], &pod.meta.labels) {
                    values = scheduler.nodes.values().filter_map(|n| n.labels.get(&key).cloned()).collect();
                }
                ask.topology.push((key, values, against));
            }
        }
        ask.forbidden = forbidden(world, pod);
        for constraint in pod.spec["topologySpreadConstraints"].as_array().into_iter().flatten() {
            if constraint["whenUnsatisfiable"] == "ScheduleAnyway" {
                continue;
            }
            let key = constraint["topologyKey"].as_str().unwrap_or("").to_string();
            let mut counts: BTreeMap<String, i64> =
                scheduler.nodes.values().filter_map(|n| Some((n.labels.get(&key)?.clone(), 0))).collect();
            for card in matching(&world.k8s.index, pod, constraint, world) {
                if let Some(value) = scheduler.nodes.get(card.node.as_str()).and_then(|n| n.labels.get(&key)) {
                    *counts.entry(value.clone()).or_default() += 1;
                }
            }
            ask.spread.push((key, counts, constraint["maxSkew"].as_i64().unwrap_or(1)));
        }
        ask
    }

    fn values_of(&self, key: &str, cards: &[Arc<PodCard>]) -> BTreeSet<String> {
        let value = |card: &Arc<PodCard>| self.nodes.get(card.node.as_str())?.labels.get(key).cloned();
        cards.iter().filter_map(value).collect()
    }

    /// The nodes that fit, or the message of FailedScheduling.
    pub fn feasible(&self) -> Result<Vec<Name>, String> {
        if self.nodes.is_empty() {
            return Err("no nodes available to schedule pods".into());
        }
        let mut fit = Vec::new();
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        let (mut resolvable, mut fixed) = (0, 0);
        for (name, load) in self.nodes {
            let failed = self.reasons(name, load);
            if failed.is_empty() {
                fit.push(name.clone());
                continue;
            }
            if failed.iter().all(|reason| reason.resolvable) {
                resolvable += 1
            } else {
                fixed += 1
            }
            for reason in failed {
                *reasons.entry(reason.text).or_default() += 1;
            }
        }
        if fit.is_empty() { Err(self.message(&reasons, resolvable, fixed)) } else { Ok(fit) }
    }

    fn message(&self, reasons: &BTreeMap<String, usize>, resolvable: usize, fixed: usize) -> String {
        let all = self.nodes.len();
        let sorted = |rows: Vec<(usize, &str)>| {
            let mut texts: Vec<String> = rows.into_iter().map(|(n, text)| format!("{n} {text}")).collect();
            texts.sort();
            texts.join(", ")
        };
        let why = sorted(reasons.iter().map(|(text, n)| (*n, text.as_str())).collect());
        let mut outcomes = Vec::new();
        if resolvable > 0 {
            outcomes.push((resolvable, "No preemption victims found for incoming pod"));
        }
        if fixed > 0 {
            outcomes.push((fixed, "Preemption is not helpful for scheduling"));
        }
        let preemption = sorted(outcomes);
        format!(
            "0/{all} nodes are available: {why}. no new claims to deallocate, preemption: 0/{all} nodes are available: \
             {preemption}."
        )
    }

    /// The first plugin that refuses speaks for the node, in the order of the default profile.
    fn reasons(&self, name: &str, load: &NodeLoad) -> Vec<Reason> {
        let tolerations = self.pod.spec["tolerations"].as_array().map(Vec::as_slice).unwrap_or_default();
        let tolerated = |taint: &Value| tolerations.iter().any(|toleration| tolerates(toleration, taint));
        if load.unschedulable {
            let taint = serde_json::json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
            if !tolerated(&taint) {
                return Reason::fixed("node(s) were unschedulable");
            }
        }
        let hard = |taint: &&Value| matches!(taint["effect"].as_str(), Some("NoSchedule" | "NoExecute"));
        if load.taints.iter().filter(hard).any(|taint| !tolerated(taint)) {
            return Reason::fixed("node(s) had untolerated taint(s)");
        }
        if !self.node_affine(name, load) {
            return Reason::fixed("node(s) didn't match Pod's node affinity/selector");
        }
        if self.asks.ports.iter().any(|port| load.ports.contains(port)) {
            return Reason::resolvable("node(s) didn't have free ports for the requested pod ports");
        }
        let short = self.short_of(load);
        if !short.is_empty() {
            return short;
        }
        if let Some(failed) = self.skewed(load) {
            return failed;
        }
        self.apart(load)
    }

    fn node_affine(&self, name: &str, load: &NodeLoad) -> bool {
        let selector = self.pod.spec["nodeSelector"].as_object().into_iter().flatten();
        let mut selector = selector.map(|(key, value)| load.labels.get(key).map(String::as_str) == value.as_str());
        selector.all(|good| good)
            && self.node_terms.is_none_or(|terms| terms.iter().any(|term| node_term(term, name, &load.labels)))
    }

    fn short_of(&self, load: &NodeLoad) -> Vec<Reason> {
        let of = |amounts: &super::Amounts, key: &str| amounts.get(key).copied().unwrap_or(0);
        if of(&load.used, "pods") + 1 > of(&load.allocatable, "pods") {
            return Reason::resolvable("Too many pods");
        }
        let wanted = self.asks.requests.iter().filter(|(_, amount)| **amount > 0);
        wanted
            .filter(|(key, amount)| **amount > of(&load.allocatable, key) - of(&load.used, key))
            .map(|(key, amount)| Reason {
                text: format!("Insufficient {key}"),
                resolvable: *amount <= of(&load.allocatable, key),
            })
            .collect()
    }

    fn skewed(&self, load: &NodeLoad) -> Option<Vec<Reason>> {
        for (key, counts, skew_max) in &self.spread {
            let Some(value) = load.labels.get(key) else {
                let text = "node(s) didn't match pod topology spread constraints (missing required label)";
                return Some(Reason::fixed(text));
            };
            let least = counts.values().min().copied().unwrap_or(0);
            if counts.get(value).copied().unwrap_or(0) + 1 - least > *skew_max {
                return Some(Reason::resolvable("node(s) didn't match pod topology spread constraints"));
            }
        }
        None
    }

    fn apart(&self, load: &NodeLoad) -> Vec<Reason> {
        let there = |key: &str, values: &BTreeSet<String>| load.labels.get(key).is_some_and(|v| values.contains(v));
        if self.topology.iter().any(|(key, values, against)| !against && !there(key, values)) {
            return Reason::fixed("node(s) didn't match pod affinity rules");
        }
        if self.topology.iter().any(|(key, values, against)| *against && there(key, values)) {
            return Reason::resolvable("node(s) didn't match pod anti-affinity rules");
        }
        let clash = |(key, value): &(String, String)| load.labels.get(key) == Some(value);
        if self.forbidden.iter().any(clash) {
            return Reason::resolvable("node(s) didn't satisfy existing pods anti-affinity rules");
        }
        Vec::new()
    }
}

/// The placed pods a term selects.
pub fn matching(index: &Index, pod: &Object, term: &Value, world: &World) -> Vec<Arc<PodCard>> {
    let named: Vec<String> = term["namespaces"]
        .as_array()
        .map(|all| all.iter().filter_map(|n| n.as_str().map(str::to_string)).collect())
        .filter(|all: &Vec<String>| !all.is_empty())
        .unwrap_or_else(|| vec![pod.meta.namespace.clone()]);
    let selector = &term["labelSelector"];
    let labels: BTreeMap<String, String> = selector["matchLabels"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_string())))
        .collect();
    let mut cards = Vec::new();
    for namespace in named {
        let pods: Vec<String> = if labels.is_empty() {
            world.k8s.store.list(Kind::Pod, Some(&namespace)).map(|p| p.meta.name.clone()).collect()
        } else {
            index.pods_with(&namespace, &labels).iter().map(|name| name.to_string()).collect()
        };
        for name in pods {
            let Some(object) = world.k8s.store.get(Kind::Pod, &namespace, &name) else { continue };
            let card = index.card(&object.meta.uid);
            cards.extend(
                card.filter(|card| {
                    let over = matches!(card.phase.as_str(), "Succeeded" | "Failed");
                    !card.node.is_empty() && !over && selects(selector, &card.labels)
                })
                .cloned(),
            );
        }
    }
    cards
}

/// Where placed pods with required anti-affinity do not want this pod.
fn forbidden(world: &World, pod: &Object) -> BTreeSet<(String, String)> {
    let scheduler = &world.k8s.scheduler;
    let mut out = BTreeSet::new();
    for (uid, placed) in scheduler.apart.iter().filter_map(|uid| Some((uid, scheduler.placed.get(uid)?))) {
        let Some(card) = world.k8s.index.card(uid) else { continue };
        let place = &card.place;
        let Some(other) = world.k8s.store.get(Kind::Pod, &place.namespace, &place.name) else { continue };
        let path = "/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution";
        for term in other.spec.pointer(path).and_then(Value::as_array).into_iter().flatten() {
            let named = term["namespaces"].as_array();
            let here = match named.filter(|all| !all.is_empty()) {
                Some(all) => all.iter().any(|n| n.as_str() == Some(&pod.meta.namespace)),
                None => *place.namespace == *pod.meta.namespace,
            };
            let key = term["topologyKey"].as_str().unwrap_or("");
            let value = scheduler.nodes.get(&placed.node).and_then(|n| n.labels.get(key));
            if let Some(value) = value.filter(|_| here && selects(&term["labelSelector"], &pod.meta.labels)) {
                out.insert((key.into(), value.clone()));
            }
        }
    }
    out
}

pub fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or("").to_string();
    let effect = text(&toleration["effect"]);
    let key = text(&toleration["key"]);
    let same_value = toleration["operator"] == "Exists" || text(&toleration["value"]) == text(&taint["value"]);
    (effect.is_empty() || effect == text(&taint["effect"]))
        && (key.is_empty() && toleration["operator"] == "Exists" || key == text(&taint["key"]) && same_value)
}

/// Whether a node selector term holds: all of its expressions and field expressions.
pub fn node_term(term: &Value, name: &str, labels: &BTreeMap<String, String>) -> bool {
    let list = |field: &str| term[field].as_array().map(Vec::as_slice).unwrap_or_default();
    let (expressions, fields) = (list("matchExpressions"), list("matchFields"));
    let requirement = |e: &Value, actual: Option<&str>| {
        let values: Vec<&str> = e["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let number = |text: &str| text.parse::<i64>().ok();
        let first = values.first().and_then(|v| number(v));
        match e["operator"].as_str().unwrap_or("") {
            "In" => actual.is_some_and(|a| values.contains(&a)),
            "NotIn" => actual.is_none_or(|a| !values.contains(&a)),
            "Exists" => actual.is_some(),
            "DoesNotExist" => actual.is_none(),
            "Gt" => actual.and_then(number).zip(first).is_some_and(|(a, b)| a > b),
            "Lt" => actual.and_then(number).zip(first).is_some_and(|(a, b)| a < b),
            _ => false,
        }
    };
    (!expressions.is_empty() || !fields.is_empty())
        && expressions.iter().all(|e| requirement(e, labels.get(e["key"].as_str().unwrap_or("")).map(String::as_str)))
        && fields.iter().all(|e| requirement(e, Some(name)))
}
