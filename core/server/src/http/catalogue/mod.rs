//! The catalogue of problems: every code that a request can be answered with, with its status, what it means and what to do.
//!
//! Codes are stable: clients decide by them. The codes of the crates' errors are all here, and a test looks for them.

mod access;
mod engine;
mod facts;
mod plugin;
mod request;
mod store;

use recoup_engine::trace::Language;

/// A kind of problem.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Stable code.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// In English.
    pub en: Text,
    /// In Chinese.
    pub zh: Text,
}

/// A kind of problem in a language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    /// What it is.
    pub title: &'static str,
    /// What to do about it.
    pub mend: &'static str,
}

/// Every kind of problem.
pub(crate) const CATALOGUE: [&[Entry]; 6] = [request::ENTRIES, access::ENTRIES, store::ENTRIES, engine::ENTRIES, facts::ENTRIES, plugin::ENTRIES];

/// What a code that is not in the catalogue is answered as; a test sees to it that there is none.
static UNKNOWN: Entry = entry("server.internal", 500, "The server failed", "Tell the operator the request id.", "服务器内部错误", "请将请求编号告知运维人员。");

/// The entry of a code.
pub(crate) fn entry_of(code: &str) -> &'static Entry {
    CATALOGUE.into_iter().flatten().find(|e| e.code == code).unwrap_or(&UNKNOWN)
}

impl Entry {
    /// Its text in a language.
    pub(crate) const fn text(&self, language: Language) -> Text {
        match language {
            Language::En => self.en,
            Language::Zh => self.zh,
        }
    }
}

const fn entry(code: &'static str, status: u16, title: &'static str, mend: &'static str, title_zh: &'static str, mend_zh: &'static str) -> Entry {
    Entry { code, status, en: Text { title, mend }, zh: Text { title: title_zh, mend: mend_zh } }
}
