//! What a slip of the finger can do to a cluster: the largest and smallest numbers wherever a number may be typed, lines
//! without end, pipelines that never have enough. Nothing panics, nothing hangs, every refusal says why.

use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use whodunit::console::page::Stream;
use whodunit::console::session::{Session, Standing};
use whodunit::console::{self, Ran};
use whodunit::drill::act::Act;
use whodunit::drill::run::{Clock, Run};
use whodunit::scenario;
use whodunit::stdx::time::{Span, Time};
use whodunit::world::World;

const MOST: &str = "9223372036854775807";

/// The shop as its page arrives.
fn shop() -> (World, Session) {
    static SHOP: LazyLock<World> = LazyLock::new(|| {
        let pack = scenario::find("the-car-that-hated-vanilla").expect("the case");
        scenario::cast(&pack, "A", 3).unwrap_or_else(|wrong| panic!("{}", scenario::render(&wrong))).1.world
    });
    let session = Session { user: "learner".into(), namespace: "shop".into(), ..Session::default() };
    (SHOP.clone(), session)
}

fn text(ran: &Ran) -> String {
    ran.output.lines.iter().map(|line| format!("{}\n", line.text)).collect()
}

fn minutes(world: &mut World, count: i64) {
    world.advance_to(world.now + Span::mins(count));
}

#[test]
fn time_saturates() {
    let (most, least) = (Span(i64::MAX), Span(i64::MIN));
    assert_eq!([Span::secs(i64::MAX), Span::mins(i64::MAX), Span::hours(i64::MAX), most + most], [most; 4]);
    assert_eq!([Span::secs(i64::MIN), least + least, least - most], [least; 3]);
    assert_eq!(Time(1) + most, Time(i64::MAX));
    assert_eq!(Time(i64::MIN) - most, Time(i64::MIN));
    assert_eq!(Time(i64::MAX) - Time(i64::MIN), most);
    assert!(Time(i64::MAX).rfc3339().starts_with("+262142"), "{}", Time(i64::MAX).rfc3339());
    assert!(Time(i64::MIN).floor_secs() <= Time(i64::MIN + 1_000));
}

#[test]
fn the_largest_number_breaks_no_cluster() {
    let patch = |spec: &str| format!("kubectl patch deploy/cart -p '{{\"spec\":{spec}}}'");
    let pod = |part: &str| patch(&format!("{{\"template\":{{\"spec\":{part}}}}}"));
    let lines = [
        format!("kubectl set env deploy/checkout SESSION_TTL_SECONDS={MOST}"),
        format!("kubectl delete pod -l app=cart --grace-period={MOST} --wait=false"),
        pod(&format!("{{\"terminationGracePeriodSeconds\":{MOST}}}")),
        "kubectl delete pod -l app=cart --wait=false".to_string(),
        pod(&format!("{{\"activeDeadlineSeconds\":{MOST}}}")),
        patch("{\"minReadySeconds\":2147483646,\"progressDeadlineSeconds\":2147483647}"),
        "kubectl scale deploy/pricing --replicas=2147483647".to_string(),
        format!("kubectl scale deploy/pricing --replicas={MOST}"),
        format!("kubectl logs deploy/cart --since={MOST}h --tail={MOST}"),
        format!("sleep {MOST}"),
        format!("watch -n {MOST} date"),
        format!("kubectl set resources deploy/cart --limits=memory={MOST}Gi,cpu={MOST}"),
    ];
    let (mut world, mut session) = shop();
    for line in lines {
        console::run(&mut world, &mut session, &line);
        minutes(&mut world, 1);
    }
    minutes(&mut world, 4);
    let ran = console::run(&mut world, &mut session, "shopctl orders");
    assert_eq!(ran.output.code, 0, "{}", text(&ran));
    let pods = console::run(&mut world, &mut session, "kubectl get pods --no-headers | wc -l");
    let count: usize = text(&pods).trim().parse().expect("a number");
    assert!(count <= 2_500, "{count} pods");
}

#[test]
fn numbers_that_are_none_are_refused_in_the_real_words() {
    let (mut world, mut session) = shop();
    let mut say = |line: &str| text(&console::run(&mut world, &mut session, line));
    assert_eq!(
        say("kubectl delete pod x --grace-period=99999999999999999999").lines().next(),
        Some(
            "error: invalid argument \"99999999999999999999\" for \"--grace-period\" flag: strconv.ParseInt: parsing \"99999999999999999999\": value out of range"
        )
    );
    assert!(say("kubectl scale deploy/cart --replicas=x").contains("parsing \"x\": invalid syntax"));
    assert_eq!(say("date -d @99999999999999"), "date: time '@99999999999999' is out of range\n");
    assert!(say("echo ${x:-$(date)}").starts_with("bash: ${x:-$(date)}: bad substitution\n"));
    let wait = say("wait 5m");
    assert!(wait.starts_with("bash: wait: `5m': not a pid or valid job spec\n"), "{wait}");
    assert!(wait.contains("sleep 5m"), "{wait}");
}

