//! Scenario format 1, as tables of keys. Does not read anything.

use super::gameday;
use super::keys::Need::{Optional, Required};
use super::keys::{Key, Kind, Need, Shape};

const fn key(name: &'static str, kind: Kind, need: Need, doc: &'static str) -> Key {
    Key { name, kind, need, doc }
}

const SHORT: Kind = Kind::Text(200);
const LINE: Kind = Kind::Text(1_000);
const PROSE: Kind = Kind::Text(BRIEF_MAX);
const WORDS: Kind = Kind::List(&SHORT, 40);
const COMMANDS: Kind = Kind::List(&LINE, 12);

/// Characters of a word of the case, as the learner reads it.
pub const WORD_MAX: usize = 90;
/// Characters of a title, a clue's sentence, a coaching step, an interview's question and what to listen for, a comment of a solution.
pub const TITLE_MAX: usize = 60;
pub const CLUE_MAX: usize = 300;
pub const STEP_MAX: usize = 600;
pub const QUESTION_MAX: usize = 1_000;
pub const LISTEN_MAX: usize = 300;
pub const COMMENT_MAX: usize = 1_000;
/// Characters of a brief.
pub const BRIEF_MAX: usize = 4_000;
/// Cards of a case.
pub const CARDS_MAX: usize = 12;

/// Who acts and answers: actors are limited so that a file cannot open shells without end.
pub const ACTORS_MAX: usize = 20;
/// Families of facts that a pattern may name.
pub const FAMILIES: &[&str] =
    &["change", "count", "event", "experiment", "field", "log", "metric", "revision", "row", "said"];
/// Kinds of words.
pub const WORD_KINDS: &[&str] = &["change", "harm", "how", "thing"];
/// What acts on the estate directly, without an actor.
pub const WEATHERS: &[&str] = &["load", "partner", "queue"];
/// The instruments, as `console::fact::Channel` spells them.
pub const CHANNELS: &[&str] = &[
    "app-log",
    "audit-trail",
    "bill",
    "change-history",
    "cloud-attributes",
    "cloud-logs",
    "cloud-metrics",
    "computed",
    "configuration",
    "deploy-history",
    "events",
    "experiment",
    "flow-logs",
    "indicator",
    "ledger",
    "metrics",
    "node-status",
    "pod-status",
    "service-status",
    "witness",
    "workload-spec",
];

static TEST: Shape = Shape {
    name: "test",
    doc: "What a part of a fact must be. All that are given must hold.",
    keys: &[
        key("above", SHORT, Optional, "greater than this other part of the same fact"),
        key("after", Kind::Span, Optional, "a time later than this, from the page"),
        key("at_least", Kind::Number, Optional, "a number not below this"),
        key("at_most", Kind::Number, Optional, "a number not above this"),
        key("before", Kind::Span, Optional, "a time earlier than this, from the page"),
        key("has", SHORT, Optional, "contains this text"),
        key("is", Kind::Scalar, Optional, "equals this; empty means shown as absent"),
        key("not", Kind::Scalar, Optional, "differs from this"),
        key("one_of", Kind::List(&Kind::Scalar, 40), Optional, "equals one of these"),
    ],
    also: None,
};

static PATTERN: Shape = Shape {
    name: "pattern",
    doc: "Which facts are meant: family, object, path and tests.",
    keys: &[
        key("fact", Kind::OneOf(FAMILIES), Optional, "the family: what kind of instrument shows it"),
        key("on", SHORT, Optional, "a role: the object it is about"),
        key(
            "path",
            SHORT,
            Optional,
            "field path, metric name, log template, event reason, topic or tool; `[*]` is any",
        ),
        key(
            "where",
            Kind::Map(&Kind::Table(&TEST), 12),
            Optional,
            "tests of named parts (`fields.age_s`, `labels.outcome`)",
        ),
        key("above", SHORT, Optional, "the main part is greater than this other part"),
        key("after", Kind::Span, Optional, "the fact's time is later than this, from the page"),
        key("at_least", Kind::Number, Optional, "the main part is not below this"),
        key("at_most", Kind::Number, Optional, "the main part is not above this"),
        key("before", Kind::Span, Optional, "the fact's time is earlier than this, from the page"),
        key("has", SHORT, Optional, "the main part contains this text"),
        key("is", Kind::Scalar, Optional, "the main part equals this"),
        key("not", Kind::Scalar, Optional, "the main part differs from this"),
        key("one_of", Kind::List(&Kind::Scalar, 40), Optional, "the main part equals one of these"),
    ],
    also: None,
};

