//! Edge case 49: the log proves itself after a restore from a backup, a flipped byte is located, and what is erased about
//! people breaks no proof. Backups are made as README.md says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::path::Path;
use std::process::Command;

use recoup_model::Digest;
use recoup_model::id::LedgerId;
use recoup_model::record::Ledger;
use recoup_store::testing::{self, TestDb};
use recoup_store::{Backend, CommandMeta, EVERYTHING, Store, StoreError};
use recoup_tests::{Run, Serving, Site, State, now, paths};
use serde_json::json;

const PERSON: &str = "王强";
const FACTS: &str = "/api/v1/ledgers/main/facts";

/// An installation with a debtor's export and somebody's wages, and its server, which goes on.
fn busy(site: &Site) -> Serving {
    let _ = site.import(&paths::export("u8-ar-detail-selfmade.csv"), "u8-ar-detail", &[]).exits(0);
    let file = site.write("facts.toml", format!("[people.wang]\nname = \"{PERSON}\"\nwages = {{ 2024 = \"15000.00\" }}\n"));
    let _ = site.run(["record", file.to_str().unwrap()]).exits(0);
    site.serve()
}

fn stated(server: &Serving, code: &str) {
    let _ = server.command(FACTS, code, &json!({ "system": "manual", "facts": { "debtors": { code: "Somebody" } } })).is(201);
}

/// A database that was restored; it lives as long as what it is in.
enum Restored {
    Copy { url: String },
    Server(TestDb),
}

impl Restored {
    fn url(&self) -> &str {
        match self {
            Self::Copy { url } => url,
            Self::Server(db) => db.url(),
        }
    }
}

#[track_caller]
fn ran(command: &mut Command) {
    let what = format!("{command:?}");
    let out = command.output().unwrap_or_else(|e| panic!("{what}: {e}; install the client programs of PostgreSQL"));
    assert!(out.status.success(), "{what}\n{}", String::from_utf8_lossy(&out.stderr));
}

/// A backup of the site's database, restored beside it. Nobody stops for it.
fn restored(site: &Site, name: &str) -> Restored {
    let backup = site.folder().join(format!("{name}.backup"));
    match site.backend() {
        Backend::Sqlite => {
            site.db().execute(&format!("VACUUM INTO '{}'", backup.display())).unwrap();
            Restored::Copy { url: format!("sqlite:{}", backup.display()) }
        }
        Backend::Postgres => {
            let other = testing::postgres();
            ran(Command::new("pg_dump").args(["--format=custom", "--file"]).arg(&backup).arg(site.db().url()));
            let restore = ["--clean", "--if-exists", "--exit-on-error", "--single-transaction", "--dbname", other.url()];
            ran(Command::new("pg_restore").args(restore).arg(&backup));
            Restored::Server(other)
        }
    }
}

fn audit(site: &Site, url: &str, more: &[&str]) -> Run {
    site.run([&["--format", "json", "--database", url, "audit", "rebuild"], more].concat())
}

/// Where a log stands: its position, its size and the root of its tree.
fn head(store: &mut Store, ledger: LedgerId) -> (i64, u64, Digest) {
    let head = store.read::<_, StoreError>(ledger, |view| Ok(view.head())).unwrap();
    (head.position, head.size, head.root)
}

/// Whatever is recorded while and after the backup is made, the backup is whole, proves itself, and can be gone on with.
#[test]
fn edge_49_a_restored_backup_proves_itself_and_goes_on() {
    for site in Site::both() {
        let server = busy(&site);
        stated(&server, "before");
        let main = Ledger::id_of("main");
        let (books, people) = (head(&mut site.store(), main), head(&mut site.store(), Ledger::installation()));
        let state = site.state("main");
        let backup = restored(&site, "first");
        stated(&server, "after");

        let mut store = Store::open(backup.url()).unwrap();
        assert_eq!((head(&mut store, main), head(&mut store, Ledger::installation())), (books, people));
        assert_eq!(State::of(&mut store, main), state);
        let proved = audit(&site, backup.url(), &[]).exits(0);
        assert_eq!(proved.row("rebuild", &[("table", "tree head")])["equal"], "yes");
        let _ = audit(&site, backup.url(), &["--installation"]).exits(0);

        // What follows is appended to what was restored, and what it refuses to change it goes on refusing.
        let file = site.write("more.toml", "[debtors]\nD9 = \"Ninth\"\n");
        let _ = site.run(["--database", backup.url(), "record", file.to_str().unwrap()]).exits(0);
        assert_eq!(head(&mut store, main).0, books.0 + 1);
        let _ = audit(&site, backup.url(), &[]).exits(0);
        let mut again = Store::open(backup.url()).unwrap();
        let meta = CommandMeta { kind: "none".into(), input: Digest::of(b""), actor: "tests".into(), recorded_at: now() };
        assert_eq!(again.transact::<(), StoreError>(main, &meta, |_| Ok(())).unwrap().1.leaves, 0);

        // The one that was backed up knows nothing of it.
        assert_eq!(head(&mut site.store(), main).0, books.0 + 1);
        let _ = audit(&site, site.db().url(), &[]).exits(0);
    }
}

