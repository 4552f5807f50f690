//! Parameters of a policy pack as dated data: where two sets of them differ, parameter by parameter and day by day.
//!
//! A set is a JSON object. Each parameter is a list of `{"from": …, "value": …}` in rising order, or a plain value, which has
//! always held; one that a set leaves out holds its default. What a value means is the pack's own affair.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calendar::{Date, previous_day};

/// A value in force becomes another one, on some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterChange {
    /// Which parameter.
    pub parameter: String,
    /// The first of these days.
    pub from: Date,
    /// The last of them; open when absent.
    pub to: Option<Date>,
    /// What was in force.
    pub was: Value,
    /// What is in force instead; nothing any more when absent.
    pub becomes: Option<Value>,
}

impl fmt::Display for ParameterChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parameter, from, to, was, becomes } = self;
        write!(f, "`{parameter}` from {from} ")?;
        match to {
            Some(to) => write!(f, "to {to}")?,
            None => f.write_str("on")?,
        }
        match becomes {
            Some(becomes) => write!(f, ": {was} becomes {becomes}"),
            None => write!(f, ": {was} is in force no more"),
        }
    }
}

/// What a set of parameters changes of what another one has in force, in the order of names and days. `defaults` are those of
/// the component that judges from now on: a parameter that it does not know counts for nothing any more.
///
/// Where nothing was in force nothing becomes another value: cases were set aside for want of it, and a gap may be filled.
#[must_use]
pub fn changes(in_force: &Value, instead: &Value, defaults: &Value) -> Vec<ParameterChange> {
    let known = |set: &'_ Value| set.as_object().into_iter().flat_map(|set| set.keys().cloned()).collect::<BTreeSet<String>>();
    let names = known(instead).into_iter().chain(known(defaults)).collect::<BTreeSet<String>>();
    names.into_iter().flat_map(|name| changes_of(&name, Dated::of(in_force, &name, defaults), Dated::of(instead, &name, defaults))).collect()
}

fn changes_of(name: &str, was: Dated<'_>, becomes: Dated<'_>) -> Vec<ParameterChange> {
    if was == becomes {
        return Vec::new();
    }
    let mut changes: Vec<ParameterChange> = Vec::new();
    let days: BTreeSet<Date> = was.days().chain(becomes.days()).collect();
    for from in days {
        let (was, becomes) = (was.on(from), becomes.on(from));
        // Whatever held until here does so to the day before.
        let last = changes.last_mut().filter(|change| change.to.is_none());
        match (last, was.filter(|_| was != becomes)) {
            (Some(last), Some(was)) if last.was == *was && last.becomes.as_ref() == becomes => {}
            (last, differs) => {
                if let Some(last) = last {
                    last.to = Some(previous_day(from));
                }
                changes.extend(differs.map(|was| ParameterChange { parameter: name.to_owned(), from, to: None, was: was.clone(), becomes: becomes.cloned() }));
            }
        }
    }
    changes
}

/// The values of a parameter, with the days from which they are in force.
#[derive(PartialEq)]
struct Dated<'a>(Vec<(Date, &'a Value)>);

impl<'a> Dated<'a> {
    fn of(set: &'a Value, name: &str, defaults: &'a Value) -> Self {
        let Some(stated) = set.get(name).or_else(|| defaults.get(name)) else { return Self(Vec::new()) };
        let list = stated.as_array().filter(|list| list.iter().any(|item| item.get("value").is_some()));
        let Some(list) = list else { return Self(vec![(always(), stated)]) };
        let dated = |item: &'a Value| Some((item.get("from")?.as_str()?.parse::<Date>().ok()?.max(always()), item.get("value")?));
        Self(list.iter().filter_map(dated).collect())
    }

    fn on(&self, day: Date) -> Option<&'a Value> {
        self.0.iter().rev().find(|(from, _)| *from <= day).map(|(_, value)| *value)
    }

    fn days(&self) -> impl Iterator<Item = Date> + '_ {
        self.0.iter().map(|(from, _)| *from)
    }
}

/// What is in force from this day on has always been, as the defaults of packs say it: no claim is older.
fn always() -> Date {
    Date::from_ymd_opt(1900, 1, 1).unwrap_or(Date::MIN)
}
