//! What outside clients ask through the door: the account answers, the whole answer is a page of the run. Does not know
//! wires: requests come in neutral form.

use super::act::Asked;
use super::run::{Clock, Outcome, Run};
use super::{changes, passing};
use crate::console;
use crate::console::aws::outside;
use crate::console::page::Page;
use crate::world::aws::call::{Caller, Request};

/// One request's members, in bytes of JSON. The largest real request is 1 MiB of messages (SQS quotas), which JSON may
/// nearly double.
pub const ASKED_BYTES_MAX: usize = 2 << 20;
/// Requests of a run, at most: a journal is read again from its beginning.
const REQUESTS_MAX: u32 = 20_000;
/// Bytes that a run's requests and answers take, at most.
const BYTES_MAX: usize = 64 << 20;
/// Characters of the members on a page's command line.
const LINE_CHARS_MAX: usize = 300;

/// What outside clients have taken up of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    requests: u32,
    bytes: usize,
}

/// Answers one request.
pub fn act(run: &mut Run, seat: u16, asked: &Asked) -> Outcome {
    if run.clock == Clock::Turn {
        return Outcome::refusal("notice.the-door-needs-the-live-clock");
    }
    let size = asked.input.to_string().len();
    if size > ASKED_BYTES_MAX {
        return Outcome::refusal("notice.the-request-is-longer-than-a");
    }
    let taken = run.record.door;
    if taken.requests >= REQUESTS_MAX || taken.bytes >= BYTES_MAX {
        return Outcome::refusal("notice.this-run-has-answered-as-many");
    }
    let request = Request {
        service: asked.service.clone(),
        operation: asked.operation.clone(),
        input: asked.input.clone(),
        caller: Caller { user: asked.user.clone(), arn: String::new() },
        region: asked.region.clone(),
        agent: asked.agent.clone(),
    };
    let (done, output) = outside::ask(&mut run.stage.world, request);
    let shown: usize = output.lines.iter().map(|line| line.text.len()).sum();
    run.record.door = Taken { requests: taken.requests + 1, bytes: taken.bytes + size + shown };
    let id = run.pages.len() as u32 + 1;
    let (at, command) = (run.now(), line(asked));
    run.pages.push(Page { id, seat, at, prompt: "door$ ".into(), command: command.clone(), output });
    passing::read(run, id);
    let cost = console::cost(&run.stage.world, &run.session, &command);
    changes::after(run, &command, id, cost);
    Outcome { page: Some(id), answered: Some(Box::new(done)), ..Outcome::default() }
}

/// The request as a command that asks the same.
pub fn line(asked: &Asked) -> String {
    let mut name = String::new();
    for c in asked.operation.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() && !name.ends_with(|c: char| c.is_ascii_uppercase()) {
            name.push('-');
        }
        name.push(c);
    }
    let name = name.to_ascii_lowercase();
    let input = match asked.input.as_object() {
        Some(members) if !members.is_empty() => {
            let text = asked.input.to_string();
            let cut: String = text.chars().take(LINE_CHARS_MAX).collect();
            let more = if cut.len() < text.len() { "…" } else { "" };
            format!(" --cli-input-json '{cut}{more}'")
        }
        _ => String::new(),
    };
    format!("aws {} {name}{input}", asked.service)
}
