//! Whose plugins are loaded: what a signature has to be, who says whose it may be, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use std::fs;
use std::path::PathBuf;

use minisign::KeyPair;
use recoup_tests::claims::{PROFILE, file};
use recoup_tests::{Run, Serving, Site, paths};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

/// A publisher of plugins, with a key of their own.
struct Publisher(KeyPair);

impl Publisher {
    fn new() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().unwrap())
    }

    fn key(&self) -> String {
        self.0.pk.to_base64()
    }

    fn sign(&self, bytes: &[u8]) -> String {
        minisign::sign(Some(&self.0.pk), &self.0.sk, bytes, None, None).unwrap().into_string()
    }
}

/// An installation with the administrators `ada` and `bob`, and plugins of its own.
struct Office {
    site: Site,
    claims: PathBuf,
}

impl Office {
    fn both() -> [Self; 2] {
        Site::both().map(|site| {
            let folder = site.folder().join("plugins");
            fs::create_dir(&folder).unwrap();
            for id in ["table", "legacy-construction"] {
                fs::copy(paths::component(id), folder.join(format!("{id}.wasm"))).unwrap();
            }
            site.configure(|config| {
                config["plugins"].as_table_mut().unwrap().insert("directory".to_owned(), folder.display().to_string().into());
            });
            let claims = site.write("claims.csv", file(1, 3));
            let office = Self { site, claims };
            for login in ["ada", "bob"] {
                let _ = office.run(&format!("user add {login} --administrator --password env:SECRET")).exits(0);
            }
            office
        })
    }

    fn run(&self, args: &str) -> Run {
        let mut command = self.site.command(args.split_whitespace());
        command.env("SECRET", PASSWORD).output().unwrap().into()
    }

    /// Asks as `ada`, decides as `bob`.
    fn agree(&self, ask: &str) {
        let asked = self.run(&format!("{ask} --as ada --as-password env:SECRET")).exits(0).stdout;
        let proposal = asked.split_whitespace().nth(1).unwrap().to_owned();
        let _ = self.run(&format!("user decide {proposal} approve --as ada --as-password env:SECRET")).exits(1).says("error [access.same_person]");
        let _ = self.run(&format!("user decide {proposal} approve --as bob --as-password env:SECRET")).exits(0);
    }

    fn withdraw(&self, label: &str) {
        let id = self.run("--format json trust list").exits(0).row("keys", &[("label", label)])["id"].as_str().unwrap().to_owned();
        self.agree(&format!("trust withdraw {id}"));
    }

    fn component(&self, id: &str) -> PathBuf {
        self.site.folder().join("plugins").join(format!("{id}.wasm"))
    }

    fn signature(&self, id: &str) -> PathBuf {
        self.site.folder().join("plugins").join(format!("{id}.wasm.minisig"))
    }

    /// A publisher signs a component as it is.
    fn sign(&self, id: &str, publisher: &Publisher) {
        fs::write(self.signature(id), publisher.sign(&fs::read(self.component(id)).unwrap())).unwrap();
    }

    /// Runs a command under a configuration of unsigned plugins.
    fn under(&self, unsigned: &str, args: &[&str]) -> Run {
        self.site.command(args).env("RECOUP__PLUGINS__UNSIGNED", unsigned).output().unwrap().into()
    }

    fn import(&self, unsigned: &str) -> Run {
        let mut command = self.site.import_command(&self.claims, PROFILE, &[]);
        command.env("RECOUP__PLUGINS__UNSIGNED", unsigned).output().unwrap().into()
    }

    /// The import is refused with a code, and nothing is recorded.
    #[track_caller]
    fn refuses(&self, unsigned: &str, code: &str) -> Run {
        let before = self.site.position("main");
        let run = self.import(unsigned).exits(1).says(&format!("error [{code}]")).says("table.wasm");
        assert_eq!(run.stdout, "");
        // The ledger itself may have been opened, from the configuration.
        assert!(self.site.position("main") <= before.max(1));
        run
    }

    /// What `plugin inspect` says of a component's signature.
    fn state(&self, id: &str) -> String {
        let path = self.component(id).display().to_string();
        let found = self.under("refuse", &["--format", "json", "plugin", "inspect", &path]).exits(0).json()["signature"].clone();
        format!("{} {}", found["state"].as_str().unwrap(), found["label"].as_str().unwrap_or("-"))
    }
}

