//! What cannot be used, and how to mend it.

/// A file, or the profile that should read it, cannot be used: for a person to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable code, such as `table.header_missing`.
    pub code: String,
    /// Where: a line, an XPath, or the path of a profile entry.
    pub at: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Problem {
    /// A problem; the message says what is wrong *and* how to mend it.
    pub fn new(code: &str, at: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), at: at.into(), message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}: {}", self.code, self.at, self.message)
    }
}

impl std::error::Error for Problem {}
