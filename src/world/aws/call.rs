//! A request to the account and what comes of it, as values in the service model's shapes. Does not know wires, options
//! or how anything is printed.

use super::logs::Looked;
use super::service::{Operation, Service};
use crate::stdx::time::Time;
use crate::world::audit::FieldChange;
use crate::world::signals::Record;
use serde_json::Value;
use std::collections::BTreeMap;

/// Somebody asks a service for something. The console and the door both make these.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The `aws` command's name: `sqs`, `cloudwatch`, `s3api`.
    pub service: String,
    /// `GetQueueAttributes`.
    pub operation: String,
    /// Members by the model's names; a timestamp is whole milliseconds since 1970, a blob base64.
    pub input: Value,
    pub caller: Caller,
    pub region: String,
    /// What was used: `aws-cli`, `iac`, `boto3`, an app's name.
    pub agent: String,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// As the audit names people and bots: `learner`, `iac-runner`, `shipping`.
    pub user: String,
    /// `arn:aws:sts::123456789012:assumed-role/oncall/learner`; empty: made from the user.
    pub arn: String,
}

/// A request with the rows it belongs to, as an operation sees it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub service: &'static Service,
    pub operation: &'static Operation,
    pub request: &'a Request,
}

impl<'a> Call<'a> {
    pub fn input(&self) -> &'a Value {
        &self.request.input
    }

    /// A text member; `None` if it was not given.
    pub fn text(&self, member: &str) -> Option<&'a str> {
        self.request.input.get(member)?.as_str()
    }

    pub fn whole(&self, member: &str) -> Option<i64> {
        self.request.input.get(member)?.as_i64()
    }

    pub fn yes(&self, member: &str) -> Option<bool> {
        self.request.input.get(member)?.as_bool()
    }

    /// A timestamp member.
    pub fn time(&self, member: &str) -> Option<Time> {
        self.whole(member).map(Time)
    }

    /// The texts of a list member; empty if it was not given.
    pub fn texts(&self, member: &str) -> Vec<&'a str> {
        self.list(member).iter().filter_map(Value::as_str).collect()
    }

    /// The items of a list member; empty if it was not given.
    pub fn list(&self, member: &str) -> &'a [Value] {
        self.request.input.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Whether it goes to another region than the account's home, to a service that has things there.
    pub fn is_abroad(&self, home: &str) -> bool {
        let to = &self.request.region;
        !to.is_empty() && to != home && super::APART.contains(&self.service.name)
    }

    /// The user's name as the audit has it.
    pub fn user(&self) -> &'a str {
        &self.request.caller.user
    }
}

/// What an operation answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Members by the model's names; Null: the operation gives nothing.
    pub body: Value,
    /// What which part of the body shows.
    pub subjects: Vec<Subject>,
    /// What was looked at, whether or not anything was found.
    pub covers: Vec<Cover>,
    /// What a write altered.
    pub altered: Option<Altered>,
}

impl Answer {
    pub fn of(body: Value) -> Answer {
        Answer { body, ..Answer::default() }
    }

    /// The scalars under `at` (a JSON pointer; empty is all) are attributes of a resource, by their path below `at`.
    pub fn about(mut self, at: impl Into<String>, kind: &str, name: &str) -> Answer {
        let is = Is::Attributes { kind: kind.to_string(), name: name.to_string(), base: String::new() };
        self.subjects.push(Subject { at: at.into(), is });
        self
    }

    pub fn shows(mut self, at: impl Into<String>, is: Is) -> Answer {
        self.subjects.push(Subject { at: at.into(), is });
        self
    }

    pub fn covering(mut self, cover: Cover) -> Answer {
        self.covers.push(cover);
        self
    }

    pub fn altering(mut self, kind: &str, name: &str, changed: Vec<FieldChange>) -> Answer {
        self.altered = Some(Altered { kind: kind.to_string(), name: name.to_string(), changed });
        self
    }
}

/// A part of an answer and what it shows. The innermost subject of a scalar counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// JSON pointer into the body.
    pub at: String,
    pub is: Is,
}

/// What a part of an answer shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Is {
    /// Attributes of a resource: `kind` is its CloudFormation type (`AWS::SQS::Queue`), `name` what people call it
    /// (queue name, `vpce-0s3`). A scalar's path is `base` and what leads from the subject to it.
    Attributes { kind: String, name: String, base: String },
    /// One record of a log group: the whole part shows it.
    Record(Box<Record>),
    /// One value of a metric, named `AWS/SQS/NumberOfMessagesSent`; labels are the dimensions and `stat`.
    Metric { name: String, labels: BTreeMap<String, String>, from: Time, to: Time, value: f64 },
    /// A row of a bill, a flow log or a ledger. Tables: `bill`, `flow`, `mail`, … A column with places is shown by the
    /// scalars at them only; one without, which the question fixed, by every scalar of the part.
    Row { table: String, at: Time, fields: BTreeMap<String, String>, places: Places },
    /// Somebody's recorded act.
    Deed { who: String, verb: String, kind: String, name: String, at: Time, changed: Vec<FieldChange> },
}

/// Where columns are printed: what leads from the part to a scalar (`Keys[0]`, `Metrics.UnblendedCost.Amount`), and the
/// column that stands there.
pub type Places = Vec<(String, String)>;

/// What an operation looked at, for proofs of absence.
#[derive(Clone, Debug, PartialEq)]
pub enum Cover {
    /// All resources of a kind, unfiltered.
    All { kind: String },
    /// A resource that is gone: were it still there, it would be this item of a list of the answer.
    Lost { kind: String, name: String, list: String, item: Value },
    /// Every attribute of one resource.
    Whole { kind: String, name: String },
    /// A metric over a time: named as in [`Is::Metric`].
    Metric { name: String, from: Time, to: Time },
    /// A table's rows over a time, all of them.
    Rows { table: String, from: Time, to: Time },
    /// Events of a log group over a time.
    Log(Box<Looked>),
    /// Deeds over a time.
    Deeds { from: Time, to: Time },
}

/// The resource that a write altered, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Altered {
    pub kind: String,
    pub name: String,
    pub changed: Vec<FieldChange>,
}

/// A refusal, in the service's words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fault {
    /// As clients see it: `AccessDenied`, `AWS.SimpleQueueService.NonExistentQueue`.
    pub code: String,
    pub message: String,
    /// HTTP status; 0: the model's for this code, else 400.
    pub status: u16,
}

impl Fault {
    pub fn new(code: &str, message: impl Into<String>) -> Fault {
        Fault { code: code.to_string(), message: message.into(), status: 0 }
    }

    pub fn status(mut self, status: u16) -> Fault {
        self.status = status;
        self
    }
}
