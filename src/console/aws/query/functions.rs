//! The functions of JMESPath, a row each. Does not know grammar.

use super::super::node::{Data, Facts, Node};
use super::super::show;
use super::eval::{Machine, equal, order, truth};
use super::parse::Ast;
use crate::console::fact::Fact;
use serde_json::Number;
use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

/// What a function is given.
pub enum Argument<'a> {
    Value(Node),
    Expression(&'a Ast),
}

type Run = fn(&mut Machine, &[Argument]) -> Result<Node, String>;

/// A function: its name, what each argument may be (nothing: anything), and whether the last repeats.
struct Row {
    name: &'static str,
    takes: &'static [&'static [&'static str]],
    more: bool,
    run: Run,
}

const ANY: &[&str] = &[];
const NUMBERS: &[&str] = &["array-number"];
const RANKED: &[&str] = &["array-number", "array-string"];

/// Sorted by name.
static FUNCTIONS: &[Row] = &[
    Row { name: "abs", takes: &[&["number"]], more: false, run: abs },
    Row { name: "avg", takes: &[NUMBERS], more: false, run: avg },
    Row { name: "ceil", takes: &[&["number"]], more: false, run: ceil },
    Row { name: "contains", takes: &[&["array", "string"], ANY], more: false, run: contains },
    Row { name: "ends_with", takes: &[&["string"], &["string"]], more: false, run: ends_with },
    Row { name: "floor", takes: &[&["number"]], more: false, run: floor },
    Row { name: "join", takes: &[&["string"], &["array-string"]], more: false, run: join },
    Row { name: "keys", takes: &[&["object"]], more: false, run: keys },
    Row { name: "length", takes: &[&["string", "array", "object"]], more: false, run: length },
    Row { name: "map", takes: &[&["expref"], &["array"]], more: false, run: map },
    Row { name: "max", takes: &[RANKED], more: false, run: max },
    Row { name: "max_by", takes: &[&["array"], &["expref"]], more: false, run: max_by },
    Row { name: "merge", takes: &[&["object"]], more: true, run: merge },
    Row { name: "min", takes: &[RANKED], more: false, run: min },
    Row { name: "min_by", takes: &[&["array"], &["expref"]], more: false, run: min_by },
    Row { name: "not_null", takes: &[ANY], more: true, run: not_null },
    Row { name: "reverse", takes: &[&["array", "string"]], more: false, run: reverse },
    Row { name: "sort", takes: &[&["array-string", "array-number"]], more: false, run: sort },
    Row { name: "sort_by", takes: &[&["array"], &["expref"]], more: false, run: sort_by },
    Row { name: "starts_with", takes: &[&["string"], &["string"]], more: false, run: starts_with },
    Row { name: "sum", takes: &[NUMBERS], more: false, run: sum },
    Row { name: "to_array", takes: &[ANY], more: false, run: to_array },
    Row { name: "to_number", takes: &[ANY], more: false, run: to_number },
    Row { name: "to_string", takes: &[ANY], more: false, run: to_string },
    Row { name: "type", takes: &[ANY], more: false, run: type_of },
    Row { name: "values", takes: &[&["object"]], more: false, run: values },
];

/// Calls a function by name, after its arguments were checked.
pub fn call(machine: &mut Machine, name: &str, arguments: &[Argument]) -> Result<Node, String> {
    let row = FUNCTIONS.iter().find(|row| row.name == name).ok_or_else(|| format!("Unknown function: {name}()"))?;
    let (wanted, given) = (row.takes.len(), arguments.len());
    let plural = if wanted == 1 { "argument" } else { "arguments" };
    if row.more && given < wanted {
        return Err(format!("Expected at least {wanted} {plural} for function {name}(), received {given}"));
    }
    if !row.more && given != wanted {
        return Err(format!("Expected {wanted} {plural} for function {name}(), received {given}"));
    }
    for (argument, types) in arguments.iter().zip(row.takes) {
        check(name, argument, types)?;
    }
    (row.run)(machine, arguments)
}

/// The type's name in the specification.
fn kind(node: &Node) -> &'static str {
    match &node.data {
        Data::Null => "null",
        Data::Yes(_) => "boolean",
        Data::Number(_) => "number",
        Data::Text(_) => "string",
        Data::List(_) => "array",
        Data::Map(_) => "object",
    }
}

