//! What a ledger says in the end, in a form that does not depend on how it came to say it: no log positions, no row
//! numbers, no ids. Two histories are equal when their states are, on whichever database.

use std::collections::HashMap;

use recoup_engine::EngineError;
use recoup_engine::evaluate::KNOWN_NOW as NOW;
use recoup_engine::report::{aging, balance};
use recoup_model::calendar::Date;
use recoup_model::id::LedgerId;
use recoup_model::party::Source;
use recoup_model::pause::PauseKinds;
use recoup_model::receivable::EntryKind;
use recoup_store::{AgingBasis, EntryFilter, Store, View};

use crate::day;

/// Days at which balances are looked at, besides the end of time: corrections must be right in the past too.
const DAYS: [&str; 4] = ["2023-06-30", "2024-03-31", "2024-07-31", "2024-12-31"];

/// What a ledger says. Each part is sorted lines of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Debtors with their names.
    pub parties: Vec<String>,
    /// Contracts.
    pub contracts: Vec<String>,
    /// Receivables with all they say, and what is open in both currencies.
    pub receivables: Vec<String>,
    /// Receipts and credits with all they say, and what is not applied.
    pub receipts: Vec<String>,
    /// What is applied to what, net of what was taken back.
    pub applications: Vec<String>,
    /// The trial balance on several days.
    pub trial_balance: Vec<String>,
    /// Aging by receivable on several days.
    pub aging: Vec<String>,
}

impl State {
    /// The state of a ledger as known now.
    pub fn of(store: &mut Store, ledger: LedgerId) -> Self {
        store.read(ledger, Self::read).expect("the ledger can be read")
    }

    /// The last position of a ledger's log.
    pub fn position(store: &mut Store, ledger: LedgerId) -> i64 {
        store.read(ledger, |view| Ok::<_, EngineError>(view.head().position)).expect("the ledger can be read")
    }

    fn read(view: &mut View<'_>) -> Result<Self, EngineError> {
        let name = |s: &Option<Source>| s.as_ref().map_or_else(|| "?".to_owned(), |s| format!("{}:{}", s.system, s.key));
        let parties = view.parties(None, NOW)?;
        let debtors: HashMap<_, _> = parties.iter().map(|(p, _)| (p.id, name(&p.source))).collect();
        let contracts = view.contracts(None, NOW)?;
        let works: HashMap<_, _> = contracts.iter().map(|c| (c.id, c.code.clone())).collect();
        let receivables = view.receivables(None, NOW)?;
        let claims: HashMap<_, _> = receivables.iter().map(|r| (r.id, name(&r.source))).collect();
        let receipts = view.receipts(None, NOW)?;
        let monies: HashMap<_, _> = receipts.iter().map(|r| (r.id, name(&r.source))).collect();
        let open: HashMap<_, _> = view.open_amounts(Date::MAX, NOW, None)?.into_iter().map(|(id, a, b)| (id, (a, b))).collect();
        let unapplied: HashMap<_, _> = view.unapplied(Date::MAX, NOW, None)?.into_iter().map(|(id, a, b)| (id, (a, b))).collect();
        let mut applied: HashMap<String, i64> = HashMap::new();
        for e in view.entries(EntryFilter { receivables: None, receipts: None }, None, NOW)? {
            if let (EntryKind::Applied | EntryKind::Reversed, Some(claim), Some(money)) = (e.kind, e.receivable, e.receipt) {
                *applied.entry(format!("{:?} to {:?} on {}", monies.get(&money), claims.get(&claim), e.on)).or_default() -= e.amount;
            }
        }

        let mut state = Self {
            parties: parties.iter().map(|(p, n)| format!("{} {:?} {:?} {n:?}", name(&p.source), p.name, p.unified_code)).collect(),
            contracts: contracts.iter().map(|c| format!("{} {} {:?}", c.code, c.name, c.party.and_then(|p| debtors.get(&p)))).collect(),
            receivables: receivables
                .iter()
                .map(|r| {
                    let (key, debtor, contract) = (name(&r.source), debtors.get(&r.party), r.contract.and_then(|c| works.get(&c)));
                    format!(
                        "{key} of {debtor:?} {contract:?} {:?} `{}` {} {} / {} on {} due {:?} {:?} {:?} open {:?}",
                        r.kind,
                        r.document,
                        r.gross,
                        r.gross.currency(),
                        r.ledger_gross,
                        r.document_date,
                        r.due,
                        r.due_source,
                        r.stage,
                        open.get(&r.id)
                    )
                })
                .collect(),
            receipts: receipts
                .iter()
                .map(|r| {
                    let (key, payer) = (name(&r.source), r.party.and_then(|p| debtors.get(&p)));
                    format!(
                        "{key} of {payer:?} {} {} {} / {} on {} value {:?} `{}` unapplied {:?}",
                        r.means.word(),
                        r.amount,
                        r.amount.currency(),
                        r.ledger_amount,
                        r.booked,
                        r.value_date,
                        r.reference,
                        unapplied.get(&r.id)
                    )
                })
                .collect(),
            applications: applied.into_iter().filter(|(_, amount)| *amount != 0).map(|(what, amount)| format!("{what}: {amount}")).collect(),
            ..Self::default()
        };
        for as_of in DAYS.map(day).into_iter().chain([day("2199-12-31")]) {
            let (rows, total) = balance::trial_balance(view, as_of, NOW)?;
            state.trial_balance.extend(rows.iter().chain([&total]).map(|r| format!("{as_of} {r:?}")));
            let question = aging::Question {
                as_of,
                known_at: NOW,
                basis: AgingBasis::Due,
                buckets: "30d,90d,12m".parse().expect("buckets"),
                by: aging::By::Receivable,
                without_paused: PauseKinds::default(),
            };
            let report = aging::aging(view, &question)?;
            // The same claim has another id in another ledger.
            state.aging.extend(report.rows.iter().map(|r| format!("{as_of} {} {:?} {}", r.label, r.amounts, r.total)));
            state.aging.push(format!("{as_of} {:?} {} {}", report.totals, report.total, report.unapplied));
        }
        for part in [
            &mut state.parties,
            &mut state.contracts,
            &mut state.receivables,
            &mut state.receipts,
            &mut state.applications,
            &mut state.trial_balance,
            &mut state.aging,
        ] {
            part.sort();
        }
        Ok(state)
    }
}
