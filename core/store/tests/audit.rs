//! The tables are what the log adds up to; damage is located; erasure breaks nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{History, acts, append, books, claim_id, day, entry, meta, one_of_each, opened, person_id, put, record};
use proptest::prelude::*;
use recoup_model::receivable::EntryKind;
use recoup_model::record::Record;
use recoup_store::{Backend, EVERYTHING, StoreError, audit, testing};

fn rebuilt(db: &testing::TestDb) -> audit::Rebuild {
    let scratch = testing::sqlite();
    audit::rebuild(&mut db.store(), books().id, &mut scratch.store()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_random_history_rebuilds_equal_and_has_one_root_on_both_databases(acts in acts()) {
        let history = History::of(&acts);
        let roots = testing::databases().map(|db| {
            let mut store = opened(db.store());
            history.write(&mut store);
            let result = rebuilt(&db);
            assert!(result.is_proof(), "{result:#?}");
            let head = store.read::<_, StoreError>(books().id, |view| Ok(view.head())).unwrap();
            assert_eq!((head.root, head.size), (result.root, result.leaves));
            head.root
        });
        prop_assert_eq!(roots[0], roots[1]);
    }
}

#[test]
fn every_kind_of_record_rebuilds_into_either_database() {
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        for scratch in testing::databases() {
            let result = audit::rebuild(&mut db.store(), books().id, &mut scratch.store()).unwrap();
            assert!(result.is_proof(), "{result:#?}");
            assert!(result.tables.iter().all(|t| t.rows > 0), "a table without a row proves nothing: {result:#?}");
        }
    }
}

#[test]
fn a_command_of_many_chunks_rebuilds_and_has_one_root_on_both_databases() {
    let leaves: Vec<_> = (0..25_000).map(|n| record(Record::Entry(entry(n, EntryKind::Gross, Some(n), None, 100, day(0), None)))).collect();
    let roots = testing::databases().map(|db| {
        let appended = put(&mut opened(db.store()), leaves.clone());
        assert_eq!((appended.first_leaf, appended.leaves), (2, 25_001));
        assert!(rebuilt(&db).is_proof());
        // A failure in a late chunk takes everything back.
        let mut late = leaves.clone();
        late.iter_mut().enumerate().for_each(|(n, leaf)| {
            *leaf = record(Record::Entry(entry(50_000 + n.min(24_998), EntryKind::Gross, Some(n), None, 100, day(0), None)));
        });
        let refused = append(&mut db.store(), &late);
        assert_eq!(refused.unwrap_err().code(), "store.duplicate");
        let head = db.store().read::<_, StoreError>(books().id, |view| Ok(view.head())).unwrap();
        assert_eq!((head.position, head.root), (2, appended.root));
        head.root
    });
    assert_eq!(roots[0], roots[1]);
}

/// Changes what triggers protect, as somebody with the database's own rights could.
fn tamper(db: &testing::TestDb, table: &str, change: &str) {
    let statements = match db.backend() {
        Backend::Sqlite => format!("DROP TRIGGER {table}_refuses_update; DROP TRIGGER {table}_refuses_delete; {change}"),
        Backend::Postgres => format!("ALTER TABLE {table} DISABLE TRIGGER append_only; {change}"),
    };
    db.execute(&statements).unwrap();
}

#[test]
fn a_flipped_byte_in_a_leaf_is_located() {
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        let flip = match db.backend() {
            Backend::Sqlite => "UPDATE leaf SET body = CAST(replace(CAST(body AS TEXT), 'S-900', 'S-901') AS BLOB) WHERE leaf = 4",
            Backend::Postgres => "UPDATE leaf SET body = convert_to(replace(convert_from(body, 'UTF8'), 'S-900', 'S-901'), 'UTF8') WHERE leaf = 4",
        };
        tamper(&db, "leaf", flip);
        let result = rebuilt(&db);
        assert_eq!(result.bad_leaf, Some(4));
        assert!(!result.root_equal && !result.is_proof());
        let differing: Vec<&str> = result.tables.iter().filter(|t| !t.equal).map(|t| t.name).collect();
        assert_eq!(differing, ["leaf", "tree_head", "person"]);
    }
}

