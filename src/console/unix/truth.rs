//! true and false: an exit code and nothing else.

use crate::console::page::Output;
use crate::console::program::Program;
use crate::stdx::time::Span;

pub static TRUE: Program = Program {
    name: "true",
    aliases: &[":"],
    doc: "do nothing, successfully",
    usage: "Usage: true",
    flags: &[],
    cost: Span::ZERO,
    run: |_| Output::default(),
    poll: None,
};

pub static FALSE: Program = Program {
    name: "false",
    aliases: &[],
    doc: "do nothing, unsuccessfully",
    usage: "Usage: false",
    flags: &[],
    cost: Span::ZERO,
    run: |_| Output { code: 1, ..Output::default() },
    poll: None,
};
