//! Who may do what: users, rights, tokens, keys that plugins are trusted by, changes of them that
//! somebody asked for, and who saw what is sensitive.

use std::collections::HashMap;

use chrono::NaiveDate;
use recoup_model::access::{Change, Disclosure, Grant, Permission, ProposalState, TrustedKey, User, Verdict};
use recoup_model::id::{LedgerId, UserId};
use recoup_model::record::Ledger;
use recoup_store::{DisclosureFilter, EVERYTHING, Listed, Page, Sort};
use uuid::Uuid;

use super::names::word;
use super::parties::NO_DAY;
use crate::http::export::cell::{Moment, Words, row};
use crate::http::list::{List, Rows, and_one, sifted};
use crate::http::moment::Read;
use crate::http::problem::Problem;
use crate::http::query::{All, filter};

row! {
    /// Somebody who may sign in.
    UserRow {
        /// Their id.
        id: Uuid,
        /// What they sign in with.
        login: String,
        /// Their name; only for those who may see names.
        name: Option<String>,
        /// Whether they are shut out.
        disabled: bool,
        /// Whether they have yet to change the password that somebody gave them.
        password_given: bool,
        /// Position that recorded this version.
        position: i64,
    }
}

row! {
    /// A role that somebody has, for some books or all (权限).
    RightRow {
        /// Its id.
        id: Uuid,
        /// Whose.
        login: String,
        /// Which role.
        role: &'static str,
        /// Code of the ledger that it is for; every one when absent.
        ledger: Option<String>,
        /// The unit that it is for, with those below it; the whole ledger when absent.
        unit: Option<Uuid>,
        /// Whether it was taken back.
        revoked: bool,
    }
}

row! {
    /// What is shown instead of a password.
    TokenRow {
        /// Its id.
        id: Uuid,
        /// In whose name it acts.
        login: String,
        /// What it is for.
        label: String,
        /// Whether it came with signing in; else a program has it.
        session: bool,
        /// From when on it is not accepted.
        expires_at: Moment,
        /// Whether it was taken back.
        revoked: bool,
    }
}

row! {
    /// A key whose signatures on plugins are trusted.
    TrustedKeyRow {
        /// Its id.
        id: Uuid,
        /// The number that minisign gives it.
        number: String,
        /// The key, as minisign writes it.
        public_key: String,
        /// Whose it is.
        label: String,
        /// Whether the trust was withdrawn.
        revoked: bool,
    }
}

row! {
    /// A change that somebody asked for.
    ProposalRow {
        /// Its id.
        id: Uuid,
        /// Who asked.
        by: String,
        /// grant, revoke, issue-token, revoke-token, disable, enable, trust or withdraw-trust.
        change: String,
        /// Whose rights it changes.
        login: Option<String>,
        /// For a right: which role.
        role: Option<&'static str>,
        /// For a right: code of the ledger; every one when absent.
        ledger: Option<String>,
        /// For a right: the unit.
        unit: Option<Uuid>,
        /// The right, token or trusted key that it makes or takes back.
        subject: Option<Uuid>,
        /// For a token: what it is for. For a trusted key: whose it is.
        label: Option<String>,
        /// For a token: from when on it is not accepted.
        expires_at: Option<Moment>,
        /// For a trusted key: the key, as minisign writes it.
        public_key: Option<String>,
        /// pending, approved, rejected or withdrawn.
        state: &'static str,
        /// Who decided.
        decided_by: Option<String>,
    }
}

row! {
    /// Somebody saw what is sensitive.
    DisclosureRow {
        /// Position that recorded it.
        position: i64,
        /// When.
        recorded_at: Option<Moment>,
        /// Who.
        login: String,
        /// Code of the ledger.
        ledger: String,
        /// What, such as `wage-months`.
        what: String,
        /// What for, where it had to be said.
        purpose: Option<String>,
        /// Whose: staff numbers of the ledger, in order; nobody's where nothing was found.
        persons: Words,
    }
}

filter! {
    /// Of whom.
    LoginFilter {
        /// Only those of the user with this login.
        login: String,
    }
}

filter! {
    /// Which proposals.
    ProposalFilter {
        /// Only those that nobody has decided (true), or only those that somebody has (false).
        pending: bool,
    }
}

filter! {
    /// Which readings.
    DisclosuresFilter {
        /// Only what the user with this login saw.
        login: String,
        /// Only where the wages of the person with this staff number were seen.
        person: String,
        /// Only what was seen of the ledger with this code.
        ledger: String,
        /// Only this, such as `wage-months` or `sensitive/postings`.
        what: String,
        /// Only what was seen on this day or later, in UTC.
        from: NaiveDate,
        /// Only what was seen on this day or earlier, likewise.
        to: NaiveDate,
    }
}

