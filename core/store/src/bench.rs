//! What benches measure the store against: a plain bulk insert and one hand-written statement, on a database of their own.
//!
//! Only `recoup bench` uses this; it is no way to write to a ledger.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use recoup_model::Date;
use recoup_model::id::LedgerId;
use uuid::Uuid;

use crate::db::Db;
use crate::sql::sql;
use crate::types::{Day, Id};
use crate::{Backend, Store, StoreError};

diesel::table! {
    bench_plain (number) {
        number -> Text,
        customer -> Text,
        name -> Text,
        document_date -> Date,
        due -> Date,
        amount -> BigInt,
        currency -> Text,
        text -> Text,
    }
}

#[derive(Insertable)]
#[diesel(table_name = bench_plain, treat_none_as_default_value = false)]
struct Stored<'a> {
    number: &'a str,
    customer: &'a str,
    name: &'a str,
    document_date: Day,
    due: Day,
    amount: i64,
    currency: &'a str,
    text: &'a str,
}

/// A row of an export as it is, without any meaning.
#[derive(Debug, Clone)]
pub struct PlainRow {
    /// Document number: the key.
    pub number: String,
    /// Customer code.
    pub customer: String,
    /// Customer name.
    pub name: String,
    /// Document date.
    pub document_date: Date,
    /// Due date.
    pub due: Date,
    /// Minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Remark.
    pub text: String,
}

/// A database of the bench's own: a new file, or a new database of a PostgreSQL server, dropped at the end.
pub struct Scratch {
    url: String,
    server: Option<(String, String)>,
}

impl Scratch {
    /// A SQLite file that does not exist yet.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn sqlite(path: &std::path::Path) -> Result<Self, StoreError> {
        let scratch = Self { url: format!("sqlite:{}", path.display()), server: None };
        scratch.store()?.migrate()?;
        Ok(scratch)
    }

    /// A new database of the server that a URL names a database of.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn postgres(server: &str) -> Result<Self, StoreError> {
        let database = format!("recoup_bench_{}", Uuid::new_v4().simple());
        Db::open(server)?.batch(&format!("CREATE DATABASE {database} TEMPLATE template0"))?;
        let (address, options) = server.split_once('?').map_or((server, String::new()), |(a, o)| (a, format!("?{o}")));
        let (address, _) = address.rsplit_once('/').ok_or_else(|| StoreError::Url(server.to_owned()))?;
        let scratch = Self { url: format!("{address}/{database}{options}"), server: Some((server.to_owned(), database)) };
        scratch.store()?.migrate()?;
        Ok(scratch)
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn store(&self) -> Result<Store, StoreError> {
        Store::open(&self.url)
    }

    /// Inserts rows into one plain table with one key, in one transaction, as fast as the database takes them
    /// through diesel: COPY on PostgreSQL, one prepared statement on SQLite.
    ///
    /// # Errors
    /// The database fails.
    pub fn plain_insert(&self, rows: &[PlainRow]) -> Result<(), StoreError> {
        let mut db = Db::open(&self.url)?;
        let strict = if db.backend() == Backend::Sqlite { " STRICT" } else { "" };
        let day = if db.backend() == Backend::Sqlite { "TEXT" } else { "DATE" };
        let integer = if db.backend() == Backend::Sqlite { "INTEGER" } else { "BIGINT" };
        db.batch(&format!(
            "DROP TABLE IF EXISTS bench_plain; CREATE TABLE bench_plain (number TEXT NOT NULL PRIMARY KEY, customer TEXT NOT NULL, name TEXT NOT NULL, \
             document_date {day} NOT NULL, due {day} NOT NULL, amount {integer} NOT NULL, currency TEXT NOT NULL, text TEXT NOT NULL){strict}"
        ))?;
        match &mut db {
            Db::Sqlite(c) => c.transaction(|c| {
                for row in rows {
                    let row = Stored::new(row)?;
                    diesel::insert_into(bench_plain::table).values(&row).execute(c)?;
                }
                Ok(())
            }),
            Db::Postgres(c) => c.transaction(|c| {
                for part in rows.chunks(10_000) {
                    let part = part.iter().map(Stored::new).collect::<Result<Vec<_>, _>>()?;
                    diesel::copy_from(bench_plain::table).from_insertable(part.as_slice()).execute(c)?;
                }
                Ok(())
            }),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some((server, database)) = &self.server
            && let Err(error) = Db::open(server).and_then(|mut db| Ok(db.batch(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"))?))
        {
            tracing::warn!(%error, database, "a bench's database is left behind");
        }
    }
}

impl<'a> Stored<'a> {
    fn new(row: &'a PlainRow) -> Result<Self, StoreError> {
        Ok(Self {
            number: &row.number,
            customer: &row.customer,
            name: &row.name,
            document_date: Day::new(row.document_date)?,
            due: Day::new(row.due)?,
            amount: row.amount,
            currency: &row.currency,
            text: &row.text,
        })
    }
}

/// Open amounts by debtor and bucket at the end of a day, in one statement as a person would write it who knows that no
/// claim was ever corrected: party, bucket (0: due on or after the first day; one more for each later day), open amount.
///
/// # Errors
/// The database fails.
pub fn aging_by_hand(store: &mut Store, ledger: LedgerId, as_of: Date, thresholds: [Date; 4]) -> Result<Vec<(Uuid, i64, i64)>, StoreError> {
    const BY_HAND: &str = "SELECT r.party, \
        CAST(CASE WHEN r.due >= ? THEN 0 WHEN r.due >= ? THEN 1 WHEN r.due >= ? THEN 2 WHEN r.due >= ? THEN 3 ELSE 4 END AS BIGINT) AS bucket, \
        CAST(SUM(e.open) AS BIGINT) FROM receivable r JOIN (SELECT receivable, SUM(ledger_amount) AS open FROM entry \
        WHERE ledger = ? AND effective <= ? AND receivable IS NOT NULL GROUP BY receivable) e ON e.receivable = r.id \
        WHERE r.ledger = ? AND e.open <> 0 GROUP BY 1, 2";
    let by_hand = thresholds.into_iter().fold(sql::<(Binary, BigInt, BigInt)>(BY_HAND), |s, day| s.bind(day));
    let ledger = Id(ledger.0);
    let rows: Vec<(Id, i64, i64)> = store.db.load(by_hand.bind(ledger).bind(as_of).bind(ledger))?;
    Ok(rows.into_iter().map(|(party, bucket, open)| (party.0, bucket, open)).collect())
}
