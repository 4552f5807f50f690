//! Webhooks against a real receiver: order, signatures, retries, dead letters, addresses that are refused, servers that die.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use recoup_tests::{Answer, Arrived, Receiver, Serving, Site, paths};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The bytes 0, 1, … 31 and 32, 33, … 63, in Base64.
const KEY: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OLD_KEY: &str = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
const KEYS: [(&str, &str); 2] = [("HOOK_KEY", KEY), ("HOOK_KEY_OLD", OLD_KEY)];

/// Names a host in the configuration, and how events are sent.
fn configure(site: &Site, url: &str, outbox: &[(&str, toml::Value)]) {
    site.configure(|config| {
        let host = toml::Table::from_iter([("url".to_owned(), url.into()), ("secrets".to_owned(), vec!["env:HOOK_KEY", "env:HOOK_KEY_OLD"].into())]);
        config["egress"].as_table_mut().unwrap().insert("test".into(), host.into());
        let table = config["outbox"].as_table_mut().unwrap();
        for (key, value) in [("plain_loopback", true.into()), ("poll_ms", 50.into()), ("retry_ms", 100.into())].iter().chain(outbox) {
            table.insert((*key).to_owned(), value.clone());
        }
    });
}

/// A ledger with a first import, and a webhook that is told of what follows.
fn hooked(site: &Site) {
    let _ = site.import(&paths::export("u8-ar-detail-selfmade.csv"), "u8-ar-detail", &["--system", "u8"]).exits(0);
    let _ = site.run(["webhook", "add", "hook", "--host", "test"]).exits(0);
}

fn evaluate(site: &Site, day: &str) {
    let _ = site.run(["evaluate", "--as-of", day]).exits(0);
}

fn types(arrived: &[Arrived]) -> Vec<String> {
    arrived.iter().map(|a| a.json()["type"].as_str().unwrap().to_owned()).collect()
}

fn ids(arrived: &[Arrived]) -> Vec<&str> {
    arrived.iter().map(|a| a.header("webhook-id")).collect()
}

fn dead_letters(site: &Site) -> Vec<Value> {
    site.run(["--format", "json", "webhook", "dead-letters", "hook"]).exits(0).table("dead_letters")
}

#[track_caller]
fn wait_until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(300), "it did not come to be");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// HMAC-SHA256 as RFC 2104 writes it, for keys of at most 64 bytes.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|i| key.get(i).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |n: u32, shift: u32| char::from(DIGITS[usize::try_from(n >> shift & 63).unwrap()]);
    let group = |part: &[u8]| -> String {
        let n = part.iter().chain(&[0, 0]).take(3).fold(0, |n, b| n << 8 | u32::from(*b));
        let whole = [digit(n, 18), digit(n, 12), digit(n, 6), digit(n, 0)];
        whole.into_iter().take(part.len() + 1).chain(std::iter::repeat_n('=', 3 - part.len())).collect()
    };
    bytes.chunks(3).map(group).collect()
}

#[test]
fn what_happens_is_told_in_order_signed_and_without_anybodys_data() {
    for site in Site::both() {
        let receiver = Receiver::start();
        configure(&site, &receiver.url("/hooks/recoup"), &[]);
        hooked(&site);
        let server = site.serve_with(&KEYS);
        evaluate(&site, "2024-11-30");
        let _ = site.import(&paths::export("boc-debit.csv"), "boc-debit", &[]).exits(0);
        let _ = site.run(["period", "close", "2024-01"]).exits(0);
        let arrived = receiver.wait_for(3);
        let told = types(&arrived);
        assert_eq!(&told[..2], ["recoup.evaluation.posted.v1", "recoup.import.finished.v1"]);
        wait_until(|| types(&receiver.arrived()).last().is_some_and(|t| t == "recoup.period.closed.v1"));
        let arrived = receiver.arrived();
        let mut leaf = 0;
        for a in &arrived {
            assert_eq!((a.path.as_str(), a.header("content-type")), ("/hooks/recoup", "application/cloudevents+json; charset=utf-8"));
            let event = a.json();
            assert_eq!((event["specversion"].as_str(), event["source"].as_str()), (Some("1.0"), Some("/api/v1/ledgers/main")));
            assert_eq!(event["id"], a.header("webhook-id"));
            let next = event["data"]["leaf"].as_u64().unwrap();
            assert!(next > leaf, "events are in the log's order");
            leaf = next;
            let signed = [a.header("webhook-id").as_bytes(), b".", a.header("webhook-timestamp").as_bytes(), b".", &a.body].concat();
            let expected: Vec<String> = [0..32_u8, 32..64].map(|key| format!("v1,{}", base64(&hmac(&key.collect::<Vec<u8>>(), &signed)))).into();
            assert_eq!(a.header("webhook-signature"), expected.join(" "));
            let text = String::from_utf8_lossy(&a.body).into_owned();
            assert!(text.is_ascii() && !text.contains("boc-debit"), "ids, days and counts alone: {text}");
        }
        assert_eq!(server.end("TERM"), 0);
        let again = site.serve_with(&KEYS);
        std::thread::sleep(Duration::from_millis(400));
        assert_eq!(receiver.arrived().len(), arrived.len(), "what was delivered is not told again");
        drop(again);
    }
}

