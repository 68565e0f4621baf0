//! The one integration-test binary. Each module is one kind of proof; see CONTRIBUTING.md.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests start real programs and wait for them: they are the outside"
)]

mod acts;
mod api;
mod apps;
mod aws_absence;
mod aws_balance;
mod aws_cli;
mod aws_conservation;
mod aws_door;
mod aws_extremes;
mod aws_functions;
mod aws_guards;
mod aws_messages;
mod aws_money;
mod aws_network;
mod aws_past;
mod aws_traps;
mod aws_watch;
mod aws_weather;
mod broken;
mod browser;
mod cases_messages;
mod cases_money;
mod cli;
mod consoles;
mod container_logs;
mod course;
mod crash;
mod debriefing;
mod describe;
mod dial;
mod drill;
mod extremes;
mod faces;
mod fair;
mod fairness;
mod families;
mod folds;
mod forms;
mod gameday;
mod gameday_paper;
mod iac;
mod interview;
mod jobs;
mod journal;
mod kubectl;
mod laws;
mod ledger;
mod library;
mod manual;
mod panes;
mod physics;
mod progress;
mod report;
mod scenarios;
mod score;
mod screens;
mod seats;
mod serve;
mod shell;
mod signals;
mod tables;
mod terminal;
mod texts;
mod tidy;
mod timelines;
mod transcripts;
mod words;
