//! A debrief written out: one file a format. Does not know the screen.
