//! Answers as ordered trees whose scalars know what they show. Made from a service's answer by its output shape; queries
//! and formats read them. Does not know options or how anything is printed.

use super::{document, stamp};
use crate::console::fact::{Fact, ObjectId};
use crate::console::rows;
use crate::world::aws::call::{Answer, Is};
use crate::world::aws::model::{Model, Of, Place, Scalar, Shape};
use serde_json::{Number, Value};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Facts of one printed piece; mostly none or one.
pub type Facts = Vec<Arc<Fact>>;

/// A value of an answer.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub data: Data,
    pub facts: Facts,
}

/// What a value is. Trees are shared, so that queries copy nothing large.
#[derive(Clone, Debug, Default)]
pub enum Data {
    #[default]
    Null,
    Yes(bool),
    Number(Number),
    Text(Rc<str>),
    List(Rc<Vec<Node>>),
    Map(Rc<Vec<(Rc<str>, Node)>>),
}

impl Node {
    pub fn text(text: impl Into<Rc<str>>) -> Node {
        Node { data: Data::Text(text.into()), facts: Vec::new() }
    }

    pub fn list(items: Vec<Node>) -> Node {
        Node { data: Data::List(Rc::new(items)), facts: Vec::new() }
    }

    pub fn map(members: Vec<(Rc<str>, Node)>) -> Node {
        Node { data: Data::Map(Rc::new(members)), facts: Vec::new() }
    }

    pub fn number(number: impl Into<Number>) -> Node {
        Node { data: Data::Number(number.into()), facts: Vec::new() }
    }

