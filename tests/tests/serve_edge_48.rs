//! Edge case 48: changes that take two people, as far as there are any: users' rights, tokens and trusted keys.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{LIMITLESS, PASSWORD, Reply, Serving, Site};
use serde_json::{Value, json};

const BASE: &str = "/api/v1/installation";

/// An installation with two administrators who signed in, and a user `carol` with her first password.
struct Office {
    server: Serving,
    ada: String,
    bob: String,
    first_password: String,
    /// Its folder and database are gone when it is dropped: after the server.
    _site: Site,
}

fn offices() -> [Office; 2] {
    Site::both().map(|site| {
        let file = site.write("facts.toml", "[debtors]\nD0 = \"Zeroth\"\n");
        let _ = site.run(["record", file.to_str().unwrap()]).exits(0);
        site.found();
        let mut server = site.serve_with(&LIMITLESS);
        let (ada, bob) = (server.signed_in("ada"), server.signed_in("bob"));
        let added = server.with(&ada).command(&format!("{BASE}/users"), "carol", &json!({ "login": "carol" })).is(201).json();
        let first_password = added["first_password"].as_str().unwrap().to_owned();
        Office { server, ada, bob, first_password, _site: site }
    })
}

impl Office {
    fn asks(&mut self, who: &str, key: &str, body: &Value) -> Reply {
        let path = if body.get("change").is_some() { "proposals" } else { "tokens" };
        self.server.with(who).command(&format!("{BASE}/{path}"), key, body)
    }

    fn decides(&mut self, who: &str, key: &str, proposal: &str, verdict: &str) -> Reply {
        self.server.with(who).command(&format!("{BASE}/proposals/{proposal}/decision"), key, &json!({ "verdict": verdict }))
    }

    /// Asks as one administrator and approves as the other.
    fn agree(&mut self, key: &str, body: &Value) {
        let (ada, bob) = (self.ada.clone(), self.bob.clone());
        let proposal = proposal(self.asks(&ada, key, body));
        let _ = self.decides(&bob, key, &proposal, "approve").is(200);
    }

    fn rows(&mut self, list: &str) -> Vec<Value> {
        let ada = self.ada.clone();
        self.server.with(&ada).rows(&format!("{BASE}/{list}"))
    }
}

#[track_caller]
fn proposal(reply: Reply) -> String {
    reply.is(201).json()["proposal"].as_str().unwrap().to_owned()
}

#[track_caller]
fn refused(reply: Reply, code: &str) -> Value {
    let body = reply.is(409).json();
    assert_eq!(body["code"], code, "{body}");
    body
}

fn grant() -> Value {
    json!({ "change": "grant", "login": "carol", "role": "collector", "ledger": "main" })
}

/// Every kind of change, while an equal one waits: refused with the proposal that waits, whoever asks again; free again once
/// that one is decided.
#[test]
fn edge_48_the_same_change_is_not_asked_for_twice_while_it_waits() {
    let key = minisign::KeyPair::generate_unencrypted_keypair().unwrap().pk.to_base64();
    for mut office in offices() {
        let (ada, bob) = (office.ada.clone(), office.bob.clone());
        office.agree("held", &json!({ "change": "grant", "login": "carol", "role": "payroll" }));
        office.agree("token", &json!({ "login": "carol", "label": "old", "days": 1 }));
        let trusted = minisign::KeyPair::generate_unencrypted_keypair().unwrap().pk.to_base64();
        office.agree("key", &json!({ "change": "trust", "public_key": trusted, "label": "old" }));
        let _ = office.asks(&ada, "dan", &json!({ "change": "disable", "login": "carol" })).is(201);
        let (right, token, trusted) = (office.rows("rights?login=carol"), office.rows("tokens?login=carol"), office.rows("trusted-keys"));
        let changes = [
            grant(),
            json!({ "change": "revoke", "right": right[0]["id"] }),
            json!({ "login": "carol", "label": "new", "days": 1 }),
            json!({ "change": "revoke-token", "token": token[0]["id"] }),
            json!({ "change": "trust", "public_key": key, "label": "new" }),
            json!({ "change": "withdraw-trust", "trusted_key": trusted[0]["id"] }),
        ];
        for (n, change) in changes.iter().enumerate() {
            let waiting = proposal(office.asks(&ada, &format!("first-{n}"), change));
            for (who, login) in [(&ada, "ada"), (&bob, "bob")] {
                let told = refused(office.asks(who, &format!("second-{n}"), change), "access.pending");
                assert!(told["detail"].as_str().unwrap().contains(&waiting), "{login} is not told {waiting}: {told}");
            }
            let _ = office.decides(&ada, &format!("withdraw-{n}"), &waiting, "withdraw").is(200);
            let again = proposal(office.asks(&bob, &format!("third-{n}"), change));
            let _ = office.decides(&ada, &format!("reject-{n}"), &again, "reject").is(200);
        }
        refused(office.asks(&bob, "dan", &json!({ "change": "disable", "login": "carol" })), "access.pending");
    }
}

