//! The detective's side: exhibits, words, hypotheses, verdict, and the score. Does not know the screen.

pub mod absence;
pub mod board;
pub mod concepts;
pub mod debrief;
pub mod evidence;
pub mod forms;
pub mod lexicon;
pub mod pace;
pub mod policy;
pub mod progress;
pub mod score;
