//! Two lanes of time: what happened to the room, and what the room did, each act by the role and seat that it came from. Chat,
//! votes and what was told to one role alone are in neither. Does not judge.

use super::After;
use crate::case::debrief::Lane;
use crate::drill::act::Act;
use crate::drill::team::{Role, TeamAct};
use crate::report::phrase;
use crate::stdx::text::clip;
use crate::stdx::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Columns of what one act says.
const LINE_COLUMNS_MAX: usize = 160;

/// One row of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    pub at: Time,
    /// The room did it; else it happened to the room.
    pub own: bool,
    /// Journal entry, and `operator 3`; of what the room did.
    pub entry: u32,
    pub by: String,
    pub text: String,
}

/// Seat → its roles after an entry.
type Held = BTreeMap<u16, BTreeSet<Role>>;

/// Who had which roles, by the entries at which that changed.
pub struct Table(Vec<(u32, Held)>);

impl Table {
    pub fn of(run: &crate::drill::run::Run) -> Table {
        let mut now = Held::new();
        let mut all = Vec::new();
        for ((_, act), entry) in run.acts.iter().zip(1..) {
            let Act::Team { act } = act else { continue };
            if let TeamAct::Sit { seat, roles, .. } = &**act {
                now.insert(*seat, roles.clone());
                all.push((entry, now.clone()));
            }
            if let Some(done) = run.team.handovers.iter().find(|own| own.entry == entry) {
                hand_over(&mut now, done.role, (done.from, done.to));
                all.push((entry, now.clone()));
            }
        }
        Table(all)
    }

    /// `operator 3`, as it was before an entry.
    pub fn label(&self, seat: u16, entry: u32, lang: &crate::stdx::lang::Lang) -> String {
        let held = self.0.iter().rev().find(|(at, _)| *at < entry).and_then(|(_, held)| held.get(&seat));
        let role = held.and_then(|roles| roles.first()).copied().unwrap_or(Role::Observer);
        format!("{} {seat}", lang.say(&format!("role.{}", role.name())))
    }
}

/// As a room does it: who takes the command puts the shell down, and whoever gave it takes that.
fn hand_over(now: &mut Held, role: Role, (from, to): (u16, u16)) {
    let takes = now.entry(to).or_default();
    takes.insert(role);
    takes.remove(&Role::Observer);
    let clash = takes.contains(&Role::Commander) && takes.contains(&Role::Operator);
    let down = if role == Role::Commander { Role::Operator } else { Role::Commander };
    if clash {
        takes.remove(&down);
    }
    let gives = now.entry(from).or_default();
    gives.remove(&role);
    if clash {
        gives.insert(down);
    }
    if gives.is_empty() {
        gives.insert(Role::Observer);
    }
}

impl After<'_> {
    pub(super) fn beats(&self) -> Vec<Beat> {
        let mut beats: Vec<Beat> = Vec::new();
        for own in &self.debrief.moments {
            let (command, words) = phrase::moment(self.lang, own);
            let text = [command, words].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ");
            let entry = own.entry.unwrap_or(0);
            let by = own.entry.map_or_else(String::new, |entry| self.who(self.run.seat_of(entry), entry));
            let text = clip(&text, LINE_COLUMNS_MAX);
            beats.push(Beat { at: own.at, own: own.lane == Lane::You, entry, by, text });
        }
        for ((at, act), entry) in self.run.acts.iter().zip(1..) {
            let Act::Team { act } = act else { continue };
            if let Some(text) = self.told(entry, act) {
                let by = self.who(self.run.seat_of(entry), entry);
                let text = clip(&phrase::plain(&text), LINE_COLUMNS_MAX);
                beats.push(Beat { at: *at, own: true, entry, by, text });
            }
        }
        beats.sort_by_key(|beat| (beat.at, beat.own, beat.entry));
        beats
    }

    pub(super) fn who(&self, seat: u16, entry: u32) -> String {
        self.table.label(seat, entry, self.lang)
    }

    /// What an act among the people of the room is on the timeline.
    fn told(&self, entry: u32, act: &TeamAct) -> Option<String> {
        let say = |key: &str, parts: &[(&str, &str)]| Some(self.lang.with(&format!("after.{key}"), parts));
        let of = |key: &str, id: u32, text: &str| say(key, &[("id", &id.to_string()), ("text", text)]);
        let task = || self.run.team.tasks.iter().find(|own| own.entry == entry).map_or(0, |own| own.id);
        let decision = || self.run.team.decisions.iter().find(|own| own.entry == entry).map_or(0, |own| own.id);
        match act {
            TeamAct::Ask { to, text, .. } => {
                let parts = [("id", task().to_string()), ("who", self.who(*to, entry)), ("text", text.clone())];
                let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
                say("ask", &parts)
            }
            TeamAct::Promise { task } => of("promise", *task, ""),
            TeamAct::Decline { task, text } => of("decline", *task, text),
            TeamAct::Report { task, text } => of("report", *task, text),
            TeamAct::Accept { task } => of("accept", *task, ""),
            TeamAct::Return { task, text } => of("return", *task, text),
            TeamAct::Propose { text, .. } => of("propose", decision(), text),
            TeamAct::Call { decision } => of("call", *decision, ""),
            TeamAct::Object { decision, text } => of("object", *decision, text),
            TeamAct::Decide { decision, accept: true, reason } => of("decide", *decision, reason),
            TeamAct::Decide { decision, accept: false, reason } => of("drop", *decision, reason),
            TeamAct::Log { text, .. } => of("log", 0, text),
            TeamAct::Take { role } => {
                let role = self.lang.say(&format!("role.{}", role.name())).to_string();
                say("take", &[("role", &role)])
            }
            TeamAct::Hint { to: None } => of("hint", 0, ""),
            _ => None,
        }
    }
}
