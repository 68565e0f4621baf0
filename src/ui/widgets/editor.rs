//! One line of text being written: readline's motions over graphemes. Does not know keys or what the text is for.

use crate::ui::keymap::Do;
use crate::ui::widgets::paint;
use unicode_segmentation::UnicodeSegmentation;

/// A typed line is never longer than this many bytes; more is refused, so that a flood costs nothing.
pub const LINE_BYTES_MAX: usize = 4_096;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Editor {
    text: String,
    /// A byte offset on a grapheme boundary.
    caret: usize,
    /// What was cut last, for `recall`.
    cut: String,
}

impl Editor {
    pub fn new(text: &str) -> Editor {
        let mut editor = Editor::default();
        editor.set(text);
        editor
    }
    pub fn text(&self) -> &str {
        &self.text
    }
    pub fn caret(&self) -> usize {
        self.caret
    }
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
    /// Replaces everything; the caret goes to the end.
    pub fn set(&mut self, text: &str) {
        self.text.clear();
        self.caret = 0;
        self.insert(text);
    }
    pub fn take(&mut self) -> String {
        self.caret = 0;
        std::mem::take(&mut self.text)
    }
    /// Columns left of the caret.
    pub fn caret_column(&self) -> usize {
        paint::columns(&self.text[..self.caret])
    }
    /// Inserts at the caret; control characters are left out.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control() || *c == '\n') {
            if self.text.len() + c.len_utf8() > LINE_BYTES_MAX {
                return;
            }
            self.text.insert(self.caret, c);
            self.caret += c.len_utf8();
        }
    }
    /// Replaces `start..caret` (a completion).
    pub fn replace_from(&mut self, start: usize, text: &str) {
        if start <= self.caret && self.text.is_char_boundary(start) {
            self.text.replace_range(start..self.caret, "");
            self.caret = start;
            self.insert(text);
        }
    }

    /// Does an editing command; false if it is none of the editor's.
    pub fn edit(&mut self, does: Do) -> bool {
        match does {
            Do::LeftChar => self.caret = self.before(),
            Do::RightChar => self.caret = self.after(),
            Do::LineStart => self.caret = 0,
            Do::LineEnd => self.caret = self.text.len(),
            Do::WordLeft => self.caret = self.word_before(),
            Do::WordRight => self.caret = self.word_after(),
            Do::Erase => self.remove(self.before(), self.caret),
            Do::EraseForward => self.remove(self.caret, self.after()),
            Do::EraseWord => self.cut(self.word_before(), self.caret),
            Do::EraseToStart => self.cut(0, self.caret),
            Do::EraseToEnd => self.cut(self.caret, self.text.len()),
            Do::Recall => {
                let cut = self.cut.clone();
                self.insert(&cut);
            }
            _ => return false,
        }
        true
    }

    fn before(&self) -> usize {
        self.text[..self.caret].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }
    fn after(&self) -> usize {
        self.text[self.caret..].graphemes(true).next().map_or(self.caret, |g| self.caret + g.len())
    }
    fn word_before(&self) -> usize {
        let left = self.text[..self.caret].trim_end();
        left.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8())
    }
    fn word_after(&self) -> usize {
        let right = &self.text[self.caret..];
        let blank = right.len() - right.trim_start().len();
        let word = right.trim_start();
        self.caret + blank + word.find(char::is_whitespace).unwrap_or(word.len())
    }
    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.caret = from;
    }
    fn cut(&mut self, from: usize, to: usize) {
        self.cut = self.text[from..to].to_string();
        self.remove(from, to);
    }
}
