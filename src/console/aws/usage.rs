//! What the client says when a command line cannot be read. Does not know why it cannot.

use crate::console::page::{Line, Output};

/// Exit codes of the client's first version: the words could not be read; anything else went wrong.
pub const MISREAD: i32 = 2;
pub const FAILED: i32 = 255;

/// Before every complaint about words. The client writes `usage: ` and a carriage return first, which a screen does not keep.
const USAGE: [&str; 8] = [
    "Note: AWS CLI version 2, the latest major version of the AWS CLI, is now stable and recommended for general use. For more information, see the AWS CLI version 2 installation instructions at: https://docs.aws.amazon.com/cli/latest/userguide/install-cliv2.html",
    "",
    "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]",
    "To see help text, you can run:",
    "",
    "  aws help",
    "  aws <command> help",
    "  aws <command> <subcommand> help",
];

fn errors(lines: &mut Vec<Line>, text: &str) {
    lines.extend(text.split('\n').map(Line::err));
}

/// The words could not be read.
pub fn misread(text: &str) -> Output {
    let mut lines: Vec<Line> = USAGE.iter().map(|line| Line::err(*line)).collect();
    errors(&mut lines, &format!("aws: error: {text}"));
    Output { lines, code: MISREAD, ..Output::default() }
}

/// Options that nothing knows.
pub fn unknown(extras: &[String], near: Option<String>) -> Output {
    let mut lines: Vec<Line> = USAGE.iter().map(|line| Line::err(*line)).collect();
    errors(&mut lines, &format!("\nUnknown options: {}", extras.join(", ")));
    lines.extend(near.map(|near| Line::hint(format!("did you mean {near}?"))));
    Output { lines, code: FAILED, ..Output::default() }
}

/// Anything else that went wrong: an empty line, then what.
pub fn failed(text: &str) -> Output {
    let mut lines = vec![Line::err("")];
    errors(&mut lines, text);
    Output { lines, code: FAILED, ..Output::default() }
}

/// Like [`failed`], without the empty line.
pub fn plain(text: &str) -> Output {
    let mut lines = Vec::new();
    errors(&mut lines, text);
    Output { lines, code: FAILED, ..Output::default() }
}
