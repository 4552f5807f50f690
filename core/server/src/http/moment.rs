//! As of which day, and as known at which position of the log: every read says both, and answers with both.

use chrono::{NaiveDate, Utc};
use recoup_engine::access::disclose;
use recoup_engine::evaluate::business_date;
use recoup_engine::trace::Language;
use recoup_model::access::Sight;
use recoup_model::record::Ledger;
use recoup_model::{Currency, Digest};
use recoup_store::{EVERYTHING, Head, Store, View};
use utoipa::openapi::path::Parameter;

use super::access::{Pass, unknown_ledger};
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
    /// Whether names of natural persons may be seen.
    pub personal: bool,
    /// Language of sentences.
    pub language: Language,
    /// What policy packs say of themselves.
    pub packs: &'a Packs,
}

/// What a request is about, besides the moment.
#[derive(Clone)]
pub(crate) struct Subject {
    /// Code of the ledger; the installation when absent.
    pub ledger: Option<String>,
    /// Path and query, as they were asked.
    pub asked: String,
    /// Who asks, and what is in sight.
    pub pass: Pass,
    /// Language of sentences.
    pub language: Language,
    /// What policy packs say of themselves.
    pub packs: std::sync::Arc<Packs>,
    /// Entity tags that the client has.
    pub if_none_match: Option<String>,
}

/// The installation as what reads of its log and of a ledger's have in common. Its days are those of UTC.
fn installation() -> Ledger {
    Ledger { id: Ledger::installation(), code: "installation".to_owned(), name: String::new(), currency: Currency::NONE, time_zone: "UTC".to_owned() }
}

/// An answer, unless the client has it.
pub(crate) enum Answer<T> {
    /// The client has it.
    NotModified(String),
    /// It has not: the tag, the moment and the answer.
    Fresh(String, Moment, T),
}

impl Subject {
    /// What files of the answer are named after.
    pub(crate) fn books(&self) -> &str {
        self.ledger.as_deref().unwrap_or("installation")
    }

    /// The ledger that is asked about.
    pub(crate) fn ledger(&self, store: &mut Store) -> Result<Ledger, Problem> {
        let Some(code) = &self.ledger else { return Ok(installation()) };
        store.ledger(code)?.ok_or_else(|| unknown_ledger(code))
    }

    /// What is in sight. Each reading of what is sensitive is recorded before it is made.
    fn sight(&self, store: &mut Store, ledger: &Ledger) -> Result<Sight, Problem> {
        let Pass { caller, sight, sensitive, purpose, .. } = &self.pass;
        if !sensitive {
            return Ok(sight.clone());
        }
        let what = self.asked.split(['?', ' ']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        Ok(disclose(store, caller, ledger.id, what, purpose.as_deref(), Utc::now())?)
    }

    fn look<'a, 'v>(&'a self, view: &'a mut View<'v>, ledger: &'a Ledger, moment: Moment) -> Read<'a, 'v> {
        Read { view, ledger, moment, personal: self.pass.personal, language: self.language, packs: &self.packs }
    }

    /// Reads what follows a first answer, of the same state.
    pub(crate) fn again<T>(&self, store: &mut Store, moment: Moment, answer: impl FnOnce(&mut Read<'_, '_>) -> Result<T, Problem>) -> Result<T, Problem> {
        let ledger = self.ledger(store)?;
        store.read_in_sight(ledger.id, &self.pass.sight, moment.known_at, |view| answer(&mut self.look(view, &ledger, moment)))
    }

    /// Reads one state of the ledger.
    pub(crate) fn read<T>(&self, store: &mut Store, asked: Asked, answer: impl FnOnce(&mut Read<'_, '_>) -> Result<T, Problem>) -> Result<Answer<T>, Problem> {
        let ledger = self.ledger(store)?;
        let sight = self.sight(store, &ledger)?;
        store.read_in_sight(ledger.id, &sight, asked.known_at.unwrap_or(EVERYTHING), |view| {
            let moment = asked.resolve(&ledger, view.head())?;
            let tag = self.tag(moment, &sight);
            if self.if_none_match.as_deref().is_some_and(|tags| has(tags, &tag)) {
                return Ok(Answer::NotModified(tag));
            }
            let value = answer(&mut self.look(view, &ledger, moment))?;
            Ok(Answer::Fresh(tag, moment, value))
        })
    }

    /// The entity tag: a ledger's past does not change, so the question and the moment say what the answer is. It is weak,
    /// because an answer may be compressed.
    fn tag(&self, moment: Moment, sight: &Sight) -> String {
        let Self { asked, pass: Pass { personal, .. }, language, packs, .. } = self;
        let what = format!("{} {} {asked} {sight:?} {personal} {language:?} {moment:?}", env!("CARGO_PKG_VERSION"), packs.fingerprint());
        let hex: String = Digest::of(what.as_bytes()).to_string().chars().take(32).collect();
        format!("W/\"{hex}\"")
    }
}

/// Whether a list of entity tags has one; weakly compared.
fn has(tags: &str, tag: &str) -> bool {
    let bare = |t: &str| t.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || tags.split(',').any(|t| bare(t) == bare(tag))
}