const PATTERNS: Kind = Kind::List(&Kind::Table(&PATTERN), 12);

/// What stands before the learner's eyes: a family says it for the cases behind it.
static FACE: Shape = Shape {
    name: "[drill] of a family",
    doc: "What the learner may see before the verdict. None of it may name the answer of any member.",
    keys: &[
        key("title", Kind::Text(TITLE_MAX), Required, "the name of the case"),
        key("level", Kind::Integer(1, 5), Required, "difficulty, 1 to 5"),
        key("minutes", Kind::Integer(3, 240), Required, "how long a learner needs, about"),
        key("tags", Kind::List(&Kind::Text(40), 12), Required, "subjects, for the list of cases"),
        key("brief", PROSE, Required, "why you are here, shown before the start"),
        key("page", PROSE, Required, "the page as it arrives"),
    ],
    also: None,
};

static DRILL: Shape = Shape {
    name: "[drill]",
    doc: "What the learner may see before the verdict. None of it may name the answer.",
    keys: &[
        key("page_at", Kind::Text(40), Required, "when it arrives: 2026-03-02 01:10, always UTC"),
        key("closes_after", Kind::Span, Required, "after the page: when the harm stops being counted"),
        key("warmup", Kind::Span, Required, "how long the estate lives before the page"),
        key(
            "cards",
            Kind::List(&Kind::Id, CARDS_MAX),
            Optional,
            "a concept card for every system in the case, for the debrief",
        ),
    ],
    also: Some(&FACE),
};

/// Cases of a family.
pub const MEMBERS_MAX: usize = 20;

static MEMBER: Shape = Shape {
    name: "[[member]]",
    doc: "Variants of a case that hide behind a family's page.",
    keys: &[
        key("case", Kind::Id, Required, "a case beside this one, or of the library"),
        key("variants", Kind::List(&Kind::Id, 12), Required, "which of its variants"),
    ],
    also: None,
};

/// The file of a family instead.
pub static FAMILY: Shape = Shape {
    name: "the family",
    doc: "One page for culprits of several cases, format 1.",
    keys: &[
        key("format", Kind::Integer(1, 1), Required, "always 1"),
        key("drill", Kind::Table(&FACE), Required, FACE.doc),
        key("member", Kind::List(&Kind::Table(&MEMBER), MEMBERS_MAX), Required, MEMBER.doc),
        key("inject", Kind::List(&Kind::Table(&INJECT), 20), Optional, "messages that arrive, instead of the members'"),
        key("gameday", Kind::Table(&GAMEDAY), Optional, "a game day's injects and role cards, instead of the members'"),
    ],
    also: None,
};

static SCRIPT: Shape = Shape {
    name: "[[script]]",
    doc: "A line that somebody else runs, through the same front doors as the learner.",
    keys: &[
        key("at", Kind::Span, Required, "when, from the page: -12m is before it"),
        key("by", Kind::Id, Required, "who"),
        key("run", LINE, Required, "the line"),
        key("fault", Kind::Bool, Optional, "belongs to the fault: the healthy twin drops it"),
    ],
    also: None,
};

/// Resources by address, each a table of attributes.
const RESOURCES: Kind = Kind::Map(&Kind::Map(&Kind::Any, 60), 40);

static IAC: Shape = Shape {
    name: "[[iac]]",
    doc: "A change of the account's code that somebody has prepared; `iac merge ID` in the script makes it the head.",
    keys: &[
        key("id", Kind::Id, Required, "its name"),
        key("title", Kind::Text(90), Required, "what its author calls it"),
        key("by", Kind::Id, Required, "who wrote it"),
        key("apply", Kind::Integer(1, 100_000), Optional, "the number that its apply has at least"),
        key("add", RESOURCES, Optional, "new resources by address, with `module` among their attributes"),
        key("set", RESOURCES, Optional, "attributes to set, by address"),
        key("remove", Kind::List(&SHORT, 40), Optional, "addresses, or single attributes (type.name.attribute)"),
    ],
    also: None,
};

