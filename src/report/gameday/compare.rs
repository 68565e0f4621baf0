//! Game days side by side: a room's earlier days, or a race of several rooms on the same seed. Figures of rooms only, and no
//! order of merit: the columns stand as they were named. Does not know where runs are kept.

use super::{After, Block, Part, flow, heads, part};
use crate::drill::run::Run;
use crate::drill::team::Role;
use crate::report::paper::Paper;
use crate::report::phrase;
use crate::stdx::lang::Lang;
use crate::stdx::text::width;
use crate::stdx::time::Span;

/// A finished day, by the name of its run.
pub struct Finished<'a> {
    pub name: &'a str,
    pub run: &'a Run,
}

/// A figure's name, and its value in each run.
type Row = Vec<String>;

pub fn compare(days: &[Finished], lang: &Lang) -> Paper {
    let told: Vec<After> = days.iter().map(|day| After::of(day.run, lang)).collect();
    let same = told.windows(2).all(|pair| match pair {
        [one, other] => telling(one) == telling(other),
        _ => true,
    });
    let about = lang.say(if same { "gameday.compare-race" } else { "gameday.compare-days" }).to_string();
    let mut columns = heads(lang, &["what"]);
    columns.extend(days.iter().map(|day| phrase::plain(day.name)));
    let rows = figures(&told, lang);
    let table = part(lang, "gameday.compare", vec![Block::Table { heads: columns, rows }]);
    let mut parts = vec![table];
    let promised: Vec<Part> =
        told.iter().zip(days).zip(1..).filter_map(|((own, day), n)| actions(own, day, n)).collect();
    parts.extend(promised);
    Paper { title: lang.say("gameday.compare").to_string(), under: vec![about], parts }
}

/// What makes two days the same incident.
fn telling(after: &After) -> (String, String, u64) {
    let own = &after.debrief.heading;
    (own.case.clone(), own.variant.clone(), own.seed)
}

fn figures(told: &[After], lang: &Lang) -> Vec<Row> {
    let row = |name: String, value: &dyn Fn(&After) -> String| -> Row {
        std::iter::once(name).chain(told.iter().map(value)).collect()
    };
    let say = |key: &str| lang.say(&format!("gameday.compare-{key}")).to_string();
    let mut rows = vec![
        row(say("case"), &|after| {
            let own = &after.debrief.heading;
            format!("{} {} {}", phrase::plain(&own.case), phrase::plain(&own.variant), own.seed)
        }),
        row(say("people"), &|after| people(after).to_string()),
        row(say("took"), &|after| (after.debrief.heading.ended_at - after.debrief.heading.page_at).human()),
        row(say("score"), &|after| {
            let card = &after.debrief.score;
            format!("{} / {}", phrase::points(card.total_m()), card.max())
        }),
    ];
    for sum in told.first().map(|after| after.debrief.score.dims.as_slice()).unwrap_or_default() {
        let name = lang.say(&format!("dim.{}", sum.name)).to_string();
        rows.push(row(name, &|after| phrase::points(after.debrief.score.dim_m(sum.dim))));
    }
    for (at, (key, _)) in told.first().map(flow::counts).into_iter().flatten().enumerate() {
        let name = lang.say(&format!("after.count-{key}")).to_string();
        rows.push(row(name, &|after| flow::counts(after).get(at).map_or_else(String::new, |(_, n)| n.to_string())));
    }
    rows.push(row(say("to-bag"), &|after| middle(after.account.waits.iter().filter_map(|own| own.bagged))));
    rows.push(row(say("to-link"), &|after| middle(after.account.waits.iter().filter_map(|own| own.linked))));
    rows
}

/// Who played.
fn people(after: &After) -> usize {
    let aside = |role: &Role| matches!(role, Role::Facilitator | Role::Observer);
    after.run.team.seats.values().filter(|seat| !seat.roles.iter().all(aside)).count()
}

/// The middle one.
fn middle(spans: impl Iterator<Item = Span>) -> String {
    let mut spans: Vec<Span> = spans.collect();
    spans.sort();
    spans.get(spans.len() / 2).map_or_else(|| "—".to_string(), |span| span.human())
}

/// What a room promised afterwards.
fn actions(after: &After, day: &Finished, n: usize) -> Option<Part> {
    let own = flow::actions(after);
    let table = own.blocks.into_iter().find(|block| matches!(block, Block::Table { .. }))?;
    Some(Part::new(format!("promised-{n}"), &format!("{}: {}", phrase::plain(day.name), own.title), vec![table]))
}

/// The table in columns, for a terminal; what was promised below it.
pub fn text(paper: &Paper) -> String {
    let mut out = format!("{}\n", paper.under.join("\n"));
    for part in &paper.parts {
        out.push_str(&format!("\n{}\n", part.title));
        for block in &part.blocks {
            let Block::Table { heads, rows } = block else { continue };
            let all: Vec<&Row> = std::iter::once(heads).chain(rows).collect();
            let widest = |at: usize| all.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max();
            let widths: Vec<usize> = (0..heads.len()).map(|at| widest(at).unwrap_or(0)).collect();
            for row in all {
                let cells = row
                    .iter()
                    .zip(&widths)
                    .map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell)) + 2)));
                out.push_str(&format!("  {}\n", cells.collect::<String>().trim_end()));
            }
        }
    }
    out
}
