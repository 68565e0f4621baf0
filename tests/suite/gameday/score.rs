//! How a team is graded and told: each rule of it, who reads and changes side by side, decisions and the record, turning points;
//! and that nobody has a figure of their own.

use super::*;

/// A whole run of the small stage, graded with these facts of a team.
fn graded(work: Teamwork) -> Vec<Line> {
    let mut run = crate::drill::open();
    play(&mut run, crate::drill::SOLUTION).expect("it plays");
    let mut log = run.graded_log();
    let at = run.now();
    log.retain(|event| !matches!(event.what, What::Effort { .. }));
    // Reading three times as long as it takes.
    let effort = What::Effort { reference: Span::secs(10), policy: Span::secs(10) };
    log.push(Event { entry: 0, at, what: effort });
    log.push(Event { entry: 1, at, what: What::Read { cost: Span::secs(30) - Digest::of(&log).whole.reading } });
    log.push(Event { entry: 0, at, what: What::Teamwork(work) });
    score_with(&Truth::of(&run.case), &log, &TEAM, WHOLE).ledger
}

fn got(ledger: &[Line], key: &str) -> Exact {
    ledger.iter().find(|line| line.key == key).unwrap_or_else(|| panic!("no {key}")).got.clone()
}

#[test]
fn a_team_is_graded_by_its_loops_decisions_and_record() {
    let loops = |closed: usize, all: usize| Teamwork {
        loops: (0..all).map(|n| (n as u32 + 1, n < closed)).collect(),
        ..Teamwork::default()
    };
    // Three points, saturated at five tasks.
    for (closed, all, points) in [(0, 0, (0, 1)), (1, 1, (3, 5)), (5, 5, (3, 1)), (5, 10, (3, 2)), (9, 9, (3, 1))] {
        assert_eq!(
            got(&graded(loops(closed, all)), "communication.loops"),
            exact(points.0, points.1),
            "{closed}/{all}"
        );
    }
    // Two for changes with a decision, an expectation and a call for objections: all three.
    let change = |decided, expected, called| Decided { entry: 3, decided, expected, called };
    for (changes, points) in [
        (vec![], (0, 1)),
        (vec![change(true, true, true)], (2, 1)),
        (vec![change(true, true, true), change(true, true, false)], (1, 1)),
        (vec![change(true, false, true), change(false, true, true)], (0, 1)),
    ] {
        let work = Teamwork { changes: changes.clone(), ..Teamwork::default() };
        assert_eq!(got(&graded(work), "communication.decisions"), exact(points.0, points.1), "{changes:?}");
    }
    // One for the record.
    let record = |held: &[bool]| Teamwork {
        record: held.iter().zip(1..).map(|(held, entry)| (entry, *held)).collect(),
        ..Teamwork::default()
    };
    for (held, points) in [(&[][..], (0, 1)), (&[true, true, false], (2, 3)), (&[true], (1, 1))] {
        assert_eq!(got(&graded(record(held)), "communication.record"), exact(points.0, points.1), "{held:?}");
    }
    // Who reads side by side may repeat a little: the budget of one is passed, that of two is not.
    let readers = |readers| got(&graded(Teamwork { readers, ..Teamwork::default() }), "method.reading");
    assert_eq!(readers(0), readers(1));
    assert_eq!(readers(2) / readers(1), exact(14, 10));
    assert_eq!(readers(3) / readers(1), exact(17, 10));
    assert_eq!((readers(4) / readers(1), budget(9)), (exact(2, 1), exact(2, 1)));
}

/// Somebody alone is graded as ever, by whatever profile.
#[test]
fn nobody_alone_is_graded_as_a_team() {
    let mut run = crate::drill::open();
    play(&mut run, crate::drill::SOLUTION).expect("it plays");
    assert!(run.graded_log().iter().all(|event| !matches!(event.what, What::Teamwork(_))));
    assert_eq!(run.profile(), &DETECTIVE);
    let ledger = run.score_by(&TEAM).ledger;
    assert!(ledger.iter().all(|line| !["communication.loops", "communication.record"].contains(&line.key)));
    assert_eq!(room().profile(), &TEAM);
}

const UNDO: &str = "kubectl -n shop rollout undo deploy/storefront";
const SCALE: &str = "kubectl -n shop scale deploy/cart --replicas=5";

