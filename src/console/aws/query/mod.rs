//! `--query`: JMESPath over answers. The grammar's and functions' errors are worded as the client's library words them. Does
//! not know services or formats.

mod eval;
mod functions;
mod lex;
mod parse;

use super::node::{Data, Node};

pub use functions::class;

/// A query that was understood.
#[derive(Clone, Debug)]
pub struct Query(parse::Ast);

/// Reads a query. The error is the library's.
pub fn parse(text: &str) -> Result<Query, String> {
    parse::parse(text).map(Query)
}

/// Values of an answer that is shown, and how deep they may lie. Trees are shared, so that a short query can make one that is
/// endless where it is written out.
const SHOWN_MAX: usize = 1_000_000;
const DEPTH_MAX: usize = 200;

fn is_small(node: &Node, depth: usize, seen: &mut usize) -> bool {
    *seen += 1;
    if *seen > SHOWN_MAX || depth > DEPTH_MAX {
        return false;
    }
    match &node.data {
        Data::List(items) => items.iter().all(|item| is_small(item, depth + 1, seen)),
        Data::Map(members) => members.iter().all(|(_, item)| is_small(item, depth + 1, seen)),
        _ => true,
    }
}

impl Query {
    /// What the query gives; an error where it asks a function for what it cannot do.
    pub fn search(&self, node: &Node) -> Result<Node, String> {
        let found = eval::Machine::default().search(&self.0, node)?;
        if is_small(&found, 0, &mut 0) { Ok(found) } else { Err("the query's answer is too large to be shown".into()) }
    }
}

/// Whether two values are equal.
pub fn same(left: &Node, right: &Node) -> bool {
    eval::equal(left, right)
}
