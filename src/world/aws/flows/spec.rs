//! Flows as they are declared: from whom to whom, how much when, over how many connections. Does not know ways.

use super::super::ec2::address::Range;
use crate::stdx::time::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// The pods of a workload: namespace and name.
    Workload(Arc<str>, Arc<str>),
    /// Every machine of the cluster.
    Node,
    /// A function in the network's subnets (their `Name` tags or ids).
    Function(Arc<str>, Vec<Arc<str>>),
}

/// How much an hour. All amounts are bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Nothing,
    Flat(u64),
    /// By hour of the day (UTC).
    Hours(Vec<u64>),
    /// So much a day, evenly within minutes of the day (end excluded).
    Window {
        from: u32,
        to: u32,
        bytes: u64,
    },
    /// So much for each arrival of a stream.
    Stream {
        stream: Arc<str>,
        bytes: u64,
    },
}

/// New connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    pub per_minute: u64,
    /// For each thousand arrivals of a stream; empty stream: none.
    pub per_1000: u64,
    pub stream: Arc<str>,
    /// How long each holds its port.
    pub lasting: Span,
    /// Nobody closes them: they end by idling.
    pub leaked: bool,
}

/// Changes the amounts while a program runs with a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    pub namespace: Arc<str>,
    pub workload: Arc<str>,
    pub setting: Setting,
    /// Factor while it holds.
    pub times: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Environment variable and value.
    Env(Arc<str>, Arc<str>),
    /// A mounted file by path, and what it has to contain.
    Config(Arc<str>, Arc<str>),
}

/// One flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    pub name: Arc<str>,
    pub from: From,
    /// `s3:scoop-backups`, `ecr`, `partner:payments`, `internet:otlp.example.com`, `aws:email-smtp`, `rds:scoop-orders`,
    /// `cache:sessions`.
    pub to: Arc<str>,
    /// As endpoints name the service behind it; empty: not one of AWS's.
    pub service: Arc<str>,
    pub range: Range,
    pub port: u16,
    pub out: Shape,
    pub into: Shape,
    /// By how many percent an hour's amount may differ from the usual, up or down.
    pub jitter: u64,
    pub connections: Connections,
    pub when: Vec<When>,
    /// Of a flow of pulls: repository → bytes of its images.
    pub images: BTreeMap<String, u64>,
}