static WEATHER: Shape = Shape {
    name: "[[weather]]",
    doc: "What happens to the estate without anybody's act.",
    keys: &[
        key("at", Kind::Span, Required, "when it starts, from the page"),
        key("for", Kind::Span, Optional, "how long; without it, to the end"),
        key(
            "kind",
            Kind::OneOf(WEATHERS),
            Required,
            "load: arrivals are multiplied; partner: a third party is otherwise; queue: deletions miss copies",
        ),
        key(
            "on",
            SHORT,
            Optional,
            "which stream of requests, partner or queue, as the estate names it; without it, all streams",
        ),
        key("percent", Kind::Integer(0, 20_000), Optional, "load: of what is usual: 150 is half as much again"),
        key("takes", Kind::Span, Optional, "partner: how long it takes now"),
        key("jitter", Kind::Span, Optional, "partner: added by lot"),
        key("fails", Kind::Integer(0, 1_000), Optional, "partner: of a thousand calls"),
        key("repeats", Kind::Integer(0, 1_000), Optional, "queue: of a thousand deletions, those that miss a copy"),
        key("refuses", WORDS, Optional, "partner: orders with one of these traits it does not take"),
        key("says", SHORT, Optional, "partner: what it answers to those"),
        key("fault", Kind::Bool, Optional, "belongs to the fault: the healthy twin drops it"),
    ],
    also: None,
};

static NODE: Shape = Shape {
    name: "chain entry",
    doc: "A link of the causal chain; what it says becomes a word that can be collected.",
    keys: &[
        key("id", Kind::Id, Required, "its name"),
        key("is", Kind::OneOf(WORD_KINDS), Required, "what kind of word it is"),
        key("say", Kind::Text(WORD_MAX), Required, "the word, as the learner reads it"),
        key("causes", Kind::List(&Kind::Id, 8), Optional, "what it causes; without it, the next entry"),
        key("at", Kind::Span, Optional, "when it happened, from the page"),
        key("met", PATTERNS, Optional, "facts that let the learner collect the word, besides its clues"),
    ],
    also: None,
};

static ALSO: Shape = Shape {
    name: "[verdict.also]",
    doc: "Further entries of the chain that are right as well.",
    keys: &[
        key("culprit", Kind::List(&Kind::Id, 8), Optional, "things"),
        key("mechanism", Kind::List(&Kind::Id, 8), Optional, "hows"),
        key("trigger", Kind::List(&Kind::Id, 8), Optional, "changes"),
        key("impact", Kind::List(&Kind::Id, 8), Optional, "harms"),
    ],
    also: None,
};

static VERDICT: Shape = Shape {
    name: "[verdict]",
    doc: "The right answer: entries of the chain.",
    keys: &[
        key("culprit", Kind::Id, Required, "the thing that failed"),
        key("mechanism", Kind::Id, Required, "how it failed"),
        key("trigger", Kind::Id, Required, "the change that set it off"),
        key("impact", Kind::Id, Required, "whom it hurt and how"),
        key("onset", Kind::Span, Required, "when the harm began, from the page"),
        key("also", Kind::Table(&ALSO), Optional, "what is accepted besides"),
    ],
    also: None,
};

static RIVAL: Shape = Shape {
    name: "rival",
    doc: "What a reasonable engineer would also suspect.",
    keys: &[
        key("thing", Kind::Text(WORD_MAX), Required, "the thing suspected"),
        key("how", Kind::Text(WORD_MAX), Required, "how it would have failed"),
        key("met", PATTERNS, Optional, "facts that let the learner collect both words"),
    ],
    also: None,
};

static DECOY: Shape = Shape {
    name: "decoy",
    doc: "A word that is only there to be wrong.",
    keys: &[
        key("is", Kind::OneOf(WORD_KINDS), Required, "what kind of word it is"),
        key("say", Kind::Text(WORD_MAX), Required, "the word"),
        key("met", PATTERNS, Optional, "facts that let the learner collect it"),
    ],
    also: None,
};

