//! The commands about texts: concept cards printed and checked, and the rows that a translation still lacks. Does not
//! know how a case is played.

use super::commands::{Failure, print};
use super::show;
use crate::scenario;
use crate::scenario::card::{self, Card};
use crate::scenario::check::tongue;
use crate::scenario::file;
use crate::scenario::source::{FILE_MAX, Pack, utf8};
use crate::stdx::lang::Lang;
use crate::stdx::suggest;
use crate::stdx::text::{harmless, wrap};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Columns of a printed card.
const COLUMNS: usize = 80;

/// Prints the list of cards, or one.
pub fn cards(id: Option<&str>, lang: &Lang) -> Result<ExitCode, Failure> {
    let Some(id) = id else {
        let row = |card: &Card| {
            let title = card.text(lang.code).map_or_else(String::new, |text| text.title.clone());
            [card.id.clone(), title, card.tags.join(" ")]
        };
        let rows: Vec<[String; 3]> = card::all().iter().map(row).collect();
        print(&show::columns(["CARD", "TITLE", "TAGS"], &rows));
        return Ok(ExitCode::SUCCESS);
    };
    let Some(card) = card::find(id) else {
        let hint = match suggest::nearest(id, card::ids()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`whodunit cards` lists them".to_string(),
        };
        return Err(Failure { words: format!("there is no card `{}`\nhint: {hint}", harmless(id)), code: 2 });
    };
    print(&shown(&card, lang));
    Ok(ExitCode::SUCCESS)
}

/// A card as text.
fn shown(card: &Card, lang: &Lang) -> String {
    let Some(text) = card.text(lang.code) else { return String::new() };
    let mut out = format!("{}\n\n", text.title);
    let parts = [("does", &text.does), ("fails", &text.fails), ("shows", &text.shows), ("next", &text.next)];
    for (key, words) in parts {
        out.push_str(&format!("{}\n", lang.say(&format!("card.{key}"))));
        wrap(words, COLUMNS - 2).iter().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
    out.push_str(&format!("{}\n", lang.say("card.commands")));
    card.commands.iter().for_each(|command| out.push_str(&format!("  $ {command}\n")));
    out
}

/// Whether a path is a card's file or a folder of them.
pub fn is_cards(path: &Path) -> bool {
    let named = |path: &Path| path.file_name().is_some_and(|name| name == "cards");
    path.is_dir() && named(path) && !path.join("scenario.toml").exists()
        || path.is_file() && path.extension().is_some_and(|e| e == "toml") && path.parent().is_some_and(named)
}

/// Checks card files that are still being written. True if all are right.
pub fn check_cards(path: &Path) -> bool {
    let mut files: Vec<PathBuf> = match path.is_dir() {
        true => fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect(),
        false => vec![path.to_path_buf()],
    };
    files.retain(|file| file.extension().is_some_and(|e| e == "toml"));
    files.sort();
    let mut problems = Vec::new();
    for file in &files {
        let shown = file.display().to_string();
        let id = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let mut bytes = Vec::new();
        let read = fs::File::open(file).and_then(|open| open.take(FILE_MAX as u64 + 1).read_to_end(&mut bytes));
        match read.map(|_| utf8(&shown, &bytes)) {
            Ok(Ok(text)) => problems.extend(card::read(&shown, id, text).err().unwrap_or_default()),
            Ok(Err(problem)) => problems.push(*problem),
            Err(error) => problems.push(scenario::Problem::of_file(&shown, "missing-file", error.to_string())),
        }
    }
    let drawn = scenario::render(&problems);
    let end = if drawn.is_empty() { "" } else { "\n" };
    print(&format!("{drawn}{end}{}: {} cards, {} problems\n", path.display(), files.len(), problems.len()));
    problems.is_empty()
}

/// Prints rows for what packs do not say in a language, to be filled in. Exit 1 if there are any.
pub fn untranslated(packs: &[Pack], code: &str) -> Result<ExitCode, Failure> {
    let mut all = true;
    for pack in packs {
        let file = match file::read(pack) {
            Ok(file) => file,
            Err(problems) => return Err(Failure { words: scenario::render(&problems), code: 1 }),
        };
        let Some(rows) = tongue::rows_to_fill(pack, &file, code) else {
            let words = format!("no case is translated to `{}`\nhint: there is `ko`", harmless(code));
            return Err(Failure { words, code: 2 });
        };
        let odd: Vec<_> = tongue::check(pack, &file).into_iter().filter(|found| found.code != "untranslated").collect();
        if !odd.is_empty() {
            return Err(Failure { words: scenario::render(&odd), code: 1 });
        }
        if !rows.is_empty() {
            all = false;
            print(&format!("# {}/{code}.toml\n\n{rows}\n", pack.shown));
        }
    }
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
