//! Random histories of a small ledger, and the plain arithmetic that the store must agree with.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use chrono::DateTime;
use proptest::prelude::*;
use recoup_model::access::{ApiToken, Change, Decision, Disclosure, Grant, Proposal, Role, TrustedKey, User, Verdict};
use recoup_model::accountability::{ContractClosed, Letter, RoleAssignment, RoleScope, Share, WageMonth};
use recoup_model::agreement::{About, Agreement, Holder, Holders, Milestone, Obligor, Percent, Supervision, Term};
use recoup_model::approval::{Authority, AuthorityRow, Delegation, Matter, MatterKind, Request};
use recoup_model::calendar::date;
use recoup_model::case::{CaseKey, Scope};
use recoup_model::due::{Balance, Basis, Beneficiary, CaseJudged, Fault, Finding, Line, LineChange, LineKey, LineState, PolicyInForce, Posting};
use recoup_model::id::{
    AgreementId, BatchId, ContractId, EntryId, FalseReportId, FindingId, LetterId, LineId, MilestoneId, PartyId, PauseId, PayoutId, PersonId, ProposalId,
    ReceiptId, ReceivableId, RoleId, SanctionId, TargetId, TokenId, UnitId,
};
use recoup_model::import::{BadRecords, Batch, Counts, Coverage, Dismissal, ImportSource, Issue, IssueKind};
use recoup_model::party::{Contract, Party, PartyKind, Person, Personal, Source, Unit};
use recoup_model::pause::{Pause, PauseKind};
use recoup_model::payout::{Payout, PayoutRow, PayoutStep, PayoutTerms, RestsOn, Step};
use recoup_model::period::{Close, PeriodClosed, PeriodReopened};
use recoup_model::receivable::{
    AllocationBasis, DueSource, Entry, EntryKind, ExpectedRecovery, Means, Receipt, Receivable, ReceivableKind, Stage, StageChange,
};
use recoup_model::record::{Evaluated, Leaf, Ledger, Record};
use recoup_model::sanction::{FalseReport, Sanction, SanctionKind};
use recoup_model::settlement::{Account, GuardMode, MinimumWage, Purpose, Settlement, WageGuard, Way};
use recoup_model::stacking::{Families, Stacking};
use recoup_model::target::{Part, Target, Tree, Whose};
use recoup_model::{Currency, Date, Digest, Money, Month};
use recoup_store::{CommandMeta, Store, StoreError};

pub fn books() -> Ledger {
    Ledger { id: Ledger::id_of("main"), code: "main".into(), name: "Works Ltd".into(), currency: Currency::CNY, time_zone: "Asia/Shanghai".into() }
}

pub fn meta(kind: &str, input: &str) -> CommandMeta {
    let recorded_at = DateTime::from_timestamp_micros(1_767_225_600_123_456).unwrap();
    CommandMeta { kind: kind.into(), input: Digest::of(input.as_bytes()), actor: "tester".into(), recorded_at }
}

pub fn opened(mut store: Store) -> Store {
    store.open_ledger(&books(), &meta("open-ledger", "open")).unwrap();
    store
}

pub fn put(store: &mut Store, leaves: Vec<Leaf>) -> recoup_store::Appended {
    append(store, &leaves).unwrap()
}

/// Leaves as one command.
pub fn append(store: &mut Store, leaves: &[Leaf]) -> Result<recoup_store::Appended, StoreError> {
    Ok(store.transact(books().id, &meta("test", ""), |tx| tx.append(leaves))?.1)
}

pub fn record(record: Record) -> Leaf {
    Leaf::from(record)
}

pub fn day(n: u32) -> Date {
    date(2024, 1, 1).unwrap() + chrono::Days::new(u64::from(n))
}

pub fn claim_id(n: usize) -> ReceivableId {
    ReceivableId::from_parts(&[&n.to_be_bytes()])
}

pub fn receipt_id(n: usize) -> ReceiptId {
    ReceiptId::from_parts(&[&n.to_be_bytes()])
}

pub fn entry_id(n: usize) -> EntryId {
    EntryId::from_parts(&[&n.to_be_bytes()])
}

pub fn party_id(n: u32) -> PartyId {
    PartyId::from_parts(&[&n.to_be_bytes()])
}

pub fn person_id(n: u32) -> PersonId {
    PersonId::from_parts(&[&n.to_be_bytes()])
}

pub fn letter_id(n: usize) -> LetterId {
    LetterId::from_parts(&[&n.to_be_bytes()])
}

