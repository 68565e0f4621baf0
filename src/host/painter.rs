//! Pictures as bytes for a terminal, near or far: a pen that writes cells in the colours a terminal has, and what a far
//! terminal shows, kept as one number a cell. Does not know where the bytes go, nor what is drawn.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};
use std::io::Write;
use unicode_width::UnicodeWidthStr;

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Bold, underline and reverse alone.
    None,
    #[default]
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    Full,
}

impl Depth {
    /// What a terminal says of itself: NO_COLOR (no-color.org), COLORTERM (termstandard/colors), TERM.
    pub fn of(term: &str, colorterm: &str, no_color: &str) -> Depth {
        let has = |words: &[&str]| words.iter().any(|word| term.contains(word));
        if !no_color.is_empty() || term == "dumb" {
            Depth::None
        } else if matches!(colorterm, "truecolor" | "24bit") || has(&["direct", "truecolor", "24bit"]) {
            Depth::Full
        } else if has(&["256color", "kitty", "alacritty", "ghostty", "wezterm"]) {
            Depth::Indexed
        } else {
            Depth::Sixteen
        }
    }
}

/// Writes cells: moves and styles are written only where they are not so already.
#[derive(Debug, Default)]
pub struct Pen {
    depth: Depth,
    /// Where the terminal's own cursor stands, if that is certain.
    at: Option<(u16, u16)>,
    style: Option<(Color, Color, Modifier)>,
}

impl Pen {
    pub fn new(depth: Depth) -> Pen {
        Pen { depth, at: None, style: None }
    }

    /// Writes one cell.
    pub fn cell(&mut self, out: &mut Vec<u8>, (x, y): (u16, u16), cell: &Cell) {
        if self.at != Some((x, y)) {
            // Writing to a vector does not fail.
            let _ = write!(out, "\x1b[{};{}H", y + 1, x + 1);
        }
        let style = (cell.fg, cell.bg, cell.modifier);
        if self.style != Some(style) {
            self.restyle(out, style);
        }
        let symbol = cell.symbol();
        out.extend_from_slice(symbol.as_bytes());
        // How wide a terminal draws anything but plain text is not certain: what comes next says where it stands.
        self.at = (symbol.len() == 1).then_some((x + 1, y));
    }

    fn restyle(&mut self, out: &mut Vec<u8>, style: (Color, Color, Modifier)) {
        let (fg, bg, modifier) = style;
        out.extend_from_slice(b"\x1b[0");
        for (flag, code) in MODIFIERS {
            if modifier.contains(*flag) {
                out.extend_from_slice(code);
            }
        }
        ink(out, fg, self.depth, 30);
        ink(out, bg, self.depth, 40);
        out.push(b'm');
        self.style = Some(style);
    }

    /// Leaves the terminal plain.
    pub fn lift(&mut self, out: &mut Vec<u8>) {
        if self.style.take().is_some() {
            out.extend_from_slice(b"\x1b[0m");
        }
        self.at = None;
    }
}

/// Select Graphic Rendition (ECMA-48, 8.3.117).
const MODIFIERS: &[(Modifier, &[u8])] = &[
    (Modifier::BOLD, b";1"),
    (Modifier::DIM, b";2"),
    (Modifier::ITALIC, b";3"),
    (Modifier::UNDERLINED, b";4"),
    (Modifier::SLOW_BLINK, b";5"),
    (Modifier::RAPID_BLINK, b";6"),
    (Modifier::REVERSED, b";7"),
    (Modifier::HIDDEN, b";8"),
    (Modifier::CROSSED_OUT, b";9"),
];

/// One colour, if the terminal has any; `base` is 30 for letters and 40 for the ground.
fn ink(out: &mut Vec<u8>, color: Color, depth: Depth, base: u8) {
    if depth == Depth::None {
        return;
    }
    let _ = match (color, depth) {
        (Color::Reset, _) => Ok(()),
        (Color::Rgb(r, g, b), Depth::Full) => write!(out, ";{};2;{r};{g};{b}", base + 8),
        (Color::Rgb(r, g, b), Depth::Indexed) => write!(out, ";{};5;{}", base + 8, indexed(r, g, b)),
        (Color::Rgb(r, g, b), _) => basic(out, sixteen(r, g, b), base),
        (Color::Indexed(n), Depth::Indexed | Depth::Full) => write!(out, ";{};5;{n}", base + 8),
        (Color::Indexed(n), _) if n < 16 => basic(out, n, base),
        (Color::Indexed(n), _) => {
            let (r, g, b) = components(n);
            basic(out, sixteen(r, g, b), base)
        }
        (named, _) => basic(out, number(named), base),
    };
}

/// One of the sixteen.
fn basic(out: &mut Vec<u8>, number: u8, base: u8) -> std::io::Result<()> {
    if number < 8 { write!(out, ";{}", base + number) } else { write!(out, ";{}", base + 60 + number - 8) }
}

fn number(named: Color) -> u8 {
    match named {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        _ => 15,
    }
}

