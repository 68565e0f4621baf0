//! The text tools of the shell: one file a tool. They see lines with facts and nothing else.