/// A claim and its customer enter; the row with the thirteenth month is refused before it names anybody.
#[test]
fn an_import_with_refused_rows_is_told_in_counts() {
    const FILE: &str = "customer,customer name,document no,document date,due date,amount,currency\n\
        C1,Alpha Works,A-1,2024-01-05,2024-02-05,100.00,CNY\n\
        C2,Beta Works,A-2,2024-13-45,2024-02-05,217.00,CNY\n";
    for site in Site::both() {
        let receiver = Receiver::start();
        configure(&site, &receiver.url("/"), &[]);
        hooked(&site);
        let _ = site.import(&site.write("bad.csv", FILE), "receivables-simple", &[]).exits(3);
        let server = site.serve_with(&KEYS);
        let event = receiver.wait_for(1)[0].json();
        let imports = server.rows("/api/v1/ledgers/main/imports");
        let import = imports.iter().find(|i| i["file_name"] == "bad.csv").unwrap();
        let expected = serde_json::json!({ "ledger": "main", "position": import["position"], "leaf": event["data"]["leaf"], "import": import["id"],
            "added": 2, "corrected": 0, "refused": 1 });
        assert_eq!((&event["data"], &event["subject"], event["type"].as_str()), (&expected, &import["id"], Some("recoup.import.quarantined.v1")));
        assert!(!["Alpha", "Beta", "C1", "A-1", "A-2", "217.00", "100.00", "bad.csv"].iter().any(|said| event.to_string().contains(said)), "{event}");
    }
}

/// A debt under a letter whose due date nobody knows cannot be judged: its case is set aside and told by its ids.
#[test]
fn a_case_that_is_set_aside_is_told_by_its_ids() {
    const FACTS: &str = r#"
[people.wang]
name = "王强"

[letters.Q-7]
from = "2024-01-01"
deadline = "2024-12-31"
receivables = ["u8:26/AR-2019-0001"]
shares = { wang = 1 }
"#;
    let bytes = std::fs::read(paths::export("u8-ar-detail-selfmade.csv")).unwrap();
    let text = encoding_rs::GB18030.decode(&bytes).0.replacen("2019-05-31,2019-06-30,", "2019-05-31,,", 1);
    for site in Site::both() {
        let receiver = Receiver::start();
        configure(&site, &receiver.url("/"), &[]);
        let _ = site.import(&site.write("u8.csv", encoding_rs::GB18030.encode(&text).0), "u8-ar-detail", &["--system", "u8"]).exits(0);
        let _ = site.run(["record", site.write("facts.toml", FACTS).to_str().unwrap()]).exits(0);
        let _ = site.run(["webhook", "add", "hook", "--host", "test"]).exits(0);
        let server = site.serve_with(&KEYS);
        let _ = site.run(["evaluate", "--as-of", "2024-06-30"]);
        wait_until(|| types(&receiver.arrived()).iter().any(|t| t == "recoup.case.set-aside.v1"));
        let arrived = receiver.arrived();
        let event = arrived.iter().map(Arrived::json).find(|e| e["type"] == "recoup.case.set-aside.v1").unwrap();
        let letter = &server.rows("/api/v1/ledgers/main/letters")[0]["id"];
        assert_eq!((&event["subject"], &event["data"]["subject"]), (letter, letter));
        assert_eq!(
            (&event["data"]["pack"], &event["data"]["scope"], &event["data"]["as_of"]),
            (&"legacy-construction".into(), &"letter".into(), &"2024-06-30".into())
        );
        assert!(!["中衡", "AR-2019", "000000", "王强"].iter().any(|said| event.to_string().contains(said)), "{event}");
    }
}

