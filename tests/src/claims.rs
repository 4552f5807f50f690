//! Files of claims of any size, for the profile `receivables-simple`.

use std::fmt::Write as _;

/// The profile.
pub const PROFILE: &str = "receivables-simple";

const HEADER: &str = "customer code,customer name,document no,document date,due date,amount,currency\n";

/// Rows of file `n`: row `i` claims 100.00 and i fen.
pub fn file(n: usize, rows: usize) -> String {
    let mut csv = String::from(HEADER);
    for i in 0..rows {
        let fen = 10_000 + i;
        writeln!(csv, "C{0:04},Customer {0},F{n}-{i:06},2024-01-{1:02},2024-03-31,{2}.{3:02},CNY", i % 500, i % 28 + 1, fen / 100, fen % 100)
            .expect("a text takes a line");
    }
    csv
}

/// 100.00 a row, and 0 + 1 + … + (rows − 1) fen.
pub fn sum(rows: usize) -> i64 {
    i64::try_from(rows * 10_000 + rows * rows.saturating_sub(1) / 2).expect("it fits")
}

/// A row of a document with an amount, which may be none.
pub fn row(document: &str, amount: &str) -> String {
    format!("C1,Alpha,{document},2024-01-10,2024-02-10,{amount},CNY\n")
}

/// A file of rows.
pub fn rows(rows: &[String]) -> String {
    format!("{HEADER}{}", rows.concat())
}
