//! One run: acts in, facts out, a journal that is the whole truth. Does not know the screen or files.

pub mod account;
pub mod act;
pub mod casework;
pub mod changes;
pub mod check;
pub mod claims;
pub mod course;
pub mod door;
pub mod fair;
pub mod fates;
pub mod ghost;
pub mod glimpse;
pub mod hearing;
pub mod hints;
pub mod indicator;
pub mod interview;
pub mod journal;
mod memoriser;
pub mod message;
pub mod notice;
pub mod passing;
pub mod run;
pub mod spoken;
pub mod statement;
pub mod team;
pub mod terms;
pub mod transcript;
pub mod twin;
mod undo;
pub mod volatile;

pub use terms::{Mode, Terms};
