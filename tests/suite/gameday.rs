//! Game days without a server: many seats on one run. Rights, votes, tasks, decisions, handovers, injects, shells with only
//! some commands, the team's score, and both laws with everybody acting at once. Played on the small stage of `drill`, and
//! on the template where something must be changed.

mod score;

use crate::drill::{case, play, stage};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use whodunit::case::score::log::{Digest, Event, What};
use whodunit::case::score::profile::{DETECTIVE, TEAM};
use whodunit::case::score::teamwork::{Decided, Teamwork, budget};
use whodunit::case::score::truth::Truth;
use whodunit::case::score::{Exact, Line, WHOLE, exact, score_with};
use whodunit::drill::Mode;
use whodunit::drill::act::{Act, Blank, Blanks, UpdateForm};
use whodunit::drill::interview::Control;
use whodunit::drill::journal::{self, Header, Journal, Moment, Writer};
use whodunit::drill::message::To;
use whodunit::drill::run::{Clock, Phase, Run};
use whodunit::drill::team::account::TurnKind;
use whodunit::drill::team::{self, Deed, ROOM, Role, Sight, Stand, TeamAct, rights};
use whodunit::scenario::gameday::{Card, Happening, Inject, When};
use whodunit::scenario::shape::Case;
use whodunit::scenario::stage::Stage;
use whodunit::scenario::{self, Pack};
use whodunit::stdx::dice::Dice;
use whodunit::stdx::lang::Lang;
use whodunit::stdx::time::Span;

const LEAD: u16 = 1;
const OPS: u16 = 2;
const MORE: u16 = 3;
const VOICE: u16 = 4;
const PEN: u16 = 5;
const GUEST: u16 = 6;
const DESK: u16 = 7;

const TABLE: [(u16, &str, Role, &str); 7] = [
    (LEAD, "Mina", Role::Commander, "lead"),
    (OPS, "Jun", Role::Operator, "ops-cluster"),
    (MORE, "Ada", Role::Operator, "ops-history"),
    (VOICE, "Sol", Role::Communications, "voice"),
    (PEN, "Tae", Role::Scribe, ""),
    (GUEST, "Ines", Role::Observer, ""),
    (DESK, "Kim", Role::Facilitator, ""),
];

fn card(id: &str, role: Role, can: &[&str]) -> Card {
    let can = can.iter().map(|prefix| (*prefix).to_string()).collect();
    Card { id: id.into(), role, title: format!("{id} on-call"), note: format!("only {id} knows"), can }
}

fn cards() -> Vec<Card> {
    vec![
        card("lead", Role::Commander, &[]),
        card("ops-cluster", Role::Operator, &["kubectl get", "prom"]),
        card("ops-history", Role::Operator, &["ci", "kubectl -n"]),
        card("voice", Role::Communications, &[]),
    ]
}

fn inject(when: When, kind: Happening, to: &str, say: &str) -> Inject {
    Inject { when, kind, from: "CFO".into(), say: say.into(), to: to.into(), ..Inject::default() }
}

fn toy() -> Case {
    let mut case = case();
    case.drill.closes_at = case.drill.page_at + Span::mins(40);
    case.gameday.cards = cards();
    case.gameday.injects = vec![
        inject(When::At(Span::mins(4)), Happening::Question, "communications", "how long?"),
        Inject { after: Span::secs(90), ..inject(When::Seen("oomkilled".into()), Happening::Alert, "", "another one") },
        inject(When::At(Span::mins(6)), Happening::Away, "ops-cluster", "come over"),
        Inject { by_hand: true, ..inject(When::Never, Happening::Witness, "lead", "it is the database") },
        inject(When::Verdict, Happening::Handover, "commander", "your shift is over"),
    ];
    case
}

fn sit(seat: u16, name: &str, roles: &[Role], part: &str) -> Act {
    let roles = roles.iter().copied().collect();
    doing(TeamAct::Sit { seat, name: name.into(), roles, part: part.into() })
}

fn doing(act: TeamAct) -> Act {
    Act::Team { act: Box::new(act) }
}

fn seated(mut run: Run) -> Run {
    for (seat, name, role, part) in TABLE {
        done(&mut run, ROOM, sit(seat, name, &[role], part));
    }
    run
}

fn room() -> Run {
    seated(Run::open_as(Arc::new(toy()), stage(), Clock::Live, Mode::Gameday))
}

/// The template with a game day, opened at its page.
fn template() -> &'static (Case, Stage) {
    static CAST: OnceLock<(Case, Stage)> = OnceLock::new();
    CAST.get_or_init(|| {
        let files = scenario::new("a-case").expect("a good slug");
        let pack = Pack::new("a-case", "a-case", files.into_iter().map(|(path, text)| (path, text.into_bytes())));
        let (mut case, stage) = scenario::cast(&pack, "A", 1).expect("it is cast");
        case.gameday.cards = cards();
        case.gameday.injects = vec![inject(When::HarmOver, Happening::Question, "", "is it over?")];
        (case, stage)
    })
}

fn template_room() -> Run {
    let (case, stage) = template();
    seated(Run::open_as(Arc::new(case.clone()), stage.clone(), Clock::Live, Mode::Gameday))
}

