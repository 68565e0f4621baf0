//! SES: identities, sandbox and sending limits by region, suppression, reputation; the first API. Does not know what
//! a letter says.

use super::service::Service;

pub static SERVICE: Service =
    Service { name: "ses", doc: "sending mail (version 1)", operations: &[], metrics: &[], logs: &[], meters: &[] };

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Mail {}
