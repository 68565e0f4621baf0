//! The forms that a person fills: the problem, a status update, a guess of oneself. Plain data, as the journal keeps it.
//! Does not know which fields are true.

use crate::stdx::time::Span;
use serde::{Deserialize, Serialize};

/// The problem, in five lines of which each is true or false of the world. No line names a cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemForm {
    /// IS: the series that hurts, with labels if it has several: `slo_pay_ratio{app=cart}`.
    pub hurts: String,
    /// IS NOT: a series like it that is well.
    pub not: String,
    /// What the series that hurts should be: a number in its own unit.
    pub expected: String,
    /// What it is.
    pub actual: String,
    /// `HH:MM`, or with its day.
    pub since: String,
}

/// To whom an update is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    #[default]
    Team,
    Customers,
    Management,
}

/// How far the incident has come, as an update says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    #[default]
    Investigating,
    Identified,
    Mitigating,
    Monitoring,
    Resolved,
}

/// How sure an update says the cause is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    #[default]
    Unknown,
    Suspected,
    Confirmed,
}

/// Whether an update says that something is being changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    #[default]
    None,
    Change,
}

/// A status update: six fields that are true or false, and words of one's own that are not graded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateForm {
    pub to: Audience,
    /// The series that hurts, or `none`.
    pub harm: String,
    pub state: Standing,
    /// A hypothesis and how sure; nothing is "unknown".
    #[serde(default)]
    pub cause: Option<(u32, Certainty)>,
    #[serde(default)]
    pub action: Action,
    /// When the next update will come, from now: a promise.
    #[serde(default)]
    pub next: Option<Span>,
    #[serde(default)]
    pub text: String,
}

/// A guess of one's own share of a dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guess {
    Low,
    #[default]
    Middle,
    High,
}
