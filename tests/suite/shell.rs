//! The shell beyond what a transcript shows: which facts survive a pipe, what an absence needs, costs, completion, and
//! that no line whatever breaks it.

use proptest::prelude::*;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;
use whodunit::console::fact::{Fact, ObjectId};
use whodunit::console::page::{Line, Mark, Output, Stream};
use whodunit::console::program::PROGRAMS;
use whodunit::console::session::Session;
use whodunit::console::{self, Candidate};
use whodunit::stdx::text;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;

fn world() -> World {
    World::new(1, Time::parse("2026-03-02T10:00:00Z").expect("a time"))
}

fn fact(path: &str, value: &str) -> Arc<Fact> {
    let object = ObjectId { kind: "Pod".into(), namespace: "shop".into(), name: "cart-1".into(), uid: String::new() };
    Arc::new(Fact::Field { object, path: path.into(), value: value.into() })
}

/// A note as a program would have printed it: three pods, their status and restarts marked.
fn session() -> Session {
    let mut lines = vec![Line::plain("NAME        STATUS            RESTARTS")];
    for (name, status, restarts) in
        [("cart-1", "Running", "0"), ("pay-1", "CrashLoopBackOff", "6"), ("web-1", "Running", "2")]
    {
        let mut line = Line::plain(format!("{name:12}"));
        line.push_fact(status, &fact("status", status));
        line.push(&" ".repeat(18 - status.len()));
        line.push_fact(restarts, &fact("restarts", restarts));
        lines.push(line);
    }
    let json = r#"{"items":[{"name":"cart-1","restarts":0,"ready":true},{"name":"pay-1","restarts":6,"ready":false}]}"#;
    let mut marked = Line::plain(json);
    for (text, path, value) in [("cart-1", "name", "cart-1"), ("6", "restarts", "6"), ("false", "ready", "false")] {
        let start = json.find(text).expect("in the text");
        marked.marks.push(Mark { start: start as u32, end: (start + text.len()) as u32, fact: fact(path, value) });
    }
    let mut session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
    session.files.insert("pods".into(), lines);
    session.files.insert("json".into(), vec![marked]);
    session
}

fn run(line: &str) -> Output {
    console::run(&mut world(), &mut session(), line).output
}

/// What the page shows: each marked text with its fact in short.
fn shown(line: &str) -> Vec<String> {
    let output = run(line);
    let mut shown = Vec::new();
    for printed in &output.lines {
        for mark in &printed.marks {
            let text = printed.text.get(mark.start as usize..mark.end as usize).expect("a mark on whole characters");
            let fact = match mark.fact.as_ref() {
                Fact::Field { path, value, .. } => format!("{path}={value}"),
                Fact::Count { tool, value, .. } => format!("{tool} counted {value}"),
                other => format!("{other:?}"),
            };
            shown.push(format!("{text}: {fact}"));
        }
    }
    shown
}

#[test]
fn facts_survive_where_their_bytes_were_copied() {
    let pay = vec!["CrashLoopBackOff: status=CrashLoopBackOff", "6: restarts=6"];
    assert_eq!(shown("grep pay pods"), pay);
    assert_eq!(shown("cat pods | grep -v cart | grep -v web"), pay);
    assert_eq!(shown("sort -k3 pods | tail -1"), pay);
    assert_eq!(shown("sed -n 's/pay/PAY/p' pods"), pay);
    assert_eq!(shown("awk '/pay/ {print $3, $2}' pods"), vec![pay[1], pay[0]]);
    assert_eq!(shown("tr -s ' ' < pods | grep pay | cut -d' ' -f2"), vec![pay[0]]);
    assert_eq!(shown("grep -o 'Crash[A-Za-z]*' pods"), vec![pay[0]]);
    assert_eq!(shown("column -t pods | grep pay"), pay);
    assert_eq!(shown("grep pay pods | tee copy; cat copy"), [pay.clone(), pay.clone()].concat());
    assert_eq!(shown("awk '/pay/ {printf \"%-20s|%3d\\n\", $2, $3}' pods"), pay);
    assert_eq!(shown("nl pods | grep pay | head -1"), pay);
}

