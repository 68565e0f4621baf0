//! Third parties, measured from inside the estate. Does not know why one is slow.

use super::{Failure, books};
use crate::console::fact::Fact;
use crate::console::flag::Given;
use crate::console::page::{Line, Output};
use crate::stdx::time::Span;
use crate::stdx::{dice, suggest};
use crate::world::World;
use crate::world::apps::dial::gate::WHOLE;
use crate::world::partners::Called;
use std::sync::Arc;

/// Calls of one probe, and how long each waits for a connection.
const CALLS: u64 = 5;
const PATIENCE: Span = Span::secs(1);

pub fn probe(world: &World, name: &str, given: &Given) -> Result<Output, Failure> {
    let _known = books::of_trait(world, given)?;
    let (via, of_trait) = (given.last("via"), given.last("trait"));
    let traits = Vec::from_iter(of_trait);
    let Some(partner) = world.partners.get(name) else {
        let known = world.partners.all().map(|(name, _)| name.as_str());
        let near = suggest::nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        let all: Vec<&str> = world.partners.all().map(|(name, _)| name.as_str()).collect();
        let list =
            if all.is_empty() { "this estate has none".to_string() } else { format!("there are: {}", all.join(", ")) };
        return Err((format!("the shop has no partner {name:?}"), Some(near.unwrap_or(list))));
    };
    let lot = |n: u64| dice::at(world.seed, dice::hash_name(name), world.now.0 as u64 ^ n << 48);
    let lacking = via.map(|via| lacking(world, via, name)).transpose()?;
    let call = |n: u64| match lacking {
        Some(lacking) if dice::at(lot(n), 40, 0) % WHOLE < lacking => None,
        _ => Some(world.partners.call(name, world.now, &traits, lot(n))),
    };
    let calls: Vec<Option<Called>> = (0..CALLS).map(call).collect();
    let took = |call: &Option<Called>| call.map_or(PATIENCE, |call| call.took);
    let mut spans: Vec<i64> = calls.iter().map(|call| took(call).0).collect();
    spans.sort_unstable();
    let median = spans.get(spans.len() / 2).copied().unwrap_or_default();
    let most = spans.last().copied().unwrap_or_default();
    let failed = calls.iter().filter(|call| call.is_none_or(|call| !call.ok)).count();
    let pairs = |list: &[(&str, String)]| list.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
    let fact = Arc::new(Fact::Experiment {
        tool: "shopctl probe".into(),
        given: pairs(&[
            ("partner", name.to_string()),
            ("trait", of_trait.unwrap_or_default().to_string()),
            ("via", via.unwrap_or("own").to_string()),
        ]),
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
        let answer = match call {
            None => "no connection (i/o timeout)",
            Some(Called { refused: true, .. }) => partner.mood_at(world.now).refuses.says.as_str(),
            Some(Called { ok: true, .. }) => "200 OK",
            Some(_) => "503 Service Unavailable",
        };
        let mut line = Line::default();
        line.push_fact(&format!("call {}: {answer} after {}", n + 1, seconds(took(call))), &fact);
        lines.push(line);
    }
    let mut line = Line::default();
    let said =
        format!("{CALLS} calls, {failed} failed, median {}, longest {}", seconds(Span(median)), seconds(Span(most)));
    line.push_fact(&said, &fact);
    lines.push(line);
    Ok(Output { lines, ..Output::default() })
}

/// The share of new connections from behind a gateway (by its name or id) to a third party that find no way.
fn lacking(world: &World, via: &str, partner: &str) -> Result<u64, Failure> {
    let setup = world.aws.network.setup_at(world.now);
    let nats = || setup.iter().flat_map(|setup| setup.nats.values()).filter(|nat| nat.gone.is_none());
    let Some(nat) = nats().find(|nat| *nat.name == *via || *nat.id == *via) else {
        let all: Vec<&str> = nats().map(|nat| &*nat.name).collect();
        let near = suggest::nearest(via, all.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        let list = if all.is_empty() { "there is none".to_string() } else { format!("there are: {}", all.join(", ")) };
        return Err((format!("the network has no NAT gateway {via:?}"), Some(near.unwrap_or(list))));
    };
    if nat.ready > world.now {
        return Ok(WHOLE);
    }
    let gate = world.apps.dialling.gates.get(&(Arc::clone(&nat.id), Arc::from(partner)));
    Ok(gate.map_or(0, |gate| gate.failing(world.now)))
}

fn seconds(span: Span) -> String {
    format!("{}.{:03} s", span.0 / 1_000, span.0 % 1_000)
}
