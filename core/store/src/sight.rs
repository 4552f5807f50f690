//! What a restricted reader sees: the one place where units limit reads.
//!
//! A restricted view does not add a condition to each of its statements, for one would be forgotten. It puts a `WITH` in
//! front of every one that gives each table's name to the rows in sight: a statement cannot reach another row, nor can
//! a total contain one. Of a record every version is in sight, or none is: else hiding the last would show the one before.
//!
//! Belonging: a letter or an agreement belongs to the unit that signed it, and its claims with their entries, stages, expected recoveries, milestones, false reports and
//! sanctions to it. A
//! contract's lines and findings add up all its claims, so they belong to whoever sees every one of these. A role belongs
//! to what it is held for; a person with their roles, shares and lines. Receipts, import batches, evaluations, payout runs and the log
//! itself hold or count what several units own, so they belong to no unit; nor does what is recorded of a receipt as such, and an entry in sight does not name its receipt.

use diesel::query_dsl::methods::LoadQuery;
use diesel::{PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::StoreError;
use crate::db::{Backend, Db};
use crate::sql::{Sql, sql};
use crate::types::Id;

/// The condition that the bytes of a leaf `t` name nothing out of a restricted reader's sight.
pub(crate) const NAMES_NOTHING_ELSE: &str = " AND NOT EXISTS (SELECT 1 FROM sight_naming n WHERE n.leaf = t.leaf)";

/// A connection that answers with what is in sight.
pub(crate) struct Sighted<'a> {
    db: &'a mut Db,
    /// What stands in front of every statement; nothing where everything is in sight.
    front: Option<Sql<()>>,
}

impl<'a> Sighted<'a> {
    pub(crate) const fn everything(db: &'a mut Db) -> Self {
        Self { db, front: None }
    }

    /// Restricts what follows to units, by the letters known before a leaf.
    pub(crate) fn restrict(&mut self, ledger: Id, known: i64, units: &[Uuid]) {
        self.front = Some(front(self.db.backend(), ledger, known, units));
    }

    /// Whether something may be out of sight.
    pub(crate) const fn is_restricted(&self) -> bool {
        self.front.is_some()
    }

    /// The connection itself, for what concerns the log as such.
    pub(crate) const fn whole(&mut self) -> &mut Db {
        self.db
    }

    pub(crate) fn load<ST, T>(&mut self, query: Sql<ST>) -> Result<Vec<T>, StoreError>
    where
        Sql<ST>: for<'q> LoadQuery<'q, SqliteConnection, T> + for<'q> LoadQuery<'q, PgConnection, T>,
    {
        match &self.front {
            None => self.db.load(query),
            Some(front) => self.db.load(query.behind(front)),
        }
    }

    pub(crate) fn first<ST, T>(&mut self, query: Sql<ST>) -> Result<Option<T>, StoreError>
    where
        Sql<ST>: for<'q> LoadQuery<'q, SqliteConnection, T> + for<'q> LoadQuery<'q, PgConnection, T>,
    {
        Ok(self.load(query)?.into_iter().next())
    }
}

/// The last version known before a leaf of each record of a table itself (bound: ledger, leaf, leaf).
macro_rules! last_of {
    ($s:literal, $table:literal) => {
        concat!(
            " FROM ",
            $s,
            $table,
            " t WHERE t.ledger = ? AND +t.leaf < ? AND NOT EXISTS (SELECT 1 FROM ",
            $s,
            $table,
            " n WHERE n.ledger = t.ledger AND n.id = t.id AND +n.leaf > t.leaf AND +n.leaf < ?)"
        )
    };
}

