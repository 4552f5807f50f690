//! JSON Schema of dated parameters, from which forms are drawn. Of each parameter, `anyOf/0` is the plain value and
//! `anyOf/1` the dated list.

use serde_json::{Map, Value, json};

use crate::rules::Pauses;

/// A decimal from 0 to 1, in quotes.
#[must_use]
pub fn rate() -> Value {
    json!({"type": "string", "pattern": "^(0(\\.[0-9]{1,12})?|1(\\.0{1,12})?)$"})
}

/// A whole number, at least zero.
#[must_use]
pub fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

/// One of some words.
#[must_use]
pub fn choice<T>(options: &[(&str, T)]) -> Value {
    json!({"type": "string", "enum": options.iter().map(|(option, _)| *option).collect::<Vec<_>>()})
}

/// Kinds of pauses, each once.
#[must_use]
pub fn pauses() -> Value {
    json!({"type": "array", "items": choice(&Pauses::OPTIONS), "uniqueItems": true})
}

/// Rates by bands of whole numbers.
#[must_use]
pub fn bands() -> Value {
    json!({
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {"from": count(), "to": count(), "rate": rate()},
            "required": ["from", "rate"],
            "additionalProperties": false,
        },
    })
}

/// A parameter with its titles: the value itself, or a list of values with the days from which they are in force.
#[must_use]
pub fn dated(en: &str, zh: &str, value: &Value) -> Value {
    let list = json!({
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {"from": {"type": "string", "format": "date"}, "value": value},
            "required": ["from", "value"],
            "additionalProperties": false,
        },
    });
    json!({"title": en, "x-title-zh": zh, "anyOf": [value, list]})
}

/// A parameter set; those without a default are required.
#[must_use]
pub fn set(properties: impl IntoIterator<Item = (&'static str, Value)>, defaults: &Value) -> Value {
    let properties: Map<String, Value> = properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let required: Vec<&String> = properties.keys().filter(|name| defaults.get(name.as_str()).is_none()).collect();
    let mut set = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if let (false, Some(object)) = (required.is_empty(), set.as_object_mut()) {
        object.insert("required".into(), json!(required));
    }
    set
}

/// A default that has always held.
#[must_use]
pub fn always(value: &Value) -> Value {
    json!([{"from": "1900-01-01", "value": value}])
}
