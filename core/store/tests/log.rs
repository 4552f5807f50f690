//! The log: appended only, once per request, one command after another.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::sync::Barrier;
use std::thread;

use common::{append, books, claim, claim_id, day, entry, meta, one_of_each, opened, put, record};
use recoup_model::log::{Tree, leaf_hash};
use recoup_model::receivable::EntryKind;
use recoup_model::record::{Command, Ledger, Record};
use recoup_store::{Appended, Backend, CommandMeta, EVERYTHING, EntryFilter, Store, StoreError, Written, holds_password, testing};

const TABLES: [&str; 58] = [
    "ledger",
    "command",
    "leaf",
    "tree_head",
    "party",
    "person",
    "unit",
    "contract",
    "receivable",
    "stage_change",
    "expected_recovery",
    "pause",
    "receipt",
    "entry",
    "letter",
    "letter_receivable",
    "letter_share",
    "agreement",
    "agreement_receivable",
    "agreement_holder",
    "agreement_obligor",
    "milestone",
    "target",
    "false_report",
    "sanction",
    "role",
    "wage_month",
    "contract_closed",
    "batch",
    "issue",
    "policy",
    "evaluated",
    "case_judged",
    "line",
    "posting",
    "finding",
    "settlement",
    "minimum_wage",
    "payout",
    "payout_step",
    "payout_terms",
    "wage_guard",
    "stacking",
    "period_closed",
    "period_reopened",
    "request",
    "authority",
    "delegation",
    "personal",
    "user_account",
    "api_token",
    "access_grant",
    "trusted_key",
    "proposal",
    "decision",
    "disclosure",
    "import_source",
    "dismissal",
];

#[test]
fn no_table_but_personal_can_be_changed_or_emptied() {
    for db in testing::databases() {
        put(&mut opened(db.store()), one_of_each());
        for table in TABLES {
            let refused = |statement: &str| {
                let answer = db.execute(statement).expect_err(statement);
                assert!(answer.contains("append-only"), "{statement}: {answer}");
            };
            let column = if table == "personal" { "leaf" } else { "position" };
            refused(&format!("UPDATE {table} SET {column} = {column} + 1"));
            if table != "personal" {
                refused(&format!("DELETE FROM {table}"));
            }
            match db.backend() {
                Backend::Postgres => refused(&format!("TRUNCATE {table} CASCADE")),
                // A row is replaced by deleting it first.
                Backend::Sqlite if table != "personal" => refused(&format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}")),
                Backend::Sqlite => {}
            }
        }
        db.execute("DELETE FROM personal").unwrap();
    }
}

#[test]
fn stored_bytes_are_what_is_hashed() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let leaves = vec![
            record(Record::Receivable(claim(1, 1, 100, day(0), None))),
            record(Record::Entry(entry(1, EntryKind::Gross, Some(1), None, 100, day(0), None))),
        ];
        let appended = put(&mut store, leaves.clone());
        let mut tree = Tree::default();
        let command = |kind: &str, input: &str| {
            let CommandMeta { kind, input, actor, recorded_at } = meta(kind, input);
            record(Record::Command(Command { kind, idempotency: None, input, actor, recorded_at }))
        };
        let opened = [command("open-ledger", "open"), record(Record::Ledger(books())), command("test", "")];
        for leaf in opened.into_iter().chain(leaves) {
            tree.push(leaf_hash(&serde_json::to_vec(&leaf.record).unwrap(), None));
        }
        assert_eq!((appended.position, appended.first_leaf, appended.leaves, appended.root), (2, 2, 3, tree.root()));
    }
}

#[test]
fn the_same_request_again_is_answered_with_the_first_outcome() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let write = |store: &mut Store, input: &str| {
            store.transact_once::<_, StoreError>(books().id, "key-1", &meta("import", input), |tx| {
                tx.append(&[record(Record::Receivable(claim(1, 1, 100, day(0), None)))])?;
                Ok("answer")
            })
        };
        let Written::Done("answer", first) = write(&mut store, "file a").unwrap() else { panic!("it ran") };
        let Written::Replayed(again) = write(&mut store, "file a").unwrap() else { panic!("it had run") };
        assert_eq!(Appended { lock_ms: 0, ..first.clone() }, Appended { lock_ms: 0, ..again });
        put(&mut store, vec![record(Record::Receivable(claim(2, 1, 100, day(0), None)))]);
        let Written::Replayed(later) = write(&mut store, "file a").unwrap() else { panic!("it had run") };
        assert_eq!(later.root, first.root);
        let conflict = write(&mut store, "file b").unwrap_err();
        assert_eq!(conflict.code(), "store.idempotency_conflict");
        assert_eq!(store.read::<_, StoreError>(books().id, |view| view.receivables(None, EVERYTHING)).unwrap().len(), 2);
    }
}

