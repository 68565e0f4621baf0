//! Prompt and print: the same drill without a screen, for screen readers, dumb terminals and scripts. A line is a shell
//! line; with `>` or `:` before it, an act on the board in the words of transcripts. Does not know the terminal.

use super::commands::print;
use super::runs::Kept;
use super::show;
use crate::drill::act::Act;
use crate::drill::interview::follow::{self, FollowUp};
use crate::drill::passing::WAIT_MAX;
use crate::drill::run::{Clock, Outcome, Phase, Run};
use crate::drill::terms::Mode;
use crate::drill::transcript::player::Player;
use crate::drill::transcript::{self, Step, Suspicion, Token, Verb};
use crate::stdx::lang::Lang;
use crate::stdx::text::{harmless, wrap};
use crate::stdx::time::Span;
use crate::ui::face::Look;
use crate::ui::screens::coach;
use std::io::{self, BufRead};
use std::process::ExitCode;
use std::time::Instant;

/// A run that is kept on disk, or not.
pub enum Stage {
    Kept(Box<Kept>),
    Loose(Box<Run>),
}

impl Stage {
    pub fn run(&self) -> &Run {
        match self {
            Stage::Kept(kept) => &kept.run,
            Stage::Loose(run) => run,
        }
    }

    pub fn act(&mut self, act: Act) -> io::Result<Outcome> {
        match self {
            Stage::Kept(kept) => kept.act(act),
            Stage::Loose(run) => Ok(run.apply(0, act)),
        }
    }
}

const HELP: &str = "\
A line is a shell line (`help` names the tools). With : before it, it is about the case:
  :page            the page and the brief again        :board           exhibits, words, hypotheses
  :tray            what was on pages and does not last
  :bag 3           line 3 of the last page             :bag 3-5         a range     :bag p2:3   of page 2
  :bag all         the whole last page, as a finding   :unbag e1        take it out
  :state TEXT      the problem                         :note TEXT       a note
  :state hurts=SERIES not=SERIES expected=N actual=N since=HH:MM -- TEXT    the problem as a form: each is true or false
  :update to=team harm=SERIES state=investigating cause=h1:suspected action=none next=15m -- TEXT
                   tell team, customers or management; investigating, identified, mitigating, monitoring or resolved;
                   unknown, suspected or confirmed; action=change while something is being changed
  :suspect w1 / w4 a thing and a how                   :rate h1 80      how sure, in percent
  :predict h1 TEXT what should be seen if it is true   :link h1 e2 +    for (-, against; ., neutral)
  :clear h2 with e3  it was not that one, by exhibits  :reopen h2
  :expect slo >= 0.99 within 3m   of the next change   :resolve         it is mended
  :undo            take back the last on the board     :hint            which question, where, then shown
  :wait 5m         let time pass                       :leave           stop a follow
  :verdict culprit=w1:e1,e2 mechanism=w4:e2 trigger=w5:e3 impact=w6:e4 onset=09:54:e4
  :answer o1 with e3  to an objection                  :answer o1 pass  I cannot rule it out
  :close           end, or accept the verdict          :quit            leave; `whodunit resume` goes on
  :interview said doubt TEXT   for whoever sits beside in an interview; also pause, resume, reveal, inject 1,
                   extend 5, note TEXT, without communication, end
";

/// The same in Korean; a test compares what can be said.
const HELP_KO: &str = include_str!("../../assets/lang/plain-help.ko.txt");

pub fn help(lang: &Lang) -> &'static str {
    if lang.code == "ko" { HELP_KO } else { HELP }
}

/// Wall time against simulated time, for the live clock.
pub struct Pace {
    since: Instant,
    at: Span,
    /// Thousandths of wall time.
    speed: i64,
}

impl Pace {
    /// Begins to count where the run is.
    pub fn of(run: &Run, speed: u32) -> Pace {
        Pace { since: Instant::now(), at: run.elapsed(), speed: i64::from(speed.max(1)) }
    }

    /// The act that moves the run to where the clock is by now, if that is later. One act moves it by a day at most.
    pub fn tick(&self, run: &Run) -> Option<Act> {
        let micros = i64::try_from(self.since.elapsed().as_micros()).unwrap_or(i64::MAX);
        let passed = micros.saturating_mul(self.speed) / 1_000_000;
        let to = (self.at + Span(passed)).min(run.elapsed() + WAIT_MAX);
        let to = run.deadline().map_or(to, |until| to.min(until - run.case.drill.page_at));
        (to > run.elapsed()).then_some(Act::Clock { to })
    }
}

