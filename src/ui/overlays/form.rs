//! Forms of several fields: the problem, a status update, what one says of oneself, and what to do first the next time. A
//! form that is left is kept as it was. Does not know which answers are true.

use super::asking;
use super::palette::holding;
use super::prompt::slid;
use super::{Overlay, keys_line, sheet};
use crate::case::score::{DIMENSIONS, Dim, SCORED};
use crate::drill::act::{Act, Action, Audience, Certainty, Guess, ProblemForm, Standing, UpdateForm};
use crate::drill::run::Run;
use crate::drill::spoken;
use crate::stdx::time::Span;
use crate::ui::ask::Ask;
use crate::ui::face::{Face, Look};
use crate::ui::keymap::Do;
use crate::ui::panes::board;
use crate::ui::theme::Role;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::paint;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Problem,
    Update,
    /// After the end, over the whole screen: no number is seen before it.
    Reflect,
    Pledge,
    /// At a room's table: a task, a proposal, a message by hand.
    Ask,
    Propose,
    TellAs,
}

#[derive(Clone, Debug)]
enum Value {
    Text(Editor),
    /// Pairs: as it is shown, and what stands for it.
    Choice {
        options: Vec<(String, String)>,
        at: usize,
        /// Of these options those that fit what is typed.
        filter: Option<Editor>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    label: String,
    value: Value,
    dim: Option<Dim>,
    /// What is asked, below the fields while this one is chosen.
    about: String,
}

#[derive(Clone, Debug)]
pub struct Form {
    pub kind: Kind,
    fields: Vec<Field>,
    at: usize,
    /// Above the fields.
    lead: Vec<String>,
}

/// Columns of the labels: at least so many, and as many as the longest takes.
const LABEL: u16 = 16;
/// What is found by typing, too: series and suspects. The others are few and always the same.
const TYPED: [&str; 5] = ["hurts", "not", "harm", "cause", "whom"];
/// Rows for what is asked.
const ABOUT_ROWS: u16 = 2;
/// Promises that can be picked, in minutes.
const PROMISES: [i64; 6] = [5, 10, 15, 20, 30, 60];
const PROMISED_FIRST: &str = "15";

impl Form {
    pub fn of(kind: Kind, run: &Run, face: &Face) -> Form {
        if let Some(draft) = face.drill.drafts.iter().find(|draft| draft.kind == kind) {
            return draft.clone();
        }
        let look = &face.look;
        let fields = match kind {
            Kind::Problem => problem(look, run),
            Kind::Update => update(look, run),
            Kind::Reflect => reflect(look),
            Kind::Ask => asking::task(face, run),
            Kind::Propose => asking::proposal(look),
            Kind::TellAs => asking::by_hand(look, run),
            Kind::Pledge => {
                let known = run.board.hearing.reflection.as_ref().map_or("", |own| own.pledge.as_str());
                vec![text(look, "pledge", known)]
            }
        };
        let lead = if kind == Kind::Reflect { lead(look, run) } else { Vec::new() };
        Form { kind, fields, at: 0, lead }
    }

    pub fn editor(&mut self) -> Option<&mut Editor> {
        match self.fields.get_mut(self.at).map(|field| &mut field.value) {
            Some(Value::Text(editor)) => Some(editor),
            Some(Value::Choice { filter, .. }) => filter.as_mut(),
            _ => None,
        }
    }

    /// What was typed chose among the options: the best of those that fit.
    pub fn typed(&mut self) {
        if let Some(Value::Choice { options, at, filter }) = self.fields.get_mut(self.at).map(|field| &mut field.value)
            && let typed = typed_in(filter)
            && !typed.is_empty()
            && let Some(best) = fitting(options, typed).first()
        {
            *at = *best;
        }
    }

    pub fn contexts(&self) -> Vec<&'static str> {
        match self.fields.get(self.at).map(|field| &field.value) {
            Some(Value::Choice { filter: Some(_), .. }) => vec!["form-typed", "form", "editing"],
            Some(Value::Choice { .. }) => vec!["form-choice", "form"],
            _ => vec!["form", "editing"],
        }
    }