/// Which rows `t` of a table are in sight.
macro_rules! in_sight {
    ("letter") => {
        "t.id IN (SELECT id FROM sight_letter)"
    };
    ("letter_receivable") => {
        "t.letter IN (SELECT id FROM sight_letter)"
    };
    ("letter_share") => {
        "t.letter IN (SELECT id FROM sight_letter)"
    };
    ("agreement") => {
        "t.id IN (SELECT id FROM sight_agreement)"
    };
    ("agreement_receivable") => {
        "t.agreement IN (SELECT id FROM sight_agreement)"
    };
    ("agreement_holder") => {
        "t.agreement IN (SELECT id FROM sight_agreement)"
    };
    ("agreement_obligor") => {
        "t.agreement IN (SELECT id FROM sight_agreement)"
    };
    ("milestone") => {
        "(t.subject IN (SELECT id FROM sight_agreement) OR t.subject IN (SELECT id FROM sight_claim))"
    };
    ("false_report") => {
        "(t.subject IN (SELECT id FROM sight_agreement) OR t.subject IN (SELECT id FROM sight_claim))"
    };
    ("sanction") => {
        "(t.subject IN (SELECT id FROM sight_agreement) OR t.subject IN (SELECT id FROM sight_claim))"
    };
    ("receivable") => {
        "t.id IN (SELECT id FROM sight_claim)"
    };
    ("stage_change") => {
        "t.receivable IN (SELECT id FROM sight_claim)"
    };
    ("expected_recovery") => {
        "t.receivable IN (SELECT id FROM sight_claim)"
    };
    ("pause") => {
        "t.receivable IN (SELECT id FROM sight_claim)"
    };
    ("entry") => {
        "t.receivable IN (SELECT id FROM sight_claim)"
    };
    ("party") => {
        "(t.id IN (SELECT party FROM sight_project) OR t.id IN (SELECT id FROM sight_obligor))"
    };
    ("contract") => {
        "t.id IN (SELECT id FROM sight_project)"
    };
    ("contract_closed") => {
        "t.contract IN (SELECT id FROM sight_project)"
    };
    ("role") => {
        "t.id IN (SELECT id FROM sight_role)"
    };
    ("person") => {
        "t.id IN (SELECT id FROM sight_person)"
    };
    ("wage_month") => {
        "t.person IN (SELECT id FROM sight_person)"
    };
    ("unit") => {
        "t.id IN (SELECT id FROM sight_unit)"
    };
    ("line") => {
        "t.subject IN (SELECT id FROM sight_subject)"
    };
    ("finding") => {
        "t.subject IN (SELECT id FROM sight_subject)"
    };
    ("case_judged") => {
        "t.subject IN (SELECT id FROM sight_subject)"
    };
    ("settlement") => {
        "t.subject IN (SELECT id FROM sight_subject)"
    };
    ("posting") => {
        "EXISTS (SELECT 1 FROM line n WHERE n.ledger = t.ledger AND n.leaf = t.leaf)"
    };
    // What holds sums over several units or is asked for and decided for the ledger whole, and the installation's own records,
    // which no ledger has.
    ($none:tt) => {
        "1 = 0"
    };
}

/// Gives a table's name to its rows in sight.
macro_rules! seen {
    ($s:literal, $($table:tt),+) => {
        concat!($(", ", $table, " AS NOT MATERIALIZED (SELECT t.* FROM ", $s, $table, " t WHERE ", in_sight!($table), ")"),+)
    };
}

/// Whether a leaf `l` of a kind has its row in sight. `IS TRUE` has PostgreSQL look the row up in a hash: it would join
/// each leaf with everything in sight.
macro_rules! leaves_of {
    ($s:literal, $($kind:literal: $table:tt),+) => {
        concat!($(
            " WHEN '", $kind, "' THEN EXISTS (SELECT 1 FROM ", $s, $table, " t WHERE t.ledger = l.ledger AND t.leaf = l.leaf AND (",
            in_sight!($table), ") IS TRUE)"
        ),+)
    };
}

