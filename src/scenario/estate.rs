//! Estates: the stages that scenarios share. Reads manifests (ordinary Kubernetes YAML) and descriptions of programs,
//! with names drawn, within limits. Does not build the world.

use super::base;
use super::format::ESTATE;
use super::keys::{self, Place};
use super::problem::Problem;
use super::skin::{self, Draws};
use super::source::Pack;
use super::tree::{self, Data, Tree};
use crate::stdx::time::Span;
use serde_json::{Map, Value};

/// Objects of an estate.
const OBJECTS_MAX: usize = 500;
/// Replicas of one workload, and nodes of an estate.
pub const REPLICAS_MAX: i64 = 500;

/// What an estate says, names drawn.
#[derive(Clone, Debug)]
pub struct Estate {
    /// How old its nodes are when the warm-up begins.
    pub born: Span,
    /// Images with tags that can be pulled besides those of its manifests.
    pub images: Vec<String>,
    pub manifests: Vec<Manifest>,
    pub apps: Programs,
    /// `account.toml`: the AWS account, if the estate has one.
    pub account: Programs,
}

/// `apps.toml` and `account.toml`: what the estate's programs do and what its account holds, read but not yet understood
/// (the world does that).
#[derive(Clone, Debug)]
pub struct Programs {
    pub file: String,
    pub source: String,
    pub tree: Tree,
}

/// One object, and where it was written.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub file: String,
    pub line: u32,
    pub value: Value,
}

/// Reads an estate; draws what the scenario did not draw.
pub fn read(pack: &Pack, name: &str, seed: u64, draws: &mut Draws) -> Result<Estate, Vec<Problem>> {
    let Some(files) = pack.estates.get(name) else {
        let shown = format!("{}/scenario.toml", pack.shown);
        let source = pack.text("scenario.toml").unwrap_or_default();
        let start = source.find("estate").unwrap_or(0);
        let known: Vec<&str> = pack.estates.keys().map(String::as_str).collect();
        let message = format!("there is no estate `{name}`");
        let problem = Problem::at(&shown, source, start..start + 6, "unknown-estate", message);
        return Err(vec![problem.hint(format!("there are: {}", known.join(", ")))]);
    };
    let mut problems = Vec::new();
    let (mut born, mut images) = (Span::ZERO, Vec::new());
    let empty = Tree { span: 0..0, data: Data::Table(Vec::new()) };
    let mut apps = Programs { file: String::new(), source: String::new(), tree: empty };
    let mut account = apps.clone();
    let mut manifests = Vec::new();
    let stack = match base::stack(pack, name, files) {
        Ok(stack) => stack,
        Err(problem) => return Err(vec![*problem]),
    };
    // `estate.toml` first: it draws the names that the others hold.
    let mut paths = stack.files();
    paths.sort_by_key(|(path, _)| (*path != "estate.toml", *path));
    for (path, sources) in paths {
        let texts = match base::texts(&sources) {
            Ok(texts) => texts,
            Err(problem) => {
                problems.push(*problem);
                continue;
            }
        };
        for (shown, text) in &texts {
            if path == "estate.toml" {
                let (age, further) = read_head(shown, text, seed, draws, &mut problems);
                born = if born == Span::ZERO { age } else { born };
                images.extend(further);
            } else if path == "apps.toml" || path == "account.toml" {
                let source = skin::expand(text, draws);
                let (tree, mut syntax) = tree::parse(shown, &source);
                problems.append(&mut syntax);
                let whole = if path == "apps.toml" { &mut apps } else { &mut account };
                whole.add(shown, tree, source);
            } else if path.ends_with(".yaml") {
                read_manifests(shown, &skin::expand(text, draws), &mut manifests, &mut problems);
            }
        }
    }
    if manifests.len() > OBJECTS_MAX {
        let message = format!("the estate has {} objects; at most {OBJECTS_MAX}", manifests.len());
        problems.push(Problem::of_file(&format!("scenarios/_estates/{name}"), "too-many", message));
    }
    if problems.is_empty() { Ok(Estate { born, images, manifests, apps, account }) } else { Err(problems) }
}

