//! ECR: image repositories and what pulling from them moves. Does not know kubelets.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "ecr", doc: "image repositories", operations: &[], metrics: &[], logs: &[], meters: &[] };
