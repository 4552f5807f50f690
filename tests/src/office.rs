//! Users and tokens of an installation, as if two administrators had agreed on them.

use chrono::{DateTime, Duration, Utc};
use recoup_model::Digest;
use recoup_model::access::{ApiToken, Grant, Role, User};
use recoup_model::id::{LedgerId, TokenId, UnitId};
use recoup_model::record::{Leaf, Ledger, Record};
use recoup_store::{CommandMeta, EVERYTHING, StoreError};

use serde_json::json;

use crate::{Run, Serving, Site, now};

/// The password of the administrators that [`Site::found`] makes.
pub const PASSWORD: &str = "correct horse battery";

/// No limits on requests and attempts, for tests that ask more than anybody.
pub const LIMITLESS: [(&str, &str); 4] = [
    ("RECOUP__SERVER__LIMITS__TOKEN__BURST", "0"),
    ("RECOUP__SERVER__LIMITS__PEER__BURST", "0"),
    ("RECOUP__SERVER__LIMITS__GUESS_LOGIN__BURST", "0"),
    ("RECOUP__SERVER__LIMITS__GUESS_PEER__BURST", "0"),
];

/// Roles that together may do everything but read the access log. No person has both an approver's and a service's: the token
/// stands for several.
pub const ALL_ROLES: [Role; 5] = [Role::Administrator, Role::Collector, Role::Payroll, Role::Approver, Role::Service];

/// A right: a role, for a ledger or all, for a unit or all of it.
pub type Right = (Role, Option<LedgerId>, Option<UnitId>);

impl Site {
    /// A token of a user with rights. What there is of it already stays: asking twice gives the same token.
    pub fn token(&self, login: &str, rights: &[Right]) -> String {
        self.token_until(login, rights, Utc::now() + Duration::days(1))
    }

    /// Likewise, until a moment.
    pub fn token_until(&self, login: &str, rights: &[Right], expires_at: DateTime<Utc>) -> String {
        let secret = format!("recoup_{}", Digest::of(login.as_bytes()));
        let user = User { id: User::id_of(login), login: login.to_owned(), disabled: false, password_given: false };
        let id = TokenId::from_parts(&[login.as_bytes()]);
        let token =
            ApiToken { id, user: user.id, label: "tests".to_owned(), secret: Digest::of(secret.as_bytes()), expires_at, revoked: false, session: false };
        let grants = rights.iter().map(|(role, ledger, unit)| Record::Grant(Grant::new(user.id, *role, *ledger, *unit)));
        let leaves: Vec<Leaf> = [Record::User(user.clone()), Record::ApiToken(token)].into_iter().chain(grants).map(Leaf::from).collect();
        let meta = CommandMeta { kind: "found".into(), input: Digest::of(login.as_bytes()), actor: "tests".into(), recorded_at: Utc::now() };
        let founded = self.store().transact::<_, StoreError>(Ledger::installation(), &meta, |tx| {
            if tx.users(Some(&[user.id]), EVERYTHING)?.is_empty() { tx.append(&leaves) } else { Ok(()) }
        });
        founded.expect("the installation's log takes users");
        secret
    }

    /// The token of somebody who may do whatever any token may, but read the access log: [`ALL_ROLES`].
    pub fn everything(&self) -> String {
        self.token("everything", &ALL_ROLES.map(|role| (role, None, None)))
    }

    /// Somebody with a role, by what the two administrators do; their password is [`PASSWORD`].
    pub fn joins(&self, login: &str, role: Role) {
        let with_first = |args: &str| -> Run {
            let mut command = self.command(args.split_whitespace());
            command.env("FIRST", "first password of them").env("SECRET", PASSWORD).output().expect("the program starts").into()
        };
        let _ = with_first(&format!("user add {login} --password env:FIRST --as ada --as-password env:SECRET")).exits(0);
        let _ = with_first(&format!("user password {login} --old env:FIRST --new env:SECRET")).exits(0);
        let asked = self.signed(&format!("user propose --as ada --as-password env:SECRET grant {login} {}", role.word())).exits(0);
        let proposal = asked.stdout.split_whitespace().nth(1).expect("a proposal").to_owned();
        let _ = self.signed(&format!("user decide {proposal} approve --as bob --as-password env:SECRET")).exits(0);
    }

    /// Runs the program where `env:SECRET` is [`PASSWORD`].
    pub fn signed(&self, args: &str) -> Run {
        let mut command = self.command(args.split_whitespace());
        command.env("SECRET", PASSWORD).output().expect("the program starts").into()
    }

    /// Appoints the administrators `ada` and `bob`, as whoever has the machine does.
    pub fn found(&self) {
        for login in ["ada", "bob"] {
            recoup_engine::access::appoint(&mut self.store(), login, None, PASSWORD, "cli", now()).expect("there are no administrators yet");
        }
    }
}

impl Serving {
    /// Signs one of the administrators in; answers with the token.
    pub fn signed_in(&mut self, login: &str) -> String {
        let body = json!({ "login": login, "password": PASSWORD }).to_string();
        let reply = self.with("").send("POST", "/api/v1/sign-in", &[("content-type", "application/json")], body.as_bytes()).is(200).json();
        reply.get("token").and_then(serde_json::Value::as_str).expect("a token").to_owned()
    }
}