/// Ten requests at once for one change, each with a key of its own: one waits for a decision, nine are refused.
#[test]
fn edge_48_of_ten_equal_proposals_at_once_one_waits() {
    for mut office in offices() {
        let ada = office.ada.clone();
        office.server.with(&ada);
        let (server, path) = (&office.server, format!("{BASE}/proposals"));
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..10)
                .map(|n| {
                    scope.spawn({
                        let path = &path;
                        move || server.command(path, &format!("k{n}"), &grant())
                    })
                })
                .collect();
            asked.into_iter().map(|a| a.join().unwrap()).collect()
        });
        let (made, others): (Vec<_>, Vec<_>) = replies.into_iter().partition(|r| r.status == 201);
        assert_eq!((made.len(), others.len()), (1, 9));
        for other in others {
            refused(other, "access.pending");
        }
        assert_eq!(office.rows("proposals").len(), 1);
    }
}

#[test]
fn edge_48_nobody_approves_what_they_asked_for() {
    for mut office in offices() {
        let (ada, bob) = (office.ada.clone(), office.bob.clone());
        let asked = proposal(office.asks(&ada, "p1", &grant()));
        refused(office.decides(&ada, "d1", &asked, "approve"), "access.same_person");
        refused(office.decides(&bob, "d2", &asked, "withdraw"), "access.not_the_maker");
        assert!(office.rows("rights?login=carol").is_empty());
        assert_eq!(office.rows("proposals?pending=true").len(), 1, "it waits as before");
        // The same person by another session is the same person.
        let again = office.server.signed_in("ada");
        refused(office.decides(&again, "d3", &asked, "approve"), "access.same_person");
        let _ = office.decides(&bob, "d4", &asked, "approve").is(200);
        refused(office.decides(&bob, "d5", &asked, "reject"), "access.decided");
    }
}

/// Two approvals at once, with keys of their own: one decides, and the change is made once.
#[test]
fn edge_48_two_approvals_at_once_decide_once() {
    for mut office in offices() {
        let (ada, bob) = (office.ada.clone(), office.bob.clone());
        let asked = proposal(office.asks(&ada, "p1", &grant()));
        office.server.with(&bob);
        let (server, path) = (&office.server, format!("{BASE}/proposals/{asked}/decision"));
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let decided = ["d1", "d2"].map(|key| {
                scope.spawn({
                    let path = &path;
                    move || server.command(path, key, &json!({ "verdict": "approve" }))
                })
            });
            decided.into_iter().map(|d| d.join().unwrap()).collect()
        });
        let (made, other): (Vec<_>, Vec<_>) = replies.into_iter().partition(|r| r.status == 200);
        assert_eq!((made.len(), other.len()), (1, 1));
        refused(other.into_iter().next().unwrap(), "access.decided");
        assert_eq!(office.rows("rights?login=carol").len(), 1);
    }
}

/// What a change builds on is another by the time of its approval: the user whom it is about, the record that it takes back, and
/// whoever asked for it.
#[test]
fn edge_48_what_was_changed_since_is_not_approved() {
    for mut office in offices() {
        let (ada, bob) = (office.ada.clone(), office.bob.clone());
        // Carol chooses her own password, so her record is another one.
        let asked = proposal(office.asks(&ada, "p1", &grant()));
        let body = json!({ "login": "carol", "old": office.first_password, "new": PASSWORD }).to_string();
        let _ = office.server.with("").send("POST", "/api/v1/password", &[("content-type", "application/json")], body.as_bytes()).is(200);
        refused(office.decides(&bob, "d1", &asked, "approve"), "access.changed");
        assert!(office.rows("rights?login=carol").is_empty(), "nothing of it was made");
        let _ = office.decides(&bob, "d2", &asked, "reject").is(200);

        // What the change is not about may change meanwhile.
        office.agree("grant", &grant());
        let right = office.rows("rights?login=carol")[0]["id"].clone();
        let revoke = json!({ "change": "revoke", "right": right });
        let asked = proposal(office.asks(&bob, "p2", &revoke));
        let other = json!({ "change": "grant", "login": "carol", "role": "payroll" });
        office.agree("other", &other);
        let _ = office.decides(&ada, "d3", &asked, "approve").is(200);
        assert_eq!(office.rows("rights?login=carol").iter().filter(|r| r["revoked"] == true).count(), 1);

        // Whoever asked may no longer want it: bob is shut out while his proposal waits.
        let asked = proposal(office.asks(&bob, "p3", &json!({ "change": "disable", "login": "carol" })));
        let shut = proposal(office.asks(&ada, "p4", &json!({ "change": "disable", "login": "bob" })));
        let _ = office.decides(&bob, "d4", &shut, "approve").is(200);
        refused(office.decides(&ada, "d5", &asked, "approve"), "access.changed");
        assert!(office.rows("users").iter().any(|u| u["login"] == "carol" && u["disabled"] == false));
        let token = office.server.with(&bob).get(&format!("{BASE}/users")).is(401).json();
        assert_eq!(token["code"], "access.token");
    }
}
