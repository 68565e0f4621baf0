//! Panes as a newcomer meets them: the bill that says what grew, the shell that scrolls while it is typed in, hints that
//! name keys that work. The frames are those of `screens.rs`.

use crate::screens::{LARGE, MIDDLE, SMALL, drill_face, frame, golden, look, page, played, press, type_text};
use std::sync::Arc;
use whodunit::console::fact::Fact;
use whodunit::console::page::{Line, Output, Page};
use whodunit::drill::act::Act;
use whodunit::drill::run::Run;
use whodunit::stdx::time::Time;
use whodunit::ui::ask::Ask;
use whodunit::ui::event::Event;
use whodunit::ui::face::{Scene, update};
use whodunit::ui::panes::Pane;
use whodunit::ui::widgets::paint::Lines;

/// A page as `aws ce --output text` prints it: a line a row, each a fact.
fn bill_page(run: &mut Run, command: &str, rows: &[Vec<(&str, String)>]) {
    let id = run.pages.len() as u32 + 1;
    let line = |row: &Vec<(&str, String)>| {
        let fields = row.iter().map(|(key, value)| ((*key).to_string(), value.clone())).collect();
        let fact = Arc::new(Fact::Row { table: "bill".into(), at: Time(0), fields, of: 0 });
        let mut line = Line::default();
        let text: Vec<&str> = row.iter().map(|(_, value)| value.as_str()).collect();
        line.push_fact(&text.join("\t"), &fact);
        line
    };
    let output = Output { lines: rows.iter().map(line).collect(), ..Output::default() };
    run.pages.push(Page { id, seat: 0, at: run.now(), prompt: "$ ".into(), command: command.into(), output });
}

/// Thirty days of three usage types, one of which jumps; an anomaly and a forecast.
fn billed() -> Run {
    let mut run = played();
    let mut rows = Vec::new();
    for day in 1..=28 {
        let bytes = if day >= 26 { "163.1" } else { "2.4" };
        let fields =
            [("APN2-NatGateway-Bytes", bytes), ("APN2-NatGateway-Hours", "4.248"), ("APN2-RDS:GP3-Storage", "0.09")];
        // The database is younger than the bill: a gap, not zero.
        for (usage_type, amount) in fields.iter().filter(|row| day > 9 || !row.0.contains("RDS")) {
            rows.push(vec![
                ("usage_type", (*usage_type).to_string()),
                ("start", format!("2026-02-{day:02}")),
                ("end", format!("2026-02-{:02}", day + 1)),
                ("amount", (*amount).to_string()),
                ("quantity", "1".into()),
                ("unit", "GB".into()),
            ]);
        }
    }
    bill_page(&mut run, "aws ce get-cost-and-usage …", &rows);
    let anomaly = [
        ("anomaly", "a1"),
        ("usage_types", "APN2-NatGateway-Bytes"),
        ("expected", "7.2"),
        ("amount", "489.3"),
        ("start", "2026-02-26"),
        ("end", "2026-02-28"),
    ];
    bill_page(&mut run, "aws ce get-anomalies …", &[anomaly.map(|(key, value)| (key, value.to_string())).to_vec()]);
    let forecast = [("forecast", "5093.21"), ("start", "2026-03-02"), ("end", "2026-04-01")];
    bill_page(
        &mut run,
        "aws ce get-cost-forecast …",
        &[forecast.map(|(key, value)| (key, value.to_string())).to_vec()],
    );
    run
}

#[test]
fn the_cost_pane_draws_what_was_printed() {
    let run = billed();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    for (name, size) in [("cost-80x24", SMALL), ("cost-120x40", MIDDLE), ("cost-200x60", LARGE)] {
        let mut face = drill_face(&run, size);
        face.drill.focus_on(Pane::Cost);
        golden(name, &frame(&face, &scene));
    }
    let mut face = drill_face(&run, SMALL);
    face.look = look("ko");
    face.drill.focus_on(Pane::Cost);
    golden("cost-ko-80x24", &frame(&face, &scene));
    face.look = look("en");
    face.look.lines = Lines::Ascii;
    let text = frame(&face, &scene);
    assert!(!text.contains(['█', '▁', '▲', '▸', '░']), "{text}");
    // The cursor goes back three days; the cell under it is bagged by its line, and Enter asks below it.
    press(&mut face, &scene, "left left left");
    assert_eq!(
        press(&mut face, &scene, "b"),
        [Ask::Act(Act::Bag { page: 4, lines: Some((63, 63)), note: String::new() })]
    );
    let [Ask::Act(Act::Run { line })] = &press(&mut face, &scene, "enter")[..] else { panic!("a command") };
    assert!(line.contains("get-cost-and-usage-with-resources") && line.contains("APN2-NatGateway-Bytes"), "{line}");
    // The younger database has no amount on the first day: nothing to bag there.
    press(&mut face, &scene, "j j");
    (0..40).for_each(|_| _ = press(&mut face, &scene, "left"));
    assert_eq!(press(&mut face, &scene, "b"), []);
    press(&mut face, &scene, "esc");
    assert_eq!(face.drill.focus, Pane::Shell);
}