#[test]
fn bytes_that_are_no_record_any_more_are_located_too() {
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        let nothing = if db.backend() == Backend::Sqlite { "x'00'" } else { "'\\x00'::bytea" };
        tamper(&db, "leaf", &format!("UPDATE leaf SET body = {nothing} WHERE leaf = 7"));
        let result = rebuilt(&db);
        assert_eq!(result.bad_leaf, Some(7));
        let receivable = result.tables.iter().find(|t| t.name == "receivable").unwrap();
        assert!(receivable.first_difference.as_ref().unwrap().contains(&claim_id(900).0.to_string()), "{receivable:?}");
    }
}

#[test]
fn who_did_it_and_when_are_proved_too() {
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        tamper(&db, "command", "UPDATE command SET actor = 'somebody else', recorded_at = '2020-01-01T00:00:00.000000Z' WHERE position = 2");
        let result = rebuilt(&db);
        assert!(result.root_equal && !result.is_proof());
        assert_eq!(result.tables.iter().filter(|t| !t.equal).map(|t| t.name).collect::<Vec<_>>(), ["command"]);
        // With the leaf changed as well, the tree gives it away.
        let change = match db.backend() {
            Backend::Sqlite => "UPDATE leaf SET body = CAST(replace(CAST(body AS TEXT), 'tester', 'nobody') AS BLOB) WHERE leaf = 2",
            Backend::Postgres => "UPDATE leaf SET body = convert_to(replace(convert_from(body, 'UTF8'), 'tester', 'nobody'), 'UTF8') WHERE leaf = 2",
        };
        tamper(&db, "leaf", change);
        assert_eq!(rebuilt(&db).bad_leaf, Some(2));
    }
}

/// A command that nobody gave would carry a name and a time of its own, and could answer for a request's key.
#[test]
fn a_command_without_leaves_and_two_made_one_are_found() {
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        let copied = "SELECT ledger, position + 1, kind, 'key', input, 'nobody', recorded_at, first_leaf + leaves, 0 FROM command WHERE position = 2";
        db.execute(&format!("INSERT INTO command (ledger, position, kind, idempotency, input, actor, recorded_at, first_leaf, leaves) {copied}")).unwrap();
        db.execute("INSERT INTO tree_head (ledger, position, size, root, frontier) SELECT ledger, 3, size, root, frontier FROM tree_head WHERE position = 2")
            .unwrap();
        let size = db.store().read::<_, StoreError>(books().id, |view| Ok(view.head().size)).unwrap();
        let result = rebuilt(&db);
        assert!(result.root_equal && !result.is_proof());
        assert_eq!(result.bad_leaf, Some(size));
    }
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        // The second command's leaves are given to whoever opened the ledger.
        tamper(&db, "command", "DELETE FROM command WHERE position = 2; UPDATE command SET leaves = (SELECT COUNT(*) FROM leaf)");
        tamper(&db, "tree_head", "DELETE FROM tree_head WHERE position = 1; UPDATE tree_head SET position = 1");
        assert_eq!(rebuilt(&db).bad_leaf, Some(0));
    }
}

#[test]
fn a_row_that_no_leaf_accounts_for_is_found() {
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        tamper(&db, "entry", "UPDATE entry SET ledger_amount = ledger_amount + 1");
        let result = rebuilt(&db);
        assert_eq!(result.bad_leaf, None);
        assert!(result.root_equal && !result.is_proof());
        assert_eq!(result.tables.iter().filter(|t| !t.equal).map(|t| t.name).collect::<Vec<_>>(), ["entry"]);
    }
}

/// A wage put in the place of another: the salt stays, the amount is a twelfth.
#[test]
fn an_altered_wage_is_located_and_never_read() {
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        let (is_wage, altered) = match db.backend() {
            Backend::Sqlite => ("CAST(body AS TEXT) LIKE '%1200000%'", "CAST(replace(CAST(body AS TEXT), '1200000', '100000') AS BLOB)"),
            Backend::Postgres => {
                ("convert_from(body, 'UTF8') LIKE '%1200000%'", "convert_to(replace(convert_from(body, 'UTF8'), '1200000', '100000'), 'UTF8')")
            }
        };
        let change = format!(
            "CREATE TABLE altered AS SELECT ledger, leaf, salt, {altered} AS body FROM personal WHERE {is_wage}; \
             DELETE FROM personal WHERE {is_wage}; INSERT INTO personal SELECT * FROM altered; DROP TABLE altered"
        );
        db.execute(&change).unwrap();
        let read = db.store().read::<_, StoreError>(books().id, |view| view.wages(Some(&[person_id(900)]), EVERYTHING));
        assert_eq!(read.unwrap_err().code(), "store.corrupt");
        let result = rebuilt(&db);
        assert!(result.bad_leaf.is_some() && !result.is_proof());
    }
}

