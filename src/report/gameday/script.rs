//! The blameless debrief of 25 minutes, and the six lines by which the debrief itself is rated. Does not know any run.

use super::{Block, Part, heads, numbered, part, span};
use crate::drill::team::plan::DEBRIEF;
use crate::stdx::lang::Lang;

/// Minute by minute, with what to say.
pub fn script(lang: &Lang) -> Part {
    let mut at = 0;
    let rows = DEBRIEF.map(|(key, minutes)| {
        let say = |kind: &str| lang.say(&format!("gameday.{kind}-{key}")).to_string();
        let row = vec![span(at, at + minutes), say("time"), say("script")];
        at += minutes;
        row
    });
    let how = Block::Text(lang.say("gameday.script-how").to_string());
    let table = Block::Table { heads: heads(lang, &["time", "what", "says"]), rows: rows.to_vec() };
    part(lang, "gameday.script", vec![how, table])
}

/// What the facilitator rates, from 1 to 7 each.
pub fn dash(lang: &Lang) -> Part {
    let how = Block::Text(lang.say("gameday.dash-how").to_string());
    part(lang, "gameday.dash", vec![how, Block::List(numbered(lang, "gameday.dash"))])
}
