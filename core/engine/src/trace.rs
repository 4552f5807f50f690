//! Traces as sentences: a message of the pack with its typed arguments, in either language.

use std::collections::HashMap;

use recoup_host::RulesDescription;
use recoup_model::due::{Arg, Step};
use recoup_model::id::{PartyId, PersonId, ReceivableId};
use recoup_model::{Currency, Money};

/// Language of a rendered trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Chinese.
    Zh,
}

/// What arguments refer to.
#[derive(Debug, Clone)]
pub struct Names {
    /// The ledger's currency.
    pub currency: Currency,
    /// Staff numbers.
    pub persons: HashMap<PersonId, String>,
    /// Keys of parties in their sources.
    pub parties: HashMap<PartyId, String>,
    /// Document numbers.
    pub receivables: HashMap<ReceivableId, String>,
    /// Whether amounts may be seen; a mark stands for one that may not.
    pub amounts: bool,
}

/// What stands for an amount that may not be seen.
const HIDDEN: &str = "•••";

/// One step as a sentence; a message that the pack no longer has is shown by its code.
#[must_use]
pub fn render(description: &RulesDescription, step: &Step, names: &Names, language: Language) -> String {
    message(description, &step.message, &step.args, names, language)
}

/// A message with its arguments as a sentence.
#[must_use]
pub fn message(description: &RulesDescription, code: &str, args: &[Arg], names: &Names, language: Language) -> String {
    let Some(message) = description.messages.iter().find(|m| m.code == code) else {
        return code.to_owned();
    };
    let template = match language {
        Language::En => &message.en,
        Language::Zh => &message.zh,
    };
    // One pass, so that braces inside an argument are never read as placeholders.
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let arg = after.split_once('}').and_then(|(n, tail)| Some((args.get(n.parse::<usize>().ok()?)?, tail)));
        match arg {
            Some((arg, tail)) => {
                out.push_str(&self::arg(arg, names));
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn arg(arg: &Arg, names: &Names) -> String {
    match arg {
        Arg::Money(_) if !names.amounts => HIDDEN.to_owned(),
        Arg::Money(minor) => Money::new(*minor, names.currency).to_string(),
        Arg::Day(d) => d.to_string(),
        Arg::Count(n) => n.to_string(),
        Arg::Decimal(d) => d.to_string(),
        Arg::Person(p) => names.persons.get(p).cloned().unwrap_or_else(|| p.to_string()),
        Arg::Party(p) => names.parties.get(p).cloned().unwrap_or_else(|| p.to_string()),
        Arg::Receivable(r) => names.receivables.get(r).cloned().unwrap_or_else(|| r.to_string()),
        Arg::Symbol(s) => s.clone(),
        Arg::Month(m) => m.to_string(),
    }
}
