//! Text as a terminal shows it: column widths (CJK is two), clipping, wrapping, and making hostile text harmless.
//! Does not know where the text comes from.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that `text` takes.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The longest start of `text` within `columns`, never cutting a grapheme; `…` replaces what is lost.
pub fn clip(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_string();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = width(grapheme);
        if used + w + 1 > columns {
            break;
        }
        out.push_str(grapheme);
        used += w;
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// The longest end of `text` within `columns`; `…` replaces what is lost.
pub fn clip_start(text: &str, columns: usize) -> String {
    clip_middle(text, columns, 0)
}

/// A start of `text` of at most `start` columns and the longest end that fits; `…` replaces what is lost between.
pub fn clip_middle(text: &str, columns: usize, start: usize) -> String {
    if width(text) <= columns {
        return text.to_string();
    }
    let (mut head, mut used) = (String::new(), 0);
    for grapheme in text.graphemes(true) {
        let w = width(grapheme);
        if used + w > start.min(columns.saturating_sub(1)) {
            break;
        }
        head.push_str(grapheme);
        used += w;
    }
    let (mut from, mut tail) = (text.len(), 0);
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        let w = width(grapheme);
        if used + tail + w + 1 > columns {
            break;
        }
        from = at;
        tail += w;
    }
    let end = text.get(from..).unwrap_or_default();
    if columns > 0 { format!("{head}…{end}") } else { String::new() }
}

/// Wraps at spaces, or inside a word that is longer than a line. Never returns an empty list.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split_inclusive(' ') {
            let w = width(word.trim_end());
            if used > 0 && used + w > columns {
                lines.push(line.trim_end().to_string());
                line = String::new();
                used = 0;
            }
            for grapheme in word.graphemes(true) {
                let g = width(grapheme);
                if used > 0 && used + g > columns && grapheme != " " {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                // A letter wider than a whole line stands on one of its own: nothing is lost.
                if used + g <= columns || used == 0 {
                    line.push_str(grapheme);
                    used += g;
                }
            }
        }
        lines.push(line.trim_end().to_string());
    }
    lines
}

/// Paragraphs of a text written with line ends of its own: a single newline joins, an empty line separates. A line that
/// begins with a blank or a bullet stands alone.
pub fn reflow(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let alone = line.starts_with([' ', '\t', '-', '*', '•']);
        if line.trim().is_empty() {
            if open {
                paragraphs.push(String::new());
            }
            open = false;
        } else if let Some(last) = paragraphs.last_mut().filter(|_| open && !alone) {
            last.push(' ');
            last.push_str(line.trim());
        } else {
            paragraphs.push(line.trim_end().to_string());
            open = !alone;
        }
    }
    while paragraphs.last().is_some_and(String::is_empty) {
        paragraphs.pop();
    }
    paragraphs
}

/// Wraps paragraphs, each as wide as there is room.
pub fn wrap_flowed(text: &str, columns: usize) -> Vec<String> {
    reflow(text).iter().flat_map(|paragraph| wrap(paragraph, columns)).collect()
}

/// Makes third-party text harmless: control characters (except newline and tab), C1, bidirectional overrides,
/// zero-width characters and runs of more than two combining marks become visible or vanish.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        let combining = UnicodeWidthStr::width(c.encode_utf8(&mut [0; 4]) as &str) == 0 && !c.is_control();
        marks = if combining { marks + 1 } else { 0 };
        match c {
            '\n' | '\t' => out.push(c),
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
            '\u{7f}' => out.push('\u{2421}'),
            '\u{80}'..='\u{9f}' => out.push('\u{fffd}'),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                out.push('\u{fffd}');
            }
            _ if combining && marks > 2 => {}
            _ => out.push(c),
        }
    }
    out
}
