//! The facilitator's paper: how to begin, the truth, who can see which clue, hints, injects, the debrief. Whoever plays does not
//! read it. Does not know how the room will do.

use super::{Block, Day, Part, Place, Role, heads, script};
use crate::case::debrief::proof::shortest_proof;
use crate::case::progress::difficulty;
use crate::case::score::truth::Blank;
use crate::console::gate;
use crate::drill::spoken;
use crate::drill::team::plan;
use crate::report::paper::Paper;
use crate::report::phrase;
use crate::scenario::gameday::{Inject, When};
use crate::scenario::roles::expand_line;
use crate::scenario::shape::Clue;

impl Day<'_> {
    pub fn facilitator(&self) -> Paper {
        let (lang, own) = (self.lang, &self.case);
        let (seed, level) = (own.seed.to_string(), own.drill.level.to_string());
        let parts = [("variant", own.variant.as_str()), ("seed", seed.as_str()), ("level", level.as_str())];
        let under = vec![lang.say("gameday.facilitator-under").to_string(), lang.with("gameday.telling", &parts)];
        let mut parts = vec![
            self.begin(),
            self.why(),
            self.part("gameday.time", vec![self.times()]),
            self.seats(),
            self.left(),
            self.truth(),
            self.answers(),
            self.rivals(),
            self.clues(),
            self.ladder(),
            self.fixes(),
            self.injects(),
            script::script(lang),
            script::dash(lang),
        ];
        parts.retain(|part| !part.blocks.is_empty());
        let title = lang.with("gameday.facilitator", &[("title", &own.drill.title)]);
        Paper { title, under, parts }
    }

    fn begin(&self) -> Part {
        let say = |key: &str| Block::Text(self.lang.say(key).to_string());
        let serve = Block::Code("whodunit serve --plan plan.toml".to_string());
        self.part("gameday.begin", vec![say("gameday.begin-1"), serve, say("gameday.begin-2"), say("gameday.begin-3")])
    }

    fn why(&self) -> Part {
        let mut rows = vec![self.reasons(self.chosen)];
        for other in self.others {
            let parts = [("title", other.case.title.as_str()), ("case", other.case.slug.as_str())];
            rows.push(format!("{}: {}", self.lang.with("gameday.new-next", &parts), self.reasons(other)));
        }
        self.part("gameday.why", vec![Block::List(rows)])
    }

    fn seats(&self) -> Part {
        let row = |(place, n): (&Place, usize)| {
            let can = self.card(&place.part).map(|card| card.can.join(", ")).unwrap_or_default();
            vec![n.to_string(), self.seat(place), super::roles(self.lang, &place.roles), can]
        };
        let rows = self.plan.seats.iter().zip(1..).map(row).collect();
        let heads = heads(self.lang, &["seat", "what", "roles", "shell"]);
        self.part("gameday.who", vec![Block::Table { heads, rows }])
    }

    /// Cards that nobody has: what is on them is still known to somebody.
    fn left(&self) -> Part {
        let left = plan::left(&self.plan.seats, &self.case.gameday.cards);
        let row = |card: &super::Card| {
            let note: Vec<&str> = card.note.split_whitespace().collect();
            format!("{}: {}", card.title, note.join(" "))
        };
        let rows: Vec<String> = left.into_iter().map(row).collect();
        self.part("gameday.left", if rows.is_empty() { Vec::new() } else { vec![Block::List(rows)] })
    }

    fn truth(&self) -> Part {
        let rows = self.case.chain.iter().map(|node| {
            let at = node.at.map_or_else(String::new, |at| format!("{} ", at.told_at(self.case.drill.page_at)));
            format!("{at}{}", node.say)
        });
        self.part("gameday.truth", vec![Block::List(rows.collect())])
    }

    fn answers(&self) -> Part {
        let verdict = &self.case.verdict;
        let say = |id: &String| {
            let found = self.case.chain.iter().find(|node| node.id == *id);
            found.map_or_else(|| id.clone(), |node| node.say.clone())
        };
        let of = [
            (Blank::Culprit, &verdict.culprit),
            (Blank::Mechanism, &verdict.mechanism),
            (Blank::Trigger, &verdict.trigger),
            (Blank::Impact, &verdict.impact),
        ];
        let row = |(blank, id): (Blank, &String)| format!("{}: {}", phrase::blank(self.lang, blank), say(id));
        let mut rows: Vec<String> = of.into_iter().map(row).collect();
        rows.extend(
            verdict.onset.map(|at| {
                format!("{}: {}", phrase::blank(self.lang, Blank::Onset), at.told_at(self.case.drill.page_at))
            }),
        );
        self.part("gameday.answers", vec![Block::List(rows)])
    }

    fn rivals(&self) -> Part {
        let rows = self.case.rivals.iter().map(|rival| {
            let clears = self.case.clues.iter().filter(|clue| clue.rules_out.contains(&rival.id));
            let clues: Vec<&str> = clears.map(|clue| clue.say.as_str()).collect();
            let parts = [("thing", rival.thing.as_str()), ("how", rival.how.as_str()), ("clues", &clues.join("; "))];
            self.lang.with("gameday.rival", &parts)
        });
        let rows: Vec<String> = rows.collect();
        self.part("gameday.rivals", if rows.is_empty() { Vec::new() } else { vec![Block::List(rows)] })
    }

    /// A command as it is typed in this telling.
    fn typed(&self, line: &str) -> String {
        expand_line(line, &self.run.case, &self.run.stage.world)
    }

    /// Seats whose shell has a command.
    fn who_has(&self, line: &str) -> String {
        let seats: Vec<(usize, &Place)> =
            (1..).zip(&self.plan.seats).filter(|(_, place)| place.has(Role::Operator)).collect();
        let can = |place: &Place| self.card(&place.part).map(|card| card.can.clone()).unwrap_or_default();
        let having: Vec<String> = seats
            .iter()
            .filter(|(_, place)| gate::has_line(&can(place), line))
            .map(|(n, place)| format!("{n} {}", self.seat(place)))
            .collect();
        match having.len() {
            0 => self.lang.say("gameday.no-shell").to_string(),
            n if n == seats.len() => self.lang.say("gameday.all-shells").to_string(),
            _ => having.join("; "),
        }
    }

    fn clues(&self) -> Part {
        let row = |clue: &Clue| {
            let lost = if clue.perishable { self.lang.say("gameday.perishable") } else { "" };
            let first = clue.at.first().map(|line| self.typed(line)).unwrap_or_default();
            vec![clue.say.clone(), first.clone(), self.who_has(&first), lost.to_string()]
        };
        let rows = self.case.clues.iter().map(row).collect();
        let heads = heads(self.lang, &["clue", "command", "shell", "what"]);
        self.part("gameday.clues", vec![Block::Table { heads, rows }])
    }

    /// The steps of one short proof: what to ask, whom, and the command.
    fn ladder(&self) -> Part {
        let path = shortest_proof(&self.run.case, &difficulty::shown(&self.run.case));
        let clue = |id: &String| self.case.clues.iter().find(|clue| clue.id == *id);
        let rows = path.steps.iter().map(|step| {
            let shown: Vec<&Clue> = step.clues.iter().filter_map(clue).collect();
            let line = self.typed(&step.command);
            let instrument = shown.first().and_then(|clue| clue.channel);
            let ask = instrument.map_or_else(String::new, |channel| {
                self.lang.with("gameday.ladder-ask", &[("instrument", &spoken::instrument(channel, self.lang))])
            });
            let says: Vec<&str> = shown.iter().map(|clue| clue.say.as_str()).collect();
            vec![ask, self.who_has(&line), line, says.join(" ")]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if rows.is_empty() {
            return Part::default();
        }
        let heads = heads(self.lang, &["asked", "shell", "command", "shows"]);
        let how = Block::Text(self.lang.say("gameday.ladder-how").to_string());
        self.part("gameday.ladder", vec![how, Block::Table { heads, rows }])
    }

    fn fixes(&self) -> Part {
        let rows = self.case.fixes.iter().map(|fix| {
            let lines: Vec<String> = fix.run.iter().map(|line| self.typed(line)).collect();
            let lasts = if fix.lasts { "gameday.fix-lasts" } else { "gameday.fix-brief" };
            vec![lines.join(" ; "), self.lang.say(lasts).to_string()]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let heads = heads(self.lang, &["command", "what"]);
        self.part("gameday.fixes", if rows.is_empty() { Vec::new() } else { vec![Block::Table { heads, rows }] })
    }

    fn when(&self, inject: &Inject) -> String {
        let lang = self.lang;
        let clue = |id: &String| {
            let found = self.case.clues.iter().find(|clue| clue.id == *id);
            found.map_or_else(|| id.clone(), |clue| clue.say.clone())
        };
        let when = match &inject.when {
            _ if inject.by_hand => lang.say("gameday.when-never").to_string(),
            When::Never => lang.say("gameday.when-never").to_string(),
            When::At(span) => return lang.with("gameday.when-at", &[("span", &(*span + inject.after).human())]),
            When::Seen(id) => lang.with("gameday.when-seen", &[("clue", &clue(id))]),
            When::Bagged(id) => lang.with("gameday.when-bagged", &[("clue", &clue(id))]),
            When::Change => lang.say("gameday.when-change").to_string(),
            When::Update => lang.say("gameday.when-update").to_string(),
            When::HarmOver => lang.say("gameday.when-harm-over").to_string(),
            When::Verdict => lang.say("gameday.when-verdict").to_string(),
        };
        if inject.by_hand || inject.after.0 == 0 {
            return when;
        }
        lang.with("gameday.when-after", &[("when", &when), ("span", &inject.after.human())])
    }

    fn injects(&self) -> Part {
        let to = |to: &str| match (Role::named(to), self.card(to)) {
            (Some(role), _) => super::roles(self.lang, &[role]),
            (None, Some(card)) => card.title.clone(),
            (None, None) => self.lang.say("gameday.to-room").to_string(),
        };
        let row = |(inject, n): (&Inject, usize)| {
            vec![
                n.to_string(),
                self.when(inject),
                self.lang.say(&format!("gameday.kind-{}", inject.kind.name())).to_string(),
                format!("{} → {}", inject.from, to(&inject.to)),
                inject.say.clone(),
                inject.note.split_whitespace().collect::<Vec<_>>().join(" "),
            ]
        };
        let rows: Vec<Vec<String>> = self.case.gameday.injects.iter().zip(1..).map(row).collect();
        if rows.is_empty() {
            return Part::default();
        }
        let heads = heads(self.lang, &["number", "time", "what", "from-to", "says", "good-room"]);
        let how = Block::Text(self.lang.say("gameday.injects-how").to_string());
        self.part("gameday.injects", vec![how, Block::Table { heads, rows }])
    }
}
