//! As of which day, and as known at which position of the log: every read says both, and answers with both.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Datelike as _, NaiveDate, Utc};
use recoup_engine::EngineError;
use recoup_engine::access::{Reading, disclose, wages_in_sight};
use recoup_engine::evaluate::business_date;
use recoup_engine::known::KnownAt;
use recoup_engine::trace::Language;
use recoup_model::access::Sight;
use recoup_model::record::Ledger;
use recoup_model::{Currency, Digest};
use recoup_store::{EVERYTHING, Recorded, Store, View};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::path::Parameter;

use super::access::{Pass, unknown_ledger};
use super::answers::Answers;
use super::list::not_modified;
use super::packs::Packs;
use super::problem::Problem;
use super::query::{Param, Params, parameter, words};

/// The moment that a request asks about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    /// As of the end of this day.
    pub as_of: Option<NaiveDate>,
    /// As known then.
    pub known_at: Option<KnownAt>,
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
    /// Names of the two parameters.
    pub(crate) const NAMES: [&'static str; 2] = ["as_of", "known_at"];

    /// Reads the two.
    pub(crate) fn read(params: &mut Params) -> Result<Self, Problem> {
        Ok(Self { as_of: params.take("as_of")?, known_at: params.take("known_at")? })
    }

    /// What OpenAPI says of them, given what the day means for a resource.
    pub(crate) fn describe(as_of: &str) -> [Parameter; 2] {
        let known_at = "As known at this position of the ledger's log, or by the end of this day where its books are kept, or at this \
            moment; everything that is known when absent.";
        [parameter("as_of", as_of, NaiveDate::schema()), parameter("known_at", known_at, KnownAt::schema())]
    }

    /// The moment itself: today where the ledger's entity keeps its books, and the head of its log, unless said otherwise.
    pub(crate) fn resolve(self, view: &mut View<'_>, ledger: &Ledger) -> Result<Moment, Problem> {
        let as_of = self.as_of.unwrap_or_else(|| business_date(ledger, Utc::now()));
        let known_at = match self.known_at {
            Some(asked) => asked.position(view, ledger)?,
            None => view.head().position,
        };
        Ok(Moment { as_of, known_at })
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
    /// Whether what is quoted of files may be seen.
    pub quotes: bool,
    /// Whether what tells wages may be seen.
    pub sensitive: bool,
    /// Language of sentences.
    pub language: Language,
    /// What policy packs say of themselves.
    pub packs: &'a Packs,
}

impl Read<'_, '_> {
    /// The positions that were recorded from one day to another, where the ledger's entity keeps its books.
    pub(crate) fn recorded(&mut self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<Recorded, Problem> {
        // Before the first day, there is nothing.
        let after = from.and_then(|day| day.pred_opt()).map(|day| self.last_of(day)).transpose()?;
        Ok(Recorded { after, until: to.map(|day| self.last_of(day)).transpose()? })
    }

    /// The last position that was recorded by the end of a day; 0 when there is none.
    fn last_of(&mut self, day: NaiveDate) -> Result<i64, Problem> {
        match KnownAt::Day(day).position(self.view, self.ledger) {
            Err(EngineError::NotKnown(_)) => Ok(0),
            found => Ok(found?),
        }
    }
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
        // PostgreSQL has no text with a NUL in it, so nothing is called by one.
        let found = if code.contains('\0') { None } else { store.ledger(code)? };
        found.ok_or_else(|| unknown_ledger(code))
    }

    /// What is read of wages: the resource, by its path under the ledger.
    fn reading(&self, ledger: &Ledger) -> Reading<'_> {
        let path = self.asked.split(['?', ' ']).next().unwrap_or_default();
        let under = self.ledger.as_deref().and_then(|code| path.split_once(&format!("/ledgers/{code}/")));
        Reading { ledger: ledger.id, what: under.map_or(path, |(_, what)| what), purpose: self.pass.purpose.as_deref() }
    }

    /// What is in sight: of wages, by the rights that the log has now.
    fn sight(&self, store: &mut Store, ledger: &Ledger) -> Result<Sight, Problem> {
        let Pass { caller, sight, sensitive, .. } = &self.pass;
        if *sensitive { Ok(wages_in_sight(store, caller, self.reading(ledger))?) } else { Ok(sight.clone()) }
    }

    /// Records whose wages an answer shows. Only then may it be given.
    fn disclose(&self, store: &mut Store, ledger: &Ledger, seen: &Sight, answer: &impl Serialize) -> Result<(), Problem> {
        if !self.pass.sensitive {
            return Ok(());
        }
        let mut persons = BTreeSet::new();
        staff_numbers(&serde_json::to_value(answer).map_err(|e| Problem::internal(&e))?, &mut persons);
        Ok(disclose(store, &self.pass.caller, self.reading(ledger), seen, persons.into_iter().collect(), Utc::now())?)
    }

    fn look<'a, 'v>(&'a self, view: &'a mut View<'v>, ledger: &'a Ledger, moment: Moment) -> Read<'a, 'v> {
        let Pass { personal, quotes, sensitive, .. } = self.pass;
        Read { view, ledger, moment, personal, quotes, sensitive, language: self.language, packs: &self.packs }
    }

    /// Reads what follows a first answer, of the same state.
    pub(crate) fn again<T: Serialize>(
        &self,
        store: &mut Store,
        moment: Moment,
        answer: impl FnOnce(&mut Read<'_, '_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let ledger = self.ledger(store)?;
        let sight = self.sight(store, &ledger)?;
        let value = store.read_in_sight(ledger.id, &sight, moment.known_at, |view| answer(&mut self.look(view, &ledger, moment)))?;
        self.disclose(store, &ledger, &sight, &value)?;
        Ok(value)
    }

    /// Reads what a write left.
    pub(crate) fn left<T>(&self, store: &mut Store, moment: Moment, answer: impl FnOnce(&mut Read<'_, '_>) -> Result<T, Problem>) -> Result<T, Problem> {
        let ledger = self.ledger(store)?;
        store.read_in_sight(ledger.id, &self.pass.sight, moment.known_at, |view| answer(&mut self.look(view, &ledger, moment)))
    }

    /// Reads one state of the ledger.
    pub(crate) fn read<T: Serialize>(
        &self,
        store: &mut Store,
        asked: Asked,
        answer: impl FnOnce(&mut Read<'_, '_>) -> Result<T, Problem>,
    ) -> Result<Answer<T>, Problem> {
        self.read_if(store, asked, answer, |_| true)
    }

    /// Likewise, what may not be there: `If-None-Match: *` is about what is there.
    pub(crate) fn read_if<T: Serialize>(
        &self,
        store: &mut Store,
        asked: Asked,
        answer: impl FnOnce(&mut Read<'_, '_>) -> Result<T, Problem>,
        is_there: impl FnOnce(&T) -> bool,
    ) -> Result<Answer<T>, Problem> {
        let ledger = self.ledger(store)?;
        let sight = self.sight(store, &ledger)?;
        // What a moment stands for is found once: what is in sight and what is answered are of the same position.
        let asked = match asked.known_at {
            Some(known_at @ (KnownAt::Moment(_) | KnownAt::Day(_))) => Asked { known_at: Some(KnownAt::Position(known_at.found(store, &ledger)?)), ..asked },
            None | Some(KnownAt::Position(_)) => asked,
        };
        let known_at = if let Some(KnownAt::Position(position)) = asked.known_at { position } else { EVERYTHING };
        let answered = store.read_in_sight::<_, Problem>(ledger.id, &sight, known_at, |view| {
            let moment = asked.resolve(view, &ledger)?;
            let tag = self.tag(view, &ledger, moment, &sight)?;
            let tags = self.if_none_match.as_deref().unwrap_or_default();
            // What the client has already was recorded when it was shown.
            if has(tags, &tag) {
                return Ok(Answer::NotModified(tag));
            }
            let value = answer(&mut self.look(view, &ledger, moment))?;
            if tags.trim() == "*" && is_there(&value) {
                return Ok(Answer::NotModified(tag));
            }
            Ok(Answer::Fresh(tag, moment, value))
        });
        let answered = answered?;
        if let Answer::Fresh(_, _, value) = &answered {
            self.disclose(store, &ledger, &sight, value)?;
        }
        Ok(answered)
    }

    /// The tag of an answer about the present, when the log stands at a head: what is kept may be that answer. None where it is not
    /// known without the books: what is sensitive is recorded whenever it is read.
    pub(crate) async fn tag_now(&self, answers: &Answers, asked: Asked) -> Option<String> {
        let code = self.ledger.as_deref().filter(|_| !self.pass.sensitive && asked.known_at.is_none())?;
        let (ledger, head) = answers.head(code).await?;
        let as_of = asked.as_of.unwrap_or_else(|| business_date(&ledger, Utc::now()));
        Some(self.tag_of(&ledger, head.root, Moment { as_of, known_at: head.position }, &self.pass.sight))
    }

    /// Answers with what is kept, if it is that.
    pub(crate) fn kept(&self, answers: &Answers, tag: &str) -> Option<HttpResponse> {
        let known = self.if_none_match.as_deref().unwrap_or_default();
        match known.trim() {
            // This asks whether there is something.
            "*" => None,
            known if has(known, tag) => Some(not_modified(tag)),
            _ => answers.kept(tag),
        }
    }

    /// The entity tag: a ledger's past does not change, so the question, the moment and the log's root at it say what the
    /// answer is; another root is another past, of a database that was restored.
    fn tag(&self, view: &mut View<'_>, ledger: &Ledger, moment: Moment, sight: &Sight) -> Result<String, Problem> {
        let head = view.head();
        let root = match view.commands(moment.known_at - 1, 1, moment.known_at)?.first() {
            Some(command) if moment.known_at < head.position => command.root,
            _ => head.root,
        };
        Ok(self.tag_of(ledger, root, moment, sight))
    }

    /// Each part has a fixed length or says how long it is, so that no two questions are written alike.
    fn tag_of(&self, ledger: &Ledger, root: Digest, moment: Moment, sight: &Sight) -> String {
        let Self { asked, pass: Pass { personal, quotes, .. }, language, packs, .. } = self;
        let mut of = Vec::with_capacity(256 + asked.len());
        for text in [env!("CARGO_PKG_VERSION"), asked] {
            of.extend_from_slice(&text.len().to_le_bytes());
            of.extend_from_slice(text.as_bytes());
        }
        of.extend_from_slice(&packs.fingerprint().0);
        of.extend_from_slice(ledger.id.0.as_bytes());
        of.extend_from_slice(&root.0);
        of.extend([*personal, *quotes, *language == Language::Zh].map(u8::from));
        of.extend_from_slice(&moment.as_of.num_days_from_ce().to_le_bytes());
        of.extend_from_slice(&moment.known_at.to_le_bytes());
        match sight {
            Sight::Everything => of.push(0),
            Sight::Units(units) => {
                of.push(1);
                units.iter().for_each(|unit| of.extend_from_slice(unit.0.as_bytes()));
            }
        }
        weak(&of)
    }
}

/// The entity tag of what is written so: weak, because an answer may be compressed.
pub(crate) fn weak(of: &[u8]) -> String {
    let Digest(digest) = Digest::of(of);
    let (half, _) = digest.split_at(16);
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(half))
}

/// Every staff number in an answer: whatever shows wages names by it whose they are.
fn staff_numbers(answer: &Value, found: &mut BTreeSet<String>) {
    match answer {
        Value::Object(members) => {
            if let Some(Value::String(code)) = members.get(STAFF_NUMBER) {
                found.insert(code.clone());
            }
            members.values().for_each(|value| staff_numbers(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| staff_numbers(item, found)),
        _ => {}
    }
}

/// The member of rows that says whose they are.
const STAFF_NUMBER: &str = "person_code";

/// Whether a list of entity tags has one; weakly compared.
pub(crate) fn has(tags: &str, tag: &str) -> bool {
    let bare = |t: &str| t.trim().trim_start_matches("W/").to_owned();
    tags.split(',').any(|t| bare(t) == bare(tag))
}
