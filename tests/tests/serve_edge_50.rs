//! Edge case 50 over HTTP: whoever sees a unit sees nothing of another one: no row, no sum over one, no count, no id, no
//! name, in no form, by no key, cursor, filter or error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::collections::BTreeSet;

use recoup_model::record::Ledger;
use recoup_store::StoreError;
use recoup_tests::divided::{DAY, SHARED, rights, uuids};
use recoup_tests::{Reply, Serving, Site};
use serde_json::Value;

const BASE: &str = "/api/v1/ledgers/main";

/// Paths of a ledger's lists and reports, and of its single resources, from the description.
fn paths(server: &Serving) -> (Vec<String>, Vec<String>) {
    let document = server.get("/api/v1/openapi.json").is(200).json();
    let gets = document["paths"].as_object().unwrap().iter().filter(|(path, item)| path.starts_with("/api/v1/ledgers/{ledger}") && item.get("get").is_some());
    gets.map(|(path, _)| path.replace("{ledger}", "main")).partition(|path| !path.contains("{key}"))
}

fn lists() -> [&'static str; 21] {
    [
        "parties",
        "people",
        "units",
        "contracts",
        "receivables",
        "entries",
        "applications",
        "letters",
        "agreements",
        "milestones",
        "false-reports",
        "sanctions",
        "pauses",
        "roles",
        "lines",
        "postings",
        "wage-months",
        "findings",
        "cases/set-aside",
        "sensitive/lines",
        "sensitive/postings",
    ]
}

/// A refusal without what differs by request.
fn told(reply: &Reply, key: &str) -> String {
    let mut body = reply.json();
    body.as_object_mut().unwrap().remove("request_id");
    format!("{} {}", reply.status, body.to_string().replace(&format!("/{key} "), "/KEY "))
}

/// A receipt is no unit's: it may pay claims of several. So whoever sees a unit sees what was applied to its claims, and not
/// from which receipt, whatever they ask.
#[test]
fn edge_50_an_application_in_sight_does_not_tell_its_receipt() {
    for site in Site::both().map(Site::divided) {
        let mut server = site.serve_with(&[("RECOUP__SERVER__LIMITS__PEER__BURST", "0")]);
        let receipts = server.rows(&format!("{BASE}/receipts?as_of=2024-12-31"));
        let names: Vec<String> = receipts.iter().flat_map(|r| ["id", "reference"].map(|c| r[c].as_str().unwrap().to_owned())).collect();
        assert_eq!(names.len(), 8, "two receipts of each unit");
        server.with(&site.token("north", &rights("NORTH")));
        let applications = server.rows(&format!("{BASE}/applications?as_of=2024-12-31"));
        assert_eq!(applications.iter().map(|a| a["amount"].as_str().unwrap()).collect::<Vec<_>>(), ["-40000.11", "-10000.11"]);
        let claims = server.rows(&format!("{BASE}/receivables?as_of=2024-12-31"));
        let mut asked: Vec<String> = ["entries", "applications", "leaves", "log"].map(|list| format!("{BASE}/{list}?limit=1000")).into();
        asked.extend(["csv", "ndjson"].map(|form| format!("{BASE}/entries?format={form}")));
        asked.extend(claims.iter().map(|c| format!("{BASE}/receivables/{}?as_of=2024-12-31", c["id"].as_str().unwrap())));
        let mut applied = 0;
        for path in &asked {
            let text = server.get(path).is(200).text();
            applied += usize::from(text.contains("applied"));
            for name in &names {
                assert!(!text.contains(name.as_str()), "{path} tells {name}: {text}");
            }
        }
        assert!(applied >= 4, "it is seen that something was applied");
        // No leaf that can be named tells it either.
        let size = site.store().read::<_, StoreError>(Ledger::id_of("main"), |view| Ok(view.head().size)).unwrap();
        let shown = (0..size).map(|leaf| server.get(&format!("{BASE}/leaves/{leaf}"))).filter(|reply| reply.status == 200).map(|reply| reply.text());
        let shown: Vec<String> = shown.collect();
        assert!(shown.len() > 5 && shown.iter().all(|text| names.iter().all(|name| !text.contains(name.as_str()))), "{shown:?}");
    }
}

