//! Evaluates jq programs: pure, within a budget of work, over values that carry facts. A filter's outputs are handed on one
//! by one, so that `first` and `limit` stop what would not end. Does not know what functions compute.

use super::paths;
use super::syntax::{Definition, Tree};
use super::value::{NULL, TooLarge, Value, compare};
use super::{calls, functions};
use crate::console::page::Line;
use crate::stdx::time::Time;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::ops::Cmp;
use jaq_core::path::{Opt, Part};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// How much work one call may do: a step a filter, and more for what walks whole values.
const WORK_MAX: usize = 2_000_000;
/// How deep filters nest when they run; it bounds the stack.
const DEPTH_MAX: usize = 300;
/// How much text one call may build, in bytes.
const BUILT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Why a filter gives no more.
pub enum Stop {
    /// An error that `try` catches.
    Error(Value),
    Break(usize),
    /// A bound was reached: nothing catches it.
    Bound(String),
}

pub type Run<T> = Result<T, Stop>;

impl From<TooLarge> for Stop {
    fn from(_: TooLarge) -> Stop {
        Stop::Bound("a value grows beyond all bounds".to_string())
    }
}

pub fn error<T>(text: impl Into<String>) -> Run<T> {
    Err(Stop::Error(Value::text(text)))
}

/// A value, and where in the input it stands if somebody asks for paths.
#[derive(Clone, Debug)]
pub struct Item {
    pub value: Value,
    pub path: Option<Vec<Value>>,
}

impl Item {
    pub fn new(value: Value) -> Item {
        Item { value, path: None }
    }

    /// A new value, which has no place in the input: an error if paths are asked for.
    pub fn made(&self, value: Value) -> Run<Item> {
        if self.path.is_some() {
            return error(format!("Invalid path expression with result {}", functions::shown(&value)));
        }
        Ok(Item::new(value))
    }
}

/// What a name stands for.
enum Bound<'a> {
    Variable(&'a str, Value),
    Definition(&'a Definition<'a>),
    /// An argument: a filter with the names it sees.
    Closure(&'a str, &'a Tree<'a>, Env<'a>),
    Label(&'a str, usize),
}

/// The names that are known, the nearest first.
#[derive(Clone, Default)]
pub struct Env<'a>(Option<Rc<Node<'a>>>);

pub struct Node<'a> {
    bound: Bound<'a>,
    outer: Env<'a>,
}

impl<'a> Env<'a> {
    fn with(&self, bound: Bound<'a>) -> Env<'a> {
        Env(Some(Rc::new(Node { bound, outer: self.clone() })))
    }

    pub fn variable(&self, name: &'a str, value: Value) -> Env<'a> {
        self.with(Bound::Variable(name, value))
    }

    pub fn definition(&self, definition: &'a Definition<'a>) -> Env<'a> {
        self.with(Bound::Definition(definition))
    }

    fn nodes(&self) -> impl Iterator<Item = &Rc<Node<'a>>> {
        std::iter::successors(self.0.as_ref(), |node| node.outer.0.as_ref())
    }
}

/// Where outputs go.
pub type Out<'o, 'a> = &'o mut dyn FnMut(&mut Machine<'a>, Item) -> Run<()>;

pub struct Machine<'a> {
    pub now: Time,
    /// Inputs that `input` and `inputs` take.
    pub inputs: VecDeque<Value>,
    pub regexes: BTreeMap<(String, String), regex::Regex>,
    work: usize,
    built: usize,
    depth: usize,
    labels: usize,
    lifetime: std::marker::PhantomData<&'a ()>,
}