pub fn agreement_id(n: usize) -> AgreementId {
    AgreementId::from_parts(&[&n.to_be_bytes()])
}

pub fn milestone_id(n: usize) -> MilestoneId {
    MilestoneId::from_parts(&[&n.to_be_bytes()])
}

pub fn contract_id(n: u32) -> ContractId {
    ContractId::from_parts(&[&n.to_be_bytes()])
}

pub fn source(key: &str, content: &str) -> Source {
    Source { system: "u8".into(), key: key.into(), locator: "row 1".into(), content: Digest::of(content.as_bytes()) }
}

pub fn claim(n: usize, party: u32, amount: i64, on: Date, due: Option<Date>) -> Receivable {
    Receivable {
        id: claim_id(n),
        party: party_id(party),
        contract: Some(contract_id(party)),
        kind: ReceivableKind::Invoice,
        document: format!("发票-{n}"),
        gross: Money::new(amount, "USD".parse().unwrap()),
        ledger_gross: Money::new(amount * 7, Currency::CNY),
        conversion: None,
        document_date: on,
        due,
        due_source: if due.is_some() { DueSource::Stated } else { DueSource::Unknown },
        stage: Stage::Settled,
        source: Some(source(&format!("R{n}"), &format!("R{n} {amount}"))),
    }
}

pub fn entry(n: usize, kind: EntryKind, claim: Option<usize>, receipt: Option<usize>, amount: i64, on: Date, cites: Option<usize>) -> Entry {
    let applied = kind == EntryKind::Applied;
    let entry = Entry {
        id: entry_id(n),
        kind,
        receivable: claim.map(claim_id),
        receipt: receipt.map(receipt_id),
        amount,
        ledger_amount: amount * 7,
        on,
        period: None,
        cites: cites.map(entry_id),
        means: applied.then_some(Means::Cash),
        basis: applied.then_some(AllocationBasis::Stated),
        source: None,
    };
    entry.check().unwrap();
    entry
}

pub fn letter(n: usize, claims: &[usize], persons: &[u32], from: Date) -> Letter {
    Letter {
        id: letter_id(n),
        code: format!("L{n}"),
        unit: None,
        from,
        deadline: day(400),
        receivables: claims.iter().map(|c| claim_id(*c)).collect(),
        shares: persons.iter().map(|p| Share { person: person_id(*p), weight: 1 }).collect(),
    }
}

pub fn receipt(n: usize, amount: i64) -> Receipt {
    let amount = Money::new(amount, Currency::CNY);
    Receipt {
        id: receipt_id(n),
        party: None,
        means: Means::Cash,
        amount,
        ledger_amount: amount,
        conversion: None,
        booked: day(1),
        value_date: None,
        reference: format!("B{n}"),
        source: None,
    }
}

/// A target that one unit has.
pub fn target(unit: UnitId) -> Target {
    let whole = Part { whose: Whose::Ledger, of: None, amount: 500 };
    let tree = Tree::try_from(vec![whole, Part { whose: Whose::Unit(unit), of: Some(0), amount: 500 }]).unwrap();
    Target { id: TargetId::from_parts(&[b"target"]), code: "T".into(), from: day(0), to: day(365), arrears: None, tree }
}

/// An agreement that one person holds.
pub fn agreement(n: usize, claims: &[usize], person: u32, from: Date) -> Agreement {
    let whole = Percent::try_from(rust_decimal::Decimal::ONE_HUNDRED).unwrap();
    Agreement {
        id: agreement_id(n),
        code: format!("A{n}"),
        kind: "entrustment".into(),
        unit: None,
        from,
        to: Some(day(300)),
        receivables: claims.iter().map(|c| claim_id(*c)).collect(),
        obligors: Vec::new(),
        holders: Holders::try_from(vec![Holder { person: person_id(person), share: whole }]).unwrap(),
        terms: [("target".to_owned(), Term::Money(5_000)), ("rate".to_owned(), Term::Decimal("0.05".parse().unwrap()))].into(),
        supervises: None,
    }
}

/// Whom an agreement binds.
pub fn obligor(party: u32) -> Obligor {
    Obligor { party: party_id(party), role: "guarantor".into() }
}

pub fn milestone(n: usize, about: About, on: Date) -> Milestone {
    let (kind, evidence) = ("ruling".into(), Some("(2024)-17".into()));
    Milestone { id: milestone_id(n), kind, about, on, amount: Some(700), person: None, evidence, withdrawn: false }
}

