//! Lines and bars over time with an axis, in braille or block glyphs, or in plain characters. Absence is a gap, never a zero.
//! Does not know what is measured.

use super::paint::{self, Lines};
use crate::stdx::time::{Span, Time};
use crate::ui::face::Look;
use crate::ui::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Points of one line, rising by time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub name: String,
    pub points: Vec<(Time, f64)>,
}

/// What is drawn: all series on one scale, the chosen one in front, a cursor at a time.
pub struct Chart<'a> {
    pub series: &'a [Series],
    pub chosen: usize,
    pub cursor: Option<Time>,
}

/// Columns of the axis to the left.
const AXIS: u16 = 9;
/// Signs of series where there is no braille.
const LETTERS: &str = "*+ox#%@&";

/// From when to when there is something.
pub fn span(series: &[Series]) -> Option<(Time, Time)> {
    let times = || series.iter().flat_map(|line| line.points.iter().map(|(at, _)| *at));
    Some((times().min()?, times().max()?))
}

/// A number in few columns: `12.3M`, `0.0042`.
pub fn short(value: f64) -> String {
    let size = value.abs();
    let steps = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")];
    if let Some((_, unit)) = steps.iter().find(|(from, _)| size >= *from) {
        let of = if *unit == "k" { 1e3 } else { steps.iter().find(|row| row.1 == *unit).map_or(1.0, |row| row.0) };
        return trimmed(format!("{:.1}", value / of)) + unit;
    }
    match size {
        _ if size == 0.0 => "0".into(),
        _ if size >= 100.0 => trimmed(format!("{value:.1}")),
        _ if size >= 1.0 => trimmed(format!("{value:.2}")),
        _ if size >= 0.0001 => trimmed(format!("{value:.4}")),
        _ => format!("{value:.1e}"),
    }
}

fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

impl Chart<'_> {
    /// The chart in its area: as many rows as there are, the last for times.
    pub fn draw(&self, look: &Look, area: Rect, buf: &mut Buffer) {
        if area.height < 3 || area.width < AXIS + 8 {
            return;
        }
        let Some((from, to)) = span(self.series) else { return };
        let values = || {
            self.series.iter().flat_map(|line| line.points.iter().map(|(_, value)| *value)).filter(|v| v.is_finite())
        };
        let most = values().fold(f64::MIN, f64::max);
        // Zero belongs to the picture unless everything is far from it.
        let least = values().fold(f64::MAX, f64::min).min(if most > 0.0 { 0.0 } else { f64::MAX });
        let plot = Rect { x: area.x + AXIS, width: area.width - AXIS, height: area.height - 1, ..area };
        let scale = Scale { from, to, least, height: if most > least { most - least } else { 1.0 }, plot };
        axis(look, &scale, buf);
        if let Some(cursor) = self.cursor {
            let x = plot.x + scale.column(cursor, 1) as u16;
            let glyph = if look.lines == Lines::Ascii { "|" } else { "│" };
            (plot.top()..plot.bottom()).for_each(|y| _ = paint::text(buf, (x, y), 1, glyph, look.of(Role::Border)));
        }
        for (index, line) in self.series.iter().enumerate().filter(|(index, _)| *index != self.chosen) {
            scale.line(look, line, index, Role::Dim, buf);
        }
        if let Some(line) = self.series.get(self.chosen) {
            scale.line(look, line, self.chosen, Role::Info, buf);
        }
    }
}

/// How times and values become places.
struct Scale {
    from: Time,
    to: Time,
    least: f64,
    height: f64,
    plot: Rect,
}

impl Scale {
    /// The column of a time, with so many columns in a cell.
    fn column(&self, at: Time, fine: i64) -> i64 {
        let columns = i64::from(self.plot.width) * fine - 1;
        let length = (self.to - self.from).0.max(1);
        ((at - self.from).0.clamp(0, length) as i128 * i128::from(columns) / i128::from(length)) as i64
    }

    /// The row of a value from the top, with so many rows in a cell.
    fn row(&self, value: f64, fine: i64) -> i64 {
        let rows = i64::from(self.plot.height) * fine - 1;
        let up = ((value - self.least) / self.height * rows as f64).round() as i64;
        (rows - up).clamp(0, rows)
    }