/// Rows of a bill: amounts of a group over pieces of time.
fn amounts<'a>(cells: &[(&'a str, &str)], times: &[String], amounts: &[&str]) -> Vec<Vec<(&'a str, String)>> {
    let row = |(time, amount): (&String, &&str)| {
        let mut row: Vec<(&str, String)> = cells.iter().map(|(key, value)| (*key, (*value).to_string())).collect();
        row.extend([("start", time.clone()), ("amount", (*amount).to_string())]);
        row
    };
    times.iter().zip(amounts).map(row).collect()
}

/// The first place of each of these words in a text, which must be there.
fn places(text: &str, words: &[&str]) -> Vec<usize> {
    words.iter().map(|word| text.find(word).unwrap_or_else(|| panic!("no `{word}` in\n{text}"))).collect()
}

#[test]
fn what_grew_is_seen() {
    let run = billed();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    face.drill.focus_on(Pane::Cost);
    let text = frame(&face, &scene);
    // 2.4 dollars on the median day before, 163.1 on the last that is billed to its end; 482.1 more than was expected.
    assert!(text.contains("+$160.70") && text.contains("02-28 to median of 27 days"), "{text}");
    assert!(text.contains("1 anomaly: APN2-NatGateway-Bytes since 02-26, +$482.10"), "{text}");
    assert!(text.contains("APN2-NatGateway-Bytes, by day; the most: $163.10"), "whose bars they are: {text}");
}

#[test]
fn the_bill_is_sorted_by_amount_or_by_change() {
    let mut run = played();
    let days: Vec<String> = (20..=28).map(|day| format!("2026-02-{day}")).collect();
    let mut rows = amounts(&[("usage_type", "steady")], &days, &["100.0"; 9]);
    rows.extend(amounts(&[("usage_type", "shrunk")], &days, &["9", "9", "9", "9", "9", "9", "9", "9", "1"]));
    // Nothing was printed of it before its last day: it cost nothing then.
    rows.extend(amounts(&[("usage_type", "grown")], &days[8..], &["5.62"]));
    bill_page(&mut run, "aws ce get-cost-and-usage …", &rows);
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    face.drill.focus_on(Pane::Cost);
    let text = frame(&face, &scene);
    let table = |text: &str| text.lines().skip(9).collect::<Vec<_>>().join("\n");
    assert!(places(&table(&text), &["steady", "shrunk", "grown"]).is_sorted(), "{text}");
    assert!(text.contains("o: by change") && text.contains("+$5.62") && text.contains("-$8.00"), "{text}");
    press(&mut face, &scene, "o");
    let text = frame(&face, &scene);
    assert!(places(&table(&text), &["grown", "steady", "shrunk"]).is_sorted(), "{text}");
    assert!(text.lines().any(|line| line.contains("▸") && line.contains("steady")), "the row stays chosen: {text}");
    assert!(text.contains("o: by amount"), "{text}");
}

#[test]
fn anomalies_that_arrive_are_gone_to() {
    let mut run = played();
    let days: Vec<String> = (20..=28).map(|day| format!("2026-02-{day}")).collect();
    let mut rows = Vec::new();
    for at in 0..30 {
        rows.extend(amounts(&[("usage_type", &format!("kind-{at:02}"))], &days, &[(100 - at).to_string().as_str(); 9]));
    }
    bill_page(&mut run, "aws ce get-cost-and-usage …", &rows);
    let mut face = drill_face(&run, MIDDLE);
    face.drill.focus_on(Pane::Cost);
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let text = frame(&face, &scene);
    assert!(text.contains("a asks for anomalies") && !text.contains("kind-25"), "{text}");
    let rows = text.lines().filter(|line| line.contains("kind-") && line.contains('%')).count();
    assert!(rows > 10, "most rows of a low pane are the table's: {text}");
    let asked = press(&mut face, &scene, "a");
    assert!(matches!(&asked[..], [Ask::Act(Act::Run { line })] if line.contains("get-anomalies")), "{asked:?}");
    let fields =
        [("anomaly", "a1"), ("usage_types", "kind-25"), ("expected", "0"), ("amount", "9.43"), ("start", "2026-02-27")];
    bill_page(&mut run, "aws ce get-anomalies …", &[fields.map(|(key, value)| (key, value.to_string())).to_vec()]);
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let text = frame(&face, &scene);
    assert!(text.contains("1 anomaly: kind-25 since 02-27, +$9.43"), "{text}");
    assert!(text.lines().any(|line| line.contains("▸") && line.contains("! kind-25")), "{text}");
    // None at all is said as well.
    page(&mut run, "aws ce get-anomalies --date-interval …", "{ \"Anomalies\": [] }");
    let scene = Scene { run: Some(&run), ..Scene::default() };
    assert!(frame(&face, &scene).contains("no anomaly was printed"));
}