#[test]
fn erasing_personal_parts_hides_them_and_breaks_no_proof() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let put = put(&mut store, one_of_each());
        let ledger = books().id;
        let before = store
            .read::<_, StoreError>(ledger, |view| {
                assert_eq!(view.persons(None, EVERYTHING)?[0].1.as_deref(), Some("李四"));
                assert_eq!(view.parties(None, EVERYTHING)?[0].1.as_deref(), Some("张三"));
                assert_eq!(view.payers(None, EVERYTHING)?[0].1.account.as_deref(), Some("6222"));
                assert_eq!(view.users(None, EVERYTHING)?[0].1.clone().and_then(|p| p.password).as_deref(), Some("$argon2id$…"));
                assert_eq!(view.wages(Some(&[person_id(900)]), EVERYTHING)?[0].gross, 1_200_000);
                Ok(view.head())
            })
            .unwrap();
        // What is due and what was settled stay: the books are sums of them.
        let leaves = store.read::<_, StoreError>(ledger, |view| view.leaves(put.first_leaf, 1_000, EVERYTHING)).unwrap();
        let (due, all): (Vec<_>, Vec<_>) =
            leaves.iter().filter(|l| l.leaf < put.first_leaf + put.leaves).partition(|l| ["line", "settlement", "payout"].contains(&l.kind.as_str()));
        assert_eq!(due.len(), 3);
        for line in due {
            let refused = store.erase(ledger, &meta("erase", "books"), &[all[0].leaf, line.leaf]);
            assert_eq!(refused.unwrap_err().code(), "store.part_of_the_books");
        }
        let all: Vec<u64> = all.iter().map(|l| l.leaf).collect();
        let erased = store.erase(ledger, &meta("erase", "all"), &all).unwrap();
        assert_eq!((erased.position, erased.first_leaf, erased.leaves), (before.position + 1, before.size, 1), "the command's own leaf");
        let again = store.erase(ledger, &meta("erase", "all"), &all).unwrap();
        assert_eq!((again.position, again.leaves), (erased.position, 0), "there was nothing left to erase");
        store
            .read::<_, StoreError>(ledger, |view| {
                assert_eq!(view.persons(None, EVERYTHING)?[0].1, None);
                assert_eq!(view.parties(None, EVERYTHING)?[0].1, None);
                assert_eq!(view.users(None, EVERYTHING)?[0].1, None);
                assert!(view.payers(None, EVERYTHING)?.is_empty() && view.wages(None, EVERYTHING)?.is_empty());
                assert_eq!(view.receipts(None, EVERYTHING)?.len(), 1);
                Ok(())
            })
            .unwrap();
        assert!(rebuilt(&db).is_proof());
    }
}

#[test]
fn what_is_personal_is_in_no_public_leaf() {
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        // Each of them is found where it may be, so it would be found where it may not.
        for personal in ["$argon2id$", "Lovelace", "张三", "6222", "1200000"] {
            let text = |column: &str| match db.backend() {
                Backend::Sqlite => format!("CAST({column} AS TEXT)"),
                Backend::Postgres => format!("convert_from({column}, 'UTF8')"),
            };
            // A row that is found violates what the new table demands.
            let found = |table: &str| {
                let name = format!("search_{}", uuid::Uuid::new_v4().simple());
                let search = format!("SELECT leaf FROM {table} WHERE {} LIKE '%{personal}%'", text("body"));
                db.execute(&format!("CREATE TABLE {name} (leaf BIGINT CHECK (leaf IS NULL)); INSERT INTO {name} {search}; DROP TABLE {name};")).is_err()
            };
            assert!(found("personal"), "{personal}");
            assert!(!found("leaf"), "{personal} is in a public leaf");
        }
    }
}
