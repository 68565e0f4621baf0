//! The outside: arguments, the one event pump, terminal, files. Knows no rule of the game.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this room is the outside")]

pub mod cases;
mod cli;
mod commands;
pub mod door;
pub mod gameday;
mod gameday_papers;
mod guard;
mod harm;
mod interview;
mod interview_pack;
pub mod painter;
mod places;
mod plain;
mod progress;
mod pump;
mod runs;
mod show;
mod table;
mod terminal;
mod texts;
mod threads;

pub use cli::main;
