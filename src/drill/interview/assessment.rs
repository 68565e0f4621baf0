//! What one interviewer files about one run: a level for each competency, confirmed or overridden with a reason, words, and
//! private notes. It lies beside the journal, never in it. Does not know files.

use super::Competency;
use super::rubric::{LEVEL_MAX, Proposal};
use serde::{Deserialize, Serialize};

/// The form of these files.
pub const FORMAT: u32 = 1;
/// A text of an interviewer's is no longer than this, in bytes.
pub const TEXT_MAX: usize = 16 << 10;

/// One competency, judged by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    pub competency: Competency,
    /// What the rubric proposed; `None`: not observed.
    pub proposed: Option<u8>,
    pub level: Option<u8>,
    /// Why it is another one than was proposed.
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    pub format: u32,
    pub interviewer: String,
    /// The engine that proposed.
    pub engine: String,
    /// Fingerprint of the journal that it is about.
    pub journal: String,
    /// When it was filed, by the wall clock.
    pub filed: String,
    pub levels: Vec<Judged>,
    /// For the report and the candidate.
    #[serde(default)]
    pub words: String,
    /// Private: never in the candidate's copy.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Judged {
    /// A proposal as it was confirmed.
    pub fn confirmed(proposal: &Proposal) -> Judged {
        let (competency, proposed) = (proposal.competency, proposal.level);
        Judged { competency, proposed, level: proposed, reason: String::new() }
    }

    pub fn overrides(&self) -> bool {
        self.level != self.proposed
    }
}

impl Assessment {
    /// What is wrong with it, if anything: every competency once, levels of the scale, a reason for each override.
    pub fn fault(&self) -> Option<String> {
        if self.interviewer.trim().is_empty() {
            return Some("an assessment names its interviewer".into());
        }
        for competency in Competency::ALL {
            let judged: Vec<&Judged> = self.levels.iter().filter(|own| own.competency == competency).collect();
            let [judged] = judged[..] else {
                return Some(format!("`{}` is judged {} times, not once", competency.name(), judged.len()));
            };
            if judged.level.is_some_and(|level| level == 0 || level > LEVEL_MAX) {
                return Some(format!("`{}`: levels go from 1 to {LEVEL_MAX}, or are `-`", competency.name()));
            }
            if judged.overrides() && judged.reason.trim().is_empty() {
                return Some(format!("`{}`: another level than the proposed one needs a reason", competency.name()));
            }
        }
        let texts = self.notes.iter().chain([&self.words, &self.interviewer]);
        let long = texts.chain(self.levels.iter().map(|own| &own.reason)).any(|text| text.len() > TEXT_MAX);
        long.then(|| format!("a text is longer than {TEXT_MAX} bytes"))
    }
}
