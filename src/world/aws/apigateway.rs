//! API Gateway: REST APIs, resources, stages; integrations with functions. Does not know what a function does.

use super::service::Service;

pub static SERVICE: Service = Service {
    name: "apigateway",
    doc: "REST APIs in front of functions",
    operations: &[],
    metrics: &[],
    logs: &[],
    meters: &[],
};