#[test]
fn facts_die_where_their_bytes_were_changed_or_typed() {
    assert_eq!(shown("grep -o Crash pods"), Vec::<String>::new());
    assert_eq!(shown("tr a-z A-Z < pods | grep PAY | cut -c1-20"), Vec::<String>::new());
    assert_eq!(shown("grep pay pods | rev"), Vec::<String>::new());
    assert_eq!(shown("sed 's/CrashLoopBackOff/&/' pods | grep pay | wc -l"), vec!["1: wc counted 1"]);
    assert_eq!(shown("echo \"$(grep pay pods)\""), Vec::<String>::new());
    assert_eq!(shown("awk '/pay/ {print substr($2, 1, 5)}' pods"), Vec::<String>::new());
}

#[test]
fn a_tool_that_computes_makes_a_new_fact() {
    assert_eq!(shown("wc -l pods"), vec!["4: wc counted 4"]);
    assert_eq!(shown("grep -c Running pods"), vec!["2: grep counted 2"]);
    assert_eq!(shown("awk '{s += $3} END {print s}' pods"), vec!["8: awk counted 8"]);
    assert_eq!(shown("awk 'END {print NR}' pods"), vec!["4: awk counted 4"]);
    let counted = shown("awk 'NR>1 {print $2}' pods | sort | uniq -c | sort -rn | head -1");
    assert_eq!(counted, vec!["2: uniq counted 2", "Running: status=Running"]);
    assert_eq!(shown("seq 1 5 | wc -l"), Vec::<String>::new(), "nothing was shown, so nothing was counted");
    assert_eq!(shown("seq 1 5 | awk '{s += $1} END {print s}'"), Vec::<String>::new());
}

#[test]
fn jq_carries_facts_through_its_values() {
    assert_eq!(shown("jq -r '.items[].name' json"), vec!["cart-1: name=cart-1"]);
    assert_eq!(shown("jq '.items[1].restarts' json"), vec!["6: restarts=6"]);
    assert_eq!(
        shown("jq -c '.items | map(select(.ready | not)) | .[0]' json"),
        vec!["6: restarts=6", "false: ready=false"]
    );
    assert_eq!(
        shown("jq -r '.items[] | \"\\(.name): \\(.restarts)\"' json"),
        vec!["cart-1: name=cart-1", "6: restarts=6"]
    );
    assert_eq!(
        shown("jq -r '.items[] | [.name, .restarts] | @tsv' json"),
        vec!["cart-1: name=cart-1", "6: restarts=6"]
    );
    assert_eq!(shown("jq '[.items[].restarts] | max' json"), vec!["6: restarts=6"]);
    assert_eq!(shown("jq '[.items[].restarts] | add' json"), vec!["6: jq counted 6"]);
    assert_eq!(shown("jq '.items | length' json"), vec!["2: jq counted 2"]);
    assert_eq!(shown("jq -r '.items[0].name | sub(\"-1\"; \"\")' json"), Vec::<String>::new());
    assert_eq!(shown("jq . json | grep restarts"), vec!["6: restarts=6"]);
    assert_eq!(shown("jq -n '\"cart-1\"'"), Vec::<String>::new());
}

fn specimen() -> Line {
    let mut line = Line::plain("3m   Warning   ");
    line.push_fact("OOMKilling   Memory cgroup out of memory", &fact("event", "OOMKilling"));
    line
}

#[test]
fn an_absence_needs_a_pipe_that_lets_the_specimen_through() {
    let through = [
        "kubectl get events",
        "kubectl get events | grep OOM",
        "kubectl get events | grep -i oomkilling | sort",
        "kubectl get events 2>/dev/null | grep -v Normal | less",
        "kubectl get events | awk 'NR>1' | tail -n +2",
        "kubectl get events | sed 's/^/x/'",
    ];
    for line in through {
        assert!(console::survives(line, specimen()), "{line}");
    }
    let not = [
        "kubectl get events | grep Backoff",
        "kubectl get events | grep -v OOM",
        "kubectl get events | head -5",
        "kubectl get events | tail -5",
        "kubectl get events | sed -n '1,20p'",
        "kubectl get events | wc -l",
        "kubectl get events | grep -c OOM",
        "kubectl get events | grep -m1 .",
        "kubectl get events | cut -c1-20",
        "kubectl get events > note",
        "kubectl get events | grep $WHAT",
        "kubectl get events | xargs echo",
        "kubectl get events; kubectl get pods",
        "kubectl get events |",
        "!!",
        "!! | grep OOM",
    ];
    for line in not {
        assert!(!console::survives(line, specimen()), "{line}");
    }
}