/// The type's name in the client's language.
pub fn class(node: &Node) -> &'static str {
    match &node.data {
        Data::Null => "NoneType",
        Data::Yes(_) => "bool",
        Data::Number(number) if number.is_f64() => "float",
        Data::Number(_) => "int",
        Data::Text(_) => "str",
        Data::List(_) => "list",
        Data::Map(_) => "dict",
    }
}

fn ill_typed(function: &str, value: &str, types: &[&str], received: &str) -> String {
    let types: Vec<String> = types.iter().map(|name| format!("'{name}'")).collect();
    let types = types.join(", ");
    format!(
        "In function {function}(), invalid type for value: {value}, expected one of: [{types}], received: \"{received}\""
    )
}

fn check(function: &str, argument: &Argument, types: &[&str]) -> Result<(), String> {
    if types.is_empty() {
        return Ok(());
    }
    let base = |name: &&str| name.split('-').next().unwrap_or_default().to_string();
    let bases: Vec<String> = types.iter().map(base).collect();
    let Argument::Value(node) = argument else {
        if bases.iter().any(|name| name == "expref") {
            return Ok(());
        }
        return Err(ill_typed(function, "<jmespath.visitor._Expression object>", types, "expref"));
    };
    if !bases.iter().any(|name| name == kind(node)) {
        return Err(ill_typed(function, &node.words(), types, kind(node)));
    }
    let inner: Vec<&str> = types.iter().filter_map(|name| name.split_once('-').map(|(_, inner)| inner)).collect();
    let (Some(items), false) = (node.items(), inner.is_empty()) else { return Ok(()) };
    // All items are of one of the types: of that which the first has.
    let Some(first) = items.first() else { return Ok(()) };
    let wanted =
        if inner.len() == 1 { inner.first().copied() } else { inner.iter().copied().find(|t| *t == kind(first)) };
    for item in items {
        if Some(kind(item)) != wanted {
            return Err(ill_typed(function, &item.words(), types, class(item)));
        }
    }
    Ok(())
}

fn value(arguments: &[Argument], at: usize) -> Node {
    match arguments.get(at) {
        Some(Argument::Value(node)) => node.clone(),
        _ => Node::default(),
    }
}

fn list(arguments: &[Argument], at: usize) -> Rc<Vec<Node>> {
    match value(arguments, at).data {
        Data::List(items) => items,
        _ => Rc::new(Vec::new()),
    }
}

fn text(arguments: &[Argument], at: usize) -> Rc<str> {
    match value(arguments, at).data {
        Data::Text(text) => text,
        _ => Rc::from(""),
    }
}

fn as_number(node: &Node) -> f64 {
    match &node.data {
        Data::Number(number) => number.as_f64().unwrap_or_default(),
        _ => 0.0,
    }
}

/// A number made of others: a count of its own, if they showed anything.
fn computed(name: &str, number: impl Into<Option<Number>>, from: &[&Node]) -> Node {
    let Some(number) = number.into() else { return Node::default() };
    let mut seen = Facts::new();
    from.iter().for_each(|node| node.all_facts(&mut seen));
    let value = number.as_f64().unwrap_or_default();
    let mut node = Node::number(number);
    if !seen.is_empty() {
        node.facts.push(Arc::new(Fact::Count { tool: "aws --query".into(), of: name.into(), value }));
    }
    node
}

/// The same number keeps what it showed.
fn reshaped(name: &str, old: &Node, number: Option<Number>) -> Node {
    let new = computed(name, number, &[old]);
    if class(&new) == class(old) && equal(&new, old) { old.clone() } else { new }
}

fn abs(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let node = value(arguments, 0);
    let Data::Number(number) = &node.data else { return Ok(node) };
    let size = match number.as_i64() {
        Some(whole) => whole.checked_abs().map(Number::from),
        None => number.as_f64().and_then(|float| Number::from_f64(float.abs())),
    };
    Ok(reshaped("abs", &node, size))
}

fn rounded(name: &str, node: &Node, round: fn(f64) -> f64) -> Node {
    match &node.data {
        Data::Number(number) if number.is_f64() => {
            reshaped(name, node, Some(Number::from(round(number.as_f64().unwrap_or_default()) as i64)))
        }
        _ => node.clone(),
    }
}