    /// Of a plain JSON value: shows nothing.
    pub fn plain(value: &Value) -> Node {
        match value {
            Value::Null => Node::default(),
            Value::Bool(yes) => Node { data: Data::Yes(*yes), facts: Vec::new() },
            Value::Number(number) => Node::number(number.clone()),
            Value::String(text) => Node::text(text.as_str()),
            Value::Array(items) => Node::list(items.iter().map(Node::plain).collect()),
            Value::Object(members) => {
                Node::map(members.iter().map(|(key, value)| (Rc::from(key.as_str()), Node::plain(value))).collect())
            }
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// Neither a list nor a map.
    pub fn is_scalar(&self) -> bool {
        !matches!(self.data, Data::List(_) | Data::Map(_))
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.data {
            Data::Map(members) => members.iter().find(|(name, _)| **name == *key).map(|(_, node)| node),
            _ => None,
        }
    }

    pub fn items(&self) -> Option<&[Node]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// Puts one more at the end of a member that is a list.
    pub fn append(&mut self, key: &str, item: Node) {
        let Data::Map(members) = &mut self.data else { return };
        let list = Rc::make_mut(members).iter_mut().find(|(name, _)| **name == *key);
        if let Some((_, Node { data: Data::List(items), .. })) = list {
            Rc::make_mut(items).push(item);
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// As the client's language prints it: `True`, `None`, `5.0`, `['a', 1]`.
    pub fn words(&self) -> String {
        match &self.data {
            Data::Text(text) => text.to_string(),
            _ => self.repr(),
        }
    }

    /// Like [`Node::words`], with quotes around texts.
    pub fn repr(&self) -> String {
        match &self.data {
            Data::Null => "None".into(),
            Data::Yes(true) => "True".into(),
            Data::Yes(false) => "False".into(),
            Data::Number(number) => numeral(number),
            Data::Text(text) => quoted(text),
            Data::List(items) => format!("[{}]", items.iter().map(Node::repr).collect::<Vec<_>>().join(", ")),
            Data::Map(members) => {
                let pairs = members.iter().map(|(key, node)| format!("{}: {}", quoted(key), node.repr()));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// A scalar as facts state it.
    fn plain_words(&self) -> String {
        match &self.data {
            Data::Text(text) => text.to_string(),
            Data::Yes(yes) => yes.to_string(),
            Data::Number(number) => number.to_string(),
            _ => String::new(),
        }
    }

    /// Every fact in it.
    pub fn all_facts(&self, into: &mut Facts) {
        into.extend(self.facts.iter().cloned());
        match &self.data {
            Data::List(items) => items.iter().for_each(|node| node.all_facts(into)),
            Data::Map(members) => members.iter().for_each(|(_, node)| node.all_facts(into)),
            _ => {}
        }
    }
}

/// A text in the client's language: single quotes unless it holds some.
pub fn quoted(text: &str) -> String {
    let mark = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(mark);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == mark => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push(mark);
    out
}

/// A number as the client prints it: floats show that they are, exponents from 1e+16 on and below 1e-4.
pub fn numeral(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(value) => float(value),
        None => number.to_string(),
    }
}

fn float(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e16).contains(&size) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, power)) => {
            let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
            format!("{digits}e{sign}{power:0>2}")
        }
        None => text,
    }
}

/// What parts of an answer show, by their JSON pointers.
struct Shown<'a> {
    model: &'a Model,
    subjects: BTreeMap<&'a str, Vec<&'a Is>>,
}

/// Where the walk stands: the innermost subjects, and what leads from them to here.
#[derive(Clone)]
struct Here<'a> {
    subjects: Rc<Vec<(&'a Is, Facts)>>,
    path: String,
}

/// The answer as a tree in the order of the output shape: what travels in headers first, as the client reads it.
pub fn of(model: &Model, output: &str, answer: &Answer) -> Node {
    let mut subjects: BTreeMap<&str, Vec<&Is>> = BTreeMap::new();
    for subject in &answer.subjects {
        subjects.entry(subject.at.as_str()).or_default().push(&subject.is);
    }
    let shown = Shown { model, subjects };
    let nowhere = Here { subjects: Rc::new(Vec::new()), path: String::new() };
    let Some(structure) = model.structure(output) else { return Node::map(Vec::new()) };
    let place = shown.enter(&nowhere, "");
    let mut pointer = String::new();
    let mut members = Vec::new();
    let headed = structure.members.iter().filter(|m| m.place != Place::Body);
    let bodied = structure.members.iter().filter(|m| m.place == Place::Body);
    for member in headed.chain(bodied) {
        let payload = member.name == structure.payload;
        if payload && matches!(model.shape(&member.shape), Some(Shape::Scalar(Scalar { of: Of::Blob, .. }))) {
            // It goes into a file.
            continue;
        }
        let Some(value) = answer.body.get(&member.name).filter(|value| !value.is_null()) else { continue };
        let format = if member.place == Place::Body { member.format.as_str() } else { "rfc822" };
        let node = shown.member(&place, &mut pointer, &member.name, &member.shape, (value, format));
        members.push((Rc::from(member.name.as_str()), node));
    }
    let mut node = Node::map(members);
    if matches!(&node.data, Data::Map(members) if members.is_empty()) {
        node.facts = place.facts("");
    }
    node
}

impl<'a> Shown<'a> {
    /// The place after one step: subjects that begin here replace those around them.
    fn enter(&self, around: &Here<'a>, pointer: &str) -> Here<'a> {
        let Some(found) = self.subjects.get(pointer) else { return around.clone() };
        let subjects = found.iter().map(|is| (*is, whole(is))).collect();
        Here { subjects: Rc::new(subjects), path: String::new() }
    }

    fn member(
        &self,
        around: &Here<'a>,
        pointer: &mut String,
        name: &str,
        shape: &str,
        (value, format): (&Value, &str),
    ) -> Node {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        let mut place = self.enter(around, pointer);
        if Rc::ptr_eq(&place.subjects, &around.subjects) && !place.subjects.is_empty() {
            if !place.path.is_empty() {
                place.path.push('.');
            }
            place.path.push_str(name);
        }
        let node = self.value(&place, pointer, shape, (value, format));
        pointer.truncate(length);
        node
    }

    fn value(&self, place: &Here<'a>, pointer: &mut String, shape: &str, (value, format): (&Value, &str)) -> Node {
        match (self.model.shape(shape), value) {
            (Some(Shape::Struct(structure)), Value::Object(given)) => {
                let mut members = Vec::new();
                for member in &structure.members {
                    let Some(value) = given.get(&member.name).filter(|value| !value.is_null()) else { continue };
                    let value = (value, member.format.as_str());
                    let node = self.member(place, pointer, &member.name, &member.shape, value);
                    members.push((Rc::from(member.name.as_str()), node));
                }
                self.empty_or(Node::map(members), place, given.is_empty())
            }
            (Some(Shape::List(list)), Value::Array(items)) => {
                let nodes = items.iter().enumerate().map(|(index, item)| {
                    let length = pointer.len();
                    pointer.push_str(&format!("/{index}"));
                    let mut inner = self.enter(place, pointer);
                    if Rc::ptr_eq(&inner.subjects, &place.subjects) && !inner.subjects.is_empty() {
                        inner.path.push_str(&format!("[{}]", called(item, index)));
                    }
                    let node = self.value(&inner, pointer, &list.member, (item, ""));
                    pointer.truncate(length);
                    node
                });
                self.empty_or(Node::list(nodes.collect()), place, items.is_empty())
            }
            (Some(Shape::Map(map)), Value::Object(given)) => {
                let entries = given.iter().map(|(key, value)| {
                    (Rc::from(key.as_str()), self.member(place, pointer, key, &map.value, (value, "")))
                });
                self.empty_or(Node::map(entries.collect()), place, given.is_empty())
            }
            (Some(Shape::Scalar(_)), Value::String(text)) if document::is_one(&self.model.service, shape) => {
                let node = document::read(text).unwrap_or_else(|| Node::text(text.as_str()));
                inside(node, place, "")
            }
            (Some(Shape::Scalar(scalar)), value) => self.scalar(place, scalar, (value, format)),
            (_, value) => self.loose(place, value),
        }
    }

    /// An empty part is shown as empty.
    fn empty_or(&self, mut node: Node, place: &Here<'a>, empty: bool) -> Node {
        if empty {
            node.facts = place.facts("");
        }
        node
    }

    fn scalar(&self, place: &Here<'a>, scalar: &Scalar, (value, format): (&Value, &str)) -> Node {
        let format = if format.is_empty() { scalar.format.as_str() } else { format };
        let mut node = match (scalar.of, value) {
            (Of::Timestamp, value) if value.is_i64() => {
                stamp::on_the_wire(self.model, format, value.as_i64().unwrap_or_default())
            }
            (Of::Double | Of::Float, Value::Number(number)) => {
                Node::number(number.as_f64().and_then(Number::from_f64).unwrap_or_else(|| number.clone()))
            }
            (_, value) => Node::plain(value),
        };
        node.facts = place.facts(&plain_words(value));
        if let Value::String(text) = value {
            place.inner_facts(text, &mut node.facts);
        }
        node
    }

    /// A value that the model does not describe.
    fn loose(&self, place: &Here<'a>, value: &Value) -> Node {
        let mut node = Node::plain(value);
        if node.is_scalar() {
            node.facts = place.facts(&plain_words(value));
        }
        node
    }
}

/// The fact that a whole part shows, made once and shared by its scalars.
fn whole(is: &Is) -> Facts {
    let fact = match is {
        Is::Attributes { .. } => return Vec::new(),
        Is::Record(record) => {
            // A log group's records are about the group. Some writers name it as the namespace, some as the container of
            // a record whose namespace is the kind.
            let group = if record.namespace.starts_with("AWS::") { &record.container } else { &record.namespace };
            let pod = ObjectId { kind: "AWS::Logs::LogGroup".into(), name: group.to_string(), ..ObjectId::default() };
            let mut facts = vec![Arc::new(super::show::record(record, pod))];
            if &*record.template == "flow" {
                let fields = record.fields.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
                facts.push(Arc::new(Fact::Row { table: "flow".into(), at: record.at, fields, of: 0 }));
            }
            return facts;
        }
        Is::Metric { name, labels, from, to, value } => {
            Fact::Metric { name: name.clone(), labels: labels.clone(), from: *from, to: *to, value: *value }
        }
        Is::Row { table, at, fields, .. } => rows::whole(table, *at, fields.clone()),
        Is::Deed { who, verb, kind, name, at, changed } => {
            let object = ObjectId { kind: kind.clone(), name: name.clone(), ..ObjectId::default() };
            let fact = |path: &str, before: &str, after: &str| Fact::Change {
                who: who.clone(),
                verb: verb.clone(),
                object: object.clone(),
                at: *at,
                path: path.to_string(),
                before: before.to_string(),
                after: after.to_string(),
            };
            if changed.is_empty() {
                return vec![Arc::new(fact("", "", ""))];
            }
            return changed
                .iter()
                .map(|c| {
                    Arc::new(fact(
                        &c.path,
                        c.before.as_deref().unwrap_or_default(),
                        c.after.as_deref().unwrap_or_default(),
                    ))
                })
                .collect();
        }
    };
    vec![Arc::new(fact)]
}

impl Here<'_> {
    /// What a scalar with this value shows here.
    fn facts(&self, value: &str) -> Facts {
        let mut facts = Facts::new();
        for (is, shared) in self.subjects.iter() {
            match is {
                Is::Attributes { kind, name, base } => {
                    facts.push(Arc::new(attribute(kind, name, &joined(base, &self.path), value)));
                }
                // Each scalar of a row shows its own column only.
                Is::Row { places, .. } => {
                    let stands = |column: &str| places.iter().any(|(place, own)| own == column && *place == self.path);
                    let fixed = |column: &str| places.iter().all(|(_, own)| own != column);
                    facts.extend(shared.iter().map(|row| rows::piece(row, |name| fixed(name) || stands(name))));
                }
                // A record of a flow log is a row where its text is printed.
                Is::Record(record) if !value.contains(&*record.text) => facts.extend(shared.first().cloned()),
                _ => facts.extend(shared.iter().cloned()),
            }
        }
        facts
    }

