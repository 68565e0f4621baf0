//! A query evaluated over a tree. What is copied keeps what it shows; what is computed is a new count. Does not know
//! functions one by one.

use super::super::node::{Data, Node};
use super::functions::{self, Argument};
use super::lex::Kind;
use super::parse::Ast;
use std::rc::Rc;

/// The most steps that one query may take.
const STEPS_MAX: usize = 2_000_000;

#[derive(Default)]
pub struct Machine {
    steps: usize,
}

impl Machine {
    pub fn search(&mut self, ast: &Ast, node: &Node) -> Result<Node, String> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(format!("the query takes more than {STEPS_MAX} steps"));
        }
        Ok(match ast {
            Ast::Current => node.clone(),
            Ast::Field(name) => node.get(name).cloned().unwrap_or_default(),
            Ast::Index(at) => node.items().and_then(|items| item(items, *at)).cloned().unwrap_or_default(),
            Ast::Slice(parts) => match node.items() {
                Some(items) => Node::list(slice(items, *parts)?),
                None => Node::default(),
            },
            Ast::Literal(literal) => literal.clone(),
            Ast::Chain(steps) => {
                let mut result = node.clone();
                for step in steps {
                    result = self.search(step, &result)?;
                }
                result
            }
            Ast::Projection(left, right) => match self.search(left, node)?.data {
                Data::List(items) => self.each(&items, right, |_, _| Ok(true))?,
                _ => Node::default(),
            },
            Ast::ValueProjection(left, right) => match self.search(left, node)?.data {
                Data::Map(members) => {
                    let values: Vec<Node> = members.iter().map(|(_, value)| value.clone()).collect();
                    self.each(&values, right, |_, _| Ok(true))?
                }
                _ => Node::default(),
            },
            Ast::Filter(left, right, condition) => match self.search(left, node)?.data {
                Data::List(items) => self.each(&items, right, |machine, item| {
                    let holds = machine.search(condition, item)?;
                    Ok(!is_false(&holds))
                })?,
                _ => Node::default(),
            },
            Ast::Flatten(left) => {
                let base = self.search(left, node)?;
                match base.items() {
                    Some(items) => Node::list(flat(items)),
                    None => Node::default(),
                }
            }
            Ast::Or(left, right) => match self.search(left, node)? {
                left if is_false(&left) => self.search(right, node)?,
                left => left,
            },
            Ast::And(left, right) => match self.search(left, node)? {
                left if is_false(&left) => left,
                _ => self.search(right, node)?,
            },
            Ast::Not(inner) => {
                let inner = self.search(inner, node)?;
                let zero = matches!(&inner.data, Data::Number(_));
                truth(!zero && is_false(&inner))
            }
            Ast::Compare(kind, left, right) => {
                let (left, right) = (self.search(left, node)?, self.search(right, node)?);
                compare(*kind, &left, &right)?
            }
            Ast::List(_) | Ast::Map(_) if node.is_null() => Node::default(),
            Ast::List(items) => Node::list(items.iter().map(|item| self.search(item, node)).collect::<Result<_, _>>()?),
            Ast::Map(pairs) => self.map(pairs, node)?,
            Ast::Function(name, arguments) => self.call(name, arguments, node)?,
            Ast::Expression(_) => return Err("Encountered unrecognized type in JSON encoder.".into()),
        })
    }

    /// The right side over each item that is kept; nulls are dropped.
    fn each(
        &mut self,
        items: &[Node],
        right: &Ast,
        keeps: impl Fn(&mut Machine, &Node) -> Result<bool, String>,
    ) -> Result<Node, String> {
        let mut found = Vec::new();
        for item in items {
            if keeps(self, item)? {
                let value = self.search(right, item)?;
                if !value.is_null() {
                    found.push(value);
                }
            }
        }
        Ok(Node::list(found))
    }

    fn map(&mut self, pairs: &[(String, Ast)], node: &Node) -> Result<Node, String> {
        let mut members: Vec<(Rc<str>, Node)> = Vec::with_capacity(pairs.len());
        for (key, ast) in pairs {
            let value = self.search(ast, node)?;
            match members.iter_mut().find(|(known, _)| **known == **key) {
                Some((_, known)) => *known = value,
                None => members.push((Rc::from(key.as_str()), value)),
            }
        }
        Ok(Node::map(members))
    }

    fn call(&mut self, name: &str, arguments: &[Ast], node: &Node) -> Result<Node, String> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(match argument {
                Ast::Expression(inner) => Argument::Expression(inner),
                other => Argument::Value(self.search(other, node)?),
            });
        }
        functions::call(self, name, &values)
    }
}