static CLUE: Shape = Shape {
    name: "clue",
    doc: "A diagnostic fact, or a proven absence of one: a pattern, and what it means.",
    keys: &[
        key("absent", Kind::Bool, Optional, "the clue is that nothing matches, on a page that covers it"),
        key("at", COMMANDS, Required, "commands that reveal it; `{role}` is the object's name"),
        key("card", Kind::Id, Optional, "the concept card that explains it"),
        key("channel", Kind::OneOf(CHANNELS), Optional, "the instrument, where it does not follow from the family"),
        key("dies", COMMANDS, Optional, "acts that destroy it, for the author's eye; the simulation decides"),
        key("hints", WORDS, Optional, "chain entries (or `onset`) it is circumstantial for"),
        key("perishable", Kind::Bool, Optional, "it can be lost: at least two clues are"),
        key("rules_out", WORDS, Optional, "rivals it clears"),
        key("say", Kind::Text(CLUE_MAX), Required, "what it says, one sentence for the debrief"),
        key("shows", WORDS, Optional, "chain entries (or `onset`) it proves directly"),
    ],
    also: Some(&PATTERN),
};

static ROLE: Shape = Shape {
    name: "role",
    doc: "A name for objects that are drawn or born in play.",
    keys: &[
        key("kind", Kind::Text(60), Required, "Pod, Deployment, Node, ConfigMap, …"),
        key("namespace", Kind::Text(63), Optional, "where it is"),
        key("name", Kind::Text(253), Optional, "its name, if it is known"),
        key("of", Kind::Text(253), Optional, "the Deployment whose pods (or ReplicaSets) are meant"),
        key(
            "revision",
            Kind::OneOf(&["new", "old"]),
            Optional,
            "only of its newest template at the page, or of the one before",
        ),
    ],
    also: None,
};

static FIX: Shape = Shape {
    name: "fix",
    doc: "A prediction that the checker verifies: what ends the harm, how soon, and whether it stays ended.",
    keys: &[
        key("run", COMMANDS, Required, "the lines, in order"),
        key("within", Kind::Span, Required, "the harm ends so soon"),
        key("lasts", Kind::Bool, Required, "whether it stays ended"),
    ],
    also: None,
};

static INDICATOR: Shape = Shape {
    name: "[indicator]",
    doc: "By what the harm is measured.",
    keys: &[
        key("name", SHORT, Required, "a series that the estate's apps publish"),
        key("labels", Kind::Map(&SHORT, 8), Optional, "its labels"),
        key("healthy", Kind::Number, Required, "a value below this hurts"),
        key("unit", SHORT, Required, "what is lost, in words: orders, sessions"),
    ],
    also: None,
};

static WITNESS: Shape = Shape {
    name: "[[witness]]",
    doc: "Somebody in the chat, who may be wrong.",
    keys: &[
        key("who", Kind::Id, Required, "a name: `release-manager`"),
        key("role", Kind::Text(90), Optional, "what they do, shown in the list of people"),
        key("topic", Kind::Id, Required, "what they speak about; facts carry it"),
        key(
            "asks",
            WORDS,
            Optional,
            "words in a question that bring out this statement; without it, whenever they are asked",
        ),
        key("say", Kind::Text(1_000), Required, "what they say"),
        key("true", Kind::Bool, Optional, "false if the witness is wrong, for the debrief"),
    ],
    also: None,
};

static INJECT: Shape = Shape {
    name: "[[inject]]",
    doc: "A message that arrives, in every mode.",
    keys: &[
        key("at", Kind::Span, Required, "when, from the page"),
        key("from", Kind::Text(90), Required, "who asks"),
        key("say", Kind::Text(1_000), Required, "what they ask"),
    ],
    also: None,
};

/// What can happen to a room, and the roles that have a card.
pub const HAPPENINGS: &[&str] = &["alert", "away", "handover", "question", "witness"];
pub const CARD_ROLES: &[&str] = &["commander", "communications", "operator", "scribe"];

