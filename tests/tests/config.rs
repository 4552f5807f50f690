//! Configuration: a wrong key or value names itself, wherever it is written, and nothing is done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site};

/// Any command; it reads the whole configuration.
fn with(site: &Site, variable: &str, value: &str) -> Run {
    let mut command = site.command(["report", "trial-balance"]);
    command.env(variable, value).output().unwrap().into()
}

#[test]
fn a_wrong_variable_names_itself() {
    let site = Site::sqlite();
    let wrong = |name: &str, value: &str| with(&site, name, value).exits(1).says("error [config.invalid]: configuration: ");
    let _ = wrong("RECOUP__IMPORT__BAD_RECORDS", "some").says("import.bad_records").says("some");
    let _ = wrong("RECOUP__IMPORT__BAD_RECORD", "quarantine").says("`bad_record`").says("`bad_records`");
    let _ = wrong("RECOUP__IMPORT__FILE_BYTES_MAX", "-1").says("import.file_bytes_max");
    let _ = wrong("RECOUP__IMPORT__FILE_BYTES_MAX", "a lot").says("import.file_bytes_max");
    let _ = wrong("RECOUP__LEDGERS__MAIN__CURRENCY", "XQX").says("ledgers.main.currency").says("unknown currency `XQX`");
    let _ = wrong("RECOUP__SANDBOX__FUEL", "1").says("`fuel`").says("`fuel_per_record`");
    for (name, value) in [("LEASE_MS", "999"), ("LEASE_MS", "-1"), ("ATTEMPTS_MAX", "0"), ("POLL_MS", "0")] {
        let _ = wrong(&format!("RECOUP__WORK__{name}"), value).says(&format!("`work.{}` is {value}", name.to_lowercase())).says("at least");
    }
    let _ = wrong("RECOUP__WORK__WORKERS", "5").says("`work.workers` is 5").says("`sandbox.pool_size`, 4, at most");
    // Two servers would send at once, or none ever: a request takes up to 10,000 ms.
    for (name, value) in [("LEASE_MS", "10000"), ("POLL_MS", "0"), ("TIMEOUT_MS", "0"), ("RETRY_MS", "0"), ("RETRY_MS_MAX", "999")] {
        let _ = wrong(&format!("RECOUP__OUTBOX__{name}"), value).says(&format!("`outbox.{}` is {value}", name.to_lowercase())).says("at least");
    }
    let _ = wrong("RECOUP__OUTBOX__LEASE_MS", "86400001").says("`outbox.lease_ms`").says("at most");
    let _ = wrong("RECOUP__DATABSE__URL", "sqlite:x.db").says("`databse`").says("`database`");
}

/// With none of these anything could be done: no batch would end, no instance run, no request be answered.
#[test]
fn a_value_with_which_nothing_could_be_done_is_refused_by_name() {
    let site = Site::sqlite();
    for (section, names) in [
        ("import", ["batch_items", "file_bytes_max"].as_slice()),
        ("evaluate", &["batch_cases"]),
        ("server", &["workers", "connections", "write_connections", "body_bytes_max", "request_timeout_ms", "session_minutes"]),
        ("sandbox", &["fuel_per_record", "batch_timeout_ms", "pool_size", "instances_max", "memories_max"]),
        ("sandbox", &["memory_bytes_max", "output_bytes_max", "stack_bytes_max", "component_bytes_max", "batch_records_max"]),
    ] {
        for name in names {
            let variable = format!("RECOUP__{section}__{name}").to_uppercase();
            let run = with(&site, &variable, "0").exits(1);
            let _ = run.says(&format!("error [config.invalid]: configuration: `{section}.{name}` is 0: give 1 at least"));
        }
    }
}

#[test]
fn a_wrong_file_names_itself() {
    let site = Site::sqlite();
    site.write("config/local.toml", "[import]\nbad_records = \"some\"\n");
    let _ = site.run(["report", "trial-balance"]).exits(1).says("import.bad_records");
    site.write("config/local.toml", "[import]\nbad-records = \"quarantine\"\n");
    let _ = site.run(["report", "trial-balance"]).exits(1).says("`bad-records`").says("`bad_records`");
    site.write("config/local.toml", "[import\n");
    let _ = site.run(["report", "trial-balance"]).exits(1).says("local.toml");
}

#[test]
fn a_missing_folder_or_section_is_named() {
    let site = Site::sqlite();
    let _ = site.run(["--config", "nosuch", "report", "trial-balance"]).exits(1).says("nosuch/default.toml");
    site.configure(|c| {
        c.remove("evaluate");
    });
    let _ = site.run(["report", "trial-balance"]).exits(1).says("\"evaluate\"");
}

/// default.toml, then local.toml, then variables, then the command line.
#[test]
fn later_sources_win() {
    let site = Site::sqlite();
    site.write("config/local.toml", "ledger = \"pt\"\n");
    let report = |command: &mut std::process::Command| Run::from(command.output().unwrap()).exits(0).stdout;
    assert!(report(&mut site.command(["report", "trial-balance"])).contains("Trial balance of pt in EUR"));
    assert!(report(site.command(["report", "trial-balance"]).env("RECOUP__LEDGER", "no")).contains("Trial balance of no in NOK"));
    let named = ["--ledger", "main", "report", "trial-balance"];
    assert!(report(site.command(named).env("RECOUP__LEDGER", "no")).contains("Trial balance of main in CNY"));
}

#[test]
fn wrong_buckets_are_named() {
    let site = Site::sqlite();
    let mut command = site.command(["report", "aging"]);
    let run: Run = command.env("RECOUP__REPORT__BUCKETS", "60d,30d").output().unwrap().into();
    let _ = run.exits(1).says("error [config.invalid]").says("`report.buckets`");
}
