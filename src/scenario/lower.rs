//! From a checked, expanded tree to a typed case: times become instants, patterns become predicates. Does not build the
//! world, and binds no role.

use super::gameday::{Card, GameDay, Happening, When};
use super::keys::Place;
use super::shape::{
    Answer, Case, Clue, CoachStep, Drill, Fix, Indicator, Inject, Moods, Node, Op, Pattern, People, Question, Rival,
    Role, Template, Test, Weather, Witness, Word, WordKind,
};
use super::stage::ScriptLine;
use super::tree::{Data, Entry, Tree};
use crate::console::fact::Channel;
use crate::stdx::time::{Span, Time};
use crate::world::iac::code::Prepared;
use std::collections::BTreeMap;

/// What a variant's tree says: the case, and what the world needs to be told.
pub struct Lowered {
    pub case: Case,
    pub estate: String,
    pub warmup: Span,
    pub script: Vec<ScriptLine>,
    /// Images with tags that exist besides the estate's.
    pub images: Vec<String>,
    /// Prepared changes of the account's code.
    pub iac: Vec<Prepared>,
    /// By the rival that would be the truth.
    pub worlds: BTreeMap<String, RivalWorld>,
}

/// What would have happened if a rival were the truth.
#[derive(Default)]
pub struct RivalWorld {
    /// It is what happened in this variant; empty: what follows, instead of the fault.
    pub variant: String,
    pub script: Vec<ScriptLine>,
    pub weather: Vec<Weather>,
    pub iac: Vec<Prepared>,
}

/// Lowers the tree of one variant.
pub fn lower(root: &Tree, place: &mut Place) -> Lowered {
    let drill = root.get("drill");
    let page_at = page_at(drill, place);
    let mut script: Vec<ScriptLine> =
        list(root, "script").iter().map(|tree| script_line(tree, page_at, place)).collect();
    script.sort_by_key(|line| line.at);
    let mut case = Case {
        drill: drill.map_or_else(Drill::default, |tree| lower_drill(tree, page_at, place)),
        chain: chain(list(root, "chain"), page_at, place),
        verdict: root.get("verdict").map_or_else(Answer::default, |tree| verdict(tree, page_at, place)),
        rivals: table(root, "rivals").iter().map(|entry| rival(entry, page_at, place)).collect(),
        decoys: list(root, "decoys").iter().map(|tree| decoy(tree, page_at, place)).collect(),
        clues: table(root, "clues").iter().map(|entry| clue(entry, page_at, place)).collect(),
        fixes: list(root, "fixes").iter().map(|tree| fix(tree, place)).collect(),
        coach: list(root, "coach")
            .iter()
            .map(|tree| CoachStep { say: text(tree, "say"), plain: text(tree, "plain"), until: text(tree, "until") })
            .collect(),
        roles: table(root, "roles").iter().map(|entry| (entry.key.clone(), role(&entry.value))).collect(),
        indicator: root.get("indicator").map_or_else(Indicator::default, indicator),
        weather: list(root, "weather").iter().map(|tree| weather(tree, page_at, place)).collect(),
        people: people(root, page_at, place),
        gameday: root.get("gameday").map_or_else(GameDay::default, |tree| gameday(tree, place)),
        ..Case::default()
    };
    for clue in &mut case.clues {
        clue.channel = clue.channel.or_else(|| clue.pattern.channel(&case.roles));
    }
    let warmup = drill.map_or(Span::ZERO, |tree| span(tree, "warmup", place).unwrap_or(Span::ZERO));
    case.drill.lives_from = page_at - warmup;
    let iac = list(root, "iac").iter().map(prepared).collect();
    let world = |entry: &Entry| (entry.key.clone(), rival_world(&entry.value, page_at, place));
    let worlds = table(root, "worlds").iter().map(world).collect();
    Lowered { case, estate: text(root, "estate"), warmup, script, images: images(root), iac, worlds }
}

/// `repository:tag` of all tags under a tree's `images`.
pub fn images(root: &Tree) -> Vec<String> {
    let tagged = |entry: &Entry| -> Vec<String> {
        let tags = entry.value.items().iter().filter_map(Tree::text);
        tags.map(|tag| format!("{}:{tag}", entry.key)).collect()
    };
    table(root, "images").iter().flat_map(tagged).collect()
}

fn list<'a>(tree: &'a Tree, key: &str) -> &'a [Tree] {
    tree.get(key).map_or(&[], Tree::items)
}