pub fn false_report(n: usize, about: About, on: Date) -> FalseReport {
    FalseReport {
        id: FalseReportId::from_parts(&[&n.to_be_bytes()]),
        code: format!("F{n}"),
        about,
        person: person_id(900),
        on,
        from: None,
        to: Some(on),
        sanction: Some(SanctionKind::Demerit),
        evidence: Some("(2024)-18".into()),
        withdrawn: false,
    }
}

/// A sanction from a day to the one before it is lifted.
pub fn sanction(n: usize, about: About, (from, lifted): (Date, Option<Date>)) -> Sanction {
    let id = SanctionId::from_parts(&[&n.to_be_bytes()]);
    let (code, why) = (format!("S{n}"), "(2024)-19".into());
    Sanction { id, code, kind: SanctionKind::NoTransfer, person: person_id(900), about, from, until: None, lifted, why, withdrawn: false }
}

/// A pause of a claim's clock.
pub fn pause(n: usize, claim: usize, (from, until): (Date, Option<Date>)) -> Pause {
    let id = PauseId::from_parts(&[&n.to_be_bytes()]);
    let (code, why) = (format!("H{n}"), "(2024)-20".into());
    Pause { id, code, receivable: claim_id(claim), kind: PauseKind::Litigation, from, until, why, withdrawn: false }
}

