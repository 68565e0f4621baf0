//! One connection's bytes, guarded from outside the protocol: a login must be done in time, and whoever is to go goes, even
//! if they read nothing any more. Does not know what the bytes say.

use super::limits;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};

/// Last words take no longer than this to be read.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// What others may do with a connection.
#[derive(Debug, Default)]
pub struct Ward {
    passed: AtomicBool,
    end: Mutex<Option<oneshot::Sender<()>>>,
}

impl Ward {
    /// Somebody has logged in: there is no hurry any more.
    pub fn pass(&self) {
        self.passed.store(true, Ordering::Release);
    }

    pub fn has_passed(&self) -> bool {
        self.passed.load(Ordering::Acquire)
    }

    /// Ends the connection soon; last words may still be read.
    pub fn end(&self) {
        if let Ok(mut end) = self.end.lock() {
            end.take();
        }
    }
}

/// A stream that ends when its ward says so.
pub struct Line {
    stream: TcpStream,
    ward: Arc<Ward>,
    ended: Option<oneshot::Receiver<()>>,
    until: Option<Pin<Box<Sleep>>>,
}

impl Line {
    pub fn new(stream: TcpStream, ward: Arc<Ward>) -> Line {
        let (send, ended) = oneshot::channel();
        if let Ok(mut end) = ward.end.lock() {
            *end = Some(send);
        }
        Line { stream, ward, ended: Some(ended), until: Some(Box::pin(sleep(limits::LOGIN_TIME))) }
    }

    fn is_over(&mut self, cx: &mut Context) -> bool {
        if self.ended.as_mut().is_some_and(|ended| Pin::new(ended).poll(cx).is_ready()) {
            self.ended = None;
            let grace = if self.ward.has_passed() { LAST_WORDS } else { Duration::ZERO };
            self.until = Some(Box::pin(sleep(grace)));
        }
        if self.ended.is_some() && self.ward.has_passed() {
            self.until = None;
        }
        self.until.as_mut().is_some_and(|until| until.as_mut().poll(cx).is_ready())
    }

    fn guarded<T>(&mut self, cx: &mut Context, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_pending() && self.is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        done
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, buf: &mut ReadBuf) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.guarded(cx, done)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, buf: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.guarded(cx, done)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        self.guarded(cx, done)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
