//! One statement for both databases: fixed text in which `?` stands for a bound value. A connection keeps it prepared: of a read
//! of a few rows, planning its statements anew would take the most of its time.

use std::cell::OnceCell;
use std::marker::PhantomData;

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Binary, Integer, Text};
use diesel::sqlite::Sqlite;
use recoup_model::Date;
use uuid::Uuid;

use crate::types::{Day, Hash, Id};

/// A bound value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Int(i64),
    Month(i32),
    Day(Day),
    Id(Id),
    Hash(Hash),
    /// Stands after `IN`: one array for PostgreSQL, which SQLite does not have.
    Ids(Vec<Id>),
    /// Likewise.
    Ints(Vec<i64>),
    /// Stands after `FROM`.
    Each(Each),
    Text(String),
    Bytes(Vec<u8>),
}

/// The rows `t` of a ledger's table whose column is one of some keys. Each key is looked up in an index that begins with the ledger and
/// the column, however large the planner takes the table or the list to be.
#[derive(Debug, Clone)]
pub(crate) struct Each {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) ledger: Id,
    pub(crate) keys: Keys,
}

/// Keys that rows are looked up by.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    listed: Listed,
    /// The same for SQLite, which has no arrays: made when it is asked.
    json: OnceCell<String>,
}

#[derive(Debug, Clone)]
enum Listed {
    Ids(Vec<Id>),
    Leaves(Vec<i64>),
}

impl Keys {
    pub(crate) fn ids(ids: &[Uuid]) -> Self {
        Self { listed: Listed::Ids(ids.iter().map(|id| Id(*id)).collect()), json: OnceCell::new() }
    }

    pub(crate) fn leaves(leaves: &[i64]) -> Self {
        Self { listed: Listed::Leaves(leaves.to_vec()), json: OnceCell::new() }
    }

    /// A list in JSON, of ids in hexadecimal digits.
    fn json(&self) -> &String {
        self.json.get_or_init(|| match &self.listed {
            Listed::Ids(ids) => serde_json::Value::from_iter(ids.iter().map(|id| id.0.simple().to_string())).to_string(),
            Listed::Leaves(leaves) => serde_json::Value::from_iter(leaves.iter().copied()).to_string(),
        })
    }
}

/// A statement that answers with rows of type `ST`.
#[derive(Debug)]
pub(crate) struct Sql<ST> {
    text: Vec<&'static str>,
    values: Vec<Value>,
    rows: PhantomData<ST>,
}

/// A statement; only fixed text can become SQL.
pub(crate) fn sql<ST>(text: &'static str) -> Sql<ST> {
    Sql { text: vec![text], values: Vec::new(), rows: PhantomData }
}

impl<ST> Sql<ST> {
    pub(crate) fn push(mut self, text: &'static str) -> Self {
        self.text.push(text);
        self
    }

    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Adds a condition when there is a value to hold it against.
    pub(crate) fn when(self, text: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.push(text).bind(value),
            None => self,
        }
    }

    /// Adds a condition when there is a list to hold it against.
    pub(crate) fn within(self, text: &'static str, ids: Option<&[Uuid]>) -> Self {
        match ids {
            Some(ids) => self.push(text).bind(ids),
            None => self,
        }
    }

    /// The statement with what stands in front of it.
    pub(crate) fn behind(self, front: &Sql<()>) -> Self {
        let text = front.text.iter().copied().chain(self.text).collect();
        let values = front.values.iter().cloned().chain(self.values).collect();
        Self { text, values, rows: PhantomData }
    }

    fn walk<'b, DB: diesel::backend::Backend>(
        &'b self,
        mut out: AstPass<'_, 'b, DB>,
        mut bind: impl FnMut(&'b Value, AstPass<'_, 'b, DB>) -> QueryResult<()>,
    ) -> QueryResult<()> {
        let mut values = self.values.iter();
        for text in &self.text {
            for (i, part) in text.split('?').enumerate() {
                if i > 0 {
                    let missing = || diesel::result::Error::QueryBuilderError("a statement has more marks than values".into());
                    bind(values.next().ok_or_else(missing)?, out.reborrow())?;
                }
                out.push_sql(part);
            }
        }
        Ok(())
    }
}

