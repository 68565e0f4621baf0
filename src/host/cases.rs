//! Where cases are found: the library inside the program, `./scenarios`, and the user's data folder; the first of a name
//! wins, nearest first. Reads files with a limit on size and never through a link that leaves the folder. Does not know
//! what is in them beyond the few words of the case list.

use super::places::Places;
use crate::case::progress::record::NOT_SKILLS;
use crate::scenario::card;
use crate::scenario::family;
use crate::scenario::source::{self, FILE_MAX, FILES_MAX, PACK_MAX, Pack};
use crate::scenario::tongue;
use crate::stdx::lang::Lang;
use crate::stdx::suggest;
use crate::ui::screens::list::Card;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders within folders of a pack.
const DEPTH_MAX: usize = 4;

/// Before an estate's name: the estate without a case.
pub const SANDBOX: &str = "sandbox-";

/// All packs by slug: `./scenarios` before the user's own before the library.
pub fn all(places: &Places) -> Vec<Pack> {
    let mut packs: Vec<Pack> = Vec::new();
    let shadowed = |packs: &[Pack], slug: &str| packs.iter().any(|pack| pack.slug == slug);
    for root in [PathBuf::from("scenarios"), places.scenarios()] {
        for pack in packs_in(&root) {
            if !shadowed(&packs, &pack.slug) {
                packs.push(pack);
            }
        }
    }
    for pack in source::library() {
        if !shadowed(&packs, &pack.slug) {
            packs.push(pack);
        }
    }
    packs.sort_by(|a, b| a.slug.cmp(&b.slug));
    packs
}

/// The pack of that name, or what was meant.
pub fn find(places: &Places, name: &str) -> Result<Pack, String> {
    if name.contains('/') || name == "." {
        let path = Path::new(name);
        let slug =
            path.canonicalize().ok().and_then(|p| Some(p.file_name()?.to_str()?.to_string())).unwrap_or_default();
        return read_pack(path, &slug).ok_or_else(|| format!("there is no scenario in `{name}`"));
    }
    // The usual case, without looking at all others.
    let plain = !name.is_empty() && !name.starts_with(['_', '.']) && source::plain_path(name);
    for root in [PathBuf::from("scenarios"), places.scenarios()].iter().filter(|_| plain) {
        if let Some(pack) = read_pack(&root.join(name), name) {
            return Ok(pack);
        }
    }
    let packs = all(places);
    let known = || packs.iter().map(|pack| pack.slug.as_str());
    let begun: Vec<&Pack> = packs.iter().filter(|pack| !name.is_empty() && pack.slug.starts_with(name)).collect();
    if let Some(pack) =
        packs.iter().find(|pack| pack.slug == name).or(if begun.len() == 1 { Some(begun[0]) } else { None })
    {
        return Ok(pack.clone());
    }
    if let Some(pack) = name.strip_prefix(SANDBOX).and_then(source::sandbox) {
        return Ok(pack);
    }
    match suggest::nearest(name, known()) {
        Some(near) => Err(format!("there is no case `{name}`\nhint: did you mean `{near}`?")),
        None => Err(format!("there is no case `{name}`\nhint: `whodunit list` names them")),
    }
}

/// Packs among the folders of `root`; names beginning with `_` or `.` are not packs.
pub fn packs_in(root: &Path) -> Vec<Pack> {
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let mut packs: Vec<Pack> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| {
            let slug = entry.file_name().to_str()?.to_string();
            if slug.starts_with(['_', '.']) { None } else { read_pack(&entry.path(), &slug) }
        })
        .collect();
    packs.sort_by(|a, b| a.slug.cmp(&b.slug));
    packs
}

/// One pack from a folder that holds a `scenario.toml`, with the estates and, for a family, the cases that stand beside it.
pub fn read_pack(folder: &Path, slug: &str) -> Option<Pack> {
    let mut pack = read_case(folder, slug)?;
    let real = folder.canonicalize().ok()?;
    let named = pack.text("scenario.toml").map(family::cases).unwrap_or_default();
    for case in named.into_iter().filter(|case| *case != slug && source::plain_path(case)) {
        // What does not stand beside it is looked for in the library; a link may lead elsewhere.
        let beside = real.with_file_name(&case);
        if beside.canonicalize().is_ok_and(|there| there == beside) {
            let found = read_case(&beside, &case);
            pack.cases.extend(found.map(|found| (case, found)));
        }
    }
    Some(pack)
}

