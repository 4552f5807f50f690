//! Sources: where exports come from, and how they are imported.

use actix_web::http::StatusCode;
use recoup_engine::source::{self, Terms};
use recoup_model::access::Permission;
use recoup_model::import::{BadRecords, Coverage, ImportSource};
use recoup_store::{Page, Sort, Store};
use serde::Deserialize;
use utoipa::ToSchema;

use super::names::word;
use super::parties::NO_DAY;
use crate::http::export::cell::row;
use crate::http::list::{List, Rows};
use crate::http::moment::Read;
use crate::http::one::One;
use crate::http::problem::Problem;
use crate::http::query::All;
use crate::http::write::{Act, Answered, Nothing, Verb, Write, written};

row! {
    /// Where exports come from (来源), and how they are imported.
    SourceRow {
        /// Its name, which paths name it by.
        name: String,
        /// The source system that its keys belong to.
        system: String,
        /// Profile: which adapter reads its files, and how.
        profile: String,
        /// The adapter that the profile names.
        adapter: String,
        /// quarantine or all-or-nothing.
        bad_records: String,
        /// snapshot or delta.
        coverage: String,
        /// Whether nothing more is imported from it.
        retired: bool,
        /// Position of its last version, which is also its entity tag.
        version: i64,
    }
}

fn row((version, s): (i64, ImportSource)) -> SourceRow {
    let (bad_records, coverage) = (word(&s.bad_records), word(&s.coverage));
    SourceRow { name: s.name, system: s.system, profile: s.profile, adapter: s.adapter, bad_records, coverage, retired: s.retired, version }
}

/// What is done about bad records.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BadRecordsWord {
    /// One bad record refuses the whole file.
    AllOrNothing,
    /// Good records enter, bad ones wait in quarantine.
    Quarantine,
}

/// Whether a file holds everything its source knows.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CoverageWord {
    /// Everything: what is missing is reported.
    Snapshot,
    /// A part: nothing follows from what is missing.
    Delta,
}

/// How files of a source are imported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourceTerms)]
pub(crate) struct TermsBody {
    /// The source system that its keys belong to; the profile's name when absent.
    system: Option<String>,
    /// Name of one of the server's profiles.
    profile: String,
    /// What is done about bad records; quarantine when absent.
    bad_records: Option<BadRecordsWord>,
    /// Whether a file holds everything; delta when absent.
    coverage: Option<CoverageWord>,
}

/// A new source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSource {
    /// A short name: letters, digits, dots, hyphens, underscores.
    name: String,
    /// The source system that its keys belong to; the profile's name when absent.
    system: Option<String>,
    /// Name of one of the server's profiles.
    profile: String,
    /// What is done about bad records; quarantine when absent.
    bad_records: Option<BadRecordsWord>,
    /// Whether a file holds everything; delta when absent.
    coverage: Option<CoverageWord>,
}

/// The terms, with the adapter that the profile names. A profile's name leads to no other folder.
fn terms(act: &Act<'_>, body: &TermsBody) -> Result<Terms, Problem> {
    let wrong = |what: String| Problem::new("source.profile").detail(what);
    if !body.profile.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return Err(wrong(format!("`{}` is no name of a profile", body.profile)));
    }
    let profile = act.context.profile(&body.profile).map_err(|e| wrong(e.to_string()))?;
    Ok(Terms {
        system: body.system.clone().unwrap_or(profile.id),
        profile: body.profile.clone(),
        adapter: profile.adapter,
        bad_records: match body.bad_records {
            Some(BadRecordsWord::AllOrNothing) => BadRecords::AllOrNothing,
            Some(BadRecordsWord::Quarantine) | None => BadRecords::Quarantine,
        },
        coverage: match body.coverage {
            Some(CoverageWord::Snapshot) => Coverage::Snapshot,
            Some(CoverageWord::Delta) | None => Coverage::Delta,
        },
    })
}

fn answered(read: &mut Read<'_, '_>, name: &str) -> Result<Answered<SourceRow>, Problem> {
    let found = source::find(read.view, name, read.moment.known_at)?;
    let location = Some(format!("/api/v1/ledgers/{}/sources/{name}", read.ledger.code));
    Ok(Answered { version: Some(found.0), body: row(found), location })
}