fn ceil(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    Ok(rounded("ceil", &value(arguments, 0), f64::ceil))
}

fn floor(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    Ok(rounded("floor", &value(arguments, 0), f64::floor))
}

fn total(items: &[Node]) -> Option<Number> {
    let whole = |node: &Node| match &node.data {
        Data::Number(number) => number.as_i64(),
        _ => None,
    };
    let sum = items.iter().map(whole).try_fold(0_i64, |sum, next| sum.checked_add(next?));
    match sum {
        Some(sum) => Some(Number::from(sum)),
        None => Number::from_f64(items.iter().map(as_number).sum()),
    }
}

fn sum(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let node = value(arguments, 0);
    let number = total(node.items().unwrap_or_default());
    Ok(computed("sum", number, &[&node]))
}

fn avg(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let node = value(arguments, 0);
    let items = node.items().unwrap_or_default();
    if items.is_empty() {
        return Ok(Node::default());
    }
    let sum = total(items).and_then(|sum| sum.as_f64()).unwrap_or_default();
    Ok(computed("avg", Number::from_f64(sum / items.len() as f64), &[&node]))
}

fn contains(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let (subject, wanted) = (value(arguments, 0), value(arguments, 1));
    match (&subject.data, &wanted.data) {
        (Data::List(items), _) => Ok(truth(items.iter().any(|item| equal(item, &wanted)))),
        (Data::Text(text), Data::Text(part)) => Ok(truth(text.contains(&**part))),
        _ => Err(format!("'in <string>' requires string as left operand, not {}", class(&wanted))),
    }
}

fn starts_with(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    Ok(truth(text(arguments, 0).starts_with(&*text(arguments, 1))))
}

fn ends_with(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    Ok(truth(text(arguments, 0).ends_with(&*text(arguments, 1))))
}

/// The whole shows what its parts showed: their bytes are in it.
fn join(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let items = list(arguments, 1);
    let texts: Vec<&str> = items.iter().filter_map(Node::as_text).collect();
    let mut node = Node::text(texts.join(&text(arguments, 0)));
    items.iter().for_each(|item| item.all_facts(&mut node.facts));
    Ok(node)
}

fn keys(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    match value(arguments, 0).data {
        Data::Map(members) => Ok(Node::list(members.iter().map(|(key, _)| Node::text(key.clone())).collect())),
        _ => Ok(Node::default()),
    }
}

fn values(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    match value(arguments, 0).data {
        Data::Map(members) => Ok(Node::list(members.iter().map(|(_, value)| value.clone()).collect())),
        _ => Ok(Node::default()),
    }
}

fn length(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let node = value(arguments, 0);
    let count = match &node.data {
        Data::Text(text) => text.chars().count(),
        Data::List(items) => items.len(),
        Data::Map(members) => members.len(),
        _ => 0,
    };
    Ok(computed("length", Number::from(count), &[&node]))
}

fn map(machine: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let Some(Argument::Expression(ast)) = arguments.first() else { return Ok(Node::default()) };
    let items = list(arguments, 1);
    Ok(Node::list(items.iter().map(|item| machine.search(ast, item)).collect::<Result<_, _>>()?))
}

/// The first of the most extreme.
fn extreme(pairs: &[(Node, Node)], wanted: Ordering) -> Option<&Node> {
    let mut best: Option<&(Node, Node)> = None;
    for pair in pairs {
        if best.is_none_or(|best| order(&pair.0, &best.0) == Some(wanted)) {
            best = Some(pair);
        }
    }
    best.map(|(_, node)| node)
}

fn ranked(arguments: &[Argument], wanted: Ordering) -> Node {
    let pairs: Vec<(Node, Node)> = list(arguments, 0).iter().map(|item| (item.clone(), item.clone())).collect();
    extreme(&pairs, wanted).cloned().unwrap_or_default()
}

fn max(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    Ok(ranked(arguments, Ordering::Greater))
}

fn min(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    Ok(ranked(arguments, Ordering::Less))
}

