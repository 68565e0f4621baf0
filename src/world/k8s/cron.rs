//! Schedules of five fields as CronJobs have them (robfig/cron's standard parser): names, lists, ranges, steps, `@hourly`;
//! and the time zones without daylight saving that are known here. Does not know Jobs.

use crate::stdx::time::{Span, Time};

/// Zones whose offset never changes nowadays, in minutes east of UTC (tz database).
const ZONES: &[(&str, i64)] = &[
    ("Asia/Jakarta", 420),
    ("Asia/Kolkata", 330),
    ("Asia/Seoul", 540),
    ("Asia/Shanghai", 480),
    ("Asia/Singapore", 480),
    ("Asia/Tokyo", 540),
    ("Etc/UTC", 0),
    ("UTC", 0),
];
/// A schedule that does not fire within this many days never does (29 February on a given weekday).
const DAYS_MAX: i64 = 366 * 28;
const DAY_MS: i64 = 86_400_000;
const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A parsed schedule: a bit for each value that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether both day fields restrict: then either suffices.
    either: bool,
    /// `@every`: so long after the last time, instead.
    every: Option<Span>,
}

/// The offset of a zone in minutes; `None` if it is not known.
pub fn zone(name: &str) -> Option<i64> {
    ZONES.iter().find(|(zone, _)| *zone == name).map(|(_, offset)| *offset)
}

impl Schedule {
    /// Reads a schedule; the error is in the parser's words.
    pub fn parse(text: &str) -> Result<Schedule, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("empty spec string".into());
        }
        let plain = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            _ => text,
        };
        if let Some(span) = plain.strip_prefix("@every ") {
            let every = Span::parse(span).filter(|every| every.0 >= 1_000);
            let every =
                every.ok_or_else(|| format!("failed to parse duration {text}: time: invalid duration {span:?}"))?;
            let none = Schedule { minutes: 0, hours: 0, days: 0, months: 0, weekdays: 0, either: false, every: None };
            return Ok(Schedule { every: Some(every), ..none });
        }
        if plain.starts_with('@') {
            return Err(format!("unrecognized descriptor: {text}"));
        }
        let fields: Vec<&str> = plain.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
        };
        let open = |field: &str| field.starts_with(['*', '?']) && !field.contains(',');
        Ok(Schedule {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, MONTHS)?,
            weekdays: field(weekdays, 0, 6, WEEKDAYS)?,
            either: !open(days) && !open(weekdays),
            every: None,
        })
    }

    /// The first time after `after` that fits, in a zone so many minutes east of UTC.
    pub fn next(&self, after: Time, offset_mins: i64) -> Option<Time> {
        if let Some(every) = self.every {
            return Some((after + every).floor_secs());
        }
        let offset = offset_mins * 60_000;
        let from = (after.0 + offset).div_euclid(60_000) * 60_000 + 60_000;
        let first_day = from.div_euclid(DAY_MS);
        for day in first_day..first_day + DAYS_MAX {
            if !self.fits_day(day) {
                continue;
            }
            let start = if day == first_day { from.rem_euclid(DAY_MS) / 60_000 } else { 0 };
            let fits = |minute: &i64| has(self.hours, minute / 60) && has(self.minutes, minute % 60);
            if let Some(minute) = (start..1_440).find(fits) {
                return Some(Time(day * DAY_MS + minute * 60_000 - offset));
            }
        }
        None
    }

    fn fits_day(&self, day: i64) -> bool {
        let (month, date) = civil(day);
        // 1 January 1970 was a Thursday.
        let (by_date, by_week) = (has(self.days, date), has(self.weekdays, (day + 4).rem_euclid(7)));
        has(self.months, month) && if self.either { by_date || by_week } else { by_date && by_week }
    }
}

fn has(bits: u64, value: i64) -> bool {
    bits >> value.clamp(0, 63) & 1 == 1
}

/// Month and day of the month of a day since 1970 (the proleptic Gregorian calendar, eras of 400 years).
fn civil(day: i64) -> (i64, i64) {
    let shifted = day + 719_468;
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    (if month < 10 { month + 3 } else { month - 9 }, date)
}

/// One field: `*`, `*/15`, `1-5`, `1-5/2`, `7/2`, lists, names.
fn field(text: &str, low: i64, high: i64, names: &[&str]) -> Result<u64, String> {
    let mut bits = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(number(step, &[], 0)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (low, high),
            Some((from, to)) => (number(from, names, low)?, number(to, names, low)?),
            None => {
                let from = number(range, names, low)?;
                (from, if step.is_some() { high } else { from })
            }
        };
        if from < low {
            return Err(format!("beginning of range ({from}) below minimum ({low}): {part}"));
        }
        if to > high {
            return Err(format!("end of range ({to}) above maximum ({high}): {part}"));
        }
        if from > to {
            return Err(format!("beginning of range ({from}) beyond end of range ({to}): {part}"));
        }
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err(format!("step of range should be a positive number: {part}"));
        }
        let mut at = from;
        while at <= to {
            bits |= 1 << at.clamp(0, 63);
            at += step;
        }
    }
    Ok(bits)
}

fn number(text: &str, names: &[&str], first: i64) -> Result<i64, String> {
    let lower = text.to_ascii_lowercase();
    if let Some(index) = names.iter().position(|name| *name == lower) {
        return Ok(index as i64 + first);
    }
    let fits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(number) if fits && number < 1_000_000 => Ok(number),
        _ => Err(format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax")),
    }
}
