//! Keys in, asks out, a picture. Does not know the terminal, SSH or files.
//!
//! One walk for a key: the top overlay, else the focused pane, else the screen, else the global table; the first that
//! consumes it ends the walk. `update` never draws, `view` never changes.

pub mod ask;
pub mod event;
pub mod face;
pub mod key;
pub mod keymap;
pub mod room;
pub mod seat;
pub mod theme;

pub mod widgets;

pub mod overlays;
pub mod panes;
pub mod screens;

pub use crate::stdx::lang;
pub use face::{Face, Scene, update, view};
