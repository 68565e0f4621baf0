//! EC2 and VPC: networks, subnets, route tables, gateways, endpoints, addresses, security groups, instances. Does not
//! know what programs send.

use super::service::Service;

pub static SERVICE: Service = Service {
    name: "ec2",
    doc: "networks, gateways, instances",
    operations: &[],
    metrics: &[],
    logs: &[],
    meters: &[],
};

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Network {}