fn read_head(
    shown: &str,
    text: &str,
    seed: u64,
    draws: &mut Draws,
    problems: &mut Vec<Problem>,
) -> (Span, Vec<String>) {
    let (tree, syntax) = tree::parse(shown, text);
    let mut place = Place { file: shown, source: text, problems: syntax };
    keys::check(&tree, &ESTATE, &mut place);
    if let Some(skin) = tree.get("skin") {
        skin::draw(skin, seed, draws, &mut place);
    }
    problems.append(&mut place.problems);
    let born = tree.get("born").and_then(Tree::text).and_then(Span::parse).unwrap_or(Span::ZERO);
    (born, super::lower::images(&tree))
}

impl Programs {
    /// Puts a file under what is there already.
    fn add(&mut self, shown: &str, tree: Tree, source: String) {
        if self.file.is_empty() {
            *self = Programs { file: shown.to_string(), source, tree };
            return;
        }
        let empty = Tree { span: 0..0, data: Data::Table(Vec::new()) };
        let own = std::mem::replace(&mut self.tree, empty);
        (self.tree, self.source) = base::merged(own, &self.source, tree, &source);
    }

    /// A problem at a path of the file (keys and indices from the root).
    pub fn problem(&self, path: &[String], say: &str) -> Problem {
        let message = format!("{}: {say}", path.join("."));
        Problem::at(&self.file, &self.source, span_of(&self.tree, path), "bad-app", message)
    }
}

/// The bytes of the innermost value that a path reaches.
fn span_of(tree: &Tree, path: &[String]) -> std::ops::Range<usize> {
    let mut at = tree;
    for step in path {
        let next = match &at.data {
            Data::Table(_) => at.get(step),
            Data::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at.span.clone()
}

/// A tree without its places.
pub fn to_json(tree: &Tree) -> Value {
    match &tree.data {
        Data::Text(text) => Value::String(text.clone()),
        Data::Integer(n) => Value::from(*n),
        Data::Number(n) => Value::from(*n),
        Data::Bool(b) => Value::Bool(*b),
        Data::Array(items) => Value::Array(items.iter().map(to_json).collect()),
        Data::Table(entries) => {
            Value::Object(entries.iter().map(|e| (e.key.clone(), to_json(&e.value))).collect::<Map<_, _>>())
        }
    }
}

/// Reads YAML documents one by one, so that a mistake in one is located and hides no other.
fn read_manifests(shown: &str, text: &str, manifests: &mut Vec<Manifest>, problems: &mut Vec<Problem>) {
    let mut start = 0;
    let mut documents = Vec::new();
    for (offset, line) in text.split_inclusive('\n').scan(0, |at, line| {
        let from = *at;
        *at += line.len();
        Some((from, line))
    }) {
        if line.trim_end() == "---" {
            documents.push((start, &text[start..offset]));
            start = offset + line.len();
        }
    }
    documents.push((start, &text[start..]));
    for (start, document) in documents {
        if document.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        let lead = document.len() - document.trim_start().len();
        let span = start + lead..start + lead + 1;
        match read_yaml(document) {
            Ok(value) => match refuse(&value) {
                Some(why) => problems.push(Problem::at(shown, text, span, "bad-manifest", why)),
                None => {
                    let line = text[..start + lead].matches('\n').count() as u32 + 1;
                    manifests.push(Manifest { file: shown.into(), line, value });
                }
            },
            Err((why, line)) => {
                let at = document.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
                let message = format!("this is not YAML: {why}");
                problems.push(Problem::at(shown, text, start + at..start + at + 1, "bad-yaml", message));
            }
        }
    }
}

/// One YAML document as JSON, without anchors' tricks: bounded in nodes, depth and aliases.
pub fn read_yaml(document: &str) -> Result<Value, (String, usize)> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_aliases: 100,
            max_anchors: 100,
            max_depth: 40,
            max_nodes: 20_000,
            max_documents: 2,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Value>(document, options).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line() as usize);
        (error.to_string().lines().next().unwrap_or_default().to_string(), line)
    })
}

/// Why a manifest must not be built: it is no object, or asks for more than a machine can simulate.
fn refuse(value: &Value) -> Option<String> {
    let text = |key: &str| value[key].as_str().unwrap_or_default();
    if text("apiVersion").is_empty() || text("kind").is_empty() {
        return Some("a manifest needs apiVersion and kind".into());
    }
    if value["metadata"]["name"].as_str().is_none_or(str::is_empty) {
        return Some("a manifest needs metadata.name".into());
    }
    match value["spec"]["replicas"].as_i64() {
        Some(n) if !(0..=REPLICAS_MAX).contains(&n) => Some(format!("{n} replicas; at most {REPLICAS_MAX}")),
        _ => None,
    }
}
