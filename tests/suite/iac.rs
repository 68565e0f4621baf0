//! Infrastructure as code: plan, apply, drift.