#[test]
fn a_line_that_lacks_something_is_free() {
    let (world, session) = shop();
    let cost = |line: &str| console::cost(&world, &session, line);
    for free in [
        "chat",
        "chat bogus",
        "chat ask pm",
        "ci bogus",
        "prom --bogus",
        "prom 'sum('",
        "shopctl bogus",
        "kubectl scale deploy/x",
        "kubectl scale deploy/x --replicas=many",
        "kubectl delete",
        "kubectl get",
        "kubectl get -A",
        "kubectl patch deploy/x",
        "kubectl apply",
        "kubectl wait pod/x",
        "kubectl rollout undo",
        "kubectl exec x",
        "kubectl logs",
    ] {
        assert_eq!(cost(free), Span::ZERO, "{free}");
    }
    for paid in [
        "kubectl scale deploy/x --replicas=3",
        "kubectl delete pod x",
        "kubectl get pods",
        "kubectl top pods",
        "kubectl exec x -- env",
        "kubectl logs -l app=x",
        "kubectl apply -f -",
        "kubectl events",
        "verb=get; kubectl $verb pods",
        "prom \"$query\"",
        "chat ask pm vanilla",
    ] {
        assert!(cost(paid) > Span::ZERO, "{paid}");
    }
}

/// Feeds what goes on printing for so many minutes while a pod a minute is deleted.
fn stand(line: &str, count: i64) -> (String, Option<Standing>) {
    let (mut world, mut session) = shop();
    let ran = console::run(&mut world, &mut session, line);
    let mut printed = text(&ran);
    let mut standing = ran.standing;
    for _ in 0..count {
        console::run(&mut world, &mut session, "kubectl delete pod -l app=cart --wait=false");
        minutes(&mut world, 1);
        let Some(own) = &mut standing else { break };
        let output = console::poll(&mut world, &mut session, own);
        printed.extend(output.lines.iter().filter(|l| l.stream == Stream::Out).map(|l| format!("{}\n", l.text)));
        standing = standing.filter(|own| !own.done);
    }
    (printed, standing)
}

#[test]
fn a_head_that_has_its_lines_ends_what_it_follows() {
    let (modern, going) = stand("kubectl get pods -w | head -n 3", 2);
    assert!(going.is_none() && modern.lines().count() == 3, "{modern}");
    for line in ["kubectl get pods -w | head -3", "kubectl get pods -w | head -3 | cat"] {
        let (printed, going) = stand(line, 2);
        assert!(going.is_none(), "{line} goes on");
        assert_eq!(printed, modern, "{line}");
    }
    let (sorted, going) = stand("kubectl get pods -w | head -2 | sort -r | wc -l", 2);
    assert!(going.is_none());
    assert_eq!(sorted, "2\n");
}

#[test]
fn what_asks_for_the_end_waits_for_it_and_what_does_not_prints_at_once() {
    let prints = |line: &str| !stand(line, 1).0.is_empty();
    assert!(prints("kubectl get pods -w | awk '{ print \"END\" }'"));
    assert!(prints("kubectl get pods -w | sed 's/cart/$price/'"));
    assert!(!prints("kubectl get pods -w | awk 'END { print NR }'"));
    assert!(!prints("kubectl get pods -w | sed -n '$ p'"));
    // A stage that takes each line by itself keeps nothing.
    let (_, going) = stand("kubectl get pods -w | grep cart | cut -c1-4", 3);
    let going = going.expect("it goes on");
    assert!(going.held.is_empty());
    assert!(going.printed > 3, "{}", going.printed);
}

#[test]
fn after_a_sleep_what_goes_on_does_not_block() {
    let pack = scenario::find("the-car-that-hated-vanilla").expect("the case");
    let Ok((case, stage)) = scenario::cast(&pack, "A", 3) else { panic!("the case is cast") };
    let mut run = Run::open(case.into(), stage, Clock::Turn);
    let before = run.now();
    let outcome = run.apply(0, Act::Run { line: "sleep 2; kubectl get pods -w".into() });
    assert!(!outcome.refused);
    assert!(run.now() - before < Span::mins(2), "{} passed", (run.now() - before).human());
    assert_eq!(run.standing.len(), 1);
}

