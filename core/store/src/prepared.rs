//! What verdicts have to say, made ready for the log by whoever judged: the command that records it has only to write.

use std::collections::BTreeSet;

use recoup_model::Month;
use recoup_model::due::{CaseJudged, Finding, LineChange};
use recoup_model::id::LedgerId;
use recoup_model::record::{Leaf, Record};

use crate::StoreError;
use crate::log::{Chunk, Encoded};
use crate::types::Id;

/// Something that a verdict says anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A line, with the postings that it lacked.
    Line(LineChange),
    /// A finding.
    Finding(Finding),
    /// A case.
    Judged(CaseJudged),
}

impl From<Said> for Leaf {
    fn from(said: Said) -> Self {
        Self::from(match said {
            Said::Line(change) => Record::Line(change),
            Said::Finding(finding) => Record::Finding(finding),
            Said::Judged(judged) => Record::CaseJudged(judged),
        })
    }
}

/// What verdicts say, encoded and hashed.
#[derive(Debug, Default)]
pub struct Prepared {
    pub(crate) chunks: Vec<Chunk>,
    /// The periods that are posted into.
    pub(crate) periods: BTreeSet<Month>,
}

impl Prepared {
    /// Encodes what verdicts say.
    ///
    /// # Errors
    /// It has no JSON, or is too large for the database.
    pub fn new(ledger: LedgerId, said: Vec<Said>) -> Result<Self, StoreError> {
        let mut prepared = Self::default();
        let leaves: Vec<Leaf> = said.into_iter().map(Leaf::from).collect();
        for leaf in &leaves {
            if let Record::Line(change) = &leaf.record {
                prepared.periods.extend(change.postings.iter().map(|posting| posting.period));
            }
        }
        let mut encoded = leaves.iter().map(Encoded::new).peekable();
        while encoded.peek().is_some() {
            prepared.chunks.push(Chunk::of(Id(ledger.0), &mut encoded)?);
        }
        Ok(prepared)
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }
}