#[test]
fn ten_concurrent_identical_retries_have_one_effect() {
    for db in testing::databases() {
        drop(opened(db.store()));
        let start = Barrier::new(10);
        let outcomes: Vec<Written<()>> = thread::scope(|scope| {
            let retries: Vec<_> = (0..10)
                .map(|_| {
                    scope.spawn(|| {
                        let mut store = db.store();
                        start.wait();
                        let gross = record(Record::Entry(entry(1, EntryKind::Gross, Some(1), None, 100, day(0), None)));
                        store.transact_once::<_, StoreError>(books().id, "one", &meta("import", "same"), |tx| tx.append(&[gross])).unwrap()
                    })
                })
                .collect();
            retries.into_iter().map(|retry| retry.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|o| matches!(o, Written::Done(..))).count(), 1);
        let head = db.store().read::<_, StoreError>(books().id, |view| Ok(view.head())).unwrap();
        let at = |o: &Written<()>| match o {
            Written::Done((), at) | Written::Replayed(at) => (at.position, at.root),
        };
        assert!(outcomes.iter().all(|o| at(o) == (2, head.root)) && head.position == 2);
        let open = db.store().read::<_, StoreError>(books().id, |view| view.open_amounts(day(0), EVERYTHING, None)).unwrap();
        assert_eq!(open, [(claim_id(1), 100, 700)]);
    }
}

#[test]
fn two_applications_of_the_same_last_500_have_one_winner() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        put(&mut store, vec![record(Record::Entry(entry(0, EntryKind::Gross, Some(1), None, 500, day(0), None)))]);
        let start = Barrier::new(8);
        let won: usize = thread::scope(|scope| {
            let tries: Vec<_> = (1..9_usize)
                .map(|n| {
                    let (db, start) = (&db, &start);
                    scope.spawn(move || {
                        let mut store = db.store();
                        start.wait();
                        let applied = store.transact::<_, StoreError>(books().id, &meta("apply", ""), |tx| {
                            let open = tx.open_amounts(day(1), EVERYTHING, Some(&[claim_id(1)]))?;
                            let enough = open.iter().any(|(_, open, _)| *open >= 500);
                            if enough {
                                tx.append(&[record(Record::Entry(entry(n, EntryKind::Applied, Some(1), Some(n), -500, day(1), None)))])?;
                            }
                            Ok(enough)
                        });
                        usize::from(applied.unwrap().0)
                    })
                })
                .collect();
            tries.into_iter().map(|t| t.join().unwrap()).sum()
        });
        assert_eq!(won, 1);
    }
}

#[test]
fn writers_of_one_ledger_come_one_after_another_and_readers_see_whole_commands() {
    for db in testing::databases() {
        drop(opened(db.store()));
        thread::scope(|scope| {
            for writer in 0..4_usize {
                let db = &db;
                scope.spawn(move || {
                    let mut store = db.store();
                    for n in 0..10_usize {
                        let number = writer * 100 + n * 2;
                        let pair = [(number, 100), (number + 1, 200)]
                            .map(|(i, amount)| record(Record::Entry(entry(i, EntryKind::Gross, Some(i), None, amount, day(0), None))));
                        put(&mut store, pair.to_vec());
                    }
                });
            }
            let mut store = db.store();
            for _ in 0..20 {
                let (head, entries) =
                    store.read::<_, StoreError>(books().id, |view| Ok((view.head(), view.entries(EntryFilter::default(), None, EVERYTHING)?.len()))).unwrap();
                assert_eq!((entries, head.size), (usize::try_from(head.position - 1).unwrap() * 2, u64::try_from(head.position * 3 - 1).unwrap()));
            }
        });
        let head = db.store().read::<_, StoreError>(books().id, |view| Ok(view.head())).unwrap();
        assert_eq!((head.position, head.size), (41, 2 + 40 * 3));
    }
}