/// The whole front. `$s` names the schema where a `WITH` would else mean itself: PostgreSQL sees only what stands before.
macro_rules! front {
    ($s:literal, $ledger:expr, $known:expr, $units:expr) => {
        sql(concat!("WITH sight_letter AS MATERIALIZED (SELECT t.id, t.leaf", last_of!($s, "letter"), " AND t.unit IN ?)"))
            .bind($ledger)
            .bind($known)
            .bind($known)
            .bind($units)
            .push(concat!(", sight_agreement AS MATERIALIZED (SELECT t.id, t.leaf", last_of!($s, "agreement"), " AND t.unit IN ?)"))
            .bind($ledger)
            .bind($known)
            .bind($known)
            .bind($units)
            .push(concat!(
                ", sight_claim AS MATERIALIZED (SELECT r.receivable AS id FROM ",
                $s,
                "letter_receivable r \
                 JOIN sight_letter l ON l.leaf = r.leaf WHERE r.ledger = ?"
            ))
            .bind($ledger)
            .push(concat!(
                " UNION SELECT r.receivable FROM ",
                $s,
                "agreement_receivable r \
                 JOIN sight_agreement l ON l.leaf = r.leaf WHERE r.ledger = ?)"
            ))
            .bind($ledger)
            // Contracts that claims in sight name; and among them those all of whose claims are in sight.
            .push(concat!(
                ", sight_project AS MATERIALIZED (SELECT DISTINCT t.contract AS id, t.party",
                last_of!($s, "receivable"),
                " AND t.id IN (SELECT id FROM sight_claim))"
            ))
            .bind($ledger)
            .bind($known)
            .bind($known)
            .push(concat!(
                ", sight_contract AS MATERIALIZED (SELECT t.contract AS id",
                last_of!($s, "receivable"),
                " AND t.contract IN (SELECT id FROM sight_project) GROUP BY t.contract \
                 HAVING COUNT(*) = SUM(CASE WHEN t.id IN (SELECT id FROM sight_claim) THEN 1 ELSE 0 END))"
            ))
            .bind($ledger)
            .bind($known)
            .bind($known)
            .push(", sight_subject AS MATERIALIZED (SELECT id FROM sight_letter UNION SELECT id FROM sight_contract UNION SELECT id FROM sight_agreement)")
            .push(concat!(
                ", sight_role AS MATERIALIZED (SELECT t.id, t.person",
                last_of!($s, "role"),
                " AND (t.subject IN (SELECT id FROM sight_letter) OR t.subject IN (SELECT id FROM sight_claim) \
                 OR t.subject IN (SELECT id FROM sight_project) OR t.subject IN (SELECT id FROM sight_agreement) OR t.subject IN ?))"
            ))
            .bind($ledger)
            .bind($known)
            .bind($known)
            .bind($units)
            .push(concat!(
                ", sight_person AS MATERIALIZED (SELECT person AS id FROM sight_role UNION SELECT s.person FROM ",
                $s,
                "letter_share s \
                 JOIN sight_letter l ON l.leaf = s.leaf WHERE s.ledger = ?"
            ))
            .bind($ledger)
            .push(concat!(
                " UNION SELECT s.person FROM ",
                $s,
                "agreement_holder s \
                 JOIN sight_agreement l ON l.leaf = s.leaf WHERE s.ledger = ?"
            ))
            .bind($ledger)
            .push(concat!(" UNION SELECT n.beneficiary FROM ", $s, "line n \
                 WHERE n.ledger = ? AND n.beneficiary_kind = 'person' AND n.subject IN (SELECT id FROM sight_subject))"))
            .bind($ledger)
            .push(concat!(
                ", sight_obligor AS MATERIALIZED (SELECT o.party AS id FROM ",
                $s,
                "agreement_obligor o \
                 JOIN sight_agreement l ON l.leaf = o.leaf WHERE o.ledger = ?)"
            ))
            .bind($ledger)
            .push(concat!(", sight_unit AS MATERIALIZED (SELECT DISTINCT t.id FROM ", $s, "unit t WHERE t.ledger = ? AND t.id IN ?)"))
            .bind($ledger)
            .bind($units)
            // Entries in sight whose bytes name a receipt, which is not: they are counted and summed, and their bytes are not shown.
            // That a period was closed or opened is for everybody; what was excluded from the close, and by whom, may be of other units.
            .push(concat!(
                ", sight_naming AS NOT MATERIALIZED (SELECT t.leaf FROM ", $s, "entry t WHERE t.ledger = ? AND t.receipt IS NOT NULL AND ",
                in_sight!("entry"), " UNION ALL SELECT t.leaf FROM ", $s, "period_closed t WHERE t.ledger = ? UNION ALL SELECT t.leaf FROM ",
                $s, "period_reopened t WHERE t.ledger = ?)"
            ))
            .bind($ledger)
            .bind($ledger)
            .bind($ledger)
            // Before any table's name means what is in sight of it: once is enough.
            .push(concat!(
                ", leaf AS NOT MATERIALIZED (SELECT l.* FROM ", $s, "leaf l WHERE CASE l.kind",
                leaves_of!(
                    $s, "party": "party", "person": "person", "unit": "unit", "contract": "contract", "receivable": "receivable",
                    "stage-change": "stage_change", "expected-recovery": "expected_recovery", "pause": "pause", "entry": "entry", "letter": "letter", "agreement": "agreement", "milestone": "milestone",
                    "false-report": "false_report", "sanction": "sanction",
                    "role": "role", "wage-month": "wage_month",
                    "contract-closed": "contract_closed", "case-judged": "case_judged", "line": "line", "finding": "finding",
                    "settlement": "settlement"
                ),
                " WHEN 'policy' THEN TRUE WHEN 'period-closed' THEN TRUE WHEN 'period-reopened' THEN TRUE WHEN 'minimum-wage' THEN TRUE \
                 WHEN 'payout-terms' THEN TRUE WHEN 'wage-guard' THEN TRUE ELSE FALSE END)"
            ))
            .push(seen!($s, "letter", "letter_receivable", "letter_share", "agreement", "agreement_receivable", "agreement_holder", "agreement_obligor", "milestone", "false_report", "sanction", "receivable", "stage_change", "expected_recovery", "pause", "party", "contract", "contract_closed"))
            .push(seen!($s, "role", "person", "wage_month", "unit", "line", "posting", "settlement", "finding", "case_judged"))
            .push(seen!($s, "receipt", "batch", "issue", "import_source", "dismissal", "evaluated", "command", "tree_head"))
            .push(seen!($s, "user_account", "api_token", "access_grant", "trusted_key", "proposal", "decision", "disclosure"))
            .push(seen!($s, "request", "authority", "delegation", "payout", "payout_step", "target"))
            .push(concat!(
                ", entry AS NOT MATERIALIZED (SELECT t.ledger, t.leaf, t.position, t.id, t.kind, t.receivable, NULLIF(t.receipt, t.receipt) AS receipt, \
                 t.amount, t.ledger_amount, t.effective, t.cites, t.means, t.basis, t.system, t.key, t.content FROM ", $s, "entry t WHERE ",
                in_sight!("entry"), ") "
            ))
    };
}

