//! Rows: the services of the account and their operations. Help, completion, the door and the tests come from them. Does
//! not know what is in the account.

use super::call::{Answer, Call, Fault};
use super::model::{self, Model};
use super::tally;
use super::{
    apigateway, budgets, ce, cloudtrail, cloudwatch, ec2, ecr, elasticache, elbv2, iam, kms, lambda, logs, rds, s3,
    ses, sesv2, sns, sqs, sts, tagging,
};
use crate::stdx::time::{Span, Time};
use crate::world::World;
use crate::world::signals::Record;
use std::sync::Arc;

/// One service.
#[derive(Debug)]
pub struct Service {
    /// The `aws` command's name.
    pub name: &'static str,
    pub doc: &'static str,
    /// Sorted by name, one a line.
    pub operations: &'static [Operation],
    /// Metrics that are computed rather than counted in the tally.
    pub metrics: &'static [MetricSource],
    /// Log groups that the service writes.
    pub logs: &'static [LogSource],
    /// What the service charges for.
    pub meters: &'static [Meter],
}

/// A family of metrics computed from state and time. What is counted one by one is in [`super::tally`] instead.
#[derive(Debug)]
pub struct MetricSource {
    /// `AWS/NATGateway`.
    pub namespace: &'static str,
    /// Every series there has been.
    pub list: fn(&World) -> Vec<tally::Key>,
    /// The minutes of one series in `from..=to` (minutes since 1970), rising; minutes without data are left out.
    pub minutes: MinutesOf,
}

/// The minutes of a series between two of them (see [`MetricSource::minutes`]).
pub type MinutesOf = fn(&World, &tally::Key, i64, i64) -> Vec<(i64, tally::Minute)>;

/// Log groups and how their records are made when asked.
#[derive(Debug)]
pub struct LogSource {
    pub groups: fn(&World) -> Vec<LogGroup>,
    /// The records of a group in `from..=to`, by time. The record's `namespace` is the group, `pod` the log stream, `text` the message, `template`
    /// and `fields` what it says.
    pub records: fn(&World, &str, Time, Time) -> Vec<Record>,
    /// How long after its time a record can be found, at the latest.
    pub late: Span,
}

/// A log group as `DescribeLogGroups` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogGroup {
    pub name: String,
    pub created: Time,
    /// `None` keeps for ever.
    pub retention_days: Option<u32>,
}

/// Quantities that are charged, hour by hour.
#[derive(Debug)]
pub struct Meter {
    /// `APN2-NatGateway-Bytes` without the region's prefix: `NatGateway-Bytes`; one that ends
    /// in `:` or `.` goes on with a class: `BoxUsage:`. Sorted.
    pub usage_types: &'static [&'static str],
    /// What was used in the hours `from..to` (hours since 1970).
    pub read: fn(&World, i64, i64) -> Vec<Used>,
}

/// So much of something, used in an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Hours since 1970.
    pub hour: i64,
    /// As Cost Explorer names services: `EC2 - Other`, `Amazon Simple Queue Service`.
    pub service: &'static str,
    /// Without the region's prefix: `NatGateway-Bytes`, `Multi-AZUsage:db.t4g.medium`.
    pub usage_type: String,
    /// `NatGateway`, `CreateDBInstance:0014`.
    pub operation: &'static str,
    /// Millionths of the unit (GB, hours, requests).
    pub micros: i128,
    /// Which resource, by its id or name, for tags.
    pub resource: Arc<str>,
}

/// One operation; its shapes are in the service's model under the same name.
#[derive(Debug)]
pub struct Operation {
    /// `GetQueueAttributes`.
    pub name: &'static str,
    pub doc: &'static str,
    pub effect: Effect,
    pub run: fn(&mut World, &Call) -> Result<Answer, Fault>,
}

/// What an operation does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Read,
    /// Changes what is set up: recorded in CloudTrail and the audit.
    Write,
    /// Changes what flows (sends, deletes or purges messages, invokes): in the audit, and in CloudTrail only as data events.
    Data,
    /// Takes part in the flow without changing what will become of it (`ReceiveMessage`): not recorded.
    Peek,
}

/// Every service, sorted by name, one a line.
pub static SERVICES: &[&Service] = &[
    &apigateway::SERVICE,
    &budgets::SERVICE,
    &ce::SERVICE,
    &cloudtrail::SERVICE,
    &cloudwatch::SERVICE,
    &ec2::SERVICE,
    &ecr::SERVICE,
    &elasticache::SERVICE,
    &elbv2::SERVICE,
    &iam::SERVICE,
    &kms::SERVICE,
    &lambda::SERVICE,
    &logs::SERVICE,
    &rds::SERVICE,
    &tagging::SERVICE,
    &s3::SERVICE,
    &ses::SERVICE,
    &sesv2::SERVICE,
    &sns::SERVICE,
    &sqs::SERVICE,
    &sts::SERVICE,
];

/// The row of a service.
pub fn find(name: &str) -> Option<&'static Service> {
    SERVICES.iter().copied().find(|service| service.name == name)
}

impl Service {
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// Its shapes.
    pub fn model(&self) -> &'static Model {
        static NONE: std::sync::LazyLock<Model> = std::sync::LazyLock::new(Model::default);
        model::of(self.name).unwrap_or(&NONE)
    }
}