#[track_caller]
fn done(run: &mut Run, seat: u16, act: Act) {
    let outcome = run.apply(seat, act.clone());
    assert!(!outcome.refused, "{seat}: {act:?}: {:?}", outcome.notice.map(|said| said.to_string()));
}

#[track_caller]
fn team(run: &mut Run, seat: u16, act: TeamAct) {
    done(run, seat, doing(act));
}

#[track_caller]
fn refused(run: &mut Run, seat: u16, act: Act) -> String {
    let before = dump(run);
    let outcome = run.apply(seat, act.clone());
    assert!(outcome.refused, "{seat}: {act:?} was not refused");
    assert_eq!(before, dump(run), "{act:?} left a trace");
    let notice = outcome.notice.expect("a refusal says why");
    for code in ["en", "ko"] {
        let said = notice.words(&run.case, &Lang::named(code).expect("a language"));
        assert!(!said.contains("notice.") && !said.contains('{'), "{said}");
    }
    notice.to_string()
}

fn typed(line: &str) -> Act {
    Act::Run { line: line.into() }
}

fn bag(page: u32, line: u32) -> Act {
    Act::Bag { page, lines: Some((line, line)), note: String::new() }
}

/// All of a run that anybody may read.
fn dump(run: &Run) -> String {
    format!(
        "{:?}",
        (
            (run.now(), run.phase, &run.pages, &run.messages, &run.board, &run.acts, &run.by),
            (&run.team, &run.record.events, &run.record.changes, &run.sitting, run.standing.len())
        )
    )
}

/// Played as a host does: ticks are written when somebody else acts.
struct Room {
    run: Run,
    writer: Writer,
    bytes: Vec<u8>,
}

impl Room {
    fn open(run: Run) -> Room {
        let header = Header::new(&run.case, run.clock, 1_000, "").of_mode(run.mode);
        let (writer, bytes) = Writer::begin(&header);
        Room { run, writer, bytes }
    }

    fn flush(&mut self) {
        if let Some((at, act)) = self.run.pending().cloned() {
            self.bytes.extend(self.writer.entry(at, ROOM, &act));
            self.run.seal();
        }
    }

    fn act(&mut self, seat: u16, act: Act) -> bool {
        self.flush();
        let at = self.run.now();
        let refused = self.run.apply(seat, act.clone()).refused;
        if !refused {
            let done = &self.run.acts.last().expect("it was done").1;
            self.bytes.extend(self.writer.entry(at, seat, done));
        }
        !refused
    }

    fn journal(&mut self) -> Journal {
        self.flush();
        journal::parse(&self.bytes).expect("a journal")
    }
}

// ---- laws ----------------------------------------------------------------------------------------------------------

fn text(dice: &mut Dice) -> String {
    ["rolling it back", "누가 봤나요", "\u{1b}[2J\u{202e}gone", "", "two\nlines"][dice.between(0, 4) as usize].into()
}

fn number(dice: &mut Dice) -> u32 {
    dice.between(0, 4) as u32
}

fn seat_of(dice: &mut Dice) -> u16 {
    dice.between(0, 8) as u16
}

fn role_of(dice: &mut Dice) -> Role {
    Role::ALL[dice.between(0, 5) as usize]
}

/// Something of a team that somebody may try, sensible or not.
fn random_team(dice: &mut Dice) -> TeamAct {
    let id = number(dice);
    match dice.between(0, 21) {
        0 => TeamAct::Sit {
            seat: seat_of(dice),
            name: text(dice),
            roles: (0..dice.between(0, 2)).map(|_| role_of(dice)).collect(),
            part: ["", "lead", "ops-cluster", "nobody"][dice.between(0, 3) as usize].into(),
        },
        1 => TeamAct::Say { text: text(dice), to: (dice.between(0, 1) == 0).then(|| role_of(dice)) },
        2 | 3 => TeamAct::Ask { to: seat_of(dice), text: text(dice), within: Some(Span::mins(dice.between(-1, 9))) },
        4 => TeamAct::Promise { task: id },
        5 => TeamAct::Decline { task: id, text: text(dice) },
        6 => TeamAct::Report { task: id, text: text(dice) },
        7 => TeamAct::Accept { task: id },
        8 => TeamAct::Return { task: id, text: text(dice) },
        9 => TeamAct::Propose {
            text: text(dice),
            expect: ["", "x >= 1 within 2m", "soon"][dice.between(0, 2) as usize].into(),
            reason: text(dice),
        },
        10 => TeamAct::Call { decision: id },
        11 => TeamAct::Object { decision: id, text: text(dice) },
        12 => TeamAct::Decide { decision: id, accept: dice.between(0, 1) == 0, reason: text(dice) },
        13 => TeamAct::Log { text: text(dice), about: Some(number(dice) * 5) },
        14 => TeamAct::Offer { role: role_of(dice), to: seat_of(dice) },
        15 => TeamAct::Take { role: role_of(dice) },
        16 => TeamAct::Desk {
            control: match dice.between(0, 5) {
                0 => Control::Pause,
                1 | 2 => Control::Resume,
                3 => Control::Inject { number: id },
                4 => Control::Extend { minutes: id },
                _ => Control::Note { text: text(dice) },
            },
        },
        17 => TeamAct::Hint { to: (dice.between(0, 1) == 0).then(|| seat_of(dice)) },
        18 => TeamAct::Tell { to: None, from: text(dice), text: text(dice) },
        19 => TeamAct::Away { seat: seat_of(dice), away: dice.between(0, 2) == 0 },
        20 => TeamAct::Driver { seat: (dice.between(0, 3) == 0).then(|| seat_of(dice)) },
        _ => TeamAct::Speed { permille: dice.between(0, 4_000) as u32 },
    }
}

