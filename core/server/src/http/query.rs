//! What a request asks for: its parameters, each named when it is wrong, and none ignored.

use std::str::FromStr;

use actix_web::web::Query;
use chrono::NaiveDate;
use recoup_engine::known::{self, KnownAt};
use recoup_model::Month;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::OneOfBuilder;
use utoipa::openapi::{KnownFormat, Object, OneOf, RefOr, Required, Schema, SchemaFormat, Type};
use uuid::Uuid;

use super::problem::Problem;

/// The parameters of a request that nobody has asked for yet.
#[derive(Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// The parameters of a query string.
    pub(crate) fn of(query: &str) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::from_query(query).map_err(|e| Problem::new("request.parameter").detail(e.to_string()))?;
        Ok(Self(pairs.into_inner()))
    }

    /// The parameters and, before them, what the path names.
    pub(crate) fn and_key(mut self, key: Option<&str>) -> Self {
        if let Some(key) = key {
            self.0.retain(|(name, _)| name != InPath::NAME);
            self.0.push((InPath::NAME.to_owned(), key.replace('\0', "")));
        }
        self
    }

    /// A parameter, if it is there; what cannot be read or stands twice names itself.
    pub(crate) fn take<T: Param>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let Some(at) = self.0.iter().position(|(n, _)| n == name) else { return Ok(None) };
        let (_, text) = self.0.remove(at);
        if self.0.iter().any(|(n, _)| n == name) {
            return Err(Problem::new("request.parameter").detail(format!("`{name}` is given twice")));
        }
        let wrong = || Problem::new("request.parameter").detail(format!("`{name}` = `{text}`: {}", T::EXPECTED));
        // PostgreSQL has no text with a NUL in it, so nothing is found by one.
        if text.contains('\0') {
            return Err(Problem::new("request.parameter").detail(format!("`{name}` has a NUL in it: {}", T::EXPECTED)));
        }
        T::read(&text).ok_or_else(wrong).map(Some)
    }

    /// Refuses what nobody asked for: a filter with a slip in its name must not give the whole list.
    pub(crate) fn end<K: IntoIterator<Item: Into<String>>>(self, known: impl FnOnce() -> K) -> Result<(), Problem> {
        let Some((name, _)) = self.0.into_iter().next() else { return Ok(()) };
        let known: Vec<String> = known().into_iter().map(Into::into).collect();
        Err(Problem::new("request.parameter").detail(format!("there is no parameter `{name}`; there are: {}", known.join(", "))))
    }
}

/// A type of parameters.
pub(crate) trait Param: Sized {
    /// What a value must be, for people.
    const EXPECTED: &'static str;
    /// The value of a text.
    fn read(text: &str) -> Option<Self>;
    /// What OpenAPI says of it.
    fn schema() -> RefOr<Schema>;
}

macro_rules! params {
    ($($type:ty: $expected:literal, $schema:ident $(($format:ident))?;)+) => {$(
        impl Param for $type {
            const EXPECTED: &'static str = $expected;
            fn read(text: &str) -> Option<Self> {
                Self::from_str(text).ok()
            }
            fn schema() -> RefOr<Schema> {
                Object::builder().schema_type(Type::$schema)$(.format(Some(SchemaFormat::KnownFormat(KnownFormat::$format))))?.into()
            }
        }
    )+};
}

params! {
    String: "write a text", String;
    Uuid: "write an id such as 0190a1b2-0000-8000-8000-000000000000", String(Uuid);
    NaiveDate: "write a day such as 2024-12-31", String(Date);
    i64: "write a whole number", Integer(Int64);
    u32: "write a whole number that is not negative", Integer(Int32);
    bool: "write true or false", Boolean;
}

impl Param for KnownAt {
    const EXPECTED: &'static str = known::EXPECTED;
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn schema() -> RefOr<Schema> {
        let position = Object::builder().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64))).minimum(Some(1));
        by_time(OneOf::builder().item(position)).into()
    }
}

/// What OpenAPI says of a day or a moment.
pub(crate) fn by_time(others: OneOfBuilder) -> OneOfBuilder {
    let text = |format| Object::builder().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)));
    others.item(text(KnownFormat::Date)).item(text(KnownFormat::DateTime))
}

impl Param for Month {
    const EXPECTED: &'static str = "write a month such as 2024-07";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn schema() -> RefOr<Schema> {
        Object::builder().schema_type(Type::String).pattern(Some(r"^\d{4}-(0[1-9]|1[0-2])$")).into()
    }
}

/// A parameter of the query as OpenAPI describes it.
pub(crate) fn parameter(name: &str, doc: &str, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False).description(Some(doc.trim())).schema(Some(schema)).build()
}

/// Conditions that rows of a list must meet.
pub(crate) trait Filter: std::fmt::Debug + Clone + Send + Sync + 'static {
    /// Reads them from a request.
    fn read(params: &mut Params) -> Result<Self, Problem>;
    /// What OpenAPI says of them.
    fn describe() -> Vec<Parameter>;
}

/// No conditions.
#[derive(Debug, Clone)]
pub(crate) struct All;

impl Filter for All {
    fn read(_: &mut Params) -> Result<Self, Problem> {
        Ok(Self)
    }
    fn describe() -> Vec<Parameter> {
        Vec::new()
    }
}

/// What the path names, where a report is about one of several: its text, which may be the key of nothing.
#[derive(Debug, Clone)]
pub(crate) struct InPath(pub String);

impl InPath {
    /// Stands for the key of the path among parameters; no client can name it so.
    pub(crate) const NAME: &'static str = "{key}";
}

impl Filter for InPath {
    fn read(params: &mut Params) -> Result<Self, Problem> {
        Ok(Self(params.take(Self::NAME)?.unwrap_or_default()))
    }
    fn describe() -> Vec<Parameter> {
        Vec::new()
    }
}

/// A filter: each field is a parameter of its name, described by its comment.
macro_rules! filter {
    ($(#[$meta:meta])* $name:ident { $(#[doc = $doc:literal] $field:ident: $type:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name { $(#[doc = $doc] $field: Option<$type>,)+ }

        impl $crate::http::query::Filter for $name {
            fn read(params: &mut $crate::http::query::Params) -> Result<Self, $crate::http::problem::Problem> {
                Ok(Self { $($field: params.take(stringify!($field))?,)+ })
            }
            fn describe() -> Vec<utoipa::openapi::path::Parameter> {
                vec![$($crate::http::query::parameter(stringify!($field), $doc, <$type as $crate::http::query::Param>::schema()),)+]
            }
        }
    };
}
pub(crate) use filter;

/// A word of a closed set.
pub(crate) trait Word: Copy {
    /// As it is written.
    fn word(self) -> &'static str;
}

/// Words of a closed set as a parameter.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ } $expected:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[$doc])* $variant,)+ }

        impl $crate::http::query::Word for $name {
            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::http::query::Param for $name {
            const EXPECTED: &'static str = $expected;
            fn read(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::Object::builder().schema_type(utoipa::openapi::Type::String).enum_values(Some([$($word),+])).into()
            }
        }
    };
}
pub(crate) use words;
