//! Many pieces of work at once, as many as there are processors. Does not know what the work is; results come in the order
//! of the pieces, so that nobody can tell how many threads there were.

use crate::drill::check::Hands;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// As much as a main thread usually has: what is deep enough for a script that is played is so for one that is checked.
const STACK_BYTES: usize = 8 << 20;

/// All processors, for whoever has pieces of work.
pub struct Threads;

impl Hands for Threads {
    fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        each(items, work)
    }
}

/// Does something beside, that nobody waits for and that may be cut short by the end of the program. Without a hand for it
/// it is not done.
pub fn beside(work: impl FnOnce() + Send + 'static) {
    let _spawned = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
}

/// Does `work` on every item.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    each_told(items, work, |_| ())
}

/// The same; `tell` is told each result as soon as all before it are there, one at a time.
pub fn each_told<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync, tell: impl Fn(&R) + Sync) -> Vec<R> {
    // What came, by the index of its item, and how much of it was told.
    let (next, done) = (AtomicUsize::new(0), Mutex::new((BTreeMap::new(), 0)));
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return };
            let result = work(item);
            if let Ok(mut done) = done.lock() {
                let (results, told) = &mut *done;
                results.insert(index, result);
                while let Some(result) = results.get(told) {
                    tell(result);
                    *told += 1;
                }
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // With a hand less the work is done as well.
            let _spawned = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, worker);
        }
        worker();
    });
    done.into_inner().map(|(results, _)| results.into_values().collect()).unwrap_or_default()
}
