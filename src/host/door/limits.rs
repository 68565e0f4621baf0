//! What a client may take of the door: sizes, times, connections, requests a second. Does not know what is asked.

use std::time::{Duration, Instant};

/// Connections at a time; more are closed at once. An SDK keeps ten.
pub const CONNECTIONS_MAX: usize = 64;
/// Bytes of a request's head.
pub const HEAD_BYTES_MAX: usize = 64 << 10;
/// Headers of a request.
pub const HEADERS_MAX: usize = 100;
/// Bytes of a body: SQS takes 1 MiB of messages, which a form may triple.
pub const BODY_BYTES_MAX: usize = 4 << 20;
/// A head must have come after so long; an idle connection is closed after it.
pub const HEAD_TIME: Duration = Duration::from_secs(15);
/// A body must have come after so long.
pub const BODY_TIME: Duration = Duration::from_secs(15);
/// A reader that takes nothing for so long is dropped.
pub const STALL: Duration = Duration::from_secs(10);
/// An answer is waited for so long: three long polls.
pub const ANSWER_TIME: Duration = Duration::from_secs(60);
/// Requests a second, on average.
const PER_SECOND: f64 = 100.0;
/// Requests at once.
const BURST: f64 = 200.0;

/// A bucket of requests that fills with time.
#[derive(Debug)]
pub struct Bucket {
    left: f64,
    since: Instant,
}

impl Default for Bucket {
    fn default() -> Bucket {
        Bucket { left: BURST, since: Instant::now() }
    }
}

impl Bucket {
    /// Whether one more may come now.
    pub fn take(&mut self) -> bool {
        let now = Instant::now();
        let passed = now.duration_since(self.since).as_secs_f64();
        self.since = now;
        self.left = (self.left + passed * PER_SECOND).min(BURST);
        let some = self.left >= 1.0;
        if some {
            self.left -= 1.0;
        }
        some
    }
}
