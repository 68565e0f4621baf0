//! (nothing here yet)
