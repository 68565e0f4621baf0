//! A long list that only grows at its end and forgets its beginning beyond a bound. A clone shares all but what is
//! changed afterwards. Does not know what is listed.

use std::collections::VecDeque;
use std::sync::Arc;

/// Items are shared and forgotten in pieces of this many.
pub const PIECE: usize = 512;

/// Items by a running index, which never changes while the item is kept.
#[derive(Clone, Debug)]
pub struct Roll<T> {
    pieces: Arc<VecDeque<Arc<Vec<T>>>>,
    /// The index of the first item still kept; a multiple of [`PIECE`].
    first: u64,
    end: u64,
    /// Pieces kept.
    most: usize,
}

impl<T> Roll<T> {
    /// Keeps at least `most` items (and at most a piece more).
    pub fn new(most: usize) -> Roll<T> {
        Roll { pieces: Arc::default(), first: 0, end: 0, most: most.div_ceil(PIECE) + 1 }
    }

    /// The index of the oldest item kept.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The index that the next item will have.
    pub fn end(&self) -> u64 {
        self.end
    }

    pub fn is_empty(&self) -> bool {
        self.first == self.end
    }

    pub fn get(&self, index: u64) -> Option<&T> {
        let at = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.pieces.get(at / PIECE)?.get(at % PIECE)
    }

    /// Items from an index on, with their indices.
    pub fn starting(&self, index: u64) -> impl Iterator<Item = (u64, &T)> {
        let index = index.clamp(self.first, self.end);
        let skip = (index - self.first) as usize;
        let pieces = self.pieces.iter().skip(skip / PIECE);
        let items = pieces.flat_map(|piece| piece.iter()).skip(skip % PIECE);
        (index..).zip(items)
    }

    /// The index of the first item that is not `before`; those that are come first.
    pub fn since(&self, before: impl Fn(&T) -> bool) -> u64 {
        let (mut low, mut high) = (self.first, self.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&before) { low = middle + 1 } else { high = middle }
        }
        low
    }
}

impl<T: Clone> Roll<T> {
    pub fn push(&mut self, item: T) {
        let pieces = Arc::make_mut(&mut self.pieces);
        match pieces.back_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => Arc::make_mut(piece).push(item),
            None => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(item);
                pieces.push_back(Arc::new(piece));
            }
        }
        self.end += 1;
        if pieces.len() > self.most && pieces.pop_front().is_some() {
            self.first += PIECE as u64;
        }
    }

    pub fn get_mut(&mut self, index: u64) -> Option<&mut T> {
        let at = usize::try_from(index.checked_sub(self.first)?).ok()?;
        if index >= self.end {
            return None;
        }
        Arc::make_mut(Arc::make_mut(&mut self.pieces).get_mut(at / PIECE)?).get_mut(at % PIECE)
    }
}
