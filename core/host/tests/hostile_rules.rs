//! Policy packs that misbehave: only the case to blame is set aside, with its reason, and the host stays well.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{HOST, MARKED, RULES, case, day, limits, mixed, party, patched, person, rules, setting};
use recoup_host::{Host, Limits, What};
use recoup_model::case::Scope;
use recoup_model::due::{Beneficiary, LineState};

/// Misbehaves over a batch of honest cases, and expects that the one to blame has this fault.
#[track_caller]
fn sets_aside(behaviour: &str, code: &str, says: &str) {
    let (cases, marked) = mixed();
    let honest = rules().evaluate(&setting("{}"), &cases).unwrap();
    let told = rules().evaluate(&setting(behaviour), &cases).unwrap();
    for (i, (verdict, before)) in told.verdicts.iter().zip(&honest.verdicts).enumerate() {
        if i != marked {
            assert_eq!(verdict, before, "{behaviour}: an honest case must not change");
            continue;
        }
        let fault = verdict.outcome.as_ref().expect_err(behaviour);
        assert_eq!(fault.code, code, "{behaviour}: {}", fault.detail);
        for part in [says, "`hostile` 1.0.0", &rules().digest().short(), "item 3", &cases[marked].key.subject.to_string()] {
            assert!(fault.detail.contains(part), "{behaviour}: no `{part}` in `{}`", fault.detail);
        }
    }
    assert_eq!(told.verdicts.len(), cases.len());
    let again = rules().evaluate(&setting("{}"), &cases).unwrap();
    assert_eq!(again, honest, "{behaviour}: the host must stay well");
}

#[test]
fn an_honest_case_has_its_lines() {
    let judged = rules().evaluate(&setting("{}"), &[case(1, 1_000)]).unwrap();
    let due = judged.verdicts[0].outcome.as_ref().unwrap();
    assert_eq!(due.recheck_on, Some(day(21)));
    let [line] = due.lines.as_slice() else { panic!("{due:?}") };
    assert_eq!((line.amount, line.key.to, line.key.clause.as_str()), (100, Beneficiary::Person(person(1)), "H-1"));
    assert_eq!(line.states, [(day(5), LineState::Contingent), (day(6), LineState::Payable)]);
    assert_eq!(line.id, line.key.id());
}

#[test]
fn a_claim_is_due_from_the_debtor() {
    let judged = rules().evaluate(&setting("claimed"), &[case(1, 1_000), case(2, MARKED)]).unwrap();
    let due = judged.verdicts[1].outcome.as_ref().unwrap();
    assert_eq!((due.lines[0].key.to, due.lines[0].key.clause.as_str()), (Beneficiary::Party(party(2)), "H-5"));
}

#[test]
fn what_runs_wild_is_stopped() {
    sets_aside("spin", "plugin.out_of_fuel", "units of fuel");
    sets_aside("panic", "plugin.panicked", "unreachable");
    sets_aside("divide", "plugin.panicked", "panicked");
    sets_aside("deep", "plugin.stack_overflow", "stack");
    sets_aside("memory", "plugin.memory", "bytes of memory and may have 67108864");
    sets_aside("output", "plugin.too_large", "16777216");
    sets_aside("chatter", "plugin.out_of_fuel", "units of fuel");
}

#[test]
fn a_huge_log_is_cut_and_changes_nothing() {
    let (cases, _) = mixed();
    let quiet = rules().evaluate(&setting("{}"), &cases).unwrap();
    assert_eq!(rules().evaluate(&setting("log"), &cases).unwrap().verdicts, quiet.verdicts);
}

#[test]
fn strangers_and_stray_indices_are_found_out() {
    let bad = |behaviour, says| sets_aside(behaviour, "plugin.bad_output", says);
    bad("foreign-person", "person");
    bad("no-person", "person");
    bad("claimed-from-person", "`H-5` is claimed from parties");
    bad("party", "`H-1` is no claim");
    bad("foreign-party", "party");
    bad("no-party", "party");
    bad("foreign-subject", "subject 1000");
    bad("negative-span", "states");
    bad("long-span", "states");
    bad("far-steps", "steps");
    bad("overlap", "overlap in states");
    bad("clause", "clause 99");
    bad("scope", "`H-2` does not judge scope `letter`");
    bad("condition", "`H-4` has no lines");
    bad("basis-kind", "basis");
    bad("basis-index", "basis");
    bad("foreign-wage", "basis");
    bad("message", "message 99");
    bad("step-clause", "`H-2`");
    bad("too-few-args", "takes 1 arguments, not 0");
    bad("symbol", "means nothing");
    bad("negative-receivable", "means nothing");
    bad("scale", "means nothing");
    bad("day", "means nothing");
    bad("recheck-count", "recheck days");
}

