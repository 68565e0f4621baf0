//! The journal: what is read back is what was written; a torn tail is forgiven, any other damage is named; and a run is
//! the fold of its journal.

use super::drill::{SOLUTION, case, open, stage};
use std::sync::Arc;
use whodunit::drill::journal::{Header, Writer, fold, parse};
use whodunit::drill::run::{Clock, Run};
use whodunit::drill::transcript::{self, player::Player};

/// The toy solution as a journal, and the run it came from; `ends` are the lengths after each whole line.
fn written() -> (Run, Vec<u8>, Vec<usize>) {
    let mut run = open();
    let header = Header::new(&run.case, Clock::Turn, 1000, "2026-11-22T00:00:00Z");
    let (mut writer, mut bytes) = Writer::begin(&header);
    let mut ends = vec![bytes.len()];
    let mut player = Player::new(transcript::parse(SOLUTION).expect("readable"));
    while let Some(act) = player.next(&run).expect("resolvable") {
        let at = run.now();
        let outcome = run.apply(0, act.clone());
        player.check(&outcome).expect("accepted");
        bytes.extend(writer.entry(at, 0, &act));
        ends.push(bytes.len());
    }
    (run, bytes, ends)
}

fn pages(run: &Run) -> String {
    run.pages.iter().map(|page| format!("{:?} {} {:?}\n", page.at, page.command, page.output)).collect()
}

#[test]
fn a_run_is_the_fold_of_its_journal() {
    let (run, bytes, ends) = written();
    let journal = parse(&bytes).expect("whole");
    assert_eq!((journal.entries.len(), journal.whole), (ends.len() - 1, bytes.len()));
    let again = fold(&journal, Arc::new(case()), stage()).expect("folds");
    assert_eq!(pages(&run), pages(&again));
    assert_eq!(run.score(), again.score());
    assert_eq!((run.now(), run.phase, &run.acts), (again.now(), again.phase, &again.acts));
    assert_eq!(format!("{:?}", run.board), format!("{:?}", again.board));
}

#[test]
fn a_journal_cut_anywhere_keeps_every_whole_line() {
    let (_, bytes, ends) = written();
    for cut in 0..bytes.len() {
        let whole = ends.iter().filter(|end| **end <= cut).count();
        match parse(&bytes[..cut]) {
            Ok(journal) => {
                assert_eq!((journal.entries.len() + 1, journal.whole), (whole, ends[whole - 1]), "cut at {cut}");
                // Writing goes on where it was cut.
                let mut writer = Writer::after(&journal);
                let mut again = bytes[..journal.whole].to_vec();
                again.extend(writer.entry(whodunit::stdx::time::Time(0), 3, &whodunit::drill::act::Act::Resolve));
                assert_eq!(parse(&again).expect("goes on").entries.len(), whole);
            }
            Err(fault) => assert_eq!((whole, fault.line), (0, 1), "cut at {cut}: {fault}"),
        }
    }
}

#[test]
fn torn_bytes_at_the_end_are_dropped_and_damage_elsewhere_is_named() {
    let (_, bytes, ends) = written();
    for tail in [&b"\0\0\0\0"[..], b"{\"n\":99", b"\xff\xfe", b"{}"] {
        let torn = [&bytes[..], tail].concat();
        let journal = parse(&torn).expect("a torn tail is forgiven");
        assert_eq!(journal.whole, bytes.len());
    }
    // A line that ends was acknowledged: whatever is wrong with it is damage.
    for tail in [&b"\0\0\n"[..], b"\xff\xfe\n", b"{}\n", b"\n"] {
        let fault = parse(&[&bytes[..], tail].concat()).expect_err("damage shows");
        assert_eq!(fault.line as usize, ends.len() + 1);
    }
    // One flipped bit in any line, the last one too.
    for (line, end) in ends.iter().enumerate() {
        let mut broken = bytes.clone();
        broken[end - 20] ^= 1;
        let fault = parse(&broken).expect_err("damage shows");
        assert_eq!(fault.line as usize, line + 1);
        assert!(!fault.what.is_empty() && !fault.next.is_empty());
    }
    // A line missing, and two lines in the wrong order.
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let without = [&lines[..3], &lines[4..]].concat().concat();
    assert_eq!(parse(&without).expect_err("a hole shows").line, 4);
    let mut turned = lines.clone();
    turned.swap(2, 3);
    assert_eq!(parse(&turned.concat()).expect_err("order shows").line, 3);
    for nonsense in [&b""[..], b"\n", b"hello\n", b"{}\n", b"\xff\n\xff\n"] {
        assert_eq!(parse(nonsense).expect_err("not a journal").line, 1);
    }
}

#[test]
fn another_case_or_engine_is_refused_not_replayed() {
    let (_, bytes, _) = written();
    let journal = parse(&bytes).expect("whole");
    let mut other = case();
    other.hash = "changed".into();
    assert_eq!(fold(&journal, Arc::new(other), stage()).expect_err("another case").line, 1);
    let mut late = journal.clone();
    late.entries[4].at.0 += 1;
    let fault = fold(&late, Arc::new(case()), stage()).expect_err("another time");
    assert_eq!(fault.line, 6);
    assert!(fault.next.contains("events"));
}
