//! Payout runs (发放批次): what payroll gets of a month's statement, and the legal moves from preparing one to settling it.
//!
//! A run is fixed when it is prepared. What becomes of it are steps; whoever asks folds them ([`Progress`]). The day of
//! publication is day 0: with a notice of n days, a run is payable from the day after day n, unless an objection that was
//! raised by day n is open (AC-3).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::calendar::{Date, Month};
use crate::id::{AccountId, LineId, ObjectionId, PayoutId, PersonId, ProposalId, UserId};
use crate::settlement::{Account, GuardMode};

/// A line that an amount rests on, as it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RestsOn {
    /// Which line.
    pub line: LineId,
    /// The leaf of the log that holds it.
    pub leaf: u64,
}

/// What of an account is to be settled. Its amounts are minor units of the ledger's currency, above zero to the person, and
/// in the personal part: what the wage guard lets through tells the wage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutRow {
    /// Which account.
    pub account: Account,
    /// Number of the case's letter or agreement, or code of its contract.
    pub subject: String,
    /// To be paid out, gross.
    pub paid: i64,
    /// To be set off against the person's other accounts.
    pub set_off: i64,
    /// To be taken from the wage; zero or less.
    pub taken: i64,
    /// What of that the wage guard would not have let through, had it been enforced; zero or less.
    pub beyond_guard: i64,
    /// What the amounts rest on.
    pub rests_on: Vec<RestsOn>,
    /// What is said of taxes.
    pub tax_note: Option<String>,
}

impl PayoutRow {
    /// The item's reference in payroll files: that of its account.
    #[must_use]
    pub fn item(&self) -> AccountId {
        self.account.id()
    }

    /// What payroll is to pay (+) or take (−).
    #[must_use]
    pub const fn cash(&self) -> i64 {
        self.paid.saturating_add(self.taken)
    }
}

/// A payout run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// Its id.
    pub id: PayoutId,
    /// The month whose wages settle.
    pub month: Month,
    /// What was payable at the end of this day counts.
    pub as_of: Date,
    /// The last position whose facts it saw.
    pub known_at: i64,
    /// Whether the wage guard held.
    pub guard: GuardMode,
    /// Who prepared it, where somebody signed in.
    pub maker: Option<UserId>,
    /// For whom alone; for everybody when empty.
    pub chosen: Vec<PersonId>,
    /// Whose withheld wages are released; nobody's when empty.
    pub released: Vec<PersonId>,
    /// What is to be settled, by person.
    pub rows: Vec<PayoutRow>,
}

impl Payout {
    /// What two runs have in common that settle the same: all but who prepared them, and when.
    #[must_use]
    pub fn is_of_one_content(&self, other: &Self) -> bool {
        (self.month, self.as_of, self.guard, &self.rows) == (other.month, other.as_of, other.guard, &other.rows)
    }

    /// All that payroll is to move, to people and from them: the amount by which somebody may approve it. `None` beyond 64 bits.
    #[must_use]
    pub fn moved(&self) -> Option<i64> {
        self.rows.iter().try_fold(0_i64, |sum, row| sum.checked_add(row.cash().checked_abs()?))
    }

    /// Every amount.
    pub(crate) fn figures(&mut self) -> impl Iterator<Item = &mut i64> {
        self.rows.iter_mut().flat_map(|row| [&mut row.paid, &mut row.set_off, &mut row.taken, &mut row.beyond_guard])
    }

    /// Puts amounts back where they were taken out; `false` when they are not as many.
    pub(crate) fn put_figures(&mut self, figures: &[i64]) -> bool {
        let places: Vec<&mut i64> = self.figures().collect();
        let fits = places.len() == figures.len();
        places.into_iter().zip(figures).for_each(|(place, figure)| *place = *figure);
        fits
    }
}

/// For how long a run is published before it is paid, and what is said of taxes; from a day on until other terms hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutTerms {
    /// First day.
    pub from: Date,
    /// Days after the day of publication by which objections count.
    pub notice_days: u16,
    /// What is said of taxes where the policy pack says nothing.
    pub tax_note: Option<String>,
}

impl PayoutTerms {
    /// The terms in force on a day.
    #[must_use]
    pub fn in_force(all: impl IntoIterator<Item = Self>, on: Date) -> Option<Self> {
        all.into_iter().filter(|terms| terms.from <= on).max_by_key(|terms| terms.from)
    }
}

/// Something that becomes of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutStep {
    /// Which run.
    pub payout: PayoutId,
    /// On which day.
    pub on: Date,
    /// What.
    pub step: Step,
}