static GAMEDAY_INJECT: Shape = Shape {
    name: "[[gameday.inject]]",
    doc: "What happens to the room of a game day, on time, by condition or by hand.",
    keys: &[
        key("at", Kind::Span, Optional, "when, from the page; or `when`"),
        key(
            "when",
            Kind::Text(90),
            Optional,
            "seen:CLUE, bagged:CLUE, change, update, harm-over or verdict: the first time that it comes true",
        ),
        key("after", Kind::Span, Optional, "so long after `when` came true"),
        key(
            "kind",
            Kind::OneOf(HAPPENINGS),
            Required,
            "a stakeholder asks, a second alert, somebody who is wrong, a teammate is called away, the commander must hand over",
        ),
        key("from", Kind::Text(gameday::CARD_TITLE_MAX), Required, "who says it"),
        key("say", Kind::Text(gameday::SAY_MAX), Required, "what they say; people in the world speak English"),
        key("to", Kind::Id, Optional, "a role, or the id of a seat; without it, the whole room"),
        key("note", Kind::Text(gameday::NOTE_MAX), Optional, "for the facilitator: what a good room does with it"),
        key("by-hand", Kind::Bool, Optional, "never by itself, only offered at the desk"),
    ],
    also: None,
};

static GAMEDAY_SEAT: Shape = Shape {
    name: "[[gameday.seat]]",
    doc: "A role card of a game day.",
    keys: &[
        key("id", Kind::Id, Required, "its name: ops-network"),
        key("role", Kind::OneOf(CARD_ROLES), Required, "what it may do"),
        key("title", Kind::Text(gameday::CARD_TITLE_MAX), Required, "who that is: network on-call"),
        key("note", Kind::Text(gameday::NOTE_MAX), Required, "what only this seat is told before the start"),
        key(
            "can",
            Kind::List(&Kind::Text(60), gameday::CAN_MAX),
            Optional,
            "beginnings of commands that its shell has, of those that ask an instrument; without it, all",
        ),
    ],
    also: None,
};

static GAMEDAY: Shape = Shape {
    name: "[gameday]",
    doc: "What a game day has beyond the case: injects and role cards. None of it may name the answer.",
    keys: &[
        key("inject", Kind::List(&Kind::Table(&GAMEDAY_INJECT), gameday::INJECTS_MAX), Optional, GAMEDAY_INJECT.doc),
        key("seat", Kind::List(&Kind::Table(&GAMEDAY_SEAT), gameday::CARDS_MAX), Optional, GAMEDAY_SEAT.doc),
    ],
    also: None,
};

static QUESTION: Shape = Shape {
    name: "[[question]]",
    doc: "A follow-up question for an interview.",
    keys: &[
        key("ask", Kind::Text(QUESTION_MAX), Required, "the question"),
        key("listen", Kind::List(&Kind::Text(LISTEN_MAX), 12), Required, "what a good answer has"),
    ],
    also: None,
};

static COACH: Shape = Shape {
    name: "[[coach]]",
    doc: "A step of the tutorial, shown until its condition holds.",
    keys: &[
        key("say", Kind::Text(STEP_MAX), Required, "what to do next"),
        key("plain", Kind::Text(STEP_MAX), Optional, "the same for play without a screen, if `say` names keys"),
        key("until", SHORT, Required, "`seen:<clue>`, `bagged:<clue>`, `act:<verb>` or `key:<pane>`"),
    ],
    also: None,
};

static DRAW: Shape = Shape {
    name: "skin entry",
    doc: "A name, count or time that the seed draws.",
    keys: &[
        key("pick", Kind::List(&Kind::Scalar, 60), Optional, "one of these"),
        key(
            "between",
            Kind::List(&Kind::Integer(-1_000_000, 1_000_000), 2),
            Optional,
            "a whole number from the first to the second",
        ),
        key("step", Kind::Integer(1, 100_000), Optional, "with between: only every so many"),
        key("along", Kind::Id, Optional, "picks the entry at the same place as this other one did"),
    ],
    also: None,
};

