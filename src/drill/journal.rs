//! The journal of a run as bytes: a header line, then one JSON line an act, each with its number, simulated time, the
//! hash of the line before and a checksum. Reading forgives a torn last line and nothing else. Does not know files: the
//! host appends what it is given and syncs before it acknowledges.

use super::act::Act;
use super::run::{Clock, Phase, Run};
use super::terms::Mode;
use crate::case::score::EARLY;
use crate::scenario::shape::Case;
use crate::scenario::stage::Stage;
use crate::stdx::time::{Span, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The form of these lines.
pub const FORMAT: u32 = 1;
/// A line longer than this is not one of ours: the longest is a batch of messages of an outside client.
const LINE_BYTES_MAX: usize = 4 << 20;

/// The first line: what the run is a fold of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub format: u32,
    /// The engine's version, as `score::ENGINE`.
    pub engine: String,
    pub case: String,
    pub variant: String,
    pub seed: u64,
    pub case_hash: String,
    /// `turn` or `live`.
    pub clock: String,
    /// Thousandths of wall time (live clock): 1000 is real time. The fold does not read it.
    pub speed: u32,
    /// Wall-clock time at the start, for people; the fold does not read it.
    pub started: String,
    /// `drill`, `practice`, `daily`, `interview`; empty in a journal from before there were several.
    #[serde(default)]
    pub mode: String,
    /// The time-box of an interview, in minutes of simulated time, if another than the case's was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// The code of the opening that an interview belongs to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub opening: String,
}

impl Header {
    pub fn new(case: &Case, clock: Clock, speed: u32, started: &str) -> Header {
        Header {
            format: FORMAT,
            engine: crate::case::score::ENGINE.to_string(),
            case: case.slug.clone(),
            variant: case.variant.clone(),
            seed: case.seed,
            case_hash: case.hash.clone(),
            clock: if clock == Clock::Live { "live" } else { "turn" }.to_string(),
            speed,
            started: started.to_string(),
            mode: Mode::Drill.name().to_string(),
            minutes: None,
            opening: String::new(),
        }
    }

    /// The same on other terms.
    pub fn of_mode(self, mode: Mode) -> Header {
        Header { mode: mode.name().to_string(), ..self }
    }

    pub fn mode(&self) -> Mode {
        Mode::named(&self.mode).unwrap_or_default()
    }

    pub fn clock(&self) -> Clock {
        if self.clock == "live" { Clock::Live } else { Clock::Turn }
    }
}

/// One act as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3, …
    pub n: u32,
    /// Simulated time at which the act began, milliseconds since 1970.
    pub at: Time,
    pub seat: u16,
    pub act: Act,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Journal {
    pub header: Header,
    pub entries: Vec<Entry>,
    /// Bytes that are whole; what follows is a torn line that the host cuts off before it appends.
    pub whole: usize,
    last: String,
}

/// Why a journal cannot be read or folded: what, where, what next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("journal line {line}: {what}; {next}")]
pub struct Fault {
    /// Counted from 1.
    pub line: u32,
    pub what: String,
    pub next: String,
}

/// Makes lines to append. It remembers only what the next line needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    next: u32,
    prev: String,
}

impl Writer {
    /// Begins a journal: the writer, and the bytes of the header line.
    pub fn begin(header: &Header) -> (Writer, Vec<u8>) {
        let line = sealed(&serde_json::json!({ "prev": "" }), header);
        (Writer { next: 1, prev: hash(line.as_bytes()) }, with_newline(line))
    }

    /// Goes on after what was read.
    pub fn after(journal: &Journal) -> Writer {
        Writer { next: journal.entries.len() as u32 + 1, prev: journal.last.clone() }
    }

    /// The bytes of the next entry.
    pub fn entry(&mut self, at: Time, seat: u16, act: &Act) -> Vec<u8> {
        let entry = Entry { n: self.next, at, seat, act: act.clone() };
        let line = sealed(&serde_json::json!({ "prev": self.prev }), &entry);
        self.next += 1;
        self.prev = hash(line.as_bytes());
        with_newline(line)
    }
}

fn with_newline(mut line: String) -> Vec<u8> {
    line.push('\n');
    line.into_bytes()
}