/// Account, usage type, a resource of it by the hour; the toy's page is of 2026-03-02 10:00.
fn drilled() -> Run {
    let mut run = played();
    let days: Vec<String> = (20..=28).map(|day| format!("2026-02-{day}")).collect();
    let mut rows = amounts(&[("usage_type", "Nat")], &days, &["3"; 9]);
    rows.extend(amounts(&[("usage_type", "Box")], &days, &["2"; 9]));
    bill_page(&mut run, "aws ce get-cost-and-usage …", &rows);
    let arn = |id: &str| format!("arn:aws:ec2:ap-northeast-2:123456789012:instance/{id}");
    let mut rows = Vec::new();
    for id in ["i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb"] {
        let cells = [("usage_type", "Nat"), ("resource_id", &arn(id)), ("operation", "NatGateway")];
        rows.extend(amounts(&cells, &days, &["1.5"; 9]));
    }
    bill_page(&mut run, "aws ce get-cost-and-usage-with-resources …", &rows);
    let hours: Vec<String> = (0..24).map(|hour| format!("2026-03-01T{hour:02}:00:00Z")).collect();
    let spent: Vec<&str> = (0..24).map(|hour| if hour < 14 { "0.4" } else { "0" }).collect();
    let cells = [("usage_type", "Nat"), ("resource_id", &arn("i-0aaaaaaaaaaaaaaaa")), ("operation", "NatGateway")];
    bill_page(&mut run, "aws ce get-cost-and-usage-with-resources … HOURLY", &amounts(&cells, &hours, &spent));
    run
}

#[test]
fn hours_that_are_not_billed_are_no_zeros() {
    let run = drilled();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    face.drill.focus_on(Pane::Cost);
    let text = frame(&face, &scene);
    assert!(text.contains("2026-03-01T13:00:00Z $0.40"), "the cursor is on the last hour that is billed: {text}");
    assert!(text.contains("not billed yet") && !text.contains('_'), "{text}");
    press(&mut face, &scene, "right");
    assert!(frame(&face, &scene).contains("2026-03-01T14:00:00Z not billed yet"));
    assert!(frame(&face, &scene).contains("by hour; the most: $0.40"));
    assert!(press(&mut face, &scene, "enter").is_empty(), "nothing is below an hour");
}

#[test]
fn esc_goes_up_one_level_of_the_bill() {
    let run = drilled();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    face.drill.focus_on(Pane::Cost);
    press(&mut face, &scene, "esc");
    let text = frame(&face, &scene);
    for id in ["instance/i-0aaaaaaaaaaaaaaaa", "instance/i-0bbbbbbbbbbbbbbbb"] {
        assert!(text.contains(id), "the end of a name tells it: {text}");
    }
    assert!(text.contains("$27.00  NatGateway / Nat"), "{text}");
    press(&mut face, &scene, "j enter esc");
    assert!(frame(&face, &scene).contains("$45.00  all of the account"), "{}", frame(&face, &scene));
    assert!(frame(&face, &scene).lines().any(|line| line.contains("▸") && line.contains("Nat")));
    assert_eq!(face.drill.focus, Pane::Cost);
    press(&mut face, &scene, "esc");
    assert_eq!(face.drill.focus, Pane::Shell);
}