/// Each item with what the expression makes of it, which has to be of one of the types.
fn keyed(
    machine: &mut Machine,
    arguments: &[Argument],
    (name, types): (&str, &[&str]),
) -> Result<Vec<(Node, Node)>, String> {
    let Some(Argument::Expression(ast)) = arguments.get(1) else { return Ok(Vec::new()) };
    let mut pairs = Vec::new();
    for item in list(arguments, 0).iter() {
        let key = machine.search(ast, item)?;
        if !types.contains(&kind(&key)) {
            return Err(ill_typed(name, &key.words(), types, kind(&key)));
        }
        pairs.push((key, item.clone()));
    }
    let mixed = pairs.iter().find(|pair| pairs.first().is_some_and(|first| kind(&pair.0) != kind(&first.0)));
    match (mixed, pairs.first()) {
        (Some((key, _)), Some((first, _))) => {
            let (a, b) = (class(key), class(first));
            Err(format!(
                "'{}' not supported between instances of '{a}' and '{b}'",
                if name == "max_by" { ">" } else { "<" }
            ))
        }
        _ => Ok(pairs),
    }
}

fn max_by(machine: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let pairs = keyed(machine, arguments, ("max_by", &["number", "string"]))?;
    Ok(extreme(&pairs, Ordering::Greater).cloned().unwrap_or_default())
}

fn min_by(machine: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let pairs = keyed(machine, arguments, ("min_by", &["number", "string"]))?;
    Ok(extreme(&pairs, Ordering::Less).cloned().unwrap_or_default())
}

fn sort_by(machine: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let items = list(arguments, 0);
    let (Some(first), Some(Argument::Expression(ast))) = (items.first(), arguments.get(1)) else {
        return Ok(value(arguments, 0));
    };
    let wanted = kind(&machine.search(ast, first)?);
    if !["number", "string"].contains(&wanted) {
        return Err(ill_typed("sort_by", &first.words(), &["string", "number"], wanted));
    }
    let mut pairs = keyed(machine, arguments, ("sort_by", &[wanted]))?;
    pairs.sort_by(|a, b| order(&a.0, &b.0).unwrap_or(Ordering::Equal));
    Ok(Node::list(pairs.into_iter().map(|(_, item)| item).collect()))
}

fn sort(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let mut items = list(arguments, 0).to_vec();
    items.sort_by(|a, b| order(a, b).unwrap_or(Ordering::Equal));
    Ok(Node::list(items))
}

fn reverse(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let node = value(arguments, 0);
    Ok(match &node.data {
        Data::Text(text) => Node::text(text.chars().rev().collect::<String>()),
        Data::List(items) => Node::list(items.iter().rev().cloned().collect()),
        _ => node,
    })
}

fn merge(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let mut merged: Vec<(Rc<str>, Node)> = Vec::new();
    for at in 0..arguments.len() {
        let Data::Map(members) = value(arguments, at).data else { continue };
        for (key, value) in members.iter() {
            match merged.iter_mut().find(|(known, _)| known == key) {
                Some((_, known)) => *known = value.clone(),
                None => merged.push((key.clone(), value.clone())),
            }
        }
    }
    Ok(Node::map(merged))
}

fn not_null(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let mut nodes = (0..arguments.len()).map(|at| value(arguments, at));
    Ok(nodes.find(|node| !node.is_null()).unwrap_or_default())
}

fn to_array(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let node = value(arguments, 0);
    Ok(if node.items().is_some() { node } else { Node::list(vec![node]) })
}

fn to_number(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let node = value(arguments, 0);
    let Data::Text(text) = &node.data else {
        return Ok(if matches!(node.data, Data::Number(_)) { node } else { Node::default() });
    };
    let text = text.trim();
    let number = text.parse::<i64>().map(Number::from).ok();
    let number = number.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64));
    Ok(number.map_or_else(Node::default, |number| Node { data: Data::Number(number), facts: node.facts.clone() }))
}

/// A text stays; anything else becomes JSON of ASCII alone.
fn to_string(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    let node = value(arguments, 0);
    if node.as_text().is_some() {
        return Ok(node);
    }
    let mut out = String::new();
    for c in show::compact(&node).chars() {
        if c.is_ascii() && c != '\x7f' {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    let mut text = Node::text(out);
    node.all_facts(&mut text.facts);
    Ok(text)
}

fn type_of(_: &mut Machine, arguments: &[Argument]) -> Result<Node, String> {
    Ok(Node::text(kind(&value(arguments, 0))))
}