#[test]
fn edge_50_a_unit_is_told_nothing_of_another_one() {
    for site in Site::both().map(Site::divided) {
        let mut server = site.serve_with(&[("RECOUP__SERVER__LIMITS__PEER__BURST", "0")]);
        let (north, south, everything) = (site.token("north", &rights("NORTH")), site.token("south", &rights("SOUTH")), site.everything());
        let (whole, single) = paths(&server);
        assert!(whole.len() > 15 && single.len() > 5, "{whole:?} {single:?}");

        // What nobody has by unit: a source, a job, an import with a refused row.
        let mut theirs = server.with(&everything).shared();

        // What the south has, by its own account.
        server.with(&south);
        let mut rows = 0;
        for list in lists() {
            let text = server.get(&format!("{BASE}/{list}?{DAY}&limit=1000")).is(200).text();
            assert!(text.contains("\"items\":[{"), "the south has no {list}: {text}");
            assert!(!text.contains("NORTH") && !text.contains(".11\""), "{list}: {text}");
            theirs.extend(uuids(&text));
            rows += 1;
        }
        assert!(rows == lists().len() && theirs.len() > 12, "{theirs:?}");
        let policies = uuids(&server.get(&format!("{BASE}/policies")).is(200).text());
        theirs.retain(|id| !policies.contains(id));

        // Every list and report, in every form and page by page.
        server.with(&north);
        for path in &whole {
            for form in ["json", "csv", "ndjson"] {
                let query = match path.strip_prefix(BASE) {
                    Some("") => format!("?{DAY}"),
                    // Long work is known now.
                    Some("/jobs") => format!("?format={form}"),
                    // Rates are for whoever asks to say; of everything, cents stay the unit's own.
                    Some("/provision") => format!("?{DAY}&rates=100,100,100,100,100,100,100,100,100&format={form}"),
                    _ => format!("?{DAY}&format={form}"),
                };
                let text = server.get(&format!("{path}{query}")).is(200).text();
                assert!(!text.contains("SOUTH") && !text.contains(".77"), "{path} as {form}: {text}");
                assert_eq!(uuids(&text).intersection(&theirs).collect::<Vec<_>>(), Vec::<&String>::new(), "{path} as {form}");
            }
        }
        for (path, own) in [("/api/v1/parties", "D-NORTH"), ("/api/v1/people", "NORTH")] {
            for form in ["json", "csv", "ndjson"] {
                let text = server.get(&format!("{path}?format={form}")).is(200).text();
                assert!(text.contains(own) && !text.contains("SOUTH"), "{path} as {form}: {text}");
                assert_eq!(uuids(&text).intersection(&theirs).collect::<Vec<_>>(), Vec::<&String>::new(), "{path} as {form}");
            }
        }
        for list in lists() {
            let path = format!("{BASE}/{list}?{DAY}&limit=1");
            let pages = server.pages(&path).concat();
            assert_eq!(pages, server.rows(&format!("{BASE}/{list}?{DAY}&limit=1000")), "{list}");
            // A cursor of somebody who sees everything shows no more.
            server.with(&everything);
            let next = server.get(&path).is(200).json()["next"].as_str().map(str::to_owned);
            server.with(&north);
            for page in next.map(|next| server.pages(&next)).unwrap_or_default() {
                assert!(page.iter().all(|row| pages.contains(row)), "{list}: {page:?}");
            }
        }

        // As known on a day is as known at its last position, for a unit as well.
        let tomorrow = chrono::Utc::now().date_naive() + chrono::Days::new(2);
        let by_day = server.get(&format!("{BASE}/receivables?as_of=2024-12-31&limit=1000&known_at={tomorrow}")).is(200);
        assert_eq!(by_day.json()["items"], server.get(&format!("{BASE}/receivables?as_of=2024-12-31&limit=1000")).is(200).json()["items"]);

        // A claim's whole history is of the unit alone.
        for claim in server.rows(&format!("{BASE}/receivables?as_of=2024-12-31&limit=1000")) {
            let history = server.get(&format!("{BASE}/receivables/{}?as_of=2024-12-31", claim["id"].as_str().unwrap())).is(200);
            let body = history.json();
            assert!(
                ["L-NORTH", "K-NORTH"].contains(&body["letters"][0]["code"].as_str().unwrap()) && body["versions"].as_array().unwrap().len() == 1,
                "{body}"
            );
            assert!(!history.text().contains("SOUTH") && !history.text().contains(".77"), "{body}");
            assert_eq!(uuids(&history.text()).intersection(&theirs).collect::<Vec<_>>(), Vec::<&String>::new(), "{body}");
        }

        // By key: what is the south's is told like what is nowhere.
        let nowhere = "0190a1b2-0000-8000-8000-000000000000";
        // Nobody closes periods for a unit.
        for path in single.iter().filter(|p| !["/log/", "/leaves/", "/checklist"].iter().any(|part| p.contains(part))) {
            let expected = told(&server.get(&path.replace("{key}", nowhere)).is(404), nowhere);
            for key in &theirs {
                assert_eq!(told(&server.get(&path.replace("{key}", key)), key), expected, "{path}");
            }
        }
        let filters = [
            ("party", "receivables"),
            ("receivable", "entries"),
            ("person", "roles"),
            ("person", "wage-months"),
            ("person", "lines"),
            ("receivable", "lines"),
            ("person", "postings"),
            ("line", "postings"),
            ("receivable", "postings"),
        ];
        for (filter, list) in filters {
            for key in &theirs {
                assert_eq!(server.rows(&format!("{BASE}/{list}?{filter}={key}")), Vec::<Value>::new(), "{list} by {filter}");
            }
        }
        leaves(&mut server, &north, &everything, &theirs);
        figures(&mut server, [&north, &south, &everything]);
    }
}