    fn line(&self, look: &Look, line: &Series, index: usize, role: Role, buf: &mut Buffer) {
        let ascii = look.lines == Lines::Ascii;
        let (across, down) = if ascii { (1, 1) } else { (2, 4) };
        let (width, height) = (usize::from(self.plot.width), usize::from(self.plot.height));
        let mut cells = vec![0_u8; width * height];
        let mut dot = |x: i64, y: i64| {
            let place = (y / down) as usize * width + (x / across) as usize;
            if let Some(cell) = cells.get_mut(place) {
                *cell |= bit((x % across) as usize, (y % down) as usize);
            }
        };
        // What stands farther apart than twice the usual step is not joined: there was no data.
        let joined = usual(&line.points) * 2;
        let mut before: Option<(Time, i64, i64)> = None;
        for (at, value) in line.points.iter().filter(|(_, value)| value.is_finite()) {
            let (x, y) = (self.column(*at, across), self.row(*value, down));
            match before {
                Some((then, from_x, from_y)) if (*at - then).0 <= joined => {
                    let steps = (x - from_x).abs().max((y - from_y).abs()).max(1);
                    (0..=steps).for_each(|n| dot(from_x + (x - from_x) * n / steps, from_y + (y - from_y) * n / steps));
                }
                _ => dot(x, y),
            }
            before = Some((*at, x, y));
        }
        let letter = LETTERS.get(index % LETTERS.len()..).and_then(|rest| rest.get(..1)).unwrap_or("*");
        for (place, cell) in cells.iter().enumerate().filter(|(_, cell)| **cell != 0) {
            let at = (self.plot.x + (place % width) as u16, self.plot.y + (place / width) as u16);
            let braille = char::from_u32(0x2800 + u32::from(*cell)).unwrap_or('·').to_string();
            paint::text(buf, at, 1, if ascii { letter } else { &braille }, look.of(role));
        }
    }
}

/// Dots of a braille cell: two columns of four (Unicode, "Braille Patterns").
fn bit(x: usize, y: usize) -> u8 {
    const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
    BITS.get(x).and_then(|column| column.get(y)).copied().unwrap_or(1)
}

/// The commonest small distance of points, in milliseconds.
fn usual(points: &[(Time, f64)]) -> i64 {
    let mut steps: Vec<i64> =
        points.iter().zip(points.iter().skip(1)).map(|(a, b)| (b.0 - a.0).0).filter(|step| *step > 0).collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().unwrap_or(0)
}

fn axis(look: &Look, scale: &Scale, buf: &mut Buffer) {
    let plot = scale.plot;
    let rows = [0, plot.height / 2, plot.height - 1];
    let bar = if look.lines == Lines::Ascii { "|" } else { "┤" };
    for row in rows {
        let part = 1.0 - f64::from(row) / f64::from((plot.height - 1).max(1));
        let label = short(scale.least + scale.height * part);
        let x = plot.x - 2 - (label.len() as u16).min(AXIS - 2);
        paint::text(buf, (x, plot.y + row), AXIS - 2, &label, look.of(Role::Dim));
        paint::text(buf, (plot.x - 1, plot.y + row), 1, bar, look.of(Role::Border));
    }
    // Days are named where the picture spans more than one.
    let stamp = |at: Time| if scale.from.date() == scale.to.date() { at.hour_minute() } else { day_minute(at) };
    let middle = scale.from + Span((scale.to - scale.from).0 / 2);
    let (first, last) = (stamp(scale.from), stamp(scale.to));
    let y = plot.bottom();
    let put = |buf: &mut Buffer, x: u16, text: &str| {
        _ = paint::text(buf, (x, y), plot.right().saturating_sub(x), text, look.of(Role::Dim))
    };
    put(buf, plot.x, &first);
    if usize::from(plot.width) > first.len() + last.len() + 16 {
        put(buf, plot.x + plot.width / 2 - 3, &stamp(middle));
    }
    if usize::from(plot.width) > first.len() + last.len() + 1 {
        put(buf, plot.right() - last.len() as u16, &last);
    }
}

/// `02-28 14:00`.
pub fn day_minute(at: Time) -> String {
    format!("{} {}", at.date().get(5..).unwrap_or_default(), at.hour_minute())
}

/// One column of bars: eighths of rows from the bottom. `None` is a gap.
pub fn bars(look: &Look, values: &[Option<f64>], chosen: Option<usize>, area: Rect, buf: &mut Buffer) {
    const EIGHTHS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let most = values.iter().flatten().fold(0.0_f64, |most, value| most.max(*value));
    for (column, value) in values.iter().enumerate().take(usize::from(area.width)) {
        let x = area.x + column as u16;
        let role = if chosen == Some(column) { Role::Focus } else { Role::Info };
        let Some(value) = *value else { continue };
        if value <= 0.0 || most <= 0.0 {
            // Nothing was spent, and that is known.
            paint::text(buf, (x, area.bottom() - 1), 1, "_", look.of(Role::Dim));
            continue;
        }
        let eighths = (value / most * f64::from(area.height) * 8.0).ceil() as i64;
        for row in 0..area.height {
            let rest = eighths - i64::from(row) * 8;
            if rest <= 0 {
                break;
            }
            let glyph = EIGHTHS.get(rest.min(8) as usize - 1).copied().unwrap_or("█");
            let glyph = if look.lines == Lines::Ascii { if chosen == Some(column) { "@" } else { "#" } } else { glyph };
            paint::text(buf, (x, area.bottom() - 1 - row), 1, glyph, look.of(role));
        }
    }
}