fn random(dice: &mut Dice) -> Act {
    let id = number(dice);
    match dice.between(0, 15) {
        0 | 1 => typed("cat pods.txt"),
        2 => typed("cat app.log | grep \u{1b}warming"),
        3 => typed("watch -n 20 cat app.log"),
        4 => bag(id, number(dice)),
        5 => Act::Suspect { thing: id, how: number(dice) },
        6 | 7 => Act::Rate { hypothesis: id, percent: (number(dice) * 25) as u8 },
        8 => Act::Undo,
        9 => Act::Link { hypothesis: id, exhibit: number(dice), sign: '+' },
        10 => Act::Leave { standing: id },
        11 if dice.between(0, 9) == 0 => {
            let culprit = Blank { word: Some(1), exhibits: vec![1], ..Blank::default() };
            Act::Verdict { blanks: Box::new(Blanks { culprit, ..Blanks::default() }) }
        }
        _ => doing(random_team(dice)),
    }
}

/// Who could do an act, so that the lot gets somewhere.
fn fitting(run: &Run, act: &Act) -> Option<u16> {
    let task = |id: &u32| run.team.tasks.get((*id as usize).checked_sub(1)?);
    Some(match act {
        Act::Team { act } => match &**act {
            TeamAct::Promise { task: id } | TeamAct::Decline { task: id, .. } | TeamAct::Report { task: id, .. } => {
                task(id)?.to
            }
            TeamAct::Accept { task: id } | TeamAct::Return { task: id, .. } => task(id)?.by,
            TeamAct::Call { .. } | TeamAct::Decide { .. } => run.team.holders(Role::Commander).next()?.id,
            TeamAct::Offer { role, .. } => run.team.holders(*role).next()?.id,
            TeamAct::Take { role } => run.team.offers.iter().find(|offer| offer.role == *role)?.to,
            _ => return None,
        },
        Act::Run { .. } => run.team.holders(Role::Operator).next()?.id,
        _ => return None,
    })
}

/// Acts by lot, with ticks between: cut finely if `cuts`, else in one.
fn wild(seed: u64, cuts: bool) -> Room {
    let mut room = Room::open(Run::open_as(Arc::new(toy()), stage(), Clock::Live, Mode::Gameday));
    for (seat, name, role, part) in TABLE {
        assert!(room.act(ROOM, sit(seat, name, &[role], part)));
    }
    for (seat, act) in [(OPS, typed("cat pods.txt")), (OPS, bag(1, 1)), (LEAD, Act::Suspect { thing: 1, how: 2 })] {
        assert!(room.act(seat, act));
    }
    let mut dice = Dice::new(seed).fork("wild");
    for _ in 0..120 {
        if dice.between(0, 2) == 0 {
            let (from, long) = (room.run.elapsed(), Span::millis(dice.between(1, 70_000)));
            if cuts {
                let mut pieces = Dice::new(seed).fork("cuts");
                let mut at = from;
                while at < from + long {
                    at = (at + Span::millis(pieces.between(1, 9_000))).min(from + long);
                    room.run.tick(at);
                }
            } else {
                room.run.tick(from + long);
            }
        }
        let (seat, act) = (seat_of(&mut dice), random(&mut dice));
        let seat = fitting(&room.run, &act).filter(|_| dice.between(0, 2) > 0).unwrap_or(seat);
        room.act(seat, act);
    }
    room.flush();
    room
}

/// The law of the fold, with everybody acting at once.
#[test]
fn a_room_is_the_fold_of_its_journal() {
    let mut acted = BTreeSet::new();
    for seed in 0..60 {
        let mut room = wild(seed, true);
        let read = room.journal();
        let folded = journal::fold(&read, Arc::clone(&room.run.case), stage()).expect("it folds");
        assert_eq!(dump(&room.run), dump(&folded), "seed {seed}");
        assert_eq!(room.run.graded_log(), folded.graded_log(), "seed {seed}");
        assert_eq!(room.run.score(), folded.score(), "seed {seed}");
        acted.extend(room.run.acts.iter().map(|(_, act)| match act {
            Act::Team { act } => act.name(),
            Act::Clock { .. } => "clock",
            Act::Rate { .. } => "rate",
            Act::Undo => "undo",
            _ => "other",
        }));
    }
    // The lot reaches nearly everything: what it never does proves nothing.
    let wanted = ["clock", "object", "promise", "propose", "rate", "report", "take", "undo"];
    assert!(acted.len() > 19 && wanted.iter().all(|own| acted.contains(own)), "{acted:?}");
}