/// The nearest step of the 6×6×6 cube of xterm's palette.
fn indexed(r: u8, g: u8, b: u8) -> u8 {
    let step = |value: u8| {
        if value < 48 {
            0
        } else if value < 115 {
            1
        } else {
            (value - 35) / 40
        }
    };
    16 + 36 * step(r) + 6 * step(g) + step(b)
}

/// A colour of the 256 as its parts.
fn components(n: u8) -> (u8, u8, u8) {
    if n >= 232 {
        let grey = 8 + 10 * (n - 232);
        return (grey, grey, grey);
    }
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let cube = n.saturating_sub(16);
    (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
}

/// Bright or dark by its strongest part; which parts are strong gives the hue.
fn sixteen(r: u8, g: u8, b: u8) -> u8 {
    let strongest = r.max(g).max(b);
    if strongest < 48 {
        return 0;
    }
    let strong = |value: u8, bit: u8| if u16::from(value) * 2 > u16::from(strongest) { bit } else { 0 };
    let hue = strong(r, 1) | strong(g, 2) | strong(b, 4);
    if strongest > 170 {
        hue + 8
    } else if hue == 7 && strongest < 110 {
        8
    } else {
        hue
    }
}

/// What a far terminal shows: a number a cell in place of the cell, so that a seat costs little.
#[derive(Debug, Default)]
pub struct Shown {
    columns: u16,
    cells: Vec<u64>,
    caret: Option<Position>,
    /// All is to be drawn anew.
    stale: bool,
}

/// No cell has these numbers: nothing is known of it; it is the right half of a wide character.
const UNKNOWN: u64 = 0;
const COVERED: u64 = 1;

impl Shown {
    pub fn new() -> Shown {
        Shown { stale: true, ..Shown::default() }
    }

    /// Forgets what is shown: the next picture is drawn whole.
    pub fn forget(&mut self) {
        self.stale = true;
    }

    /// Writes what turns the shown picture into the next one; nothing where nothing changed.
    pub fn paint(&mut self, next: &Buffer, caret: Option<Position>, depth: Depth, out: &mut Vec<u8>) {
        if self.columns != next.area.width || self.cells.len() != next.content.len() {
            self.columns = next.area.width;
            // What a larger terminal needed is given back.
            self.cells = vec![UNKNOWN; next.content.len()];
            self.stale = true;
        }
        let (begun, whole) = (out.len(), self.stale);
        if whole {
            out.extend_from_slice(b"\x1b[0m\x1b[?25l\x1b[2J");
            self.cells.fill(UNKNOWN);
            self.caret = None;
            self.stale = false;
        } else if self.caret.is_some() {
            out.extend_from_slice(b"\x1b[?25l");
        }
        let drawn = out.len();
        let mut pen = Pen::new(depth);
        let (columns, mut covered) = (usize::from(self.columns.max(1)), false);
        for (at, (cell, known)) in next.content.iter().zip(self.cells.iter_mut()).enumerate() {
            let x = at % columns;
            if covered && x > 0 {
                covered = false;
                *known = COVERED;
                continue;
            }
            covered = cell.symbol().len() > 1 && cell.symbol().width() > 1;
            let number = number_of(cell);
            if *known != number {
                *known = number;
                pen.cell(out, (x as u16, (at / columns) as u16), cell);
            }
        }
        pen.lift(out);
        if !whole && out.len() == drawn && self.caret == caret {
            out.truncate(begun);
            return;
        }
        if let Some(at) = caret {
            let _ = write!(out, "\x1b[{};{}H\x1b[?25h", at.y + 1, at.x + 1);
        }
        self.caret = caret;
    }
}

/// A cell as one number; two different cells have the same one once in 2⁶⁴.
fn number_of(cell: &Cell) -> u64 {
    // Odd constants of the golden ratio and of SplitMix64's finaliser (Steele, Lea, Flood 2014).
    const A: u64 = 0x9e37_79b9_7f4a_7c15;
    const B: u64 = 0xbf58_476d_1ce4_e5b9;
    let mut number = 0u64;
    for part in cell.symbol().as_bytes().chunks(8) {
        let mut bytes = [0; 8];
        bytes[..part.len()].copy_from_slice(part);
        number = (number ^ u64::from_le_bytes(bytes)).wrapping_mul(A).rotate_left(29);
    }
    let style = u64::from(code(cell.fg)) << 32 | u64::from(code(cell.bg));
    number = (number ^ style).wrapping_mul(B).rotate_left(31);
    number = (number ^ u64::from(cell.modifier.bits())).wrapping_mul(A);
    (number ^ number >> 32).max(COVERED + 1)
}

fn code(color: Color) -> u32 {
    match color {
        Color::Reset => 0,
        Color::Indexed(n) => 0x100 | u32::from(n),
        Color::Rgb(r, g, b) => 0x0100_0000 | u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b),
        named => 0x200 | u32::from(number(named)),
    }
}
