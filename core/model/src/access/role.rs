//! Roles and the one table of what they may do.

use serde::{Deserialize, Serialize};

/// What somebody is for the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Says who may do what; sees no books.
    Administrator,
    /// Brings exports in.
    Integrator,
    /// Recovers debts.
    Collector,
    /// Pays wages.
    Payroll,
    /// Approves what others made.
    Approver,
    /// Examines everything, changes nothing.
    Auditor,
    /// A program that imports and evaluates by schedule.
    Service,
}

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// Read what is public.
    Read,
    /// Read names, accounts and identity numbers of natural persons.
    ReadPersonal,
    /// Read wages.
    ReadSensitive,
    /// Import files.
    Import,
    /// State facts.
    Record,
    /// Evaluate policies.
    Evaluate,
    /// Have payout runs made, and say whether the wage guard shall hold.
    Settle,
    /// Close periods.
    ClosePeriod,
    /// Decide what others ask for.
    Approve,
    /// Propose and decide who may do what.
    ManageAccess,
    /// Read who may do what, and who saw what is sensitive.
    ReadAccessLog,
}

/// Whether a role has a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leave {
    /// No.
    No,
    /// Only for a stated purpose, which is recorded.
    ForPurpose,
    /// Yes.
    Yes,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 11] = [
        Self::Read,
        Self::ReadPersonal,
        Self::ReadSensitive,
        Self::Import,
        Self::Record,
        Self::Evaluate,
        Self::Settle,
        Self::ClosePeriod,
        Self::Approve,
        Self::ManageAccess,
        Self::ReadAccessLog,
    ];

    /// The word that descriptions use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadPersonal => "read-personal",
            Self::ReadSensitive => "read-sensitive",
            Self::Import => "import",
            Self::Record => "record",
            Self::Evaluate => "evaluate",
            Self::Settle => "settle",
            Self::ClosePeriod => "close-period",
            Self::Approve => "approve",
            Self::ManageAccess => "manage-access",
            Self::ReadAccessLog => "read-access-log",
        }
    }

    /// Whether it can be had for some units only: files, evaluations and periods concern a ledger whole.
    #[must_use]
    pub const fn is_by_unit(self) -> bool {
        matches!(self, Self::Read | Self::ReadPersonal | Self::ReadSensitive)
    }

    /// Whether it concerns the installation and no ledger.
    #[must_use]
    pub const fn is_of_installation(self) -> bool {
        matches!(self, Self::ManageAccess | Self::ReadAccessLog)
    }
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [Self::Administrator, Self::Integrator, Self::Collector, Self::Payroll, Self::Approver, Self::Auditor, Self::Service];

    /// The word used on the command line and in databases.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Integrator => "integrator",
            Self::Collector => "collector",
            Self::Payroll => "payroll",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Service => "service",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// What a role may do: the one table.
    #[must_use]
    pub const fn leave(self, permission: Permission) -> Leave {
        use Permission as P;
        match (self, permission) {
            (Self::Administrator, P::ManageAccess | P::ReadAccessLog)
            | (Self::Integrator, P::Read | P::Import)
            | (Self::Collector, P::Read | P::ReadPersonal | P::Record)
            | (Self::Payroll, P::Read | P::ReadPersonal | P::ReadSensitive | P::Settle)
            | (Self::Approver, P::Read | P::ReadPersonal | P::ClosePeriod | P::Approve)
            | (Self::Auditor, P::Read | P::ReadPersonal | P::ReadAccessLog)
            | (Self::Service, P::Read | P::Import | P::Evaluate) => Leave::Yes,
            (Self::Auditor, P::ReadSensitive) => Leave::ForPurpose,
            (Self::Administrator | Self::Integrator | Self::Collector | Self::Payroll | Self::Approver | Self::Auditor | Self::Service, _) => Leave::No,
        }
    }

    /// Whether one person may not have both: who brings figures in, who approves and who examines are three people.
    /// A service brings them in as an integrator does, and whoever examines states no facts either.
    #[must_use]
    pub const fn excludes(self, other: Self) -> bool {
        use Role as R;
        matches!(
            (self, other),
            (R::Integrator | R::Service, R::Approver | R::Auditor)
                | (R::Approver | R::Auditor, R::Integrator | R::Service)
                | (R::Approver, R::Auditor)
                | (R::Auditor, R::Approver | R::Collector)
                | (R::Collector, R::Auditor)
        )
    }
}
