//! Edge case 10: ten identical imports at once have one effect, and all answer alike.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site, paths};
use serde_json::Value;

/// What the program says of a file, but for how long it took.
fn answer(run: &Run) -> Value {
    let mut all = run.json();
    let batch = all["batch"][0].as_object_mut().unwrap();
    batch.retain(|key, _| !key.ends_with("_ms"));
    all
}

#[test]
fn edge_10_ten_identical_imports_at_once_have_one_effect() {
    for site in Site::both() {
        let file = paths::export("u8-ar-detail-selfmade.csv");
        let runs = site.together((0..10).map(|_| site.import_command(&file, "u8-ar-detail", &[])));
        let runs: Vec<_> = runs.into_iter().map(|r| r.exits(0)).collect();
        for run in &runs {
            assert_eq!(answer(run), answer(&runs[0]));
        }
        // The opening of the ledger, and the batch.
        assert_eq!(site.position("main"), 2);
        let total = site.run(["--format", "json", "report", "trial-balance"]).row("trial_balance", &[("debtor", "total")]);
        assert_eq!((&total["claims"], &total["applied"]), (&"3338450.50".into(), &"2150000.00".into()));
    }
}