/// Sits the operators down again with everything in their shells.
fn unbound(mut run: Run) -> Run {
    done(&mut run, DESK, sit(OPS, "Jun", &[Role::Operator], ""));
    done(&mut run, DESK, sit(MORE, "Ada", &[Role::Operator], ""));
    run
}

#[test]
fn two_peoples_changes_in_flight_at_once_are_confounded() {
    let confounded = |acts: &[(u16, &str)]| {
        let mut run = unbound(template_room());
        acts.iter().for_each(|(seat, line)| done(&mut run, *seat, typed(line)));
        run.record.changes.iter().map(|change| change.confounded).collect::<Vec<_>>()
    };
    let look = "kubectl -n shop get pods";
    assert_eq!(confounded(&[(OPS, UNDO), (OPS, look), (OPS, SCALE)]), [false, false], "as alone");
    assert_eq!(confounded(&[(OPS, UNDO), (OPS, SCALE)]), [false, true], "as alone");
    assert_eq!(confounded(&[(OPS, UNDO), (MORE, SCALE)]), [false, true]);
    // Another one's look does not land a change: who made it has to look.
    assert_eq!(confounded(&[(OPS, UNDO), (MORE, look), (MORE, SCALE)]), [false, true]);
    assert_eq!(confounded(&[(OPS, UNDO), (OPS, look), (MORE, SCALE)]), [false, false]);
}

#[test]
fn a_change_belongs_to_its_decision_and_the_scribe_has_two_minutes() {
    let mut run = unbound(template_room());
    let play = |run: &mut Run, logged_after: i64| {
        let expect = "slo_storefront_ready_ratio >= 1 within 2m".to_string();
        let id = run.team.decisions.len() as u32 + 1;
        team(run, OPS, TeamAct::Propose { text: "undo".into(), expect, reason: "it asks too much".into() });
        team(run, LEAD, TeamAct::Call { decision: id });
        team(run, MORE, TeamAct::Object { decision: id, text: "the evidence?".into() });
        refused(run, OPS, doing(TeamAct::Decide { decision: id, accept: true, reason: String::new() }));
        team(run, LEAD, TeamAct::Decide { decision: id, accept: true, reason: "bagged".into() });
        let decided = run.entry();
        done(run, OPS, typed(if id == 1 { UNDO } else { SCALE }));
        let change = run.entry();
        run.tick(run.elapsed() + Span::secs(logged_after));
        let about = |about| TeamAct::Log { text: "undone".into(), about: Some(about) };
        team(run, PEN, about(change));
        // What others write is read, and not graded.
        team(run, MORE, about(decided));
        (decided, change)
    };
    let (decided, change) = play(&mut run, 119);
    let facts = work(&run);
    assert_eq!(facts.changes, [Decided { entry: change, decided: true, expected: true, called: true }]);
    assert_eq!(facts.record, [(decided, false), (change, true)]);
    assert!(run.record.changes[0].expectation.is_some(), "what was proposed to be expected is expected");
    assert!(run.record.events.iter().any(|event| matches!(event.what, What::Change { expected: true, .. })));
    done(&mut run, OPS, typed("ci show 1"));
    let (_, late) = play(&mut run, 121);
    assert_eq!(work(&run).record.iter().find(|(entry, _)| *entry == late), Some(&(late, false)));
    // A change that nobody decided.
    done(&mut run, OPS, typed("kubectl -n shop get pods"));
    done(&mut run, OPS, typed("kubectl -n shop scale deploy/cart --replicas=4"));
    let last = run.entry();
    assert_eq!(work(&run).changes[2], Decided { entry: last, ..Decided::default() });
    assert_eq!(work(&run).readers, 1);
    done(&mut run, MORE, typed("kubectl -n shop get pods"));
    assert_eq!(work(&run).readers, 2);
    // The harm ended: who waited for that is heard, once it lasted a minute.
    run.tick(run.elapsed() + Span::mins(5));
    assert_eq!(run.messages.iter().filter(|message| message.text == "is it over?").count(), 1);
    // The debrief: what flowed and what did not.
    team(&mut run, DESK, TeamAct::Desk { control: Control::End });
    let account = run.team_account();
    assert_eq!(account.undecided.iter().map(|(entry, ..)| *entry).collect::<Vec<_>>(), [last]);
    assert_eq!((account.decisions.len(), account.decisions[0].objections), (2, 1));
    assert_eq!(account.injects.len(), 1);
    assert!(account.turns.iter().any(|turn| matches!(turn.kind, TurnKind::Costliest { lost_m, .. } if lost_m > 0)));
    let known = [&account.decisions[0].known, &account.decisions[1].known];
    assert!(known[0].seen.is_empty() && !known[1].seen.is_empty(), "only what was on pages by then: {known:?}");
}

