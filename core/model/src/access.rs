//! Who may do what: users, tokens, rights and the keys that plugins are trusted by, and the two people it takes to
//! change them.

mod change;
mod role;
mod trust;

pub use change::{Change, Decision, DecisionFault, Proposal, ProposalState, Verdict};
pub use role::{Leave, Permission, Role};
pub use trust::{KeyNumber, NotAKey, PublicKey, TrustedKey};

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::id::{GrantId, LedgerId, TokenId, UnitId, UserId};

/// Somebody who may sign in; display name and password are in the personal part. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id, from the login.
    pub id: UserId,
    /// What they sign in with; no name, because it is never erased.
    pub login: String,
    /// Whether they are shut out.
    pub disabled: bool,
    /// Whether somebody else gave them their password: they can do nothing before they have changed it.
    #[serde(default)]
    pub password_given: bool,
}

impl User {
    /// The id of the user with a login.
    #[must_use]
    pub fn id_of(login: &str) -> UserId {
        UserId::from_parts(&[login.as_bytes()])
    }
}

/// What is shown instead of a password. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Its id.
    pub id: TokenId,
    /// In whose name it acts.
    pub user: UserId,
    /// What it is for.
    pub label: String,
    /// Digest of the secret; 256 random bits need no salt and no slow hash.
    pub secret: Digest,
    /// From when on it is no longer accepted.
    pub expires_at: DateTime<Utc>,
    /// Whether it was taken back.
    pub revoked: bool,
    /// Whether it came with a password, by signing in; else a program has it, from two administrators.
    #[serde(default)]
    pub session: bool,
}

impl ApiToken {
    /// Whether it is accepted at a moment.
    #[must_use]
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        !self.revoked && at < self.expires_at
    }
}

/// A role that somebody has, for some books or all. A later record of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id, from what it says.
    pub id: GrantId,
    /// Who.
    pub user: UserId,
    /// What they are.
    pub role: Role,
    /// In which ledger; in every one when absent.
    pub ledger: Option<LedgerId>,
    /// For which unit and those below it; for all of the ledger when absent.
    pub unit: Option<UnitId>,
    /// Whether it was taken back.
    pub revoked: bool,
}

impl Grant {
    /// A right: equal ones have one id.
    #[must_use]
    pub fn new(user: UserId, role: Role, ledger: Option<LedgerId>, unit: Option<UnitId>) -> Self {
        let ledger_bytes = ledger.map(|l| *l.0.as_bytes()).unwrap_or_default();
        let unit_bytes = unit.map(|u| *u.0.as_bytes()).unwrap_or_default();
        let id = GrantId::from_parts(&[user.0.as_bytes(), role.word().as_bytes(), &ledger_bytes, &unit_bytes]);
        Self { id, user, role, ledger, unit, revoked: false }
    }

    /// Whether the role can be had for what the right names.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        match self.role {
            Role::Administrator => self.ledger.is_none() && self.unit.is_none(),
            _ => self.ledger.is_some() || self.unit.is_none(),
        }
    }
}

/// The first right that excludes a role for the same person.
#[must_use]
pub fn exclusive(held: &[Grant], wanted: Role) -> Option<&Grant> {
    held.iter().find(|grant| !grant.revoked && grant.role.excludes(wanted))
}

/// What of a ledger may be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sight {
    /// All of it.
    Everything,
    /// What belongs to these units and those below them.
    Units(BTreeSet<UnitId>),
}

impl Sight {
    /// What can be seen with both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Units(mut a), Self::Units(b)) => {
                a.extend(b);
                Self::Units(a)
            }
            _ => Self::Everything,
        }
    }

    /// Whether all of the other is in it, by the units that are named.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everything, _) => true,
            (Self::Units(_), Self::Everything) => false,
            (Self::Units(a), Self::Units(b)) => a.is_superset(b),
        }
    }
}

/// The sight that rights open for a permission in a ledger, with or without a stated purpose; `None` when they do not
/// have it. What concerns the installation is asked for without a ledger.
#[must_use]
pub fn sight(grants: &[Grant], permission: Permission, ledger: Option<LedgerId>, purpose: bool) -> Option<Sight> {
    let needed = if purpose { Leave::ForPurpose } else { Leave::Yes };
    let applies = |g: &&Grant| {
        let here = g.ledger.is_none() || (!permission.is_of_installation() && g.ledger == ledger);
        !g.revoked && here && (g.unit.is_none() || permission.is_by_unit()) && g.role.leave(permission) >= needed
    };
    let of = |g: &Grant| g.unit.map_or(Sight::Everything, |unit| Sight::Units(BTreeSet::from([unit])));
    grants.iter().filter(applies).map(of).reduce(Sight::with)
}

/// Somebody saw what is sensitive; when, is said by the command that records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// Who.
    pub user: UserId,
    /// Of which ledger.
    pub ledger: LedgerId,
    /// What, such as `wage-months`.
    pub what: String,
    /// What for, where it had to be said.
    pub purpose: Option<String>,
    /// Whose: staff numbers, in order; nobody's where nothing was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
}
