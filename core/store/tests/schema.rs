//! The schema: one in two dialects, and every step can be taken back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use common::{books, meta, one_of_each, opened, put};
use diesel::sql_types::{Bool, Text};
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use recoup_store::{StoreError, testing};

#[derive(Debug, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

const SQLITE: &str = "SELECT m.name || '.' || c.name AS place, c.type AS kind, c.\"notnull\" = 0 AS nullable FROM sqlite_master m \
    JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'";
const POSTGRES: &str = "SELECT table_name || '.' || column_name AS place, data_type::text AS kind, is_nullable = 'YES' AS nullable \
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";
const SQLITE_KEYS: &str = "SELECT tbl_name || ': ' || group_concat(c.name, ',') AS place, '' AS kind, NOT i.\"unique\" AS nullable \
    FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c \
    WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' GROUP BY m.name, i.name";
const POSTGRES_KEYS: &str = "SELECT t.relname || ': ' || string_agg(a.attname, ',' ORDER BY k.n) AS place, '' AS kind, NOT i.indisunique AS nullable \
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace s ON s.oid = t.relnamespace \
    CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(attnum, n) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum \
    WHERE s.nspname = 'public' AND t.relname NOT LIKE '\\_\\_%' GROUP BY t.relname, i.indexrelid, i.indisunique";

/// Each column or index with its kind and nullability (or whether it may repeat).
fn catalogue(db: &testing::TestDb, sqlite: &str, postgres: &str) -> BTreeMap<String, (String, bool)> {
    let columns: Vec<Column> = match db.url().strip_prefix("sqlite:") {
        Some(path) => sql_query(sqlite).load(&mut SqliteConnection::establish(path).unwrap()).unwrap(),
        None => sql_query(postgres).load(&mut PgConnection::establish(db.url()).unwrap()).unwrap(),
    };
    columns.into_iter().map(|c| (c.place, (c.kind, c.nullable))).collect()
}

/// What SQLite's five types stand for in PostgreSQL.
fn same_kind(sqlite: &str, postgres: &str) -> bool {
    matches!((sqlite, postgres), ("BLOB", "bytea") | ("INTEGER", "bigint" | "integer" | "boolean") | ("TEXT", "text" | "date"))
}

#[test]
fn both_dialects_have_one_schema() {
    let [sqlite, postgres] = testing::databases();
    let (one, other) = (catalogue(&sqlite, SQLITE, POSTGRES), catalogue(&postgres, SQLITE, POSTGRES));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for ((column, (kind, nullable)), (other_kind, other_nullable)) in one.iter().zip(other.values()) {
        assert!(same_kind(kind, other_kind), "{column} is {kind} and {other_kind}");
        assert_eq!(nullable, other_nullable, "{column}");
    }
    assert!(one.len() > 200);
    let (one, other) = (catalogue(&sqlite, SQLITE_KEYS, POSTGRES_KEYS), catalogue(&postgres, SQLITE_KEYS, POSTGRES_KEYS));
    assert_eq!(one, other);
    assert!(one.keys().filter(|index| *index != "ledger: code").all(|index| index.contains(": ledger")), "every key begins with the ledger: {one:?}");
}

#[test]
fn every_step_can_be_taken_back_and_again() {
    for db in testing::databases() {
        let before = (catalogue(&db, SQLITE, POSTGRES), catalogue(&db, SQLITE_KEYS, POSTGRES_KEYS));
        put(&mut opened(db.store()), one_of_each());
        db.revert();
        assert!(catalogue(&db, SQLITE, POSTGRES).is_empty());
        let older = db.store().ledger("main").unwrap_err();
        assert!(matches!(&older, StoreError::SchemaOlder { missing } if missing == "0001"), "{older:?}");
        let mut store = db.store();
        store.migrate().unwrap();
        store.migrate().unwrap();
        assert_eq!((catalogue(&db, SQLITE, POSTGRES), catalogue(&db, SQLITE_KEYS, POSTGRES_KEYS)), before);
        put(&mut opened(store), one_of_each());
    }
}

#[test]
fn a_schema_of_a_later_release_is_refused() {
    for db in testing::databases() {
        db.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9000')").unwrap();
        assert_eq!(db.store().migrate().unwrap_err().code(), "store.schema_newer");
        let refused = db.store().open_ledger(&books(), &meta("open-ledger", "open")).unwrap_err();
        assert_eq!(refused.code(), "store.schema_newer");
        assert!(refused.to_string().contains("9000"));
    }
}

#[test]
fn many_processes_may_migrate_at_once() {
    for db in testing::databases() {
        db.revert();
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| db.store().migrate().unwrap());
            }
        });
        drop(opened(db.store()));
    }
}

/// Before anything was counted, SQLite would look for it among all rows of the ledger.
#[test]
fn a_claim_is_found_by_its_id_in_a_ledger_that_was_never_counted() {
    #[derive(Debug, QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let [sqlite, _] = testing::databases();
    let mut connection = SqliteConnection::establish(sqlite.url().strip_prefix("sqlite:").unwrap()).unwrap();
    let mut steps = |query: &str| -> Vec<String> {
        let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(&mut connection).unwrap();
        steps.into_iter().map(|s| s.detail).collect()
    };
    let one = "SELECT t.due FROM receivable t WHERE t.ledger = x'00' AND t.id = x'00' AND +t.leaf < 9";
    assert_eq!(steps(one), ["SEARCH t USING INDEX receivable_by_id (ledger=? AND id=?)"]);
    let all = "SELECT t.due FROM receivable t WHERE t.ledger = x'00' AND +t.leaf < 9";
    assert_eq!(steps(all), ["SEARCH t USING PRIMARY KEY (ledger=?)"]);
}