#[test]
fn text_is_free_and_a_line_that_does_not_parse_too() {
    let (world, session) = (world(), session());
    let cost = |line: &str| console::cost(&world, &session, line);
    let kubectl = cost("kubectl get pods");
    assert!(kubectl > Span::ZERO);
    assert_eq!(cost("kubectl get pods | grep x | sort | uniq -c"), kubectl);
    assert_eq!(cost("kubectl get pods && kubectl get events"), kubectl + kubectl);
    assert_eq!(cost("echo $(kubectl get pods)"), kubectl);
    assert_eq!(cost("A=$(kubectl get pods)"), kubectl);
    assert_eq!(cost("watch -n 5 kubectl get pods"), kubectl);
    assert_eq!(cost("echo a | xargs kubectl describe pod"), kubectl);
    for free in ["grep x pods", "kubectl get pods |", "kubectl 'get", "nosuch", "", "sleep 5m"] {
        assert_eq!(cost(free), Span::ZERO, "{free}");
    }
    // To learn how a tool is asked costs nothing, and neither does what people have already said.
    for free in ["prom --help", "ci", "logs --nosuch", "shopctl", "chat --help", "chat list", "chat read"] {
        assert_eq!(cost(free), Span::ZERO, "{free}");
    }
    for free in ["aws help", "aws sqs help", "aws sqs list-queues help", "aws sqs list-queuess", "aws --version"] {
        assert_eq!(cost(free), Span::ZERO, "{free}");
    }
    for free in
        ["aws sqs get-queue-url", "aws sqs list-queues --nosuch", "aws sqs send-message --generate-cli-skeleton"]
    {
        assert_eq!(cost(free), Span::ZERO, "{free}");
    }
    for paid in ["prom up", "ci history", "logs", "shopctl orders", "chat ask pm vanilla"] {
        assert!(cost(paid) > Span::ZERO, "{paid}");
    }
    let aws = cost("aws sqs list-queues");
    assert_eq!(aws, kubectl, "a question to the account costs what one to the cluster costs");
    let asked = ["aws sqs get-queue-url --queue-name x --query QueueUrl", "aws --region us-east-1 ses get-send-quota"];
    for paid in asked.into_iter().chain(["aws s3 ls", "aws logs tail group --since 5m", "aws sqs list-queues | wc -l"])
    {
        assert_eq!(cost(paid), aws, "{paid}");
    }
}

fn complete(line: &str) -> Vec<Candidate> {
    console::complete(&world(), &session(), line, line.len())
}

fn texts(line: &str) -> Vec<String> {
    complete(line).into_iter().map(|c| c.text).collect()
}

#[test]
fn completion_knows_programs_flags_notes_and_variables() {
    assert_eq!(texts("gre"), vec!["grep"]);
    assert_eq!(texts("cat pods | hea"), vec!["head"]);
    assert_eq!(texts("grep --ignore"), vec!["--ignore-case"]);
    assert_eq!(texts("wc -l po"), vec!["pods"]);
    assert_eq!(texts("cat > js"), vec!["json"]);
    assert_eq!(texts("echo $US"), vec!["$USER"]);
    assert_eq!(texts("echo '$US"), Vec::<String>::new());
    assert_eq!(texts("help un"), vec!["uniq", "unset"]);
    assert_eq!(texts("kubectl rol"), vec!["rollout"]);
    assert_eq!(texts("watch kubectl rol"), vec!["rollout"]);
    assert_eq!(texts("NS=shop kubectl rol"), vec!["rollout"]);
    assert_eq!(texts("A=$(kubectl rol"), vec!["rollout"]);
    let start = complete("cat pods | hea").first().map(|c| c.start);
    assert_eq!(start, Some("cat pods | ".len()), "a candidate says what it replaces");
    assert!(complete("").len() >= PROGRAMS.len().min(40));
}

#[test]
fn rows_are_sorted_and_names_are_their_own() {
    let names: Vec<&str> = PROGRAMS.iter().map(|p| p.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted);
    let all: Vec<&str> = PROGRAMS.iter().flat_map(|p| p.aliases.iter().copied().chain([p.name])).collect();
    for name in &all {
        assert_eq!(all.iter().filter(|n| n == &name).count(), 1, "{name} means two programs");
    }
    for program in PROGRAMS {
        assert!(!program.doc.is_empty() && !program.usage.is_empty(), "{} explains itself", program.name);
    }
}

