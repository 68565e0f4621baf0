//! A world together with the script that people and bots play in it: what `fold` moves. Does not know the learner.

use crate::console::page::Stream;
use crate::console::session::Session;
use crate::stdx::time::Time;
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A line of the script: somebody else's act through the same front doors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptLine {
    pub at: Time,
    pub by: String,
    pub run: String,
    /// The healthy twin drops exactly these.
    pub fault: bool,
}

/// A line of the script that did not succeed: an author's mistake, which a run leaves alone and `check` reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its index in the script.
    pub line: usize,
    /// 0 if it did not fail, but waits or goes on printing: a line of a script has to end at once.
    pub code: i32,
    /// The last thing it said.
    pub said: String,
}

/// World, script, and how far the script has been played. Clones cheaply.
#[derive(Clone, Debug)]
pub struct Stage {
    pub world: World,
    pub script: Arc<[ScriptLine]>,
    pub cursor: usize,
    /// Shells of the script's actors, by name.
    pub actors: BTreeMap<String, Session>,
    pub refused: Vec<Refused>,
}

impl Stage {
    /// Moves world and script to `until`. Script lines due at an instant run after the world's entries of that instant.
    pub fn advance_to(&mut self, until: Time) {
        while let Some(line) = self.script.get(self.cursor).filter(|line| line.at <= until).cloned() {
            self.cursor += 1;
            self.world.advance_to(line.at);
            let mut actor = self.actors.remove(&line.by).unwrap_or_default();
            actor.user.clone_from(&line.by);
            let ran = crate::console::run(&mut self.world, &mut actor, &line.run);
            if ran.output.code != 0 {
                let words = ran.output.lines.iter().find(|line| line.stream == Stream::Err);
                let said = words.or(ran.output.lines.last()).map_or_else(String::new, |line| line.text.clone());
                self.refused.push(Refused { line: self.cursor - 1, code: ran.output.code, said });
            }
            if let Some(standing) = ran.standing {
                self.refused.push(Refused { line: self.cursor - 1, code: 0, said: standing.program });
            }
            self.actors.insert(line.by, actor);
        }
        self.world.advance_to(until);
    }
}
