//! What a printed piece of text says about the world, typed by instrument. A closed list: later instruments (SQL cells,
//! cloud attributes) add a variant. Does not know which facts matter to a case.

use crate::stdx::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names one object of the cluster (or of a console: kind `Flag`, `Pipeline`, `Sku`, …). `uid` may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectId {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub uid: String,
}

/// A fact: what an instrument showed. Equal facts seen twice are one fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// A field of an object. `path` is canonical: `spec.containers[app].resources.limits.memory`; list elements are
    /// named by their `name` (conditions and addresses: `type`; ports: `name` or number), else by index.
    /// `value` is the scalar as text; an absent field shown as absent (`<none>`, `0 endpoints`) has an empty value.
    Field {
        object: ObjectId,
        path: String,
        value: String,
    },
    Event {
        object: ObjectId,
        reason: String,
        message: String,
        warning: bool,
        count: u64,
        first: Time,
        last: Time,
    },
    /// A log record: `template` names the kind of line, `fields` what it says.
    Log {
        pod: ObjectId,
        container: String,
        restart: u32,
        at: Time,
        level: String,
        template: String,
        fields: BTreeMap<String, String>,
    },
    /// A metric's value over `from..=to` (an instant if equal).
    Metric {
        name: String,
        labels: BTreeMap<String, String>,
        from: Time,
        to: Time,
        value: f64,
    },
    /// A difference between two revisions or releases of one object: `via` is `rollout` or `ci`.
    Revision {
        via: String,
        object: ObjectId,
        revision: u64,
        at: Time,
        path: String,
        before: String,
        after: String,
    },
    /// Somebody's recorded change, from the audit trail or a deploy history.
    Change {
        who: String,
        verb: String,
        object: ObjectId,
        at: Time,
        path: String,
        before: String,
        after: String,
    },
    /// The result of an experiment by the learner (`shopctl order`): what was tried and what came out.
    Experiment {
        tool: String,
        given: BTreeMap<String, String>,
        outcome: BTreeMap<String, String>,
        at: Time,
    },
    /// What a witness says; it may be wrong.
    Said {
        who: String,
        topic: String,
    },
    /// A row of a table that somebody else keeps: a bill (`bill`), a flow log (`flow`), the shop's books (`orders`,
    /// `shipments`, `reconcile`, …), with its cells by column: those that this piece of text prints and those that the
    /// question fixed. `of` names the row that it is a piece of (0: it is all of it).
    Row {
        table: String,
        at: Time,
        fields: BTreeMap<String, String>,
        #[serde(default)]
        of: u64,
    },
    /// A number that a tool computed (`wc`, `uniq -c`, a sum) over other facts.
    Count {
        tool: String,
        of: String,
        value: f64,
    },
}

/// The instrument a fact came from. Proof adds up over channels only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    PodStatus,
    WorkloadSpec,
    ServiceStatus,
    Configuration,
    NodeStatus,
    Events,
    AppLog,
    /// What the account says of its resources.
    CloudAttributes,
    /// CloudWatch, as the services themselves count.
    CloudMetrics,
    /// Log groups that services write: deliveries, functions' reports.
    CloudLogs,
    FlowLogs,
    Bill,
    /// The shop's books.
    Ledger,
    Metrics,
    Indicator,
    ChangeHistory,
    DeployHistory,
    AuditTrail,
    Experiment,
    Witness,
    Computed,
}

impl Fact {
    /// The channel follows from the instrument, not from the command or the author.
    pub fn channel(&self) -> Channel {
        match self {
            Fact::Field { object, path, .. } => match object.kind.as_str() {
                "Pod" if path.starts_with("spec.") => Channel::WorkloadSpec,
                "Pod" => Channel::PodStatus,
                "Node" => Channel::NodeStatus,
                "Service" | "Endpoints" | "EndpointSlice" => Channel::ServiceStatus,
                "ConfigMap" | "Secret" | "Flag" | "Sku" => Channel::Configuration,
                "Code" => Channel::Configuration,
                kind if kind.starts_with("AWS::") => Channel::CloudAttributes,
                _ => Channel::WorkloadSpec,
            },
            Fact::Event { .. } => Channel::Events,
            Fact::Log { pod, .. } if pod.kind.starts_with("AWS::") => Channel::CloudLogs,
            Fact::Log { .. } => Channel::AppLog,
            // The service level indicator is measured at the edge, by another instrument than the parts' own metrics.
            Fact::Metric { name, .. } if name.starts_with("slo_") => Channel::Indicator,
            Fact::Metric { name, .. } if name.contains('/') => Channel::CloudMetrics,
            Fact::Metric { .. } => Channel::Metrics,
            Fact::Revision { via, .. } if via == "ci" || via == "iac" => Channel::DeployHistory,
            Fact::Revision { .. } => Channel::ChangeHistory,
            Fact::Change { .. } => Channel::AuditTrail,
            Fact::Experiment { .. } => Channel::Experiment,
            Fact::Said { .. } => Channel::Witness,
            Fact::Row { table, .. } => match table.as_str() {
                "bill" => Channel::Bill,
                "flow" => Channel::FlowLogs,
                _ => Channel::Ledger,
            },
            Fact::Count { .. } => Channel::Computed,
        }
    }
}