static WORLD: Shape = Shape {
    name: "world",
    doc: "What would have happened if the rival of this name were the truth; the proof that clues rule it out.",
    keys: &[
        key("variant", Kind::Id, Optional, "it is the truth of this variant: then nothing else is said"),
        key("script", Kind::List(&Kind::Table(&SCRIPT), 20), Optional, "lines instead of the fault's"),
        key("weather", Kind::List(&Kind::Table(&WEATHER), 12), Optional, "weather instead of the fault's"),
        key("iac", Kind::List(&Kind::Table(&IAC), 20), Optional, "prepared changes of the code, besides the case's"),
    ],
    also: None,
};

const WORLDS: Kind = Kind::Map(&Kind::Table(&WORLD), 24);

/// What a variant may say of its own; everything else is shared, so that no variant shows before the work begins.
static VARIANT: Shape = Shape {
    name: "[[variant]]",
    doc: "Another culprit behind the same page.",
    keys: &[
        key("id", Kind::Id, Required, "a letter or a short name that says nothing"),
        key("script", Kind::List(&Kind::Table(&SCRIPT), 60), Optional, "added to the shared script"),
        key("iac", Kind::List(&Kind::Table(&IAC), 20), Optional, "added to the shared changes of the code"),
        key("weather", Kind::List(&Kind::Table(&WEATHER), 12), Optional, "added to the shared weather"),
        key("chain", Kind::List(&Kind::Table(&NODE), 16), Optional, "instead of the shared chain"),
        key("verdict", Kind::Table(&VERDICT), Optional, "instead of the shared verdict"),
        key("rivals", Kind::Map(&Kind::Table(&RIVAL), 12), Optional, "added; one of the same name replaces"),
        key("worlds", WORLDS, Optional, "added; one of the same name replaces"),
        key("decoys", Kind::List(&Kind::Table(&DECOY), 24), Optional, "added to the shared decoys"),
        key("clues", Kind::Map(&Kind::Table(&CLUE), 40), Optional, "added; one of the same name replaces"),
        key("roles", Kind::Map(&Kind::Table(&ROLE), 20), Optional, "added; one of the same name replaces"),
        key("fixes", Kind::List(&Kind::Table(&FIX), 12), Optional, "instead of the shared fixes"),
        key("witness", Kind::List(&Kind::Table(&WITNESS), 20), Optional, "added to the shared witnesses"),
        key("coach", Kind::List(&Kind::Table(&COACH), 40), Optional, "instead of the shared steps"),
        key("inject", Kind::List(&Kind::Table(&INJECT), 20), Optional, "added to the shared messages"),
        key("question", Kind::List(&Kind::Table(&QUESTION), 20), Optional, "added to the shared questions"),
    ],
    also: None,
};

/// Repository → tags that its registry holds.
const IMAGES: Kind = Kind::Map(&Kind::List(&Kind::Text(120), 40), 60);

/// The whole file.
pub static SCENARIO: Shape = Shape {
    name: "the scenario",
    doc: "A case for whodunit, format 1.",
    keys: &[
        key("format", Kind::Integer(1, 1), Required, "always 1"),
        key("drill", Kind::Table(&DRILL), Required, DRILL.doc),
        key("estate", Kind::Id, Required, "the estate it plays in: a folder of `_estates`"),
        key(
            "skin",
            Kind::Map(&Kind::Table(&DRAW), 60),
            Optional,
            "what the seed draws; `{name}` puts it into any text",
        ),
        key("roles", Kind::Map(&Kind::Table(&ROLE), 20), Optional, "names for objects"),
        key("images", IMAGES, Optional, "released images besides the estate's: repository, and its tags"),
        key("script", Kind::List(&Kind::Table(&SCRIPT), 60), Optional, "what others do"),
        key("iac", Kind::List(&Kind::Table(&IAC), 20), Optional, "prepared changes of the account's code"),
        key("weather", Kind::List(&Kind::Table(&WEATHER), 12), Optional, "what happens by itself"),
        key("indicator", Kind::Table(&INDICATOR), Required, INDICATOR.doc),
        key("chain", Kind::List(&Kind::Table(&NODE), 16), Optional, "what happened: cause first, effect last"),
        key("verdict", Kind::Table(&VERDICT), Optional, VERDICT.doc),
        key("rivals", Kind::Map(&Kind::Table(&RIVAL), 12), Optional, "other suspects"),
        key("worlds", WORLDS, Optional, "by the rival's name: what would have happened if it were the truth"),
        key("decoys", Kind::List(&Kind::Table(&DECOY), 24), Optional, "spare words"),
        key("clues", Kind::Map(&Kind::Table(&CLUE), 40), Optional, "where the truth shows"),
        key("fixes", Kind::List(&Kind::Table(&FIX), 12), Optional, "what mends it"),
        key("witness", Kind::List(&Kind::Table(&WITNESS), 20), Optional, "people in the chat"),
        key("coach", Kind::List(&Kind::Table(&COACH), 40), Optional, "a tutorial's steps"),
        key("inject", Kind::List(&Kind::Table(&INJECT), 20), Optional, "messages that arrive, in every mode"),
        key("gameday", Kind::Table(&GAMEDAY), Optional, GAMEDAY.doc),
        key("question", Kind::List(&Kind::Table(&QUESTION), 20), Optional, "interview questions"),
        key("variant", Kind::List(&Kind::Table(&VARIANT), 12), Required, "at least one"),
        key("allow", Kind::List(&Kind::Text(120), 20), Optional, "warnings the author accepts: code and why"),
    ],
    also: None,
};

