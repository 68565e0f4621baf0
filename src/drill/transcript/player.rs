//! Plays a transcript on a run: each line is resolved against what was seen and collected so far and becomes acts.
//! Does not apply them: the caller does, so that a host can keep its journal.

use super::forms::{Field, UpdateLine};
use super::{Blank, Problem, Step, Suspicion, Token, Verb};
use crate::case::board::{Doubt, Exhibit};
use crate::case::lexicon::Meaning;
use crate::case::score::log::Suspect;
use crate::drill::act::{self, Act, Blanks, ProblemForm, UpdateForm};
use crate::drill::casework;
use crate::drill::interview::follow;
use crate::drill::run::{Outcome, Run};
use crate::scenario::roles;
use crate::scenario::shape::WordKind;
use crate::stdx::suggest;
use std::collections::VecDeque;

/// Where a transcript stands.
#[derive(Clone, Debug, Default)]
pub struct Player {
    steps: VecDeque<Step>,
    /// Whole lines waiting behind the one being played (a line may be several acts, resolved one after the other).
    current: Option<Step>,
}

/// Plays a whole transcript. Stops at the first line that cannot be resolved or is refused.
pub fn play(run: &mut Run, steps: Vec<Step>) -> Result<(), Problem> {
    follow(run, steps).map(drop)
}

/// The same, and says of which line each act was.
pub fn follow(run: &mut Run, steps: Vec<Step>) -> Result<Vec<u32>, Problem> {
    let mut player = Player::new(steps);
    let mut lines = Vec::new();
    while let Some(act) = player.next(run)? {
        let outcome = run.apply(player.seat(), act);
        player.check(&outcome)?;
        lines.push(player.line());
    }
    Ok(lines)
}

impl Player {
    pub fn new(steps: Vec<Step>) -> Player {
        Player { steps: steps.into(), current: None }
    }

    /// The next act, resolved against the run as it is now; `None` at the end.
    pub fn next(&mut self, run: &Run) -> Result<Option<Act>, Problem> {
        loop {
            let Some(step) = self.steps.pop_front() else { return Ok(None) };
            let line = Resolver { run, line: step.line };
            let (act, rest) = line.act(&step.verb)?;
            self.current = Some(step.clone());
            if let Some(verb) = rest {
                self.steps.push_front(Step { line: step.line, seat: step.seat, verb });
            }
            if act.is_some() {
                return Ok(act);
            }
        }
    }

    /// The line that gave the last act.
    pub fn line(&self) -> u32 {
        self.current.as_ref().map_or(0, |step| step.line)
    }

    /// Who does the last act.
    pub fn seat(&self) -> u16 {
        self.current.as_ref().map_or(0, |step| step.seat)
    }

    /// A refused act is a problem of its line.
    pub fn check(&self, outcome: &Outcome) -> Result<(), Problem> {
        if !outcome.refused {
            return Ok(());
        }
        let what = outcome.notice.as_ref().map_or_else(|| "refused".into(), ToString::to_string);
        Err(Problem { line: self.line(), column: 1, text: String::new(), what, hint: String::new() })
    }
}

/// An act, and what of the line is left to do after it.
type Resolved = (Option<Act>, Option<Verb>);

struct Resolver<'a> {
    run: &'a Run,
    line: u32,
}

