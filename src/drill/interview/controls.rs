//! The controls of an interviewer sitting beside: pause, end, bring a message forward, give a rung of the ladder, mark what
//! was said. Does not judge.

use super::super::notice::{Said, say};
use super::Control;
use crate::drill::act::Act;
use crate::drill::hearing;
use crate::drill::hints;
use crate::drill::message::{Kind, Message, To};
use crate::drill::run::{Outcome, Phase, Run};
use crate::drill::terms::Mode;
use crate::stdx::time::{Span, Time};

/// More than a day more is another interview.
pub const EXTEND_MAX: u32 = 24 * 60;

/// Whether an act may be done as the interview stands; the phase is somebody else's question.
pub fn admits(run: &Run, act: &Act) -> Result<(), Said> {
    if let Act::Interview { control } = act {
        let left = deadline(run).is_none_or(|until| run.now() < until);
        return match run.mode {
            // A rung may type a command, which takes time.
            Mode::Interview if **control == Control::Reveal && run.sitting.paused => {
                Err(say("notice.the-interviewer-paused-the-run"))
            }
            Mode::Interview if **control == Control::Reveal && !left => Err(say("notice.the-time-is-up")),
            Mode::Interview => Ok(()),
            _ => Err(say("notice.nobody-interviews-here")),
        };
    }
    // Whoever sits at one table talks on while nothing moves.
    if !run.mode.is_kept() || matches!(act, Act::Team { .. }) {
        return Ok(());
    }
    if run.sitting.paused {
        let room = run.mode == Mode::Gameday;
        return Err(say(if room { "notice.the-room-is-paused" } else { "notice.the-interviewer-paused-the-run" }));
    }
    let Some(until) = deadline(run).filter(|_| run.is_open()) else { return Ok(()) };
    let left = (until - run.now()).max(Span::ZERO);
    let over = || Err(say("notice.the-time-is-up"));
    match act {
        Act::Run { .. } | Act::Door { .. } | Act::Wait { .. } | Act::Clock { .. } if left == Span::ZERO => over(),
        Act::Wait { span } if *span > left => Err(say("notice.that-is-longer-than-is-left").with("span", left.human())),
        Act::Clock { to } if run.case.drill.page_at + *to > until => over(),
        _ => Ok(()),
    }
}

/// When the time-box is over.
pub fn deadline(run: &Run) -> Option<Time> {
    let minutes = run.terms().minutes?;
    let all = i64::from(minutes) + i64::from(run.sitting.extended);
    Some(run.case.drill.page_at + Span::mins(all))
}

pub fn control(run: &mut Run, seat: u16, control: &Control) -> Outcome {
    let spoken = matches!(control, Control::Said { .. } | Control::Note { .. } | Control::Accommodate { .. });
    if run.phase == Phase::Closed && !spoken && !matches!(control, Control::Observe { .. }) {
        return Outcome::refusal("notice.the-run-is-over-what-is-left");
    }
    match control {
        Control::Pause if run.sitting.paused => Outcome::refusal("notice.the-run-is-paused-already"),
        Control::Resume if !run.sitting.paused => Outcome::refusal("notice.the-run-is-not-paused"),
        Control::Pause | Control::Resume => {
            run.sitting.paused = *control == Control::Pause;
            Outcome::remark(if run.sitting.paused { "notice.paused" } else { "notice.it-goes-on" })
        }
        Control::End => {
            run.sitting.paused = false;
            run.sitting.ended_early = true;
            hearing::end(run);
            Outcome::remark("notice.the-interviewer-ended-the-run")
        }
        Control::Inject { number } => inject(run, *number),
        Control::Reveal if !run.is_open() => Outcome::refusal("notice.the-reading-is-over"),
        Control::Reveal => hints::given(run, seat),
        Control::Said { text, .. } | Control::Note { text } | Control::Accommodate { text } => {
            if text.trim().is_empty() { Outcome::refusal("notice.say-what-is-to-be-noted") } else { Outcome::default() }
        }
        Control::Observe { competency, on } => {
            let changed = match on {
                true => run.sitting.without.remove(competency),
                false => run.sitting.without.insert(*competency),
            };
            if changed { Outcome::default() } else { Outcome::refusal("notice.it-is-so-already") }
        }
        Control::Extend { minutes } => {
            let extended = run.sitting.extended.saturating_add(*minutes);
            if *minutes == 0 || extended > EXTEND_MAX {
                return Outcome::refusal("notice.extend-by-whole-minutes");
            }
            run.sitting.extended = extended;
            Outcome::default()
        }
    }
}

/// A message of the case's list that has not come yet comes now.
fn inject(run: &mut Run, number: u32) -> Outcome {
    let count = run.case.people.injects.len();
    if count == 0 {
        return Outcome::refusal("notice.this-case-has-no-messages");
    }
    let place = (number as usize).wrapping_sub(1);
    let Some(inject) = run.case.people.injects.get(place) else {
        return Outcome::refusal(say("notice.this-case-has-messages").with("n", count));
    };
    if inject.at <= run.now() || run.sitting.injected.contains(&place) {
        return Outcome::refusal("notice.that-message-has-come");
    }
    let (at, from, text) = (run.now(), inject.from.clone(), inject.say.clone());
    run.sitting.injected.insert(place);
    run.messages.push(Message { at, kind: Kind::Person, from, text, to: To::Room });
    Outcome::default()
}
