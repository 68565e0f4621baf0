//! Logs Insights: queries over records, a useful part of the language (CloudWatch Logs User Guide, "Logs Insights QL"). Does
//! not know when a query runs or who asks.

mod read;
mod run;
mod words;

pub use read::read;
pub use run::{FoundRow, run};

use regex::Regex;

/// A query, read.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub enum Step {
    Fields(Vec<Named>),
    Filter(Expr),
    Stats {
        values: Vec<Named>,
        by: Vec<Named>,
    },
    /// By an expression, the greatest first if so.
    Sort(Vec<(Expr, bool)>),
    Limit(usize),
    /// From what, how, and the names of what is found.
    Parse(Expr, Regex, Vec<String>),
    Dedup(Vec<Expr>),
    Display(Vec<Named>),
}

/// An expression and the name of its column.
#[derive(Clone, Debug)]
pub struct Named {
    pub expr: Expr,
    pub name: String,
}

#[derive(Clone, Debug)]
pub enum Expr {
    Number(f64),
    Text(String),
    Field(String),
    Call(String, Vec<Expr>),
    Not(Box<Expr>),
    Negated(Box<Expr>),
    Pair(String, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Vec<Expr>),
    Like(Box<Expr>, Regex),
    /// A span in milliseconds: `5m`.
    Span(i64),
}

/// Where a query cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub say: String,
    /// In characters from the beginning.
    pub from: usize,
    pub to: usize,
}