/// The law of additivity: however the clock is cut, the room is the same, entry by entry.
#[test]
fn ticks_add_up_to_one_entry() {
    for seed in 0..60 {
        assert_eq!(dump(&wild(seed, true).run), dump(&wild(seed, false).run), "seed {seed}");
    }
    let mut run = room();
    let before = run.acts.len();
    (1..=50).for_each(|second| assert!(!run.tick(Span::secs(second)).refused));
    assert_eq!(run.acts.len(), before + 1);
    assert_eq!(run.pending().map(|(_, act)| act.clone()), Some(Act::Clock { to: Span::secs(50) }));
    run.seal();
    run.tick(Span::secs(51));
    assert_eq!(run.acts.len(), before + 2, "what is written does not grow");
    team(&mut run, OPS, TeamAct::Say { text: "here".into(), to: None });
    assert!(run.pending().is_none(), "an act ends it");
}

// ---- rights --------------------------------------------------------------------------------------------------------

#[test]
fn the_table_of_rights_has_a_row_a_role() {
    assert!(rights::ROWS.is_sorted_by_key(|row| row.role.name()));
    let roles: BTreeSet<Role> = rights::ROWS.iter().map(|row| row.role).collect();
    assert_eq!(roles, Role::ALL.into_iter().collect());
    let truth: Vec<Role> =
        rights::ROWS.iter().filter(|row| row.sees.contains(&Sight::Truth)).map(|row| row.role).collect();
    assert_eq!(truth, [Role::Facilitator]);
    let shells: Vec<Role> =
        rights::ROWS.iter().filter(|row| row.may.contains(&Deed::Shell)).map(|row| row.role).collect();
    assert_eq!(shells, [Role::Operator]);
}

#[test]
fn a_role_does_what_it_may_and_nothing_else() {
    let mut run = room();
    assert!(refused(&mut run, LEAD, typed("cat pods.txt")).contains("operators have shells"));
    assert!(refused(&mut run, OPS, Act::Resolve).contains("the commander decides"));
    refused(&mut run, GUEST, doing(TeamAct::Say { text: "hm".into(), to: None }));
    refused(&mut run, GUEST, Act::Note { text: "hm".into() });
    refused(&mut run, DESK, Act::Note { text: "hm".into() });
    refused(&mut run, OPS, doing(TeamAct::Desk { control: Control::Pause }));
    refused(&mut run, PEN, Act::Clock { to: Span::secs(5) });
    refused(&mut run, 99, typed("cat pods.txt"));
    refused(&mut run, ROOM, typed("cat pods.txt"));
    refused(&mut run, LEAD, sit(9, "Eve", &[Role::Operator], ""));
    refused(&mut run, DESK, sit(9, "Eve", &[Role::Operator, Role::Commander], ""));
    refused(&mut run, DESK, sit(9, "Eve", &[Role::Commander], ""));
    refused(&mut run, DESK, sit(9, "Eve", &[Role::Facilitator, Role::Scribe], ""));
    refused(&mut run, DESK, sit(9, "Eve", &[Role::Operator], "lead"));
    // What is said to others has an end, on disk as well.
    team(&mut run, OPS, TeamAct::Say { text: "장".repeat(5_000_000), to: None });
    assert!(format!("{:?}", run.acts.last()).len() < 10_000);
    done(&mut run, DESK, sit(9, "\u{1b}[2JEve", &[Role::Operator, Role::Scribe], ""));
    assert_eq!(run.team.name(9), "␛[2JEve", "a name is harmless from the start");
    // A room that nobody sits in has no team.
    let mut alone = Run::open(Arc::new(toy()), stage(), Clock::Turn);
    refused(&mut alone, 0, doing(TeamAct::Say { text: "hello".into(), to: None }));
    done(&mut alone, 0, typed("cat pods.txt"));
}

/// What a refused act leaves, whoever tries it and whatever it is: nothing.
#[test]
fn what_is_refused_leaves_no_trace() {
    let mut refusals = 0;
    for seed in 0..25 {
        let mut run = wild(seed, false).run;
        let mut dice = Dice::new(seed).fork("refused");
        for _ in 0..60 {
            let before = dump(&run);
            let (seat, act) = (seat_of(&mut dice), random(&mut dice));
            if run.apply(seat, act.clone()).refused {
                assert_eq!(before, dump(&run), "{seat}: {act:?}");
                refusals += 1;
            }
        }
    }
    assert!(refusals > 400, "{refusals}");
}

/// What a seat reads of a room: everything that a face may show it.
fn view(run: &Run, seat: u16) -> String {
    format!(
        "{:?}",
        (
            team::messages_for(run, seat),
            team::chat_for(run, seat),
            team::hints_for(run, seat),
            team::note_for(run, seat),
            team::acts_for(run, seat)
        )
    )
}

