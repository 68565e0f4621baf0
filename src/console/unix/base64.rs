//! base64: encodes, and with -d decodes. Other bytes come out than went in, so only a line whose whole text was one fact
//! keeps it. Does not know what was encoded.

use super::{Sink, all_lines, echo, failure};
use crate::console::flag::{self, Flag, Order};
use crate::console::page::{Line, Output};
use crate::console::program::{Context, Program};
use crate::stdx::time::Span;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub static PROGRAM: Program = Program {
    name: "base64",
    aliases: &[],
    doc: "encode or decode base64",
    usage: "Usage: base64 [OPTION]... [FILE]\nExamples:\n  echo c2hvcA== | base64 -d",
    flags: &[
        Flag::switch('d', "decode", "decode"),
        Flag::switch('i', "ignore-garbage", "ignore other characters when decoding"),
        Flag::value('w', "wrap", "COLS", "wrap lines after COLS characters; 0: never"),
    ],
    cost: Span::ZERO,
    run,
    poll: None,
};

/// The columns that GNU's base64 wraps at.
const WRAP: usize = 76;

fn run(context: &mut Context) -> Output {
    let given = match flag::read(&PROGRAM, context.args, Order::Mixed, 1) {
        Ok(given) => given,
        Err(output) => return output,
    };
    let wrap = match given.last("w").map(str::parse::<usize>) {
        None => WRAP,
        Some(Ok(wrap)) => wrap,
        Some(Err(_)) => return failure(format!("base64: invalid wrap size: '{}'", given.last("w").unwrap_or("")), 1),
    };
    let mut sink = Sink::default();
    let lines = all_lines(context, &given.operands, &mut sink, 1);
    if given.has("d") {
        decode(&lines, given.has("i"), &mut sink);
        return sink.output;
    }
    let mut text = String::new();
    for line in &lines {
        text.push_str(&line.text);
        if !line.open {
            text.push('\n');
        }
    }
    let encoded = STANDARD.encode(text.as_bytes());
    if wrap == 0 {
        sink.print(Line { open: true, ..Line::plain(encoded) });
        return sink.output;
    }
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(wrap.min(rest.len()));
        if !sink.print(Line::plain(line)) {
            break;
        }
        rest = tail;
    }
    sink.output
}

fn decode(lines: &[Line], ignore: bool, sink: &mut Sink) {
    let mut body: String = lines.iter().map(|l| l.text.trim_end_matches('\r')).collect();
    if ignore {
        body.retain(|c| c.is_ascii_alphanumeric() || "+/=".contains(c));
    }
    // Several encodings may stand one after the other; what decodes before a mistake is printed, as GNU does.
    let bytes = match STANDARD.decode(&body) {
        Ok(bytes) => bytes,
        Err(_) => {
            let end = body.find(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c))).unwrap_or(body.len());
            let start = STANDARD.decode(body.get(..end / 4 * 4).unwrap_or("")).unwrap_or_default();
            sink.output.code = 1;
            start
        }
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut decoded = echo::lines(&text, false);
    // A decoded Secret shows what the encoded one showed.
    if let ([only], [out]) = (lines, decoded.as_mut_slice()) {
        let whole = only.marks.iter().filter(|m| m.start == 0 && m.end as usize == only.text.len());
        let length = out.text.len() as u32;
        let marks: Vec<_> = whole
            .map(|m| crate::console::page::Mark { start: 0, end: length, fact: std::sync::Arc::clone(&m.fact) })
            .collect();
        out.marks = marks;
    }
    decoded.into_iter().for_each(|line| {
        sink.print(line);
    });
    if sink.output.code != 0 {
        sink.error("base64: invalid input", 1);
    }
}