#[test]
fn where_unsigned_plugins_are_refused_only_what_a_trusted_key_signed_is_loaded() {
    for office in Office::both() {
        let (vendor, stranger) = (Publisher::new(), Publisher::new());
        let _ = office.refuses("refuse", "plugin.unsigned").says("table.wasm.minisig");
        assert_eq!(office.state("table"), "unsigned -");
        office.sign("table", &vendor);
        let _ = office.refuses("refuse", "plugin.unknown_key").says("recoup trust add");
        assert_eq!(office.state("table"), "unknown-key -");

        // One administrator does not make it trusted.
        let asked = office.run(&format!("trust add {} --label vendor --as ada --as-password env:SECRET", vendor.key())).exits(0).stdout;
        let proposal = asked.split_whitespace().nth(1).unwrap();
        let _ = office.refuses("refuse", "plugin.unknown_key");
        let waiting = office.run("--format json user list").exits(0).table("proposals");
        assert!(waiting[0]["change"].as_str().unwrap().contains(&vendor.key()), "who decides sees the key: {waiting:?}");
        let _ = office.run(&format!("user decide {proposal} approve --as bob --as-password env:SECRET")).exits(0);
        assert_eq!(office.state("table"), "signed vendor");
        let shown = office.run(&format!("plugin inspect {}", office.component("table").display())).exits(0).stdout;
        assert!(shown.contains("signed (key ") && shown.contains(", vendor)"), "{shown}");
        assert_eq!(office.import("refuse").exits(0).count("read"), 6);

        // A key that nobody trusts is no better than none, whatever number it claims.
        office.sign("table", &stranger);
        let _ = office.refuses("refuse", "plugin.unknown_key");
        let _ = office.run("audit rebuild --installation").exits(0);
    }
}

#[test]
fn every_work_on_books_asks_for_the_signature() {
    for office in Office::both() {
        let vendor = Publisher::new();
        let _ = office.import("allow").exits(0);
        for args in [
            &["evaluate", "--as-of", "2024-12-31"][..],
            &["period", "close", "2024-01"],
            &["report", "lines", "--as-of", "2024-12-31"],
            &["report", "findings", "--as-of", "2024-12-31"],
        ] {
            let _ = office.under("refuse", args).exits(1).says("error [plugin.unsigned]").says("legacy-construction.wasm");
        }
        office.agree(&format!("trust add {} --label vendor", vendor.key()));
        office.sign("legacy-construction", &vendor);
        let _ = office.under("refuse", &["evaluate", "--as-of", "2024-12-31"]).exits(0);
        let _ = office.under("refuse", &["report", "lines", "--as-of", "2024-12-31"]).exits(0);
        // The adapter is another component.
        let _ = office.refuses("refuse", "plugin.unsigned");
        // A trial in a scratch database is no work on books: a pack is tried before anybody signs it.
        fs::remove_file(office.signature("legacy-construction")).unwrap();
        let scenario = paths::scenarios().join("legacy-construction/age-below-one-year.yaml");
        let _ = office.under("refuse", &["scenario", "run", scenario.to_str().unwrap()]).exits(0);
    }
}

#[test]
fn a_signature_that_is_wrong_is_refused_whatever_the_configuration_says() {
    for office in Office::both() {
        let vendor = Publisher::new();
        office.agree(&format!("trust add {} --label vendor", vendor.key()));
        let whole = fs::read(office.component("table")).unwrap();
        office.sign("table", &vendor);
        let good = fs::read(office.signature("table")).unwrap();
        let everywhere = |code: &str| {
            for unsigned in ["allow", "refuse"] {
                let _ = office.refuses(unsigned, code);
            }
        };

        // Any flipped byte: at the beginning, in the middle, at the end; and one more.
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(office.component("table"), flipped).unwrap();
            everywhere("plugin.modified");
        }
        fs::write(office.component("table"), [&whole[..], b"\0"].concat()).unwrap();
        everywhere("plugin.modified");
        fs::write(office.component("table"), &whole).unwrap();

        // Another component's signature, damaged ones, none.
        office.sign("legacy-construction", &vendor);
        fs::copy(office.signature("legacy-construction"), office.signature("table")).unwrap();
        everywhere("plugin.modified");
        assert_eq!(office.state("table"), "modified vendor");
        for damaged in [&good[..good.len() / 2], b"", b"\xff\xfe", b"no signature at all\n"] {
            fs::write(office.signature("table"), damaged).unwrap();
            everywhere("plugin.bad_signature");
        }
        assert_eq!(office.state("table"), "invalid -");

        // What was trusted no longer is, from the moment that two administrators say so.
        fs::write(office.signature("table"), &good).unwrap();
        let _ = office.import("refuse").exits(0);
        office.withdraw("vendor");
        assert_eq!(office.state("table"), "revoked vendor");
        everywhere("plugin.revoked_key");
        let listed = office.run("--format json trust list").exits(0);
        assert_eq!(listed.row("keys", &[("label", "vendor")])["state"], "withdrawn");
        office.agree(&format!("trust add {} --label vendor", vendor.key()));
        let _ = office.import("refuse").exits(0);
        let _ = office.run("audit rebuild --installation").exits(0);

        // By default, a component without a signature is taken as it is.
        fs::remove_file(office.signature("table")).unwrap();
        let _ = office.import("allow").exits(0);
    }
}