#[test]
fn nobody_reads_what_is_for_others() {
    let mut run = room();
    let secret = |to: Option<Role>, text: &str| TeamAct::Say { text: text.into(), to };
    team(&mut run, OPS, secret(Some(Role::Commander), "for-the-lead"));
    team(&mut run, DESK, TeamAct::Tell { to: Some(Role::Scribe), from: "CEO".into(), text: "for-the-pen".into() });
    team(&mut run, DESK, TeamAct::Desk { control: Control::Note { text: "for-the-desk".into() } });
    run.tick(Span::mins(5));
    for (seat, _, role, _) in TABLE {
        let seen = view(&run, seat);
        let desk = role == Role::Facilitator;
        assert_eq!(seen.contains("for-the-lead"), desk || seat == LEAD || seat == OPS, "{role:?}");
        assert_eq!(seen.contains("for-the-pen"), desk || seat == PEN, "{role:?}");
        assert_eq!(seen.contains("for-the-desk"), desk, "{role:?}");
        assert_eq!(seen.contains("how long?"), desk || seat == VOICE, "{role:?}");
        assert_eq!(seen.contains("only lead knows"), seat == LEAD, "{role:?}");
        assert_eq!(rights::sees(&run, seat, Sight::Truth), desk, "{role:?}");
    }
    // After the end the truth is everybody's; what was private stays so.
    team(&mut run, DESK, TeamAct::Desk { control: Control::End });
    assert!(rights::sees(&run, GUEST, Sight::Truth) && !view(&run, GUEST).contains("for-the-desk"));
}

/// However a room goes: who only looks on, or works, reads none of the answer, and nobody reads another's vote.
#[test]
fn no_view_holds_the_answer_or_a_vote() {
    let mut votes = 0;
    for seed in 100..125 {
        let run = wild(seed, false).run;
        let mut marked = run.clone();
        // What only the graders know is marked, where it stands.
        let case = Arc::make_mut(&mut marked.case);
        case.chain.iter_mut().for_each(|node| node.id = format!("ANSWER-{}", node.id));
        case.verdict.culprit = "ANSWER".into();
        case.gameday.injects.iter_mut().for_each(|inject| inject.note = "ANSWER".into());
        for seat in run.team.seats.keys().copied().filter(|seat| !run.team.has(*seat, Role::Facilitator)) {
            assert!(!view(&marked, seat).contains("ANSWER"), "seed {seed}, seat {seat}");
            for known in team::acts_for(&run, seat) {
                if matches!(known.act, Act::Rate { .. }) {
                    votes += 1;
                    assert_eq!(known.seat, seat, "a vote of somebody else");
                }
            }
        }
        for known in team::acts_for(&run, DESK) {
            assert!(!matches!(known.act, Act::Rate { .. }) || known.seat == DESK, "not even the desk reads votes");
        }
    }
    assert!(votes > 20, "{votes}");
}

// ---- shells --------------------------------------------------------------------------------------------------------

#[test]
fn each_seat_has_a_shell_of_its_own_on_one_world() {
    let mut run = room();
    done(&mut run, OPS, typed("WHO=jun; echo $WHO > mine.txt"));
    done(&mut run, MORE, typed("echo [$WHO]; cat mine.txt"));
    let printed: Vec<&str> = run.page(2).expect("a page").output.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(printed, ["[]", "cat: mine.txt: No such file or directory"]);
    assert_eq!((run.page(1).map(|page| page.seat), run.page(2).map(|page| page.seat)), (Some(OPS), Some(MORE)));
    assert_eq!(run.session_of(OPS).history.len(), 1);
    assert!(run.session_of(LEAD).history.is_empty());
    // Anybody bags from a teammate's page.
    done(&mut run, OPS, typed("cat pods.txt"));
    done(&mut run, PEN, bag(3, 1));
    assert_eq!(run.board.exhibits.len(), 1);
    // Each has as many pipelines as one alone has.
    for _ in 0..9 {
        done(&mut run, OPS, typed("watch -n 10 cat app.log"));
        done(&mut run, MORE, typed("watch -n 10 cat app.log"));
    }
    assert_eq!(run.standing.len(), 16);
    let page = run.standing[0].0;
    assert!(refused(&mut run, MORE, Act::Leave { standing: page }).contains("Jun"));
    done(&mut run, OPS, Act::Leave { standing: page });
}

#[test]
fn a_part_has_the_commands_of_its_card() {
    let mut run = template_room();
    let says = |run: &mut Run, seat: u16, line: &str| {
        done(run, seat, typed(line));
        let page = run.pages.last().expect("a page");
        (page.output.code, page.output.lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>().join("\n"))
    };
    let (code, text) = says(&mut run, OPS, "kubectl -n shop get pods");
    assert!(code == 0 && text.contains("storefront"), "{text}");
    for line in ["ci history", "ci history | head -1", "echo storefront | xargs ci history", "echo $(ci history)"] {
        let (_, text) = says(&mut run, OPS, line);
        assert!(text.contains("ci history: not for this seat; ops-history on-call has it"), "{line}: {text}");
    }
    let (code, text) = says(&mut run, OPS, "kubectl describe nodes");
    assert_eq!((code, text.as_str()), (126, "kubectl describe: not for this seat"));
    assert_eq!(says(&mut run, MORE, "ci history").0, 0);
    assert_eq!(says(&mut run, OPS, "kubectl get pods -A | grep -c storefront | sort").0, 0);
    assert_eq!(says(&mut run, OPS, "help").0, 0);
    // What was refused was not read.
    assert!(run.record.events.iter().all(|event| !matches!(&event.what, What::Seen { clue } if clue == "delivery")));
}

