//! What a plugin says of itself, checked once when it is loaded.

use std::collections::{BTreeSet, HashSet};

use recoup_model::case::Scope;
use recoup_wit::CONTRACT;
pub(crate) use recoup_wit::describe::Clause;
use recoup_wit::describe::{Family, Text};
use serde_json::Value;

use crate::{AdapterDescription, RulesDescription, What};

/// Clauses, messages and formats of one plugin.
const ENTRIES_MAX: usize = 2_000;
/// Bytes of a description.
const JSON_MAX: usize = 1 << 20;
/// Bytes of an id, a version or a code.
const WORD_MAX: usize = 64;

/// What lines and messages are checked against, worked out once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) scopes: Vec<Scope>,
    /// Per clause.
    pub(crate) clauses: Vec<ClauseShape>,
    /// Per message, how many arguments it takes.
    pub(crate) args: Vec<usize>,
}

/// What a clause may say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClauseShape {
    pub(crate) scopes: Vec<Scope>,
    pub(crate) sensitive: bool,
    /// Whether lines are due from parties; otherwise they are from persons.
    pub(crate) claims: bool,
    pub(crate) lines: Option<Lines>,
}

/// What lines of a clause look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) bases: Vec<BasisWord>,
    pub(crate) positive: bool,
    pub(crate) negative: bool,
}

/// The basis that a clause names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BasisWord {
    Entry,
    WageMonth,
    Close,
    Milestone,
}

type Checked<T> = Result<T, What>;

/// An adapter's description.
pub(crate) fn adapter(json: &str) -> Checked<AdapterDescription> {
    let d: AdapterDescription = parse(json)?;
    head(&d.id, &d.version, &d.contract, &d.title)?;
    count("formats", d.formats.len())?;
    unique("format", d.formats.iter().map(String::as_str))?;
    object("profile_schema", &d.profile_schema)?;
    Ok(d)
}

/// A policy pack's description.
pub(crate) fn rules(json: &str) -> Checked<(RulesDescription, Shape)> {
    let d: RulesDescription = parse(json)?;
    head(&d.id, &d.version, &d.contract, &d.title)?;
    count("clauses", d.clauses.len())?;
    count("messages", d.messages.len())?;
    unique("clause", d.clauses.iter().map(|c| c.id.as_str()))?;
    unique("message", d.messages.iter().map(|m| m.code.as_str()))?;
    object("parameter_schema", &d.parameter_schema)?;
    let scopes = scopes("scopes", &d.scopes)?;
    agreements(&d, scopes.contains(&Scope::Agreement))?;
    let clauses = d.clauses.iter().map(|c| clause(c, &scopes)).collect::<Checked<_>>()?;
    let args = d.messages.iter().map(|m| arguments(&m.code, &m.en, &m.zh)).collect::<Checked<_>>()?;
    Ok((d, Shape { scopes, clauses, args }))
}

/// The family of lines; none of a condition, which has no lines.
pub(crate) const fn family(family: Family) -> Option<recoup_model::due::Family> {
    use recoup_model::due::Family as Model;
    match family {
        Family::Commission => Some(Model::Commission),
        Family::Penalty => Some(Model::Penalty),
        Family::Refund => Some(Model::Refund),
        Family::Withholding => Some(Model::Withholding),
        Family::Reimbursement => Some(Model::Reimbursement),
        Family::Claim => Some(Model::Claim),
        Family::Condition => None,
    }
}

fn clause(c: &Clause, pack: &[Scope]) -> Checked<ClauseShape> {
    let place = format!("clause `{}`", c.id);
    text(&place, &c.title)?;
    let scopes = scopes(&place, &c.scopes)?;
    if let Some(scope) = scopes.iter().find(|s| !pack.contains(s)) {
        return bad(format!("{place} judges scope `{}`, which the pack does not ask for", scope.word()));
    }
    let lines = c.lines.as_ref().map(|l| {
        let bases = l.bases.iter().map(|word| basis(&place, word)).collect::<Checked<Vec<_>>>()?;
        if bases.is_empty() {
            return bad(format!("{place} has lines that nothing earns: name their bases"));
        }
        if !l.positive && !l.negative {
            return bad(format!("lines of {place} may be neither above nor below zero"));
        }
        if c.family == Family::Condition {
            return bad(format!("{place} is a condition, and a condition has no lines"));
        }
        if bases.contains(&BasisWord::WageMonth) && !c.sensitive {
            return bad(format!("lines of {place} are earned by wage months, so the clause must be `sensitive`"));
        }
        if c.family == Family::Claim && bases.contains(&BasisWord::WageMonth) {
            return bad(format!("{place} is claimed from parties, and a wage month earns nothing of theirs"));
        }
        if c.family == Family::Withholding && bases != [BasisWord::WageMonth] {
            return bad(format!("{place} withholds wages, so its lines must have the one basis `wage-month`"));
        }
        Ok(Lines { bases, positive: l.positive, negative: l.negative })
    });
    Ok(ClauseShape { scopes, sensitive: c.sensitive, claims: c.family == Family::Claim, lines: lines.transpose()? })
}