/// One of every kind of record, personal parts included.
pub fn one_of_each() -> Vec<Leaf> {
    let named = |name: &str| Personal { name: Some(name.into()), ..Personal::default() };
    let case = CaseKey { pack: "pack".into(), scope: Scope::Letter, subject: letter_id(900).0 };
    let key = LineKey { case: case.clone(), clause: "LC-1".into(), to: Beneficiary::Person(person_id(900)), basis: Basis::Entry(entry_id(900)), part: 0 };
    let line =
        Line { id: key.id(), key: key.clone(), amount: 500, states: vec![(day(3), LineState::Payable)], steps: vec![], withdrawn: false, sensitive: false };
    let batch = BatchId::from_parts(&[b"batch"]);
    let file = Digest::of(b"file");
    let money = Money::new(1_000, Currency::CNY);
    let party = Party { id: party_id(900), kind: PartyKind::Natural, name: None, unified_code: None, source: Some(source("P", "p")) };
    let receipt = Receipt {
        id: receipt_id(900),
        party: Some(party_id(900)),
        means: Means::Cash,
        amount: money,
        ledger_amount: money,
        conversion: None,
        booked: day(1),
        value_date: None,
        reference: "REF".into(),
        source: Some(source("B", "b")),
    };
    let role = |n: u32, scope| RoleAssignment {
        id: RoleId::from_parts(&[&n.to_be_bytes()]),
        person: person_id(900),
        role: "responsible".into(),
        scope,
        from: day(0),
        to: Some(day(50)),
        lifelong: false,
        confirmed: true,
    };
    let unit = UnitId::from_parts(&[b"unit"]);
    let read = Batch {
        id: batch,
        file_name: "应收.csv".into(),
        file,
        system: "u8".into(),
        adapter: "table".into(),
        adapter_version: "1".into(),
        component: file,
        profile: "u8".into(),
        profile_digest: file,
        bad_records: BadRecords::Quarantine,
        coverage: Coverage::Snapshot,
        counts: Counts::default(),
        controls: vec![],
    };
    let issue =
        Issue { batch, number: 1, kind: IssueKind::Refused, code: "table.bad_date".into(), locator: "row 2".into(), key: "R2".into(), message: "…".into() };
    let posting = Posting { balance: Balance::Payable, amount: 500, on: day(3), period: Month::of(day(3)), origin: None };
    let finding = Finding {
        id: FindingId::from_parts(&[b"finding"]),
        case: case.clone(),
        clause: "LC-9".into(),
        message: "overdue".into(),
        on: day(2),
        person: Some(person_id(900)),
        args: vec![],
        withdrawn: false,
    };
    let fault = Fault { code: "plugin.fuel".into(), args: vec![], detail: "out of fuel".into() };
    let account = Account { person: person_id(900), case: case.clone(), purpose: Purpose::Fine(0) };
    let wage = Personal { gross: Some(1_200_000), ..Personal::default() };
    let policy = PolicyInForce {
        pack: "pack".into(),
        version: "1".into(),
        component: file,
        parameters: "{}".into(),
        families: BTreeMap::new(),
        tax_notes: BTreeMap::new(),
    };
    let evaluated = Evaluated { pack: "pack".into(), as_of: day(9), known_at: 1, full: true, component: file, cases: 1, faults: 0 };
    let user = User { id: User::id_of("ada"), login: "ada".into(), disabled: false, password_given: false };
    let token = ApiToken {
        id: TokenId::from_parts(&[b"token"]),
        user: user.id,
        label: "scripts".into(),
        secret: Digest::of(b"secret"),
        expires_at: meta("", "").recorded_at,
        revoked: false,
        session: false,
    };
    let grant = Grant::new(user.id, Role::Collector, Some(books().id), Some(unit));
    let proposal = ProposalId::from_parts(&[b"proposal"]);
    vec![
        Leaf::with(Record::Party(party), named("张三")),
        Leaf::with(Record::Person(Person { id: person_id(900), code: "S-900".into() }), named("李四")),
        record(Record::Unit(Unit { id: unit, code: "U".into(), name: "Unit".into(), parent: None })),
        record(Record::Contract(Contract { id: contract_id(900), code: "C".into(), name: "Bridge".into(), party: None, source: None })),
        record(Record::Receivable(Receivable { contract: Some(contract_id(900)), ..claim(900, 900, 1_000, day(1), Some(day(30))) })),
        record(Record::StageChange(StageChange { receivable: claim_id(900), stage: Stage::Retention, on: day(5) })),
        record(Record::ExpectedRecovery(ExpectedRecovery { receivable: claim_id(900), on: day(5), by: day(90) })),
        record(Record::Pause(pause(900, 900, (day(40), Some(day(60)))))),
        Leaf::with(Record::Receipt(receipt), Personal { name: Some("王五".into()), account: Some("6222".into()), ..Personal::default() }),
        record(Record::Entry(entry(900, EntryKind::Gross, Some(900), None, 1_000, day(1), None))),
        record(Record::Letter(letter(900, &[900], &[900], day(0)))),
        record(Record::Agreement(Agreement {
            obligors: vec![obligor(900)],
            supervises: Some(Supervision { target: target(unit).id, units: vec![unit] }),
            ..agreement(900, &[900], 900, day(0))
        })),
        record(Record::Milestone(milestone(900, About::Receipt(receipt_id(900)), day(2)))),
        record(Record::Target(target(unit))),
        record(Record::FalseReport(false_report(900, About::Receipt(receipt_id(900)), day(2)))),
        record(Record::Sanction(sanction(900, About::Receivable(claim_id(900)), (day(2), Some(day(60)))))),
        record(Record::Role(role(1, RoleScope::Letter(letter_id(900))))),
        record(Record::Role(role(2, RoleScope::Receivable(claim_id(900))))),
        record(Record::Role(role(3, RoleScope::Contract(contract_id(900))))),
        record(Record::Role(role(4, RoleScope::Unit(unit)))),
        Leaf::with(Record::WageMonth(WageMonth { person: person_id(900), month: Month::of(day(1)) }), wage),
        record(Record::ContractClosed(ContractClosed { contract: contract_id(900), on: day(4), recover_by: None })),
        record(Record::Batch(read)),
        record(Record::Issue(issue)),
        record(Record::ImportSource(ImportSource {
            id: ImportSource::id_of(books().id, "u8-ar"),
            name: "u8-ar".into(),
            system: "u8".into(),
            profile: "u8".into(),
            adapter: "table".into(),
            bad_records: BadRecords::Quarantine,
            coverage: Coverage::Delta,
            retired: false,
        })),
        record(Record::Dismissal(Dismissal { batch, number: 1, reason: "…".into() })),
        record(Record::Policy(policy)),
        record(Record::Evaluated(evaluated)),
        record(Record::CaseJudged(CaseJudged { case, as_of: day(9), recheck_on: Some(day(60)), fault: Some(fault) })),
        record(Record::Line(LineChange { line, postings: vec![posting] })),
        record(Record::Finding(finding)),
        record(Record::Settlement(Settlement {
            account: account.clone(),
            month: Month::of(day(1)),
            on: day(31),
            way: Way::Taken,
            amount: -240_000,
            payout: Some(payout_id()),
        })),
        record(Record::MinimumWage(MinimumWage { place: "上海".into(), from: day(0), amount: 269_000 })),
        record(Record::Payout(Payout {
            id: payout_id(),
            month: Month::of(day(1)),
            as_of: day(31),
            known_at: 1,
            guard: GuardMode::ReportOnly,
            maker: Some(user.id),
            chosen: vec![person_id(900)],
            released: vec![],
            rows: vec![PayoutRow {
                account,
                subject: "L-900".into(),
                paid: 0,
                set_off: 0,
                taken: -240_000,
                beyond_guard: -1,
                rests_on: vec![RestsOn { line: LineId::from_parts(&[b"line"]), leaf: 9 }],
                tax_note: Some("…".into()),
            }],
        })),
        record(Record::PayoutStep(PayoutStep { payout: payout_id(), on: day(31), step: Step::Published { notice_days: 5 } })),
        record(Record::PayoutTerms(PayoutTerms { from: day(0), notice_days: 5, tax_note: None })),
        record(Record::WageGuard(WageGuard { from: day(0), mode: GuardMode::ReportOnly, request: ProposalId::from_parts(&[b"request"]) })),
        record(Record::Stacking(Stacking {
            families: Families::new("one", "other").unwrap(),
            from: day(0),
            to: None,
            request: ProposalId::from_parts(&[b"request"]),
        })),
        record(Record::PeriodClosed(PeriodClosed { month: Month::of(day(0)), close: Close::Soft, excluded: vec![], requests: vec![] })),
        record(Record::PeriodReopened(PeriodReopened { month: Month::of(day(0)), request: ProposalId::from_parts(&[b"request"]) })),
        record(Record::Request(Request {
            id: ProposalId::from_parts(&[b"request"]),
            matter: Matter::Reopen { month: Month::of(day(0)), from: Close::Soft },
            amount: None,
            unit: Some(unit),
            maker: user.id,
            basis: file,
        })),
        record(Record::Authority(Authority {
            from: day(0),
            rows: vec![AuthorityRow { kind: MatterKind::Correction, up_to: Some(1_000), unit: None, approvers: vec!["ada".into()] }],
        })),
        record(Record::Delegation(Delegation { from: user.id, to: User::id_of("bob"), first: day(0), last: day(9) })),
        Leaf::with(Record::User(user.clone()), Personal { password: Some("$argon2id$…".into()), ..named("Ada Lovelace") }),
        record(Record::ApiToken(token)),
        record(Record::Grant(grant.clone())),
        record(Record::TrustedKey(TrustedKey::new("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse().unwrap(), "vendor"))),
        record(Record::Proposal(Proposal { id: proposal, change: Change::Grant(grant), maker: user.id, basis: file })),
        record(Record::Decision(Decision { proposal, by: user.id, verdict: Verdict::Approve, for_whom: None })),
        record(Record::Disclosure(Disclosure { user: user.id, ledger: books().id, what: "wage-months".into(), purpose: None, persons: vec!["S-900".into()] })),
    ]
}

fn payout_id() -> PayoutId {
    PayoutId::from_parts(&[b"payout"])
}

/// One act of a random history; numbers choose among what exists.
#[derive(Debug, Clone)]
pub enum Act {
    Claim { amount: i64, on: u32, due: Option<u32>, party: u32 },
    Restate { which: usize, due: Option<u32>, party: u32 },
    Correct { which: usize, amount: i64, on: u32 },
    Receive { amount: i64, on: u32 },
    Apply { claim: usize, receipt: usize, amount: i64, on: u32 },
    TakeBack { which: usize, on: u32 },
    Bounce { which: usize, amount: i64, on: u32 },
    WriteOff { which: usize, amount: i64, on: u32 },
}

pub fn acts() -> impl Strategy<Value = Vec<Vec<Act>>> {
    let amount = 1..10_000_i64;
    let on = 0..365_u32;
    let which = any::<u16>().prop_map(usize::from);
    let act = prop_oneof![
        4 => (amount.clone(), on.clone(), proptest::option::of(0..500_u32), 0..4_u32).prop_map(|(amount, on, due, party)| Act::Claim { amount, on, due, party }),
        1 => (which.clone(), proptest::option::of(0..500_u32), 0..4_u32).prop_map(|(which, due, party)| Act::Restate { which, due, party }),
        1 => (which.clone(), amount.clone(), on.clone()).prop_map(|(which, amount, on)| Act::Correct { which, amount: amount - 5_000, on }),
        3 => (amount.clone(), on.clone()).prop_map(|(amount, on)| Act::Receive { amount, on }),
        5 => (which.clone(), which.clone(), amount.clone(), on.clone()).prop_map(|(claim, receipt, amount, on)| Act::Apply { claim, receipt, amount, on }),
        2 => (which.clone(), on.clone()).prop_map(|(which, on)| Act::TakeBack { which, on }),
        1 => (which.clone(), amount.clone(), on.clone()).prop_map(|(which, amount, on)| Act::Bounce { which, amount, on }),
        1 => (which, amount, on).prop_map(|(which, amount, on)| Act::WriteOff { which, amount, on }),
    ];
    proptest::collection::vec(proptest::collection::vec(act, 1..8), 1..12)
}

/// What a history recorded: each entry with its position.
#[derive(Debug, Default)]
pub struct History {
    pub commands: Vec<Vec<Leaf>>,
    pub entries: Vec<(i64, Entry)>,
    pub claims: usize,
    pub receipts: usize,
}

impl History {
    /// The history that acts amount to; command `i` takes position `i + 2`, after the opening of the ledger.
    pub fn of(acts: &[Vec<Act>]) -> Self {
        let mut history = Self::default();
        for (command, acts) in acts.iter().enumerate() {
            let position = i64::try_from(command).unwrap() + 2;
            let mut leaves = Vec::new();
            for act in acts {
                history.act(position, act, &mut leaves);
            }
            if leaves.is_empty() {
                // A command needs a leaf: positions must stay in step.
                leaves.push(record(Record::Person(Person { id: person_id(7), code: format!("S-{command}") })));
            }
            history.commands.push(leaves);
        }
        history
    }

    fn act(&mut self, position: i64, act: &Act, leaves: &mut Vec<Leaf>) {
        let pick = |n: usize, of: usize| (of > 0).then(|| n % of);
        let next = self.entries.len();
        let moved = match *act {
            Act::Claim { amount, on, due, party } => {
                leaves.push(record(Record::Receivable(claim(self.claims, party, amount, day(on), due.map(day)))));
                self.claims += 1;
                Some(entry(next, EntryKind::Gross, Some(self.claims - 1), None, amount, day(on), None))
            }
            Act::Restate { which, due, party } => {
                if let Some(n) = pick(which, self.claims) {
                    leaves.push(record(Record::Receivable(claim(n, party, 1, day(10), due.map(day)))));
                }
                None
            }
            Act::Correct { which, amount, on } => {
                pick(which, self.claims).filter(|_| amount != 0).map(|n| entry(next, EntryKind::Correction, Some(n), None, amount, day(on), None))
            }
            Act::Receive { amount, on } => {
                let n = self.receipts;
                self.receipts += 1;
                let money = Money::new(amount, Currency::CNY);
                leaves.push(record(Record::Receipt(Receipt {
                    id: receipt_id(n),
                    party: (!n.is_multiple_of(3)).then(|| party_id(u32::try_from(n % 4).unwrap())),
                    means: Means::Cash,
                    amount: money,
                    ledger_amount: money,
                    conversion: None,
                    booked: day(on),
                    value_date: None,
                    reference: format!("B{n}"),
                    source: Some(source(&format!("B{n}"), "b")),
                })));
                Some(entry(next, EntryKind::Received, None, Some(n), amount, day(on), None))
            }
            Act::Apply { claim, receipt, amount, on } => pick(claim, self.claims)
                .zip(pick(receipt, self.receipts))
                .map(|(c, r)| entry(next, EntryKind::Applied, Some(c), Some(r), -amount, day(on), None)),
            Act::TakeBack { which, on } => {
                let applied: Vec<(usize, Entry)> =
                    self.entries.iter().map(|(_, e)| e.clone()).enumerate().filter(|(_, e)| e.kind == EntryKind::Applied).collect();
                pick(which, applied.len()).map(|n| {
                    let (number, cited) = &applied[n];
                    let back = entry(next, EntryKind::Reversed, Some(0), Some(0), -cited.amount, day(on), Some(*number));
                    Entry { receivable: cited.receivable, receipt: cited.receipt, ..back }
                })
            }
            Act::Bounce { which, amount, on } => pick(which, self.receipts).map(|n| entry(next, EntryKind::Bounced, None, Some(n), -amount, day(on), Some(0))),
            Act::WriteOff { which, amount, on } => pick(which, self.claims).map(|n| entry(next, EntryKind::WrittenOff, Some(n), None, -amount, day(on), None)),
        };
        if let Some(entry) = moved {
            leaves.push(record(Record::Entry(entry.clone())));
            self.entries.push((position, entry));
        }
    }

    /// Writes it, one command per group of acts.
    pub fn write(&self, store: &mut Store) {
        for leaves in &self.commands {
            put(store, leaves.clone());
        }
    }
}
