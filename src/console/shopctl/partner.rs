//! Third parties, measured from inside the estate. Does not know why one is slow.

use super::Failure;
use crate::console::fact::Fact;
use crate::console::page::{Line, Output};
use crate::stdx::time::Span;
use crate::stdx::{dice, suggest};
use crate::world::World;
use std::sync::Arc;

/// Calls of one probe.
const CALLS: u64 = 5;

pub fn probe(world: &World, name: &str) -> Result<Output, Failure> {
    let Some(partner) = world.partners.get(name) else {
        let known = world.partners.all().map(|(name, _)| name.as_str());
        let near = suggest::nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        let all: Vec<&str> = world.partners.all().map(|(name, _)| name.as_str()).collect();
        let list =
            if all.is_empty() { "this estate has none".to_string() } else { format!("there are: {}", all.join(", ")) };
        return Err((format!("the shop has no partner {name:?}"), Some(near.unwrap_or(list))));
    };
    let lot = |n: u64| dice::at(world.seed, dice::hash_name(name), world.now.0 as u64 ^ n << 48);
    let calls: Vec<_> = (0..CALLS).map(|n| world.partners.call(name, world.now, lot(n))).collect();
    let mut took: Vec<i64> = calls.iter().map(|call| call.took.0).collect();
    took.sort_unstable();
    let (median, most) = (took[took.len() / 2], took.last().copied().unwrap_or_default());
    let failed = calls.iter().filter(|call| !call.ok).count();
    let pairs = |list: &[(&str, String)]| list.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
    let fact = Arc::new(Fact::Experiment {
        tool: "shopctl probe".into(),
        given: pairs(&[("partner", name.to_string())]),
        outcome: pairs(&[
            ("calls", CALLS.to_string()),
            ("failed", failed.to_string()),
            ("max_ms", most.to_string()),
            ("median_ms", median.to_string()),
        ]),
        at: world.now,
    });
    let spec = &partner.spec;
    let mut lines = vec![Line::plain(format!("{name}  {} ({}) port {}", spec.host, spec.ip, spec.port))];
    for (n, call) in calls.iter().enumerate() {
        let answer = if call.ok { "200 OK" } else { "503 Service Unavailable" };
        let mut line = Line::default();
        line.push_fact(&format!("call {}: {answer} after {}", n + 1, seconds(call.took)), &fact);
        lines.push(line);
    }
    let mut line = Line::default();
    let said =
        format!("{CALLS} calls, {failed} failed, median {}, longest {}", seconds(Span(median)), seconds(Span(most)));
    line.push_fact(&said, &fact);
    lines.push(line);
    Ok(Output { lines, ..Output::default() })
}

fn seconds(span: Span) -> String {
    format!("{}.{:03} s", span.0 / 1_000, span.0 % 1_000)
}
