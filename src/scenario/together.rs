//! Casting several tellings of one seed at once: what they have in common is lived once, and each goes its own way from
//! where it differs. Every stage comes out as if it had been cast alone. Does not know what the tellings are for.

use super::cast::{self, Telling};
use super::file::Drawn;
use super::problem::Problem;
use super::shape::Weather;
use super::stage::{ScriptLine, Stage};
use crate::stdx::time::{Span, Time};
use crate::world::iac::code::Prepared;
use std::sync::Arc;

/// What the programs are called in whose lines a world's prepared changes of its code, and its witnesses, can show.
const CODE: &str = "iac";
const CHAT: &str = "chat";

/// One telling: what is said ahead to the world, and what is done in it.
struct Tale<'a> {
    drawn: &'a Drawn,
    weather: Vec<&'a Weather>,
    code: Vec<Prepared>,
    script: Arc<[ScriptLine]>,
}

/// How much of what is said ahead a world has been told.
#[derive(Clone, Copy, Default)]
struct Told {
    weather: usize,
    code: bool,
    people: bool,
}

/// The stages at the page, in the order of the parts; all drawn with the same seed.
pub fn stages(parts: &[(&Drawn, Telling)], seed: u64) -> Vec<Result<Stage, Vec<Problem>>> {
    let tales: Vec<Tale> = parts.iter().map(|(drawn, telling)| Tale::of(drawn, *telling)).collect();
    let alone = || parts.iter().map(|(drawn, telling)| cast::stage(drawn, seed, *telling)).collect();
    let Some(first) = tales.first().filter(|first| tales.iter().all(|tale| tale.begins_as(first))) else {
        return alone();
    };
    let world = match cast::found(first.drawn, seed) {
        Ok(world) => world,
        Err(problems) => return vec![Err(problems); tales.len()],
    };
    let trunk = cast::opened(world, Arc::clone(&first.script));
    let mut grown: Vec<Option<Stage>> = vec![None; tales.len()];
    live(trunk, Told::default(), &(0..tales.len()).collect::<Vec<_>>(), &tales, &mut grown);
    let grown: Option<Vec<Stage>> = grown.into_iter().collect();
    grown.map_or_else(alone, |stages| stages.into_iter().map(Ok).collect())
}

/// Lives what `members` share, and lets each group that goes on together go on by itself.
fn live(mut stage: Stage, mut told: Told, members: &[usize], tales: &[Tale], grown: &mut [Option<Stage>]) {
    let of = |index: &usize| tales.get(*index);
    let Some((index, own)) = members.first().and_then(|index| Some((*index, tales.get(index.to_owned())?))) else {
        return;
    };
    let others = || members.iter().skip(1).filter_map(of);
    // What is said ahead is said in the order of a cast alone: of equal times the later said holds.
    let weather = others().map(|other| alike(&own.weather, &other.weather)).min().unwrap_or(own.weather.len());
    let start = cast::start(own.drawn);
    own.weather
        .iter()
        .take(weather)
        .skip(told.weather)
        .for_each(|weather| cast::blow(&mut stage.world, weather, start));
    told.weather = told.weather.max(weather);
    if !told.code && others().all(|other| own.same_code(other)) {
        crate::world::iac::prepare(&mut stage.world, &own.code);
        told.code = true;
    }
    if !told.people && others().all(|other| own.same_people(other)) {
        cast::hire(&mut stage.world, &own.drawn.lowered.case.people.witnesses);
        told.people = true;
    }
    stage.script = Arc::clone(&own.script);
    let until = others().map(|other| own.parts_from(other)).min();
    let Some(until) = until else {
        stage.advance_to(own.page_at());
        if let Some(place) = grown.get_mut(index) {
            *place = Some(stage);
        }
        return;
    };
    stage.advance_to(until - Span::millis(1));
    let stays = |member: &&usize| **member == index || of(member).is_some_and(|other| own.parts_from(other) > until);
    let (with, without): (Vec<&usize>, Vec<&usize>) = members.iter().partition(stays);
    let owned = |group: Vec<&usize>| group.into_iter().copied().collect::<Vec<usize>>();
    live(stage.clone(), told, &owned(with), tales, grown);
    live(stage, told, &owned(without), tales, grown);
}

impl<'a> Tale<'a> {
    fn of(drawn: &'a Drawn, telling: Telling) -> Tale<'a> {
        let (weather, code) = (cast::weather(drawn, telling), cast::code(drawn, telling));
        Tale { drawn, weather, code, script: cast::script(drawn, telling) }
    }

    fn page_at(&self) -> Time {
        self.drawn.lowered.case.drill.page_at
    }

    /// Whether the estates are the same on the first day.
    fn begins_as(&self, other: &Tale) -> bool {
        let (own, other) = (self.drawn, other.drawn);
        own.draws == other.draws
            && own.lowered.estate == other.lowered.estate
            && own.lowered.images == other.lowered.images
            && own.lowered.warmup == other.lowered.warmup
            && own.lowered.case.drill.page_at == other.lowered.case.drill.page_at
    }

    fn same_code(&self, other: &Tale) -> bool {
        self.code == other.code
    }

    fn same_people(&self, other: &Tale) -> bool {
        self.drawn.lowered.case.people.witnesses == other.drawn.lowered.case.people.witnesses
    }

    /// The first time at which two worlds could differ; after the page if they do not until then.
    fn parts_from(&self, other: &Tale) -> Time {
        let alike = alike(&self.weather, &other.weather);
        let differing = self.weather.iter().skip(alike).chain(other.weather.iter().skip(alike));
        let weather = differing.flat_map(|weather| [Some(weather.at), weather.until]).flatten();
        let same = |(own, other): &(&ScriptLine, &ScriptLine)| {
            own.at == other.at && own.by == other.by && own.run == other.run
        };
        let common = self.script.iter().zip(other.script.iter()).take_while(same).count();
        let lines = || self.script.iter().chain(other.script.iter());
        let acts = [self.script.get(common), other.script.get(common)].into_iter().flatten().map(|line| line.at);
        let (code, people) = (!self.same_code(other), !self.same_people(other));
        let asks = lines().filter(|line| (code && line.run.contains(CODE)) || (people && line.run.contains(CHAT)));
        let end = self.page_at() + Span::millis(1);
        weather.chain(acts).chain(asks.map(|line| line.at)).fold(end, Time::min)
    }
}

/// How many entries from the beginning are the same.
fn alike(own: &[&Weather], other: &[&Weather]) -> usize {
    own.iter().zip(other).take_while(|(own, other)| own == other).count()
}
