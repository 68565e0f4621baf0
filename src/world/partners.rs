//! Third parties: how long they take and how often they fail, since when. Does not know who calls.

/// The third parties of an estate.
#[derive(Clone, Debug, Default)]
pub struct Partners {}
