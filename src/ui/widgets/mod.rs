//! Small parts that screens, panes and overlays share. None knows the game.

pub mod chart;
pub mod editor;
pub mod paint;
pub mod scroll;
pub mod tape;