fn front(backend: Backend, ledger: Id, known: i64, units: &[Uuid]) -> Sql<()> {
    match backend {
        Backend::Sqlite => front!("main.", ledger, known, units),
        Backend::Postgres => front!("", ledger, known, units),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::projections;
    use crate::schema::*;

    /// Tables whose rows concern a ledger whole and hold no sum, and personal parts, which are only reached through a leaf.
    const OPEN: [&str; 9] = ["ledger", "policy", "minimum_wage", "payout_terms", "wage_guard", "stacking", "period_closed", "period_reopened", "personal"];

    #[test]
    fn no_table_is_forgotten() {
        let mut tables = vec![CommandRow::NAME, LeafRow::NAME, PersonalRow::NAME, TreeHeadRow::NAME];
        macro_rules! each {
            ($($table:ident: $row:ident,)+) => { $(tables.push($row::NAME);)+ };
        }
        projections!(each);
        for backend in [Backend::Sqlite, Backend::Postgres] {
            let front = format!("{:?}", front(backend, Id(Uuid::nil()), 1, &[]));
            for table in &tables {
                let shut = front.contains(&format!(", {table} AS NOT MATERIALIZED"));
                assert!(shut != OPEN.contains(table), "{table} is {} in a restricted view", if shut { "shut and listed as open" } else { "open" });
            }
        }
    }
}
