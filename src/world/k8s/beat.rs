//! A status as objects hold it. Heartbeats are the most frequent writes of all and change nothing of a node's status but some
//! times: such a status is spelled out only when somebody reads those. Does not know nodes, or when they beat.

use crate::stdx::time::Time;
use serde_json::Value;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Reads as the value that it is. Clones share it.
#[derive(Clone)]
pub struct Status {
    steady: Arc<Value>,
    beat: Option<Arc<Beat>>,
}

struct Beat {
    at: Time,
    spelled: OnceLock<Value>,
}

impl Status {
    /// The same with another heartbeat in every condition.
    pub fn beaten(&self, at: Time) -> Status {
        let beat = Beat { at: at.floor_secs(), spelled: OnceLock::new() };
        Status { steady: Arc::clone(&self.steady), beat: Some(Arc::new(beat)) }
    }

    /// All of it as it is, but for the times of heartbeats.
    pub fn steady(&self) -> &Value {
        &self.steady
    }

    /// Whether both are the same thing, not just equal.
    pub fn is(&self, other: &Status) -> bool {
        let beat = |status: &Status| status.beat.as_ref().map(|beat| beat.at);
        Arc::ptr_eq(&self.steady, &other.steady) && beat(self) == beat(other)
    }
}

fn spelled(steady: &Value, at: Time) -> Value {
    let mut status = steady.clone();
    let conditions = status.get_mut("conditions").and_then(Value::as_array_mut);
    for condition in conditions.into_iter().flatten().filter_map(Value::as_object_mut) {
        condition.insert("lastHeartbeatTime".into(), at.rfc3339().into());
    }
    status
}

impl Deref for Status {
    type Target = Value;

    fn deref(&self) -> &Value {
        match &self.beat {
            None => &self.steady,
            Some(beat) => beat.spelled.get_or_init(|| spelled(&self.steady, beat.at)),
        }
    }
}

impl From<Value> for Status {
    fn from(value: Value) -> Status {
        Status { steady: Arc::new(value), beat: None }
    }
}

impl PartialEq for Status {
    fn eq(&self, other: &Status) -> bool {
        self.is(other) || **self == **other
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
