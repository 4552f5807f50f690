//! Where the next page begins, and of which list it is a page. Opaque to clients.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use recoup_model::Digest;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::problem::Problem;

/// The contents of a cursor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor<P> {
    /// Short digest of the list: ledger, path, filters and sort.
    list: String,
    /// What the page stands after.
    place: P,
}

/// The cursor of a place in a list, as clients see it.
pub(crate) fn text<P: Serialize>(list: &str, place: P) -> String {
    let cursor = Cursor { list: Digest::of(list.as_bytes()).short(), place };
    // A struct of texts and numbers always has JSON.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// The place of a cursor of a list.
pub(crate) fn read<P: DeserializeOwned>(text: &str, list: &str) -> Result<P, Problem> {
    let wrong = || Problem::new("request.cursor");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let cursor: Cursor<P> = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    if cursor.list != Digest::of(list.as_bytes()).short() {
        return Err(wrong().detail("the cursor belongs to another list, filter or sort"));
    }
    Ok(cursor.place)
}
