//! Today's drill: drawn from the cases inside the program, so that it is the same for everybody; one attempt, no hints.
//! Does not know how it is drawn.

use super::super::places::Places;
use super::super::runs::{self, Order, Summary};
use crate::case::progress::daily::{self, Daily, Drawable, share_line};
use crate::case::progress::record::Record;
use crate::drill::Mode;
use crate::drill::run::Clock;
use crate::scenario::{file, source};
use crate::stdx::time::Time;

/// The drill of the day. The tutorial gives its answers and is never it.
pub fn today(now: Time) -> Option<Daily> {
    let cases: Vec<Drawable> = source::library()
        .into_iter()
        .filter_map(|pack| {
            let read = file::read(&pack).ok()?;
            let tags = read.tree.get("drill")?.get("tags")?.items();
            let tutorial = tags.iter().any(|tag| tag.text() == Some("tutorial"));
            (!tutorial).then(|| Drawable { slug: pack.slug.clone(), variants: read.variants })
        })
        .collect();
    daily::draw(env!("CARGO_PKG_VERSION"), now, &cases)
}

/// How it is begun.
pub fn order(of: &Daily) -> Order {
    Order {
        case: of.slug.clone(),
        seed: Some(of.seed),
        variant: Some(of.variant.clone()),
        clock: Clock::Turn,
        speed: 1_000,
        mode: Mode::Daily,
        ..Order::default()
    }
}

/// The run of it, if it was begun: there is one attempt.
pub fn run(places: &Places, of: &Daily) -> Option<Summary> {
    let known = runs::list(places).into_iter();
    let same = |run: &Summary| {
        run.mode == Mode::Daily.name() && run.case == of.slug && run.variant == of.variant && run.seed == of.seed
    };
    known.filter(same).min_by(|a, b| a.started.cmp(&b.started))
}

/// The line to be shared about a finished one, by the record of its run.
pub fn line(of: &Daily, record: &Record) -> String {
    share_line(of.number, &record.points.dims, record.points.total_m, record.points.max)
}
