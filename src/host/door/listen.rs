//! Listening on loopback: one thread, HTTP/1.1, every request read whole within limits and handed to a service. Refuses
//! names that are not loopback's and pages of browsers. Does not know what is asked.

use super::limits;
use super::{Message, Reply};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Sleep, sleep, timeout};

/// An answer that is on its way.
pub type Answering = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// What is served behind a door.
pub trait Service: Send + Sync + 'static {
    /// Answers a request.
    fn answer(self: Arc<Self>, message: Message) -> Answering;
    /// A request whose body was longer than is read, in the service's words.
    fn too_large(&self, message: &Message) -> Reply;
}

/// An open door. It closes when this is dropped: what is being answered then is cut off.
#[derive(Debug)]
pub struct Door {
    pub address: SocketAddr,
    _close: oneshot::Sender<()>,
}

/// A place to listen at; port 0 is any free one.
pub fn bind(port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until the door is dropped.
pub fn open(listener: TcpListener, service: Arc<dyn Service>) -> io::Result<Door> {
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (close, closed) = oneshot::channel();
    std::thread::Builder::new().name("door".into()).spawn(move || {
        runtime.block_on(async move {
            tokio::select! {
                _ = accept(listener, address, service) => {}
                _ = closed => {}
            }
        });
    })?;
    Ok(Door { address, _close: close })
}

async fn accept(listener: TcpListener, address: SocketAddr, service: Arc<dyn Service>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(limits::CONNECTIONS_MAX));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles, or the peer is gone already: others may do better in a moment.
            sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            serve(stream, address, service).await;
            drop(place);
        });
    }
}

/// One connection, until its client leaves it or is made to.
async fn serve(stream: TcpStream, address: SocketAddr, service: Arc<dyn Service>) {
    let answer = hyper::service::service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { Ok::<_, std::convert::Infallible>(answered(request, address, service).await) }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD_TIME)
        .max_buf_size(limits::HEAD_BYTES_MAX)
        .max_headers(limits::HEADERS_MAX);
    let io = TokioIo::new(Paced { stream, stall: None });
    // A client that breaks the protocol was answered 400 by hyper; nobody else hears of it.
    let _ = builder.serve_connection(io, answer).await;
}

async fn answered(request: Request<Incoming>, address: SocketAddr, service: Arc<dyn Service>) -> Response<Full<Bytes>> {
    let head = *request.method() == Method::HEAD;
    if let Some(refusal) = stranger(&request, address) {
        return response(refusal, head);
    }
    let mut message = head_of(&request);
    let body = Limited::new(request.into_body(), limits::BODY_BYTES_MAX).collect();
    match timeout(limits::BODY_TIME, body).await {
        Ok(Ok(whole)) => message.body = whole.to_bytes().to_vec(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return close(response(service.too_large(&message), head));
        }
        Ok(Err(_)) => return close(response(Reply::new(400, "text/plain", "the body broke off\n"), head)),
        Err(_) => return close(response(Reply::new(408, "text/plain", "the body did not come\n"), head)),
    }
    response(service.answer(message).await, head)
}

/// What is left of the body cannot be passed over: the connection ends with this answer.
fn close(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response.headers_mut().insert(hyper::header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Names other than loopback's own are those of a page that had its name point here (DNS rebinding); an Origin is that of
/// any page of a browser. No client of an API sends either.
fn stranger(request: &Request<Incoming>, address: SocketAddr) -> Option<Reply> {
    let port = address.port();
    let own = |name: &str| {
        let (host, number) = name.rsplit_once(':').unwrap_or((name, "80"));
        ["127.0.0.1", "localhost", "[::1]"].contains(&host) && number.parse() == Ok(port)
    };
    let hosts = request.headers().get_all(HOST);
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let named = hosts.iter().all(|host| host.to_str().is_ok_and(own)) && hosts.iter().count() == 1;
    if !named || authority.is_some_and(|name| !own(name)) {
        return Some(Reply::new(403, "text/plain", "this door answers to 127.0.0.1 and localhost alone\n"));
    }
    let browser = request.headers().contains_key(ORIGIN) || request.headers().contains_key("sec-fetch-site");
    browser.then(|| Reply::new(403, "text/plain", "this door is not for pages of a browser\n"))
}

fn head_of(request: &Request<Incoming>) -> Message {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Message {
        method: request.method().as_str().to_string(),
        path: request.uri().path().to_string(),
        query: request.uri().query().unwrap_or_default().to_string(),
        headers: request.headers().iter().map(|(name, value)| (name.as_str().to_string(), text(value))).collect(),
        body: Vec::new(),
    }
}

fn response(reply: Reply, head: bool) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &reply.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            // Only an answer without its body says how long that would be.
            if head || name != CONTENT_LENGTH {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}

/// A connection whose reader is dropped when it takes nothing for too long.
struct Paced {
    stream: TcpStream,
    stall: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    /// What a write came to; one that waits is waited for so long and no longer.
    fn paced<T>(&mut self, cx: &mut Context, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(limits::STALL)));
        match stall.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Paced {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, buf: &mut ReadBuf) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.paced(cx, written)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context,
        bufs: &[io::IoSlice],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.paced(cx, written)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.paced(cx, flushed)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.paced(cx, closed)
    }
}