fn basis(place: &str, word: &str) -> Checked<BasisWord> {
    match word {
        "entry" => Ok(BasisWord::Entry),
        "wage-month" => Ok(BasisWord::WageMonth),
        "close" => Ok(BasisWord::Close),
        "milestone" => Ok(BasisWord::Milestone),
        other => bad(format!("{place} has basis `{}`; it is `entry`, `wage-month`, `close` or `milestone`", shown(other))),
    }
}

/// Which agreements a pack wants: each kind once, each term of it once.
fn agreements(d: &RulesDescription, wanted: bool) -> Checked<()> {
    if wanted == d.agreements.is_empty() {
        return bad("scope `agreement` and a list of `agreements` go together".to_owned());
    }
    if d.agreements.len() > ENTRIES_MAX || d.agreements.iter().any(|a| a.terms.len() > ENTRIES_MAX) {
        return bad(format!("more than {ENTRIES_MAX} kinds of agreements, or terms of one"));
    }
    unique("agreement", d.agreements.iter().map(|a| a.kind.as_str()))?;
    d.agreements.iter().try_for_each(|a| unique(&format!("term of `{}`", a.kind), a.terms.iter().map(|t| t.name.as_str())))
}

fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Checked<T> {
    if json.len() > JSON_MAX {
        return bad(format!("{} bytes, at most {JSON_MAX} are taken", json.len()));
    }
    serde_json::from_str(json).or_else(|e| bad(e.to_string()))
}

fn head(id: &str, version: &str, contract: &str, title: &Text) -> Checked<()> {
    let word = id.len() <= WORD_MAX
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !word {
        return bad(format!("id `{}` is not made of small letters, digits and `-`", shown(id)));
    }
    let number = version.starts_with(|c: char| c.is_ascii_digit())
        && version.len() <= WORD_MAX
        && version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+".contains(&b));
    if !number {
        return bad(format!("version `{}` is not one such as 1.0.0", shown(version)));
    }
    if contract != CONTRACT {
        return Err(What::Incompatible(format!(
            "it speaks contract `{}`, and this host speaks `{CONTRACT}`; build it with the SDK of this version",
            shown(contract)
        )));
    }
    text("the plugin", title)
}

fn text(place: &str, text: &Text) -> Checked<()> {
    if text.en.trim().is_empty() || text.zh.trim().is_empty() {
        return bad(format!("{place} lacks a title in English or Chinese"));
    }
    Ok(())
}

fn count(of: &str, n: usize) -> Checked<()> {
    if n == 0 || n > ENTRIES_MAX { bad(format!("{n} {of}, from 1 to {ENTRIES_MAX} are taken")) } else { Ok(()) }
}

fn unique<'a>(of: &str, words: impl Iterator<Item = &'a str>) -> Checked<()> {
    let mut seen = HashSet::new();
    for word in words {
        let plain = !word.is_empty() && word.len() <= WORD_MAX && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !plain {
            return bad(format!("{of} `{}` is not made of letters, digits, `.`, `_` and `-`", shown(word)));
        }
        if !seen.insert(word) {
            return bad(format!("{of} `{word}` stands twice"));
        }
    }
    Ok(())
}

fn object(name: &str, value: &Value) -> Checked<()> {
    if value.is_object() { Ok(()) } else { bad(format!("`{name}` is not a JSON object")) }
}

fn scopes(place: &str, words: &[String]) -> Checked<Vec<Scope>> {
    if words.is_empty() {
        return bad(format!("{place}: no scope"));
    }
    let scope = |w: &String| Scope::from_word(w).map_or_else(|| bad(format!("{place}: unknown scope `{}`", shown(w))), Ok);
    words.iter().map(scope).collect()
}

/// How many arguments a message takes: both languages must use all of `{0}` to `{n-1}`.
fn arguments(code: &str, en: &str, zh: &str) -> Checked<usize> {
    let (in_en, in_zh) = (placeholders(en), placeholders(zh));
    let n = in_en.len();
    if en.trim().is_empty() || zh.trim().is_empty() || in_en != in_zh || !in_en.iter().copied().eq(0..n) {
        return bad(format!("message `{code}` must use the same arguments, {{0}} and up without a gap, in English and Chinese"));
    }
    Ok(n)
}

fn placeholders(text: &str) -> BTreeSet<usize> {
    let inner = text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(inner, _)| inner));
    inner.filter_map(|inner| inner.parse().ok()).collect()
}

/// A guest's text in a message: not the whole of it.
fn shown(text: &str) -> &str {
    text.get(..text.floor_char_boundary(WORD_MAX)).unwrap_or_default()
}

fn bad<T>(why: String) -> Checked<T> {
    Err(What::BadOutput(format!("`describe`: {why}")))
}
