//! `whodunit`: a terminal trainer for incident response.
//!
//! The rooms, left to right; each may import only the rooms before it (a test reads the imports):
//! `stdx → world → console → scenario → case → drill → report → ui → host`.
//! Everything left of `host` is pure: no clock, files, threads, environment or terminal.
#![forbid(unsafe_code)]

pub mod stdx;

pub mod world;

pub mod console;

pub mod scenario;

pub mod case;

pub mod drill;

pub mod report;

pub mod ui;

pub mod host;
