//! What anybody may take of the server: sizes, times, numbers, each with a name. Does not know who they are.

use std::time::Duration;

/// A terminal larger than this is drawn on in its upper left part.
pub const COLUMNS_MAX: u16 = 400;
pub const ROWS_MAX: u16 = 150;
/// What a terminal that does not know its size is taken for.
pub const SIZE_UNKNOWN: (u16, u16) = (80, 24);
/// Bytes of a client's name for its terminal.
pub const TERM_BYTES_MAX: usize = 64;
/// Bytes of a variable that a client sends, its name and its value.
pub const VARIABLE_BYTES_MAX: usize = 256;
/// Variables that a client may send; OpenSSH sends up to a dozen of the locale.
pub const VARIABLES_MAX: u32 = 64;

/// Bytes that were typed and not yet understood, a seat; a client that types ahead of them waits.
pub const TYPED_MAX: u32 = 64 << 10;
/// What a packet and a change of size count as at least, so that many small ones are no way round.
pub const PACKET_COST: u32 = 64;
/// Bytes of one seat that are taken in a turn; then it is the next seat's.
pub const TURN_BYTES: usize = 512;
/// Acts of one seat in a turn.
pub const TURN_ACTS: usize = 1;
/// A sequence of a key is shorter than this.
pub const SEQUENCE_BYTES_MAX: usize = 128;
/// Bytes of one paste; the rest is left out.
pub const PASTE_BYTES_MAX: usize = 32 << 10;
/// After so long a lone escape was the key.
pub const ESCAPE_AFTER: Duration = Duration::from_millis(30);

/// Keys of a seat are answered, and news drawn, at most so often each.
pub const FRAME_EVERY: Duration = Duration::from_millis(33);
/// Pictures drawn before what was typed is looked at again.
pub const FRAMES_IN_A_ROW: usize = 8;
/// How often the live clock is read.
pub const CLOCK_EVERY: Duration = Duration::from_millis(500);
/// The kernel holds so much of what a client has not read: a stalled one sees old pictures no longer than that.
pub const SEND_BUFFER_BYTES: usize = 64 << 10;
/// Bytes a client may send ahead in a channel.
pub const WINDOW_BYTES: u32 = 64 << 10;
/// Bytes of one packet of a channel.
pub const PACKET_BYTES: u32 = 16 << 10;

/// Ticks of the clock are on disk after so long at the latest.
pub const TICKS_KEPT_EVERY: Duration = Duration::from_secs(10);

/// Rooms of one server.
pub const ROOMS_MAX: usize = 64;
/// Seats of one room, the facilitator's among them.
pub const SEATS_MAX: u16 = 1_000;
/// Characters of a room's name.
pub const ROOM_NAME_MAX: usize = 32;
/// Columns of a person's name.
pub const NAME_MAX: usize = 24;
/// Keys that are known beforehand.
pub const KEYS_MAX: usize = 4_096;
/// Bytes of the file of keys.
pub const KEYS_BYTES_MAX: u64 = 1 << 20;
/// Bytes of a room's state on disk.
pub const ROOM_BYTES_MAX: u64 = 4 << 20;
/// Bytes of the audit log; a full one is put aside once, so that two are kept.
pub const AUDIT_BYTES_MAX: u64 = 16 << 20;

/// Connections at a time that have logged in, unless told otherwise; and of one address.
pub const SESSIONS_MAX: usize = 1_024;
pub const SESSIONS_OF_ADDRESS_MAX: usize = 128;
/// Files that the server needs beside its connections.
pub const FILES_BESIDE: u64 = 256;
/// Connections that have not logged in; the oldest gives way to the newest.
pub const STRANGERS_MAX: usize = 1_024;
/// A login must be done after so long. People look for their invite meanwhile.
pub const LOGIN_TIME: Duration = Duration::from_secs(60);
/// Secrets that one connection may try.
pub const SECRETS_TRIED_MAX: u32 = 3;
/// Logins refused in one connection: an agent offers all its keys.
pub const REFUSALS_MAX: usize = 20;
/// A refusal takes so long, whatever the reason.
pub const REFUSAL_TIME: Duration = Duration::from_millis(400);
/// Wrong secrets of one address in [`WRONG_WITHIN`]; then it waits.
pub const WRONG_MAX: u32 = 20;
pub const WRONG_WITHIN: Duration = Duration::from_secs(60);
/// Addresses that are remembered for it.
pub const ADDRESSES_MAX: usize = 4_096;
/// A client is asked whether it is there so often, and dropped when it was silent for [`SILENCE`].
pub const ALIVE_EVERY: Duration = Duration::from_secs(30);
pub const SILENCE: Duration = Duration::from_secs(120);
/// An answer of a room to a login is waited for so long.
pub const ROOM_ANSWERS: Duration = Duration::from_secs(30);
