//! Cases that could not be judged: set aside, each with its reason, until what it says is mended.

use std::collections::HashMap;

use chrono::NaiveDate;
use recoup_engine::trace;
use recoup_model::access::Permission;
use recoup_model::case::Scope;
use recoup_model::due::{CaseJudged, Fault};
use recoup_model::id::{AgreementId, ContractId, LetterId};
use recoup_store::{CaseFilter, Page, Sort};
use uuid::Uuid;

use super::findings::names;
use crate::http::export::cell::row;
use crate::http::list::{List, Rows, and_one};
use crate::http::moment::{Moment, Read};
use crate::http::problem::Problem;
use crate::http::query::filter;

row! {
    /// A case that is set aside: what stands for it keeps standing, and its period does not close.
    SetAsideRow {
        /// Policy pack.
        pack: String,
        /// letter, contract or agreement.
        scope: &'static str,
        /// Which letter, contract or agreement.
        subject: Uuid,
        /// Number of the letter, contract or agreement.
        subject_code: Option<String>,
        /// The day as of which it was set aside for this reason.
        since: NaiveDate,
        /// Message code of the pack; `agreement.…` where a term is missing; `plugin.…` where the pack itself failed.
        code: String,
        /// The reason as a sentence; as it was recorded when the pack has no words for it.
        reason: String,
        /// Position that recorded it.
        position: i64,
    }
}

filter! {
    /// Which cases.
    SetAsideFilter {
        /// Only those of this policy pack.
        pack: String,
        /// Only the one of this letter, contract or agreement.
        subject: Uuid,
        /// Only those with this code.
        code: String,
    }
}

/// The list of cases that are set aside.
pub(crate) struct SetAside;

impl List for SetAside {
    type Row = SetAsideRow;
    type Filter = SetAsideFilter;
    const PATH: &'static str = "/cases/set-aside";
    const NEEDS: Permission = Permission::Read;
    const SUMMARY: &'static str = "Cases that are set aside: what could not be judged, and why. It counts as what it was before, never as zero.";
    const AS_OF: &'static str = "Cases that the last evaluation as of this day or earlier left set aside; today in the ledger's time zone when absent.";
    const SORTS: &'static [(&'static str, Sort)] = &[("recorded", Sort::RECORDED)];

    fn page(read: &mut Read<'_, '_>, filter: &SetAsideFilter, page: &Page) -> Result<Rows<SetAsideRow>, Problem> {
        let Moment { as_of, known_at } = read.moment;
        let which = CaseFilter { pack: filter.pack.as_deref(), subject: filter.subject, code: filter.code.as_deref() };
        let found = read.view.set_aside_page(which, &and_one(page), as_of, known_at)?;
        let codes = subject_codes(read, found.iter().map(|l| &l.record))?;
        let args = found.iter().filter_map(|l| l.record.fault.as_ref()).flat_map(|f| &f.args);
        let names = names(read, args, std::iter::empty())?;
        let row = |position: i64, CaseJudged { case, as_of: since, fault, .. }: CaseJudged| {
            let Fault { code, args, detail } = fault?;
            let description = read.packs.get(&case.pack).filter(|d| d.messages.iter().any(|m| m.code == code));
            let reason = description.map_or(detail, |d| trace::message(&d, &code, &args, &names, read.language));
            let (scope, subject_code) = (case.scope.word(), codes.get(&case.subject).cloned());
            Some(SetAsideRow { pack: case.pack, scope, subject: case.subject, subject_code, since, code, reason, position })
        };
        Rows::listed(found, page, |l| l.leaf, |l| row(l.position, l.record).ok_or_else(|| Problem::new("server.internal")))
    }
}

/// Numbers of the letters, contracts and agreements of cases.
fn subject_codes<'a>(read: &mut Read<'_, '_>, cases: impl Iterator<Item = &'a CaseJudged> + Clone) -> Result<HashMap<Uuid, String>, Problem> {
    let of = |scope: Scope| cases.clone().filter(move |c| c.case.scope == scope).map(|c| c.case.subject);
    let (letters, contracts): (Vec<_>, Vec<_>) = (of(Scope::Letter).map(LetterId).collect(), of(Scope::Contract).map(ContractId).collect());
    let letters = read.view.letters(Some(&letters), read.moment.known_at)?.into_iter().map(|l| (l.id.0, l.code));
    let agreements: Vec<_> = of(Scope::Agreement).map(AgreementId).collect();
    let agreements = read.view.agreements(Some(&agreements), read.moment.known_at)?.into_iter().map(|a| (a.id.0, a.code));
    let contracts = read.view.contracts(Some(&contracts), read.moment.known_at)?.into_iter().map(|c| (c.id.0, c.code));
    Ok(letters.chain(contracts).chain(agreements).collect())
}
