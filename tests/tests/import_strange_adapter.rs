//! What adapters of others may hand over and no profile of ours does: the core looks for itself. On both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_engine::EngineError;
use recoup_engine::intake::{Imported, Request, import};
use recoup_host::{AdapterPlugin, build};
use recoup_model::import::{BadRecords, Coverage, IssueKind};
use recoup_store::{EVERYTHING, EntryFilter, Store, testing};
use recoup_tests::{ACTOR, intake, now, paths, plugins};

/// Hands over what its file says, word for word.
fn adapter() -> AdapterPlugin {
    let guest = paths::root().join("tests/hostile/adapter");
    let built = build::build_in(&guest, None, Some(paths::root().join("target-guests"))).unwrap();
    plugins::host().load(&std::fs::read(built.path).unwrap()).unwrap().into_adapter().unwrap()
}

fn imported(store: &mut Store, adapter: &AdapterPlugin, text: &str, bad_records: BadRecords) -> Result<Imported, EngineError> {
    let ledger = intake::ledger(store, "main", "CNY");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let request = Request {
        path: file.path(),
        system: "own",
        profile: "own",
        profile_json: "records",
        bad_records,
        coverage: Coverage::Delta,
        again: false,
        file_bytes_max: 1 << 20,
        batch_items: 100,
        actor: ACTOR,
        recorded_at: now(),
    };
    import(store, adapter, &ledger, &request, &mut |_, _| std::ops::ControlFlow::Continue(()))
}

/// Refused records as line, code and message.
fn refused(imported: &Imported) -> Vec<(String, String, String)> {
    let refused = imported.issues.iter().filter(|i| i.kind == IssueKind::Refused);
    refused.map(|i| (i.locator.clone(), i.code.clone(), i.message.clone())).collect()
}

#[track_caller]
fn only_the_good_money(text: &str, expected: &[(&str, &str, &str)]) {
    let adapter = adapter();
    for db in testing::databases() {
        let mut store = db.store();
        let whole = imported(&mut store, &adapter, text, BadRecords::AllOrNothing).unwrap_err();
        assert_eq!(whole.code(), "import.refused");
        let ledger = intake::ledger(&mut store, "main", "CNY");
        let head = store.read::<_, EngineError>(ledger.id, |view| Ok(view.head().position)).unwrap();
        assert_eq!(head, 1, "nothing but the ledger itself");

        let good = imported(&mut store, &adapter, text, BadRecords::Quarantine).unwrap();
        let found = refused(&good);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((at, code, message), (wanted_at, wanted_code, says)) in found.iter().zip(expected) {
            assert_eq!((at.as_str(), code.as_str()), (*wanted_at, *wanted_code), "{message}");
            assert!(message.contains(says), "`{message}` lacks `{says}`");
        }
        let entries = store.read::<_, EngineError>(ledger.id, |view| Ok(view.entries(EntryFilter::default(), None, EVERYTHING)?)).unwrap();
        assert_eq!(entries.iter().map(|e| e.amount).collect::<Vec<_>>(), [5_000], "the one good receipt");
    }
}

#[test]
fn a_debtor_that_nobody_knows() {
    let says = "its debtor is neither among the good records of the file nor in the ledger: import the customers first";
    let expected = [("row 2", "import.unknown_party", says), ("row 3", "import.unknown_party", says)];
    only_the_good_money("money S-1  5000\nclaim R-1 NOBODY 10000\nmoney S-2 NOBODY 700\n", &expected);
}

#[test]
fn a_negative_receipt() {
    let says = "a receipt of -40.00 cites nothing that it takes back: import it as the reversal of a receipt, or correct its sign";
    only_the_good_money("money S-1  5000\nmoney S-2  -4000\n", &[("row 2", "import.negative_receipt", says)]);
}
