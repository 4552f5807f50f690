//! Events as CloudEvents 1.0. They hold ids, positions, days and counts: whoever wants more asks for it with a token.

use recoup_model::record::Record;
use recoup_store::Happening;
use serde_json::{Value, json};

/// Content type of an event in structured mode.
pub(crate) const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// An event on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// The same whenever it is sent again.
    pub id: String,
    /// What is sent.
    pub body: String,
}

impl Event {
    /// The event that a happening of a ledger is.
    pub(crate) fn of(ledger: &str, happening: &Happening) -> Option<Self> {
        let Happening { leaf, position, recorded_at, record } = happening;
        let (kind, subject, said) = said(record)?;
        let id = format!("{ledger}-{leaf}");
        let mut data = json!({ "ledger": ledger, "position": position, "leaf": leaf });
        if let (Some(data), Value::Object(said)) = (data.as_object_mut(), said) {
            data.extend(said);
        }
        let body = json!({
            "specversion": "1.0",
            "id": id,
            "source": format!("/api/v1/ledgers/{ledger}"),
            "type": kind,
            "subject": subject,
            "time": recorded_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            "datacontenttype": "application/json",
            "data": data,
        });
        Some(Self { id, body: body.to_string() })
    }
}

/// Type, subject and data of what happened.
fn said(record: &Record) -> Option<(&'static str, String, Value)> {
    Some(match record {
        Record::Batch(b) => {
            let kind = if b.counts.refused > 0 { "recoup.import.quarantined.v1" } else { "recoup.import.finished.v1" };
            (kind, b.id.to_string(), json!({ "import": b.id, "added": b.counts.added, "corrected": b.counts.corrected, "refused": b.counts.refused }))
        }
        Record::Evaluated(e) => {
            ("recoup.evaluation.posted.v1", e.pack.clone(), json!({ "pack": e.pack, "as_of": e.as_of, "cases": e.cases, "set_aside": e.faults }))
        }
        Record::CaseJudged(c) => {
            let subject = c.case.subject.to_string();
            ("recoup.case.set-aside.v1", subject, json!({ "pack": c.case.pack, "scope": c.case.scope.word(), "subject": c.case.subject, "as_of": c.as_of }))
        }
        Record::PeriodClosed(p) => ("recoup.period.closed.v1", p.month.to_string(), json!({ "period": p.month.to_string(), "close": p.close.word() })),
        _ => return None,
    })
}
