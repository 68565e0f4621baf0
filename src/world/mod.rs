//! The estate and its physics: one value that moves through simulated time and can be cloned cheaply.
//! Does not know who is looking, what is being looked for, or how anything is printed.

pub mod agenda;
pub mod apps;
pub mod audit;
pub mod aws;
pub mod flags;
pub mod iac;
pub mod k8s;
pub mod ledger;
pub mod partners;
pub mod releases;
pub mod signals;
pub mod skus;
pub mod traffic;
pub mod witnesses;

use crate::stdx::dice::Dice;
use crate::stdx::time::Time;
use agenda::Agenda;

/// Everything that exists and happens. `advance_to(a); advance_to(b)` equals `advance_to(b)`.
#[derive(Clone, Debug)]
pub struct World {
    pub seed: u64,
    pub now: Time,
    pub agenda: Agenda<Due>,
    pub k8s: k8s::Cluster,
    pub apps: apps::Apps,
    pub signals: signals::Signals,
    pub audit: audit::Audit,
    pub aws: aws::Account,
    pub iac: iac::Iac,
    pub ledger: ledger::Ledger,
    pub partners: partners::Partners,
    pub flags: flags::Flags,
    pub releases: releases::Releases,
    pub skus: skus::Skus,
    pub traffic: traffic::Traffic,
    pub witnesses: witnesses::Witnesses,
}

/// What the agenda holds: one closed list, nested by owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    K8s(k8s::Due),
    Apps(apps::Due),
    Iac(iac::Due),
}

impl World {
    pub fn new(seed: u64, start: Time) -> World {
        World {
            seed,
            now: start,
            agenda: Agenda::default(),
            k8s: k8s::Cluster::new(Dice::new(seed).fork("k8s")),
            apps: apps::Apps::default(),
            signals: signals::Signals::default(),
            audit: audit::Audit::default(),
            aws: aws::Account::default(),
            iac: iac::Iac::default(),
            ledger: ledger::Ledger::default(),
            partners: partners::Partners::default(),
            flags: flags::Flags::default(),
            releases: releases::Releases::default(),
            skus: skus::Skus::default(),
            traffic: traffic::Traffic::default(),
            witnesses: witnesses::Witnesses::default(),
        }
    }

    /// Does everything that is due up to and including `until`, in the order of (time, serial), and stops there.
    /// A time in the past changes nothing.
    pub fn advance_to(&mut self, until: Time) {
        while let Some((at, due)) = self.agenda.pop_until(until) {
            self.now = at;
            match due {
                Due::K8s(due) => k8s::happen(self, due),
                Due::Apps(due) => apps::happen(self, due),
                Due::Iac(due) => iac::happen(self, due),
            }
        }
        self.now = self.now.max(until);
        // Messages and deliveries look back at what stood at their time, so they need no entry on the agenda each.
        aws::run_to(self, self.now);
    }

    /// Puts `due` on the agenda; a time already past is due now.
    pub fn schedule(&mut self, at: Time, due: Due) {
        self.agenda.push(at.max(self.now), due);
    }
}