impl Resolver<'_> {
    fn wrong(&self, token: &Token, what: String, hint: String) -> Problem {
        Problem { line: self.line, column: token.column, text: token.text.clone(), what, hint }
    }

    fn expand(&self, text: &str) -> String {
        roles::expand_line(text, &self.run.case, &self.run.stage.world)
    }

    fn act(&self, verb: &Verb) -> Result<Resolved, Problem> {
        let act = match verb {
            Verb::Run(line) => Act::Run { line: self.expand(line) },
            Verb::Wait(span) => Act::Wait { span: *span },
            Verb::State { fields, text } => Act::State { text: text.clone(), form: self.problem(fields) },
            Verb::Update(line) => self.update(line)?,
            Verb::Hint => Act::Hint,
            Verb::Undo => Act::Undo,
            Verb::Answer { objection, exhibit } => Act::Answer {
                objection: self.objection(objection)?,
                exhibit: exhibit.as_ref().map(|exhibit| self.exhibit(exhibit)).transpose()?,
            },
            Verb::Reflect { guess, pledge, reaction } => {
                Act::Reflect { reaction: reaction.clone(), guess: guess.clone(), pledge: pledge.clone() }
            }
            Verb::Team(act) => Act::Team { act: act.clone() },
            Verb::Interview(control) => Act::Interview { control: Box::new(control.clone()) },
            Verb::Reply { question, text } => Act::Reply { question: self.question(question), text: text.clone() },
            Verb::Bag(tokens) => return self.bag(tokens),
            Verb::Unbag(token) => Act::Unbag { exhibit: self.exhibit(token)? },
            Verb::Suspect(suspicion) => match self.suspicion(suspicion)? {
                Some(act) => act,
                None => return Ok((None, None)),
            },
            Verb::Rate(token, percent) => Act::Rate { hypothesis: self.hypothesis(token)?, percent: *percent },
            Verb::Predict(token, text) => Act::Predict { hypothesis: self.hypothesis(token)?, text: text.clone() },
            Verb::Link { hypothesis, exhibit, sign } => {
                Act::Link { hypothesis: self.hypothesis(hypothesis)?, exhibit: self.exhibit(exhibit)?, sign: *sign }
            }
            Verb::Clear { hypothesis, exhibits } => return self.clear(verb, hypothesis, exhibits),
            Verb::Reopen(token) => Act::Reopen { hypothesis: self.hypothesis(token)? },
            Verb::Expect(text) => Act::Expect { text: self.expand(text) },
            Verb::Resolve => Act::Resolve,
            Verb::Note(text) => Act::Note { text: text.clone() },
            Verb::Close => Act::Close,
            Verb::Leave(number) => self.leave(*number)?,
            Verb::Verdict(blanks) => self.verdict(blanks)?,
        };
        Ok((Some(act), None))
    }

    fn leave(&self, number: Option<u32>) -> Result<Act, Problem> {
        let last = self.run.standing.last().map(|(page, _)| *page);
        let token = Token::default();
        number
            .or(last)
            .map(|standing| Act::Leave { standing })
            .ok_or_else(|| self.wrong(&token, "nothing goes on printing".into(), "drop this line".into()))
    }

    // ---- forms -----------------------------------------------------------------------------------------------------

    /// `{healthy}` and `{now}` are the indicator's values, which differ from seed to seed.
    fn problem(&self, fields: &[Field]) -> Option<Box<ProblemForm>> {
        let own = &self.run.case.indicator;
        let value = |text: &str| match text {
            "{healthy}" => own.healthy.to_string(),
            "{now}" => self.run.harm().value.map_or_else(|| "0".to_string(), |value| value.to_string()),
            other => self.expand(other),
        };
        let said = |name: &str| {
            let field = fields.iter().find(|field| field.name == name);
            field.map_or_else(String::new, |field| value(&field.value.text))
        };
        (!fields.is_empty()).then(|| {
            Box::new(ProblemForm {
                hurts: said("hurts"),
                not: said("not"),
                expected: said("expected"),
                actual: said("actual"),
                since: said("since"),
            })
        })
    }

    fn update(&self, line: &UpdateLine) -> Result<Act, Problem> {
        let cause = match &line.cause {
            Some((key, how)) => Some((self.hypothesis(key)?, *how)),
            None => None,
        };
        let (to, state, action, next) = (line.to, line.state, line.action, line.next);
        let (harm, text) = (self.expand(&line.harm.text), line.text.clone());
        Ok(Act::Update { update: Box::new(UpdateForm { to, harm, state, cause, action, next, text }) })
    }

    /// `q1` is the first follow-up question of an interview; the journal keeps the name of what it asks.
    fn question(&self, said: &str) -> String {
        let asked = follow::asked(self.run);
        let number = numbered(said, 'q').and_then(|number| (number as usize).checked_sub(1));
        let named = number.and_then(|number| asked.get(number)).map(|question| question.id.clone());
        named.unwrap_or_else(|| said.to_string())
    }

    /// `o1`, or the id of the rival that it names.
    fn objection(&self, token: &Token) -> Result<u32, Problem> {
        if let Some(number) = numbered(&token.text, 'o') {
            return Ok(number);
        }
        let names = |doubt: &Doubt| matches!(doubt, Doubt::Rival { id, .. } if *id == token.text);
        let found = self.run.board.hearing.objections.iter().find(|own| names(&own.doubt)).map(|own| own.id);
        found.ok_or_else(|| {
            let hint = "objections are numbered: `o1`".to_string();
            self.wrong(token, format!("nobody objects with `{}`", token.text), hint)
        })
    }

    // ---- exhibits --------------------------------------------------------------------------------------------------

    fn bag(&self, tokens: &[Token]) -> Result<Resolved, Problem> {
        let Some((first, rest)) = tokens.split_first() else { return Ok((None, None)) };
        let rest = (!rest.is_empty()).then(|| Verb::Bag(rest.to_vec()));
        let (page, lines) = if first.quoted { self.quoted_line(first)? } else { self.named_lines(first)? };
        let lines_now = |exhibit: &Exhibit| lines.is_some() || self.page_length(page) == exhibit.text.len();
        let known = |exhibit: &&Exhibit| exhibit.page == page && exhibit.lines == lines && lines_now(exhibit);
        // Two clues may stand on one line: it is bagged once.
        if self.run.board.exhibits.iter().any(|exhibit| known(&exhibit)) {
            return Ok((None, rest));
        }
        Ok((Some(Act::Bag { page, lines, note: String::new() }), rest))
    }

    fn page_length(&self, page: u32) -> usize {
        self.run.page(page).map_or(0, |page| page.output.lines.len())
    }

    /// The newest page that has a line with this text, and that line.
    fn quoted_line(&self, token: &Token) -> Result<(u32, Option<(u32, u32)>), Problem> {
        let text = self.expand(&token.text);
        for page in self.run.pages.iter().rev() {
            if let Some(at) = page.output.lines.iter().position(|line| line.text.contains(&text)) {
                return Ok((page.id, Some((at as u32, at as u32))));
            }
        }
        let hint = "the text must stand on a line of a page printed before".to_string();
        Err(self.wrong(token, format!("no line so far says `{text}`"), hint))
    }

    fn named_lines(&self, token: &Token) -> Result<(u32, Option<(u32, u32)>), Problem> {
        let name = token.text.as_str();
        if name == "all" {
            return match self.run.pages.last() {
                Some(page) => Ok((page.id, None)),
                None => Err(self.wrong(token, "no page so far".into(), "run a command first".into())),
            };
        }
        if let Some(place) = page_place(name) {
            return Ok(place);
        }
        let shown = &self.run.record.evidence.shown;
        for page in self.run.pages.iter().rev() {
            let Some(shown) = shown.get(&page.id) else { continue };
            let line = shown.lines.iter().find(|(_, clues)| clues.contains(name)).map(|(line, _)| *line);
            if let Some(line) = line {
                return Ok((page.id, Some((line, line))));
            }
            if let Some(lines) = shown.joint.get(name) {
                return Ok((page.id, Some(*lines)));
            }
            if shown.absent.contains(name) {
                return Ok((page.id, None));
            }
        }
        Err(self.unseen_clue(token))
    }

    fn unseen_clue(&self, token: &Token) -> Problem {
        let name = token.text.as_str();
        match self.run.case.clues.iter().find(|clue| clue.id == name) {
            Some(clue) => {
                let hint = format!("it shows with `{}`", clue.at.join("` or `"));
                self.wrong(token, format!("clue `{name}` is on no page so far"), hint)
            }
            None => {
                let known = self.run.case.clues.iter().map(|clue| clue.id.as_str());
                let hint = suggest::nearest(name, known).map_or_else(
                    || "a line is bagged by \"its text\"".to_string(),
                    |near| format!("did you mean `{near}`?"),
                );
                self.wrong(token, format!("no clue `{name}`"), hint)
            }
        }
    }

    /// `e3`, or the exhibit that holds a clue with the fewest others and the fewest lines.
    fn exhibit(&self, token: &Token) -> Result<u32, Problem> {
        if let Some(number) = numbered(&token.text, 'e') {
            return match self.run.board.exhibit(number) {
                Some(exhibit) => Ok(exhibit.id),
                None => Err(self.wrong(token, format!("no exhibit e{number} in the bag"), "bag it first".into())),
            };
        }
        let evidence = &self.run.record.evidence;
        let holding = self.run.board.exhibits.iter().filter(|exhibit| evidence.held(exhibit.id).contains(&token.text));
        let best = holding.min_by_key(|exhibit| (evidence.held(exhibit.id).len(), exhibit.text.len(), exhibit.id));
        match best {
            Some(exhibit) => Ok(exhibit.id),
            None if self.run.case.clues.iter().any(|clue| clue.id == token.text) => {
                let what = format!("clue `{}` is in no exhibit", token.text);
                Err(self.wrong(token, what, format!("write `> bag {}` before", token.text)))
            }
            None => Err(self.unseen_clue(token)),
        }
    }

    fn exhibits(&self, tokens: &[Token]) -> Result<Vec<u32>, Problem> {
        let mut out = Vec::new();
        for token in tokens {
            let exhibit = self.exhibit(token)?;
            if !out.contains(&exhibit) {
                out.push(exhibit);
            }
        }
        Ok(out)
    }

    // ---- words and hypotheses --------------------------------------------------------------------------------------

    /// `w3`, a collected text, a node's id, `RIVAL.thing` or `RIVAL.how`; only words that were collected.
    fn word(&self, token: &Token, kind: WordKind) -> Result<u32, Problem> {
        let board = &self.run.board;
        let hint = "words are collected by bagging what brings them up".to_string();
        if let Some(number) = numbered(&token.text, 'w').filter(|_| !token.quoted) {
            let known = board.word(number).map(|word| word.id);
            return known.ok_or_else(|| self.wrong(token, format!("no word w{number}"), hint));
        }
        let mut of_kind = board.words.iter().filter(|word| word.kind == kind);
        if let Some(word) = of_kind.find(|word| word.say == token.text) {
            return Ok(word.id);
        }
        let lexicon = &self.run.record.evidence.lexicon;
        let entry = meaning(&token.text).into_iter().find_map(|meaning| lexicon.find(&meaning));
        let Some(entry) = entry.filter(|_| !token.quoted) else {
            let said = board.words.iter().filter(|word| word.kind == kind).map(|word| word.say.as_str());
            let hint = suggest::nearest(&token.text, said).map_or(hint, |near| format!("did you mean \"{near}\"?"));
            return Err(self.wrong(token, format!("no collected word `{}`", token.text), hint));
        };
        if lexicon.entries[entry].kind != kind {
            return Err(self.wrong(token, format!("`{}` is a word of another kind", token.text), String::new()));
        }
        let collected = self.run.record.evidence.words.iter().find(|(_, own)| **own == entry).map(|(word, _)| *word);
        collected.ok_or_else(|| {
            let say = &lexicon.entries[entry].say;
            self.wrong(token, format!("the word `{say}` was not collected yet"), hint)
        })
    }

    fn rival_words(&self, token: &Token) -> Result<(u32, u32), Problem> {
        let name = &token.text;
        let part = |text: String| Token { column: token.column, text, quoted: false };
        let answer = &self.run.case.verdict;
        let (thing, how) = if name == "truth" {
            (part(answer.culprit.clone()), part(answer.mechanism.clone()))
        } else if self.run.case.rivals.iter().any(|rival| rival.id == *name) {
            (part(format!("{name}.thing")), part(format!("{name}.how")))
        } else {
            let known = self.run.case.rivals.iter().map(|rival| rival.id.as_str());
            let hint = suggest::nearest(name, known)
                .map_or_else(|| "write `> suspect THING / HOW`".to_string(), |near| format!("did you mean `{near}`?"));
            return Err(self.wrong(token, format!("no rival `{name}`"), hint));
        };
        Ok((self.word(&thing, WordKind::Thing)?, self.word(&how, WordKind::How)?))
    }

    /// The act that opens a hypothesis, or nothing if it is on the board.
    fn suspicion(&self, suspicion: &Suspicion) -> Result<Option<Act>, Problem> {
        let (thing, how) = match suspicion {
            Suspicion::Words { thing, how } => (self.word(thing, WordKind::Thing)?, self.word(how, WordKind::How)?),
            Suspicion::Named(token) => self.rival_words(token)?,
        };
        let known = self.run.board.hypotheses.iter().any(|known| known.thing == thing && known.how == how);
        Ok((!known).then_some(Act::Suspect { thing, how }))
    }

    /// `h2`, a rival's id, or `truth`, on the board.
    fn hypothesis(&self, token: &Token) -> Result<u32, Problem> {
        if let Some(number) = numbered(&token.text, 'h') {
            let known = self.run.board.hypothesis(number).map(|hypothesis| hypothesis.id);
            let hint = "open it with `> suspect`".to_string();
            return known.ok_or_else(|| self.wrong(token, format!("no hypothesis h{number}"), hint));
        }
        self.named_hypothesis(token)?.ok_or_else(|| {
            let hint = format!("write `> suspect {}` before", token.text);
            self.wrong(token, format!("`{}` is not suspected", token.text), hint)
        })
    }

    fn named_hypothesis(&self, token: &Token) -> Result<Option<u32>, Problem> {
        let wanted = if token.text == "truth" { Suspect::Truth } else { Suspect::Rival(token.text.clone()) };
        let ids = self.run.board.hypotheses.iter().map(|hypothesis| hypothesis.id);
        let found = ids.into_iter().find(|id| casework::whom(self.run, *id) == wanted);
        if found.is_none() {
            // Names the problem if there is no such rival, or its words were not met.
            self.rival_words(token)?;
        }
        Ok(found)
    }

    /// Clearing a rival by its id suspects it first if need be.
    fn clear(&self, verb: &Verb, hypothesis: &Token, exhibits: &[Token]) -> Result<Resolved, Problem> {
        if numbered(&hypothesis.text, 'h').is_none() && self.named_hypothesis(hypothesis)?.is_none() {
            let act = self.suspicion(&Suspicion::Named(hypothesis.clone()))?;
            return Ok((act, Some(verb.clone())));
        }
        let act = Act::Clear { hypothesis: self.hypothesis(hypothesis)?, exhibits: self.exhibits(exhibits)? };
        Ok((Some(act), None))
    }

    fn verdict(&self, blanks: &[Blank]) -> Result<Act, Problem> {
        let mut form = Blanks::default();
        for blank in blanks {
            let exhibits = self.exhibits(&blank.exhibits)?;
            let word = |kind| -> Result<act::Blank, Problem> {
                let word = Some(self.word(&blank.word, kind)?);
                Ok(act::Blank { word, time: String::new(), exhibits: exhibits.clone() })
            };
            match blank.name {
                "culprit" => form.culprit = word(WordKind::Thing)?,
                "mechanism" => form.mechanism = word(WordKind::How)?,
                "trigger" => form.trigger = word(WordKind::Change)?,
                "impact" => form.impact = word(WordKind::Harm)?,
                _ => form.onset = act::Blank { word: None, time: self.onset(&blank.word), exhibits },
            }
        }
        Ok(Act::Verdict { blanks: Box::new(form) })
    }

    /// `truth` (or `{onset}`) stands for the case's own onset, which differs from seed to seed.
    fn onset(&self, token: &Token) -> String {
        let own = self.run.case.verdict.onset.filter(|_| matches!(token.text.as_str(), "truth" | "{onset}"));
        own.map_or_else(|| token.text.clone(), |onset| onset.told_at(self.run.case.drill.page_at))
    }
}

/// `p2`, `p2:7`, `p2:7-9`: a page, and lines counted from 1.
fn page_place(name: &str) -> Option<(u32, Option<(u32, u32)>)> {
    let (page, lines) = name.split_once(':').map_or((name, None), |(page, lines)| (page, Some(lines)));
    let page = numbered(page, 'p')?;
    let Some(lines) = lines else { return Some((page, None)) };
    let (from, to) = lines.split_once('-').unwrap_or((lines, lines));
    let line = |text: &str| text.parse::<u32>().ok()?.checked_sub(1);
    Some((page, Some((line(from)?, line(to)?))))
}

/// `e12` → 12.
fn numbered(text: &str, letter: char) -> Option<u32> {
    let digits = text.strip_prefix(letter)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// What an id may mean as a word.
fn meaning(text: &str) -> Vec<Meaning> {
    let mut out = vec![Meaning::Node(text.to_string())];
    if let Some(rival) = text.strip_suffix(".thing") {
        out.push(Meaning::RivalThing(rival.to_string()));
    }
    if let Some(rival) = text.strip_suffix(".how") {
        out.push(Meaning::RivalHow(rival.to_string()));
    }
    out
}
