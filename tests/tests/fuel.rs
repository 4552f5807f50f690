//! What plugins cost, in instructions: the same on every machine, so a test may state it.
//!
//! After a wanted change, measure again with
//! `RECOUP_PRINT_FUEL=1 cargo nextest run -p recoup-tests --test fuel --no-capture` and state the new figures here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use recoup_host::{Evaluation, Host, Items};
use recoup_model::Currency;
use recoup_model::case::{Case, CaseEntry, CaseEntryKind, CaseKey, CaseReceivable, CaseStage, CaseWage, Scope, Setting};
use recoup_model::id::{EntryId, PartyId, PersonId, ReceivableId};
use recoup_model::receivable::{Means, Stage};
use recoup_tests::{day, plugins};
use uuid::Uuid;

/// What plugins cost that one compiler made: another optimizes otherwise.
struct Stated {
    /// Instructions of the table adapter per row of `receivables-simple`.
    row: u64,
    /// Instructions of legacy-construction per letter with one claim, two receipts, two shares and twelve wages.
    case: u64,
}

/// Built by rustup's compiler with its wasm32 target.
const RUSTUP: Stated = Stated { row: 5_561, case: 23_391 };
/// Built by Debian's compiler for such targets, where rustup's lacks it: the build is told so by these variables.
const DEBIAN: Stated = Stated { row: 5_784, case: 23_431 };

fn stated() -> Stated {
    if std::env::var_os("RECOUP_GUEST_RUSTC").is_some() { DEBIAN } else { RUSTUP }
}

const ROWS: u64 = 10_000;
const CASES: u64 = 1_000;

/// Within two per cent of what is stated.
fn costs(what: &str, fuel: u64, of: u64, stated: u64) {
    if std::env::var_os("RECOUP_PRINT_FUEL").is_some() {
        println!("{what}: {} instructions each ({fuel} for {of})", fuel / of);
        return;
    }
    let strays = fuel.abs_diff(stated * of) * 100 > stated * of * 2;
    assert!(!strays, "{what}: {} instructions each, {stated} are stated: find out why, or measure again as the head of this file says", fuel / of);
}

/// Ten thousand rows as an ERP exports them: names, two dates, an amount with thousands separators, a text.
fn export() -> Vec<u8> {
    let mut csv = String::from("客户编码,客户名称,单据编号,单据日期,到期日,应收金额,币种,摘要\r\n");
    for n in 0..ROWS {
        let on = day("2019-01-01") + Days::new(n % 2_000);
        let yuan = 1 + n * 37 % 900;
        let customer = n % 700;
        let _ = write!(
            csv,
            "C{customer:05},甲建筑公司{customer},INV-{n:07},{on},{},\"{yuan},{:03}.{:02}\",CNY,工程结算款 第{}期\r\n",
            on + Days::new(60),
            n % 1_000,
            n % 100,
            n % 40
        );
    }
    csv.into_bytes()
}

fn read(host: &Host, file: &Arc<Vec<u8>>) -> (Vec<Items>, u64) {
    let adapter = plugins::load(host, "table").into_adapter().unwrap();
    let input: Arc<dyn recoup_host::Input> = Arc::<Vec<u8>>::clone(file);
    let mut session = adapter.session(input, &plugins::profile("receivables-simple").to_string()).unwrap();
    let mut batches = Vec::new();
    while let Some(items) = session.next(1_000).unwrap() {
        batches.push(items);
    }
    session.finish().unwrap();
    (batches, session.fuel_used())
}

fn id(n: u64, what: u64) -> Uuid {
    Uuid::from_u64_pair(n, what)
}

