//! The after-action report of a game day: what happened, how the work flowed, what was known when it was decided, what to ask
//! about. Of the room alone: no figure, no rank and no fault of a person is in it. Does not know formats but by name.

use super::course::{Beat, Table};
use super::{flow, json, script};
use crate::case::debrief::Debrief;
use crate::drill::run::Run;
use crate::drill::team::account::Account;
use crate::report::paper::{Block, Paper, Part};
use crate::report::phrase;
use crate::stdx::lang::Lang;
use crate::stdx::suggest;
use crate::stdx::text::harmless;
use std::borrow::Cow;

/// A finished run of a room, told in a language.
pub struct After<'a> {
    pub(super) run: Cow<'a, Run>,
    pub(super) debrief: Debrief,
    pub(super) account: Account,
    pub(super) table: Table,
    pub(super) lang: &'a Lang,
}

type Write = fn(&After) -> String;

/// Sorted by name.
const FORMATS: &[(&str, &[&str], Write)] = &[
    ("html", &["htm", "web"], |after| after.paper().html(after.lang)),
    ("json", &[], json::write),
    ("md", &["markdown"], |after| after.paper().markdown()),
    ("text", &["txt", "plain"], |after| after.paper().text()),
];

/// Writes the report in a format, or says which there are.
pub fn write(run: &Run, format: &str, lang: &Lang) -> Result<String, String> {
    let found = FORMATS.iter().find(|(name, aliases, _)| *name == format || aliases.contains(&format));
    if let Some((_, _, write)) = found {
        return Ok(write(&After::of(run, lang)));
    }
    let names: Vec<&str> = FORMATS.iter().map(|(name, _, _)| *name).collect();
    Err(match suggest::nearest(format, names.iter().copied()) {
        Some(near) => format!("no format `{}`; did you mean `{near}`?", harmless(format)),
        None => format!("no format `{}`; there are {}", harmless(format), names.join(", ")),
    })
}

impl<'a> After<'a> {
    pub fn of(run: &Run, lang: &'a Lang) -> After<'a> {
        let run = run.told_in(lang.code);
        let (debrief, account, table) = (run.debrief(), run.team_account(), Table::of(&run));
        After { run: Cow::Owned(run), debrief, account, table, lang }
    }

    pub fn paper(&self) -> Paper {
        let title = self.with("title", &[("title", &phrase::plain(&self.debrief.heading.title))]);
        let mut parts = vec![
            self.who_sat(),
            self.score(),
            self.verdict(),
            self.timeline(),
            flow::flow(self),
            flow::findings(self),
            flow::decisions(self),
            flow::undecided(self),
            flow::open_loops(self),
            flow::handovers(self),
            flow::turns(self),
            flow::right(self),
            flow::said(self),
            flow::actions(self),
            script::script(self.lang),
            flow::rating(self),
        ];
        parts.retain(|part| !part.blocks.is_empty());
        Paper { title, under: vec![phrase::heading(self.lang, &self.debrief), self.say("under")], parts }
    }

    // ---- words -------------------------------------------------------------------------------------------------------

    pub(super) fn say(&self, key: &str) -> String {
        self.lang.say(&format!("after.{key}")).to_string()
    }

    pub(super) fn with(&self, key: &str, parts: &[(&str, &str)]) -> String {
        self.lang.with(&format!("after.{key}"), parts)
    }

    pub(super) fn part(&self, id: &'static str, blocks: Vec<Block>) -> Part {
        Part::new(id, &self.say(&format!("section-{id}")), blocks)
    }

    pub(super) fn rows(&self, heads: &[&str], rows: Vec<Vec<String>>) -> Block {
        Block::Table { heads: super::heads(self.lang, heads), rows }
    }

    // ---- what was played ---------------------------------------------------------------------------------------------

    fn who_sat(&self) -> Part {
        let row = |seat: &crate::drill::team::Seat| {
            let roles: Vec<_> = seat.roles.iter().copied().collect();
            let card = self.run.case.gameday.card(&seat.part).map(|card| card.title.clone()).unwrap_or_default();
            vec![seat.id.to_string(), super::roles(self.lang, &roles), phrase::plain(&card), phrase::plain(&seat.name)]
        };
        let rows = self.run.team.seats.values().map(row).collect();
        self.part("seats", vec![self.rows(&["seat", "roles", "what", "name"], rows)])
    }

    fn score(&self) -> Part {
        let card = &self.debrief.score;
        let points = [("got", phrase::points(card.total_m())), ("max", card.max().to_string())];
        let points: Vec<(&str, &str)> = points.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let dims = card.dims.iter().filter(|sum| sum.got.is_some());
        let rows = dims.map(|sum| {
            let name = self.lang.say(&format!("dim.{}", sum.name)).to_string();
            vec![name, phrase::points(card.dim_m(sum.dim)), sum.max.to_string()]
        });
        let table = self.rows(&["dimension", "points", "of"], rows.collect());
        let total = Block::Text(self.lang.with("told.points", &points));
        self.part("score", vec![Block::Text(self.say("score-how")), total, table])
    }

    fn verdict(&self) -> Part {
        let words = self.debrief.words.iter();
        let rows = words.map(|own| vec![phrase::blank(self.lang, own.blank), phrase::word(self.lang, own)]);
        self.part("verdict", vec![self.rows(&["blank", "said"], rows.collect())])
    }

    fn timeline(&self) -> Part {
        let row = |beat: Beat| {
            let at = phrase::when(&self.debrief, beat.at);
            match beat.own {
                true => vec![at, String::new(), format!("{}: {}", beat.by, beat.text)],
                false => vec![at, beat.text, String::new()],
            }
        };
        let rows = self.beats().into_iter().map(row).collect();
        self.part("timeline", vec![self.rows(&["time", "estate", "room"], rows)])
    }
}