#[test]
fn one_drives_if_there_are_no_laptops() {
    let mut run = room();
    team(&mut run, DESK, TeamAct::Driver { seat: Some(MORE) });
    assert!(refused(&mut run, OPS, typed("cat pods.txt")).contains("Ada drives"));
    done(&mut run, MORE, typed("cat pods.txt"));
    refused(&mut run, DESK, doing(TeamAct::Driver { seat: Some(LEAD) }));
    team(&mut run, DESK, TeamAct::Driver { seat: None });
    done(&mut run, OPS, typed("cat pods.txt"));
}

// ---- the board -----------------------------------------------------------------------------------------------------

fn update() -> Act {
    Act::Update { update: Box::new(UpdateForm { harm: "none".into(), ..UpdateForm::default() }) }
}

fn suspected(run: &mut Run) {
    done(run, OPS, typed("cat pods.txt"));
    done(run, OPS, bag(1, 1));
    done(run, LEAD, Act::Suspect { thing: 1, how: 2 });
}

#[test]
fn votes_are_secret_and_the_mean_is_graded() {
    let mut run = room();
    suspected(&mut run);
    let rate = |percent| Act::Rate { hypothesis: 1, percent };
    done(&mut run, OPS, rate(80));
    let shown = |run: &Run| (run.team.votes.mean(1), run.team.votes.spread(1), run.board.hypotheses[0].confidence);
    assert_eq!(shown(&run), (None, None, 0), "one vote would be somebody's");
    done(&mut run, MORE, rate(35));
    assert_eq!(shown(&run), (Some(58), Some((35, 80)), 58));
    assert_eq!((run.team.votes.own(1, OPS), run.team.votes.own(1, LEAD)), (Some(80), None));
    // What is graded at a checkpoint is the mean, also of one.
    let stated = |run: &Run| {
        let beliefs = run.record.events.iter().rev().find_map(|event| match &event.what {
            What::Beliefs { of } => Some(of.iter().map(|(_, percent)| *percent).collect::<Vec<_>>()),
            _ => None,
        });
        beliefs.expect("a checkpoint")
    };
    done(&mut run, VOICE, update());
    assert_eq!(stated(&run), [58]);
    // One takes back one's own, if nobody acted on the board since.
    assert!(!run.can_undo_as(OPS) && run.can_undo_as(MORE));
    assert!(refused(&mut run, OPS, Act::Undo).contains("Somebody else"));
    done(&mut run, MORE, Act::Undo);
    assert_eq!(shown(&run), (None, None, 0));
    done(&mut run, VOICE, update());
    assert_eq!(stated(&run), [80]);
    // Whoever clears a suspect believes it no more, whatever was voted.
    done(&mut run, MORE, rate(35));
    done(&mut run, LEAD, Act::Clear { hypothesis: 1, exhibits: vec![1] });
    assert_eq!(shown(&run).2, 1);
    done(&mut run, LEAD, Act::Undo);
    assert_eq!(shown(&run).2, 58);
}

#[test]
fn a_task_is_asked_promised_reported_and_accepted() {
    let mut run = room();
    let ask = |to| TeamAct::Ask { to, text: "look at the limit".into(), within: Some(Span::mins(5)) };
    refused(&mut run, LEAD, doing(ask(LEAD)));
    refused(&mut run, LEAD, doing(ask(GUEST)));
    refused(&mut run, LEAD, doing(ask(42)));
    team(&mut run, LEAD, ask(OPS));
    let report = || TeamAct::Report { task: 1, text: "256Mi".into() };
    refused(&mut run, LEAD, doing(TeamAct::Accept { task: 1 }));
    refused(&mut run, MORE, doing(TeamAct::Promise { task: 1 }));
    team(&mut run, OPS, TeamAct::Promise { task: 1 });
    refused(&mut run, OPS, doing(TeamAct::Promise { task: 1 }));
    team(&mut run, OPS, report());
    refused(&mut run, OPS, doing(TeamAct::Accept { task: 1 }));
    refused(&mut run, MORE, doing(TeamAct::Accept { task: 1 }));
    team(&mut run, LEAD, TeamAct::Return { task: 1, text: "since when?".into() });
    team(&mut run, OPS, report());
    team(&mut run, LEAD, TeamAct::Accept { task: 1 });
    assert!(run.team.tasks[0].is_closed_loop() && run.team.tasks[0].stand == Stand::Accepted);
    // Without a time box or a promise a loop is not whole.
    team(&mut run, LEAD, TeamAct::Ask { to: OPS, text: "and this".into(), within: None });
    team(&mut run, OPS, TeamAct::Report { task: 2, text: "done".into() });
    team(&mut run, LEAD, TeamAct::Accept { task: 2 });
    team(&mut run, LEAD, ask(OPS));
    team(&mut run, OPS, TeamAct::Decline { task: 3, text: "no access".into() });
    assert_eq!(work(&run).loops, [(8, true), (14, false)], "a declined task is no open loop");
}

fn work(run: &Run) -> Teamwork {
    team::work::of(run)
}

