//! The shop's books: programs that publish, poll and write.