/// Names of users and ledgers, which records of the installation have by id.
struct Names {
    logins: HashMap<UserId, String>,
    ledgers: HashMap<LedgerId, String>,
}

impl Names {
    fn of(read: &mut Read<'_, '_>) -> Result<Self, Problem> {
        let users = read.view.users(None, EVERYTHING)?;
        let ledgers = read.view.ledgers()?;
        let logins = users.into_iter().map(|(user, _)| (user.id, user.login)).collect();
        Ok(Self { logins, ledgers: ledgers.into_iter().map(|l| (l.id, l.code)).collect() })
    }

    fn login(&self, id: UserId) -> String {
        self.logins.get(&id).cloned().unwrap_or_default()
    }

    /// The code of a ledger; its id where it was not opened yet.
    fn ledger(&self, id: LedgerId) -> String {
        self.ledgers.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// The list of users.
pub(crate) struct Users;

impl List for Users {
    type Row = UserRow;
    type Filter = All;
    const PATH: &'static str = "/users";
    const NEEDS: Permission = Permission::ReadAccessLog;
    const SUMMARY: &'static str = "Users: who may sign in.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED)];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<UserRow>, Problem> {
        let found = read.view.users_page(&and_one(page), read.moment.known_at)?;
        let row = |Listed { record: user, personal, position, .. }: Listed<User>| {
            let name = personal.filter(|_| read.personal).and_then(|p| p.name);
            Ok(UserRow { id: user.id.0, login: user.login, name, disabled: user.disabled, password_given: user.password_given, position })
        };
        Rows::listed(found, page, |l| l.leaf, row)
    }
}

/// The list of rights.
pub(crate) struct Rights;

impl List for Rights {
    type Row = RightRow;
    type Filter = LoginFilter;
    const PATH: &'static str = "/rights";
    const NEEDS: Permission = Permission::ReadAccessLog;
    const SUMMARY: &'static str = "Rights (权限): who has which role, for which ledger and unit.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, filter: &LoginFilter, page: &Page) -> Result<Rows<RightRow>, Problem> {
        let names = Names::of(read)?;
        let of = filter.login.as_deref().map(|login| [User::id_of(login)]);
        let rights = read.view.grants(of.as_ref().map(<[UserId; 1]>::as_slice), read.moment.known_at)?;
        let row = |g: Grant| RightRow {
            id: g.id.0,
            login: names.login(g.user),
            role: g.role.word(),
            ledger: g.ledger.map(|l| names.ledger(l)),
            unit: g.unit.map(|u| u.0),
            revoked: g.revoked,
        };
        Ok(Rows::of(rights.into_iter().map(row), page))
    }
}

/// The list of tokens.
pub(crate) struct Tokens;

impl List for Tokens {
    type Row = TokenRow;
    type Filter = LoginFilter;
    const PATH: &'static str = "/tokens";
    const NEEDS: Permission = Permission::ReadAccessLog;
    const SUMMARY: &'static str = "Tokens of programs, and of people who are signed in. Secrets are kept nowhere.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, filter: &LoginFilter, page: &Page) -> Result<Rows<TokenRow>, Problem> {
        let names = Names::of(read)?;
        let of = filter.login.as_deref().map(|login| [User::id_of(login)]);
        let tokens = read.view.tokens(of.as_ref().map(<[UserId; 1]>::as_slice), read.moment.known_at)?;
        let rows = tokens.into_iter().map(|t| TokenRow {
            id: t.id.0,
            login: names.login(t.user),
            label: t.label,
            session: t.session,
            expires_at: Moment(t.expires_at),
            revoked: t.revoked,
        });
        Ok(Rows::of(rows, page))
    }
}

/// The list of trusted keys.
pub(crate) struct TrustedKeys;

impl List for TrustedKeys {
    type Row = TrustedKeyRow;
    type Filter = All;
    const PATH: &'static str = "/trusted-keys";
    const NEEDS: Permission = Permission::ReadAccessLog;
    const SUMMARY: &'static str = "Keys whose signatures on plugins are trusted, and those that no longer are.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<TrustedKeyRow>, Problem> {
        let keys = read.view.trusted_keys(None, read.moment.known_at)?;
        let row = |TrustedKey { id, key, label, revoked }: TrustedKey| {
            let (number, public_key) = (key.number().to_string(), key.to_string());
            TrustedKeyRow { id: id.0, number, public_key, label, revoked }
        };
        Ok(Rows::of(keys.into_iter().map(row), page))
    }
}

/// The list of proposals.
pub(crate) struct Proposals;

