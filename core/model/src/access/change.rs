//! Changes of who may do what, and of whose plugins are trusted: one person asks, another decides.

use serde::{Deserialize, Serialize};

use super::{ApiToken, Grant, TrustedKey};
use crate::Digest;
use crate::id::{GrantId, KeyId, ProposalId, TokenId, UserId};

/// A change of who may do what, or of whose plugins are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Give a right.
    Grant(Grant),
    /// Take a right back.
    Revoke(GrantId),
    /// Have a token accepted.
    IssueToken(ApiToken),
    /// Accept it no longer.
    RevokeToken(TokenId),
    /// Shut a user out.
    Disable(UserId),
    /// Let them in again.
    Enable(UserId),
    /// Trust a key's signatures on plugins.
    Trust(TrustedKey),
    /// Trust them no longer.
    WithdrawTrust(KeyId),
}

/// A change that one person asks for and another decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// What shall change.
    pub change: Change,
    /// Who asks.
    pub maker: UserId,
    /// Digest of what the change builds on: should that differ when it is decided, it was asked for something else.
    pub basis: Digest,
}

/// What is said to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It shall be.
    Approve,
    /// It shall not be.
    Reject,
    /// Who asked for it no longer does.
    Withdraw,
}

/// A proposal, or a ledger's request, is decided, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Which.
    pub proposal: ProposalId,
    /// By whom.
    pub by: UserId,
    /// How.
    pub verdict: Verdict,
    /// In whose place, where a ledger's approver delegated it to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_whom: Option<UserId>,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProposalState {
    /// Nobody has decided.
    Pending,
    /// It was decided.
    Decided(Verdict),
}

/// Why a proposal cannot be decided so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecisionFault {
    /// One person is not two.
    #[error("whoever asks for a change does not decide on it: let another person decide, or withdraw it")]
    SamePerson,
    /// Somebody else's to withdraw.
    #[error("only who asked for a change withdraws it: reject it instead")]
    NotTheMaker,
    /// Too late.
    #[error("the proposal was decided before: ask again if it should be otherwise")]
    Decided,
}

impl DecisionFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SamePerson => "access.same_person",
            Self::NotTheMaker => "access.not_the_maker",
            Self::Decided => "access.decided",
        }
    }
}

impl ProposalState {
    /// The legal moves: once, by another person, or withdrawn by the maker.
    ///
    /// # Errors
    /// A [`DecisionFault`].
    pub fn decide(self, maker: UserId, by: UserId, verdict: Verdict) -> Result<Self, DecisionFault> {
        match (self, verdict) {
            (Self::Decided(_), _) => Err(DecisionFault::Decided),
            (Self::Pending, Verdict::Withdraw) if maker != by => Err(DecisionFault::NotTheMaker),
            (Self::Pending, Verdict::Approve | Verdict::Reject) if maker == by => Err(DecisionFault::SamePerson),
            (Self::Pending, _) => Ok(Self::Decided(verdict)),
        }
    }
}
