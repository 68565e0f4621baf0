//! The key table: in which context which key does what. Help, palette and key bar are made from it. Does not do anything.

use super::key::Key;

/// What a key can do: closed, named in `assets/keys.toml` as in `COMMANDS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Do {
    Accept,
    Anomalies,
    Approve,
    Ask,
    Away,
    Back,
    Bag,
    BagPage,
    Beside,
    Board,
    Bottom,
    CallFor,
    Card,
    Changes,
    Chart,
    Chat,
    Clear,
    ClearLine,
    Close,
    Complete,
    Confirm,
    Cost,
    Decisions,
    Delete,
    Deny,
    Desk,
    Down,
    Driver,
    End,
    Erase,
    EraseForward,
    EraseToEnd,
    EraseToStart,
    EraseWord,
    Exhibits,
    Expect,
    Export,
    Extend,
    Faster,
    Filter,
    Fire,
    Forecast,
    GiveHint,
    Help,
    Hint,
    HintSeat,
    Hypothesis,
    Interrupt,
    Invite,
    LeftChar,
    Less,
    LineEnd,
    LineStart,
    Link,
    LogLine,
    Logs,
    Mark,
    Messages,
    Metrics,
    More,
    NextMatch,
    NextPane,
    NextSection,
    NoteDown,
    Object,
    Offer,
    Open,
    Order,
    OtherSide,
    PageDown,
    PageUp,
    Palette,
    PanLeft,
    PanRight,
    Pass,
    Pause,
    Pledge,
    Predict,
    Present,
    PreviousMatch,
    PreviousPane,
    PreviousSection,
    Promise,
    Propose,
    Quit,
    Range,
    Recall,
    Refresh,
    Refuse,
    Remove,
    Repaint,
    Report,
    Resolve,
    RightChar,
    Say,
    SearchHistory,
    Select,
    Shell,
    Shelve,
    SignAgainst,
    SignFor,
    SignNeutral,
    Slower,
    State,
    Stats,
    StepBack,
    StepOn,
    Submit,
    Suspend,
    Take,
    TakeRole,
    Tasks,
    Team,
    Tell,
    TellAs,
    Theme,
    Timeline,
    Toggle,
    Top,
    Tray,
    Type,
    Undo,
    Up,
    Variant,
    Verdict,
    Wait,
    WordLeft,
    WordRight,
    Wrap,
    Zoom,
}

/// A row: the name in the key table, and whether the palette offers it. Words about it are `do.NAME` of the language.
pub struct Command {
    pub name: &'static str,
    pub does: Do,
    pub palette: bool,
    /// Only where several play one run.
    pub seated: bool,
}

const fn row(name: &'static str, does: Do) -> Command {
    Command { name, does, palette: false, seated: false }
}
const fn offered(name: &'static str, does: Do) -> Command {
    Command { name, does, palette: true, seated: false }
}
const fn seated(name: &'static str, does: Do) -> Command {
    Command { name, does, palette: true, seated: true }
}