fn table<'a>(tree: &'a Tree, key: &str) -> &'a [Entry] {
    tree.get(key).map_or(&[], Tree::entries)
}

fn text(tree: &Tree, key: &str) -> String {
    tree.get(key).and_then(Tree::text).unwrap_or_default().to_string()
}

fn texts(tree: &Tree, key: &str) -> Vec<String> {
    list(tree, key).iter().filter_map(|item| item.text().map(str::to_string)).collect()
}

fn truth(tree: &Tree, key: &str) -> bool {
    tree.get(key).and_then(Tree::truth).unwrap_or(false)
}

/// A span; a bad one was only let through before expansion if it held a placeholder.
fn span(tree: &Tree, key: &str, place: &mut Place) -> Option<Span> {
    let value = tree.get(key)?;
    let written = value.text()?;
    let parsed = Span::parse(written);
    let Some(found) = parsed.filter(|span| span.0.abs() <= Span::hours(24 * 400).0) else {
        place.complain(value, "bad-time", format!("`{key}` is not a length of time: {written:?}")).hint =
            "write it as 90s, 12m, -26h10m or 2d (at most 400d)".into();
        return None;
    };
    Some(found)
}

fn instant(tree: &Tree, key: &str, page_at: Time, place: &mut Place) -> Option<Time> {
    span(tree, key, place).map(|span| page_at + span)
}

fn page_at(drill: Option<&Tree>, place: &mut Place) -> Time {
    let Some(value) = drill.and_then(|drill| drill.get("page_at")) else { return Time::default() };
    let written = value.text().unwrap_or_default();
    match Time::parse(written).filter(|time| (0..4_102_444_800_000).contains(&time.0)) {
        Some(time) => time,
        None => {
            place.complain(value, "bad-time", format!("`page_at` is not a time: {written:?}")).hint =
                "write it as 2026-03-02 01:10".into();
            Time::default()
        }
    }
}

fn lower_drill(tree: &Tree, page_at: Time, place: &mut Place) -> Drill {
    Drill {
        title: text(tree, "title"),
        level: tree.get("level").and_then(Tree::integer).unwrap_or(1).clamp(1, 5) as u8,
        minutes: tree.get("minutes").and_then(Tree::integer).unwrap_or(0).clamp(0, 240) as u32,
        tags: texts(tree, "tags"),
        brief: text(tree, "brief"),
        page: text(tree, "page"),
        page_at,
        lives_from: page_at,
        closes_at: instant(tree, "closes_after", page_at, place).unwrap_or(page_at),
        cards: texts(tree, "cards"),
    }
}

fn script_line(tree: &Tree, page_at: Time, place: &mut Place) -> ScriptLine {
    ScriptLine {
        at: instant(tree, "at", page_at, place).unwrap_or(page_at),
        by: text(tree, "by"),
        run: text(tree, "run"),
        fault: truth(tree, "fault"),
    }
}

fn rival_world(tree: &Tree, page_at: Time, place: &mut Place) -> RivalWorld {
    RivalWorld {
        variant: text(tree, "variant"),
        script: list(tree, "script").iter().map(|line| script_line(line, page_at, place)).collect(),
        weather: list(tree, "weather").iter().map(|one| weather(one, page_at, place)).collect(),
        iac: list(tree, "iac").iter().map(prepared).collect(),
    }
}

/// A change of the code; what is in it the world reads when it is merged.
fn prepared(tree: &Tree) -> Prepared {
    let resources = |key: &str| {
        let entries = table(tree, key).iter();
        entries.map(|entry| (entry.key.clone(), super::estate::to_json(&entry.value))).collect()
    };
    Prepared {
        id: text(tree, "id"),
        title: text(tree, "title"),
        by: text(tree, "by"),
        apply: tree.get("apply").and_then(Tree::integer).and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        add: resources("add"),
        set: resources("set"),
        remove: texts(tree, "remove"),
    }
}

fn word_kind(tree: &Tree) -> WordKind {
    match tree.get("is").and_then(Tree::text) {
        Some("how") => WordKind::How,
        Some("change") => WordKind::Change,
        Some("harm") => WordKind::Harm,
        _ => WordKind::Thing,
    }
}

