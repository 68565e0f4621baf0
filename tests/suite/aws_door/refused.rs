//! Bad input through the built-in command: the service's own code and message, and an account that is left as it was.
//! `same` gives the same lines to the real client.

use super::counter;
use super::same::{Bench, built_in, lists, state, typed};
use whodunit::world::World;
use whodunit::world::aws::Account;

/// `tests/data/aws/refused.txt`: each line and what is said of it.
fn rows() -> Vec<(&'static str, &'static str)> {
    let text = include_str!("../../data/aws/refused.txt");
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    lines.windows(2).filter_map(|pair| Some((pair[0], pair[1].strip_prefix("! ")?))).collect()
}

/// The account but for its counts: a refused request is one that was made, and costs what a request costs.
fn kept(world: &World) -> String {
    let aws = Account { tally: Default::default(), ..world.aws.clone() };
    let text = state(&World { aws, ..world.clone() });
    // Queues keep the number of their requests themselves, those in line also of this second: a refused one is one, too.
    let mut kept = String::with_capacity(text.len());
    for (at, part) in text.split("requests: ").enumerate() {
        kept.push_str(if at == 0 { part } else { part.trim_start_matches(|c: char| c.is_ascii_digit()) });
    }
    let rest = |part: &str| part.split_once("}, dedup").map_or(part.to_string(), |(_, rest)| rest.to_string());
    kept.split("throttle: Throttle {")
        .enumerate()
        .map(|(at, part)| if at == 0 { part.into() } else { rest(part) })
        .collect()
}

/// Where two texts begin to differ.
fn difference(one: &str, other: &str) -> String {
    let at = one.bytes().zip(other.bytes()).position(|(a, b)| a != b).unwrap_or(one.len().min(other.len()));
    let part = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(120)..(at + 80).min(text.len())]).into_owned()
    };
    if one == other { String::new() } else { format!("was {}\nis  {}\n", part(one), part(other)) }
}

#[test]
fn bad_input_is_refused_in_the_services_words_and_loses_nothing() {
    let (world, session) = counter();
    let lists = lists();
    let before = kept(world);
    let mut wrong = Vec::new();
    for (line, due) in rows() {
        let named = |text: &str| Bench::named_in(&lists, session, text, world, None).expect("names");
        let (words, due) = (named(line), named(&format!("'{}'", due.replace('\'', "\u{1}"))).concat());
        let mut after = world.clone();
        let told = built_in(&mut after, session, &typed(&words));
        let (code, message) = due.split_once(": ").expect("a code and a message");
        let said = format!("An error occurred ({code}) when calling the ");
        let message = format!(" operation: {}\n", message.replace('\u{1}', "'"));
        let fits = told.code == 255 && told.err.contains(&said) && told.err.ends_with(&message) && told.out.is_empty();
        if !fits || kept(&after) != before {
            wrong.push(format!("$ aws {line}\n{}{}{}", told.out, told.err, difference(&before, &kept(&after))));
        }
    }
    assert!(rows().len() > 80, "the list is read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
