//! The debrief made ready for the screen: sections of lines. Does not reckon anything.

use crate::drill::run::Run;
use crate::ui::face::Look;
use crate::ui::screens::debrief::{Section, Sheet};
use crate::ui::theme::Role;

pub fn of(run: &Run, look: &Look) -> Sheet {
    let card = run.score();
    let mut ledger = Vec::new();
    for sum in &card.dims {
        let got = card.dim_m(sum.dim);
        let words = match sum.got {
            Some(_) => format!("{:<14} {} of {}", sum.name, super::runs::tenths(got), sum.max),
            None => format!("{:<14} -", sum.name),
        };
        ledger.push((Role::Title, words));
    }
    let _ = look;
    let total = format!("{} of {}", super::runs::tenths(card.total_m()), card.max());
    Sheet {
        title: format!("{}   {total}", run.case.drill.title),
        sections: vec![Section { title: total, lines: ledger }],
    }
}