#[test]
fn hostile_lines_are_bounded() {
    let long = "a".repeat(70_000);
    let hostile = [
        long.clone(),
        "$(".repeat(30_000),
        "`".repeat(30_001),
        "echo ".to_string() + &"$(echo ".repeat(50) + &")".repeat(50),
        format!("awk '{}1{}'", "(".repeat(8_000), ")".repeat(8_000)),
        format!("awk 'BEGIN {{print {}1}}'", "-".repeat(7_000)),
        format!("awk 'BEGIN {{print {}1}}'", "1 + ".repeat(3_000)),
        format!("awk 'BEGIN {}{}'", "{".repeat(5_000), "}".repeat(5_000)),
        format!("jq -n '{}1{}'", "[".repeat(7_000), "]".repeat(7_000)),
        format!("jq -n '{}1'", "-".repeat(7_000)),
        format!("jq -n '{}1'", "1 | ".repeat(3_000)),
        format!("jq -n '{}. {}'", "if . then ".repeat(1_000), "end ".repeat(1_000)),
        format!("echo '{}{}' | jq .", "[".repeat(20_000), "]".repeat(20_000)),
        "jq -n 'def f: [f]; f'".to_string(),
        "jq -n 'reduce range(1000000) as $i (null; [.])'".to_string(),
        "jq -n '[limit(1000000; repeat(\"xxxxxxxxxxxxxxxx\"))] | add * 1000'".to_string(),
        "jq -n '[range(200000)] | . as $a | [$a[] | $a]'".to_string(),
        "jq -n '{} | .[\"a\"][1e9] = 1'".to_string(),
        "grep -E '(a{1,1000}){1,1000}' pods".to_string(),
        format!("grep '{}' pods", "\\(".repeat(10_000)),
        "grep -E 'a**+?b{2}{3}' pods".to_string(),
        "sed ':a;s/$/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/;ba' pods".to_string(),
        "sed ':a;N;ba' pods".to_string(),
        "seq 1 99999999999999".to_string(),
        "seq 1 1e300 | wc -l".to_string(),
        "seq -s , 1 1e18 | wc -c".to_string(),
        "printf '%99999999d' 1".to_string(),
        "seq 1 100000 | sed 's/./&&&&&&&&&&/g;s/./&&&&&&&&&&/g;s/./&&&&&&&&&&/g' | wc -c".to_string(),
        "seq 1 200000 | xargs xargs xargs".to_string(),
        "cut -f1-99999999999999999 pods".to_string(),
        "sort -k99999999999 pods".to_string(),
        "head -n 99999999999999999999 pods".to_string(),
        "tr '\u{0}-\u{10ffff}' a < pods".to_string(),
        "sleep 99999999999999999999h".to_string(),
        "date -d @9223372036854775807".to_string(),
        "date -d '9223372036854775807 days ago'".to_string(),
    ];
    for line in hostile {
        let output = run(&line);
        let bytes: usize = output.lines.iter().map(|l| l.text.len()).sum();
        assert!(output.lines.len() <= 200_001, "{:.60}: {} lines", line, output.lines.len());
        assert!(bytes <= 40_000_000, "{line:.60}: {bytes} bytes");
    }
}

/// Pieces that lines are made of, so that chance reaches deep into the grammars.
const PIECES: &[&str] = &[
    "echo",
    "cat pods",
    "grep",
    "-e",
    "-A2",
    "sed",
    "'s/a/b/g'",
    "awk",
    "'{print $1}'",
    "jq",
    "'.a[]?'",
    "json",
    "pods",
    "|",
    "||",
    "&&",
    ";",
    ">",
    ">>",
    "<",
    "2>&1",
    "$(",
    ")",
    "`",
    "'",
    "\"",
    "\\",
    "$X",
    "${",
    "}",
    "!",
    "!!",
    "#",
    "\n",
    "<<EOF",
    "EOF",
    "sort -k2",
    "uniq -c",
    "wc",
    "xargs",
    "watch",
    "sleep 1",
    "tr a-z",
    "cut -f",
    "안녕",
    "\u{0}",
    "\u{301}",
    "🎉",
    "-",
    "--",
    "=",
    "A=1",
    "[",
    "]",
    "(",
    "{",
    "*",
    "^",
    "$",
    "%s",
    "~",
    "history",
    "base64 -d",
    "column -t",
    "head -c",
    "tail -c3",
];

