//! An estate on top of another: which files count, and one tree out of two. Does not know what the files say.

use super::problem::Problem;
use super::source::{Files, Pack, utf8};
use super::tree::{self, Data, Entry, Tree};
use std::sync::Arc;

/// The files of an estate and of the one below it.
#[derive(Clone, Debug)]
pub struct Stack<'a> {
    own: (&'a str, &'a Files),
    below: Option<(String, &'a Arc<Files>)>,
}

/// A file with the folder it is shown under.
pub type Source<'a> = (String, &'a Arc<[u8]>);

/// Finds the estate that `estate.toml` names as its `base`. A base has no base of its own.
pub fn stack<'a>(pack: &'a Pack, name: &'a str, files: &'a Files) -> Result<Stack<'a>, Box<Problem>> {
    let own = (name, files);
    let Some(base) = files.get("estate.toml").and_then(|bytes| base_of(bytes)) else {
        return Ok(Stack { own, below: None });
    };
    let shown = format!("scenarios/_estates/{name}/estate.toml");
    let text = files.get("estate.toml").map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let start = text.find("base").unwrap_or(0);
    let refuse = |message: String| Box::new(Problem::at(&shown, &text, start..start + 4, "unknown-estate", message));
    match pack.estates.get(&base) {
        None => Err(refuse(format!("there is no estate `{base}`"))),
        Some(below) if below.get("estate.toml").and_then(|bytes| base_of(bytes)).is_some() => {
            Err(refuse(format!("`{base}` has a base itself; one is enough")))
        }
        Some(below) => Ok(Stack { own, below: Some((base, below)) }),
    }
}

/// The estates that an estate is made of, itself first: what a case's hash covers.
pub fn names(pack: &Pack, name: &str) -> Vec<String> {
    let base = pack.estates.get(name).and_then(|files| base_of(files.get("estate.toml")?));
    std::iter::once(name.to_string()).chain(base).collect()
}

fn base_of(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (tree, _) = tree::parse("estate.toml", text);
    tree.get("base").and_then(Tree::text).map(str::to_string)
}

impl<'a> Stack<'a> {
    /// Every path with its file, by path; an own file stands instead of the base's of that name. Of `.toml` files both
    /// are given, the own first.
    pub fn files(&self) -> Vec<(&'a str, Vec<Source<'a>>)> {
        let (name, own) = self.own;
        let below = self.below.as_ref();
        let mut paths: Vec<&'a str> = own.keys().map(String::as_str).collect();
        paths.extend(below.into_iter().flat_map(|(_, files)| files.keys()).map(String::as_str));
        paths.sort_unstable();
        paths.dedup();
        let sources = |path: &'a str| {
            let mine = own.get(path).map(|bytes| (format!("scenarios/_estates/{name}/{path}"), bytes));
            let base = below.and_then(|(base, files)| {
                files.get(path).map(|bytes| (format!("scenarios/_estates/{base}/{path}"), bytes))
            });
            let merged = path.ends_with(".toml") || mine.is_none();
            mine.into_iter().chain(base.filter(|_| merged)).collect()
        };
        paths.into_iter().map(|path| (path, sources(path))).collect()
    }
}

/// Reads the texts of a file that is merged, own first.
pub fn texts(sources: &[Source]) -> Result<Vec<(String, String)>, Box<Problem>> {
    sources.iter().map(|(shown, bytes)| Ok((shown.clone(), utf8(shown, bytes)?.to_string()))).collect()
}

/// One source and one tree out of an own file and the base's: table by table, the own key wins. The base's places point
/// behind the own text.
pub fn merged(mut own: Tree, own_source: &str, mut below: Tree, below_source: &str) -> (Tree, String) {
    shift(&mut below, own_source.len() + 1);
    lay(&mut own, below);
    (own, format!("{own_source}\n{below_source}"))
}

fn lay(own: &mut Tree, below: Tree) {
    let (Data::Table(mine), Data::Table(theirs)) = (&mut own.data, below.data) else { return };
    for entry in theirs {
        match mine.iter_mut().find(|other| other.key == entry.key) {
            Some(other) => lay(&mut other.value, entry.value),
            None => mine.push(entry),
        }
    }
}

fn shift(tree: &mut Tree, by: usize) {
    tree.span = tree.span.start + by..tree.span.end + by;
    match &mut tree.data {
        Data::Array(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Data::Table(entries) => entries.iter_mut().for_each(|Entry { span, value, .. }| {
            *span = span.start + by..span.end + by;
            shift(value, by);
        }),
        _ => {}
    }
}
