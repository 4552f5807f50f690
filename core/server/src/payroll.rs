//! Payroll's files: what it gets of a payout run, and what it returns of it.

use std::collections::HashMap;

use recoup_engine::settlement::Run;
use recoup_model::id::{AccountId, PersonId};
use recoup_model::payout::PayoutRow;
use recoup_model::{Currency, Money};

/// The item of the row that adds the others up.
pub(crate) const TOTAL: &str = "total";

/// A row of what payroll gets: an item, or the sum of all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Handed {
    /// The item by which payroll names it; none of the sum.
    pub item: Option<AccountId>,
    /// Staff number.
    pub person: String,
    /// Number of the letter or agreement, or code of the contract.
    pub subject: String,
    /// What for.
    pub purpose: String,
    /// To be paid, gross, in minor units.
    pub paid: i64,
    /// To be taken from the wage; zero or less.
    pub taken: i64,
    /// The two together.
    pub cash: i64,
    /// What is said of taxes.
    pub tax_note: Option<String>,
}

/// What payroll gets of a run: its items, and their sum.
pub(crate) fn handed(run: &Run, codes: &HashMap<PersonId, String>) -> (Vec<Handed>, Handed) {
    let item = |row: &PayoutRow| Handed {
        item: Some(row.item()),
        person: codes.get(&row.account.person).cloned().unwrap_or_default(),
        subject: row.subject.clone(),
        purpose: row.account.purpose.to_string(),
        paid: row.paid,
        taken: row.taken,
        cash: row.cash(),
        tax_note: row.tax_note.clone(),
    };
    let rows = &run.payout().rows;
    let sum = |of: fn(&PayoutRow) -> i64| rows.iter().map(of).sum();
    let total = Handed { paid: sum(|row| row.paid), taken: sum(|row| row.taken), cash: sum(PayoutRow::cash), ..Handed::default() };
    (rows.iter().map(item).collect(), total)
}

/// Reads `item` and `confirmed` of a CSV file with a header row; other columns are payroll's own. What is wrong with one is said
/// with how to mend it.
pub(crate) fn returned(bytes: &[u8], currency: Currency) -> Result<Vec<(AccountId, i64)>, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let column = |name: &str| {
        let missing = || format!("no column `{name}`: the file needs `item` and `confirmed`, as the run names them");
        header.iter().position(|h| h == name).ok_or_else(missing)
    };
    let (item, confirmed) = (column("item")?, column("confirmed")?);
    let mut all = Vec::new();
    let mut total = None;
    for (row, record) in (2_u64..).zip(reader.records()) {
        let record = record.map_err(|e| e.to_string())?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let amount = match cell(confirmed) {
            "" => None,
            said => Some(Money::parse(said, currency).map_err(|e| format!("row {row}: confirmed `{said}`: {e}; write 12000.00 or -2400.00"))?.minor()),
        };
        if cell(item) == TOTAL {
            total = amount.or(total);
            continue;
        }
        let id: AccountId = cell(item).parse().map_err(|_| format!("row {row}: `{}` is no item of a run", cell(item)))?;
        all.push((id, amount.unwrap_or(0)));
    }
    let sum = all.iter().try_fold(0_i64, |sum, (_, amount)| sum.checked_add(*amount));
    if let Some(total) = total.filter(|total| Some(*total) != sum) {
        let sum = sum.map_or_else(|| "beyond 64 bits".to_owned(), |sum| Money::new(sum, currency).to_string());
        let stated = Money::new(total, currency);
        return Err(format!("the total is {stated}, and its items add up to {sum}: have payroll correct the file"));
    }
    Ok(all)
}
