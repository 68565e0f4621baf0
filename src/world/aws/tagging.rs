//! Tags of all resources, for whoever asks across services. Keeps nothing.

use super::service::Service;

pub static SERVICE: Service = Service {
    name: "resourcegroupstaggingapi",
    doc: "tags across services",
    operations: &[],
    metrics: &[],
    logs: &[],
    meters: &[],
};