/// The chain; a node that does not say what it causes, causes the next one.
fn chain(list: &[Tree], page_at: Time, place: &mut Place) -> Vec<Node> {
    let mut nodes: Vec<Node> = list
        .iter()
        .map(|tree| Node {
            id: text(tree, "id"),
            kind: word_kind(tree),
            say: text(tree, "say"),
            causes: texts(tree, "causes"),
            at: instant(tree, "at", page_at, place),
            met: patterns(tree, page_at, place),
        })
        .collect();
    for index in 1..nodes.len() {
        if list[index - 1].get("causes").is_none() {
            let next = nodes[index].id.clone();
            nodes[index - 1].causes.push(next);
        }
    }
    nodes
}

fn verdict(tree: &Tree, page_at: Time, place: &mut Place) -> Answer {
    let also = table(tree, "also");
    Answer {
        culprit: text(tree, "culprit"),
        mechanism: text(tree, "mechanism"),
        trigger: text(tree, "trigger"),
        impact: text(tree, "impact"),
        onset: instant(tree, "onset", page_at, place),
        also: also
            .iter()
            .map(|entry| {
                let ids = entry.value.items().iter().filter_map(|item| item.text().map(str::to_string)).collect();
                (entry.key.clone(), ids)
            })
            .collect(),
    }
}

fn rival(entry: &Entry, page_at: Time, place: &mut Place) -> Rival {
    Rival {
        id: entry.key.clone(),
        thing: text(&entry.value, "thing"),
        how: text(&entry.value, "how"),
        met: patterns(&entry.value, page_at, place),
    }
}

fn decoy(tree: &Tree, page_at: Time, place: &mut Place) -> Word {
    Word { kind: word_kind(tree), say: text(tree, "say"), met: patterns(tree, page_at, place) }
}

fn clue(entry: &Entry, page_at: Time, place: &mut Place) -> Clue {
    let tree = &entry.value;
    if tree.get("fact").is_none() {
        let message = format!("clue `{}` needs `fact`: the family of facts it is", entry.key);
        place.complain_at(entry.span.clone(), "missing-key", message);
    }
    Clue {
        id: entry.key.clone(),
        pattern: pattern(tree, page_at, place),
        absent: truth(tree, "absent"),
        channel: tree.get("channel").and_then(Tree::text).and_then(channel),
        at: texts(tree, "at"),
        shows: texts(tree, "shows"),
        hints: texts(tree, "hints"),
        rules_out: texts(tree, "rules_out"),
        perishable: truth(tree, "perishable"),
        say: text(tree, "say"),
        card: text(tree, "card"),
    }
}

fn channel(word: &str) -> Option<Channel> {
    serde_json::from_value(serde_json::Value::String(word.into())).ok()
}

fn patterns(tree: &Tree, page_at: Time, place: &mut Place) -> Vec<Pattern> {
    list(tree, "met").iter().map(|item| pattern(item, page_at, place)).collect()
}

/// A pattern: tests of the main part stand beside `path`, those of other parts in `where`.
fn pattern(tree: &Tree, page_at: Time, place: &mut Place) -> Pattern {
    let mut found =
        Pattern { family: text(tree, "fact"), on: text(tree, "on"), path: text(tree, "path"), tests: Vec::new() };
    tests(tree, "", page_at, place, &mut found.tests);
    for entry in table(tree, "where") {
        tests(&entry.value, &entry.key, page_at, place, &mut found.tests);
    }
    found
}

fn tests(tree: &Tree, part: &str, page_at: Time, place: &mut Place, out: &mut Vec<Test>) {
    for entry in tree.entries() {
        let value = &entry.value;
        let op = match entry.key.as_str() {
            "is" => value.shown().map(Op::Is),
            "not" => value.shown().map(Op::Not),
            "has" => value.shown().map(Op::Has),
            "above" => value.shown().map(Op::Above),
            "one_of" => Some(Op::OneOf(value.items().iter().filter_map(Tree::shown).collect())),
            "at_least" => value.number().map(Op::AtLeast),
            "at_most" => value.number().map(Op::AtMost),
            "after" => instant(tree, "after", page_at, place).map(Op::After),
            "before" => instant(tree, "before", page_at, place).map(Op::Before),
            _ => None,
        };
        out.extend(op.map(|op| Test { part: part.to_string(), op }));
    }
}

fn role(tree: &Tree) -> Role {
    Role {
        kind: text(tree, "kind"),
        namespace: text(tree, "namespace"),
        name: text(tree, "name"),
        of: text(tree, "of"),
        template: match tree.get("revision").and_then(Tree::text) {
            Some("new") => Template::Newest,
            Some("old") => Template::Before,
            _ => Template::Any,
        },
        ..Role::default()
    }
}

