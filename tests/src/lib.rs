//! recoup-tests