    pub fn update(mut self, face: &mut Face, does: Do, run: &Run) -> Option<Vec<Ask>> {
        let last = self.fields.len().saturating_sub(1);
        let before = self.at;
        let mut done = true;
        match does {
            Do::Submit => return Some(self.submit(face, run)),
            Do::Accept if self.at == last => return Some(self.submit(face, run)),
            Do::Down | Do::Accept => self.at = (self.at + 1).min(last),
            Do::Up => self.at = self.at.saturating_sub(1),
            Do::StepOn | Do::StepBack => match self.fields.get_mut(self.at).map(|field| &mut field.value) {
                Some(Value::Choice { options, at, filter }) => {
                    let mut fits = fitting(options, typed_in(filter));
                    fits.sort_unstable();
                    let here = fits.iter().position(|own| own == at);
                    let by = if does == Do::StepOn { 1 } else { fits.len().saturating_sub(1) };
                    let next = here.map_or(0, |here| here + by) % fits.len().max(1);
                    *at = fits.get(next).copied().unwrap_or(*at);
                }
                _ => done = false,
            },
            _ => done = false,
        }
        // What was typed to find an option has done its work.
        if self.at != before
            && let Some(Value::Choice { filter: Some(filter), .. }) =
                self.fields.get_mut(before).map(|field| &mut field.value)
        {
            filter.set("");
        }
        face.overlays.push(Overlay::Form(self));
        done.then(Vec::new)
    }

    /// What was filled stays a draft: a refusal loses nothing.
    fn submit(self, face: &mut Face, run: &Run) -> Vec<Ask> {
        let act = self.act(run);
        face.drill.keep(self);
        act.map(Ask::Act).into_iter().collect()
    }

    fn said(&self, at: usize) -> String {
        match self.fields.get(at).map(|field| &field.value) {
            Some(Value::Text(editor)) => editor.text().trim().to_string(),
            Some(Value::Choice { options, at, .. }) => {
                options.get(*at).map_or_else(String::new, |(_, own)| own.clone())
            }
            None => String::new(),
        }
    }

    fn act(&self, run: &Run) -> Option<Act> {
        match self.kind {
            Kind::Problem => {
                let [hurts, not, expected, actual, since] = [0, 1, 2, 3, 4].map(|at| self.said(at));
                let form = ProblemForm { hurts, not, expected, actual, since };
                let text = self.said(5);
                // Words alone are a statement, too.
                let form = (form != ProblemForm::default()).then(|| Box::new(form));
                (form.is_some() || !text.is_empty()).then_some(Act::State { text, form })
            }
            Kind::Update => Some(Act::Update { update: Box::new(self.told()) }),
            Kind::Ask => asking::asked(|at| self.said(at)),
            Kind::Propose => asking::proposed(|at| self.said(at)),
            Kind::TellAs => asking::told(|at| self.said(at)),
            Kind::Reflect => {
                let own = run.board.hearing.reflection.clone().unwrap_or_default();
                let guess = self.fields.iter().enumerate().filter_map(|(at, field)| {
                    let of = match self.said(at).as_str() {
                        "low" => Guess::Low,
                        "middle" => Guess::Middle,
                        "high" => Guess::High,
                        _ => return None,
                    };
                    Some((field.dim?, of))
                });
                Some(Act::Reflect { reaction: self.said(0), guess: guess.collect(), pledge: own.pledge })
            }
            Kind::Pledge => {
                let own = run.board.hearing.reflection.clone().unwrap_or_default();
                Some(Act::Reflect { reaction: own.reaction, guess: own.guess, pledge: self.said(0) })
            }
        }
    }

    fn told(&self) -> UpdateForm {
        let to = match self.said(0).as_str() {
            "customers" => Audience::Customers,
            "management" => Audience::Management,
            _ => Audience::Team,
        };
        let cause = self.said(3);
        let cause = cause.split_once(':').and_then(|(id, how)| {
            let sure = if how == "confirmed" { Certainty::Confirmed } else { Certainty::Suspected };
            Some((id.parse().ok()?, sure))
        });
        UpdateForm {
            to,
            harm: self.said(1),
            state: standing(&self.said(2)),
            cause,
            action: if self.said(4) == "change" { Action::Change } else { Action::None },
            next: self.said(5).parse().ok().map(Span::mins),
            text: self.said(6),
        }
    }