/// One byte of one leaf, changed by somebody with the database's own rights: the audit names that leaf.
#[test]
fn edge_49_a_flipped_byte_is_located() {
    for site in Site::both() {
        let server = busy(&site);
        for code in ["D1", "D2", "D3"] {
            stated(&server, code);
        }
        drop(server);
        let leaves = site.store().read::<_, StoreError>(Ledger::id_of("main"), |view| view.leaves(0, 10_000, EVERYTHING)).unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let leaf = leaves.iter().rfind(|l| text(&l.body).contains("\"key\":\"D2\"")).unwrap().leaf;
        assert!(leaf > 0 && leaf < u64::try_from(leaves.len()).unwrap() - 1, "one in the middle");
        let flip = match site.backend() {
            Backend::Sqlite => {
                "DROP TRIGGER leaf_refuses_update; UPDATE leaf SET body = CAST(replace(CAST(body AS TEXT), '\"key\":\"D2\"', '\"key\":\"D7\"') AS BLOB) \
                 WHERE CAST(body AS TEXT) LIKE '%\"key\":\"D2\"%' AND leaf = "
            }
            Backend::Postgres => {
                "ALTER TABLE leaf DISABLE TRIGGER append_only; \
                 UPDATE leaf SET body = convert_to(replace(convert_from(body, 'UTF8'), '\"key\":\"D2\"', '\"key\":\"D7\"'), 'UTF8') \
                 WHERE convert_from(body, 'UTF8') LIKE '%\"key\":\"D2\"%' AND leaf = "
            }
        };
        let _ = audit(&site, site.db().url(), &[]).exits(0);
        site.db().execute(&format!("{flip}{leaf}")).unwrap();
        let found = audit(&site, site.db().url(), &[]).exits(1).says("the tables are not what the log adds up to");
        let row = found.row("rebuild", &[("table", "tree head")]);
        assert_eq!((row["equal"].as_str(), row["difference"].as_str()), (Some("NO"), Some(format!("leaf {leaf}").as_str())));
        // The installation's own log is another one.
        let _ = audit(&site, site.db().url(), &["--installation"]).exits(0);
        // A backup of what is damaged is damaged at the same place.
        let backup = restored(&site, "damaged");
        let row = audit(&site, backup.url(), &[]).exits(1).row("rebuild", &[("table", "tree head")]);
        assert_eq!(row["difference"], format!("leaf {leaf}"));
    }
}

/// A name and wages are erased in the store (no command does it yet): nobody is told them any more, no hash changes, and
/// neither the books nor a later backup of them fail their proof. What is erased is in no later backup.
#[test]
fn edge_49_what_is_erased_breaks_no_proof() {
    for site in Site::both() {
        let server = busy(&site);
        let main = Ledger::id_of("main");
        let before = head(&mut site.store(), main);
        let name = |server: &Serving| server.rows("/api/v1/ledgers/main/people")[0]["name"].clone();
        assert_eq!((name(&server), server.rows("/api/v1/ledgers/main/wage-months?as_of=2024-12-31").len()), (PERSON.into(), 12));

        let leaves = site.store().read::<_, StoreError>(main, |view| view.leaves(0, 10_000, EVERYTHING)).unwrap();
        let personal: Vec<u64> = leaves.iter().filter(|l| matches!(l.kind.as_str(), "person" | "wage-month")).map(|l| l.leaf).collect();
        assert_eq!(personal.len(), 13);
        let hashes = |server: &Serving| -> Vec<_> {
            personal
                .iter()
                .map(|leaf| server.get(&format!("/api/v1/ledgers/main/leaves/{leaf}?known_at={}", before.0)).is(200).json()["hash"].clone())
                .collect()
        };
        let hashed = hashes(&server);
        let meta = CommandMeta { kind: "erase".into(), input: Digest::of(b"erase"), actor: "tests".into(), recorded_at: now() };
        let _ = site.store().erase(main, &meta, &personal).unwrap();

        assert_eq!(name(&server), serde_json::Value::Null);
        assert_eq!(hashes(&server), hashed);
        let _ = audit(&site, site.db().url(), &[]).exits(0);
        let backup = restored(&site, "erased");
        let _ = audit(&site, backup.url(), &[]).exits(0);
        if let Restored::Copy { url } = &backup {
            let bytes = std::fs::read(Path::new(url.strip_prefix("sqlite:").unwrap())).unwrap();
            assert!(!bytes.windows(PERSON.len()).any(|w| w == PERSON.as_bytes()));
        }
        let root = server.get(&format!("/api/v1/ledgers/main?known_at={}", before.0)).is(200).json();
        assert_eq!(root["root"], before.2.to_string(), "what was proved before the erasure still is");
    }
}
