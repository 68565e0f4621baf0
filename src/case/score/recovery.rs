//! R, recovery: harm that others were spared, a fix that was foreseen, seen and seen again, and an end that stays. Does not
//! know how the harm was measured: the folds were compared elsewhere.

use super::log::{Course, Digest};
use super::profile::Profile;
use super::truth::Truth;
use super::{Dim, Dimension, Exact, Line, exact};
use crate::stdx::time::{Span, Time};
use num_traits::{One, Zero};

pub const ROW: Dimension =
    Dimension { dim: Dim::R, name: "recovery", doc: "harm ended, verified, and staying ended", rule: score };

/// How long after the first look a second one shows that it holds.
const HOLDS_AFTER: Span = Span::mins(5);

/// Half for the harm, a quarter for foreseeing and verifying, a quarter for lasting.
fn score(truth: &Truth, digest: &Digest, profile: &Profile) -> Vec<Line> {
    let weight = profile.weight(Dim::R);
    let Some(course) = &digest.whole.course else {
        return vec![Line::new(Dim::R, "recovery.harm", "", exact(weight, 1)).because("course", "none")];
    };
    let mended = course.ended.filter(|ended| *ended < truth.closes);
    let mut lines = vec![harm(course, exact(weight, 2))];
    lines.extend(verified(digest, course, mended, &exact(weight, 12)));
    let lasts = Line::new(Dim::R, "recovery.lasts", "", exact(weight, 4)).at(course.fix);
    lines.push(match (mended.is_some(), course.lasts) {
        (true, true) => lasts.because("lasts", "yes").got(exact(weight, 4)),
        (true, false) => lasts.because("lasts", "no"),
        (false, _) => lasts.because("ended", "no"),
    });
    lines
}

/// `clamp((B_null − B) / (B_null − B_ref))`. Where the solution itself spares nobody anything, nothing can be earned.
fn harm(course: &Course, max: Exact) -> Line {
    let (own, idle, reference) = (course.harm, course.idle, course.reference);
    let share = if idle > reference {
        Exact::new(i128::from(idle).into(), 1.into()) - Exact::new(i128::from(own).into(), 1.into())
    } else {
        Exact::zero()
    };
    let room = Exact::new((i128::from(idle) - i128::from(reference)).max(1).into(), 1.into());
    let share = (share / room).max(Exact::zero()).min(Exact::one());
    Line::new(Dim::R, "recovery.harm", "", max.clone())
        .because("harm", minutes(own))
        .because("idle", minutes(idle))
        .because("reference", minutes(reference))
        .because("spared", &share)
        .at(course.fix)
        .got(max * share)
}

/// Thousandths times seconds as minutes of full harm.
fn minutes(integral: u64) -> Exact {
    Exact::new(integral.into(), 60_000.into())
}

/// One each: the change that ended the harm carried an expectation, the indicator was looked at after that, and once more
/// five minutes later. If the fix does not last, one of them at most.
fn verified(digest: &Digest, course: &Course, mended: Option<Time>, each: &Exact) -> Vec<Line> {
    let fix = course.fix.and_then(|fix| digest.changes.iter().find(|change| change.entry == fix));
    let declared = digest.told.resolved.iter().map(|(_, at)| *at).filter(|at| course.over(*at)).min();
    let after = |at: Time| mended.is_some_and(|mended| at >= mended) && declared.is_none_or(|end| at <= end);
    let checks: Vec<(u32, Time)> = digest.whole.checks.iter().copied().filter(|(_, at)| after(*at)).collect();
    let first = checks.first().copied();
    let again = checks.iter().rev().copied().find(|(_, at)| first.is_some_and(|(_, first)| *at - first >= HOLDS_AFTER));
    let earned = [
        ("recovery.expected", fix.filter(|fix| fix.expected && mended.is_some()).map(|fix| fix.entry)),
        ("recovery.checked", first.map(|(entry, _)| entry)),
        ("recovery.held", again.map(|(entry, _)| entry)),
    ];
    let mut left = if course.lasts { earned.len() } else { 1 };
    let line = |(key, entry): (&'static str, Option<u32>)| {
        let line = Line::new(Dim::R, key, "", each.clone()).at(entry);
        match entry {
            None => line.because("done", "no"),
            Some(_) if left == 0 => line.because("lasts", "no"),
            Some(_) => {
                left -= 1;
                line.because("done", "yes").got(each.clone())
            }
        }
    };
    earned.into_iter().map(line).collect()
}
