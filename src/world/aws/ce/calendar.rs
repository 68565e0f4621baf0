//! Hours, days and months of a bill, in UTC, as whole numbers since 1970. Does not know what was used in them.

use crate::stdx::time::Time;

pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24;

/// The hour in which a time lies.
pub fn hour(at: Time) -> i64 {
    at.0.div_euclid(HOUR)
}

/// The beginning of an hour.
pub fn time(hour: i64) -> Time {
    Time(hour.saturating_mul(HOUR))
}

/// Year and month (1 to 12) in which an hour lies, in the proleptic Gregorian calendar.
pub fn month(hour: i64) -> (i64, i64) {
    // Years begin in March here, so that the leap day is the last; eras of 400 years have 146,097 days.
    let days = hour.div_euclid(DAY) + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month)
}

/// The first hour of a month; months beyond 12 are in later years.
pub fn first(year: i64, month: i64) -> i64 {
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5;
    let day = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    (era * 146_097 + day - 719_468) * DAY
}

/// The first hour of the month in which an hour lies.
pub fn month_start(hour: i64) -> i64 {
    let (year, month) = month(hour);
    first(year, month)
}

/// The first hour of the next month.
pub fn month_end(hour: i64) -> i64 {
    let (year, month) = month(hour);
    first(year, month + 1)
}

/// The first hour of the day in which an hour lies.
pub fn day_start(hour: i64) -> i64 {
    hour.div_euclid(DAY) * DAY
}

/// `2026-03-02`.
pub fn date(hour: i64) -> String {
    time(hour).date()
}

/// `2026-03-02T01:00:00Z`.
pub fn stamp(hour: i64) -> String {
    time(hour).rfc3339()
}