/// The list of sources.
pub(crate) struct Sources;

impl List for Sources {
    type Row = SourceRow;
    type Filter = All;
    const PATH: &'static str = "/sources";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Sources (来源): where exports come from, and how they are imported.";
    const AS_OF: &'static str = NO_DAY;
    const SORTS: &'static [(&'static str, Sort)] = &[];

    fn page(read: &mut Read<'_, '_>, _: &All, page: &Page) -> Result<Rows<SourceRow>, Problem> {
        let sources = read.view.sources(read.moment.known_at)?;
        Ok(Rows::of(sources.into_iter().map(row), page))
    }
}

/// One source.
pub(crate) struct OneSource;

impl One for OneSource {
    type Key = String;
    type Body = SourceRow;
    const PATH: &'static str = "/sources/{key}";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "One source. Its `ETag` is what a change of it names.";
    const AS_OF: &'static str = NO_DAY;

    fn find(read: &mut Read<'_, '_>, key: String) -> Result<Option<SourceRow>, Problem> {
        let found = read.view.sources(read.moment.known_at)?.into_iter().find(|(_, s)| s.name == key);
        Ok(found.map(row))
    }

    fn version(body: &SourceRow) -> Option<i64> {
        Some(body.version)
    }
}

/// Creates a source.
pub(crate) struct Create;

impl Write for Create {
    type Body = NewSource;
    type Answer = SourceRow;
    const VERB: Verb = Verb::Post;
    const PATH: &'static str = "/sources";
    const NEEDS: Permission = Permission::Import;
    const SUMMARY: &'static str = "Creates a source (来源).";
    const STATUS: StatusCode = StatusCode::CREATED;
    const PROBLEMS: &'static [&'static str] = &["source.name", "source.profile", "source.taken"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &NewSource) -> Result<i64, Problem> {
        let NewSource { name, system, profile, bad_records, coverage } = body;
        let terms = terms(act, &TermsBody { system: system.clone(), profile: profile.clone(), bad_records: *bad_records, coverage: *coverage })?;
        written(source::create(store, act.ledger, name, &terms, act.by)?)
    }

    fn answer(read: &mut Read<'_, '_>, _: &Act<'_>, body: &NewSource) -> Result<Answered<SourceRow>, Problem> {
        answered(read, &body.name)
    }
}

/// Changes a source.
pub(crate) struct Change;

impl Write for Change {
    type Body = TermsBody;
    type Answer = SourceRow;
    const VERB: Verb = Verb::Put;
    const PATH: &'static str = "/sources/{key}";
    const NEEDS: Permission = Permission::Import;
    const SUMMARY: &'static str = "Changes how files of a source are imported. What was imported stays as it is.";
    const STATUS: StatusCode = StatusCode::OK;
    const PROBLEMS: &'static [&'static str] = &["source.changed", "source.name", "source.profile", "source.retired", "source.unknown"];

    fn perform(store: &mut Store, act: &Act<'_>, body: &TermsBody) -> Result<i64, Problem> {
        let terms = terms(act, body)?;
        written(source::change(store, act.ledger, act.key, &terms, &act.versions, act.by)?)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &TermsBody) -> Result<Answered<SourceRow>, Problem> {
        Ok(Answered { location: None, ..answered(read, act.key)? })
    }
}

/// Retires a source.
pub(crate) struct Retire;

impl Write for Retire {
    type Body = Nothing;
    type Answer = SourceRow;
    const VERB: Verb = Verb::Amend;
    const PATH: &'static str = "/sources/{key}/retire";
    const NEEDS: Permission = Permission::Import;
    const SUMMARY: &'static str = "Retires a source: nothing more is imported from it.";
    const STATUS: StatusCode = StatusCode::OK;
    const PROBLEMS: &'static [&'static str] = &["source.unknown", "source.changed"];

    fn perform(store: &mut Store, act: &Act<'_>, _: &Nothing) -> Result<i64, Problem> {
        written(source::retire(store, act.ledger, act.key, &act.versions, act.by)?)
    }

    fn answer(read: &mut Read<'_, '_>, act: &Act<'_>, _: &Nothing) -> Result<Answered<SourceRow>, Problem> {
        Ok(Answered { location: None, ..answered(read, act.key)? })
    }
}
