//! What a scenario says once it has been read, checked and cast for a seed and a variant: plain data. Does not know TOML.

use super::gameday::GameDay;
use super::source::Pack;
use crate::console::fact::Channel;
use crate::stdx::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A case ready to play: one variant of one scenario, its names, counts and times drawn.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub slug: String,
    pub variant: String,
    pub seed: u64,
    /// Behind a family's page: the title of the case that the variant is from. Empty elsewhere.
    pub behind: String,
    /// SHA-256 of everything it was read from, hex.
    pub hash: String,
    pub drill: Drill,
    /// Cause first, effect last.
    pub chain: Vec<Node>,
    pub verdict: Answer,
    pub rivals: Vec<Rival>,
    pub decoys: Vec<Word>,
    /// What brings up each word, gathered over all variants: the same list in each of them.
    pub words: Vec<Met>,
    pub clues: Vec<Clue>,
    pub fixes: Vec<Fix>,
    /// The tutorial's steps; empty elsewhere.
    pub coach: Vec<CoachStep>,
    /// Role → what it is bound to (`crash_pod` → the object's namespace/name pattern), after casting.
    pub roles: BTreeMap<String, Role>,
    /// The indicator by which harm is measured, and what is healthy.
    pub indicator: Indicator,
    pub weather: Vec<Weather>,
    pub people: People,
    /// What a game day has beyond that.
    pub gameday: GameDay,
    /// What the seed drew, and `onset` and `page_time` as `HH:MM`: for `{names}` in transcripts.
    pub names: BTreeMap<String, String>,
    /// The variant's solution, a transcript with its comments; empty while a pack has none. Never shown before the end.
    pub solution: String,
    /// Where it was read from: whoever compares it with its healthy twin after the end has the twin cast from here.
    pub origin: Origin,
    /// What it says in other languages: code → English → the words. English as it stands elsewhere here, to the letter.
    pub tongues: Tongues,
}

/// The pack that a case was cast from; `None` for a case that was put together by hand.
#[derive(Clone, Default)]
pub struct Origin(pub Option<Arc<Pack>>);

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The files are many and say nothing about a run.
        f.debug_tuple("Origin").field(&self.0.as_ref().map(|pack| pack.slug.as_str())).finish()
    }
}

/// Code of a language → English text → the same in that language.
pub type Tongues = BTreeMap<String, BTreeMap<String, String>>;

impl Case {
    /// A text of this case in a language; in English where there is no other.
    pub fn told<'a>(&'a self, lang: &str, english: &'a str) -> &'a str {
        self.tongues.get(lang).and_then(|told| told.get(english)).map_or(english, String::as_str)
    }

    /// A line of a solution, its comment told in a language.
    fn comment(&self, lang: &str, line: &str) -> String {
        match line.trim().strip_prefix('#').map(str::trim) {
            Some(say) => format!("# {}", self.told(lang, say)),
            None => line.to_string(),
        }
    }

    /// The case with all that it says in a language. For whoever shows much of it at once: nothing in it means another thing.
    pub fn told_in(&self, lang: &str) -> Case {
        let mut told = self.clone();
        let says = |text: &mut String| *text = self.told(lang, text).to_string();
        says(&mut told.drill.title);
        says(&mut told.drill.brief);
        says(&mut told.behind);
        told.chain.iter_mut().for_each(|node| says(&mut node.say));
        for rival in &mut told.rivals {
            says(&mut rival.thing);
            says(&mut rival.how);
        }
        told.decoys.iter_mut().for_each(|word| says(&mut word.say));
        told.words.iter_mut().for_each(|word| says(&mut word.say));
        told.clues.iter_mut().for_each(|clue| says(&mut clue.say));
        for step in &mut told.coach {
            says(&mut step.say);
            says(&mut step.plain);
        }
        for question in &mut told.people.questions {
            says(&mut question.ask);
            question.listen.iter_mut().for_each(says);
        }
        for inject in &mut told.gameday.injects {
            says(&mut inject.note);
        }
        for card in &mut told.gameday.cards {
            says(&mut card.title);
            says(&mut card.note);
        }
        told.solution = self.solution.lines().map(|line| self.comment(lang, line) + "\n").collect();
        told
    }
}

/// Who speaks in this case: witnesses in the chat, messages of a game day, questions of an interview.
#[derive(Clone, Debug, Default)]
pub struct People {
    pub witnesses: Vec<Witness>,
    pub injects: Vec<Inject>,
    pub questions: Vec<Question>,
}

/// A statement of a person in the chat; it may be wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    pub who: String,
    /// What they do.
    pub role: String,
    pub topic: String,
    /// Words in a question that bring it out; empty: whenever they are asked.
    pub asks: Vec<String>,
    pub say: String,
    /// What the debrief says of it.
    pub truthful: bool,
}

/// A message that arrives at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inject {
    pub at: Time,
    pub from: String,
    pub say: String,
}

/// A question for an interview, and what a good answer has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    pub ask: String,
    pub listen: Vec<String>,
}

/// What acts on the estate directly: arrivals of a stream multiplied for a while, or a third party that is otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    pub at: Time,
    /// `None`: to the end.
    pub until: Option<Time>,
    pub kind: String,
    pub on: String,
    /// Load: of what is usual.
    pub percent: u32,
    /// Queue: of a thousand deletions, those that miss a copy of the message.
    pub repeats: u64,
    /// Partner: what of it is otherwise.
    pub mood: Moods,
    /// The healthy twin drops exactly these.
    pub fault: bool,
}