#[test]
fn an_event_that_fails_holds_up_those_behind_it_until_it_is_delivered() {
    for site in Site::both() {
        let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
        let moved = format!("location: {}\r\n", elsewhere.url("/"));
        receiver.answer([Answer::Status(500, String::new()), Answer::Status(302, moved), Answer::Status(429, String::new())]);
        configure(&site, &receiver.url("/"), &[]);
        hooked(&site);
        evaluate(&site, "2024-11-19");
        evaluate(&site, "2024-11-20");
        let _server = site.serve_with(&KEYS);
        let arrived = receiver.wait_for(5);
        let ids = ids(&arrived);
        assert!(ids[..4].iter().all(|id| *id == ids[0]), "the first is tried until it is taken: {ids:?}");
        assert_ne!(ids[4], ids[0]);
        assert_eq!(arrived[0].body, arrived[3].body, "it is the same event each time");
        assert!(elsewhere.arrived().is_empty(), "a redirect is not followed");
        wait_until(|| site.run(["--format", "json", "webhook", "list"]).exits(0).table("webhooks")[0]["attempts"] == "0");
        assert!(dead_letters(&site).is_empty());
    }
}

/// Events that wait and that were given up, as figures say.
fn undelivered(server: &Serving) -> (u64, u64) {
    let text = server.get("/metrics").is(200).text();
    let of = |state: &str| text.lines().find_map(|l| l.strip_prefix(&format!("recoup_outbox_events{{state=\"{state}\"}} "))).unwrap().parse().unwrap();
    (of("waiting"), of("dead"))
}

#[test]
fn an_event_that_fails_for_too_long_is_set_aside_and_can_be_sent_again() {
    for site in Site::both() {
        let receiver = Receiver::start();
        receiver.answer([Answer::Status(503, String::new())]);
        configure(&site, &receiver.url("/"), &[("dead_after_ms", 0.into())]);
        hooked(&site);
        evaluate(&site, "2024-11-19");
        evaluate(&site, "2024-11-20");
        let server = site.serve_with(&KEYS);
        let arrived = receiver.wait_for(2);
        assert_ne!(ids(&arrived)[0], ids(&arrived)[1], "the one behind is no longer held up");
        wait_until(|| dead_letters(&site).len() == 1);
        let dead = dead_letters(&site);
        assert_eq!((dead[0]["error"].as_str(), dead[0]["attempts"].as_str()), (Some("answered 503"), Some("1")));
        assert_eq!(arrived[0].json()["data"]["leaf"].to_string(), dead[0]["leaf"].as_str().unwrap());
        assert_eq!(undelivered(&server), (0, 1));
        receiver.answer([Answer::Status(500, String::new())]);
        for attempts in ["2", "-"] {
            let before = receiver.arrived().len();
            let _ = site.run(["webhook", "send-again", "hook"]).exits(0);
            let _ = receiver.wait_for(before + 1);
            wait_until(|| dead_letters(&site).first().map_or("-", |d| d["attempts"].as_str().unwrap()) == attempts);
        }
        assert_eq!(ids(&receiver.arrived())[2], ids(&arrived)[0]);
        assert_eq!(receiver.arrived().len(), 4);
        assert_eq!(undelivered(&server), (0, 0));
    }
}

#[test]
fn a_webhook_that_is_paused_in_the_middle_is_told_the_next_event_later_and_one_that_is_removed_never() {
    for site in Site::both() {
        let receiver = Receiver::start();
        // The first event is being sent until the webhook is paused.
        let paused = Arc::new(Barrier::new(2));
        receiver.answer([Answer::Held(Arc::clone(&paused))]);
        configure(&site, &receiver.url("/"), &[]);
        hooked(&site);
        for day in 10..15 {
            evaluate(&site, &format!("2024-11-{day}"));
        }
        let server = site.serve_with(&KEYS);
        let _ = receiver.wait_for(1);
        let _ = site.run(["webhook", "pause", "hook"]).exits(0);
        paused.wait();
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(receiver.arrived().len(), 1, "what was being sent, and nothing more");
        let _ = site.run(["webhook", "resume", "hook"]).exits(0);
        let arrived = receiver.wait_for(5);
        let ids: std::collections::BTreeSet<&str> = ids(&arrived).into_iter().collect();
        assert!(ids.len() >= 4, "those that were held back came: {ids:?}");
        wait_until(|| undelivered(&server) == (0, 0));
        let told = receiver.arrived().len();
        let _ = site.run(["webhook", "remove", "hook"]).exits(0);
        evaluate(&site, "2024-11-20");
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(receiver.arrived().len(), told);
        let _ = site.run(["webhook", "remove", "hook"]).exits(2).says("no webhook `hook`");
    }
}

