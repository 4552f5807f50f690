//! Edge 47: a program that is killed at any moment of an import leaves all of the file or nothing of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod kill;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use kill::{End, Moments, kill_after, kills, main_ledger, prove, timed};
use recoup_engine::EngineError;
use recoup_model::Date;
use recoup_store::{EVERYTHING, Store};
use recoup_tests::Site;

const PROFILE: &str = "receivables-simple";
const ROWS: usize = 20_000;

/// Rows of file `n`: row `i` claims 100.00 and i fen.
fn file(site: &Site, n: usize, rows: usize) -> PathBuf {
    let mut csv = String::from("customer code,customer name,document no,document date,due date,amount,currency\n");
    for i in 0..rows {
        let fen = 10_000 + i;
        writeln!(csv, "C{0:04},Customer {0},F{n}-{i:06},2024-01-{1:02},2024-03-31,{2}.{3:02},CNY", i % 500, i % 28 + 1, fen / 100, fen % 100).unwrap();
    }
    site.write(&format!("file-{n}.csv"), csv)
}

/// 100.00 a row, and 0 + 1 + … + (rows − 1) fen.
fn sum(rows: usize) -> i64 {
    i64::try_from(rows * 10_000 + rows * (rows - 1) / 2).unwrap()
}

/// What is visible: position, batches, claims, and what is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Visible {
    position: i64,
    batches: usize,
    claims: usize,
    open: i64,
}

impl Visible {
    fn of(store: &mut Store) -> Self {
        let ledger = main_ledger(store);
        let seen = store.read(ledger.id, |view| {
            let open = view.open_amounts(Date::MAX, EVERYTHING, None)?;
            Ok::<_, EngineError>(Self {
                position: view.head().position,
                batches: view.batches(EVERYTHING)?.len(),
                claims: view.receivables(None, EVERYTHING)?.len(),
                open: open.iter().map(|(_, _, ledger)| ledger).sum(),
            })
        });
        seen.unwrap()
    }

    /// This, and one more file of `rows` rows.
    fn and(self, rows: usize) -> Self {
        Self { position: self.position + 1, batches: self.batches + 1, claims: self.claims + rows, open: self.open + sum(rows) }
    }
}

fn killed_imports(site: &Site, clean: &Site) {
    // An undisturbed import elsewhere says how long one takes.
    let run: Duration = timed(&mut clean.import_command(&file(clean, 0, ROWS), PROFILE, &[]));

    let first = file(site, 1_000, 500);
    let _ = site.import(&first, PROFILE, &[]).exits(0);
    let mut before = Visible::of(&mut site.store());
    assert_eq!((before.batches, before.claims, before.open), (1, 500, sum(500)));

    let mut moments = Moments::seeded();
    let (mut next, mut whole, mut torn) = (0, 0, 0);
    for n in 0..kills() {
        let path = file(site, next, ROWS);
        let end = kill_after(&mut site.import_command(&path, PROFILE, &[]), moments.moment(n, kills(), run * 11 / 10));
        let after = Visible::of(&mut site.store());
        assert!(after == before || after == before.and(ROWS), "kill {n}: {after:?} is neither {before:?} nor all of the file");
        assert!(end == End::Killed || after != before, "kill {n}: an acknowledged import is lost");
        if after == before {
            torn += 1;
        } else {
            (before, next, whole) = (after, next + 1, whole + 1);
        }
    }
    assert!(torn > 0, "no kill came before the commit: {whole} imports were whole");

    // The last one to completion, and everything once more: nothing is doubled, nothing is lost.
    for n in (0..=next).rev() {
        let _ = site.import(&file(site, n, ROWS), PROFILE, &[]).exits(0);
    }
    let _ = site.import(&first, PROFILE, &[]).exits(0);
    assert_eq!(Visible::of(&mut site.store()), before.and(ROWS));
    prove(site);

    for n in 1..=next {
        let _ = clean.import(&file(clean, n, ROWS), PROFILE, &[]).exits(0);
    }
    let _ = clean.import(&file(clean, 1_000, 500), PROFILE, &[]).exits(0);
    assert_eq!(listed(&mut site.store()), listed(&mut clean.store()), "the state is not that of a clean run");
    println!("{:?}: an import takes {run:?}; {torn} kills left nothing, {whole} left the whole file", site.backend());
}

/// Every claim with what is open of it, by document.
fn listed(store: &mut Store) -> Vec<(String, String, Option<Date>, String, i64)> {
    let ledger = main_ledger(store);
    let read = store.read(ledger.id, |view| {
        let open: std::collections::HashMap<_, _> = view.open_amounts(Date::MAX, EVERYTHING, None)?.into_iter().map(|(id, _, l)| (id, l)).collect();
        let claims = view.receivables(None, EVERYTHING)?;
        Ok::<_, EngineError>(claims.into_iter().map(|r| (r.document, r.party.to_string(), r.due, r.gross.to_string(), open[&r.id])).collect())
    });
    let mut rows: Vec<_> = read.unwrap();
    rows.sort();
    rows
}

#[test]
fn edge_47_a_killed_import_leaves_all_or_nothing_on_sqlite() {
    killed_imports(&Site::sqlite(), &Site::sqlite());
}

#[test]
fn edge_47_a_killed_import_leaves_all_or_nothing_on_postgres() {
    killed_imports(&Site::postgres(), &Site::postgres());
}