impl<'a> Machine<'a> {
    pub fn new(now: Time, inputs: VecDeque<Value>) -> Machine<'a> {
        Machine {
            now,
            inputs,
            regexes: BTreeMap::new(),
            work: WORK_MAX,
            built: BUILT_BYTES_MAX,
            depth: 0,
            labels: 0,
            lifetime: std::marker::PhantomData,
        }
    }

    /// Accounts for work.
    pub fn charge(&mut self, work: usize) -> Run<()> {
        if self.work < work {
            return Err(Stop::Bound(format!("stopped after {WORK_MAX} steps")));
        }
        self.work -= work;
        Ok(())
    }

    /// Accounts for text that was built.
    pub fn built(&mut self, line: Line) -> Run<Value> {
        if line.text.len() > super::super::TEXT_BYTES_MAX || line.text.len() > self.built {
            return Err(Stop::Bound("a text grows beyond all bounds".to_string()));
        }
        self.built -= line.text.len();
        Ok(Value::line(line))
    }

    /// Accounts for a list that was built.
    pub fn list(&mut self, items: Vec<Value>) -> Run<Value> {
        self.charge(items.len() / 8)?;
        Ok(Value::list(items)?)
    }

    /// All outputs of a filter.
    pub fn all(&mut self, term: &'a Tree<'a>, env: &Env<'a>, value: &Value) -> Run<Vec<Value>> {
        let mut outputs = Vec::new();
        self.eval(term, env, Item::new(value.clone()), &mut |_, item| {
            outputs.push(item.value);
            Ok(())
        })?;
        Ok(outputs)
    }

    pub fn eval(&mut self, term: &'a Tree<'a>, env: &Env<'a>, item: Item, out: Out<'_, 'a>) -> Run<()> {
        self.charge(1)?;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Stop::Bound("the program is nested too deep".to_string()));
        }
        let run = self.term(term, env, item, out);
        self.depth -= 1;
        run
    }

    fn term(&mut self, term: &'a Tree<'a>, env: &Env<'a>, item: Item, out: Out<'_, 'a>) -> Run<()> {
        match term {
            Term::Id => out(self, item),
            Term::Recurse => paths::recurse(self, item, out),
            Term::Num(text) => {
                let made = item.made(Value::number(text.parse().unwrap_or(0.0)))?;
                out(self, made)
            }
            Term::Str(format, parts) => self.interpolate(*format, parts, env, item, out),
            Term::Arr(None) => {
                let made = item.made(Value::list(Vec::new())?)?;
                out(self, made)
            }
            Term::Arr(Some(inner)) => {
                let outputs = self.all(inner, env, &item.value)?;
                let list = self.list(outputs)?;
                let made = item.made(list)?;
                out(self, made)
            }
            Term::Obj(entries) => self.object(entries, env, &item, Vec::new(), out),
            Term::Neg(inner) => self.eval(inner, env, Item::new(item.value), &mut |machine, value| {
                let negated = functions::negate(&value.value)?;
                out(machine, Item::new(negated))
            }),
            Term::BinOp(left, op, right) => self.binary(left, op, right, env, item, out),
            Term::Label(name, inner) => self.label(name, inner, env, item, out),
            Term::Break(name) => {
                let label = env.nodes().find_map(|n| match n.bound {
                    Bound::Label(known, id) if known == *name => Some(id),
                    _ => None,
                });
                label.map_or_else(|| error(format!("$*label-{} is not defined", &name[1..])), |id| Err(Stop::Break(id)))
            }
            Term::Fold(kind, source, pattern, arguments) => {
                self.fold(kind, (source, pattern), arguments, env, item, out)
            }
            Term::TryCatch(inner, catch) => self.try_catch(inner, catch.as_deref(), env, item, out),
            Term::IfThenElse(branches, otherwise) => self.branch(branches, otherwise.as_deref(), env, item, out),
            Term::Def(definitions, inner) => {
                let inner_env = definitions.iter().fold(env.clone(), |env, d| env.definition(d));
                self.eval(inner, &inner_env, item, out)
            }
            Term::Call(name, arguments) => self.call(name, arguments, env, item, out),
            Term::Var(name) => {
                let value = self.variable(name, env)?;
                let made = item.made(value)?;
                out(self, made)
            }
            Term::Path(head, path) => {
                let base = item.value.clone();
                self.eval(head, env, item, &mut |machine, item| machine.steps(&path.0, env, &base, item, out))
            }
        }
    }

    fn variable(&mut self, name: &str, env: &Env<'a>) -> Run<Value> {
        let found = env.nodes().find_map(|n| match &n.bound {
            Bound::Variable(known, value) if *known == name => Some(value.clone()),
            _ => None,
        });
        match found {
            Some(value) => Ok(value),
            None if name == "$ENV" || name == "$__prog_args" => {
                Err(Stop::Bound(format!("{name} is not part of this jq: a program sees its input alone")))
            }
            None => Err(Stop::Bound(format!("{name} is not defined"))),
        }
    }

    fn label(&mut self, name: &'a str, inner: &'a Tree<'a>, env: &Env<'a>, item: Item, out: Out<'_, 'a>) -> Run<()> {
        self.labels += 1;
        let id = self.labels;
        let depth = self.depth;
        match self.eval(inner, &env.with(Bound::Label(name, id)), item, out) {
            Err(Stop::Break(found)) if found == id => {
                self.depth = depth;
                Ok(())
            }
            run => run,
        }
    }

    fn try_catch(
        &mut self,
        inner: &'a Tree<'a>,
        catch: Option<&'a Tree<'a>>,
        env: &Env<'a>,
        item: Item,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        let depth = self.depth;
        // An error of what comes after the `try` is not its own: it passes through, marked.
        let mut later = None;
        let run = self.eval(inner, env, item, &mut |machine, item| match out(machine, item) {
            Err(Stop::Error(value)) => {
                later = Some(value);
                Err(Stop::Break(0))
            }
            run => run,
        });
        if let Some(value) = later {
            return Err(Stop::Error(value));
        }
        let Err(Stop::Error(value)) = run else { return run };
        self.depth = depth;
        // `error(break)` inside `try` ends it quietly.
        match catch {
            None => Ok(()),
            Some(catch) => self.eval(catch, env, Item::new(value), out),
        }
    }

    fn branch(
        &mut self,
        branches: &'a [(Tree<'a>, Tree<'a>)],
        otherwise: Option<&'a Tree<'a>>,
        env: &Env<'a>,
        item: Item,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        let Some(((condition, then), rest)) = branches.split_first() else {
            return match otherwise {
                Some(otherwise) => self.eval(otherwise, env, item, out),
                None => out(self, item),
            };
        };
        let input = Item::new(item.value.clone());
        self.eval(condition, env, input, &mut |machine, verdict| {
            if verdict.value.is_true() {
                machine.eval(then, env, item.clone(), out)
            } else {
                machine.branch(rest, otherwise, env, item.clone(), out)
            }
        })
    }

    fn interpolate(
        &mut self,
        format: Option<&'a str>,
        parts: &'a [StrPart<&'a str, Tree<'a>>],
        env: &Env<'a>,
        item: Item,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        let mut texts = vec![Line::default()];
        for part in parts {
            match part {
                StrPart::Str(text) => texts.iter_mut().for_each(|t| t.push(text)),
                StrPart::Char(c) => texts.iter_mut().for_each(|t| t.push(c.encode_utf8(&mut [0; 4]))),
                StrPart::Term(term) => {
                    let mut grown = Vec::new();
                    for value in self.all(term, env, &item.value)? {
                        let piece = functions::format(self, format.unwrap_or("@text"), &value)?;
                        for text in &texts {
                            let mut text = text.clone();
                            text.push_part(&piece, 0..piece.text.len());
                            grown.push(text);
                        }
                        self.charge(texts.len())?;
                    }
                    texts = grown;
                }
            }
        }
        for text in texts {
            let value = self.built(text)?;
            let made = item.made(value)?;
            out(self, made)?;
        }
        Ok(())
    }

    fn object(
        &mut self,
        entries: &'a [(Tree<'a>, Option<Tree<'a>>)],
        env: &Env<'a>,
        item: &Item,
        pairs: Vec<(Rc<str>, Value)>,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        let Some(((key, value), rest)) = entries.split_first() else {
            self.charge(pairs.len())?;
            let made = item.made(Value::pairs(pairs)?)?;
            return out(self, made);
        };
        // `{$x}` names the variable, `{a}` takes the field.
        let keys = match key {
            Term::Var(name) => vec![Value::text(&name[1..])],
            key => self.all(key, env, &item.value)?,
        };
        for found in keys {
            let Value::Text(name) = &found else {
                return error(format!("Object keys must be strings, not {}", functions::shown(&found)));
            };
            let name: Rc<str> = name.text.as_str().into();
            let values = match (value, key) {
                (Some(value), _) => self.all(value, env, &item.value)?,
                (None, Term::Var(variable)) => vec![self.variable(variable, env)?],
                (None, _) => vec![functions::index(&item.value, &found)?],
            };
            for value in values {
                let mut pairs = pairs.clone();
                pairs.push((Rc::clone(&name), value));
                self.object(rest, env, item, pairs, out)?;
            }
        }
        Ok(())
    }

    fn binary(
        &mut self,
        left: &'a Tree<'a>,
        op: &'a BinaryOp<&'a str>,
        right: &'a Tree<'a>,
        env: &Env<'a>,
        item: Item,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        match op {
            BinaryOp::Pipe(None) => {
                self.eval(left, env, item, &mut |machine, item| machine.eval(right, env, item, out))
            }
            BinaryOp::Pipe(Some(pattern)) => {
                let input = Item::new(item.value.clone());
                self.eval(left, env, input, &mut |machine, bound| {
                    let env = machine.destructure(pattern, bound.value, env)?;
                    machine.eval(right, &env, item.clone(), out)
                })
            }
            BinaryOp::Comma => {
                self.eval(left, env, item.clone(), out)?;
                self.eval(right, env, item, out)
            }
            BinaryOp::Alt => self.alternative(left, right, env, item, out),
            BinaryOp::And | BinaryOp::Or => {
                let stops = matches!(op, BinaryOp::Or);
                let input = Item::new(item.value.clone());
                self.eval(left, env, input.clone(), &mut |machine, a| {
                    if a.value.is_true() == stops {
                        return out(machine, Item::new(Value::truth(stops)));
                    }
                    machine.eval(right, env, input.clone(), &mut |machine, b| {
                        out(machine, Item::new(Value::truth(b.value.is_true())))
                    })
                })
            }
            BinaryOp::Math(math) => self.pairs(left, right, env, &item, &mut |machine, a, b| {
                let value = functions::math(machine, *math, &a, &b)?;
                let made = item.made(value)?;
                out(machine, made)
            }),
            BinaryOp::Cmp(cmp) => self.pairs(left, right, env, &item, &mut |machine, a, b| {
                machine.charge(a.weight().min(b.weight()) / 8)?;
                let order = compare(&a, &b);
                let holds = match cmp {
                    Cmp::Lt => order.is_lt(),
                    Cmp::Le => order.is_le(),
                    Cmp::Gt => order.is_gt(),
                    Cmp::Ge => order.is_ge(),
                    Cmp::Eq => order.is_eq(),
                    Cmp::Ne => order.is_ne(),
                };
                let made = item.made(Value::truth(holds))?;
                out(machine, made)
            }),
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                paths::update(self, left, op, (right, env), item, out)
            }
        }
    }

    /// `left // right`: what is true of the left side, else the right one.
    fn alternative(
        &mut self,
        left: &'a Tree<'a>,
        right: &'a Tree<'a>,
        env: &Env<'a>,
        item: Item,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        let mut any = false;
        let depth = self.depth;
        let run = self.eval(left, env, item.clone(), &mut |machine, item| {
            if !item.value.is_true() {
                return Ok(());
            }
            any = true;
            out(machine, item)
        });
        match run {
            // Errors of the left side are as good as nothing.
            Err(Stop::Error(_)) | Ok(()) if !any => {
                self.depth = depth;
                self.eval(right, env, item, out)
            }
            run => run,
        }
    }

    /// Every pair of outputs of two filters; the right one is the outer loop, as in jq.
    fn pairs(
        &mut self,
        left: &'a Tree<'a>,
        right: &'a Tree<'a>,
        env: &Env<'a>,
        item: &Item,
        each: &mut dyn FnMut(&mut Machine<'a>, Value, Value) -> Run<()>,
    ) -> Run<()> {
        for b in self.all(right, env, &item.value)? {
            for a in self.all(left, env, &item.value)? {
                each(self, a, b.clone())?;
            }
        }
        Ok(())
    }

    /// Names for the parts of a value.
    pub fn destructure(&mut self, pattern: &'a Pattern<&'a str>, value: Value, env: &Env<'a>) -> Run<Env<'a>> {
        Ok(match pattern {
            Pattern::Var(name) => env.variable(name, value),
            Pattern::Arr(parts) => {
                let mut env = env.clone();
                for (at, part) in parts.iter().enumerate() {
                    let found = functions::index(&value, &Value::number(at as f64))?;
                    env = self.destructure(part, found, &env)?;
                }
                env
            }
            Pattern::Obj(parts) => {
                let mut env = env.clone();
                for (key, part) in parts {
                    let key = self.all(key, &env, &value)?.pop().unwrap_or(NULL);
                    let found = functions::index(&value, &key)?;
                    env = self.destructure(part, found, &env)?;
                }
                env
            }
        })
    }

    fn fold(
        &mut self,
        kind: &str,
        (source, pattern): (&'a Tree<'a>, &'a Pattern<&'a str>),
        arguments: &'a [Tree<'a>],
        env: &Env<'a>,
        item: Item,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        let (Some(init), Some(update)) = (arguments.first(), arguments.get(1)) else {
            return Err(Stop::Bound(format!("{kind} takes an initial value and an update")));
        };
        let extract = arguments.get(2);
        let mut starts = Vec::new();
        self.eval(init, env, item.clone(), &mut |_, start| {
            starts.push(start);
            Ok(())
        })?;
        for start in starts {
            let mut state = Some(start);
            let input = Item::new(item.value.clone());
            self.eval(source, env, input, &mut |machine, bound| {
                let env = machine.destructure(pattern, bound.value, env)?;
                let Some(before) = state.take() else { return Ok(()) };
                let mut after = Vec::new();
                machine.eval(update, &env, before, &mut |_, item| {
                    after.push(item);
                    Ok(())
                })?;
                if kind == "foreach" {
                    for item in &after {
                        match extract {
                            Some(extract) => machine.eval(extract, &env, item.clone(), out)?,
                            None => out(machine, item.clone())?,
                        }
                    }
                }
                state = after.pop();
                Ok(())
            })?;
            if kind == "reduce" {
                let end = state.unwrap_or_else(|| Item::new(NULL));
                out(self, end)?;
            }
        }
        Ok(())
    }

    /// Follows the parts of a path: `.a[0].b?`.
    fn steps(
        &mut self,
        parts: &'a [(Part<Tree<'a>>, Opt)],
        env: &Env<'a>,
        base: &Value,
        item: Item,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        let Some(((part, opt), rest)) = parts.split_first() else { return out(self, item) };
        self.charge(1)?;
        let optional = matches!(opt, Opt::Optional);
        let mut follow = |machine: &mut Machine<'a>, next: Run<Item>| match next {
            Ok(item) => machine.steps(rest, env, base, item, out),
            Err(Stop::Error(_)) if optional => Ok(()),
            Err(stop) => Err(stop),
        };
        match part {
            Part::Index(key) => {
                for key in self.all(key, env, base)? {
                    let next = paths::step(&item, key);
                    follow(self, next)?;
                }
            }
            Part::Range(None, None) => match paths::children(self, &item) {
                Ok(children) => {
                    for child in children {
                        follow(self, Ok(child))?;
                    }
                }
                Err(stop) => follow(self, Err(stop))?,
            },
            Part::Range(from, to) => {
                let ends = |machine: &mut Machine<'a>, end: &'a Option<Tree<'a>>| match end {
                    Some(end) => machine.all(end, env, base),
                    None => Ok(vec![NULL]),
                };
                for to in ends(self, to)? {
                    for from in ends(self, from)? {
                        let next = paths::slice(self, &item, &from, &to);
                        follow(self, next)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn call(
        &mut self,
        name: &'a str,
        arguments: &'a [Tree<'a>],
        env: &Env<'a>,
        item: Item,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        for node in env.nodes() {
            match &node.bound {
                Bound::Closure(known, term, closed) if *known == name && arguments.is_empty() => {
                    let (term, closed) = (*term, closed.clone());
                    return self.eval(term, &closed, item, out);
                }
                Bound::Definition(definition)
                    if definition.name == name && definition.args.len() == arguments.len() =>
                {
                    let definition: &'a Definition<'a> = definition;
                    let inner = Env(Some(Rc::clone(node)));
                    let pairs: Vec<(&'a str, &'a Tree<'a>)> =
                        definition.args.iter().copied().zip(arguments.iter()).collect();
                    return self.enter(definition, &pairs, (env, inner), item, out);
                }
                _ => {}
            }
        }
        calls::native(self, name, arguments, env, item, out)
    }

    /// Binds the arguments of a definition one by one; `$name` is every value of its filter in turn.
    fn enter(
        &mut self,
        definition: &'a Definition<'a>,
        pairs: &[(&'a str, &'a Tree<'a>)],
        (outer, inner): (&Env<'a>, Env<'a>),
        item: Item,
        out: Out<'_, 'a>,
    ) -> Run<()> {
        let Some(((name, term), rest)) = pairs.split_first() else {
            return self.eval(&definition.body, &inner, item, out);
        };
        if let Some(bare) = name.strip_prefix('$') {
            for value in self.all(term, outer, &item.value)? {
                let env = inner.with(Bound::Closure(bare, term, outer.clone())).variable(name, value);
                self.enter(definition, rest, (outer, env), item.clone(), out)?;
            }
            return Ok(());
        }
        let env = inner.with(Bound::Closure(name, term, outer.clone()));
        self.enter(definition, rest, (outer, env), item, out)
    }
}