/// What becomes of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// It is published.
    Published {
        /// With a notice of so many days.
        notice_days: u16,
    },
    /// Somebody objects; what they say is in the personal part.
    Objected {
        /// The objection.
        objection: ObjectionId,
        /// Who.
        person: PersonId,
    },
    /// An objection is closed.
    Resolved {
        /// Which.
        objection: ObjectionId,
        /// How.
        reason: String,
    },
    /// Payroll got it.
    Exported,
    /// Payroll confirmed what it paid and took of it.
    Returned,
    /// It is not paid, or no more of it is.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// What was paid and taken is taken back.
    Reversed {
        /// Why.
        reason: String,
        /// The request that was approved, where it took one.
        request: Option<ProposalId>,
    },
}

impl Step {
    /// The word used in reports and databases.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Published { .. } => "published",
            Self::Objected { .. } => "objected",
            Self::Resolved { .. } => "resolved",
            Self::Exported => "exported",
            Self::Returned => "returned",
            Self::Cancelled { .. } => "cancelled",
            Self::Reversed { .. } => "reversed",
        }
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum PayoutState {
    /// It is prepared.
    #[default]
    Prepared,
    /// It is published.
    Published,
    /// Payroll has it.
    Exported,
    /// Payroll has returned what it paid and took.
    Settled,
    /// It is not paid.
    Cancelled,
    /// What was paid and taken came back.
    Reversed,
}

impl PayoutState {
    /// Every state.
    pub const ALL: [Self; 6] = [Self::Prepared, Self::Published, Self::Exported, Self::Settled, Self::Cancelled, Self::Reversed];

    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Published => "published",
            Self::Exported => "exported",
            Self::Settled => "settled",
            Self::Cancelled => "cancelled",
            Self::Reversed => "reversed",
        }
    }

    /// The state after a step, if it may be taken: the one table of moves.
    #[must_use]
    pub const fn after(self, step: &Step) -> Option<Self> {
        match (self, step) {
            (Self::Prepared, Step::Published { .. }) | (Self::Published, Step::Objected { .. } | Step::Resolved { .. }) => Some(Self::Published),
            (Self::Published, Step::Exported) | (Self::Exported, Step::Resolved { .. }) => Some(Self::Exported),
            (Self::Exported | Self::Settled, Step::Returned) => Some(Self::Settled),
            (Self::Prepared | Self::Published | Self::Exported, Step::Cancelled { .. }) => Some(Self::Cancelled),
            (Self::Settled, Step::Reversed { .. }) => Some(Self::Reversed),
            _ => None,
        }
    }

    /// Whether its accounts wait for it: no other run takes them up.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Prepared | Self::Published | Self::Exported)
    }

    /// Whether what it says was paid, or may be.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Cancelled | Self::Reversed)
    }
}

impl fmt::Display for PayoutState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// An objection against a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// Its id.
    pub id: ObjectionId,
    /// Who objects.
    pub person: PersonId,
    /// Raised on which day.
    pub on: Date,
    /// How it was closed; it is open when absent.
    pub resolved: Option<String>,
}

/// What has become of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// How it stands.
    pub state: PayoutState,
    /// When it was published, and with how many days of notice.
    pub published: Option<(Date, u16)>,
    /// Objections, in the order of raising.
    pub objections: Vec<Objection>,
}

/// Why a run is not payable on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPayable {
    /// It is not published.
    NotPublished,
    /// Its notice is not over before this day.
    Before(Date),
    /// An objection that was raised in time is open.
    Objection(ObjectionId),
}

impl Progress {
    /// What the steps of a run come to, in their order.
    #[must_use]
    pub fn after<'a>(steps: impl IntoIterator<Item = &'a PayoutStep>) -> Self {
        let mut progress = Self::default();
        for PayoutStep { on, step, .. } in steps {
            progress.state = progress.state.after(step).unwrap_or(progress.state);
            match step {
                Step::Published { notice_days } => progress.published = Some((*on, *notice_days)),
                Step::Objected { objection, person } => progress.objections.push(Objection { id: *objection, person: *person, on: *on, resolved: None }),
                Step::Resolved { objection, reason } => {
                    progress.objections.iter_mut().filter(|o| o.id == *objection).for_each(|o| o.resolved = Some(reason.clone()));
                }
                Step::Exported | Step::Returned | Step::Cancelled { .. } | Step::Reversed { .. } => {}
            }
        }
        progress
    }

    /// The last day by which an objection holds the run up.
    #[must_use]
    pub fn notice_until(&self) -> Option<Date> {
        let (on, days) = self.published?;
        on.checked_add_days(chrono::Days::new(u64::from(days)))
    }

    /// Whether it may be paid on a day.
    ///
    /// # Errors
    /// A [`NotPayable`].
    pub fn payable(&self, on: Date) -> Result<(), NotPayable> {
        let until = self.notice_until().ok_or(NotPayable::NotPublished)?;
        if on <= until {
            return Err(NotPayable::Before(crate::calendar::next_day(until)));
        }
        let open = self.objections.iter().find(|o| o.on <= until && o.resolved.is_none());
        open.map_or(Ok(()), |objection| Err(NotPayable::Objection(objection.id)))
    }
}