fn lines() -> impl Strategy<Value = String> {
    let made = proptest::collection::vec((0..PIECES.len(), any::<bool>()), 0..14).prop_map(|pieces| {
        pieces
            .into_iter()
            .map(|(n, blank)| format!("{}{}", PIECES[n], if blank { " " } else { "" }))
            .collect::<String>()
    });
    prop_oneof![made, any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_line_breaks_the_shell(line in lines(), caret in 0..200_usize) {
        let (mut world, mut session) = (world(), session());
        let _ = console::cost(&world, &session, &line);
        let ran = console::run(&mut world, &mut session, &line);
        if let Some(mut standing) = ran.standing {
            world.advance_to(world.now + Span::mins(1));
            let _ = console::poll(&mut world, &mut session, &mut standing);
            let _ = console::interrupt(&mut world, &mut session, standing);
        }
        let _ = console::survives(&line, specimen());
        for candidate in console::complete(&world, &session, &line, caret) {
            prop_assert!(candidate.start <= line.len() && line.is_char_boundary(candidate.start));
        }
        for printed in &ran.output.lines {
            prop_assert!(!printed.text.contains('\n') || printed.stream != Stream::Out, "{:?}", printed.text);
            for mark in &printed.marks {
                prop_assert!(printed.text.get(mark.start as usize..mark.end as usize).is_some());
            }
        }
    }

    #[test]
    fn no_program_text_breaks_awk_sed_jq_or_grep(program in any::<String>()) {
        let quoted = program.replace(['\'', '\0'], "");
        for tool in ["awk", "sed", "jq", "grep", "grep -E", "grep -P", "tr x", "cut -f", "sort -k", "printf"] {
            let _ = run(&format!("cat pods | {tool} '{quoted}'"));
        }
    }

    #[test]
    fn wrapped_and_clipped_text_fits(words in any::<String>(), columns in 1..40_usize) {
        prop_assert!(text::width(&text::clip(&words, columns)) <= columns);
        for line in text::wrap(&text::harmless(&words), columns) {
            // A letter wider than the line stands alone.
            let alone = line.graphemes(true).count() == 1;
            prop_assert!(text::width(&line) <= columns || alone, "{line:?}");
        }
    }
}

#[test]
fn wide_letters_and_marks_are_never_cut() {
    assert_eq!(text::clip("안녕하세요", 5), "안녕…");
    assert_eq!(text::clip("안녕", 4), "안녕");
    assert_eq!(text::clip("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    assert_eq!(text::clip("abc", 0), "");
    assert_eq!(text::wrap("one two three", 7), vec!["one two", "three"]);
    assert_eq!(text::wrap("안녕하세요", 4), vec!["안녕", "하세", "요"]);
    assert_eq!(text::wrap("안녕", 1), vec!["안", "녕"], "a letter wider than the line is kept, not lost");
    assert_eq!(text::wrap("a\n\nb", 5), vec!["a", "", "b"]);
    assert_eq!(text::wrap("  indented", 20), vec!["  indented"]);
    assert_eq!(text::wrap("", 5), vec![""]);
}

#[test]
fn hostile_text_is_made_harmless() {
    assert_eq!(text::harmless("a\u{1b}[31mb"), "a\u{241b}[31mb");
    assert_eq!(text::harmless("a\tb\nc"), "a\tb\nc");
    assert_eq!(text::harmless("\u{7f}\u{9b}\u{202e}\u{200b}"), "\u{2421}\u{fffd}\u{fffd}\u{fffd}");
    assert_eq!(text::harmless("\u{2066}x\u{2069}"), "\u{fffd}x\u{fffd}");
    assert_eq!(text::harmless("e\u{301}"), "e\u{301}", "an accent stays");
    assert_eq!(text::harmless(&format!("e{}", "\u{301}".repeat(50))).chars().count(), 3);
    assert_eq!(text::harmless("안녕 🎉"), "안녕 🎉");
}
