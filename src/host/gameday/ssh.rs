//! The SSH server: who comes is let in by a key, an invite or a return code, gets one session with a terminal, and nothing
//! else. Bytes go to the room and pictures come back. Does not know the game.

use super::gate::{Gate, Shut};
use super::keys::{self, Known};
use super::line::{Line, Ward};
use super::roster::{Admitted, Proof};
use super::seat::{Client, Link, Out};
use super::{audit::Audit, limits, room::Wake, token};
use russh::keys::PrivateKey;
use russh::server::{
    Auth, ChannelOpenHandle, Config, Handle, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, MethodKind, MethodSet, Preferred, Pty};
use serde_json::json;
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, Weak};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// What all connections share.
pub struct Hall {
    pub rooms: BTreeMap<String, Sender<Wake>>,
    pub gate: Gate,
    pub audit: Arc<Audit>,
    pub known: Vec<Known>,
    pub sessions: AtomicU64,
    /// Connections that have not logged in, the oldest first.
    pub strangers: Mutex<VecDeque<Weak<Ward>>>,
}

const METHODS: &[MethodKind] = &[MethodKind::PublicKey, MethodKind::KeyboardInteractive, MethodKind::Password];

pub fn config(key: PrivateKey) -> Config {
    let compression = Cow::Borrowed(&[russh::compression::NONE] as &[_]);
    Config {
        methods: MethodSet::from(METHODS),
        auth_rejection_time: limits::REFUSAL_TIME,
        auth_rejection_time_initial: Some(std::time::Duration::ZERO),
        keys: vec![key],
        window_size: limits::WINDOW_BYTES,
        maximum_packet_size: limits::PACKET_BYTES,
        channel_buffer_size: 1,
        event_buffer_size: 1,
        preferred: Preferred { compression, ..Preferred::default() },
        max_auth_attempts: limits::REFUSALS_MAX,
        inactivity_timeout: Some(limits::SILENCE),
        keepalive_interval: Some(limits::ALIVE_EVERY),
        keepalive_max: 0,
        nodelay: true,
        ..Config::default()
    }
}

/// Answers connections for ever.
pub async fn accept(listener: TcpListener, config: Config, hall: Arc<Hall>) {
    let config = Arc::new(config);
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of file handles, or the peer is gone already: others may do better in a moment.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        if let Err(shut) = hall.gate.admits(peer.ip()) {
            hall.audit.note("turned-away", json!({ "peer": peer.to_string(), "why": shut.word() }));
            continue;
        }
        let _ = stream.set_nodelay(true);
        let ward = Arc::new(Ward::default());
        hall.welcome(&ward);
        let client = Visitor::new(Arc::clone(&hall), peer, Arc::clone(&ward));
        let (config, line) = (Arc::clone(&config), Line::new(stream, ward));
        tokio::spawn(async move {
            // A client that breaks the protocol, or a panic in here, ends this connection and nothing else.
            if let Ok(session) = russh::server::run_stream(config, line, client).await {
                let _ = session.await;
            }
        });
    }
}

impl Hall {
    /// Somebody is at the door; if too many stand there, the one who stood there longest goes.
    fn welcome(&self, ward: &Arc<Ward>) {
        let Ok(mut strangers) = self.strangers.lock() else { return };
        if strangers.len() >= limits::STRANGERS_MAX {
            strangers.retain(|other| other.upgrade().is_some_and(|other| !other.has_passed()));
        }
        while strangers.len() >= limits::STRANGERS_MAX {
            strangers.pop_front().and_then(|oldest| oldest.upgrade()).into_iter().for_each(|oldest| oldest.end());
        }
        strangers.push_back(Arc::downgrade(ward));
    }
}

/// Where somebody was let in.
struct Seated {
    room: Sender<Wake>,
    name: String,
    admitted: Admitted,
}

/// One connection.
pub struct Visitor {
    hall: Arc<Hall>,
    peer: SocketAddr,
    ward: Arc<Ward>,
    session: u64,
    /// The first key whose signature was checked.
    proved: Option<String>,
    tries: u32,
    seated: Option<Seated>,
    channel: Option<ChannelId>,
    client: Client,
    /// Variables that came; whether there is a terminal; what may be typed ahead, once the shell is open.
    variables: u32,
    terminal: bool,
    credits: Option<Arc<Semaphore>>,
}

impl Visitor {
    fn new(hall: Arc<Hall>, peer: SocketAddr, ward: Arc<Ward>) -> Visitor {
        let session = hall.sessions.fetch_add(1, Ordering::Relaxed);
        Visitor {
            hall,
            peer,
            ward,
            session,
            proved: None,
            tries: 0,
            seated: None,
            channel: None,
            client: Client::default(),
            variables: 0,
            terminal: false,
            credits: None,
        }
    }