#[test]
fn roles_are_handed_over_with_their_parts() {
    let mut run = room();
    refused(&mut run, OPS, doing(TeamAct::Offer { role: Role::Commander, to: MORE }));
    refused(&mut run, OPS, doing(TeamAct::Take { role: Role::Commander }));
    team(&mut run, LEAD, TeamAct::Offer { role: Role::Commander, to: OPS });
    refused(&mut run, MORE, doing(TeamAct::Take { role: Role::Commander }));
    team(&mut run, OPS, TeamAct::Take { role: Role::Commander });
    let own = |run: &Run, seat: u16| (run.team.seats[&seat].roles.clone(), run.team.seats[&seat].part.clone());
    assert_eq!(own(&run, OPS), (BTreeSet::from([Role::Commander]), "lead".to_string()));
    assert_eq!(own(&run, LEAD), (BTreeSet::from([Role::Operator]), "ops-cluster".to_string()));
    // Commander and operator are never one.
    refused(&mut run, OPS, typed("cat pods.txt"));
    done(&mut run, LEAD, typed("cat pods.txt"));
    assert!(run.session_of(LEAD).gate.is_some() && run.session_of(OPS).gate.is_none());
    assert_eq!(run.team.handovers.len(), 1);
    assert!(team::note_for(&run, OPS).is_some_and(|note| note.contains("lead")));
    // Whoever gives the last role away looks on.
    team(&mut run, VOICE, TeamAct::Offer { role: Role::Communications, to: PEN });
    team(&mut run, PEN, TeamAct::Take { role: Role::Communications });
    assert_eq!(own(&run, VOICE).0, BTreeSet::from([Role::Observer]));
    assert_eq!(own(&run, PEN).0, BTreeSet::from([Role::Scribe, Role::Communications]));
}

// ---- what happens to a room ----------------------------------------------------------------------------------------

#[test]
fn injects_come_on_time_by_condition_and_by_hand() {
    let mut run = room();
    let texts = |run: &Run| run.messages.iter().skip(1).map(|message| message.text.clone()).collect::<Vec<_>>();
    run.tick(Span::mins(3));
    assert!(texts(&run).is_empty());
    done(&mut run, OPS, typed("cat pods.txt"));
    run.tick(Span::secs(269));
    assert_eq!(texts(&run), ["how long?"]);
    assert_eq!(run.messages[1].to, To::Role(Role::Communications));
    run.tick(Span::secs(270));
    assert_eq!(texts(&run), ["how long?", "another one"], "a minute and a half after it was seen");
    let desk = team::inject::rows(&run);
    assert!(desk[0].came.is_some() && desk[2].due == Some(run.case.drill.page_at + Span::mins(6)));
    refused(&mut run, DESK, doing(TeamAct::Desk { control: Control::Inject { number: 1 } }));
    refused(&mut run, DESK, doing(TeamAct::Desk { control: Control::Inject { number: 9 } }));
    team(&mut run, DESK, TeamAct::Desk { control: Control::Inject { number: 4 } });
    assert_eq!(texts(&run)[2], "it is the database");
    // Called away: a few minutes without a shell.
    run.tick(Span::mins(7));
    assert!(refused(&mut run, OPS, typed("cat pods.txt")).contains("called away"));
    done(&mut run, MORE, typed("cat app.log"));
    run.tick(Span::mins(11));
    done(&mut run, OPS, typed("cat pods.txt"));
    team(&mut run, DESK, TeamAct::Away { seat: OPS, away: true });
    refused(&mut run, OPS, typed("cat pods.txt"));
    team(&mut run, DESK, TeamAct::Away { seat: OPS, away: false });
    done(&mut run, OPS, typed("cat pods.txt"));
    // A verdict that was not the last.
    done(&mut run, OPS, bag(1, 2));
    let limit = run.board.words.iter().find(|word| word.say == "the memory limit").map(|word| word.id);
    let culprit = Blank { word: limit, exhibits: vec![1], ..Blank::default() };
    done(&mut run, LEAD, Act::Verdict { blanks: Box::new(Blanks { culprit, ..Blanks::default() }) });
    assert_eq!(texts(&run).last().map(String::as_str), Some("your shift is over"));
}

#[test]
fn a_room_is_paused_extended_and_ended_at_the_desk() {
    let mut run = room();
    let control = |control| doing(TeamAct::Desk { control });
    done(&mut run, DESK, control(Control::Pause));
    assert!(run.tick(Span::secs(5)).refused && run.elapsed() == Span::ZERO);
    assert!(refused(&mut run, OPS, typed("cat pods.txt")).contains("paused"));
    team(&mut run, OPS, TeamAct::Say { text: "we wait".into(), to: None });
    done(&mut run, DESK, control(Control::Resume));
    run.tick(Span::hours(3));
    assert_eq!(run.elapsed(), Span::mins(40), "beyond the time-box the clock stands");
    refused(&mut run, OPS, typed("cat pods.txt"));
    done(&mut run, DESK, control(Control::Extend { minutes: 10 }));
    done(&mut run, OPS, typed("cat pods.txt"));
    refused(
        &mut run,
        DESK,
        control(Control::Observe { competency: whodunit::drill::interview::Competency::Frames, on: false }),
    );
    refused(&mut run, OPS, doing(TeamAct::React { text: "hm".into() }));
    done(&mut run, DESK, control(Control::End));
    assert_eq!(run.phase, Phase::Closed);
    refused(&mut run, PEN, doing(TeamAct::Log { text: "too late".into(), about: None }));
    team(&mut run, OPS, TeamAct::React { text: "that was fast".into() });
    team(&mut run, DESK, TeamAct::Action { text: "alert on it".into(), owner: "Jun".into(), due: "2026-04-01".into() });
    refused(&mut run, DESK, doing(TeamAct::RateDebrief { lines: [1, 2, 3, 4, 5, 8] }));
    team(&mut run, DESK, TeamAct::RateDebrief { lines: [7; 6] });
    assert_eq!((run.team.after.reactions.len(), run.team.after.actions.len()), (1, 1));
}