#[test]
fn a_transaction_reads_what_it_appended_and_answers() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let gross = |n: usize| record(Record::Entry(entry(n, EntryKind::Gross, Some(1), None, 100, day(0), None)));
        let transact = |store: &mut Store| {
            store.transact_once::<_, StoreError>(books().id, "key", &meta("import", ""), |tx| {
                tx.append(&[gross(1)])?;
                tx.append(&[gross(2)])?;
                assert_eq!(tx.position(), 2);
                assert_eq!(tx.position_sums(2)?, [(EntryKind::Gross, 1_400, 2)]);
                tx.open_amounts(day(0), EVERYTHING, None)
            })
        };
        let Written::Done(open, done) = transact(&mut store).unwrap() else { panic!("it ran") };
        assert_eq!(open, [(claim_id(1), 200, 1_400)]);
        assert_eq!((done.position, done.first_leaf, done.leaves), (2, 2, 3));
        let Written::Replayed(replayed) = transact(&mut store).unwrap() else { panic!("it had run") };
        assert_eq!((replayed.position, replayed.root), (2, done.root));
        let refused = store.transact::<(), StoreError>(books().id, &meta("import", ""), |tx| {
            tx.append(&[gross(3)])?;
            Err(StoreError::Overflow)
        });
        assert_eq!(refused.unwrap_err().code(), "store.overflow");
        assert_eq!(store.read::<_, StoreError>(books().id, |view| Ok(view.head().size)).unwrap(), 5);
    }
}

#[test]
fn a_key_stands_for_its_request_also_when_nothing_came_of_it() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let ask = |store: &mut Store, input: &str| store.transact_once::<(), StoreError>(books().id, "key", &meta("import", input), |_| Ok(()));
        let Written::Done((), first) = ask(&mut store, "nothing").unwrap() else { panic!("it ran") };
        assert_eq!((first.position, first.leaves), (2, 1), "the command's own leaf");
        let Written::Replayed(again) = ask(&mut store, "nothing").unwrap() else { panic!("it had run") };
        assert_eq!((again.position, again.root), (2, first.root));
        assert_eq!(ask(&mut store, "something").unwrap_err().code(), "store.idempotency_conflict");
    }
}

#[test]
fn an_error_or_nothing_to_record_leaves_no_trace() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let before = store.read::<_, StoreError>(books().id, |view| Ok(view.head())).unwrap();
        let refused = store.transact_once::<(), _>(books().id, "k", &meta("import", ""), |_| Err(StoreError::Overflow));
        assert_eq!(refused.unwrap_err().code(), "store.overflow");
        let empty = append(&mut store, &[]).unwrap();
        assert_eq!((empty.position, empty.leaves, empty.root), (before.position, 0, before.root));
        let twice = || record(Record::Entry(entry(1, EntryKind::Gross, Some(1), None, 100, day(0), None)));
        let refused = append(&mut store, &[twice(), twice()]);
        assert_eq!(refused.unwrap_err().code(), "store.duplicate");
        // A panic inside a command leaves the connection usable, and nothing behind.
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.transact::<(), StoreError>(books().id, &meta("import", ""), |_| panic!("the engine's own"))
        }));
        assert!(panicked.is_err());
        assert_eq!(store.read::<_, StoreError>(books().id, |view| Ok(view.head())).unwrap(), before);
    }
}

#[test]
fn a_ledger_opens_once_and_ledgers_do_not_see_each_other() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let again = store.open_ledger(&books(), &meta("open-ledger", "open")).unwrap();
        assert_eq!((again.position, again.leaves), (1, 0));
        let renamed = Ledger { name: "Other".into(), ..books() };
        assert_eq!(store.open_ledger(&renamed, &meta("open-ledger", "open")).unwrap_err().code(), "store.ledger_differs");
        let second = Ledger { id: Ledger::id_of("second"), code: "second".into(), ..books() };
        assert_eq!(store.read::<(), StoreError>(second.id, |_| Ok(())).unwrap_err().code(), "store.unknown_ledger");
        store.open_ledger(&second, &meta("open-ledger", "open")).unwrap();
        put(&mut store, one_of_each());
        assert_eq!(store.ledgers().unwrap(), [books(), second.clone()]);
        assert_eq!(store.ledger("second").unwrap(), Some(second.clone()));
        assert_eq!(store.ledger("third").unwrap(), None);
        store
            .read::<(), StoreError>(second.id, |view| {
                assert!(view.entries(EntryFilter::default(), None, EVERYTHING)?.is_empty());
                assert_eq!(view.head().position, 1);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn sums_beyond_64_bits_are_errors_and_exact_up_to_them() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let huge = |n: usize, amount: i64| {
            let mut entry = entry(n, EntryKind::Gross, Some(1), None, 1, day(0), None);
            (entry.amount, entry.ledger_amount) = (amount, amount);
            record(Record::Entry(entry))
        };
        put(&mut store, vec![huge(1, i64::MAX - 1), huge(2, 1)]);
        let open = |store: &mut Store| store.read::<_, StoreError>(books().id, |view| view.open_amounts(day(1), EVERYTHING, None));
        assert_eq!(open(&mut store).unwrap(), [(claim_id(1), i64::MAX, i64::MAX)]);
        put(&mut store, vec![huge(3, 1)]);
        assert_eq!(open(&mut store).unwrap_err().code(), "store.overflow");
    }
}

