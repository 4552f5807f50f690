//! What was settled, and what the wage guard needs to know.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Binary, Date as SqlDate, Integer, Nullable, Text};
use recoup_model::Month;
use recoup_model::case::{CaseKey, Scope};
use recoup_model::id::{PayoutId, PersonId};
use recoup_model::party::Personal;
use recoup_model::settlement::{Account, MinimumWage, Purpose, Settlement, WageGuard, Way};

use super::View;
use super::records::month_of;
use super::rows::{by, latest, rows};
use crate::StoreError;
use crate::sql::sql;
use crate::types::{Day, Id};

/// The wage of a month, in minor units of the ledger's currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wage {
    /// Whose.
    pub person: PersonId,
    /// Which month.
    pub month: Month,
    /// Gross.
    pub gross: i64,
    /// Statutory deductions, where any are stated.
    pub deductions: Option<i64>,
    /// Where it is paid, if that is stated.
    pub place: Option<String>,
}

type SettlementTypes = (Text, Text, Binary, Binary, Text, BigInt, Nullable<Integer>, Integer, SqlDate, Text, BigInt, Nullable<Binary>);
type SettlementTuple = (String, String, Id, Id, String, i64, Option<i32>, i32, Day, String, i64, Option<Id>);

fn settlement(row: SettlementTuple) -> Result<Settlement, StoreError> {
    let (pack, scope, subject, person, purpose, part, held_month, month, on, way, amount, payout) = row;
    let purpose = match (purpose.as_str(), held_month) {
        ("bonus", None) => Purpose::Bonus,
        ("expenses", None) => Purpose::Expenses,
        ("fine", None) => Purpose::Fine(u32::try_from(part).map_err(|_| StoreError::corrupt("a fine's part out of range"))?),
        ("withholding", Some(month)) => Purpose::Withholding(month_of(month)?),
        _ => return Err(StoreError::corrupt(format!("a settlement of `{purpose}`"))),
    };
    let way = [Way::Paid, Way::SetOff, Way::Taken].into_iter().find(|w| w.word() == way);
    let way = way.ok_or_else(|| StoreError::corrupt("a settlement in no known way"))?;
    let scope = Scope::from_word(&scope).ok_or_else(|| StoreError::corrupt(format!("`{scope}` is no scope")))?;
    let account = Account { person: PersonId(person.0), case: CaseKey { pack, scope, subject: subject.0 }, purpose };
    Ok(Settlement { account, month: month_of(month)?, on: on.date(), way, amount, payout: payout.map(|p| PayoutId(p.0)) })
}

impl View<'_> {
    /// Everything that was settled with the wages of months up to one, in the order of recording.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn settlements(&mut self, until: Month, known_at: i64) -> Result<Vec<Settlement>, StoreError> {
        const ALL: &str = "SELECT t.pack, t.scope, t.subject, t.person, t.purpose, t.part, t.held_month, t.month, t.effective, t.way, t.amount, t.payout \
            FROM settlement t WHERE t.ledger = ? AND t.leaf < ? AND t.month <= ? ORDER BY t.leaf";
        let all = self.up_to::<SettlementTypes>(ALL, known_at)?.bind(until.number());
        self.db.load(all)?.into_iter().map(settlement).collect()
    }

    /// The last month with whose wages something was settled.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn last_settled(&mut self) -> Result<Option<Month>, StoreError> {
        let last = sql::<Integer>("SELECT month FROM settlement WHERE ledger = ? ORDER BY month DESC LIMIT 1").bind(self.ledger);
        self.db.first(last)?.map(month_of).transpose()
    }

    /// Local minimum wages, the last word on each place and day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn minimum_wages(&mut self, known_at: i64) -> Result<Vec<MinimumWage>, StoreError> {
        self.latest(latest!("minimum_wage", "place", "effective"), None, known_at)
    }

    /// How the wage guard was set, the last word on each day.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn wage_guards(&mut self, known_at: i64) -> Result<Vec<WageGuard>, StoreError> {
        self.latest(latest!("wage_guard", "effective"), None, known_at)
    }

    /// Known wages, by person and month; one that was erased is not known.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn wages(&mut self, persons: Option<&[PersonId]>, known_at: i64) -> Result<Vec<Wage>, StoreError> {
        let latest = rows!("SELECT t.leaf, t.person, t.month", "wage_month", "person", "month");
        let rows: Vec<(i64, Id, i32)> = self.rows::<(BigInt, Binary, Integer), _>(&latest, by!("person", persons), known_at, |all| all)?;
        let leaves: Vec<i64> = rows.iter().map(|(leaf, ..)| *leaf).collect();
        let mut parts: HashMap<i64, Option<Personal>> = self.whole_records(&leaves, None)?.into_iter().map(|(leaf, _, part)| (leaf, part)).collect();
        let mut wages = Vec::with_capacity(rows.len());
        for (leaf, person, month) in rows {
            if let Some(Some(Personal { gross: Some(gross), deductions, place, .. })) = parts.remove(&leaf) {
                wages.push(Wage { person: PersonId(person.0), month: month_of(month)?, gross, deductions, place });
            }
        }
        wages.sort_unstable();
        Ok(wages)
    }
}