#[test]
fn a_hint_from_the_desk_is_free_and_one_that_is_asked_for_is_not() {
    let mut run = room();
    let paid = |run: &Run| {
        let hints = run.record.events.iter().filter_map(|event| match event.what {
            What::Hint { free, .. } => Some(!free),
            _ => None,
        });
        hints.collect::<Vec<_>>()
    };
    team(&mut run, DESK, TeamAct::Hint { to: Some(OPS) });
    assert_eq!(paid(&run), [false]);
    assert_eq!((team::hints_for(&run, OPS).len(), team::hints_for(&run, MORE).len()), (1, 0));
    refused(&mut run, OPS, Act::Hint);
    (0..2).for_each(|_| done(&mut run, OPS, typed("cat pods.txt | grep image")));
    done(&mut run, LEAD, Act::Hint);
    assert_eq!(paid(&run), [false, true]);
    assert_eq!(team::hints_for(&run, GUEST).len(), 1);
}

// ---- journals ------------------------------------------------------------------------------------------------------

#[test]
fn a_moment_of_a_room_is_the_beginning_of_another() {
    let mut room = wild(3, true);
    let read = room.journal();
    let page_at = room.run.case.drill.page_at;
    let fold = |bytes: &[u8]| {
        let read = journal::parse(bytes).expect("a journal");
        journal::fold(&read, Arc::clone(&room.run.case), stage()).expect("it folds")
    };
    for last in [0, 7, 20, read.entries.len() as u32] {
        let forked = fold(&journal::fork(&read, page_at, Moment::Entry(last), "later"));
        assert_eq!(forked.acts.len(), last as usize);
        assert_eq!(forked.acts[..], room.run.acts[..last as usize]);
    }
    for seconds in [0, 61, 300] {
        let forked = fold(&journal::fork(&read, page_at, Moment::At(Span::secs(seconds)), "later"));
        assert!(forked.elapsed() <= Span::secs(seconds), "{seconds}: {:?}", forked.elapsed());
        assert_eq!(forked.team.seats.len(), 7, "everybody sits where they sat");
        let later = forked.acts.len();
        assert!(room.run.acts[..later.saturating_sub(1)] == forked.acts[..later.saturating_sub(1)]);
    }
}

/// Transcripts name seats; what they cannot read has its place.
#[test]
fn a_transcript_has_seats() {
    let mut run = seated(Run::open_as(Arc::new(toy()), stage(), Clock::Turn, Mode::Gameday));
    let text = "\
seat 2: $ cat pods.txt
seat 5: > bag oomkilled
wait 2m
seat 1: > team {\"team\": \"ask\", \"to\": 2, \"text\": \"the limit?\", \"within\": 180000}
seat 2: > team {\"team\": \"promise\", \"task\": 1}
";
    play(&mut run, text).expect("it plays");
    assert_eq!(run.by[7..], [OPS, PEN, ROOM, LEAD, OPS]);
    assert_eq!(run.team.tasks[0].stand, Stand::Promised);
    let wrong = play(&mut run, "seat 1: $ cat pods.txt\n").expect_err("a commander has no shell");
    assert!(wrong[0].what.contains("operators have shells"), "{wrong:?}");
    let wrong = play(&mut run, "seat 1: > team {}\n").expect_err("nothing said");
    assert!(wrong[0].what.contains("not an act of a team") && wrong[0].column > 8, "{wrong:?}");
}

/// Journals of before there were rooms, and of one alone, have nothing of this in them.
#[test]
fn alone_a_journal_is_as_it_was() {
    let mut run = crate::drill::open();
    play(&mut run, crate::drill::SOLUTION).expect("it plays");
    assert!(run.by.iter().all(|seat| *seat == 0) && run.team.seats.is_empty());
    let mut writer = Writer::begin(&Header::new(&run.case, Clock::Turn, 1_000, "")).0;
    let lines: BTreeMap<usize, String> = run
        .acts
        .iter()
        .map(|(at, act)| String::from_utf8(writer.entry(*at, 0, act)).expect("UTF-8"))
        .enumerate()
        .collect();
    assert!(lines.values().all(|line| !line.contains("team") && line.contains("\"seat\":0")));
}

/// Every case of the library can be a game day: what happens there and who sits there is said (how, `check` proves).
#[test]
fn every_case_of_the_library_is_a_game_day() {
    let packs = scenario::library();
    assert!(packs.len() > 15);
    for pack in packs {
        let file = scenario::file::read(&pack).expect("it reads");
        if scenario::family::is_family(&file.tree) {
            // Its members' would tell them apart; it may have one of its own.
            continue;
        }
        let gameday = file.tree.get("gameday").unwrap_or_else(|| panic!("{} has no [gameday]", pack.slug));
        assert!(gameday.get("inject").is_some() && gameday.get("seat").is_some(), "{}", pack.slug);
    }
}
