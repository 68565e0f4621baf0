//! What the drill says of an act: keys of the interface's words with their parts, which a face puts in its own language.
//! `Display` is English, for journals, transcripts and clients. Does not know how it is shown.

use super::spoken;
use crate::case::board::{Band, Hinted, Objection};
use crate::scenario::shape::Case;
use crate::stdx::lang::Lang;
use std::fmt;

/// Sentences, a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice(pub Vec<Sentence>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentence {
    Said(Said),
    Band(Band),
    Objection(Box<Objection>),
    Hint(Box<Hinted>),
}

/// A row of the interface's words, and what stands in its `{places}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    key: &'static str,
    parts: Vec<(&'static str, Part)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Numbers, names and what was typed: the same in every language.
    Text(String),
    /// A text of the case, in its English.
    Told(String),
    /// Texts of the case, each in quotes.
    Quoted(Vec<String>),
    Said(Said),
}

/// A sentence of this key.
pub fn say(key: &'static str) -> Said {
    Said { key, parts: Vec::new() }
}

impl Said {
    fn part(mut self, name: &'static str, part: Part) -> Said {
        self.parts.push((name, part));
        self
    }

    pub fn with(self, name: &'static str, value: impl ToString) -> Said {
        self.part(name, Part::Text(value.to_string()))
    }

    /// A text of the case.
    pub fn told(self, name: &'static str, english: &str) -> Said {
        self.part(name, Part::Told(english.to_string()))
    }

    pub fn quoted(self, name: &'static str, english: Vec<String>) -> Said {
        self.part(name, Part::Quoted(english))
    }

    pub fn said(self, name: &'static str, said: Said) -> Said {
        self.part(name, Part::Said(said))
    }

    fn words(&self, case: &Case, lang: &Lang) -> String {
        let told = |english: &String| case.told(lang.code, english).to_string();
        let words = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Told(english) => told(english),
            Part::Quoted(list) => list.iter().map(|own| format!("“{}”", told(own))).collect::<Vec<_>>().join(", "),
            Part::Said(said) => said.words(case, lang),
        };
        let parts: Vec<(&str, String)> = self.parts.iter().map(|(name, part)| (*name, words(part))).collect();
        // All at once: what was typed may hold a `{name}` of another part.
        crate::scenario::skin::pieces(lang.say(self.key))
            .into_iter()
            .map(|piece| match piece {
                crate::scenario::skin::Piece::Plain(plain) => plain.to_string(),
                crate::scenario::skin::Piece::Name(name) => parts
                    .iter()
                    .find(|(own, _)| *own == name)
                    .map_or_else(|| format!("{{{name}}}"), |(_, words)| words.clone()),
            })
            .collect()
    }
}

impl Notice {
    pub fn and(mut self, sentence: impl Into<Sentence>) -> Notice {
        self.0.push(sentence.into());
        self
    }

    /// In a language, line by line.
    pub fn words(&self, case: &Case, lang: &Lang) -> String {
        let lines = self.0.iter().map(|sentence| match sentence {
            Sentence::Said(said) => said.words(case, lang),
            Sentence::Band(own) => spoken::band(*own, lang).to_string(),
            Sentence::Objection(own) => spoken::objection(own, case, lang),
            Sentence::Hint(own) => spoken::hint(own, case, lang),
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// In English, as the case has it.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(&Case::default(), &Lang::english()))
    }
}

/// A key alone.
impl From<&'static str> for Said {
    fn from(key: &'static str) -> Said {
        say(key)
    }
}

impl<T: Into<Said>> From<T> for Sentence {
    fn from(said: T) -> Sentence {
        Sentence::Said(said.into())
    }
}

impl<T: Into<Sentence>> From<T> for Notice {
    fn from(sentence: T) -> Notice {
        Notice(vec![sentence.into()])
    }
}
