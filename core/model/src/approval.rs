//! Approvals (审批) in a ledger: what one person asks for and another decides, within an authority matrix.
//!
//! A request is to a ledger what a proposal is to the installation: it is decided once, by somebody else than its maker
//! ([`crate::access::ProposalState`]), with the same [`crate::access::Decision`]. It is bound to what it asks for and builds on.

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::access::User;
use crate::calendar::{Date, Month};
use crate::due::PolicyInForce;
use crate::id::{PayoutId, ProposalId, UnitId, UserId};
use crate::parameter::ParameterChange;
use crate::period::{Close, Obstacle};
use crate::settlement::GuardMode;
use crate::stacking::Families;

/// Something that one person asks for and another decides (审批申请).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its id.
    pub id: ProposalId,
    /// What is asked for.
    pub matter: Matter,
    /// The amount that decides who may approve, in minor units of the ledger's currency, where the kind has one. That of a
    /// payout run is not here, for it may tell a wage: the run has it.
    pub amount: Option<i64>,
    /// The unit that it concerns, where it concerns one alone.
    pub unit: Option<UnitId>,
    /// Who asks.
    pub maker: UserId,
    /// Digest of what it builds on: should that differ when it is decided, it was asked for something else.
    pub basis: Digest,
}

/// What can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Matter {
    /// Open a period again.
    Reopen {
        /// Which.
        month: Month,
        /// How firmly it is closed.
        from: Close,
    },
    /// Close a period over what stands in the way of it.
    Exclude {
        /// Which.
        month: Month,
        /// Over what.
        obstacles: Vec<Obstacle>,
    },
    /// Close a period for good.
    HardClose {
        /// Which.
        month: Month,
        /// The policy pack by which it was found to be ready.
        pack: String,
    },
    /// State facts of a soft-closed period.
    Correction {
        /// Source system of references without a colon.
        system: String,
        /// The facts, as JSON.
        facts: String,
    },
    /// Hand a payout run to payroll.
    Payout {
        /// Which.
        payout: PayoutId,
    },
    /// Take back what was paid and taken of a payout run.
    PayoutReversal {
        /// Which.
        payout: PayoutId,
        /// Why.
        reason: String,
    },
    /// Have the wage guard hold, or only report.
    WageGuard {
        /// From this day on.
        from: Date,
        /// How.
        mode: GuardMode,
    },
    /// Put a policy in force whose parameters change the past.
    Parameters {
        /// The policy.
        policy: Box<PolicyInForce>,
        /// Everything that it changes of the one in force, days to come included.
        changes: Vec<ParameterChange>,
    },
    /// Have bonuses of two families earned on one application.
    Stacking {
        /// Which.
        families: Families,
        /// On applications of this day or later.
        from: Date,
        /// On those of this day or earlier, where it has an end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Date>,
    },
}

/// The kinds of what can be asked for: what an authority matrix tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatterKind {
    /// Open a soft-closed period again.
    Reopen,
    /// Open a hard-closed one again.
    ReopenHard,
    /// Close a period over what stands in the way of it.
    Exclude,
    /// Close a period for good.
    HardClose,
    /// State facts of a soft-closed period.
    Correction,
    /// Hand a payout run to payroll.
    Payout,
    /// Take back what was paid and taken of a payout run.
    PayoutReversal,
    /// Have the wage guard hold, or only report.
    WageGuard,
    /// Put a policy in force whose parameters change the past.
    Parameters,
    /// Have bonuses of two families earned on one application.
    Stacking,
}

impl MatterKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Reopen,
        Self::ReopenHard,
        Self::Exclude,
        Self::HardClose,
        Self::Correction,
        Self::Payout,
        Self::PayoutReversal,
        Self::WageGuard,
        Self::Parameters,
        Self::Stacking,
    ];

    /// The word used in files and databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reopen => "reopen",
            Self::ReopenHard => "reopen-hard",
            Self::Exclude => "exclude",
            Self::HardClose => "hard-close",
            Self::Correction => "correction",
            Self::Payout => "payout",
            Self::PayoutReversal => "payout-reversal",
            Self::WageGuard => "wage-guard",
            Self::Parameters => "parameters",
            Self::Stacking => "stacking",
        }
    }

    /// Whether requests of the kind have an amount.
    #[must_use]
    pub const fn has_amount(self) -> bool {
        matches!(self, Self::Correction | Self::Payout | Self::PayoutReversal)
    }
}

impl Matter {
    /// Whether it concerns every unit of the ledger: a payout run is of all of them, and so are the wage guard and policies.
    #[must_use]
    pub const fn is_of_the_ledger(&self) -> bool {
        matches!(self.kind(), MatterKind::Payout | MatterKind::PayoutReversal | MatterKind::WageGuard | MatterKind::Parameters | MatterKind::Stacking)
    }