#[test]
fn days_that_text_cannot_order_are_refused_and_any_day_can_be_asked() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let late = recoup_model::calendar::date(10_000, 1, 1).unwrap();
        let refused = append(&mut store, &[record(Record::Receivable(claim(1, 1, 1, late, None)))]);
        assert_eq!(refused.unwrap_err().code(), "store.date_range");
        put(&mut store, vec![record(Record::Entry(entry(1, EntryKind::Gross, Some(1), None, 100, day(0), None)))]);
        let at = |store: &mut Store, on| store.read::<_, StoreError>(books().id, |view| view.open_amounts(on, EVERYTHING, None)).unwrap().len();
        assert_eq!((at(&mut store, recoup_model::Date::MAX), at(&mut store, recoup_model::Date::MIN)), (1, 0));
    }
}

#[test]
fn urls_are_named_in_errors_without_their_password() {
    assert_eq!(Store::open("mysql://x").err().unwrap().code(), "store.url");
    let error = Store::open("postgres://user:secret@127.0.0.1:1/none?password=secret").err().unwrap();
    assert_eq!(error.code(), "store.unreachable");
    assert!(error.to_string().contains("user@127.0.0.1") && !error.to_string().contains("secret"), "{error}");
}

#[test]
fn a_password_in_a_url_is_seen_wherever_it_stands() {
    for with in [
        "postgres://u:p@h/d",
        "postgresql://u:@h",
        "postgres://u:p@h:5432,i:5432/d?sslmode=require",
        "postgres:///d?user=u&password=p",
        "postgres://h/d?sslpassword=p",
    ] {
        assert!(holds_password(with), "{with}");
    }
    for without in ["postgres://u@h:5432/d", "postgres://h:5432/d", "postgres:///d?host=/tmp:x&user=u", "sqlite:a:b@c.db", "sqlite:books.db"] {
        assert!(!holds_password(without), "{without}");
    }
}

/// An import that began before midnight and was done after it was not known on the day before.
#[test]
fn with_a_clock_a_command_is_recorded_when_it_is_done() {
    const DONE: i64 = 1_900_000_000;
    for db in testing::databases() {
        let mut store = opened(db.store()).with_clock(|| chrono::DateTime::from_timestamp(DONE, 0).unwrap());
        let later = CommandMeta { recorded_at: chrono::DateTime::from_timestamp(DONE + 5, 0).unwrap(), ..meta("put", "2") };
        for (n, meta) in [(1, meta("put", "1")), (2, later)] {
            store.transact::<_, StoreError>(books().id, &meta, |tx| tx.append(&[record(Record::Receivable(claim(n, 1, 100, day(0), None)))])).unwrap();
        }
        let moments = store
            .read::<_, StoreError>(books().id, |view| Ok(view.commands(1, 100, EVERYTHING)?.iter().map(|c| c.recorded_at.timestamp()).collect::<Vec<_>>()));
        assert_eq!(moments.unwrap(), [DONE, DONE + 5]);
    }
}

#[test]
fn a_command_is_never_recorded_before_the_one_that_it_follows() {
    for db in testing::databases() {
        let mut store = opened(db.store());
        let at = |seconds: i64| meta("", "").recorded_at + chrono::TimeDelta::seconds(seconds);
        // A command that was begun early and waited long, or whose process has a clock that is slow.
        for (n, seconds) in [(1, 0), (2, 100), (3, 50), (4, 100), (5, 200)] {
            let meta = CommandMeta { recorded_at: at(seconds), ..meta("put", &n.to_string()) };
            store.transact::<_, StoreError>(books().id, &meta, |tx| tx.append(&[record(Record::Receivable(claim(n, 1, 100, day(0), None)))])).unwrap();
        }
        let (moments, before) = store
            .read::<_, StoreError>(books().id, |view| {
                let commands = view.commands(1, 100, EVERYTHING)?;
                let before = [0, 1, 100, 101, 200, 201].map(|seconds| view.position_before(at(seconds)));
                Ok((commands.iter().map(|c| (c.recorded_at - at(0)).num_seconds()).collect::<Vec<_>>(), before.into_iter().collect::<Result<Vec<_>, _>>()?))
            })
            .unwrap();
        assert_eq!(moments, [0, 100, 100, 100, 200]);
        // The ledger was opened at 0, as position 1.
        assert_eq!(before, [0, 2, 2, 5, 5, 6]);
    }
}
