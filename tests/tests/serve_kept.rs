//! Answers that are kept: whoever asks the same of the same state is answered alike without the books being asked, and
//! nobody is told what was so before a write that was acknowledged, whichever process it went through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Serving, Site};
use serde_json::json;

const MAIN: &str = "/api/v1/ledgers/main";

/// How many requests a server answered with what it had answered before.
fn kept(server: &Serving) -> u64 {
    let figures = server.get("/metrics").is(200).text();
    let line = figures.lines().find_map(|l| l.strip_prefix("recoup_http_answers_kept_total "));
    line.expect("the figure is there").parse().expect("a number")
}

fn state(server: &Serving, n: usize) {
    let facts = json!({ "debtors": { format!("D-{n}"): format!("Debtor {n}") }, "receivables": { format!("R-{n}"): {
        "debtor": format!("D-{n}"), "amount": "1.00", "document_date": "2024-01-01", "due": "2024-02-01" } } });
    let _ = server.command(&format!("{MAIN}/facts"), &format!("fact-{n}"), &json!({ "system": "manual", "facts": facts })).is(201);
}

#[test]
fn the_same_question_of_the_same_state_is_answered_once() {
    for site in Site::both() {
        let _ = site.run(["report", "trial-balance"]).exits(0);
        let server = site.serve();
        state(&server, 0);
        for path in ["receivables?as_of=2024-12-31", "aging?as_of=2024-12-31", "aging?as_of=2024-12-31&format=csv", "trial-balance"] {
            let path = format!("{MAIN}/{path}");
            let (first, before) = (server.get(&path).is(200), kept(&server));
            let again = server.get(&path).is(200);
            assert_eq!(kept(&server), before + 1, "{path}");
            let told = |r: &recoup_tests::Reply| {
                let own = |name: &str| !matches!(name, "date" | "x-request-id");
                (r.headers.iter().filter(|(name, _)| own(name)).cloned().collect::<std::collections::BTreeSet<_>>(), r.body.clone())
            };
            assert_eq!(told(&again), told(&first), "{path}");
            // Whoever has it is told so, without the books either.
            let tag = first.header("etag").to_owned();
            assert_eq!(server.ask(&path, &[("if-none-match", &tag)]).is(304).body, b"");
            assert_eq!(kept(&server), before + 2, "{path}");
        }
        // Of what is as it was known at a position, and of what is recorded when it is read, nothing is kept.
        for path in ["receivables?known_at=2", "sensitive/lines", "log/1?known_at=1"] {
            let path = format!("{MAIN}/{path}");
            let before = kept(&server);
            for _ in 0..2 {
                let _ = server.get(&path).is(200);
            }
            assert_eq!(kept(&server), before, "{path}");
        }
    }
}

/// One of all who ask for a report at once has it made; the others get what was kept of it.
#[test]
fn a_report_is_made_once_for_all_who_ask_at_once() {
    for site in Site::both() {
        let _ = site.run(["report", "trial-balance"]).exits(0);
        let server = site.serve();
        state(&server, 0);
        let before = kept(&server);
        let told: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..16).map(|_| scope.spawn(|| server.get(&format!("{MAIN}/aging?as_of=2024-12-31")).is(200).body)).collect();
            asking.into_iter().map(|a| a.join().expect("it was answered")).collect()
        });
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(kept(&server), before + 15);
    }
}

#[test]
fn what_was_acknowledged_anywhere_is_told_everywhere() {
    for site in Site::both() {
        let _ = site.run(["report", "trial-balance"]).exits(0);
        let (one, other) = (site.serve(), site.serve());
        let count = |server: &Serving| server.rows(&format!("{MAIN}/receivables?limit=1000")).len();
        for n in 0..40 {
            let (writer, reader) = if n % 2 == 0 { (&one, &other) } else { (&other, &one) };
            assert_eq!((count(reader), count(reader)), (n, n), "kept");
            state(writer, n);
            assert_eq!((count(reader), count(writer)), (n + 1, n + 1));
        }
        // Each of them read in twenty rounds, and of the two questions before the write the second at least was the same.
        assert!(kept(&one) >= 20 && kept(&other) >= 20, "{} {}", kept(&one), kept(&other));
    }
}

#[test]
fn nothing_is_kept_where_none_may_be() {
    let site = Site::sqlite();
    let _ = site.run(["report", "trial-balance"]).exits(0);
    let server = site.serve_with(&[("RECOUP__SERVER__ANSWERS_BYTES_MAX", "0")]);
    for _ in 0..3 {
        let _ = server.get(&format!("{MAIN}/trial-balance")).is(200);
    }
    assert_eq!(kept(&server), 0);
}
