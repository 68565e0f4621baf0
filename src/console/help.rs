//! Help made from the rows: the list of programs, one program's page. Does not know what a program does.

use super::page::Line;
use super::program::Program;

/// The help page of one program: usage and examples, then its flags.
pub fn page(program: &Program) -> Vec<Line> {
    let mut lines = vec![Line::plain(format!("{}: {}", program.name, program.doc))];
    lines.extend(program.usage.lines().map(Line::plain));
    if !program.flags.is_empty() {
        lines.push(Line::plain(""));
        let widest = program.flags.iter().map(|f| f.shape().len()).max().unwrap_or(0);
        lines.extend(program.flags.iter().map(|f| Line::plain(format!("  {:widest$}  {}", f.shape(), f.about))));
    }
    lines
}