/// The same without other cases.
fn read_case(folder: &Path, slug: &str) -> Option<Pack> {
    if !folder.join("scenario.toml").exists() {
        return None;
    }
    let real = folder.canonicalize().ok()?;
    let mut reader = Reader { fence: real.clone(), ..Reader::default() };
    reader.folder(folder, folder, 0);
    let shown = folder.display().to_string();
    let mut pack = Pack::new(slug, &shown, std::mem::take(&mut reader.files));
    // Estates may be shared by links, but only from within the folder in which the scenarios stand.
    if let Some(parent) = real.parent() {
        reader.fence = parent.to_path_buf();
        let estates = parent.join("_estates");
        for estate in fs::read_dir(&estates).into_iter().flatten().flatten().take(ESTATES_MAX) {
            if estate.path().canonicalize().is_ok_and(|real| real.starts_with(parent) && real != parent) {
                reader.folder(&estate.path(), &estate.path(), 0);
            }
            let files = std::mem::take(&mut reader.files);
            if let Some(name) = estate.file_name().to_str().filter(|_| !files.is_empty()) {
                let files = files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect();
                pack.estates.insert(name.to_string(), std::sync::Arc::new(files));
            }
        }
    }
    Some(pack)
}

/// Estates beside a scenario.
const ESTATES_MAX: usize = 40;
/// Entries of folders looked at for one pack: links within the fence may make them look endless.
const ENTRIES_MAX: usize = 4_000;

/// What has been read of a pack, and how much still may be.
#[derive(Default)]
struct Reader {
    /// Canonical: nothing outside of it is opened.
    fence: PathBuf,
    files: Vec<(String, Vec<u8>)>,
    bytes: usize,
    entries: usize,
}

impl Reader {
    /// Plain files below `folder`, named from `root`. A link is followed only if its target stays inside the fence;
    /// devices and pipes never are. Stops soon after a pack has grown too large, so that its own check sees it.
    fn folder(&mut self, root: &Path, folder: &Path, depth: usize) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            self.entries += 1;
            if self.files.len() > FILES_MAX || self.bytes > PACK_MAX || self.entries > ENTRIES_MAX {
                return;
            }
            let path = entry.path();
            let Ok(real) = path.canonicalize() else { continue };
            let Ok(about) = fs::metadata(&real) else { continue };
            if !real.starts_with(&self.fence) {
                continue;
            }
            if about.is_dir() && depth < DEPTH_MAX {
                self.folder(root, &path, depth + 1);
            } else if about.is_file() {
                let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) else { continue };
                if let Some(bytes) = read_capped(&real) {
                    self.bytes += bytes.len();
                    self.files.push((name.to_string(), bytes));
                }
            }
        }
    }
}

