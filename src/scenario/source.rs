//! Where a pack's text comes from: paths and bytes handed in by the outside, or the library inside the binary. Refuses
//! what is too large or lies outside the pack. Does not read files.

use super::family;
use super::problem::Problem;
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Bytes of one file.
pub const FILE_MAX: usize = 1 << 20;
/// Bytes of all files of a pack.
pub const PACK_MAX: usize = 10 << 20;
/// Files of a pack.
pub const FILES_MAX: usize = 500;

static LIBRARY: Dir = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// Relative path → content.
pub type Files = BTreeMap<String, Arc<[u8]>>;

/// The files of one scenario, and the estates it may name.
#[derive(Clone, Debug, Default)]
pub struct Pack {
    /// The scenario's folder name.
    pub slug: String,
    /// How the folder is shown in problems: `scenarios/the-slug`.
    pub shown: String,
    /// Relative path (`scenario.toml`, `solutions/A.txt`) → content.
    pub files: Files,
    /// Estate name → relative path → content.
    pub estates: BTreeMap<String, Arc<Files>>,
    /// Cases that stand beside a family, by slug; others are looked for in the library.
    pub cases: BTreeMap<String, Pack>,
}

impl Pack {
    /// A pack of given files: what the outside found under a folder. Paths that leave the folder are kept as problems
    /// by `refusals`, never followed.
    pub fn new(slug: &str, shown: &str, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Pack {
        let files = files.into_iter().map(|(path, bytes)| (path, Arc::from(bytes))).collect();
        Pack { slug: slug.into(), shown: shown.into(), files, estates: library_estates(), cases: BTreeMap::new() }
    }

    /// Whether this is a family: a page for variants of other cases.
    pub fn is_family(&self) -> bool {
        self.text("scenario.toml").is_ok_and(|text| !family::cases(text).is_empty())
    }

    /// A case of which a family has variants.
    pub fn member(&self, slug: &str) -> Option<Pack> {
        self.cases.get(slug).cloned().or_else(|| find(slug))
    }

    /// A file as UTF-8 text.
    pub fn text(&self, path: &str) -> Result<&str, Box<Problem>> {
        let shown = format!("{}/{path}", self.shown);
        let Some(bytes) = self.files.get(path) else {
            return Err(Box::new(Problem::of_file(&shown, "missing-file", format!("there is no {path}"))));
        };
        utf8(&shown, bytes)
    }

    /// Why this pack must not even be read: sizes, and paths that are not plain relative ones.
    pub fn refusals(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let all = self.estates.values().flat_map(|files| files.values()).chain(self.files.values());
        let total: usize = all.map(|bytes| bytes.len()).sum();
        if total > PACK_MAX {
            let message = format!("the pack has {total} bytes; at most {PACK_MAX} are read");
            problems.push(Problem::of_file(&self.shown, "too-large", message));
        }
        if self.files.len() > FILES_MAX {
            let message = format!("the pack has {} files; at most {FILES_MAX} are read", self.files.len());
            problems.push(Problem::of_file(&self.shown, "too-many", message));
        }
        for (path, bytes) in &self.files {
            let shown = format!("{}/{path}", self.shown);
            if !plain_path(path) {
                problems.push(
                    Problem::of_file(&shown, "bad-path", format!("{path:?} is not a path inside the pack"))
                        .hint("use names without `..`, drive letters or a leading `/`"),
                );
            }
            if bytes.len() > FILE_MAX {
                let message = format!("the file has {} bytes; at most {FILE_MAX} are read", bytes.len());
                problems.push(Problem::of_file(&shown, "too-large", message));
            }
        }
        problems
    }
}

/// Whether `path` is a plain relative path: no `..`, no root, no drive, no backslash, no control character.
pub fn plain_path(path: &str) -> bool {
    !path.is_empty()
        && path.len() <= 200
        && !path.contains(['\\', ':'])
        && !path.chars().any(char::is_control)
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

/// Bytes as text, or a problem at the first bad byte.
pub fn utf8<'a>(shown: &str, bytes: &'a [u8]) -> Result<&'a str, Box<Problem>> {
    if bytes.len() > FILE_MAX {
        let message = format!("the file has {} bytes; at most {FILE_MAX} are read", bytes.len());
        return Err(Box::new(Problem::of_file(shown, "too-large", message)));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let good = error.valid_up_to();
        let until = bytes[good..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| good + i);
        let readable = String::from_utf8_lossy(&bytes[..until]);
        let message = format!("byte {good} is not UTF-8");
        Box::new(Problem::at(shown, &readable, good..good + 1, "not-utf8", message).hint("save the file as UTF-8"))
    })
}

/// The scenarios inside the binary, by slug.
pub fn library() -> Vec<Pack> {
    let mut packs: Vec<Pack> = library_texts().filter_map(|(slug, _)| find(slug)).collect();
    packs.sort_by(|a, b| a.slug.cmp(&b.slug));
    packs
}

/// One scenario of the library.
pub fn find(slug: &str) -> Option<Pack> {
    let dir = LIBRARY.get_dir(slug).filter(|_| !slug.contains('/') && !slug.starts_with(['_', '.']))?;
    Some(Pack {
        slug: slug.into(),
        shown: format!("scenarios/{slug}"),
        files: collect(dir, dir),
        estates: library_estates(),
        cases: BTreeMap::new(),
    })
}

/// An estate without a case, by the estate's name: nobody breaks anything, and there is nothing to accuse.
pub fn sandbox(estate: &str) -> Option<Pack> {
    library_estates().get(estate)?;
    let text = include_str!("../../assets/template/sandbox.toml").replacen("ESTATE", estate, 1);
    let slug = format!("sandbox-{estate}");
    Some(Pack::new(&slug, &slug, [("scenario.toml".to_string(), text.into_bytes())]))
}

/// Copied out of the binary once: every pack may name them.
fn library_estates() -> BTreeMap<String, Arc<Files>> {
    static ESTATES: LazyLock<BTreeMap<String, Arc<Files>>> = LazyLock::new(|| {
        let Some(root) = LIBRARY.get_dir("_estates") else { return BTreeMap::new() };
        root.dirs()
            .filter_map(|dir| Some((dir.path().file_name()?.to_str()?.to_string(), Arc::new(collect(dir, dir)))))
            .collect()
    });
    ESTATES.clone()
}

/// Slug and scenario text of each scenario inside the binary, uncopied: what a list needs.
pub fn library_texts() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    LIBRARY.dirs().filter_map(|dir| {
        let slug = dir.path().file_name()?.to_str()?;
        let file = dir.get_file(dir.path().join("scenario.toml"))?;
        (!slug.starts_with(['_', '.'])).then(|| (slug, file.contents()))
    })
}

/// A file of a scenario inside the binary.
pub fn library_text(slug: &str, path: &str) -> Option<&'static str> {
    LIBRARY.get_file(format!("{slug}/{path}"))?.contents_utf8()
}

fn collect(root: &Dir<'static>, dir: &Dir<'static>) -> Files {
    let mut files = BTreeMap::new();
    for file in dir.files() {
        if let Some(path) = file.path().strip_prefix(root.path()).ok().and_then(|p| p.to_str()) {
            files.insert(path.replace('\\', "/"), Arc::from(file.contents()));
        }
    }
    for inner in dir.dirs() {
        files.extend(collect(root, inner));
    }
    files
}