impl List for Proposals {
    type Row = ProposalRow;
    type Filter = ProposalFilter;
    const PATH: &'static str = "/proposals";
    const NEEDS: Permission = Permission::ReadAccessLog;
    const SUMMARY: &'static str =
        "Changes of who may do what, or of whose plugins are trusted, that somebody asked for, and what another administrator said to them.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, filter: &ProposalFilter, page: &Page) -> Result<Rows<ProposalRow>, Problem> {
        let (names, known_at) = (Names::of(read)?, read.moment.known_at);
        let grants: HashMap<_, _> = read.view.grants(None, known_at)?.into_iter().map(|g| (g.id, g)).collect();
        let tokens: HashMap<_, _> = read.view.tokens(None, known_at)?.into_iter().map(|t| (t.id, t)).collect();
        let keys: HashMap<_, _> = read.view.trusted_keys(None, known_at)?.into_iter().map(|k| (k.id, k)).collect();
        let mut rows = Vec::new();
        for (proposal, decision) in read.view.proposals(None, known_at)? {
            let state = decision.as_ref().map_or(ProposalState::Pending, |d| ProposalState::Decided(d.verdict));
            if filter.pending.is_some_and(|pending| pending != (state == ProposalState::Pending)) {
                continue;
            }
            let (mut right, mut token, mut user, mut key, mut subject) = (None, None, None, None, None);
            match &proposal.change {
                Change::Grant(grant) => right = Some(grant),
                Change::Revoke(id) => (subject, right) = (Some(id.0), grants.get(id)),
                Change::IssueToken(issued) => token = Some(issued),
                Change::RevokeToken(id) => (subject, token) = (Some(id.0), tokens.get(id)),
                Change::Disable(id) | Change::Enable(id) => user = Some(*id),
                Change::Trust(trusted) => key = Some(trusted),
                Change::WithdrawTrust(id) => (subject, key) = (Some(id.0), keys.get(id)),
            }
            let user = user.or(right.map(|g| g.user)).or(token.map(|t| t.user));
            rows.push(ProposalRow {
                id: proposal.id.0,
                by: names.login(proposal.maker),
                change: word(&proposal.change),
                login: user.map(|id| names.login(id)),
                role: right.map(|g| g.role.word()),
                ledger: right.and_then(|g| g.ledger).map(|l| names.ledger(l)),
                unit: right.and_then(|g| g.unit).map(|u| u.0),
                subject: subject.or(right.map(|g| g.id.0)).or(token.map(|t| t.id.0)).or(key.map(|k| k.id.0)),
                label: token.map(|t| t.label.clone()).or(key.map(|k| k.label.clone())),
                expires_at: token.map(|t| Moment(t.expires_at)),
                public_key: key.map(|k| k.key.to_string()),
                state: state_word(state),
                decided_by: decision.map(|d| names.login(d.by)),
            });
        }
        Ok(Rows::of(rows, page))
    }
}

const fn state_word(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Pending => "pending",
        ProposalState::Decided(Verdict::Approve) => "approved",
        ProposalState::Decided(Verdict::Reject) => "rejected",
        ProposalState::Decided(Verdict::Withdraw) => "withdrawn",
    }
}

/// The access log.
pub(crate) struct Disclosures;

impl List for Disclosures {
    type Row = DisclosureRow;
    type Filter = DisclosuresFilter;
    const PATH: &'static str = "/disclosures";
    const NEEDS: Permission = Permission::ReadAccessLog;
    const SUMMARY: &'static str = "The access log (访问日志): who saw whose wages when, and what for.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED)];

    fn page(read: &mut Read<'_, '_>, filter: &DisclosuresFilter, page: &Page) -> Result<Rows<DisclosureRow>, Problem> {
        let (names, known_at) = (Names::of(read)?, read.moment.known_at);
        let which = DisclosureFilter {
            reader: filter.login.as_deref().map(User::id_of),
            books: filter.ledger.as_deref().map(Ledger::id_of),
            what: filter.what.as_deref(),
            recorded: read.recorded(filter.from, filter.to)?,
        };
        let found = match &filter.person {
            None => read.view.disclosures_page(which, &and_one(page), known_at)?,
            // Whose wages they were is in no column.
            Some(code) => sifted(page, |part| Ok(read.view.disclosures_page(which, part, known_at)?), |l| l.leaf, |l| l.record.persons.contains(code))?,
        };
        let row = |Listed { record: shown, position, .. }: Listed<Disclosure>| {
            Ok(DisclosureRow {
                position,
                recorded_at: read.recorded_at(position)?,
                login: names.login(shown.user),
                ledger: names.ledger(shown.ledger),
                what: shown.what,
                purpose: shown.purpose,
                persons: Words(shown.persons),
            })
        };
        Rows::listed(found, page, |l| l.leaf, row)
    }
}
