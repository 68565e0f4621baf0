//! The door: HTTP on loopback, through which the learner's own clients reach the simulated estate. What comes in is read
//! whole and handed to a service; what a service wants of the run goes to the one owner of it. Knows no rule of the game.

pub mod aws;
pub mod command;
pub mod limits;
pub mod listen;
pub mod owner;

/// A request, read whole.
#[derive(Clone, Debug, Default)]
pub struct Message {
    pub method: String,
    /// As it came, percent-encoded.
    pub path: String,
    /// As it came, without its `?`.
    pub query: String,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    /// The first header of a name given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// An answer, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        let headers = vec![("content-type".to_string(), content_type.to_string())];
        Reply { status, headers, body: body.into() }
    }

    /// With a header, in place of another of that name.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Reply {
        self.headers.retain(|(own, _)| own != name);
        self.headers.push((name.to_string(), value.into()));
        self
    }
}
