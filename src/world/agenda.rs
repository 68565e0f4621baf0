//! Things due, ordered by time and then by the order in which they were put there. Knows nothing of what they are.

use crate::stdx::time::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A queue of due things; equal times come out in the order they went in.
#[derive(Clone)]
pub struct Agenda<T> {
    heap: BinaryHeap<Reverse<Entry<T>>>,
    serial: u64,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    at: Time,
    rank: u8,
    serial: u64,
    due: T,
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.rank, self.serial) == (other.at, other.rank, other.serial)
    }
}
impl<T> Eq for Entry<T> {}
impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.rank, self.serial).cmp(&(other.at, other.rank, other.serial))
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Agenda<T> {
    // In the order in which they come out: how the heap lies in memory depends on when somebody looked.
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let mut entries: Vec<&Entry<T>> = self.heap.iter().map(|Reverse(entry)| entry).collect();
        entries.sort();
        f.debug_struct("Agenda").field("heap", &entries).field("serial", &self.serial).finish()
    }
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Agenda { heap: BinaryHeap::new(), serial: 0 }
    }
}

impl<T> Agenda<T> {
    pub fn push(&mut self, at: Time, due: T) {
        self.push_ranked(at, u8::MAX, due);
    }

    /// Of things due at the same time, lower ranks come first, whenever they were put here.
    pub fn push_ranked(&mut self, at: Time, rank: u8, due: T) {
        self.heap.push(Reverse(Entry { at, rank, serial: self.serial, due }));
        self.serial += 1;
    }

    /// The next due thing at or before `until`.
    pub fn pop_until(&mut self, until: Time) -> Option<(Time, T)> {
        if self.heap.peek()?.0.at > until {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| (entry.at, entry.due))
    }

    /// When the next thing is due.
    pub fn next_at(&self) -> Option<Time> {
        self.heap.peek().map(|entry| entry.0.at)
    }

    /// How many things were ever put here.
    pub fn pushed(&self) -> u64 {
        self.serial
    }

    pub fn len(&self) -> usize {
        self.heap.len()
    }

    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}