#[test]
fn what_makes_no_sense_is_found_out() {
    let bad = |behaviour, says| sets_aside(behaviour, "plugin.bad_output", says);
    bad("sign", "amount -1");
    bad("zero", "amount 0");
    bad("no-state", "no state");
    bad("same-day", "do not rise");
    bad("falling", "do not rise");
    bad("repeated", "payable twice");
    bad("future", "after the as-of day");
    bad("no-calendar", "after the as-of day");
    bad("before-basis", "before its basis");
    bad("recheck", "recheck");
    bad("twice", "earlier line");
    bad("fault-with-lines", "has a fault");
    bad("late-finding", "after the as-of day");
    bad("finding-twice", "earlier one");
}

#[test]
fn a_fault_of_the_packs_own_is_a_verdict() {
    let (cases, marked) = mixed();
    let told = rules().evaluate(&setting("fault"), &cases).unwrap();
    let fault = told.verdicts[marked].outcome.as_ref().unwrap_err();
    assert_eq!((fault.code.as_str(), fault.detail.as_str()), ("h.unfit", "cannot judge 666.00 CNY"));
    let found = rules().evaluate(&setting("finding"), &cases).unwrap();
    let due = found.verdicts[marked].outcome.as_ref().unwrap();
    assert_eq!((due.findings[0].message.as_str(), due.findings[0].on, due.lines.len()), ("h.seen", day(20), 1));
}

#[test]
fn refusing_a_case_is_a_fault_and_refusing_parameters_is_an_error() {
    sets_aside("refuse", "plugin.rejected_input", "no such rate");
    let alone = rules().evaluate(&setting("refuse"), &[case(9, MARKED)]).unwrap();
    assert_eq!(alone.verdicts[0].outcome.as_ref().unwrap_err().code, "plugin.rejected_input");

    let (cases, _) = mixed();
    let error = rules().evaluate(&setting("unfit"), &cases).unwrap_err();
    assert_eq!((error.code(), error.rejected().unwrap().code.as_str()), ("plugin.rejected_input", "h.refused"));
    assert_eq!(rules().check("unfit").unwrap().len(), 1);
    assert_eq!(rules().check("{}").unwrap(), []);
}

#[test]
fn a_timeout_is_no_result() {
    let hasty = Limits { fuel_per_batch: u64::MAX >> 1, batch_timeout_ms: 1_000, ..limits() };
    let host = Host::new(hasty).unwrap();
    let pack = host.load(&RULES).unwrap().into_rules().unwrap();
    let (cases, _) = mixed();
    let error = pack.evaluate(&setting("spin"), &cases).unwrap_err();
    assert_eq!((error.code(), error.is_transient()), ("plugin.timeout", true));
    assert_eq!(pack.evaluate(&setting("{}"), &cases).unwrap().verdicts.len(), cases.len());
}

#[test]
fn the_same_cases_give_the_same_answer_and_use_the_same_fuel() {
    let (cases, _) = mixed();
    let first = rules().evaluate(&setting("{}"), &cases).unwrap();
    let other_host = Host::new(limits()).unwrap();
    for host in [&*HOST, &other_host] {
        let pack = host.load(&RULES).unwrap().into_rules().unwrap();
        assert_eq!(pack.evaluate(&setting("{}"), &cases).unwrap(), first);
    }
    // Alone or in company: the verdict on a case is the same.
    for (case, verdict) in cases.iter().zip(&first.verdicts) {
        let alone = rules().evaluate(&setting("{}"), std::slice::from_ref(case)).unwrap();
        assert_eq!(&alone.verdicts[0], verdict);
    }
    // A misbehaving run is as reproducible as an honest one.
    let told = rules().evaluate(&setting("spin"), &cases).unwrap();
    assert_eq!(rules().evaluate(&setting("spin"), &cases).unwrap(), told);
}

#[test]
fn many_cases_are_split_and_fuel_grows_with_their_number() {
    let cases: Vec<_> = (1..=2_500).map(|n| case(n, 1_000)).collect();
    let all = rules().evaluate(&setting("{}"), &cases).unwrap();
    assert_eq!(all.verdicts.len(), cases.len());
    assert!(all.verdicts.iter().zip(&cases).all(|(v, c)| v.case == c.key && v.outcome.is_ok()));
    let fuel = |n: usize| rules().evaluate(&setting("{}"), &cases[..n]).unwrap().fuel;
    let ratio = fuel(2_000) * 1_000 / fuel(1_000);
    assert!((1_960..=2_040).contains(&ratio), "{ratio}");
}

