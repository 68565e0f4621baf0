//! `--generate-cli-skeleton`: an operation's input or output as a form to fill in. Does not know values of the account.

use super::node::Node;
use crate::world::aws::model::{Model, Of, Shape};
use serde_json::Number;
use std::rc::Rc;

/// The form of a shape; `named`: texts are their members' names, as the output's form has them.
pub fn of(model: &Model, shape: &str, named: bool) -> Node {
    let mut open = Vec::new();
    made(model, (shape, shape), named, &mut open)
}

fn made(model: &Model, (shape, name): (&str, &str), named: bool, open: &mut Vec<String>) -> Node {
    // A shape inside of itself stays empty.
    if open.iter().any(|known| known == shape) {
        return Node::map(Vec::new());
    }
    open.push(shape.to_string());
    let node = match model.shape(shape) {
        Some(Shape::Struct(structure)) => {
            let members = structure.members.iter().filter(|member| !member.streaming || !named);
            let made = |member: &crate::world::aws::model::Member, open: &mut Vec<String>| {
                let node = made(model, (&member.shape, &member.name), named, open);
                (Rc::from(member.name.as_str()), node)
            };
            Node::map(members.map(|member| made(member, open)).collect())
        }
        Some(Shape::List(list)) => Node::list(vec![made(model, (&list.member, &list.member), named, open)]),
        Some(Shape::Map(map)) => {
            let value = made(model, (&map.value, &map.value), named, open);
            Node::map(vec![(Rc::from("KeyName"), value)])
        }
        Some(Shape::Scalar(scalar)) => match scalar.of {
            Of::String if named => Node::text(name),
            Of::String => Node::text(scalar.choices.first().map_or("", String::as_str)),
            Of::Integer | Of::Long => Node::number(0),
            Of::Float | Of::Double => Number::from_f64(0.0).map_or_else(Node::default, Node::number),
            Of::Boolean => Node::plain(&serde_json::Value::Bool(true)),
            Of::Timestamp => Node::text("1970-01-01T00:00:00"),
            Of::Blob if named => Node::text("blob"),
            Of::Blob => Node::default(),
        },
        None => Node::map(Vec::new()),
    };
    open.pop();
    node
}
