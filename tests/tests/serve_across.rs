//! Parties and people of the whole installation: each ledger says what it knows, to whoever may read it and as far as they may.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::sync::mpsc;
use std::time::Duration;

use chrono::TimeDelta;
use recoup_engine::known::KnownAt;
use recoup_model::Digest;
use recoup_model::access::Role;
use recoup_model::id::UnitId;
use recoup_model::party::Unit;
use recoup_model::record::{Ledger, Record};
use recoup_store::testing::databases;
use recoup_store::{CommandMeta, StoreError};
use recoup_tests::{Serving, Site, intake, now};
use serde_json::Value;

/// Wang is known in both ledgers, under two names; main has Li besides, and pt Ana.
const MAIN: &str = "[people.li]\nname = \"李梅\"\n[people.wang]\nname = \"王强\"\n[debtors]\nD-1 = \"One Ltd\"\nD-2 = \"Two Ltd\"\n";
const PT: &str = "[people.ana]\nname = \"Ana\"\n[people.wang]\nname = \"Wang Qiang\"\n[debtors]\nD-1 = \"One Lda\"\n";

fn site(site: Site) -> Site {
    for (ledger, facts) in [("main", MAIN), ("pt", PT)] {
        let file = site.write("facts.toml", facts);
        let _ = site.run(["--ledger", ledger, "record", file.to_str().unwrap()]).exits(0);
    }
    site
}

fn told(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|r| ["ledger", "code", "name"].map(|key| r[key].as_str().unwrap_or("-")).join(" ")).collect()
}

fn people(server: &Serving, query: &str) -> Vec<String> {
    told(&server.rows(&format!("/api/v1/people?{query}")))
}

#[test]
fn each_ledger_tells_what_it_knows_to_whoever_may_read_it() {
    for site in Site::both().map(site) {
        let mut server = site.serve();
        assert_eq!(people(&server, "sort=code"), ["main li 李梅", "main wang 王强", "pt ana Ana", "pt wang Wang Qiang"]);
        assert_eq!(people(&server, "sort=-code"), ["main wang 王强", "main li 李梅", "pt wang Wang Qiang", "pt ana Ana"]);
        assert_eq!(told(&server.rows("/api/v1/parties?sort=code")), ["main D-1 One Ltd", "main D-2 Two Ltd", "pt D-1 One Lda"]);
        let wang = server.rows("/api/v1/people?code=wang");
        assert_eq!((wang.len(), &wang[0]["id"]), (2, &wang[1]["id"]), "one person, whichever ledger tells of them");
        assert_eq!(people(&server, &format!("id={}", wang[0]["id"].as_str().unwrap())), told(&wang));
        let whole = server.rows("/api/v1/people?limit=1000");
        for ledger in ["main", "pt"] {
            let own: Vec<Value> = whole.iter().filter(|r| r["ledger"] == ledger).cloned().collect();
            assert_eq!(own, server.rows(&format!("/api/v1/ledgers/{ledger}/people?limit=1000")), "{ledger}");
        }

        let (main, pt) = (Some(Ledger::id_of("main")), Some(Ledger::id_of("pt")));
        server.with(&site.token("pt-only", &[(Role::Collector, pt, None)]));
        assert_eq!(people(&server, "sort=code"), ["pt ana Ana", "pt wang Wang Qiang"]);
        server.with(&site.token("names-in-main", &[(Role::Collector, main, None), (Role::Integrator, pt, None)]));
        assert_eq!(people(&server, "sort=code"), ["main li 李梅", "main wang 王强", "pt ana -", "pt wang -"], "names for whoever may see them");
        for (login, rights) in [("ada", vec![(Role::Administrator, None, None)]), ("nobody", vec![])] {
            server.with(&site.token(login, &rights));
            assert_eq!(people(&server, ""), Vec::<String>::new(), "{login}");
        }
    }
}