/// At most one byte more than a file may have, so that the pack's own check sees that it is too large.
fn read_capped(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(FILE_MAX as u64 + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What the list shows of all cases, by slug. Only the beginning of each `scenario.toml` is read, up to the end of its
/// `[drill]` table, so that hundreds of cases cost little; in another language, two rows of its file besides.
pub fn cards(places: &Places, lang: &Lang) -> Vec<Card> {
    let mut cards: BTreeMap<String, Card> = BTreeMap::new();
    for root in [PathBuf::from("scenarios"), places.scenarios()] {
        for entry in fs::read_dir(&root).into_iter().flatten().flatten() {
            let Ok(slug) = entry.file_name().into_string() else { continue };
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if !is_folder || slug.starts_with(['_', '.']) || cards.contains_key(&slug) {
                continue;
            }
            if let Some(bytes) = beginning(&entry.path()) {
                let shown = entry.path().display().to_string();
                let mut card = card(&slug, &shown, &bytes);
                if let Some(text) = tongue_of(&entry.path(), lang) {
                    tell(&mut card, &text, lang);
                }
                cards.insert(slug, card);
            }
        }
    }
    for (slug, bytes) in source::library_texts() {
        if !cards.contains_key(slug) {
            let mut card = card(slug, &format!("scenarios/{slug}"), bytes);
            if let Some(text) = source::library_text(slug, &tongue::file_of(lang.code)) {
                tell(&mut card, text, lang);
            }
            cards.insert(slug.to_string(), card);
        }
    }
    cards.into_values().collect()
}

/// What a pack is called.
pub fn title(pack: &Pack) -> String {
    let bytes = pack.files.get("scenario.toml").map(|bytes| bytes.to_vec()).unwrap_or_default();
    card(&pack.slug, &pack.shown, &bytes).title
}

/// The card of a case inside the program.
pub fn library_card(slug: &str) -> Option<Card> {
    let (slug, bytes) = source::library_texts().find(|(known, _)| *known == slug)?;
    Some(card(slug, &format!("scenarios/{slug}"), bytes))
}

/// What each concept card is called in a language.
pub fn concept_titles(lang: &Lang) -> BTreeMap<String, String> {
    let title = |own: card::Card| Some((own.id.clone(), own.text(lang.code)?.title.clone()));
    card::all().into_iter().filter_map(title).collect()
}

/// The translation beside a scenario: a plain file, not one that a link leads to.
fn tongue_of(folder: &Path, lang: &Lang) -> Option<String> {
    let path = folder.join(tongue::file_of(lang.code));
    let plain = fs::symlink_metadata(&path).is_ok_and(|about| about.is_file());
    String::from_utf8(read_capped(&path).filter(|_| plain)?).ok()
}

/// Puts title and brief of another language on a card.
fn tell(card: &mut Card, text: &str, lang: &Lang) {
    card.english.clone_from(&card.title);
    card.title = tongue::one(text, lang.code, &card.title).replace('\n', " ");
    let brief = tongue::one(text, lang.code, &card.brief);
    card.brief = tongue::collapsed(&brief);
}

/// A `[drill]` table is seldom longer than this.
const BEGINNING_BYTES: u64 = 8 << 10;

/// The beginning of a pack's scenario: all of it if `[drill]` does not end before.
fn beginning(folder: &Path) -> Option<Vec<u8>> {
    let path = folder.join("scenario.toml");
    let mut file = fs::OpenOptions::new().read(true).open(&path).ok()?;
    let about = file.metadata().ok()?;
    // A link may lead out of the pack, a pipe may never end: the careful way round.
    if !about.is_file() || fs::symlink_metadata(&path).is_ok_and(|own| own.is_symlink()) {
        return read_case(folder, "").and_then(|pack| pack.files.get("scenario.toml").map(|bytes| bytes.to_vec()));
    }
    let mut bytes = Vec::with_capacity(about.len().min(BEGINNING_BYTES) as usize + 1);
    (&mut file).take(BEGINNING_BYTES).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 == BEGINNING_BYTES && !ends_within(&bytes) {
        file.take(FILE_MAX as u64 + 1).read_to_end(&mut bytes).ok()?;
    } else if bytes.len() as u64 == BEGINNING_BYTES
        && let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n')
    {
        bytes.truncate(end + 1);
    }
    Some(bytes)
}

/// Whether the table after `[drill]` begins within these bytes.
fn ends_within(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.find("\n[drill]").is_some_and(|at| drill_table(&text[at..]).len() < text.len() - at - 1)
}

/// A card from the beginning of a scenario's text.
fn card(slug: &str, shown: &str, bytes: &[u8]) -> Card {
    let mut card = Card { slug: slug.to_string(), title: slug.to_string(), ..Card::default() };
    let refused = |card: &mut Card, why: String| card.broken = Some(why);
    let text = match source::utf8(&format!("{shown}/scenario.toml"), bytes) {
        Ok(text) => text,
        Err(problem) => {
            refused(&mut card, problem.brief());
            return card;
        }
    };
    let Ok(table) = drill_table(text).parse::<toml::Table>() else {
        refused(&mut card, format!("{}: [drill] cannot be read; `whodunit check {}` says why", shown, slug));
        return card;
    };
    let Some(drill) = table.get("drill").and_then(|drill| drill.as_table()) else {
        refused(&mut card, format!("{}: there is no [drill]; `whodunit check {}` says more", shown, slug));
        return card;
    };
    let text = |key: &str| crate::stdx::text::harmless(drill.get(key).and_then(|v| v.as_str()).unwrap_or_default());
    let number = |key: &str| drill.get(key).and_then(|v| v.as_integer()).unwrap_or_default();
    if !text("title").is_empty() {
        card.title = text("title").replace('\n', " ");
    }
    card.level = number("level").clamp(0, 9) as u8;
    card.minutes = number("minutes").clamp(0, 9_999) as u32;
    let tags = drill.get("tags").and_then(|v| v.as_array()).into_iter().flatten();
    card.tags = tags.filter_map(|tag| tag.as_str()).map(crate::stdx::text::harmless).collect();
    card.brief = text("brief").split_whitespace().collect::<Vec<_>>().join(" ");
    let cards = drill.get("cards").and_then(|v| v.as_array()).into_iter().flatten();
    card.concepts = cards.filter_map(|id| id.as_str()).map(crate::stdx::text::harmless).collect();
    if card.concepts.is_empty() {
        card.concepts = card.tags.iter().filter(|tag| !NOT_SKILLS.contains(&tag.as_str())).cloned().collect();
    }
    card.tutorial = card.tags.iter().any(|tag| tag == "tutorial");
    card
}

/// The lines from `[drill]` to the next table.
fn drill_table(text: &str) -> String {
    let mut inside = false;
    let mut quoted = false;
    let mut out = String::new();
    for line in text.lines() {
        let header = line.trim_start().starts_with('[') && !quoted && !line.starts_with([' ', '\t']);
        if header {
            inside = line.trim() == "[drill]";
        }
        // Comments are most of some files, and nothing to the list.
        if inside && (quoted || !line.starts_with('#')) {
            out.push_str(line);
            out.push('\n');
            if line.matches("\"\"\"").count() % 2 == 1 {
                quoted = !quoted;
            }
        }
    }
    out
}
