//! As of which day, and as known at which position of the log: every read says both, and answers with both.

use chrono::{NaiveDate, Utc};
use recoup_engine::evaluate::business_date;
use recoup_engine::trace::Language;
use recoup_model::Digest;
use recoup_model::record::Ledger;
use recoup_store::{Head, Store, View};
use utoipa::openapi::path::Parameter;

use super::access::Caller;
use super::packs::Packs;
use super::problem::Problem;
use super::query::{Param, Params, parameter, words};

/// The moment that a request asks about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    /// As of the end of this day.
    pub as_of: Option<NaiveDate>,
    /// As known at this position.
    pub known_at: Option<i64>,
}

/// The moment that an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// As of the end of this day.
    pub as_of: NaiveDate,
    /// As known at this position.
    pub known_at: i64,
}

words! {
    /// Language of sentences.
    Tongue {
        /// English.
        En = "en",
        /// Chinese.
        Zh = "zh",
    } "write en or zh"
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::En => Self::En,
            Tongue::Zh => Self::Zh,
        }
    }
}

impl Asked {
    pub(crate) fn read(params: &mut Params) -> Result<Self, Problem> {
        Ok(Self { as_of: params.take("as_of")?, known_at: params.take("known_at")? })
    }

    /// What OpenAPI says of the two, given what the day means for a resource.
    pub(crate) fn describe(as_of: &str) -> Vec<Parameter> {
        let known_at = "As known at this position of the ledger's log; everything that is known when absent.";
        vec![parameter("as_of", as_of, NaiveDate::schema()), parameter("known_at", known_at, i64::schema())]
    }

    /// The moment itself: today where the ledger's entity keeps its books, and the head of its log, unless said otherwise.
    pub(crate) fn resolve(self, ledger: &Ledger, head: Head) -> Result<Moment, Problem> {
        let as_of = self.as_of.unwrap_or_else(|| business_date(ledger, Utc::now()));
        let known_at = self.known_at.unwrap_or(head.position);
        if (1..=head.position).contains(&known_at) {
            Ok(Moment { as_of, known_at })
        } else {
            Err(Problem::new("request.known_at")
                .detail(format!("`known_at` = {known_at}, and the log of {} has the positions 1 to {}", ledger.code, head.position)))
        }
    }
}

/// One read: a state of a ledger, the moment that is asked about, and who asks.
pub(crate) struct Read<'a, 'v> {
    /// The state.
    pub view: &'a mut View<'v>,
    /// The ledger.
    pub ledger: &'a Ledger,
    /// The moment.
    pub moment: Moment,
    /// Who asks.
    pub caller: &'a Caller,
    /// Language of sentences.
    pub language: Language,
    /// What policy packs say of themselves.
    pub packs: &'a Packs,
}

/// What a request is about, besides the moment.
#[derive(Clone)]
pub(crate) struct Subject {
    /// Code of the ledger.
    pub ledger: String,
    /// Path and query, as they were asked.
    pub asked: String,
    /// Who asks.
    pub caller: Caller,
    /// Language of sentences.
    pub language: Language,
    /// What policy packs say of themselves.
    pub packs: std::sync::Arc<Packs>,
    /// Entity tags that the client has.
    pub if_none_match: Option<String>,
}

/// An answer, unless the client has it.
pub(crate) enum Answer<T> {
    /// The client has it.
    NotModified(String),
    /// It has not: the tag, the moment and the answer.
    Fresh(String, Moment, T),
}

impl Subject {
    fn ledger(&self, store: &mut Store) -> Result<Ledger, Problem> {
        let known = store.ledger(&self.ledger)?.filter(|l| self.caller.sees(&l.code));
        known.ok_or_else(|| Problem::new("store.unknown_ledger").detail(format!("there is no ledger `{}`", self.ledger)))
    }

    fn look<'a, 'v>(&'a self, view: &'a mut View<'v>, ledger: &'a Ledger, moment: Moment) -> Read<'a, 'v> {
        Read { view, ledger, moment, caller: &self.caller, language: self.language, packs: &self.packs }
    }

    /// Reads what follows a first answer, of the same state.
    pub(crate) fn again<T>(&self, store: &mut Store, moment: Moment, answer: impl FnOnce(&mut Read<'_, '_>) -> Result<T, Problem>) -> Result<T, Problem> {
        let ledger = self.ledger(store)?;
        store.read(ledger.id, |view| answer(&mut self.look(view, &ledger, moment)))
    }

    /// Reads one state of the ledger.
    pub(crate) fn read<T>(&self, store: &mut Store, asked: Asked, answer: impl FnOnce(&mut Read<'_, '_>) -> Result<T, Problem>) -> Result<Answer<T>, Problem> {
        let ledger = self.ledger(store)?;
        store.read(ledger.id, |view| {
            let moment = asked.resolve(&ledger, view.head())?;
            let tag = self.tag(moment);
            if self.if_none_match.as_deref().is_some_and(|tags| has(tags, &tag)) {
                return Ok(Answer::NotModified(tag));
            }
            let value = answer(&mut self.look(view, &ledger, moment))?;
            Ok(Answer::Fresh(tag, moment, value))
        })
    }

    /// The entity tag: a ledger's past does not change, so the question and the moment say what the answer is. It is weak,
    /// because an answer may be compressed.
    fn tag(&self, moment: Moment) -> String {
        let Self { ledger, asked, caller, language, packs, .. } = self;
        let what = format!("{} {} {ledger} {asked} {caller:?} {language:?} {moment:?}", env!("CARGO_PKG_VERSION"), packs.fingerprint());
        let hex: String = Digest::of(what.as_bytes()).to_string().chars().take(32).collect();
        format!("W/\"{hex}\"")
    }
}

/// Whether a list of entity tags has one; weakly compared.
fn has(tags: &str, tag: &str) -> bool {
    let bare = |t: &str| t.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || tags.split(',').any(|t| bare(t) == bare(tag))
}
