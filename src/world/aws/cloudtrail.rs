//! CloudTrail: who called which management operation, visible some minutes later. Reads the audit; keeps nothing.

use super::service::Service;

pub static SERVICE: Service = Service {
    name: "cloudtrail",
    doc: "who changed what in the account",
    operations: &[],
    metrics: &[],
    logs: &[],
    meters: &[],
};