impl<ST> QueryFragment<Pg> for Sql<ST> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk(out, |value, mut out| match value {
            Value::Int(v) => out.push_bind_param::<BigInt, _>(v),
            Value::Month(v) => out.push_bind_param::<Integer, _>(v),
            Value::Day(v) => out.push_bind_param::<diesel::sql_types::Date, _>(v),
            Value::Id(v) => out.push_bind_param::<Binary, _>(v),
            Value::Hash(v) => out.push_bind_param::<Binary, _>(v),
            Value::Text(v) => out.push_bind_param::<Text, _>(v),
            Value::Bytes(v) => out.push_bind_param::<Binary, _>(v),
            Value::Ids(v) => {
                out.push_sql("(SELECT unnest(");
                out.push_bind_param::<Array<Binary>, _>(v)?;
                out.push_sql("))");
                Ok(())
            }
            Value::Ints(v) => {
                out.push_sql("(SELECT unnest(");
                out.push_bind_param::<Array<BigInt>, _>(v)?;
                out.push_sql("))");
                Ok(())
            }
            Value::Each(Each { table, column, ledger, keys }) => {
                out.push_sql("unnest(");
                match &keys.listed {
                    Listed::Ids(v) => out.push_bind_param::<Array<Binary>, _>(v)?,
                    Listed::Leaves(v) => out.push_bind_param::<Array<BigInt>, _>(v)?,
                }
                // An offset keeps the planner from making a join of it.
                for text in [") i(wanted) CROSS JOIN LATERAL (SELECT * FROM ", table, " WHERE ", column, " = i.wanted AND ledger = "] {
                    out.push_sql(text);
                }
                out.push_bind_param::<Binary, _>(ledger)?;
                out.push_sql(" OFFSET 0) t");
                Ok(())
            }
        })
    }
}

impl<ST> QueryFragment<Sqlite> for Sql<ST> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.walk(out, |value, mut out| match value {
            Value::Int(v) => out.push_bind_param::<BigInt, _>(v),
            Value::Month(v) => out.push_bind_param::<Integer, _>(v),
            Value::Day(v) => out.push_bind_param::<diesel::sql_types::Date, _>(v),
            Value::Id(v) => out.push_bind_param::<Binary, _>(v),
            Value::Hash(v) => out.push_bind_param::<Binary, _>(v),
            Value::Text(v) => out.push_bind_param::<Text, _>(v),
            Value::Bytes(v) => out.push_bind_param::<Binary, _>(v),
            Value::Ids(v) => list(out, v, |out, v| out.push_bind_param::<Binary, _>(v)),
            Value::Ints(v) => list(out, v, |out, v| out.push_bind_param::<BigInt, _>(v)),
            Value::Each(Each { table, column, ledger, keys }) => {
                // One value, so that the statement stays prepared.
                out.push_sql("json_each(");
                out.push_bind_param::<Text, _>(keys.json())?;
                // A cross join is made from left to right.
                let wanted = match keys.listed {
                    Listed::Ids(_) => " = unhex(i.value) AND t.ledger = ",
                    Listed::Leaves(_) => " = i.value AND t.ledger = ",
                };
                for text in [") i CROSS JOIN ", table, " t ON t.", column, wanted] {
                    out.push_sql(text);
                }
                out.push_bind_param::<Binary, _>(ledger)
            }
        })
    }
}

fn list<'b, T>(mut out: AstPass<'_, 'b, Sqlite>, values: &'b [T], bind: impl Fn(&mut AstPass<'_, 'b, Sqlite>, &'b T) -> QueryResult<()>) -> QueryResult<()> {
    // As many statements as there are lengths of lists.
    out.unsafe_to_cache_prepared();
    // Rows and not a list: for those the planner expects few, and looks each up by its key; for a long list it reads the table.
    out.push_sql("(");
    for (i, value) in values.iter().enumerate() {
        out.push_sql(if i == 0 { "VALUES (" } else { "), (" });
        bind(&mut out, value)?;
    }
    out.push_sql(if values.is_empty() { ")" } else { "))" });
    Ok(())
}

impl<ST> Query for Sql<ST> {
    type SqlType = ST;
}

impl<ST> QueryId for Sql<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, C> RunQueryDsl<C> for Sql<ST> {}

impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}

impl From<i32> for Value {
    fn from(v: i32) -> Self {
        Self::Month(v)
    }
}

impl From<Date> for Value {
    fn from(v: Date) -> Self {
        Self::Day(Day::nearest(v))
    }
}

impl From<Id> for Value {
    fn from(v: Id) -> Self {
        Self::Id(v)
    }
}

impl From<Hash> for Value {
    fn from(v: Hash) -> Self {
        Self::Hash(v)
    }
}

impl From<&[Uuid]> for Value {
    fn from(v: &[Uuid]) -> Self {
        Self::Ids(v.iter().map(|v| Id(*v)).collect())
    }
}

impl From<&[i64]> for Value {
    fn from(v: &[i64]) -> Self {
        Self::Ints(v.to_vec())
    }
}

impl From<Each> for Value {
    fn from(v: Each) -> Self {
        Self::Each(v)
    }
}

impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Self::Bytes(v)
    }
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}
