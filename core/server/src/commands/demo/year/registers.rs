//! The year's registers beside the ledger: each total of a register, and the sum of the records that it is about.

use std::collections::{HashMap, HashSet};

use recoup_engine::EngineError;
use recoup_engine::evaluate::KNOWN_NOW;
use recoup_engine::report::{accounts, aging, balance, due, payouts, recovery, sanctions, targets};
use recoup_model::due::{Balance, LineState};
use recoup_model::id::EntryId;
use recoup_model::pause::PauseKinds;
use recoup_model::receivable::{Entry, EntryKind, Means};
use recoup_model::record::Ledger;
use recoup_model::settlement::{Settlement, Way};
use recoup_model::{Date, Month};
use recoup_store::{AgingBasis, EntryFilter, LineFilter, PostingFilter, StoredPosting, View};

/// A total of a register, and what the ledger's own records add up to.
pub(super) struct Total {
    pub register: &'static str,
    pub figure: String,
    pub stated: i64,
    pub ledger: i64,
    /// Whether it is money; a number otherwise.
    pub money: bool,
}

/// What is compared: the year, and the last day on which payroll settled something of it.
pub(super) struct Span<'a> {
    pub packs: &'a [String],
    pub from: Month,
    pub to: Month,
    pub settled: Date,
    pub buckets: aging::Buckets,
}

/// Every total of every register.
pub(super) fn totals(view: &mut View<'_>, ledger: &Ledger, span: &Span<'_>) -> Result<Vec<Total>, EngineError> {
    let books = Books::of(view, span)?;
    let mut totals = Vec::new();
    let mut say = |register, figure: &str, stated, ledger| totals.push(Total { register, figure: figure.to_owned(), stated, ledger, money: true });

    for pack in span.packs {
        let lines = due::lines(view, pack, span.to.last_day(), KNOWN_NOW)?;
        let sum = |state| lines.iter().filter(|row| row.state == state).map(|row| row.line.amount).sum();
        for (state, balance) in [(LineState::Contingent, Balance::Contingent), (LineState::Payable, Balance::Payable)] {
            say("lines", &format!("{pack}, {}", state.word()), sum(state), books.posted_by(view, pack, balance, span.to.last_day())?);
        }
    }
    let (_, all) = accounts::register(view, accounts::Which::All, span.settled, KNOWN_NOW)?;
    let payable = all.to_person + all.from_person;
    say("accounts", "contingent", all.contingent, books.of_people(Balance::Contingent));
    say("accounts", "payable", payable, books.of_people(Balance::Payable));
    say("accounts", "left to settle", all.owed, books.of_people(Balance::Payable) - books.settled(|_| true));
    let (_, runs) = payouts::register(view, span.settled, KNOWN_NOW)?;
    for (way, of_accounts, of_runs) in [(Way::Paid, all.paid, runs.paid), (Way::SetOff, all.set_off, runs.set_off), (Way::Taken, all.taken, runs.taken)] {
        let settled = books.settled(|s| s.way == way);
        say("accounts", way.word(), of_accounts, settled);
        say("payouts", way.word(), of_runs, settled);
    }
    let (_, withheld) = payouts::withheld(view, span.settled, KNOWN_NOW)?;
    let kept = |way: Way| books.settled(|s| s.account.purpose.withheld().is_some() && s.way == way);
    say("withheld", "withheld", withheld.withheld, kept(Way::Taken));
    say("withheld", "paid back", withheld.paid_back, kept(Way::Paid));
    say("withheld", "kept", withheld.kept, -(kept(Way::Taken) + kept(Way::Paid)));

    let recovered = recovery::recovery(view, recovery::By::Unit, (span.from, span.to), span.to.last_day(), KNOWN_NOW)?;
    let (cash, otherwise) = books.recovered(|entry, _| span.from <= Month::of(entry.on));
    let (rows_cash, rows_otherwise) = recovered.rows.iter().fold((0, 0), |(cash, other), row| (cash + row.cash, other + row.otherwise));
    say("recovery", "cash", rows_cash, cash);
    say("recovery", "otherwise", rows_otherwise, otherwise);
    // A reversal counts for the day of what it reverses.
    let (cash, _) = books.recovered(|_, root| span.from <= Month::of(root.on));
    let rows = targets::targets(view, ledger, span.to.last_day(), KNOWN_NOW)?;
    let whole = rows.iter().find(|row| row.depth == 0).map_or(0, |row| row.recovered);
    say("targets", "recovered", whole, cash);
    let of_tree = |depth| rows.iter().filter(|row| row.depth == depth).map(|row| row.target_amount).sum();
    say("targets", "units' parts", of_tree(1), of_tree(0));
    say("targets", "people's parts", of_tree(2), of_tree(0));

    let question = aging::Question {
        as_of: span.to.last_day(),
        known_at: KNOWN_NOW,
        basis: AgingBasis::Due,
        buckets: span.buckets.clone(),
        by: aging::By::Debtor,
        without_paused: PauseKinds::default(),
    };
    let aged = aging::aging(view, &question)?;
    say("aging", "open", aged.totals.iter().sum(), books.claims(|_| true));
    say("aging", "received, not applied", aged.unapplied, books.receipts(|_| true));
    let (rows, total) = balance::trial_balance(view, span.to.last_day(), KNOWN_NOW)?;
    let debtors = |of: fn(&balance::Row) -> i64| rows.iter().map(of).sum::<i64>();
    say("trial balance", "claims", debtors(|row| row.claims), books.claims(|kind| matches!(kind, EntryKind::Gross | EntryKind::Correction)));
    say("trial balance", "applied", debtors(|row| row.applied), -books.claims(|kind| matches!(kind, EntryKind::Applied | EntryKind::Reversed)));
    say("trial balance", "written off", debtors(|row| row.written_off), -books.claims(|kind| kind == EntryKind::WrittenOff));
    say("trial balance", "open", total.open, books.claims(|_| true));
    say("trial balance", "received", total.received, books.receipts(|kind| !matches!(kind, EntryKind::Applied | EntryKind::Reversed)));
    say("trial balance", "not applied", total.unapplied, books.receipts(|_| true));

    let in_force = sanctions::in_force(view, span.to.last_day(), KNOWN_NOW)?.len();
    let recorded = view.sanctions(None, KNOWN_NOW)?.into_iter().filter(|s| {
        let over = s.lifted.is_some_and(|day| day <= span.to.last_day()) || s.until.is_some_and(|day| day < span.to.last_day());
        !s.withdrawn && s.from <= span.to.last_day() && !over
    });
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (stated, ledger) = (count(in_force), count(recorded.count()));
    totals.push(Total { register: "sanctions", figure: "in force".to_owned(), stated, ledger, money: false });
    Ok(totals)
}