#[test]
fn a_case_larger_than_a_batch_is_judged_alone() {
    let mut cases: Vec<_> = (1..=20).map(|n| case(n, 1_000)).collect();
    let payment = cases[9].entries[1].clone();
    cases[9].entries.extend(std::iter::repeat_n(payment, 20_000));
    let judged = rules().evaluate(&setting("{}"), &cases).unwrap();
    // The same payment twenty thousand times is the same line: that case is to blame, and no other.
    assert!(judged.verdicts.iter().enumerate().all(|(i, v)| v.outcome.is_ok() == (i != 9)));
    assert!(judged.verdicts[9].outcome.as_ref().unwrap_err().detail.contains("batch 2, item 1"));
}

#[test]
fn cases_for_another_pack_are_not_passed_on() {
    let mut stray = case(1, 1_000);
    stray.key.pack = "other".into();
    assert_eq!(rules().evaluate(&setting("{}"), &[stray]).unwrap_err().code(), "plugin.incompatible");
    let mut closed = case(1, 1_000);
    closed.key.scope = Scope::Contract;
    closed.shares.clear();
    assert!(rules().evaluate(&setting("{}"), &[closed]).unwrap().verdicts[0].outcome.is_ok());
    assert_eq!(rules().evaluate(&setting("{}"), &[]).unwrap().verdicts, []);
}

#[test]
fn a_description_that_breaks_the_contract_is_refused() {
    for (from, to, code, says) in [
        (r#""contract":"next""#, r#""contract":"nxt1""#, "plugin.incompatible", "speaks contract `nxt1`"),
        (r#""id":"hostile""#, r#""id":"Hostile""#, "plugin.bad_output", "id `Hostile`"),
        (r#"{"id":"hostile""#, r#"["id":"hostile""#, "plugin.bad_output", "describe"),
        (r#""version":"1.0.0""#, r#""version":"v1.00""#, "plugin.bad_output", "version `v1.00`"),
        (r#""id":"H-2""#, r#""id":"H-1""#, "plugin.bad_output", "`H-1` stands twice"),
        (r#""id":"H-2""#, r#""id":"H 2""#, "plugin.bad_output", "clause `H 2`"),
        (r#""code":"h.seen""#, r#""code":"h.\nen""#, "plugin.bad_output", "message"),
        (r#""en":"earned {0}""#, r#""en":"earned {1}""#, "plugin.bad_output", "message `h.earned`"),
        (r#""zh":"应得 {0}""#, r#""zh":"应得 123""#, "plugin.bad_output", "message `h.earned`"),
        (r#""bases":["entry"]"#, r#""bases":["ENTRY"]"#, "plugin.bad_output", "`ENTRY`"),
        (r#""scopes":["letter","contract"]"#, r#""scopes":["letter"           ]"#, "plugin.bad_output", "`H-2` judges scope `contract`"),
        (
            "\"scopes\":[\"letter\",\"contract\"],\n\"clauses\"",
            r#""scopes":["letter","agreement"],"clauses""#,
            "plugin.bad_output",
            "scope `agreement` and a list of `agreements` go together",
        ),
        (r#""bases":["entry"]"#, r#""bases":[       ]"#, "plugin.bad_output", "has lines that nothing earns"),
        // Lines by wage months tell wages, so only a sensitive clause may have them.
        (r#""sensitive":true"#, r#""sensitive":null"#, "plugin.bad_output", "null"),
        (r#","sensitive":true"#, r#"                 "#, "plugin.bad_output", "`H-3` are earned by wage months, so the clause must be `sensitive`"),
        (r#""family":"withholding""#, r#""family":"claim"      "#, "plugin.bad_output", "`H-3` is claimed from parties"),
        (r#""positive":true,"negative":false"#, r#""positive":null,"negative":true "#, "plugin.bad_output", "null"),
        (r#""parameter_schema":{}"#, r#""parameter_schema":[]"#, "plugin.bad_output", "parameter_schema"),
        (r#""parameter_schema":{}"#, r#""parameter_system":{}"#, "plugin.bad_output", "parameter_system"),
        ("describe:good", "describe:spin", "plugin.out_of_fuel", "describe"),
        ("describe:good", "describe:fail", "plugin.panicked", "describe"),
    ] {
        let error = HOST.load(&patched(&RULES, from, to)).unwrap_err();
        assert_eq!(error.code(), code, "{to}: {error}");
        assert!(error.to_string().contains(says), "{to}: {error}");
        assert!(matches!(error.what, What::Incompatible(_) | What::BadOutput(_) | What::OutOfFuel { .. } | What::Panicked(_)));
    }
    assert_eq!(rules().description().clauses.len(), 5);
}
