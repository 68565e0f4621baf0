//! Simulated time in whole milliseconds: instants, spans, and how kubectl prints ages.
//! Arithmetic saturates: what a player types may be any number. Does not know the wall clock; "now" is always an argument.

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, Timelike, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// An instant of simulated time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

/// A length of simulated time in milliseconds; may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Span {
    pub const ZERO: Span = Span(0);
    pub const fn millis(ms: i64) -> Span {
        Span(ms)
    }
    pub const fn secs(s: i64) -> Span {
        Span(s.saturating_mul(1_000))
    }
    pub const fn mins(m: i64) -> Span {
        Span(m.saturating_mul(60_000))
    }
    pub const fn hours(h: i64) -> Span {
        Span(h.saturating_mul(3_600_000))
    }
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Reads a Go-style duration: `90s`, `5m`, `1h30m`, `250ms`, `2d` (days are ours, Go has none).
    pub fn parse(text: &str) -> Option<Span> {
        let text = text.trim();
        let (sign, body) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        if body == "0" {
            return Some(Span::ZERO);
        }
        let mut total: i64 = 0;
        let mut rest = body;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
            let number = &rest[..digits];
            let tail = &rest[digits..];
            let unit_len = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
            let unit_ms: i64 = match &tail[..unit_len] {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return None,
            };
            let (whole, frac) = number.split_once('.').unwrap_or((number, ""));
            if frac.contains('.') {
                return None;
            }
            let mut ms = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()?.checked_mul(unit_ms)? };
            let mut scale = unit_ms;
            for digit in frac.bytes() {
                scale /= 10;
                ms = ms.checked_add(i64::from(digit - b'0') * scale)?;
            }
            if whole.is_empty() && frac.is_empty() {
                return None;
            }
            total = total.checked_add(ms)?;
            rest = &tail[unit_len..];
        }
        if body.is_empty() { None } else { Some(Span(sign * total)) }
    }

    /// An age as kubectl prints it (apimachinery `duration.HumanDuration`, Kubernetes 1.36).
    pub fn human(self) -> String {
        let seconds = self.0 / 1_000;
        if seconds < -1 {
            return "<invalid>".into();
        }
        if seconds < 0 {
            return "0s".into();
        }
        if seconds < 120 {
            return format!("{seconds}s");
        }
        let minutes = seconds / 60;
        if minutes < 10 {
            let s = seconds % 60;
            return if s == 0 { format!("{minutes}m") } else { format!("{minutes}m{s}s") };
        }
        if minutes < 180 {
            return format!("{minutes}m");
        }
        let hours = minutes / 60;
        if hours < 8 {
            let m = minutes % 60;
            return if m == 0 { format!("{hours}h") } else { format!("{hours}h{m}m") };
        }
        if hours < 48 {
            return format!("{hours}h");
        }
        if hours < 24 * 8 {
            let h = hours % 24;
            return if h == 0 { format!("{}d", hours / 24) } else { format!("{}d{h}h", hours / 24) };
        }
        if hours < 24 * 365 * 2 {
            return format!("{}d", hours / 24);
        }
        if hours < 24 * 365 * 8 {
            let d = (hours / 24) % 365;
            let y = hours / 24 / 365;
            return if d == 0 { format!("{y}y") } else { format!("{y}y{d}d") };
        }
        format!("{}y", hours / 24 / 365)
    }
}

impl Time {
    /// Reads RFC 3339 (`2026-03-02T01:10:00Z`, fractions allowed) or `2026-03-02 01:10[:05]` as UTC.
    pub fn parse(text: &str) -> Option<Time> {
        if let Ok(t) = DateTime::parse_from_rfc3339(text) {
            return Some(Time(t.timestamp_millis()));
        }
        ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|f| NaiveDateTime::parse_from_str(text, f).ok())
            .map(|t| Time(t.and_utc().timestamp_millis()))
    }

    fn utc(self) -> DateTime<Utc> {
        let beyond = if self.0 < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        DateTime::from_timestamp_millis(self.0).unwrap_or(beyond)
    }

    /// Whether the calendar reaches this instant: it ends in the year 262142.
    pub fn is_in_calendar(self) -> bool {
        DateTime::from_timestamp_millis(self.0).is_some()
    }

    /// How somebody says it at a later time: `09:54` within the day before, `2026-03-01 09:54` of what is older.
    pub fn told_at(self, later: Time) -> String {
        let near = self <= later && later - self < Span::hours(24);
        if near { self.hour_minute() } else { format!("{} {}", self.date(), self.hour_minute()) }
    }

    /// `2026-03-02T01:10:00Z`: metav1.Time, whole seconds.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// `2026-03-02T01:10:00.123000Z`: metav1.MicroTime.
    pub fn rfc3339_micros(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// `2026-03-02T01:10:00.123Z`.
    pub fn rfc3339_millis(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// `Mon, 02 Mar 2026 01:10:00 +0000`: RFC 1123 with zone, as `kubectl describe` prints times (always UTC here).
    pub fn rfc1123(self) -> String {
        self.utc().format("%a, %d %b %Y %H:%M:%S +0000").to_string()
    }

    /// `01:10:00`.
    pub fn clock(self) -> String {
        let t = self.utc();
        format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
    }

    /// `01:10`.
    pub fn hour_minute(self) -> String {
        let t = self.utc();
        format!("{:02}:{:02}", t.hour(), t.minute())
    }

    /// `2026-03-02`.
    pub fn date(self) -> String {
        let t = self.utc();
        format!("{:04}-{:02}-{:02}", t.year(), t.month(), t.day())
    }

    /// Any chrono/strftime pattern; an invalid pattern gives `None`.
    pub fn format(self, pattern: &str) -> Option<String> {
        use std::fmt::Write;
        let mut out = String::new();
        write!(out, "{}", self.utc().format(pattern)).ok()?;
        Some(out)
    }

    /// The instant with its milliseconds dropped: Kubernetes objects carry whole seconds.
    pub fn floor_secs(self) -> Time {
        Time(self.0.div_euclid(1_000).saturating_mul(1_000))
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}
impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        self.0 = self.0.saturating_add(span.0);
    }
}
impl Sub<Span> for Time {
    type Output = Time;
    fn sub(self, span: Span) -> Time {
        Time(self.0.saturating_sub(span.0))
    }
}
impl Sub<Time> for Time {
    type Output = Span;
    fn sub(self, other: Time) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}
impl Add<Span> for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}
impl Sub<Span> for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}
