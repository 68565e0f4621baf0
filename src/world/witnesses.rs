//! People who can be asked, what they say about what, and messages that arrived. They may be wrong; the world does not
//! know whether they are.

use crate::stdx::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Messages kept; the oldest are forgotten beyond it.
pub const MESSAGES_MAX: usize = 1_000;

/// Somebody who can be asked.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    /// `product manager`, `release manager`.
    pub role: String,
    /// Topic → what is said about it.
    pub topics: BTreeMap<String, Topic>,
}

#[derive(Clone, Debug, Default)]
pub struct Topic {
    /// Other words by which it may be asked for.
    pub words: Vec<String>,
    pub says: String,
}

/// Something somebody wrote in the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub at: Time,
    pub who: String,
    /// The topic it speaks of, for facts; may be empty.
    pub topic: String,
    pub text: String,
}

/// Everybody, by the name one asks for, and the channel.
#[derive(Clone, Debug, Default)]
pub struct Witnesses {
    pub people: Arc<BTreeMap<String, Witness>>,
    messages: Arc<Vec<Message>>,
}

impl Witnesses {
    pub fn declare(&mut self, name: &str, witness: Witness) {
        Arc::make_mut(&mut self.people).insert(name.to_string(), witness);
    }

    pub fn post(&mut self, message: Message) {
        let messages = Arc::make_mut(&mut self.messages);
        if messages.len() >= MESSAGES_MAX {
            messages.remove(0);
        }
        messages.push(message);
    }

    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// A person by name, in any case.
    pub fn find(&self, name: &str) -> Option<(&String, &Witness)> {
        self.people.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

/// One word, or its plural: people ask about customers where the topic knows a customer.
fn same_noun(asked: &str, known: &str) -> bool {
    let singular = |word: &str| word.strip_suffix('s').unwrap_or(word).to_string();
    asked == known || singular(asked) == singular(known)
}

impl Witness {
    /// The topic a question is about: by its name, or by one of its words in the question.
    pub fn topic(&self, question: &str) -> Option<(&String, &Topic)> {
        let asked = question.to_lowercase();
        let words: Vec<&str> = asked.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
        self.topics.iter().find(|(name, _)| name.to_lowercase() == asked).or_else(|| {
            self.topics.iter().find(|(name, topic)| {
                let known = std::iter::once(name.as_str()).chain(topic.words.iter().map(String::as_str));
                known.into_iter().any(|word| words.iter().any(|asked| same_noun(asked, &word.to_lowercase())))
            })
        })
    }
}