    fn note(&self, what: &str, room: &str, seat: Option<u16>) {
        let about = json!({ "peer": self.peer.to_string(), "session": self.session, "room": room, "seat": seat });
        self.hall.audit.note(what, about);
    }

    /// Asks the room whom the proof lets in.
    async fn login(&mut self, user: &str, proof: Proof) -> Auth {
        let (name, wanted) = user.split_once('+').map_or((user, None), |(name, seat)| (name, Some(seat)));
        let wanted = match wanted.map(str::parse::<u16>) {
            Some(Err(_)) => return Auth::reject(),
            seat => seat.and_then(Result::ok),
        };
        let secret = matches!(proof, Proof::Secret { .. });
        let Some(room) = self.hall.rooms.get(name).cloned() else { return self.refused(secret) };
        let (reply, answer) = oneshot::channel();
        if room.send(Wake::Login { proof, wanted, reply }).is_err() {
            return self.refused(secret);
        }
        let answer = tokio::time::timeout(limits::ROOM_ANSWERS, answer).await;
        let Ok(Ok(Some(admitted))) = answer else { return self.refused(secret) };
        if let Err(Shut::Full | Shut::Wrong | Shut::Foreign) = self.hall.gate.entered(self.peer.ip()) {
            self.note("full", name, Some(admitted.seat));
            return Auth::reject();
        }
        self.note(if secret { "login-secret" } else { "login-key" }, name, Some(admitted.seat));
        self.ward.pass();
        self.seated = Some(Seated { room, name: name.to_string(), admitted });
        Auth::Accept
    }

    /// Whatever was wrong, the answer is the same.
    fn refused(&self, secret: bool) -> Auth {
        if secret {
            self.hall.gate.wrong(self.peer.ip());
            self.note("wrong-secret", "", None);
        }
        Auth::reject()
    }

    async fn secret(&mut self, user: &str, secret: &str, name: &str) -> Auth {
        self.tries += 1;
        if self.tries > limits::SECRETS_TRIED_MAX || self.hall.gate.admits(self.peer.ip()).is_err() {
            return Auth::reject();
        }
        let (hash, name) = (token::hash(secret), name.to_string());
        self.login(user, Proof::Secret { hash, name, fingerprint: self.proved.clone() }).await
    }

    /// Gives the terminal to the room.
    fn open(&mut self, channel: ChannelId, handle: Handle) -> bool {
        let Some(seated) = &self.seated else { return false };
        let (out, frames) = mpsc::channel(2);
        let credits = Arc::new(Semaphore::new(limits::TYPED_MAX as usize));
        self.credits = Some(Arc::clone(&credits));
        let link = Link { session: self.session, out, credits, ward: Arc::clone(&self.ward) };
        tokio::spawn(write(frames, handle, channel, seated.room.clone(), self.session));
        let Admitted { seat, code, .. } = seated.admitted.clone();
        seated.room.send(Wake::Open { seat, link, client: self.client.clone(), code }).is_ok()
    }

    /// Sends to the room as fast as it looks at what comes.
    async fn tell(&mut self, bytes: usize, wake: impl FnOnce(u64, usize) -> Wake) -> Result<(), russh::Error> {
        let (Some(seated), Some(credits)) = (&self.seated, &self.credits) else { return Ok(()) };
        let cost = u32::try_from(bytes).unwrap_or(u32::MAX).clamp(limits::PACKET_COST, limits::TYPED_MAX);
        let Ok(permits) = credits.acquire_many(cost).await else { return Err(russh::Error::Disconnect) };
        permits.forget();
        seated.room.send(wake(self.session, cost as usize)).map_err(|_| russh::Error::Disconnect)
    }

    fn refuse(&self, what: &str, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        self.note(&format!("refused-{what}"), "", None);
        session.channel_failure(channel)
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        if let Some(seated) = &self.seated {
            self.hall.gate.left(self.peer.ip());
            self.note("left", &seated.name, Some(seated.admitted.seat));
            let _ = seated.room.send(Wake::Gone { session: self.session });
        }
    }
}