#[test]
fn turning_points_are_where_the_room_moved_and_where_it_was_apart() {
    let mut run = room();
    suspected(&mut run);
    let rate = |percent| Act::Rate { hypothesis: 1, percent };
    done(&mut run, OPS, rate(20));
    done(&mut run, MORE, rate(20));
    done(&mut run, VOICE, update());
    done(&mut run, OPS, rate(95));
    let apart = run.entry();
    done(&mut run, MORE, rate(90));
    done(&mut run, VOICE, update());
    let jump = run.entry();
    done(&mut run, VOICE, update());
    team(&mut run, DESK, TeamAct::Desk { control: Control::End });
    let turns = run.team_account().turns;
    let of = |key: &str| turns.iter().find(|turn| turn.kind.key() == key).map(|turn| (turn.entry, turn.kind.clone()));
    assert_eq!(of("turn.jump"), Some((jump, TurnKind::Jump { by: 73 })));
    assert_eq!(of("turn.apart"), Some((apart, TurnKind::Apart { hypothesis: 1, low: 20, high: 95 })));
    assert!(turns.len() <= 3 && turns.is_sorted_by_key(|turn| turn.entry));
    // The scribe's record has it among its moments.
    assert!(work(&run).record.iter().any(|(entry, _)| *entry == jump));
    let waits = run.team_account().waits;
    assert!(waits.iter().any(|wait| wait.bagged.is_some() && wait.linked.is_none()), "{waits:?}");
    for code in ["en", "ko"] {
        let lang = Lang::named(code).expect("a language");
        for key in team::account::HOW.into_iter().chain(turns.iter().map(|turn| turn.kind.key())) {
            assert_ne!(lang.say(key), key, "{code}");
        }
    }
}

/// The tool asks how; it neither blames nor says what somebody ought to have done.
#[test]
fn the_words_of_a_team_blame_nobody() {
    let lang = Lang::named("en").expect("English");
    let own = |key: &&str| ["how.", "turn.", "ledger."].iter().any(|start| key.starts_with(start));
    for key in lang.keys().filter(own) {
        let say = lang.say(key).to_lowercase();
        for blame in ["should have", "failed to", "human error", "fault", "mistake", "why did"] {
            assert!(!say.contains(blame), "{key}: {say}");
        }
    }
}

/// There is no figure of a person in what is graded, nor in the score.
#[test]
fn no_person_has_a_figure() {
    let mut run = unbound(template_room());
    team(&mut run, LEAD, TeamAct::Ask { to: OPS, text: "look".into(), within: Some(Span::mins(3)) });
    team(&mut run, OPS, TeamAct::Promise { task: 1 });
    done(&mut run, OPS, typed("kubectl -n shop get pods"));
    done(&mut run, MORE, typed("kubectl -n shop get events"));
    done(&mut run, OPS, typed(UNDO));
    team(&mut run, DESK, TeamAct::Desk { control: Control::End });
    let log = serde_json::to_value(run.graded_log()).expect("JSON");
    let mut keys = BTreeSet::new();
    collect(&log, &mut keys);
    for person in ["seat", "by", "to", "who", "name", "owner", "person", "from"] {
        assert!(!keys.contains(person), "{person} in the graded log");
    }
    let told = format!("{log} {:?}", run.score());
    for (_, name, _, _) in TABLE {
        assert!(!told.contains(name), "{name}");
    }
    // Who did what among the two operators changes no point.
    let mut other = unbound(template_room());
    team(&mut other, LEAD, TeamAct::Ask { to: MORE, text: "look".into(), within: Some(Span::mins(3)) });
    team(&mut other, MORE, TeamAct::Promise { task: 1 });
    done(&mut other, MORE, typed("kubectl -n shop get pods"));
    done(&mut other, OPS, typed("kubectl -n shop get events"));
    done(&mut other, MORE, typed(UNDO));
    team(&mut other, DESK, TeamAct::Desk { control: Control::End });
    assert_eq!(run.score().ledger, other.score().ledger);
}

fn collect(value: &serde_json::Value, keys: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => map.iter().for_each(|(key, value)| {
            keys.insert(key.clone());
            collect(value, keys);
        }),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, keys)),
        _ => {}
    }
}