    /// An attribute that is a JSON document shows what stands in it: `RedrivePolicy.maxReceiveCount`.
    fn inner_facts(&self, text: &str, facts: &mut Facts) {
        let attributes = self.subjects.iter().any(|(is, _)| matches!(is, Is::Attributes { .. }));
        if !attributes || !text.starts_with(['{', '[']) {
            return;
        }
        let Ok(document) = serde_json::from_str::<Value>(text) else { return };
        for (is, _) in self.subjects.iter() {
            if let Is::Attributes { kind, name, base } = is {
                let path = joined(base, &self.path);
                leaves(&document, &path, &mut |path, value| {
                    facts.push(Arc::new(attribute(kind, name, path, value)));
                });
            }
        }
    }
}

fn attribute(kind: &str, name: &str, path: &str, value: &str) -> Fact {
    let object = ObjectId { kind: kind.to_string(), name: name.to_string(), ..ObjectId::default() };
    Fact::Field { object, path: path.to_string(), value: value.to_string() }
}

fn joined(base: &str, path: &str) -> String {
    match (base.is_empty(), path.is_empty() || path.starts_with('[')) {
        (true, _) => path.to_string(),
        (_, true) => format!("{base}{path}"),
        _ => format!("{base}.{path}"),
    }
}

/// A document's tree, whose scalars show what stands in it: `AssumeRolePolicyDocument.Statement[0].Action`.
fn inside(mut node: Node, place: &Here, below: &str) -> Node {
    match &node.data {
        Data::Map(members) if !members.is_empty() => {
            let members =
                members.iter().map(|(key, value)| (Rc::clone(key), inside(value.clone(), place, &joined(below, key))));
            Node::map(members.collect())
        }
        Data::List(items) if !items.is_empty() => {
            let items = items.iter().enumerate().map(|(index, item)| {
                let name = NAMES.iter().find_map(|key| item.get(key)?.as_text());
                let name = name.map_or_else(|| index.to_string(), str::to_string);
                inside(item.clone(), place, &format!("{below}[{name}]"))
            });
            Node::list(items.collect())
        }
        _ => {
            let words = if node.is_scalar() && !node.is_null() { node.plain_words() } else { String::new() };
            let path = if below.is_empty() { place.path.clone() } else { joined(&place.path, below) };
            let here = Here { subjects: Rc::clone(&place.subjects), path };
            node.facts = here.facts(&words);
            node
        }
    }
}

/// Every scalar of a document with its path.
fn leaves(value: &Value, path: &str, each: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                leaves(value, &joined(path, key), each);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &format!("{path}[{}]", called(value, index)), each);
            }
        }
        value => each(path, &plain_words(value)),
    }
}

/// What list elements are called by.
const NAMES: &[&str] = &["Name", "Key", "Sid", "Id", "id", "key", "name"];

/// A list element's name in a path: what it calls itself, else its index.
fn called(item: &Value, index: usize) -> String {
    let name = NAMES.iter().find_map(|key| item.get(key)?.as_str());
    name.map_or_else(|| index.to_string(), str::to_string)
}

/// A scalar as facts state it: timestamps stay whole milliseconds in the world's values.
fn plain_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