#[test]
fn a_key_or_a_setting_that_is_none_names_itself() {
    for office in Office::both() {
        let _ = office.run("trust add RWQx --label vendor --as ada --as-password env:SECRET").exits(2).says("`RWQx` is no public key of minisign");
        let _ = office.import("perhaps").exits(1).says("error [config.invalid]").says("plugins.unsigned");
    }
}

fn signed_in(server: &mut Serving, login: &str) -> String {
    let body = json!({ "login": login, "password": PASSWORD }).to_string();
    let reply = server.with("").send("POST", "/api/v1/sign-in", &[("content-type", "application/json")], body.as_bytes()).is(200).json();
    reply["token"].as_str().unwrap().to_owned()
}

/// What became of a file that is sent.
fn sent(server: &Serving, key: &str) -> Value {
    let at = server.upload("ar", key, "claims.csv", file(1, 3).as_bytes()).is(202).json()["state"].as_str().unwrap().to_owned();
    let job = server.job_ended(&at);
    job["problem"]["code"].as_str().map_or_else(|| job["state"].clone(), |code| json!(code))
}

#[test]
fn jobs_are_refused_until_two_administrators_trust_the_key_and_again_when_they_no_longer_do() {
    for office in Office::both() {
        let vendor = Publisher::new();
        let _ = office.import("allow").exits(0);
        let mut server = office.site.serve_with(&[("RECOUP__PLUGINS__UNSIGNED", "refuse")]);
        assert_eq!(server.get("/readyz").is(200).text(), "ready\nplugins.unsigned = refuse\n");
        server.source("ar", PROFILE);
        let program = office.site.everything();
        assert_eq!(sent(&server, "k1"), "plugin.unsigned");
        office.sign("table", &vendor);
        assert_eq!(sent(&server, "k2"), "plugin.unknown_key");
        let _ = server.get("/api/v1/problems/plugin.unknown_key").is(200);

        let (ada, bob) = (signed_in(&mut server, "ada"), signed_in(&mut server, "bob"));
        let base = "/api/v1/installation";
        let trust = json!({ "change": "trust", "public_key": vendor.key(), "label": "vendor" });
        let none = json!({ "change": "trust", "public_key": "RWQx", "label": "vendor" });
        let wrong = server.with(&ada).command(&format!("{base}/proposals"), "p0", &none).is(422).json();
        assert_eq!((wrong["code"].as_str(), wrong["pointer"].as_str()), (Some("request.body"), Some("/public_key")), "{wrong}");
        assert_eq!(server.with(&program).command(&format!("{base}/proposals"), "p0", &trust).status, 403, "a program's token changes no trust");
        let decide = |server: &mut Serving, proposal: &Value, key: &str| {
            let path = format!("{base}/proposals/{}/decision", proposal["proposal"].as_str().unwrap());
            assert_eq!(server.with(&ada).command(&path, key, &json!({ "verdict": "approve" })).is(409).json()["code"], "access.same_person");
            let _ = server.with(&bob).command(&path, key, &json!({ "verdict": "approve" })).is(200);
        };
        let asked = server.with(&ada).command(&format!("{base}/proposals"), "p1", &trust).is(201).json();
        let waiting = server.with(&bob).rows(&format!("{base}/proposals?pending=true"));
        assert_eq!((waiting[0]["change"].as_str(), waiting[0]["public_key"].as_str()), (Some("trust"), Some(vendor.key().as_str())), "{waiting:?}");
        decide(&mut server, &asked, "d1");
        let keys = server.rows(&format!("{base}/trusted-keys"));
        assert_eq!((keys.len(), keys[0]["label"].as_str(), keys[0]["revoked"].as_bool()), (1, Some("vendor"), Some(false)));
        assert_eq!(sent(server.with(&program), "k3"), "done");

        let withdraw = json!({ "change": "withdraw-trust", "trusted_key": keys[0]["id"] });
        let asked = server.with(&ada).command(&format!("{base}/proposals"), "p2", &withdraw).is(201).json();
        decide(&mut server, &asked, "d2");
        assert_eq!(server.rows(&format!("{base}/trusted-keys"))[0]["revoked"], true);
        assert_eq!(sent(server.with(&program), "k4"), "plugin.revoked_key");
    }
}
