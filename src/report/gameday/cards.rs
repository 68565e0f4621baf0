//! A role card: what its roles do, what its seat alone is told, which commands its shell has. Does not know the answer.

use super::{Block, Day, Part, Place, numbered, paragraphs, roles};

impl Day<'_> {
    pub(super) fn role_card(&self, place: &Place, n: usize) -> Part {
        let lang = self.lang;
        let mut blocks = vec![Block::Text(lang.with("gameday.card-roles", &[("roles", &roles(lang, &place.roles))]))];
        for role in &place.roles {
            blocks.push(Block::List(numbered(lang, &format!("gameday.does-{}", role.name()))));
        }
        let notes = std::iter::once(&place.part).chain(&place.also).filter_map(|id| self.card(id));
        for card in notes.clone().filter(|card| !card.note.trim().is_empty()) {
            let note = lang.with("gameday.card-note", &[("note", &card.note)]);
            blocks.extend(paragraphs(&note));
        }
        let can: Vec<&str> = notes.flat_map(|card| card.can.iter().map(String::as_str)).collect();
        if !can.is_empty() {
            blocks.push(Block::Text(lang.with("gameday.card-can", &[("can", &can.join(", "))])));
        }
        blocks.push(Block::Text(lang.say("gameday.card-blank").to_string()));
        let title = lang.with("gameday.card", &[("n", &n.to_string()), ("title", &self.seat(place))]);
        Part { leaf: true, ..Part::new(format!("seat-{n}"), &title, blocks) }
    }
}
