//! The account's endpoint as a service behind the door: from a request on a wire to a request to the run and back. Does
//! not know sockets or the run.

use super::route::Wire;
use super::sign::Key;
use super::{Call, REGION, refuse, request_id};
use crate::drill::act::Asked;
use crate::drill::run::LEARNER;
use crate::host::door::limits::{self, Bucket};
use crate::host::door::listen::{Answering, Service};
use crate::host::door::owner::{Ask, Done, Send};
use crate::host::door::{Message, Reply};
use crate::world::aws::call::{Answer, Fault};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// Where the account is reached.
pub struct Endpoint {
    pub key: Key,
    pub address: SocketAddr,
    /// The account's own region, which stands behind the one on the wire.
    home: String,
    send: Send,
    count: AtomicU64,
    bucket: Mutex<Bucket>,
}

impl Endpoint {
    /// An endpoint with a key of its own.
    pub fn new(address: SocketAddr, home: &str, send: Send) -> std::io::Result<Endpoint> {
        let (count, bucket) = (AtomicU64::new(0), Mutex::new(Bucket::default()));
        Ok(Endpoint { key: Key::new(LEARNER)?, address, home: home.to_string(), send, count, bucket })
    }

    async fn answered(&self, message: Message) -> Reply {
        let id = request_id(&self.key.secret, self.count.fetch_add(1, Ordering::Relaxed));
        let call = match super::read(&message, std::slice::from_ref(&self.key), &id) {
            Ok(call) => call,
            Err(reply) => return reply,
        };
        let fault = |code: &str, say: &str, status: u16| Err(Fault::new(code, say).status(status));
        // No lock is held while waiting; one that panicked left a bucket that is as good as any.
        let some = self.bucket.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let done = if some { self.asked(&call).await } else { fault("ThrottlingException", "Rate exceeded", 400) };
        let done = done.map(|answer| self.home_urls(&call, answer));
        super::write(&call.asked, &done, &id, &message.method)
    }

    /// What the run answers.
    async fn asked(&self, call: &Call) -> Result<Answer, Fault> {
        let unavailable = |say: String| Fault::new("ServiceUnavailable", say).status(503);
        let service = call.asked.model.service.clone();
        let region = if call.scope.region == REGION { self.home.clone() } else { call.scope.region.clone() };
        let asked = Asked {
            service,
            operation: call.asked.operation.name.clone(),
            input: call.asked.input.clone(),
            user: call.user.clone(),
            region,
            agent: call.agent.clone(),
        };
        let (reply, answer) = oneshot::channel();
        if !(self.send)(Ask { asked, reply }) {
            return Err(unavailable("The run is busy or closed.".into()));
        }
        match tokio::time::timeout(limits::ANSWER_TIME, answer).await {
            Ok(Ok(Done::Answered(done))) => *done,
            Ok(Ok(Done::Refused(why))) => Err(unavailable(why)),
            Ok(Err(_)) => Err(unavailable("The run was closed.".into())),
            Err(_) => Err(unavailable("No answer in time.".into())),
        }
    }

    /// A queue's URL is an address that some SDKs dial (botocore does not): those are given this door's, so that nothing
    /// leaves the machine. Every address with the account and the name at its end is understood when it comes back.
    fn home_urls(&self, call: &Call, mut answer: Answer) -> Answer {
        let agent = call.agent.to_ascii_lowercase();
        if call.asked.model.service != "sqs" || ["aws-cli", "boto"].iter().any(|own| agent.starts_with(own)) {
            return answer;
        }
        let here = format!("http://{}/", self.address);
        let home = |value: &mut Value| {
            let path = value.as_str().and_then(|url| url.strip_prefix("https://")?.split_once('/'));
            if let Some((_, path)) = path {
                *value = Value::from(format!("{here}{path}"));
            }
        };
        for name in ["QueueUrl", "QueueUrls", "queueUrls"] {
            match answer.body.get_mut(name) {
                Some(Value::Array(urls)) => urls.iter_mut().for_each(home),
                Some(url) => home(url),
                None => {}
            }
        }
        answer
    }
}

impl Service for Endpoint {
    fn answer(self: Arc<Self>, message: Message) -> Answering {
        Box::pin(async move { self.answered(message).await })
    }

    fn too_large(&self, message: &Message) -> Reply {
        let id = request_id(&self.key.secret, self.count.fetch_add(1, Ordering::Relaxed));
        let say = format!("The request is longer than {} bytes.", limits::BODY_BYTES_MAX);
        let code = match Wire::guess(message) {
            Wire::RestXml => "EntityTooLarge",
            _ => "RequestEntityTooLargeException",
        };
        refuse(message, &Fault::new(code, say).status(413), &id)
    }
}