/// A leaf is there for whoever sees its record, and one that is not is like one beyond the log.
fn leaves(server: &mut Serving, north: &str, everything: &str, theirs: &BTreeSet<String>) {
    let all = server.with(everything).rows(&format!("{BASE}/leaves?limit=1000"));
    let closes = |rows: &[Value]| rows.iter().filter(|l| l["kind"].as_str().is_some_and(|kind| kind.starts_with("period-"))).count();
    assert_eq!(closes(&all), 3, "two closes and an opening");
    server.with(north);
    assert_eq!(closes(&server.rows(&format!("{BASE}/leaves?limit=1000"))), 0, "what a close leaves out may be another unit's");
    let seen: BTreeSet<u64> = server.rows(&format!("{BASE}/leaves?limit=1000")).iter().map(|l| l["leaf"].as_u64().unwrap()).collect();
    assert!(!seen.is_empty() && seen.len() < all.len());
    let beyond = told(&server.get(&format!("{BASE}/leaves/99999")).is(404), "99999");
    for leaf in &all {
        let index = leaf["leaf"].as_u64().unwrap();
        let reply = server.get(&format!("{BASE}/leaves/{index}"));
        if seen.contains(&index) {
            let text = reply.is(200).text();
            assert!(!text.contains("SOUTH") && uuids(&text).is_disjoint(theirs), "{leaf}");
        } else {
            assert_eq!(told(&reply, &index.to_string()), beyond, "{leaf}");
        }
    }
    for list in SHARED {
        let text = server.get(&format!("{BASE}/{list}")).is(200).text();
        let none = text == "[]" || text.contains("\"items\":[]");
        assert!(none, "{list} count or hold what several units own: {text}");
    }
    let _ = server.get(&format!("{BASE}/log/2")).is(404);
    let head = server.get(BASE).is(200).json();
    assert_eq!((&head["size"], &head["root"]), (&Value::Null, &Value::Null), "how long the log is counts what others did");
}

/// Totals are those of the unit. 100,000.11 + 50,000.11 + 30,000.11 arose, and 40,000.11 + 10,000.11 of it was applied.
fn figures(server: &mut Serving, [north, south, everything]: [&str; 3]) {
    let mut total = |token: &str| {
        let balance = server.with(token).get(&format!("{BASE}/trial-balance?as_of=2024-12-31")).is(200).json();
        let aging = server.get(&format!("{BASE}/aging?as_of=2024-12-31")).is(200).json();
        assert_eq!(balance["total"]["open"], aging["open"]);
        ["claims", "applied", "open"].map(|column| balance["total"][column].as_str().unwrap().to_owned())
    };
    assert_eq!(total(north), ["180000.33", "50000.22", "130000.11"]);
    assert_eq!(total(south), ["180002.31", "50001.54", "130000.77"]);
    assert_eq!(total(everything), ["360002.64", "100001.76", "260000.88"]);
}
