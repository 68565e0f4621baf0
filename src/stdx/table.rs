//! Column widths of tab-separated text by the elastic rule of Go's text/tabwriter: a column is a run of consecutive lines
//! that have a tab-terminated cell at that place. Does not know what the cells say.

/// How wide a column is at least, and how much blank follows its widest cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub min: usize,
    pub pad: usize,
}

/// `kubectl get`, `events`, `top`: cli-runtime's writer.
pub const LISTING: Style = Style { min: 6, pad: 3 };
/// `kubectl describe`, `rollout history`.
pub const DESCRIPTION: Style = Style { min: 0, pad: 2 };

/// The padded width of every cell but the last of each line. `lines` holds the widths of a line's cells; all but the last
/// are ended by a tab, and a line always has at least one cell.
pub fn layout(lines: &[Vec<usize>], style: Style) -> Vec<Vec<usize>> {
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|l| Vec::with_capacity(l.len().saturating_sub(1))).collect();
    // Lines that still have a cell in the column at hand; the list shrinks, so long lines cost only themselves.
    let mut active: Vec<usize> = (0..lines.len()).filter(|&i| lines[i].len() > 1).collect();
    let mut column = 0;
    while !active.is_empty() {
        let mut start = 0;
        while start < active.len() {
            let mut end = start + 1;
            while end < active.len() && active[end] == active[end - 1] + 1 {
                end += 1;
            }
            let widest = active[start..end].iter().map(|&i| lines[i][column]).max().unwrap_or(0);
            let width = style.min.max(widest + style.pad);
            for &i in &active[start..end] {
                widths[i].push(width);
            }
            start = end;
        }
        column += 1;
        active.retain(|&i| lines[i].len() > column + 1);
    }
    widths
}
