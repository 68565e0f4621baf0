//! The in-game price book: what a unit of each usage type costs since when. Does not know quantities.