/// Plays until the case is closed, the input ends or the player quits. Exit 0 in each of these.
pub fn play(kept: Kept, look: &Look) -> Result<ExitCode, super::commands::Failure> {
    let speed = kept.header.speed;
    let mut stage = Stage::Kept(Box::new(kept));
    let mut printer = show::Printer::new(&look.lang);
    print(&show::opening(stage.run(), &look.lang));
    print(&printer.news(stage.run()));
    print(&format!("{}\n{}\n\n", look.say("briefing.turn"), look.say("plain.help")));
    if let Some(minutes) = stage.run().terms().minutes {
        print(&format!("{}\n\n", look.lang.with("interview.briefing", &[("minutes", &minutes.to_string())])));
    }
    let mut input = io::stdin().lock();
    let live = stage.run().clock == Clock::Live;
    let mut pace = Pace::of(stage.run(), speed);
    let mut coached = String::new();
    loop {
        if stage.run().phase == Phase::Closed && stage.run().mode == Mode::Interview {
            return questions(&mut stage, &mut input, &mut printer, look);
        }
        if stage.run().phase == Phase::Closed {
            print(&show::score(stage.run(), &look.lang));
            if let Stage::Kept(kept) = &stage {
                let run = kept.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                print(&format!("\n{}\n", look.lang.with("plain.report", &[("run", run)])));
            }
            return Ok(ExitCode::SUCCESS);
        }
        let run = stage.run();
        let said = coach::plain_step(run, &look.lang).unwrap_or_default();
        if said != coached {
            print(&show::coaching(said));
            coached = said.to_string();
        }
        print(&format!("{} {}$ ", run.now().clock(), run.session.namespace));
        let mut line = String::new();
        if read_line(&mut input, &mut line)? == 0 {
            print("\n");
            return Ok(ExitCode::SUCCESS);
        }
        if line.len() > LINE_BYTES_MAX {
            print("[refused] a line has at most 64 KiB; nothing of it was run\n");
            continue;
        }
        // What passes on the wall during a pause is not caught up with.
        if stage.run().sitting.paused {
            pace = Pace::of(stage.run(), speed);
        }
        if let Some(act) = pace.tick(stage.run()).filter(|_| live && stage.run().is_open()) {
            let outcome = stage.act(act.clone())?;
            print(&printer.after(stage.run(), &act, &outcome));
        }
        if !step(&mut stage, line.trim(), &mut printer, look)? {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// The follow-up questions of an interview, one after the other: a line is an answer, an empty one passes. `:interview …`
/// works here as well.
fn questions(
    stage: &mut Stage,
    input: &mut impl BufRead,
    printer: &mut show::Printer,
    look: &Look,
) -> Result<ExitCode, super::commands::Failure> {
    let asked: Vec<FollowUp> = follow::asked(stage.run());
    let open = |stage: &Stage, own: &FollowUp| !stage.run().board.hearing.replies.contains_key(&own.id);
    print(&format!("\n{}\n", look.say("interview.done")));
    let left = asked.iter().filter(|own| open(stage, own)).count();
    if left > 0 {
        print(&format!("{}\n", look.lang.with("interview.questions", &[("n", &left.to_string())])));
    }
    'all: for (own, n) in asked.iter().zip(1..) {
        while open(stage, own) {
            let text = wrap(&harmless(&own.text(&stage.run().case, &look.lang)), QUESTION_COLUMNS).join("\n");
            print(&format!("\n{n}. {text}\nq{n}> "));
            let mut line = String::new();
            if read_line(input, &mut line)? == 0 || matches!(line.trim(), ":quit" | ":q") {
                break 'all;
            }
            let line = line.trim();
            if line.starts_with([':', '>']) {
                step(stage, line, printer, look)?;
                continue;
            }
            if !line.is_empty() {
                let outcome = stage.act(Act::Reply { question: own.id.clone(), text: line.to_string() })?;
                if let Some(notice) = outcome.notice {
                    print(&format!("[refused] {notice}\n"));
                }
            }
            break;
        }
    }
    print(&show::score(stage.run(), &look.lang));
    if let Stage::Kept(kept) = &*stage {
        let run = kept.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        print(&format!("\n{}\n", look.lang.with("interview.next", &[("run", run)])));
    }
    Ok(ExitCode::SUCCESS)
}

/// Columns of a question.
const QUESTION_COLUMNS: usize = 96;

/// The longest line that is run, in bytes.
const LINE_BYTES_MAX: usize = 65_536;

/// One line, whatever bytes it has. Of a longer line one byte too many is kept and the rest is swallowed, so that no part
/// of it is taken for a line of its own.
fn read_line(input: &mut impl BufRead, line: &mut String) -> io::Result<usize> {
    let mut bytes = Vec::new();
    let count = io::Read::take(&mut *input, LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut bytes)?;
    let mut rest = if count > LINE_BYTES_MAX && bytes.last() != Some(&b'\n') { 1 } else { 0 };
    while rest > 0 {
        let mut swallowed = Vec::new();
        rest = io::Read::take(&mut *input, LINE_BYTES_MAX as u64).read_until(b'\n', &mut swallowed)?;
        if swallowed.last() == Some(&b'\n') {
            break;
        }
    }
    *line = String::from_utf8_lossy(&bytes).into_owned();
    Ok(count)
}

/// Does one line; false to leave.
fn step(stage: &mut Stage, line: &str, printer: &mut show::Printer, look: &Look) -> io::Result<bool> {
    let board = line.strip_prefix(':').or_else(|| line.strip_prefix('>'));
    if line == "?" {
        print(help(&look.lang));
        return Ok(true);
    }
    let steps = match board.map(str::trim) {
        Some("quit" | "q" | "exit") => return Ok(false),
        Some("help" | "?" | "") => {
            print(help(&look.lang));
            return Ok(true);
        }
        Some("board") => {
            print(&show::board(stage.run(), &look.lang));
            return Ok(true);
        }
        Some("tray") => {
            print(&show::tray(stage.run(), &look.lang));
            return Ok(true);
        }
        Some("page") => {
            print(&show::opening(stage.run(), &look.lang));
            return Ok(true);
        }
        Some(words) => transcript::parse(&board_line(words, stage.run())),
        None if line.is_empty() => return Ok(true),
        None => Ok(vec![Step { line: 1, seat: 0, verb: Verb::Run(line.to_string()) }]),
    };
    match steps {
        Err(problems) => problems.iter().for_each(|problem| print(&format!("{}\n", brief(problem)))),
        Ok(steps) => {
            if let Some(word) = steps.iter().find_map(|step| by_id(&step.verb)) {
                print(&format!("[refused] `{word}`: say it by number (e1, h1, w1, p1:3) or in double quotes\n"));
                return Ok(true);
            }
            apply(stage, steps, printer)?;
        }
    }
    Ok(true)
}

fn brief(problem: &transcript::Problem) -> String {
    let hint = if problem.hint.is_empty() { String::new() } else { format!("\nhint: {}", problem.hint) };
    format!("[refused] {}{hint}", problem.what)
}

/// A line of plain play as a line of a transcript: `bag 3` is about the last page, `wait` needs no sign.
fn board_line(words: &str, run: &Run) -> String {
    let last = run.pages.last().map_or(0, |page| page.id);
    if let Some(rest) = words.strip_prefix("bag ") {
        let plain = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let rest: Vec<String> = rest
            .split(' ')
            .map(|word| if plain(word) { format!("p{last}:{word}") } else { word.to_string() })
            .collect();
        return format!("> bag {}", rest.join(" "));
    }
    if words.starts_with("wait ") { words.to_string() } else { format!("> {words}") }
}

/// The first word that names something by the author's id: transcripts may, players may not (an id would tell).
fn by_id(verb: &Verb) -> Option<String> {
    let numbered = |text: &str, letters: &[char]| {
        text.strip_prefix(letters).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let open = |token: &&Token, letters: &[char]| !token.quoted && !numbered(&token.text, letters);
    let told = match verb {
        Verb::Bag(tokens) => tokens.iter().find(|token| token.text != "all" && open(token, &['p'])),
        Verb::Unbag(token) => Some(token).filter(|token| open(token, &['e'])),
        Verb::Suspect(Suspicion::Named(token)) => Some(token),
        Verb::Suspect(Suspicion::Words { thing, how }) => [thing, how].into_iter().find(|token| open(token, &['w'])),
        Verb::Rate(token, _) | Verb::Predict(token, _) | Verb::Reopen(token) => Some(token).filter(|t| open(t, &['h'])),
        Verb::Link { hypothesis, exhibit, .. } => {
            Some(hypothesis).filter(|t| open(t, &['h'])).or(Some(exhibit).filter(|t| open(t, &['e'])))
        }
        Verb::Clear { hypothesis, exhibits } => {
            Some(hypothesis).filter(|t| open(t, &['h'])).or(exhibits.iter().find(|t| open(t, &['e'])))
        }
        Verb::State { fields, .. } => fields.iter().map(|field| &field.value).find(|value| value.text.starts_with('{')),
        Verb::Update(line) => line.cause.as_ref().map(|(key, _)| key).filter(|token| open(token, &['h'])),
        Verb::Answer { objection, exhibit } => {
            Some(objection).filter(|t| open(t, &['o'])).or(exhibit.as_ref().filter(|t| open(t, &['e'])))
        }
        Verb::Verdict(blanks) => blanks.iter().find_map(|blank| {
            let word = Some(&blank.word).filter(|t| open(t, &['w']) && blank.name != "onset");
            let onset = Some(&blank.word)
                .filter(|t| blank.name == "onset" && !t.text.starts_with(|c: char| c.is_ascii_digit()));
            word.or(onset).or(blank.exhibits.iter().find(|t| open(t, &['e'])))
        }),
        _ => None,
    };
    told.map(|token| token.text.clone())
}

fn apply(stage: &mut Stage, steps: Vec<Step>, printer: &mut show::Printer) -> io::Result<()> {
    let mut player = Player::new(steps);
    loop {
        match player.next(stage.run()) {
            Ok(None) => return Ok(()),
            Err(problem) => {
                print(&format!("{}\n", brief(&problem)));
                return Ok(());
            }
            Ok(Some(act)) => {
                let outcome = stage.act(act.clone())?;
                print(&printer.after(stage.run(), &act, &outcome));
                if outcome.refused {
                    return Ok(());
                }
            }
        }
    }
}