/// The records themselves.
struct Books {
    entries: Vec<Entry>,
    postings: Vec<StoredPosting>,
    settlements: Vec<Settlement>,
}

impl Books {
    fn of(view: &mut View<'_>, span: &Span<'_>) -> Result<Self, EngineError> {
        let settlements = view.settlements(Month::of(Date::MAX), KNOWN_NOW)?.into_iter().filter(|s| s.on <= span.settled);
        Ok(Self {
            entries: view.entries(EntryFilter::default(), Some(span.to.last_day()), KNOWN_NOW)?,
            settlements: settlements.collect(),
            postings: view.postings_page(PostingFilter::default(), &StoredPosting::ALL, span.settled, KNOWN_NOW)?,
        })
    }

    fn posted(&self, of: impl Fn(&StoredPosting) -> bool) -> i64 {
        self.postings.iter().filter(|p| of(p)).map(|p| p.posting.amount).sum()
    }

    fn of_people(&self, balance: Balance) -> i64 {
        self.posted(|p| p.to.person().is_some() && p.posting.balance == balance)
    }

    /// What is posted by a pack, on people and parties.
    fn posted_by(&self, view: &mut View<'_>, pack: &str, balance: Balance, until: Date) -> Result<i64, EngineError> {
        let lines: HashSet<_> = view.lines(LineFilter { pack: Some(pack), subjects: None }, KNOWN_NOW)?.into_iter().map(|line| line.id).collect();
        Ok(self.posted(|p| p.posting.balance == balance && p.posting.on <= until && lines.contains(&p.line)))
    }

    fn settled(&self, of: impl Fn(&Settlement) -> bool) -> i64 {
        self.settlements.iter().filter(|s| of(s)).map(|s| s.amount).sum()
    }

    fn claims(&self, of: impl Fn(EntryKind) -> bool) -> i64 {
        self.entries.iter().filter(|e| e.receivable.is_some() && of(e.kind)).map(|e| e.ledger_amount).sum()
    }

    fn receipts(&self, of: impl Fn(EntryKind) -> bool) -> i64 {
        self.entries.iter().filter(|e| e.receipt.is_some() && of(e.kind)).map(|e| e.ledger_amount).sum()
    }

    /// Cash applied and what was applied otherwise, reversals taken off, of entries whose own or first day counts.
    fn recovered(&self, of: impl Fn(&Entry, &Entry) -> bool) -> (i64, i64) {
        let by_id: HashMap<EntryId, &Entry> = self.entries.iter().map(|e| (e.id, e)).collect();
        let (mut cash, mut otherwise) = (0, 0);
        for entry in self.entries.iter().filter(|e| matches!(e.kind, EntryKind::Applied | EntryKind::Reversed)) {
            let root = entry.cites.and_then(|id| by_id.get(&id).copied()).unwrap_or(entry);
            if of(entry, root) {
                *(if root.means.unwrap_or(Means::Cash) == Means::Cash { &mut cash } else { &mut otherwise }) -= entry.ledger_amount;
            }
        }
        (cash, otherwise)
    }
}