#[test]
fn nobody_waits_for_ever() {
    let pack = scenario::find("the-car-that-hated-vanilla").expect("the case");
    for clock in [Clock::Turn, Clock::Live] {
        let Ok((case, stage)) = scenario::cast(&pack, "A", 3) else { panic!("the case is cast") };
        let mut run = Run::open(case.into(), stage, clock);
        let before = run.now();
        for span in [Span(i64::MAX), Span(i64::MIN), Span::hours(24 * 365)] {
            for act in [Act::Wait { span }, Act::Clock { to: span }] {
                let outcome = run.apply(0, act);
                assert!(
                    outcome.refused && outcome.notice.is_some_and(|notice| !notice.to_string().is_empty()),
                    "{span:?}"
                );
            }
        }
        assert_eq!(run.now(), before);
    }
}

#[test]
fn scripts_that_go_round_stop_soon_and_say_so() {
    let (mut world, mut session) = shop();
    for line in ["echo a | sed ':a;s/a/aa/;ta'", "echo a | sed ':a;ba'", "echo a | awk '{ while (1) $0 = $0 $0 }'"] {
        let began = Instant::now();
        let ran = console::run(&mut world, &mut session, line);
        assert!(began.elapsed() < Duration::from_secs(5), "{line}: {:?}", began.elapsed());
        let errors: Vec<&str> =
            ran.output.lines.iter().filter(|l| l.stream == Stream::Err).map(|l| l.text.as_str()).collect();
        assert!(errors.iter().any(|e| e.contains("stopped") || e.contains("beyond all bounds")), "{line}: {errors:?}");
    }
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(i64::MAX),
        Just(i64::MIN),
        Just(i64::from(i32::MAX)),
        Just(i64::from(i32::MIN)),
        Just(0),
        Just(-1),
        any::<i64>()
    ]
}

/// Wherever a number may be typed; `@` is the number.
const PLACES: &[&str] = &[
    "kubectl set env deploy/checkout SESSION_TTL_SECONDS=@",
    "kubectl set env deploy/cart PORT=@ POOL_MAX=@",
    "kubectl delete pod -l app=cart --grace-period=@",
    "kubectl delete pod -l app=cart --timeout=@s",
    "kubectl patch deploy/cart -p '{\"spec\":{\"template\":{\"spec\":{\"terminationGracePeriodSeconds\":@}}}}'",
    "kubectl patch deploy/cart -p '{\"spec\":{\"template\":{\"spec\":{\"activeDeadlineSeconds\":@}}}}'",
    "kubectl patch deploy/cart -p '{\"spec\":{\"minReadySeconds\":@,\"progressDeadlineSeconds\":@}}'",
    "kubectl patch deploy/cart --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/readinessProbe/periodSeconds\",\"value\":@}]'",
    "kubectl patch deploy/cart --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/ports/0/containerPort\",\"value\":@}]'",
    "kubectl patch svc/cart --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/ports/0/port\",\"value\":@}]'",
    "kubectl patch deploy/cart -p '{\"spec\":{\"strategy\":{\"rollingUpdate\":{\"maxSurge\":@}}}}'",
    "kubectl patch deploy/cart -p '{\"spec\":{\"revisionHistoryLimit\":@}}'",
    "kubectl scale deploy/cart --replicas=@",
    "kubectl set resources deploy/cart --limits=memory=@,cpu=@m --requests=memory=@,cpu=@m",
    "kubectl logs deploy/cart --tail=@ --since=@s",
    "kubectl rollout undo deploy/cart --to-revision=@",
    "kubectl create service clusterip x --tcp=@:@",
    "kubectl run x --image=busybox --port=@ -- sleep @",
    "sleep @",
    "watch -n @ date",
    "date -d @@",
    "date -d '@ days ago'",
    "shopctl order --flavour vanilla --wait @",
    "shopctl orders --since @s",
    "prom --range @s --step @s up",
    "prom 'up offset @s'",
    "head -n @ nosuch; seq @ @ | tail -n @ | cut -c@-",
    "echo x | awk '{ print substr($0, @, @), @ + @, @ * @ }'",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn no_number_breaks_the_estate(typed in proptest::collection::vec((0..PLACES.len(), number()), 4..8)) {
        let (mut world, mut session) = shop();
        let begun = world.now;
        for (place, number) in typed {
            let line = PLACES[place].replace('@', &number.to_string());
            let ran = console::run(&mut world, &mut session, &line);
            minutes(&mut world, 2);
            if let Some(mut standing) = ran.standing {
                let _ = console::poll(&mut world, &mut session, &mut standing);
            }
        }
        minutes(&mut world, 4);
        prop_assert!(world.now - begun >= Span::mins(10));
        for line in ["kubectl get pods -o yaml", "kubectl describe deploy,pod", "kubectl get events", "shopctl orders", "kubectl top pods"] {
            prop_assert!(!console::run(&mut world, &mut session, line).output.lines.is_empty(), "{line}");
        }
    }
}