fn fix(tree: &Tree, place: &mut Place) -> Fix {
    Fix {
        run: texts(tree, "run"),
        within: span(tree, "within", place).unwrap_or(Span::ZERO),
        lasts: truth(tree, "lasts"),
    }
}

fn indicator(tree: &Tree) -> Indicator {
    let labels: BTreeMap<String, String> =
        table(tree, "labels").iter().filter_map(|e| Some((e.key.clone(), e.value.shown()?))).collect();
    let healthy = tree.get("healthy").and_then(Tree::number).unwrap_or(0.0);
    Indicator { name: text(tree, "name"), labels, healthy, unit: text(tree, "unit") }
}

fn weather(tree: &Tree, page_at: Time, place: &mut Place) -> Weather {
    let at = instant(tree, "at", page_at, place).unwrap_or(page_at);
    Weather {
        at,
        until: span(tree, "for", place).map(|length| at + length),
        kind: text(tree, "kind"),
        on: text(tree, "on"),
        percent: tree.get("percent").and_then(Tree::integer).unwrap_or(100).clamp(0, 20_000) as u32,
        repeats: tree.get("repeats").and_then(Tree::integer).map_or(0, |n| n.clamp(0, 1_000) as u64),
        mood: Moods {
            takes: span(tree, "takes", place),
            jitter: span(tree, "jitter", place),
            fails: tree.get("fails").and_then(Tree::integer).map(|n| n.clamp(0, 1_000) as u64),
            refuses: list(tree, "refuses").iter().filter_map(Tree::text).map(str::to_string).collect(),
            says: text(tree, "says"),
        },
        fault: truth(tree, "fault"),
    }
}

fn people(root: &Tree, page_at: Time, place: &mut Place) -> People {
    People {
        witnesses: list(root, "witness")
            .iter()
            .map(|tree| Witness {
                who: text(tree, "who"),
                role: text(tree, "role"),
                topic: text(tree, "topic"),
                asks: texts(tree, "asks"),
                say: text(tree, "say"),
                truthful: !matches!(tree.get("true").map(|t| &t.data), Some(Data::Bool(false))),
            })
            .collect(),
        injects: list(root, "inject")
            .iter()
            .map(|tree| Inject {
                at: instant(tree, "at", page_at, place).unwrap_or(page_at),
                from: text(tree, "from"),
                say: text(tree, "say"),
            })
            .collect(),
        questions: list(root, "question")
            .iter()
            .map(|tree| Question { ask: text(tree, "ask"), listen: texts(tree, "listen") })
            .collect(),
    }
}

fn gameday(tree: &Tree, place: &mut Place) -> GameDay {
    let card = |tree: &Tree| {
        let role = tree.get("role").and_then(Tree::text).and_then(super::gameday::Role::named)?;
        let (id, title, note) = (text(tree, "id"), text(tree, "title"), text(tree, "note"));
        Some(Card { id, role, title, note, can: texts(tree, "can") })
    };
    GameDay {
        injects: list(tree, "inject").iter().map(|tree| gameday_inject(tree, place)).collect(),
        cards: list(tree, "seat").iter().filter_map(card).collect(),
    }
}

fn gameday_inject(tree: &Tree, place: &mut Place) -> super::gameday::Inject {
    let when = match tree.get("when").and_then(Tree::text) {
        Some(written) => condition(written),
        None => span(tree, "at", place).map(When::At),
    };
    super::gameday::Inject {
        // What cannot be read never comes true: the checker says so.
        when: when.unwrap_or_default(),
        after: span(tree, "after", place).unwrap_or(Span::ZERO),
        kind: tree.get("kind").and_then(Tree::text).and_then(Happening::named).unwrap_or_default(),
        from: text(tree, "from"),
        say: text(tree, "say"),
        to: text(tree, "to"),
        note: text(tree, "note"),
        by_hand: truth(tree, "by-hand"),
    }
}

fn condition(written: &str) -> Option<When> {
    Some(match written.split_once(':') {
        Some(("seen", clue)) => When::Seen(clue.to_string()),
        Some(("bagged", clue)) => When::Bagged(clue.to_string()),
        None if written == "change" => When::Change,
        None if written == "update" => When::Update,
        None if written == "harm-over" => When::HarmOver,
        None if written == "verdict" => When::Verdict,
        _ => return None,
    })
}