/// Sorted by name.
pub const COMMANDS: &[Command] = &[
    row("accept", Do::Accept),
    row("anomalies", Do::Anomalies),
    row("approve", Do::Approve),
    seated("ask", Do::Ask),
    seated("away", Do::Away),
    row("back", Do::Back),
    offered("bag", Do::Bag),
    offered("bag-page", Do::BagPage),
    offered("beside", Do::Beside),
    offered("board", Do::Board),
    offered("bottom", Do::Bottom),
    row("call", Do::CallFor),
    seated("card", Do::Card),
    offered("changes", Do::Changes),
    row("chart", Do::Chart),
    seated("chat", Do::Chat),
    offered("clear", Do::Clear),
    row("clear-line", Do::ClearLine),
    offered("close", Do::Close),
    offered("complete", Do::Complete),
    row("confirm", Do::Confirm),
    offered("cost", Do::Cost),
    seated("decisions", Do::Decisions),
    row("delete", Do::Delete),
    row("deny", Do::Deny),
    seated("desk", Do::Desk),
    row("down", Do::Down),
    seated("driver", Do::Driver),
    seated("end", Do::End),
    row("erase", Do::Erase),
    row("erase-forward", Do::EraseForward),
    row("erase-to-end", Do::EraseToEnd),
    row("erase-to-start", Do::EraseToStart),
    row("erase-word", Do::EraseWord),
    row("exhibits", Do::Exhibits),
    offered("expect", Do::Expect),
    row("export", Do::Export),
    seated("extend", Do::Extend),
    row("faster", Do::Faster),
    offered("filter", Do::Filter),
    row("fire", Do::Fire),
    row("forecast", Do::Forecast),
    seated("give-hint", Do::GiveHint),
    offered("help", Do::Help),
    offered("hint", Do::Hint),
    seated("hint-seat", Do::HintSeat),
    offered("hypothesis", Do::Hypothesis),
    offered("interrupt", Do::Interrupt),
    row("invite", Do::Invite),
    row("left-char", Do::LeftChar),
    row("less", Do::Less),
    row("line-end", Do::LineEnd),
    row("line-start", Do::LineStart),
    offered("link", Do::Link),
    seated("log", Do::LogLine),
    offered("logs", Do::Logs),
    row("mark", Do::Mark),
    offered("messages", Do::Messages),
    offered("metrics", Do::Metrics),
    row("more", Do::More),
    offered("next-match", Do::NextMatch),
    offered("next-pane", Do::NextPane),
    row("next-section", Do::NextSection),
    offered("note", Do::NoteDown),
    row("object", Do::Object),
    seated("offer", Do::Offer),
    offered("open", Do::Open),
    row("order", Do::Order),
    row("other-side", Do::OtherSide),
    row("page-down", Do::PageDown),
    row("page-up", Do::PageUp),
    row("palette", Do::Palette),
    offered("pan-left", Do::PanLeft),
    offered("pan-right", Do::PanRight),
    row("pass", Do::Pass),
    seated("pause", Do::Pause),
    offered("pledge", Do::Pledge),
    offered("predict", Do::Predict),
    row("present", Do::Present),
    row("previous-match", Do::PreviousMatch),
    offered("previous-pane", Do::PreviousPane),
    row("previous-section", Do::PreviousSection),
    row("promise", Do::Promise),
    seated("propose", Do::Propose),
    offered("quit", Do::Quit),
    offered("range", Do::Range),
    row("recall", Do::Recall),
    row("refresh", Do::Refresh),
    row("refuse", Do::Refuse),
    offered("remove", Do::Remove),
    offered("repaint", Do::Repaint),
    row("report", Do::Report),
    offered("resolved", Do::Resolve),
    row("right-char", Do::RightChar),
    seated("say", Do::Say),
    offered("search-history", Do::SearchHistory),
    offered("select", Do::Select),
    offered("shell", Do::Shell),
    offered("shelve", Do::Shelve),
    row("sign-against", Do::SignAgainst),
    row("sign-for", Do::SignFor),
    row("sign-neutral", Do::SignNeutral),
    row("slower", Do::Slower),
    offered("state", Do::State),
    offered("stats", Do::Stats),
    row("step-back", Do::StepBack),
    row("step-on", Do::StepOn),
    row("submit", Do::Submit),
    offered("suspend", Do::Suspend),
    row("take", Do::Take),
    seated("take-role", Do::TakeRole),
    seated("tasks", Do::Tasks),
    seated("team", Do::Team),
    offered("tell", Do::Tell),
    seated("tell-as", Do::TellAs),
    offered("theme", Do::Theme),
    seated("timeline", Do::Timeline),
    row("toggle", Do::Toggle),
    offered("top", Do::Top),
    offered("tray", Do::Tray),
    row("type", Do::Type),
    offered("undo", Do::Undo),
    row("up", Do::Up),
    row("variant", Do::Variant),
    offered("verdict", Do::Verdict),
    offered("wait", Do::Wait),
    row("word-left", Do::WordLeft),
    row("word-right", Do::WordRight),
    offered("wrap", Do::Wrap),
    offered("zoom", Do::Zoom),
];

pub fn command(does: Do) -> Option<&'static Command> {
    COMMANDS.iter().find(|row| row.does == does)
}

/// A binding as the table says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub context: String,
    pub key: Key,
    pub does: Do,
}

/// All bindings, in the order of the file: the first key of a command is the one that help shows.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Keymap {
    /// Our own table; problems in it are caught by a test.
    pub fn standard() -> Keymap {
        Keymap::parse(include_str!("../../assets/keys.toml")).0
    }

    /// Reads `[context]` and `key = "command"` lines; what cannot be read is listed and left out.
    pub fn parse(text: &str) -> (Keymap, Vec<String>) {
        let (mut bindings, mut problems, mut context) = (Vec::new(), Vec::new(), String::new());
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(section) = line.strip_prefix('[') {
                context = section.trim_end_matches(']').to_string();
                continue;
            }
            let pair = line.split_once(" = ").and_then(|(key, name)| {
                let name = name.trim().trim_matches('"');
                let does = COMMANDS.iter().find(|row| row.name == name)?.does;
                Some((Key::parse(key.trim().trim_matches('"'))?, does))
            });
            match pair {
                Some((key, does)) => bindings.push(Binding { context: context.clone(), key, does }),
                None => problems.push(format!("line {}: `{line}` is no key and command", number + 1)),
            }
        }
        (Keymap { bindings }, problems)
    }

    pub fn find(&self, context: &str, key: Key) -> Option<Do> {
        self.bindings.iter().find(|b| b.context == context && b.key == key).map(|b| b.does)
    }

    pub fn of(&self, context: &str) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |b| b.context == context)
    }

    /// The key shown for a command, looked for in the contexts from left to right.
    pub fn key_of(&self, contexts: &[&str], does: Do) -> Option<Key> {
        contexts.iter().enumerate().find_map(|(at, context)| {
            // A key that an earlier context takes never gets here.
            let taken = |key| contexts.iter().take(at).any(|earlier| self.find(earlier, key).is_some());
            self.of(context).find(|b| b.does == does && !taken(b.key)).map(|b| b.key)
        })
    }

    pub fn contexts(&self) -> Vec<&str> {
        let mut seen: Vec<&str> = Vec::new();
        for binding in &self.bindings {
            if !seen.contains(&binding.context.as_str()) {
                seen.push(&binding.context);
            }
        }
        seen
    }
}