#[test]
fn a_paused_webhook_is_told_nothing_and_later_everything() {
    for site in Site::both() {
        let receiver = Receiver::start();
        configure(&site, &receiver.url("/"), &[]);
        hooked(&site);
        let _ = site.run(["webhook", "pause", "hook"]).exits(0);
        let server = site.serve_with(&KEYS);
        evaluate(&site, "2024-11-19");
        std::thread::sleep(Duration::from_millis(400));
        assert!(receiver.arrived().is_empty());
        assert_eq!(undelivered(&server), (1, 0), "what is paused waits");
        let _ = site.run(["webhook", "resume", "hook"]).exits(0);
        let _ = receiver.wait_for(1);
        wait_until(|| undelivered(&server) == (0, 0));
    }
}

/// The receiver is at an address of this machine, which only plain http with `plain_loopback` may reach.
#[test]
fn inner_addresses_and_hosts_that_nobody_named_are_refused() {
    let site = Site::sqlite();
    let receiver = Receiver::start();
    configure(&site, &receiver.url("/"), &[("dead_after_ms", 0.into())]);
    hooked(&site);
    let unnamed = site.run(["webhook", "add", "other", "--host", "elsewhere"]);
    assert!(unnamed.code == 2 && unnamed.stderr.contains("`elsewhere`; it names: test"), "{}", unnamed.stderr);
    for (url, plain) in
        [(receiver.url("/"), false), ("http://user:secret@127.0.0.1/".into(), true), ("ftp://127.0.0.1/".into(), true), ("https:///".into(), true)]
    {
        configure(&site, &url, &[("plain_loopback", plain.into())]);
        let mut serve = site.command(["serve", "--bind", "127.0.0.1:0"]);
        let refused = serve.envs(KEYS).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("`egress.test`") && !said.contains("secret@"), "{url}: {said}");
    }
    // Whatever of these were let through would come to the receiver, if it is on this machine.
    let inner = ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]", "2130706433"];
    for (number, host) in inner.into_iter().enumerate() {
        let url = format!("https://{host}:{}/", receiver.port());
        configure(&site, &url, &[("dead_after_ms", 0.into())]);
        evaluate(&site, &format!("2024-11-{}", 10 + number));
        let server = site.serve_with(&KEYS);
        wait_until(|| dead_letters(&site).len() == number + 1);
        let error = dead_letters(&site)[number]["error"].as_str().unwrap().to_owned();
        assert!(error.contains("is not one that events may be sent to"), "{url}: {error}");
        drop(server);
    }
    assert_eq!(receiver.connections(), 0);
}

#[test]
fn a_server_that_dies_while_it_delivers_is_stood_in_for() {
    for site in Site::both() {
        let receiver = Receiver::start();
        receiver.answer([Answer::Silence(Duration::from_secs(30))]);
        configure(&site, &receiver.url("/"), &[("lease_ms", 1500.into()), ("timeout_ms", 1000.into())]);
        hooked(&site);
        evaluate(&site, "2024-11-19");
        evaluate(&site, "2024-11-20");
        let one = site.serve_with(&KEYS);
        let _ = receiver.wait_for(1);
        assert_eq!(one.end("KILL"), -1);
        let _other = site.serve_with(&KEYS);
        let second = |arrived: &[Arrived]| ids(arrived).iter().position(|id| *id != ids(arrived)[0]);
        wait_until(|| second(&receiver.arrived()).is_some());
        let arrived = receiver.arrived();
        assert!(second(&arrived) >= Some(2), "taken up where it stood: {:?}", ids(&arrived));
    }
}

#[test]
fn two_servers_tell_everything_once_and_in_order() {
    for site in Site::both() {
        let receiver = Receiver::start();
        configure(&site, &receiver.url("/"), &[]);
        hooked(&site);
        let _servers = [site.serve_with(&KEYS), site.serve_with(&KEYS)];
        for day in 10..22 {
            evaluate(&site, &format!("2024-11-{day}"));
        }
        let _ = receiver.wait_for(12);
        std::thread::sleep(Duration::from_millis(300));
        let arrived = receiver.arrived();
        let leaves: Vec<u64> = arrived.iter().map(|a| a.json()["data"]["leaf"].as_u64().unwrap()).collect();
        assert!(leaves.is_sorted_by(|a, b| a < b), "once and in order: {leaves:?}");
        assert!(leaves.len() >= 12);
    }
}