/// `estate.toml`.
pub static ESTATE: Shape = Shape {
    name: "the estate",
    doc: "A shared stage.",
    keys: &[
        key("title", Kind::Text(60), Required, "its name"),
        key("base", Kind::Id, Optional, "the estate it is laid over: own files stand instead, `.toml` key by key"),
        key("born", Kind::Span, Optional, "how old its nodes are when the warm-up begins"),
        key("images", IMAGES, Optional, "what can be pulled besides its manifests' images: repository, and its tags"),
        key("skin", Kind::Map(&Kind::Table(&DRAW), 60), Optional, "what the seed draws where a scenario does not say"),
    ],
    also: None,
};

static SAY_KO: Shape = Shape {
    name: "[[say]]",
    doc: "One text in two languages.",
    keys: &[
        key(
            "en",
            PROSE,
            Required,
            "the text of scenario.toml, what its skin draws, or a solution's comment; blanks and line ends do not count",
        ),
        key("ko", PROSE, Required, "the same in Korean, with the same `{names}`; empty if it is still to be done"),
    ],
    also: None,
};

static TONGUE_KO: Shape = Shape {
    name: "ko.toml",
    doc: "The texts of a case in Korean.",
    keys: &[key("say", Kind::List(&Kind::Table(&SAY_KO), SAYS_MAX), Required, SAY_KO.doc)],
    also: None,
};

/// Texts of a case in another language.
const SAYS_MAX: usize = 1_000;

/// The file `CODE.toml` beside a `scenario.toml`, by the language's code. Every language of the interface but English has one.
pub static TONGUES: &[(&str, &Shape)] = &[("ko", &TONGUE_KO)];

static CARD_TEXT: Shape = Shape {
    name: "card text",
    doc: "What a card says in one language; one to three sentences each.",
    keys: &[
        key("title", Kind::Text(TITLE_MAX), Required, "the concept's name"),
        key("does", LINE, Required, "what the part does"),
        key("fails", LINE, Required, "how it fails"),
        key("shows", LINE, Required, "where that shows"),
        key("next", Kind::Text(300), Required, "what a detective asks first, one line"),
    ],
    also: None,
};

/// `assets/cards/ID.toml`: one concept.
pub static CARD: Shape = Shape {
    name: "the card",
    doc: "A concept: what a part does, how it fails, where that shows.",
    keys: &[
        key("id", Kind::Id, Required, "the file's name"),
        key("tags", Kind::List(&Kind::Text(40), 12), Required, "subjects, as cases have them"),
        key("commands", COMMANDS, Required, "commands that show it, with placeholders such as POD"),
        key("en", Kind::Table(&CARD_TEXT), Required, "in English"),
        key("ko", Kind::Table(&CARD_TEXT), Required, "in Korean"),
    ],
    also: None,
};
