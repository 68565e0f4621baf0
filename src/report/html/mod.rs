//! The debrief as one HTML file that needs nothing else: a page a part, in the order of a good debriefing. Does not know the
//! screen.

pub mod chart;
pub mod page;
