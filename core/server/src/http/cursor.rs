//! Where the next page begins, and of which state it is a page. Opaque to clients.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use recoup_model::Digest;
use serde::{Deserialize, Serialize};

use super::moment::Moment;
use super::problem::Problem;

/// The contents of a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cursor {
    /// Short digest of the list: ledger, path, filters and sort.
    list: String,
    /// The moment of the first page.
    as_of: NaiveDate,
    /// Likewise.
    known_at: i64,
    /// What the page stands after.
    after: u64,
}

impl Cursor {
    pub(crate) fn new(list: &str, moment: Moment, after: u64) -> Self {
        Self { list: Digest::of(list.as_bytes()).short(), as_of: moment.as_of, known_at: moment.known_at, after }
    }

    /// The cursor as clients see it.
    pub(crate) fn text(&self) -> String {
        // A struct of texts and numbers always has JSON.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// The moment of the first page, and what this page stands after.
    pub(crate) fn read(text: &str, list: &str) -> Result<(Moment, u64), Problem> {
        let wrong = || Problem::new("request.cursor");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let cursor: Self = serde_json::from_slice(&bytes).ok().filter(|c: &Self| i64::try_from(c.after).is_ok()).ok_or_else(wrong)?;
        if cursor.list != Digest::of(list.as_bytes()).short() {
            return Err(wrong().detail("the cursor belongs to another list, filter or sort"));
        }
        Ok((Moment { as_of: cursor.as_of, known_at: cursor.known_at }, cursor.after))
    }
}