#[test]
fn the_shell_scrolls_and_is_typed_in() {
    let mut run = played();
    page(&mut run, "seq 200", &(1..=200).map(|n| format!("line {n}.")).collect::<Vec<_>>().join("\n"));
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    assert!(frame(&face, &scene).contains("line 200."));
    press(&mut face, &scene, "pageup pageup");
    let text = frame(&face, &scene);
    assert!(!text.contains("line 200.") && text.contains("line 160.") && text.contains("shop$"), "{text}");
    assert!(!face.drill.shell.selecting && text.contains("scrolled back"), "{text}");
    press(&mut face, &scene, "pagedown pagedown pagedown");
    assert!(frame(&face, &scene).contains("line 200."));
    press(&mut face, &scene, "pageup");
    type_text(&mut face, &scene, "kubectl get pods");
    assert!(face.overlays.is_empty(), "letters are letters");
    assert_eq!(face.drill.shell.editor.text(), "kubectl get pods");
    assert!(frame(&face, &scene).contains("line 200."), "who types is at the end");
    // The wheel leaves the line as it is.
    update(&mut face, Event::Wheel { lines: -5 }, &scene);
    let text = frame(&face, &scene);
    assert!(
        !text.contains("line 200.") && text.contains("line 195.") && text.contains("shop$ kubectl get pods"),
        "{text}"
    );
    update(&mut face, Event::Wheel { lines: 9 }, &scene);
    assert!(frame(&face, &scene).contains("line 200."));
    // Whoever comes back from a picture types, also if lines were being chosen before.
    press(&mut face, &scene, "ctrl-u esc");
    face.drill.focus_on(Pane::Cost);
    press(&mut face, &scene, "esc");
    type_text(&mut face, &scene, "kube");
    assert_eq!(face.drill.shell.editor.text(), "kube");
    // Esc chooses among what is in sight.
    press(&mut face, &scene, "pageup pageup esc");
    assert!(face.drill.shell.selecting);
    let text = frame(&face, &scene);
    assert!(!text.contains("line 200.") && text.contains('▸'), "{text}");
}

#[test]
fn the_board_names_keys_that_work() {
    let run = crate::drill::open();
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, MIDDLE);
    face.screen = whodunit::ui::face::Screen::Drill;
    let text = frame(&face, &scene);
    for hint in ["press Esc s", "(Esc h:", "(Esc v:"] {
        assert!(text.contains(hint), "{hint}: {text}");
    }
    press(&mut face, &scene, "esc h");
    assert_eq!(face.overlays.len(), 1, "the hint is true");
    press(&mut face, &scene, "esc");
    face.drill.focus_on(Pane::Board);
    let text = frame(&face, &scene);
    for hint in ["press s ", "(h:", "(v:"] {
        assert!(text.contains(hint), "{hint}: {text}");
    }
}

#[test]
fn ascii_frames_have_no_sign_of_two_columns() {
    let run = billed();
    let scene = Scene { run: Some(&run), harm: &[0.5], ..Scene::default() };
    for keys in ["", "esc", "esc ?", "esc v", "esc h", "esc l", "ctrl-c", ":"] {
        for pane in [Pane::Shell, Pane::Cost, Pane::Board, Pane::Changes, Pane::Messages] {
            let mut face = drill_face(&run, MIDDLE);
            face.look.lines = Lines::Ascii;
            face.drill.focus_on(pane);
            press(&mut face, &scene, keys);
            let text = frame(&face, &scene);
            let odd: Vec<char> = text.chars().filter(|c| !c.is_ascii() && !('가'..='힣').contains(c)).collect();
            assert_eq!(odd, [], "{pane:?} {keys}:\n{text}");
        }
    }
}

#[test]
fn what_is_cut_says_so() {
    let mut case = crate::drill::case();
    case.drill.brief = "A sentence of the brief, as long as many others are.\n\n".repeat(30);
    let run = Run::open(Arc::new(case), crate::drill::stage(), whodunit::drill::run::Clock::Turn);
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    assert!(frame(&face, &scene).contains("more below (PgDn)"), "{}", frame(&face, &scene));
    (0..9).for_each(|_| _ = press(&mut face, &scene, "pagedown"));
    assert!(!frame(&face, &scene).contains("more below"), "{}", frame(&face, &scene));
    press(&mut face, &scene, "enter esc ?");
    assert!(frame(&face, &scene).contains("more below (PgDn)"), "{}", frame(&face, &scene));
}

#[test]
fn space_marks_an_exhibit_of_the_verdict() {
    let mut run = played();
    let long = "09:54:00 level=error request=4f2a ".repeat(6);
    page(&mut run, "logs", &format!("{long}upstream=db\n{long}upstream=cache"));
    for line in 0..2 {
        run.apply(0, Act::Bag { page: 4, lines: Some((line, line)), note: String::new() });
    }
    let scene = Scene { run: Some(&run), ..Scene::default() };
    let mut face = drill_face(&run, SMALL);
    press(&mut face, &scene, "esc v enter enter e");
    let text = frame(&face, &scene);
    assert!(text.contains("upstream=db") && text.contains("upstream=cache"), "the ends differ: {text}");
    press(&mut face, &scene, "space");
    let text = frame(&face, &scene);
    assert!(text.lines().any(|line| line.contains("▸[x] e1")), "it is marked and stays: {text}");
    press(&mut face, &scene, "space");
    assert!(!frame(&face, &scene).contains("[x]"));
    press(&mut face, &scene, "down space enter");
    assert_eq!(face.drill.form.blanks.culprit.exhibits, [2]);
}
