//! Policy documents inside IAM's answers, which the client shows as trees and not as texts (botocore's
//! `json_decode_policies`): read in the document's own order. Does not know what a policy means.

use super::node::{Data, Node};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::rc::Rc;

/// The shape whose texts the client reads.
const SHAPE: &str = "policyDocumentType";

/// Whether the client shows texts of this shape as trees.
pub fn is_one(service: &str, shape: &str) -> bool {
    service == "iam" && shape == SHAPE
}

/// The document as a tree; `None` if it is no JSON, which the client shows as it came.
pub fn read(text: &str) -> Option<Node> {
    serde_json::from_str(text).ok().map(|Ordered(node)| node)
}

/// A JSON value with its members in the order in which they stand. Of equal keys the last counts, in the first's place.
struct Ordered(Node);

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Ordered, D::Error> {
        from.deserialize_any(Reader).map(Ordered)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Node, E> {
        Ok(Node { data: Data::Yes(yes), facts: Vec::new() })
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::number(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(serde_json::Number::from_f64(number).map_or_else(Node::default, Node::number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(Ordered(node)) = items.next_element()? {
            nodes.push(node);
        }
        Ok(Node::list(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut members: Vec<(Rc<str>, Node)> = Vec::new();
        while let Some((key, Ordered(node))) = entries.next_entry::<String, Ordered>()? {
            match members.iter_mut().find(|(known, _)| **known == *key) {
                Some((_, known)) => *known = node,
                None => members.push((Rc::from(key), node)),
            }
        }
        Ok(Node::map(members))
    }
}