/// A letter of 2024: 20,000.00 due 2019 to 2021, 12,000.00 recovered in spring, the rest after the deadline for every third.
fn letter(n: u64) -> Case {
    let due = day("2019-06-30") + Days::new(n % 800);
    let entry = |what, on: NaiveDate, amount, kind| CaseEntry { id: EntryId(id(n, what)), receivable: 0, on, amount, kind, cites: None };
    let cash = CaseEntryKind::Applied(Means::Cash);
    let last = if n.is_multiple_of(3) { day("2025-02-10") } else { day("2024-11-20") };
    let people = [PersonId(id(n % 50, 1_000)), PersonId(id(n % 50, 1_001))];
    let wages = (0..12).map(|m| CaseWage { person: people[0], month: recoup_model::Month::new(2024, m + 1).unwrap(), gross: 1_200_000 });
    Case {
        key: CaseKey { pack: "legacy-construction".into(), scope: Scope::Letter, subject: id(n, 0) },
        from: day("2024-01-01"),
        to: Some(day("2024-12-31")),
        receivables: vec![CaseReceivable {
            id: ReceivableId(id(n, 1)),
            document_date: due,
            due: Some(due),
            expected: None,
            gross: 2_000_000,
            party: PartyId(id(n, 9)),
            pauses: Vec::new(),
        }],
        stages: vec![CaseStage { receivable: 0, from: due, stage: if n.is_multiple_of(5) { Stage::Unsettled } else { Stage::Settled } }],
        entries: vec![entry(2, due, 2_000_000, CaseEntryKind::Gross), entry(3, day("2024-03-15"), -1_200_000, cash), entry(4, last, -800_000, cash)],
        roles: Vec::new(),
        shares: vec![(people[0], 2), (people[1], 1)],
        wages: wages.collect(),
        agreed: None,
        milestones: Vec::new(),
        false_reports: Vec::new(),
        sanctions: Vec::new(),
    }
}

fn judge(host: &Host, cases: &[Case]) -> Evaluation {
    let rules = plugins::load(host, "legacy-construction").into_rules().unwrap();
    let parameters = rules.description().default_parameters.to_string();
    rules.evaluate(&Setting { as_of: day("2025-06-30"), currency: Currency::CNY, parameters }, cases).unwrap()
}

/// Another host: compiled anew, other memory, other threads.
fn other_host() -> Host {
    Host::new(plugins::limits()).unwrap()
}

#[test]
fn a_row_costs_what_is_stated() {
    let (batches, fuel) = read(plugins::host(), &Arc::new(export()));
    assert!(batches.iter().map(Items::len).sum::<usize>() >= usize::try_from(ROWS).unwrap(), "every row is an item");
    costs("table adapter, per row", fuel, ROWS, stated().row);
}

#[test]
fn a_case_costs_what_is_stated() {
    let cases: Vec<Case> = (0..CASES).map(letter).collect();
    let evaluation = judge(plugins::host(), &cases);
    for verdict in &evaluation.verdicts {
        let due = verdict.outcome.as_ref().expect("no case is set aside");
        assert!(!due.lines.is_empty(), "every letter is worth something: {}", verdict.case.subject);
    }
    costs("legacy-construction, per case", evaluation.fuel, CASES, stated().case);
}

#[test]
fn edge_41_the_same_file_gives_the_same_items_and_fuel() {
    let file = Arc::new(export());
    let first = read(plugins::host(), &file);
    assert!(first == read(plugins::host(), &file), "a second session differs");
    assert!(first == read(&other_host(), &file), "another host differs");
}

#[test]
fn edge_41_the_same_cases_give_the_same_verdicts_and_fuel() {
    let cases: Vec<Case> = (0..200).map(letter).collect();
    let first = judge(plugins::host(), &cases);
    assert_eq!(first, judge(plugins::host(), &cases), "a second run differs");
    assert_eq!(first, judge(&other_host(), &cases), "another host differs");
}

#[test]
fn edge_41_a_verdict_does_not_depend_on_its_neighbours() {
    let cases: Vec<Case> = (0..60).map(letter).collect();
    let together = judge(plugins::host(), &cases).verdicts;
    let alone: Vec<_> = cases.iter().flat_map(|c| judge(plugins::host(), std::slice::from_ref(c)).verdicts).collect();
    assert_eq!(together, alone);
}