#[test]
fn pages_go_on_from_ledger_to_ledger_and_are_of_one_moment() {
    for site in Site::both().map(site) {
        let mut server = site.serve();
        let whole = server.rows("/api/v1/people?limit=1000&sort=code");
        for (limit, pages) in [(1, 4), (2, 2), (3, 2), (4, 1)] {
            let found = server.pages(&format!("/api/v1/people?sort=code&limit={limit}"));
            assert_eq!((found.len(), found.concat()), (pages, whole.clone()), "by {limit}");
        }
        let first = server.get("/api/v1/people?sort=code&limit=1").is(200);
        let next = first.json()["next"].as_str().unwrap().to_owned();
        assert!(first.header("link").contains(&next));
        let before = chrono::Utc::now().to_rfc3339().replace("+00:00", "Z");
        for ledger in ["main", "pt"] {
            let file = site.write("more.toml", "[people.zhao]\nname = \"赵敏\"\n");
            let _ = site.run(["--ledger", ledger, "record", file.to_str().unwrap()]).exits(0);
        }
        assert_eq!(server.pages(&next).concat(), whole[1..]);
        assert_eq!(server.rows("/api/v1/people?limit=1000").len(), 6);
        assert_eq!(server.rows(&format!("/api/v1/people?limit=1000&sort=code&known_at={before}")), whole);
        let tomorrow = chrono::Utc::now().date_naive() + chrono::Days::new(2);
        assert_eq!(server.rows(&format!("/api/v1/people?limit=1000&known_at={tomorrow}")).len(), 6);
        assert_eq!(server.rows("/api/v1/people?known_at=2020-01-01"), Vec::<Value>::new(), "nothing was recorded by then");
        // Nothing that ledgers have in common has a day: each holds on every one, page by page.
        for day in ["0001-01-01", "2024-01-01", "9999-12-31"] {
            let pages = server.pages(&format!("/api/v1/people?sort=code&limit=1&as_of={day}&known_at={before}"));
            assert_eq!(pages.concat(), whole, "{day}");
            assert_eq!(server.rows(&format!("/api/v1/ledgers?as_of={day}")).len(), 2, "{day}");
        }

        // Whoever may see less is not led further by a cursor of somebody who may see more.
        server.with(&site.token("pt-only", &[(Role::Collector, Some(Ledger::id_of("pt")), None)]));
        assert_eq!(told(&server.pages(&next).concat()), ["pt ana Ana", "pt wang Wang Qiang"]);
        for wrong in ["known_at=3", "as_of=today", "sort=name", "limit=0", "id=wang", "cursor=!!"] {
            let _ = server.get(&format!("/api/v1/people?{wrong}")).is(400);
        }
        let cursor = next.split("cursor=").nth(1).unwrap();
        assert_eq!(server.get(&format!("/api/v1/parties?sort=code&limit=1&cursor={cursor}")).is(400).json_code().as_deref(), Some("request.cursor"));
    }
}

#[test]
fn they_come_in_every_form() {
    for site in Site::both().map(site) {
        let server = site.serve();
        let rows = server.rows("/api/v1/parties?limit=1000");
        let lines = server.get("/api/v1/parties?format=ndjson").is(200).text();
        assert_eq!(lines.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()).collect::<Vec<_>>(), rows);
        let csv = server.get("/api/v1/parties?format=csv").is(200);
        assert!(csv.header("content-disposition").contains("installation-parties.csv"), "{}", csv.header("content-disposition"));
        assert_eq!((csv.text().lines().count(), csv.text().starts_with("id,code,kind,")), (4, true), "{}", csv.text());
        let sheet = server.ask("/api/v1/parties", &[("accept", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]).is(200);
        assert!(sheet.body.starts_with(b"PK"));
    }
}

/// What was known at a moment does not change when a command that was begun by then is committed later: the answer waits for it.
#[test]
fn what_was_known_at_a_moment_has_one_answer_while_somebody_writes() {
    for db in databases() {
        let mut store = db.store();
        let ledger = intake::ledger(&mut store, "main", "CNY");
        let opened = store.read::<_, StoreError>(ledger.id, |view| Ok(view.head().position)).unwrap();
        // Recorded as of a moment, and committed later than it is asked about.
        let (begun, wait) = mpsc::channel();
        let writer = std::thread::spawn({
            let mut store = db.store();
            move || {
                let meta = CommandMeta { kind: "slow".into(), input: Digest::of(b""), actor: "tests".into(), recorded_at: now() + TimeDelta::hours(1) };
                let appended = store.transact::<_, StoreError>(Ledger::id_of("main"), &meta, |tx| {
                    let unit = Unit { id: UnitId::from_parts(&[b"north"]), code: "north".into(), name: "North".into(), parent: None };
                    tx.append(&[Record::Unit(unit).into()])?;
                    begun.send(()).unwrap();
                    std::thread::sleep(Duration::from_millis(300));
                    Ok(())
                });
                appended.unwrap().1.position
            }
        });
        wait.recv().unwrap();
        let asked = KnownAt::Moment(now() + TimeDelta::hours(2));
        let found = asked.found(&mut store, &ledger).unwrap();
        assert_eq!((found, found), (writer.join().unwrap(), opened + 1), "what was begun by then is in it");
        assert_eq!(asked.found(&mut store, &ledger).unwrap(), found, "and it stays so");
        assert_eq!(KnownAt::Moment(now()).found(&mut store, &ledger).unwrap(), opened, "what is behind the moment is not waited for");
    }
}

/// Whoever asks for the present waits for nobody: not for one who writes, and not behind others who do.
#[test]
fn the_present_is_told_while_somebody_writes() {
    for site in Site::both().map(site) {
        let mut server = site.serve();
        server.with(&site.token("late", &[(Role::Collector, None, None)]));
        let ((begun, wait), (go_on, until)) = (mpsc::channel(), mpsc::channel());
        let writer = std::thread::spawn({
            let mut store = site.store();
            move || {
                let meta = CommandMeta { kind: "slow".into(), input: Digest::of(b""), actor: "tests".into(), recorded_at: now() };
                store.transact::<_, StoreError>(Ledger::id_of("main"), &meta, |_| {
                    begun.send(()).unwrap();
                    until.recv().unwrap();
                    Ok(())
                })
            }
        });
        wait.recv().unwrap();
        for _ in 0..5 {
            for path in ["ledgers", "parties", "people"] {
                let _ = server.get(&format!("/api/v1/{path}")).is(200);
            }
        }
        go_on.send(()).unwrap();
        let _ = writer.join().unwrap();
    }
}
