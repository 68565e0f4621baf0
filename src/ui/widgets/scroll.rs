//! A place in a list: the chosen row and the first row shown. Does not know what the rows are.

use crate::ui::keymap::Do;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    pub at: usize,
    pub top: usize,
}

impl Scroll {
    /// Moves over `count` rows of which `height` are shown; false if the command is no motion.
    pub fn motion(&mut self, does: Do, count: usize, height: usize) -> bool {
        let last = count.saturating_sub(1);
        let page = height.max(2) - 1;
        self.at = match does {
            Do::Down => self.at + 1,
            Do::Up => self.at.saturating_sub(1),
            Do::PageDown => self.at + page,
            Do::PageUp => self.at.saturating_sub(page),
            Do::Top => 0,
            Do::Bottom => last,
            _ => return false,
        }
        .min(last);
        self.show(count, height);
        true
    }

    /// Keeps the chosen row in sight.
    pub fn show(&mut self, count: usize, height: usize) {
        self.at = self.at.min(count.saturating_sub(1));
        let height = height.max(1);
        if self.at < self.top {
            self.top = self.at;
        }
        if self.at >= self.top + height {
            self.top = self.at + 1 - height;
        }
        self.top = self.top.min(count.saturating_sub(height));
    }

    /// Moves the view itself (no chosen row): for text that is only read.
    pub fn slide(&mut self, does: Do, count: usize, height: usize) -> bool {
        let most = count.saturating_sub(height);
        let page = height.max(2) - 1;
        self.top = match does {
            Do::Down => self.top + 1,
            Do::Up => self.top.saturating_sub(1),
            Do::PageDown => self.top + page,
            Do::PageUp => self.top.saturating_sub(page),
            Do::Top => 0,
            Do::Bottom => most,
            _ => return false,
        }
        .min(most);
        self.at = self.top;
        true
    }

    /// The same, and by sections that start at the rows `starts`.
    pub fn turn(&mut self, does: Do, count: usize, height: usize, starts: &[usize]) -> bool {
        let most = count.saturating_sub(height);
        self.top = match does {
            Do::NextSection => starts.iter().copied().find(|start| *start > self.top).unwrap_or(self.top).min(most),
            Do::PreviousSection => starts.iter().rev().copied().find(|start| *start < self.top).unwrap_or(0),
            _ => return self.slide(does, count, height),
        };
        true
    }
}
