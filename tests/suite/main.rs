//! The one integration-test binary. Each module is one kind of proof; see CONTRIBUTING.md.

mod api;
mod apps;
mod broken;
mod cli;
mod consoles;
mod container_logs;
mod crash;
mod describe;
mod drill;
mod fair;
mod folds;
mod journal;
mod kubectl;
mod laws;
mod physics;
mod report;
mod scenarios;
mod score;
mod screens;
mod shell;
mod signals;
mod tables;
mod terminal;
mod tidy;
mod timelines;
mod transcripts;
