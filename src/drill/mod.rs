//! One run: acts in, facts out, a journal that is the whole truth. Does not know the screen or files.

pub mod act;
pub mod run;
pub mod transcript;
