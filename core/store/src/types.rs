//! Column types that mean the same in both databases: ids and digests as bytes, days as dates.

use std::fmt;
use std::io::Write as _;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types;
use diesel::sqlite::{Sqlite, SqliteValue};
use recoup_model::{Date, Digest, calendar};
use uuid::Uuid;

use crate::StoreError;

/// An id of any kind: 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Binary)]
pub(crate) struct Id(pub(crate) Uuid);

/// A digest: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Binary)]
pub(crate) struct Hash(pub(crate) Digest);

/// A day between the years 1 and 9999, where SQLite's text orders like the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Date)]
pub(crate) struct Day(Date);

impl Day {
    const FIRST: Option<Date> = Date::from_ymd_opt(1, 1, 1);
    const LAST: Option<Date> = Date::from_ymd_opt(9999, 12, 31);

    /// A day that is recorded.
    pub(crate) fn new(date: Date) -> Result<Self, StoreError> {
        if Self::nearest(date).0 == date { Ok(Self(date)) } else { Err(StoreError::DateRange(date)) }
    }

    /// A day that is compared with: beyond the bounds nothing is recorded, so the bound will do.
    pub(crate) fn nearest(date: Date) -> Self {
        Self(date.max(Self::FIRST.unwrap_or(date)).min(Self::LAST.unwrap_or(date)))
    }

    /// The date.
    pub(crate) const fn date(self) -> Date {
        self.0
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

macro_rules! bytes {
    ($type:ident, $wrap:expr, $bytes:expr) => {
        impl ToSql<sql_types::Binary, Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all($bytes(self))?;
                Ok(IsNull::No)
            }
        }

        impl ToSql<sql_types::Binary, Sqlite> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value($bytes(self));
                Ok(IsNull::No)
            }
        }

        impl FromSql<sql_types::Binary, Pg> for $type {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok($wrap(value.as_bytes().try_into()?))
            }
        }

        impl FromSql<sql_types::Binary, Sqlite> for $type {
            fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                Ok($wrap(value.read_blob().try_into()?))
            }
        }
    };
}

bytes!(Id, |b| Id(Uuid::from_bytes(b)), |id: &'b Id| -> &'b [u8] { id.0.as_bytes() });
bytes!(Hash, |b| Hash(Digest(b)), |h: &'b Hash| -> &'b [u8] { &h.0.0 });

impl ToSql<sql_types::Date, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Date, Pg>::to_sql(&self.0, out)
    }
}

impl ToSql<sql_types::Date, Sqlite> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        // Four digits of the year, as `NaiveDate` writes the years that a `Day` can have.
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::Date, Pg> for Day {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<sql_types::Date, Pg>::from_sql(value).map(Self)
    }
}

impl FromSql<sql_types::Date, Sqlite> for Day {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = value.read_text();
        let number = |part: Option<&str>| part.and_then(|p| p.parse::<u32>().ok());
        let parts = (number(text.get(..4)), number(text.get(5..7)), number(text.get(8..10)));
        let day = match parts {
            (Some(y), Some(m), Some(d)) if text.len() == 10 => i32::try_from(y).ok().and_then(|y| calendar::date(y, m, d)),
            _ => None,
        };
        day.map(Self).ok_or_else(|| format!("`{text}` is not a date").into())
    }
}