    pub fn view(&self, face: &Face, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let look = &face.look;
        let (title, whole) = match self.kind {
            Kind::Problem => ("form.problem", false),
            Kind::Update => ("form.update", false),
            Kind::Reflect => ("form.reflect", true),
            Kind::Pledge => ("form.pledge", false),
            Kind::Ask => ("form.ask", false),
            Kind::Propose => ("form.propose", false),
            Kind::TellAs => ("form.tell-as", false),
        };
        let wanted = self.fields.len() as u16 + ABOUT_ROWS + 4;
        let frame = if whole { area } else { paint::middle(area, 78, wanted) };
        let inner = sheet(face, frame, look.say(title), buf);
        let room = inner.width.saturating_sub(2);
        let mut top = inner.y;
        for words in &self.lead {
            for range in paint::rows(words, room.min(100)) {
                if top + ABOUT_ROWS + 2 < inner.bottom() {
                    paint::text(buf, (inner.x + 1, top), room, &words[range], look.of(Role::Text));
                    top += 1;
                }
            }
        }
        let height = usize::from(inner.bottom().saturating_sub(top + ABOUT_ROWS + 1)).max(1);
        let first = (self.at + 1).saturating_sub(height);
        let mut caret = None;
        let widest = self.fields.iter().map(|field| paint::columns(&field.label) as u16 + 3).max().unwrap_or(LABEL);
        let label = widest.clamp(LABEL, (room / 2).max(LABEL));
        for (row, (at, field)) in self.fields.iter().enumerate().skip(first).take(height).enumerate() {
            let place = Rect { x: inner.x + 1, y: top + row as u16, width: room, height: 1 };
            caret = field.view(look, place, (label, at == self.at), buf).or(caret);
        }
        let shown = (self.fields.len() - first.min(self.fields.len())).min(height) as u16;
        let about = self.fields.get(self.at).map_or("", |field| field.about.as_str());
        for (row, range) in paint::rows(about, room).into_iter().take(usize::from(ABOUT_ROWS)).enumerate() {
            let y = top + shown + row as u16 + u16::from(top + shown + ABOUT_ROWS + 1 < inner.bottom());
            if y + 1 < inner.bottom() {
                paint::text(buf, (inner.x + 1, y), room, &about[range], look.of(Role::Dim));
            }
        }
        let keys = Rect { x: inner.x + 1, y: inner.bottom().saturating_sub(1), width: room, ..inner };
        keys_line(face, &[Do::StepBack, Do::StepOn, Do::Accept, Do::Down, Do::Up, Do::Submit, Do::Back], keys, buf);
        caret
    }
}

impl Field {
    fn view(&self, look: &Look, place: Rect, (label, here): (u16, bool), buf: &mut Buffer) -> Option<Position> {
        let label = label.min(place.width / 2);
        let (sign, role) = if here { ("▸", Role::Focus) } else { (" ", Role::Title) };
        paint::text(buf, (place.x, place.y), 1, sign, look.of(Role::Focus));
        paint::clipped(buf, (place.x + 1, place.y), label.saturating_sub(2), &self.label, look.of(role));
        let (x, room) = (place.x + label, place.width.saturating_sub(label + 1));
        match &self.value {
            Value::Text(editor) => {
                let column = editor.caret_column() as u16;
                let skip = if here { usize::from((column + 1).saturating_sub(room)) } else { 0 };
                let (shown, hidden) = slid(editor.text(), skip);
                let empty = editor.is_empty() && !here;
                let (words, role) = if empty { ("____", Role::Dim) } else { (shown, Role::Text) };
                paint::text(buf, (x, place.y), room, words, look.of(role));
                here.then(|| Position { x: (x + column.saturating_sub(hidden as u16)).min(x + room), y: place.y })
            }
            Value::Choice { options, at, filter } => {
                let shown = options.get(*at).map_or("", |(shown, _)| shown.as_str());
                let fits = fitting(options, typed_in(filter));
                let count = match typed_in(filter) {
                    _ if !here => String::new(),
                    "" if filter.is_some() => format!("  {}/{}  {}", at + 1, options.len(), look.say("pick.find")),
                    "" => format!("  {}/{}", at + 1, options.len()),
                    typed if fits.is_empty() => format!("  /{typed} {}", look.say("pick.nothing")),
                    typed => format!("  /{typed} {}", fits.len()),
                };
                let left = usize::from(room).saturating_sub(paint::columns(&count) + 4);
                let words = crate::stdx::text::clip_middle(shown, left, left / 2);
                let words = if here { format!("‹ {words} ›{count}") } else { words };
                paint::text(buf, (x, place.y), room, &words, look.of(Role::Text));
                if here {
                    paint::tint(buf, place, look.of(Role::Select));
                }
                None
            }
        }
    }
}

// ---- the fields ----------------------------------------------------------------------------------------------------

pub(super) fn text(look: &Look, name: &str, known: &str) -> Field {
    field(look, name, Value::Text(Editor::new(known)))
}

pub(super) fn choice(look: &Look, name: &str, options: Vec<(String, String)>, known: &str) -> Field {
    let at = options.iter().position(|(_, value)| value == known).unwrap_or(0);
    field(look, name, Value::Choice { options, at, filter: TYPED.contains(&name).then(Editor::default) })
}

fn typed_in(filter: &Option<Editor>) -> &str {
    filter.as_ref().map_or("", Editor::text)
}

