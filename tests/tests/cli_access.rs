//! Users, rights and tokens from the command line: two administrators, and no password on it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use recoup_tests::{Run, Site};

const PASSWORD: &str = "correct horse battery";

fn run(site: &Site, args: &str) -> Run {
    let mut command = site.command(args.split_whitespace());
    command.env("SECRET", PASSWORD).output().unwrap().into()
}

/// The last cell of a table's rows that contain a text.
fn id_of(site: &Site, table: &str, key: &str, text: &str) -> String {
    let listed = run(site, if table == "tokens" { "--format json token list" } else { "--format json user list" }).exits(0);
    let rows = listed.table(table);
    let found: Vec<_> = rows.iter().filter(|row| row.to_string().contains(text)).collect();
    assert_eq!(found.len(), 1, "{rows:?}");
    found[0][key].as_str().unwrap().to_owned()
}

fn founded(site: &Site) {
    for login in ["ada", "bob"] {
        let _ = run(site, &format!("user add {login} --administrator --password env:SECRET")).exits(0);
    }
}

#[test]
fn a_right_takes_two_administrators_and_a_token_comes_with_its_approval() {
    for site in Site::both() {
        founded(&site);
        let _ = run(&site, "user add dan --administrator --password env:SECRET").exits(1).says("error [access.appointed]");
        site.write("first.txt", "first horse battery");
        let _ = run(&site, "user add carol --password file:first.txt --as ada --as-password env:SECRET").exits(0);
        let _ = run(&site, "user propose --as carol --as-password file:first.txt revoke 0190a1b2-0000-8000-8000-000000000000")
            .exits(1)
            .says("access.given_password");
        let _ = run(&site, "user password carol --old file:first.txt --new env:SECRET").exits(0);
        let ask = "user propose --as ada --as-password env:SECRET grant carol collector";
        let _ = run(&site, ask).exits(0);
        let _ = run(&site, ask).exits(1).says("error [access.pending]");
        let proposal = id_of(&site, "proposals", "proposal", "carol becomes collector");
        let _ = run(&site, &format!("user decide {proposal} approve --as ada --as-password env:SECRET")).exits(1).says("error [access.same_person]");
        let _ = run(&site, &format!("user decide {proposal} approve --as carol --as-password env:SECRET")).exits(1).says("error [access.forbidden]");
        let _ = run(&site, &format!("user decide {proposal} approve --as bob --as-password env:SECRET")).exits(0);
        let _ = id_of(&site, "rights", "right", "collector");

        let issued = run(&site, "token issue carol --label scripts --as ada --as-password env:SECRET").exits(0).says("shown once");
        assert!(issued.stdout.starts_with("recoup_") && issued.stdout.trim().len() == 71, "{}", issued.stdout);
        let proposal = id_of(&site, "proposals", "proposal", "scripts");
        assert!(run(&site, "--format json token list").exits(0).table("tokens").is_empty());
        let _ = run(&site, &format!("user decide {proposal} approve --as bob --as-password env:SECRET")).exits(0);
        let token = id_of(&site, "tokens", "token", "accepted");
        let _ = run(&site, &format!("token revoke {token} --as bob --as-password env:SECRET")).exits(0);
        let _ = run(&site, "audit rebuild --installation").exits(0);
    }
}

#[test]
fn who_lost_a_password_gets_a_first_one_again_on_the_machine() {
    for site in Site::both() {
        founded(&site);
        site.write("first.txt", "first horse battery");
        let ask = "user propose --as ada --as-password env:SECRET grant bob collector";
        let reset = run(&site, "user reset ada --password file:first.txt").exits(0);
        assert!(reset.stdout.contains("changes this password before anything else"), "{}", reset.stdout);
        let _ = run(&site, ask).exits(1).says("error [access.denied]");
        let _ = run(&site, &ask.replace("env:SECRET", "file:first.txt")).exits(1).says("access.given_password");
        let _ = run(&site, "user password ada --old file:first.txt --new env:SECRET").exits(0);
        let _ = run(&site, ask).exits(0);
        let _ = run(&site, "user reset nobody --password file:first.txt").exits(1).says("error [access.unknown]");
        let _ = run(&site, "audit rebuild --installation").exits(0);
    }
}

#[test]
fn a_password_is_asked_for_or_referred_to_and_never_an_argument() {
    let site = Site::sqlite();
    let _ = run(&site, "user add ada --administrator --password hunter2").exits(2).says("env:NAME or file:PATH");
    let _ = run(&site, "user add ada --administrator --password env:NOSUCH").exits(2).says("env:NOSUCH");
    let _ = run(&site, "user add ada --password env:SECRET").exits(2).says("--administrator");
    let _ = run(&site, "user add ada --administrator --password file:nosuch.txt").exits(1).says("nosuch.txt");
    site.write("ada.txt", format!("{PASSWORD}\n"));
    let _ = run(&site, "user add ada --administrator --password file:ada.txt").exits(0);
    let _ = run(&site, "user add bob --password env:SECRET --as ada --as-password file:ada.txt").exits(0);
    site.write("bob.txt", "staple battery horse");
    let _ = run(&site, "user password bob --old env:SECRET --new file:bob.txt").exits(0);
    let _ = run(&site, "user password bob --old env:SECRET --new file:bob.txt").exits(1).says("error [access.denied]");
    site.write("ada.txt", "wrong horse battery");
    let _ = run(&site, "user add cyn --password env:SECRET --as ada --as-password file:ada.txt").exits(1).says("error [access.denied]");
    let _ = run(&site, "user propose --as bob --as-password env:SECRET grant ada wizard").exits(2).says("roles are administrator, integrator");
}