/// How a third party is otherwise; `None`: as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moods {
    pub takes: Option<Span>,
    pub jitter: Option<Span>,
    /// Of a thousand calls.
    pub fails: Option<u64>,
    /// Orders with one of these traits it turns away, and what it answers to them.
    pub refuses: Vec<String>,
    pub says: String,
}

/// What the learner may see before the verdict.
#[derive(Clone, Debug, Default)]
pub struct Drill {
    pub title: String,
    pub level: u8,
    pub minutes: u32,
    pub tags: Vec<String>,
    /// Why we are here; shown before the start.
    pub brief: String,
    /// The page itself, as it arrives.
    pub page: String,
    pub page_at: Time,
    /// When the world began to live: before it there was nothing.
    pub lives_from: Time,
    /// When the harm integral ends if nobody acts.
    pub closes_at: Time,
    /// Concept cards of the systems in the case, for the debrief.
    pub cards: Vec<String>,
}

/// The kinds of words of a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum WordKind {
    #[default]
    Thing,
    How,
    Change,
    Harm,
}

/// A node of the causal chain; its `say` is a word the learner can collect.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub id: String,
    pub kind: WordKind,
    pub say: String,
    /// Nodes it causes; the next node if the file says nothing.
    pub causes: Vec<String>,
    /// When it happened (timeline of the debrief).
    pub at: Option<Time>,
    /// Facts that let the learner collect the word; the clues that show or hint the node do too.
    pub met: Vec<Pattern>,
}

#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub culprit: String,
    pub mechanism: String,
    pub trigger: String,
    pub impact: String,
    pub onset: Option<Time>,
    /// Blank → further node ids that are right as well.
    pub also: BTreeMap<String, Vec<String>>,
}

/// What a reasonable engineer would also suspect.
#[derive(Clone, Debug, Default)]
pub struct Rival {
    pub id: String,
    pub thing: String,
    pub how: String,
    pub met: Vec<Pattern>,
}

/// A word that is only there to be wrong.
#[derive(Clone, Debug, Default)]
pub struct Word {
    pub kind: WordKind,
    pub say: String,
    pub met: Vec<Pattern>,
}

/// What lets a learner collect a word, in whichever variant it does: so that what is collected does not tell which
/// variant is true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Met {
    pub kind: WordKind,
    pub say: String,
    /// Facts that bring it up.
    pub shown: Vec<Pattern>,
    /// Facts whose proven absence brings it up.
    pub lacking: Vec<Pattern>,
}

/// A diagnostic fact, or a proven absence.
#[derive(Clone, Debug, Default)]
pub struct Clue {
    pub id: String,
    /// What has to be on the page (`absent`: what must not be, in a page that covers it).
    pub pattern: Pattern,
    pub absent: bool,
    pub channel: Option<Channel>,
    /// Commands that reveal it, for hints and checks; roles in braces.
    pub at: Vec<String>,
    pub shows: Vec<String>,
    pub hints: Vec<String>,
    pub rules_out: Vec<String>,
    /// Acts that destroy it (as fixes' commands) — for the author's eye; the folds decide.
    pub perishable: bool,
    /// One sentence for the debrief: what it says.
    pub say: String,
    /// The concept card that explains it; may be empty.
    pub card: String,
}

/// A fact pattern: family, object role, path, predicates. Empty parts match anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pattern {
    /// `field`, `event`, `log`, `metric`, `revision`, `change`, `experiment`, `said`.
    pub family: String,
    /// A role, or empty.
    pub on: String,
    /// Field path / metric name / log template / event reason / said topic / experiment tool.
    pub path: String,
    pub tests: Vec<Test>,
}

/// A predicate on a named part of the fact (`value`, `fields.age_s`, `labels.outcome`, `message`, …).
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub part: String,
    pub op: Op,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    Is(String),
    OneOf(Vec<String>),
    Not(String),
    Has(String),
    AtLeast(f64),
    AtMost(f64),
    /// The part is another part's value plus or minus nothing (`fields.age_s` above `fields.ttl_s`).
    Above(String),
    After(Time),
    Before(Time),
}

/// A role bound to objects: kind, namespace and a name or an owner whose pods it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// Pods owned (through a ReplicaSet) by this Deployment.
    pub of: String,
    /// Only pods of this template of the Deployment.
    pub template: Template,
    /// The deployment revision number that `template` had at the page.
    pub revision: Option<u64>,
    /// The ReplicaSet of that revision, bound when the case is cast: revision numbers move, its name does not.
    pub replica_set: String,
}

/// Which of a Deployment's templates a role means, at the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Template {
    #[default]
    Any,
    Newest,
    /// The one before the newest.
    Before,
}

/// A predicted fix: `check` verifies it.
#[derive(Clone, Debug, Default)]
pub struct Fix {
    pub run: Vec<String>,
    pub within: Span,
    pub lasts: bool,
}

/// What hurts, measured: an app-defined series name and its healthy floor.
#[derive(Clone, Debug, Default)]
pub struct Indicator {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    /// A value below this hurts.
    pub healthy: f64,
    /// Harm per minute at value 0, in `unit`s.
    pub unit: String,
}

/// One step of the tutorial: shown until `until` holds.
#[derive(Clone, Debug, Default)]
pub struct CoachStep {
    pub say: String,
    /// The same for play without a screen; empty if `say` will do.
    pub plain: String,
    /// `seen:<clue>`, `bagged:<clue>`, `act:<verb>`, `key:<pane>`.
    pub until: String,
}