/// Writes pictures one after the other and says when there is room for the next one.
async fn write(mut frames: mpsc::Receiver<Out>, handle: Handle, channel: ChannelId, room: Sender<Wake>, session: u64) {
    while let Some(out) = frames.recv().await {
        match out {
            Out::Frame(bytes) => {
                // The second, empty message is taken when the first one is on its way: then, and no sooner, it was written.
                let sent = handle.data(channel, bytes).await.is_ok() && handle.data(channel, Vec::new()).await.is_ok();
                if !sent || room.send(Wake::Drawn { session }).is_err() {
                    return;
                }
            }
            Out::Close(bytes, code) => {
                let _ = handle.data(channel, bytes).await;
                let _ = handle.exit_status_request(channel, code).await;
                let _ = handle.eof(channel).await;
                let _ = handle.close(channel).await;
                return;
            }
        }
    }
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_publickey_offered(&mut self, _user: &str, _offer: PublicKeyOffer<'_>) -> Result<Auth, russh::Error> {
        // Also a key that opens nothing yet is worth a signature: an invite binds the seat to it.
        Ok(Auth::Accept)
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        let fingerprint = keys::fingerprint(key.public_key);
        self.proved.get_or_insert_with(|| fingerprint.clone());
        let known = self.hall.known.iter().find(|known| known.fingerprint == fingerprint);
        let known = known.map(|known| (known.name.clone(), known.role.clone()));
        Ok(self.login(user, Proof::Key { fingerprint, known }).await)
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        Ok(self.secret(user, password, "").await)
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        let Some(response) = response else {
            let prompts = vec![(Cow::Borrowed("Invite or return code: "), false), (Cow::Borrowed("Your name: "), true)];
            let (name, instructions) = (Cow::Borrowed("whodunit"), Cow::Borrowed(""));
            return Ok(Auth::Partial { name, instructions, prompts: Cow::Owned(prompts) });
        };
        let mut said = response.take(2).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let (secret, name) = (said.next().unwrap_or_default(), said.next().unwrap_or_default());
        Ok(self.secret(user, &secret, &name).await)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        // One session a connection; any other is refused by dropping the reply.
        if self.channel.is_none() && self.seated.is_some() {
            self.channel = Some(channel.id());
            reply.accept().await;
        }
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        term: &str,
        columns: u32,
        rows: u32,
        _pixels_across: u32,
        _pixels_down: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        if self.channel != Some(channel) || term.len() > limits::TERM_BYTES_MAX {
            return self.refuse("terminal", channel, session);
        }
        self.client.term = crate::stdx::text::harmless(term);
        self.client.size = sized(columns, rows);
        self.terminal = true;
        session.channel_success(channel)
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.variables += 1;
        let fits = name.len() <= limits::VARIABLE_BYTES_MAX && value.len() <= limits::VARIABLE_BYTES_MAX;
        if self.channel != Some(channel) || self.variables > limits::VARIABLES_MAX || !fits {
            return session.channel_failure(channel);
        }
        let said = crate::stdx::text::harmless(value);
        match name {
            "COLORTERM" => self.client.colorterm = said,
            "NO_COLOR" => self.client.no_color = said,
            "LC_ALL" => self.client.locale = said,
            "LC_MESSAGES" | "LANG" if self.client.locale.is_empty() => self.client.locale = said,
            _ => return session.channel_failure(channel),
        }
        session.channel_success(channel)
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        if self.channel != Some(channel) || self.credits.is_some() {
            return self.refuse("shell", channel, session);
        }
        if !self.terminal {
            session.channel_success(channel)?;
            session.data(channel, "a room needs a terminal: ssh -t\r\n")?;
            session.exit_status_request(channel, 1)?;
            session.eof(channel)?;
            return session.close(channel);
        }
        if !self.open(channel, session.handle()) {
            return self.refuse("shell", channel, session);
        }
        session.channel_success(channel)
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], _session: &mut Session) -> Result<(), russh::Error> {
        if self.channel != Some(channel) {
            return Ok(());
        }
        let bytes = data.to_vec();
        self.tell(data.len(), |session, cost| Wake::Bytes { session, bytes, cost }).await
    }

    async fn window_change_request(
        &mut self,
        channel: ChannelId,
        columns: u32,
        rows: u32,
        _pixels_across: u32,
        _pixels_down: u32,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        if self.channel == Some(channel) {
            let size = sized(columns, rows);
            self.client.size = size;
            self.tell(0, |session, cost| Wake::Resize { session, size, cost }).await?;
        }
        session.channel_success(channel)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _command: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.refuse("exec", channel, session)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.refuse("subsystem", channel, session)
    }

    async fn x11_request(
        &mut self,
        channel: ChannelId,
        _single: bool,
        _protocol: &str,
        _cookie: &str,
        _screen: u32,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.refuse("x11", channel, session)
    }

    async fn channel_close(&mut self, channel: ChannelId, _session: &mut Session) -> Result<(), russh::Error> {
        // The one session is over: so is the connection.
        if self.channel == Some(channel) { Err(russh::Error::Disconnect) } else { Ok(()) }
    }
}

fn sized(columns: u32, rows: u32) -> (u16, u16) {
    let narrow = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
    (narrow(columns), narrow(rows))
}
