//! Programs that do what a pod annotation says (`oracle/<container>: after=2s;exit=1`): the inputs that recorded runs of
//! a real control plane were given. Only worlds that ask for it (`Apps::scripted`) look at them. Does not know estates.

use super::{Exit, Launch, ProbeAnswer};
use crate::stdx::time::{Span, Time};

/// What an annotation says of one start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scripted {
    pub exit: Option<Exit>,
    /// `ok`, `fail`, `fail:TEXT`, `okafter:SPAN`, `okuntil:SPAN`.
    probe: String,
    started: Time,
}

/// Reads the annotation of the container that is being started, if its pod has one.
pub fn read(launch: &Launch) -> Option<Scripted> {
    let text = launch.pod_annotations.get(&format!("oracle/{}", launch.container))?;
    let mut scripted = Scripted { started: launch.started, ..Scripted::default() };
    if let Some(message) = text.strip_prefix("starterr=") {
        scripted.exit = Some(Exit { after: Span::ZERO, code: 128, reason: "StartError", message: message.into() });
        return Some(scripted);
    }
    let (mut after, mut code, mut reason) = (None, None, None);
    for part in text.split(';') {
        match part.split_once('=') {
            Some(("after", span)) => after = Span::parse(span),
            Some(("exit", codes)) => {
                let codes: Vec<i32> = codes.split(',').filter_map(|code| code.parse().ok()).collect();
                code = codes.get(launch.restart as usize).or(codes.last()).copied();
            }
            Some(("reason", "OOMKilled")) => reason = Some("OOMKilled"),
            Some((key, rule)) if key.starts_with("probe.") => scripted.probe = rule.into(),
            _ => {}
        }
    }
    if let Some(code) = code {
        let reason = reason.unwrap_or(if code == 0 { "Completed" } else { "Error" });
        let after = after.unwrap_or(Span::millis(100));
        scripted.exit = Some(Exit { after, code, reason, message: String::new() });
    }
    Some(scripted)
}

impl Scripted {
    pub fn answer(&self, exec: bool, tcp: bool, now: Time) -> ProbeAnswer {
        let since = now - self.started;
        let (rule, rest) = self.probe.split_once(':').unwrap_or((&self.probe, ""));
        let span = Span::parse(rest).unwrap_or(Span::ZERO);
        let good = match rule {
            "fail" => false,
            "okafter" => since >= span,
            "okuntil" => since < span,
            _ => true,
        };
        let status = if good { 200 } else { 503 };
        let body = if exec && !good { rest.to_string() } else { String::new() };
        if tcp && !good {
            return ProbeAnswer::Refused;
        }
        ProbeAnswer::Answered { status, after: Span::millis(1), body: body.into() }
    }
}