    /// What kind it is of.
    #[must_use]
    pub const fn kind(&self) -> MatterKind {
        match self {
            Self::Reopen { from: Close::Soft, .. } => MatterKind::Reopen,
            Self::Reopen { from: Close::Hard, .. } => MatterKind::ReopenHard,
            Self::Exclude { .. } => MatterKind::Exclude,
            Self::HardClose { .. } => MatterKind::HardClose,
            Self::Correction { .. } => MatterKind::Correction,
            Self::Payout { .. } => MatterKind::Payout,
            Self::PayoutReversal { .. } => MatterKind::PayoutReversal,
            Self::WageGuard { .. } => MatterKind::WageGuard,
            Self::Parameters { .. } => MatterKind::Parameters,
            Self::Stacking { .. } => MatterKind::Stacking,
        }
    }

    /// The payout run that it concerns, where it concerns one.
    #[must_use]
    pub const fn payout(&self) -> Option<PayoutId> {
        match self {
            Self::Payout { payout } | Self::PayoutReversal { payout, .. } => Some(*payout),
            _ => None,
        }
    }

    /// The period that it concerns, where it concerns one.
    #[must_use]
    pub const fn month(&self) -> Option<Month> {
        match self {
            Self::Reopen { month, .. } | Self::Exclude { month, .. } | Self::HardClose { month, .. } => Some(*month),
            Self::Correction { .. }
            | Self::Payout { .. }
            | Self::PayoutReversal { .. }
            | Self::WageGuard { .. }
            | Self::Parameters { .. }
            | Self::Stacking { .. } => None,
        }
    }
}

/// Who may approve what (审批权限表), from a day on until another table takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// First day.
    pub from: Date,
    /// Its rows; what none of them covers nobody may approve.
    pub rows: Vec<AuthorityRow>,
}

/// One row: who may approve requests of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityRow {
    /// Of which kind.
    pub kind: MatterKind,
    /// Up to which amount, in minor units of the ledger's currency; any when absent.
    pub up_to: Option<i64>,
    /// Of which unit; any when absent.
    pub unit: Option<UnitId>,
    /// Who, by login.
    pub approvers: Vec<String>,
}

impl AuthorityRow {
    /// Whether it covers a request. What has no amount is not below any limit: missing is never zero.
    #[must_use]
    pub fn covers(&self, kind: MatterKind, amount: Option<i64>, unit: Option<UnitId>) -> bool {
        let within = self.up_to.is_none_or(|limit| amount.is_some_and(|amount| amount <= limit));
        self.kind == kind && within && self.unit.is_none_or(|own| Some(own) == unit)
    }
}

impl Authority {
    /// The table in force on a day: of those that have begun the one that began last; of two for one day the later recorded.
    #[must_use]
    pub fn in_force(tables: impl IntoIterator<Item = Self>, on: Date) -> Option<Self> {
        tables.into_iter().filter(|table| table.from <= on).max_by_key(|table| table.from)
    }

    /// Everybody who may approve such a request.
    #[must_use]
    pub fn approvers(&self, kind: MatterKind, amount: Option<i64>, unit: Option<UnitId>) -> Vec<UserId> {
        let rows = self.rows.iter().filter(|row| row.covers(kind, amount, unit));
        rows.flat_map(|row| &row.approvers).map(|login| User::id_of(login)).collect()
    }

    /// Whether it says anything of a kind.
    #[must_use]
    pub fn knows(&self, kind: MatterKind) -> bool {
        self.rows.iter().any(|row| row.kind == kind)
    }
}

/// Somebody decides in somebody else's place, for a time. Stated again for the same two and first day, it replaces the former.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Whose authority.
    pub from: UserId,
    /// Who has it besides.
    pub to: UserId,
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
}

impl Delegation {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds(&self, on: Date) -> bool {
        self.first <= on && on <= self.last
    }
}

/// In whose authority somebody may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acting {
    /// In their own.
    Own,
    /// In that of somebody who delegated it to them.
    For(UserId),
}

/// Why somebody may not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAuthority {
    /// No row covers the request.
    Gap,
    /// Rows cover it, and name others.
    NotNamed,
    /// They would decide in the place of whoever asked.
    DelegatorMadeIt,
}

/// In whose authority somebody may decide what somebody made, on a day. Authority that was delegated is not delegated again.
///
/// # Errors
/// A [`NoAuthority`].
pub fn acting(approvers: &[UserId], delegations: &[Delegation], maker: UserId, by: UserId, on: Date) -> Result<Acting, NoAuthority> {
    if approvers.is_empty() {
        return Err(NoAuthority::Gap);
    }
    if approvers.contains(&by) {
        return Ok(Acting::Own);
    }
    let lent = || delegations.iter().filter(|d| d.to == by && d.holds(on) && approvers.contains(&d.from)).map(|d| d.from);
    match (lent().find(|from| *from != maker), lent().next()) {
        (Some(from), _) => Ok(Acting::For(from)),
        (None, Some(_)) => Err(NoAuthority::DelegatorMadeIt),
        (None, None) => Err(NoAuthority::NotNamed),
    }
}
