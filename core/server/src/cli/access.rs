//! What may be asked about who may do what.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use recoup_model::access::{PublicKey, Role};
use recoup_model::id::{GrantId, KeyId, ProposalId, TokenId};

use crate::error::CliError;

/// Where a secret is; the secret itself is never on a command line, which others can read.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum SecretRef {
    Env(String),
    File(PathBuf),
}

impl FromStr for SecretRef {
    type Err = &'static str;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err("say where the secret is: env:NAME or file:PATH"),
        }
    }
}

impl TryFrom<String> for SecretRef {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl SecretRef {
    /// What it refers to. Editors end a file with a line break that nobody meant.
    pub(crate) fn read(&self) -> Result<String, CliError> {
        let text = match self {
            Self::Env(name) => std::env::var(name).map_err(|e| CliError::Usage(format!("env:{name}: {e}")))?,
            Self::File(path) => std::fs::read_to_string(path).map_err(|e| CliError::file(path, e))?,
        };
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }
}

/// The administrator who acts.
#[derive(Debug, Args)]
pub(crate) struct Acting {
    /// Login of the administrator who acts.
    #[arg(long = "as", value_name = "LOGIN")]
    pub by: String,
    /// Where their password is, env:NAME or file:PATH; asked for on the terminal when absent.
    #[arg(long = "as-password", value_name = "REFERENCE")]
    pub by_password: Option<SecretRef>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a user without any right; or, on a machine with fewer than two administrators, one of these.
    Add {
        /// What they sign in with.
        login: String,
        /// Their name; personal data.
        #[arg(long)]
        name: Option<String>,
        /// Where the new password is, env:NAME or file:PATH; asked for on the terminal when absent.
        #[arg(long, value_name = "REFERENCE")]
        password: Option<SecretRef>,
        /// Appoint an administrator.
        #[arg(long, conflicts_with = "by", required_unless_present = "by")]
        administrator: bool,
        #[command(flatten)]
        acting: Option<Acting>,
    },
    /// Change one's own password.
    Password {
        /// Whose.
        login: String,
        /// Where the old one is, env:NAME or file:PATH; asked for on the terminal when absent.
        #[arg(long, value_name = "REFERENCE")]
        old: Option<SecretRef>,
        /// Where the new one is, likewise.
        #[arg(long, value_name = "REFERENCE")]
        new: Option<SecretRef>,
    },
    /// Give somebody who lost theirs a first password again, which they change before anything else. On the machine only;
    /// the installation's log says that it was done.
    Reset {
        /// Whose.
        login: String,
        /// Where the first password is, env:NAME or file:PATH; asked for on the terminal when absent.
        #[arg(long, value_name = "REFERENCE")]
        password: Option<SecretRef>,
    },
    /// List users, rights and proposals that wait for a decision.
    List,
    /// Ask for a change.
    Propose {
        #[command(flatten)]
        acting: Acting,
        #[command(subcommand)]
        change: Asked,
    },
    /// Decide what another administrator asked for, or withdraw what one asked for oneself.
    Decide {
        /// Which proposal.
        proposal: ProposalId,
        /// How.
        #[arg(value_enum)]
        verdict: Verdict,
        #[command(flatten)]
        acting: Acting,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Asked {
    /// Give a user a right.
    Grant {
        /// Whom.
        login: String,
        /// Which role.
        #[arg(value_parser = role)]
        role: Role,
        /// In the ledger with this code; in every one when absent.
        #[arg(long)]
        books: Option<String>,
        /// For the unit with this code and those below it; for the whole ledger when absent.
        #[arg(long, requires = "books")]
        unit: Option<String>,
    },
    /// Take a right back.
    Revoke {
        /// Which, from the list.
        right: GrantId,
    },
    /// Shut a user out.
    Disable {
        /// Whom.
        login: String,
    },
    /// Let a user in again.
    Enable {
        /// Whom.
        login: String,
    },
}

fn role(word: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::word).join(", ");
    Role::from_word(word).ok_or_else(|| format!("roles are {}", known()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Verdict {
    /// It shall be.
    Approve,
    /// It shall not be.
    Reject,
    /// Who asked for it no longer does.
    Withdraw,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Ask for a token; its secret is shown once, and accepted when another administrator has approved.
    Issue {
        /// In whose name it acts.
        login: String,
        /// What it is for.
        #[arg(long)]
        label: String,
        /// For how many days it is accepted.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
        #[command(flatten)]
        acting: Acting,
    },
    /// List tokens.
    List,
    /// Ask that a token be accepted no longer.
    Revoke {
        /// Which, from the list.
        token: TokenId,
        #[command(flatten)]
        acting: Acting,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Trust {
    /// Ask that a key's signatures on plugins be trusted.
    Add {
        /// The public key, as the second line of minisign's .pub file has it.
        key: PublicKey,
        /// Whose it is: a publisher or a machine; no person's name, because it is never erased.
        #[arg(long)]
        label: String,
        #[command(flatten)]
        acting: Acting,
    },
    /// List keys that are trusted, and those that no longer are.
    List,
    /// Ask that a key be trusted no longer.
    Withdraw {
        /// Which, from the list.
        key: KeyId,
        #[command(flatten)]
        acting: Acting,
    },
}
