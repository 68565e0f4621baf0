//! Mailing lists that somebody works off while a flag is on: letters at a steady pace to addresses of doubtful age. Does not
//! know who set the flag.

use super::super::message::Principal;
use super::super::post;
use super::send::{Letter, take};
use super::{Due, List};
use crate::stdx::dice;
use crate::stdx::time::Time;
use crate::world::World;
use std::sync::Arc;

/// Of things due at the same time these come after clients of APIs; see [`post::push_ranked`].
const RANK: u8 = 3;

/// Puts on the agenda of `aws::post` the letters of lists in `after..=to` (excluding `after`).
pub fn feed(world: &mut World, after: Time, to: Time) {
    let spec = Arc::clone(&world.aws.mail.spec);
    for (name, list) in &spec.lists {
        if !world.flags.on_within(&list.flag, after, to) {
            continue;
        }
        let gap = (60_000 / list.per_minute.max(1)).max(1) as i64;
        let (first, last) = (after.0.div_euclid(gap) + 1, to.0.div_euclid(gap));
        for number in first..=last {
            let at = Time(number * gap);
            if world.flags.on_at(&list.flag, at) {
                let due = Due::Listed { list: Arc::from(name.as_str()), number: number as u64 };
                post::push_ranked(world, at, RANK, post::Due::Mail(due));
            }
        }
    }
}

/// One letter of a list; who runs it does not look at refusals.
pub fn send(world: &mut World, at: Time, list: &str, number: u64) {
    let spec = Arc::clone(&world.aws.mail.spec);
    let Some(List { from, region, domain, receiver, .. }) = spec.lists.get(list) else { return };
    let account = world.aws.id.to_string();
    let role = format!("arn:aws:iam::{account}:role/marketing");
    let arn = format!("arn:aws:sts::{account}:assumed-role/marketing/{list}");
    let by = Principal::session(arn, role, account);
    let lot = dice::at(world.seed, dice::hash_name(list), number);
    let to = format!("{:08x}@{domain}", lot as u32);
    let letter = Letter { from: Arc::clone(from), to: to.into(), set: Arc::from(""), order: 0 };
    let _nobody_reads_refusals = take(world, at, region, letter, &by, *receiver);
}