/// The options that fit what was typed, the best first; all if nothing was.
fn fitting(options: &[(String, String)], typed: &str) -> Vec<usize> {
    holding(typed, options.iter().map(|(shown, _)| shown.as_str()))
}

fn field(look: &Look, name: &str, value: Value) -> Field {
    let label = look.say(&format!("field.{name}")).to_string();
    Field { label, value, dim: None, about: look.say(&format!("about.{name}")).to_string() }
}

/// Options whose words are of the interface.
fn worded(look: &Look, name: &str, values: &[&str]) -> Vec<(String, String)> {
    values.iter().map(|value| (look.say(&format!("{name}.{value}")).to_string(), (*value).to_string())).collect()
}

fn problem(look: &Look, run: &Run) -> Vec<Field> {
    let known = run.board.form.clone().unwrap_or_default();
    let mut picks = vec![(look.say("verdict.unknown").to_string(), String::new())];
    picks.extend(run.problem_picks().into_iter().map(|name| (name.clone(), name)));
    let own = if run.board.form.is_some() { "" } else { run.board.problem.as_str() };
    vec![
        choice(look, "hurts", picks.clone(), &known.hurts),
        choice(look, "not", picks, &known.not),
        text(look, "expected", &known.expected),
        text(look, "actual", &known.actual),
        text(look, "since", &known.since),
        text(look, "words", own),
    ]
}

fn update(look: &Look, run: &Run) -> Vec<Field> {
    let last = run.board.updates.last().map(|told| told.update.clone()).unwrap_or_default();
    let hurts = run.board.form.as_ref().map(|form| form.hurts.clone()).unwrap_or_default();
    let mut harms = vec![(look.say("update.no-harm").to_string(), "none".to_string())];
    harms.extend(run.problem_picks().into_iter().map(|name| (name.clone(), name)));
    let harm = if last.harm.is_empty() { hurts } else { last.harm };
    let mut causes = vec![(look.say("verdict.unknown").to_string(), String::new())];
    for own in run.board.hypotheses.iter().filter(|own| own.cleared.is_none()) {
        for sure in ["suspected", "confirmed"] {
            let words = format!("h{} {}", own.id, board::suspicion(look, run, own));
            causes.push((format!("{}: {words}", look.say(&format!("sure.{sure}"))), format!("{}:{sure}", own.id)));
        }
    }
    let minutes = |n: &i64| (look.lang.with("update.minutes", &[("n", &n.to_string())]), n.to_string());
    let mut promises = vec![(look.say("update.no-promise").to_string(), String::new())];
    promises.extend(PROMISES.iter().map(minutes));
    let states = ["investigating", "identified", "mitigating", "monitoring", "resolved"];
    let state = states.into_iter().find(|name| standing(name) == last.state).unwrap_or_default();
    vec![
        choice(look, "to", worded(look, "to", &["team", "customers", "management"]), "team"),
        choice(look, "harm", harms, &harm),
        choice(look, "standing", worded(look, "standing", &states), state),
        choice(look, "cause", causes, ""),
        choice(look, "action", worded(look, "action", &["none", "change"]), "none"),
        choice(look, "next", promises, PROMISED_FIRST),
        text(look, "words", ""),
    ]
}

fn standing(name: &str) -> Standing {
    match name {
        "identified" => Standing::Identified,
        "mitigating" => Standing::Mitigating,
        "monitoring" => Standing::Monitoring,
        "resolved" => Standing::Resolved,
        _ => Standing::Investigating,
    }
}

/// One line of reaction, and a guess for every dimension that will get a number.
fn reflect(look: &Look) -> Vec<Field> {
    let mut fields = vec![text(look, "reaction", "")];
    let mut rows: Vec<_> = DIMENSIONS.iter().filter(|row| SCORED.contains(&row.dim)).collect();
    rows.sort_by_key(|row| row.dim);
    for row in rows {
        let mut guess = choice(look, "guess", worded(look, "guess", &["none", "low", "middle", "high"]), "none");
        let key = format!("dim.{}", row.name);
        let name = look.say(&key);
        guess.label = name.split_once("  ").map_or(name, |(_, words)| words).to_string();
        guess.about = format!("{}: {}", guess.label, look.say("about.guess"));
        guess.dim = Some(row.dim);
        fields.push(guess);
    }
    fields
}

fn lead(look: &Look, run: &Run) -> Vec<String> {
    let judged = run.board.hearing.attempts.last().map(|heard| spoken::band(heard.band, &look.lang).to_string());
    judged.into_iter().chain([look.say("reflect.lead").to_string(), String::new()]).collect()
}
