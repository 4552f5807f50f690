//! Edge 47: a program that is killed at any moment of an evaluation leaves all of its postings or none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod kill;

use std::process::Command;

use chrono::NaiveDate;
use kill::{End, Moments, kill_after, kills, main_ledger, prove, timed};
use recoup_engine::EngineError;
use recoup_store::EVERYTHING;
use recoup_tests::Site;
use recoup_tests::letters::{bonus, fill, open, recovered_on};

/// Letters that one evaluation judges.
const LETTERS: usize = 800;

fn evaluate(site: &Site, wave: usize) -> Command {
    let mut command = site.command(["--format", "json", "evaluate", "--as-of"]);
    command.arg(recovered_on(wave).to_string());
    command
}

/// What is visible of evaluations: the last one's day, lines, postings, and their sum.
type Visible = (Option<NaiveDate>, usize, usize, i64);

fn visible(site: &Site) -> Visible {
    let mut store = site.store();
    let ledger = main_ledger(&mut store);
    let seen = store.read(ledger.id, |view| {
        let last = view.last_evaluated("legacy-construction")?.map(|(e, _)| e.as_of);
        let postings = view.postings(EVERYTHING)?;
        let sum = postings.iter().map(|p| p.posting.amount).sum();
        let lines = view.lines(recoup_store::LineFilter::default(), EVERYTHING)?;
        Ok::<_, EngineError>((last, lines.len(), postings.len(), sum))
    });
    seen.unwrap()
}

/// After so many whole waves.
fn whole(waves: usize) -> Visible {
    let all = waves * LETTERS;
    (waves.checked_sub(1).map(recovered_on), all, all, bonus(LETTERS) * i64::try_from(waves).unwrap())
}

/// Every posting: line, day, balance, amount, period.
fn postings(site: &Site) -> Vec<String> {
    let mut store = site.store();
    let ledger = main_ledger(&mut store);
    let read = store.read(ledger.id, |view| view.postings(EVERYTHING)).unwrap();
    let mut rows: Vec<String> =
        read.into_iter().map(|p| (p.line, p.posting)).map(|(line, p)| format!("{line} {} {} {} {}", p.on, p.balance, p.amount, p.period)).collect();
    rows.sort();
    rows
}

fn killed_evaluations(site: &Site, clean: &Site) {
    for site in [site, clean] {
        open(site);
        fill(site, 0, LETTERS);
    }
    // The first evaluation brings the policy into force; the second is like those that are killed.
    timed(&mut evaluate(clean, 0));
    fill(clean, 1, LETTERS);
    let run = timed(&mut evaluate(clean, 1));
    timed(&mut evaluate(site, 0));
    assert_eq!(visible(site), whole(1), "{LETTERS} letters, one line and one posting each");

    let mut moments = Moments::seeded();
    let (mut waves, mut torn) = (1, 0);
    fill(site, waves, LETTERS);
    for n in 0..kills() {
        let end = kill_after(&mut evaluate(site, waves), moments.moment(n, kills(), run * 11 / 10));
        let after = visible(site);
        assert!(after == whole(waves) || after == whole(waves + 1), "kill {n}: {after:?} is neither {:?} nor {:?}", whole(waves), whole(waves + 1));
        assert!(end == End::Killed || after == whole(waves + 1), "kill {n}: an acknowledged evaluation is lost");
        if after == whole(waves) {
            torn += 1;
        } else {
            waves += 1;
            fill(site, waves, LETTERS);
        }
    }
    assert!(torn > 0, "no kill came before the commit");

    timed(&mut evaluate(site, waves));
    timed(&mut evaluate(site, waves));
    assert_eq!(visible(site), whole(waves + 1), "to completion, and once more");
    prove(site);

    for wave in 2..=waves {
        fill(clean, wave, LETTERS);
        timed(&mut evaluate(clean, wave));
    }
    assert_eq!(postings(site), postings(clean), "the postings are not those of a clean run");
    println!("{:?}: an evaluation takes {run:?}; {torn} kills left nothing, {} left all", site.backend(), waves - 1);
}

#[test]
fn edge_47_a_killed_evaluation_leaves_all_or_nothing_on_sqlite() {
    killed_evaluations(&Site::sqlite(), &Site::sqlite());
}

#[test]
fn edge_47_a_killed_evaluation_leaves_all_or_nothing_on_postgres() {
    killed_evaluations(&Site::postgres(), &Site::postgres());
}