/// A whole journal, as 64 hex digits of its SHA-256: what is filed beside a run says by it of which journal it speaks.
pub fn fingerprint(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The line before, as 16 hex digits of its SHA-256. It shows accidental damage; it is no protection against malice.
fn hash(line: &[u8]) -> String {
    Sha256::digest(line).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// `{…body…,"prev":"…","crc":"…"}`: the checksum covers everything before its own key.
fn sealed(extra: &serde_json::Value, body: &impl Serialize) -> String {
    let mut text = serde_json::to_string(body).unwrap_or_else(|_| "{}".into());
    text.pop();
    text.push_str(&format!(",\"prev\":{}", extra["prev"]));
    let crc = crc32fast::hash(text.as_bytes());
    text.push_str(&format!(",\"crc\":\"{crc:08x}\"}}"));
    text
}

/// The text of a line without its seal, and the hash it names, if the checksum is right.
fn opened(line: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(line).ok()?;
    let (body, crc) = text.rsplit_once(",\"crc\":\"")?;
    let crc = u32::from_str_radix(crc.strip_suffix("\"}")?, 16).ok()?;
    if crc != crc32fast::hash(body.as_bytes()) {
        return None;
    }
    let (inner, prev) = body.rsplit_once(",\"prev\":\"")?;
    Some((format!("{inner}}}"), prev.strip_suffix('"')?.to_string()))
}

/// Reads a journal. A last line without its newline was torn by a crash and is dropped: it was never acknowledged. A line
/// that ends was acknowledged: anything wrong with it is damage, and an error, wherever it stands.
pub fn parse(bytes: &[u8]) -> Result<Journal, Fault> {
    let mut journal = Journal { header: Header::default(), entries: Vec::new(), whole: 0, last: String::new() };
    let mut at = 0;
    let mut number = 0;
    while at < bytes.len() {
        number += 1;
        let end = bytes[at..].iter().position(|byte| *byte == b'\n').map(|length| at + length);
        let Some(end) = end else { break };
        let line = &bytes[at..end];
        take(&mut journal, number, line)?;
        journal.last = hash(line);
        at = end + 1;
        journal.whole = at;
    }
    if journal.whole == 0 {
        return Err(fault(1, "no whole header line", "this run never began: start it anew"));
    }
    Ok(journal)
}

fn take(journal: &mut Journal, number: u32, line: &[u8]) -> Result<(), Fault> {
    let next = "restore the file from a copy, or cut it before this line to keep what comes before";
    if line.len() > LINE_BYTES_MAX {
        return Err(fault(number, "longer than any line of a journal", next));
    }
    let Some((body, prev)) = opened(line) else { return Err(fault(number, "the checksum is wrong", next)) };
    if number == 1 {
        journal.header = serde_json::from_str(&body)
            .map_err(|error| fault(1, &format!("not a header: {error}"), "this is not a journal of whodunit"))?;
        if journal.header.format != FORMAT {
            let what = format!("format {} (this program reads {FORMAT})", journal.header.format);
            return Err(fault(1, &what, "use the version of whodunit that wrote it"));
        }
        return Ok(());
    }
    if prev != journal.last {
        return Err(fault(number, "it does not follow the line before", next));
    }
    let entry: Entry =
        serde_json::from_str(&body).map_err(|error| fault(number, &format!("not an act: {error}"), next))?;
    if entry.n != number - 1 {
        return Err(fault(number, &format!("entry {} where {} should be", entry.n, number - 1), next));
    }
    journal.entries.push(entry);
    Ok(())
}

fn fault(line: u32, what: &str, next: &str) -> Fault {
    Fault { line, what: what.to_string(), next: next.to_string() }
}

/// The run that a journal is: the case opened and every act applied. The times must come out as they were written.
pub fn fold(journal: &Journal, case: Arc<Case>, stage: Stage) -> Result<Run, Fault> {
    let header = &journal.header;
    if header.case_hash != case.hash || header.seed != case.seed || header.variant != case.variant {
        let what = format!("it was played on another version of `{}`", header.case);
        return Err(fault(1, &what, "grade it from its events instead of replaying it"));
    }
    let mut run = Run::open_as(case, stage, header.clock(), header.mode());
    run.sitting.minutes = header.minutes;
    run.sitting.opening = header.opening.clone();
    for entry in &journal.entries {
        let line = entry.n + 1;
        if run.now() != entry.at {
            let what = format!(
                "the act began at {} then and at {} now",
                entry.at.rfc3339_millis(),
                run.now().rfc3339_millis()
            );
            return Err(fault(line, &what, "another engine wrote it: grade it from its events"));
        }
        let outcome = run.apply(entry.seat, entry.act.clone());
        if outcome.refused {
            let what =
                format!("the act is refused: {}", outcome.notice.map(|said| said.to_string()).unwrap_or_default());
            return Err(fault(line, &what, "another engine wrote it: grade it from its events"));
        }
    }
    if header.mode.is_empty() {
        run.record.scored = EARLY;
        // Before there were modes a verdict ended the run, whatever it was worth.
        if run.board.verdict.is_some() {
            run.phase = Phase::Closed;
        }
    }
    Ok(run)
}

/// Where a fork leaves the run that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// After this entry.
    Entry(u32),
    /// So long after the page: what began later is left out, and a clock that went on beyond it stops there.
    At(Span),
}

/// A journal's beginning as the journal of a run of its own: its bytes, ready to be taken up.
pub fn fork(journal: &Journal, page_at: Time, moment: Moment, started: &str) -> Vec<u8> {
    let header = Header { started: started.to_string(), ..journal.header.clone() };
    let (mut writer, mut bytes) = Writer::begin(&header);
    for entry in &journal.entries {
        let act = match (&entry.act, moment) {
            (_, Moment::Entry(last)) if entry.n > last => break,
            (_, Moment::At(span)) if entry.at >= page_at + span && entry.at > page_at => break,
            (Act::Clock { to }, Moment::At(span)) => Act::Clock { to: (*to).min(span) },
            (act, _) => act.clone(),
        };
        // At the page itself people sit down; a clock that would stand still is none.
        if matches!(act, Act::Clock { to } if page_at + to <= entry.at) {
            break;
        }
        bytes.extend(writer.entry(entry.at, entry.seat, &act));
    }
    bytes
}
