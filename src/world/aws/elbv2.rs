//! Load balancers: NLBs and ALBs, target groups, target health. Does not know pods.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "elbv2", doc: "load balancers", operations: &[], metrics: &[], logs: &[], meters: &[] };
