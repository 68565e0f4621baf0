//! SES, the second API. State and life are in `ses`.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "sesv2", doc: "sending mail", operations: &[], metrics: &[], logs: &[], meters: &[] };
