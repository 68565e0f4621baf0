//! `--query`: JMESPath over answers. The grammar's and functions' errors are worded as the client's library words them. Does
//! not know services or formats.

mod eval;
mod functions;
mod lex;
mod parse;

use super::node::Node;

pub use functions::class;

/// A query that was understood.
#[derive(Clone, Debug)]
pub struct Query(parse::Ast);

/// Reads a query. The error is the library's.
pub fn parse(text: &str) -> Result<Query, String> {
    parse::parse(text).map(Query)
}

impl Query {
    /// What the query gives; an error where it asks a function for what it cannot do.
    pub fn search(&self, node: &Node) -> Result<Node, String> {
        eval::Machine::default().search(&self.0, node)
    }
}

/// Whether two values are equal.
pub fn same(left: &Node, right: &Node) -> bool {
    eval::equal(left, right)
}