pub fn truth(yes: bool) -> Node {
    Node { data: Data::Yes(yes), facts: Vec::new() }
}

/// False as JMESPath has it: null, false, and what is empty.
pub fn is_false(node: &Node) -> bool {
    match &node.data {
        Data::Null | Data::Yes(false) => true,
        Data::Yes(true) | Data::Number(_) => false,
        Data::Text(text) => text.is_empty(),
        Data::List(items) => items.is_empty(),
        Data::Map(members) => members.is_empty(),
    }
}

fn item(items: &[Node], at: i64) -> Option<&Node> {
    let at = if at < 0 { at.checked_add(items.len() as i64)? } else { at };
    items.get(usize::try_from(at).ok()?)
}

fn slice(items: &[Node], [from, to, step]: [Option<i64>; 3]) -> Result<Vec<Node>, String> {
    let (count, step) = (items.len() as i64, step.unwrap_or(1));
    if step == 0 {
        return Err("slice step cannot be zero".into());
    }
    let (low, high) = if step > 0 { (0, count) } else { (-1, count - 1) };
    let bound = |part: Option<i64>, usual: i64| match part {
        None => usual,
        Some(at) => (if at < 0 { at.saturating_add(count) } else { at }).clamp(low, high),
    };
    let (mut at, end) = if step > 0 { (bound(from, 0), bound(to, count)) } else { (bound(from, high), bound(to, -1)) };
    let mut found = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        found.extend(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned());
        at = at.saturating_add(step);
    }
    Ok(found)
}

fn flat(items: &[Node]) -> Vec<Node> {
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        match item.items() {
            Some(inner) => found.extend(inner.iter().cloned()),
            None => found.push(item.clone()),
        }
    }
    found
}

/// Equal as the client's language has it.
pub fn equal(left: &Node, right: &Node) -> bool {
    match (&left.data, &right.data) {
        (Data::Null, Data::Null) => true,
        (Data::Yes(a), Data::Yes(b)) => a == b,
        (Data::Number(a), Data::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Data::Text(a), Data::Text(b)) => a == b,
        (Data::List(a), Data::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b)),
        (Data::Map(a), Data::Map(_)) => {
            let same = |(key, value): &(Rc<str>, Node)| right.get(key).is_some_and(|other| equal(value, other));
            matches!(&right.data, Data::Map(b) if a.len() == b.len()) && a.iter().all(same)
        }
        _ => false,
    }
}

/// The order of two numbers or two texts.
pub fn order(left: &Node, right: &Node) -> Option<std::cmp::Ordering> {
    match (&left.data, &right.data) {
        (Data::Number(a), Data::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Data::Text(a), Data::Text(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn compare(kind: Kind, left: &Node, right: &Node) -> Result<Node, String> {
    match kind {
        Kind::Eq => return Ok(truth(equal(left, right))),
        Kind::Ne => return Ok(truth(!equal(left, right))),
        _ => {}
    }
    let comparable = |node: &Node| matches!(node.data, Data::Number(_) | Data::Text(_));
    if !comparable(left) || !comparable(right) {
        return Ok(Node::default());
    }
    let (sign, holds): (&str, fn(std::cmp::Ordering) -> bool) = match kind {
        Kind::Lt => ("<", std::cmp::Ordering::is_lt),
        Kind::Lte => ("<=", std::cmp::Ordering::is_le),
        Kind::Gt => (">", std::cmp::Ordering::is_gt),
        _ => (">=", std::cmp::Ordering::is_ge),
    };
    let (a, b) = (functions::class(left), functions::class(right));
    let ordering = order(left, right);
    let unlike = || format!("'{sign}' not supported between instances of '{a}' and '{b}'");
    ordering.map(|ordering| truth(holds(ordering))).ok_or_else(unlike)
}
