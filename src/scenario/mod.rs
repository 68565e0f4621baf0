//! Scenario files (format 1): shapes, checks, and the cast that turns a file, a seed and a variant into a world with its
//! script. Does not know the board or the score.

pub mod base;
pub mod card;
pub mod cast;
pub mod check;
pub mod estate;
pub mod family;
pub mod file;
pub mod format;
pub mod gameday;
pub mod harm;
pub mod keys;
pub mod lower;
pub mod overlay;
pub mod pattern;
pub mod problem;
pub mod roles;
pub mod schema;
pub mod shape;
pub mod skin;
pub mod source;
pub mod stage;
pub mod template;
mod together;
pub mod tongue;
pub mod tree;
pub mod words;

pub use cast::{cast, twin};
pub use check::{Depth, Report, check};
pub use problem::{Problem, Severity, render};
pub use schema::schema;
pub use source::{Pack, find, library};
pub use template::new;
