//! Wrong commands: exit code 2 for wrong usage, 1 for what cannot be done, with what is wrong and how to mend it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site, paths};

#[test]
fn wrong_usage_exits_with_2() {
    let site = Site::sqlite();
    let _ = site.run(["nosuch"]).exits(2).says("unrecognized subcommand 'nosuch'");
    let _ = site.run(["import"]).exits(2).says("--profile <PROFILE>");
    let _ = site.run(["import", "x.csv", "--profile", "p", "--bad-records", "some"]).exits(2).says("all-or-nothing, quarantine");
    let _ = site.run(["report", "aging", "--as-of", "2024-09-31"]).exits(2).says("--as-of");
    let _ = site.run(["report", "aging", "--buckets", "90d,30d"]).exits(2).says("--buckets");
}

#[test]
fn an_unknown_profile_is_named() {
    let site = Site::sqlite();
    let run = site.import(&paths::export("boc-debit.csv"), "nosuch", &[]).exits(2);
    let _ = run.says("error [usage]").says("nosuch.toml").says("boc-debit, ");
}

#[test]
fn a_profile_without_its_adapter_and_one_with_a_wrong_key() {
    let site = Site::sqlite();
    let file = paths::export("boc-debit.csv");
    let none = site.write("none.toml", "id = \"none\"\n");
    let run = site.import(&file, none.to_str().unwrap(), &[]).exits(1).says("none.toml");
    let _ = run.says("`adapter` is missing: a profile names its id and its adapter");
    let boc = std::fs::read_to_string(paths::root().join("config/profiles/boc-debit.toml")).unwrap();
    let wrong = site.write("wrong.toml", boc.replace("[header]", "[header]\nwithn = 5"));
    let run = site.import(&file, wrong.to_str().unwrap(), &[]).exits(1).says("profile.invalid at profile");
    let _ = run.says("unknown field `withn`").says("`within`");
}

#[test]
fn a_missing_plugin_says_how_to_get_it() {
    let site = Site::sqlite();
    let boc = std::fs::read_to_string(paths::root().join("config/profiles/boc-debit.toml")).unwrap();
    let profile = site.write("own.toml", boc.replace("adapter = \"table\"", "adapter = \"tabel\""));
    let run = site.import(&paths::export("boc-debit.csv"), profile.to_str().unwrap(), &[]).exits(1).says("tabel.wasm");
    let _ = run.says("build the plugin with `recoup plugin build`").says("plugins.directory");
}

#[test]
fn a_policy_pack_is_no_adapter() {
    let site = Site::sqlite();
    let profile = site.write("own.toml", "id = \"own\"\nadapter = \"legacy-construction\"\n");
    let run = site.import(&paths::export("boc-debit.csv"), profile.to_str().unwrap(), &[]).exits(2);
    let _ = run.says("plugin `legacy-construction` is a policy pack, not an adapter");
}

#[test]
fn a_wrong_database_url() {
    let site = Site::sqlite();
    let on = |url: &str| site.run(["--database", url, "report", "trial-balance"]).exits(1);
    let _ = on("mysql://x").says("error [store.url]: `mysql://x` is no database").says("write `sqlite:PATH`");
    let gone = on("postgres://nobody@localhost:1/x").says("error [store.unreachable]").says("check that it exists, runs and may be reached");
    assert!(gone.stderr.contains("nobody@localhost:1"), "{}", gone.stderr);
    let _ = on("sqlite:/nosuch/folder/x.db").says("error [store.unreachable]").says("sqlite:/nosuch/folder/x.db");
}

/// A password stands neither in the configuration nor on a command line, which others can read; nor is it ever said.
#[test]
fn a_database_s_password_is_written_nowhere_and_told_nowhere() {
    let site = Site::sqlite();
    let asks = ["report", "trial-balance"];
    let quiet = |run: Run| {
        assert!(!format!("{}{}", run.stdout, run.stderr).contains("secret"), "{}{}", run.stdout, run.stderr);
        run
    };
    let url = "postgres://nobody:secret@localhost:1/x";
    for written in [url, "postgres://localhost:1/x?user=nobody&password=secret"] {
        let configured = |c: &mut toml::Table| drop(c["database"].as_table_mut().unwrap().insert("url".to_owned(), written.into()));
        let mut command = site.command(asks);
        site.configure(configured);
        let refused = quiet(command.env_remove("RECOUP__DATABASE__URL").output().unwrap().into()).exits(1);
        let _ = refused.says("error [config.invalid]").says("`database.url`").says("PGPASSWORD").says("env:NAME or file:PATH");
        let _ = quiet(site.run(["--database", written].iter().chain(&asks))).exits(1).says("error [config.invalid]");
        let _ = quiet(site.command(asks).env("RECOUP__DATABASE__URL", written).output().unwrap().into()).exits(1).says("error [config.invalid]");
    }
    // Where it is may be said, in the configuration and on the command line; what is there is not.
    let file = site.write("url", format!("{url}\n"));
    let file = format!("file:{}", file.display());
    for reference in [file.as_str(), "env:ELSEWHERE"] {
        let mut command = site.command(["--database", reference].iter().chain(&asks));
        let _ = quiet(command.env("ELSEWHERE", url).output().unwrap().into()).exits(1).says("error [store.unreachable]").says("nobody@localhost:1");
    }
    let _ = site.run(["--database", "env:NOWHERE"].iter().chain(&asks)).exits(2).says("env:NOWHERE");
    let _ = site.run(["--database", "file:nosuch"].iter().chain(&asks)).exits(1).says("error [file.unreadable]");
    // A reference to an ordinary one is that one.
    let _ = site.run(asks).exits(0);
}

#[test]
fn an_unknown_ledger_names_the_known_ones() {
    let site = Site::sqlite();
    let run = site.run(["--ledger", "mian", "report", "trial-balance"]).exits(2);
    let _ = run.says("ledger `mian` is neither in the database nor in the configuration").says("main").says("add [ledgers.mian]");
    assert_eq!(site.position("mian"), 0);
}

/// Standard output of machines holds nothing but the answer; what goes wrong is on standard error.
#[test]
fn errors_never_mix_with_results() {
    let site = Site::sqlite();
    let run: Run = site.run(["--format", "json", "--ledger", "mian", "report", "trial-balance"]).exits(2);
    assert_eq!(run.stdout, "");
}
