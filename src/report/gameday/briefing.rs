//! What everybody may read before the start: what a game day is, the case's own words before its page, the time, who sits
//! where. Nothing in it is of the facilitator's paper. Does not know the answer.

use super::{Block, Day, heads, numbered, paragraphs, roles};
use crate::report::paper::Paper;
use crate::scenario::gameday::Role;

/// As a server that was told nothing else is reached.
const JOIN: &str = "ssh -p 2222 blue@HOST";

impl Day<'_> {
    pub fn briefing(&self) -> Paper {
        let lang = self.lang;
        let (people, minutes) = (self.plan.people().to_string(), self.plan.minutes.to_string());
        let under = lang.with("gameday.briefing-under", &[("people", &people), ("minutes", &minutes)]);
        let row = |(place, n): (&super::Place, usize)| {
            let does = place.roles.iter().map(|role| {
                let key = format!("gameday.does-{}-1", role.name());
                lang.say(&key).to_string()
            });
            let title = self.seat(place);
            let all = roles(lang, &place.roles);
            let named = if title == all { title } else { format!("{title} ({all})") };
            vec![n.to_string(), named, does.collect::<Vec<_>>().join(" ")]
        };
        let seats = self.plan.seats.iter().zip(1..).map(row).collect();
        let join = vec![Block::Code(JOIN.to_string()), Block::Text(lang.say("gameday.join-how").to_string())];
        let parts = vec![
            self.part("gameday.what", vec![Block::List(numbered(lang, "gameday.what"))]),
            self.part("gameday.incident", paragraphs(&self.case.drill.brief).collect()),
            self.part("gameday.time", vec![self.times()]),
            self.part(
                "gameday.who",
                vec![Block::Table { heads: heads(lang, &["seat", "roles", "what"]), rows: seats }],
            ),
            self.part("gameday.work", vec![Block::List(numbered(lang, "gameday.work"))]),
            self.part("gameday.join", join),
        ];
        let title = lang.with("gameday.briefing", &[("title", &self.case.drill.title)]);
        Paper { title, under: vec![under], parts }
    }

    /// One card a page: what the roles do, what this seat alone is told, which commands it has.
    pub fn cards(&self) -> Paper {
        let lang = self.lang;
        let seats = self.plan.seats.iter().zip(1..).filter(|(place, _)| !place.has(Role::Facilitator));
        let parts = seats.map(|(place, n)| self.role_card(place, n)).collect();
        let title = lang.with("gameday.cards", &[("title", &self.case.drill.title)]);
        Paper { title, under: vec![lang.say("gameday.cards-under").to_string()], parts }
    }
}
