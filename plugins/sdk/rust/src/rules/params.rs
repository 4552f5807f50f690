//! Dated parameters: which value is in force on a day, and what is wrong with a set.
//!
//! A set is a JSON object. Each parameter is a list of `{"from": "YYYY-MM-DD",
//! "value": …}` in rising order, or a plain value, which is in force always. A parameter
//! that is left out holds its default. Rates are decimal strings, never JSON numbers.

use serde_json::{Map, Value};

pub mod schema;

use super::rate::Rate;
use super::wire::{Day, Problem};
use super::{Fault, Pauses, arg, date};

/// A value for each day from the first on which one is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T>(Vec<(Day, T)>);

impl<T> Dated<T> {
    /// The value in force on a day; none before the first. A gap is an error, never zero.
    #[must_use]
    pub fn on(&self, day: Day) -> Option<&T> {
        self.0.iter().rev().find(|(from, _)| *from <= day).map(|(_, value)| value)
    }

    /// The days from which its values are in force.
    pub fn days(&self) -> impl Iterator<Item = Day> + '_ {
        self.0.iter().map(|(from, _)| *from)
    }
}

/// A parameter: values that a pack reads, and the message of the fault where none is in force.
#[derive(Debug)]
pub struct Parameter<T> {
    message: u32,
    values: Dated<T>,
}

impl<T> Parameter<T> {
    /// With the message that names it; its one argument is the day.
    #[must_use]
    pub const fn new(message: u32, values: Dated<T>) -> Self {
        Self { message, values }
    }

    /// The days on which another value comes into force.
    pub fn changes(&self) -> impl Iterator<Item = Day> + '_ {
        self.values.days()
    }

    /// The value in force on the basis date of what is judged.
    ///
    /// # Errors
    /// None is.
    pub fn on(&self, day: Day) -> Result<&T, Fault> {
        self.values.on(day).ok_or_else(|| Fault::new(self.message, &[arg::day(day)]))
    }
}

/// Rates by completed years, each band half-open: from 1 to 3 holds for 1 and 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bands(Vec<Band>);

/// One band; without `to` it has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Band {
    from: u32,
    to: Option<u32>,
    rate: Rate,
}

/// No band holds for this number of years, though a lower one exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BandGap(pub u32);

impl Bands {
    /// The rate at that many years; none below the first band.
    ///
    /// # Errors
    /// When the years lie in a gap: that is an error, never zero.
    pub fn rate(&self, years: u32) -> Result<Option<Rate>, BandGap> {
        let inside = |band: &&Band| band.from <= years && band.to.is_none_or(|to| years < to);
        match self.0.iter().find(inside) {
            Some(band) => Ok(Some(band.rate)),
            None if self.0.iter().all(|band| years < band.from) => Ok(None),
            None => Err(BandGap(years)),
        }
    }
}

/// Reads parameters one by one and collects what is wrong.
#[derive(Debug)]
pub struct Reader {
    given: Map<String, Value>,
    defaults: Value,
    known: Vec<&'static str>,
    problems: Vec<Problem>,
}

fn problem(code: &str, at: &str, message: impl Into<String>) -> Problem {
    Problem { code: format!("parameters.{code}"), at: at.into(), message: message.into() }
}

impl Reader {
    /// Starts on a set given as JSON, with the defaults of what it leaves out.
    ///
    /// # Errors
    /// When the text is not a JSON object.
    pub fn new(json: &str, defaults: Value) -> Result<Self, Vec<Problem>> {
        let given = match serde_json::from_str(json) {
            Ok(Value::Object(given)) => given,
            Ok(_) => {
                return Err(vec![problem("not_an_object", "", "parameters are a JSON object")]);
            }
            Err(error) => {
                let message = format!("not valid JSON: {error}");
                return Err(vec![problem("not_json", "", message)]);
            }
        };
        Ok(Self { given, defaults, known: Vec::new(), problems: Vec::new() })
    }

    /// One of a few named values.
    pub fn choice<T: Copy>(&mut self, name: &'static str, options: &[(&str, T)]) -> Dated<T> {
        self.dated(name, |value, at, problems| {
            let text = value.as_str().unwrap_or_default();
            let found = options.iter().find(|(option, _)| *option == text);
            if found.is_none() {
                let names: Vec<_> = options.iter().map(|(option, _)| *option).collect();
                let message = format!("choose one of {}", names.join(", "));
                problems.push(problem("not_a_choice", at, message));
            }
            found.map(|(_, value)| *value)
        })
    }

    /// Kinds of pauses, each named once; none by an empty list.
    pub fn pauses(&mut self, name: &'static str) -> Dated<Pauses> {
        self.dated(name, pauses)
    }

    /// A rate from 0 to 1.
    pub fn share(&mut self, name: &'static str) -> Dated<Rate> {
        self.dated(name, share)
    }

    /// A rate from 0 to 1 for each of the names, all of which must be there.
    pub fn shares<const N: usize>(&mut self, name: &'static str, names: [&str; N]) -> Dated<[Rate; N]> {
        self.dated(name, |value, at, problems| {
            let Some(object) = value.as_object() else {
                let message = format!("an object with {}", names.join(", "));
                problems.push(problem("not_an_object", at, message));
                return None;
            };
            only(object, &names, at, problems);
            let mut rates = [Rate::ZERO; N];
            let before = problems.len();
            for (rate, name) in rates.iter_mut().zip(names) {
                let path = format!("{at}/{name}");
                match object.get(name) {
                    Some(value) => *rate = share(value, &path, problems).unwrap_or(Rate::ZERO),
                    None => problems.push(problem("missing", &path, "a rate is missing")),
                }
            }
            (problems.len() == before).then_some(rates)
        })
    }

    /// A whole number, at least zero.
    pub fn count(&mut self, name: &'static str) -> Dated<u32> {
        self.dated(name, |value, at, problems| {
            let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
            if count.is_none() {
                problems.push(problem("not_a_count", at, "a whole number, at least zero"));
            }
            count
        })
    }

    /// Rates by completed years: without gap or overlap, the last band open-ended.
    pub fn bands(&mut self, name: &'static str) -> Dated<Bands> {
        self.dated(name, bands)
    }

    /// Hands over what was read.
    ///
    /// # Errors
    /// Everything that is wrong, unknown names included.
    pub fn finish<T>(mut self, parameters: T) -> Result<T, Vec<Problem>> {
        only(&self.given, &self.known, "", &mut self.problems);
        if self.problems.is_empty() { Ok(parameters) } else { Err(self.problems) }
    }

    fn dated<T>(&mut self, name: &'static str, read: impl Fn(&Value, &str, &mut Vec<Problem>) -> Option<T>) -> Dated<T> {
        self.known.push(name);
        let problems = &mut self.problems;
        let at = format!("/{name}");
        let mut values = Vec::new();
        match self.given.get(name).or_else(|| self.defaults.get(name)) {
            Some(Value::Array(list)) if list.iter().any(|item| item.get("value").is_some()) => {
                for (number, item) in list.iter().enumerate() {
                    let at = format!("{at}/{number}");
                    if let Some(day) = from_day(item, &at, problems) {
                        if values.last().is_some_and(|&(before, _)| day <= before) {
                            let message = "later than the date of the value before it";
                            problems.push(problem("dates_not_rising", &at, message));
                        }
                        let value = item.get("value").unwrap_or(&Value::Null);
                        values.extend(Some(day).zip(read(value, &format!("{at}/value"), problems)));
                    }
                }
            }
            Some(value) => values.extend(Some(Day::MIN).zip(read(value, &at, problems))),
            None => problems.push(problem("missing", &at, "the parameter is missing")),
        }
        Dated(values)
    }
}

/// The `from` of a dated value.
fn from_day(item: &Value, at: &str, problems: &mut Vec<Problem>) -> Option<Day> {
    if let Some(object) = item.as_object() {
        only(object, &["from", "value"], at, problems);
    }
    let day = item.get("from").and_then(Value::as_str).and_then(date::parse);
    if day.is_none() {
        let message = "a date such as 2024-07-01, from which the value is in force";
        problems.push(problem("not_a_date", &format!("{at}/from"), message));
    }
    day
}

fn pauses(value: &Value, at: &str, problems: &mut Vec<Problem>) -> Option<Pauses> {
    let names = || Pauses::OPTIONS.map(|(name, _)| name).join(", ");
    let Some(list) = value.as_array() else {
        problems.push(problem("not_a_list", at, format!("a list of kinds of pauses, which may be empty: {}", names())));
        return None;
    };
    let mut pauses = Pauses::NONE;
    for (number, item) in list.iter().enumerate() {
        let at = format!("{at}/{number}");
        match Pauses::OPTIONS.into_iter().find(|(name, _)| item == name) {
            None => problems.push(problem("not_a_choice", &at, format!("choose one of {}", names()))),
            Some((name, kind)) if pauses.has(kind) => problems.push(problem("twice", &at, format!("{name} is named already"))),
            Some((_, kind)) => pauses = pauses.and(kind),
        }
    }
    Some(pauses)
}

fn share(value: &Value, at: &str, problems: &mut Vec<Problem>) -> Option<Rate> {
    let rate = value.as_str().and_then(Rate::parse);
    match rate {
        None => problems.push(problem("not_a_rate", at, "a decimal in quotes, such as \"0.03\"")),
        Some(rate) if !rate.is_share() => {
            problems.push(problem("out_of_range", at, "a rate from 0 to 1"));
        }
        Some(_) => return rate,
    }
    None
}

fn bands(value: &Value, at: &str, problems: &mut Vec<Problem>) -> Option<Bands> {
    let list = match value.as_array() {
        Some(list) if !list.is_empty() => list,
        _ => {
            problems.push(problem("not_bands", at, "a list of bands: from, to, rate"));
            return None;
        }
    };
    let before = problems.len();
    let mut read: Vec<Band> = Vec::with_capacity(list.len());
    for (number, item) in list.iter().enumerate() {
        let at = format!("{at}/{number}");
        let band = band(item, &at, problems)?;
        if let Some(last) = read.last() {
            // Joined bands leave no year without a rate and none with two.
            let (code, message) = match last.to {
                Some(to) if to == band.from => ("", String::new()),
                Some(to) if to < band.from => ("band_gap", format!("no band from {to} to {}", band.from)),
                _ => ("band_overlap", "begins before the band before it ends".to_owned()),
            };
            if !code.is_empty() {
                problems.push(problem(code, &format!("{at}/from"), message));
            }
        }
        read.push(band);
    }
    if let Some(to) = read.last().and_then(|band| band.to) {
        let at = format!("{at}/{}/to", read.len() - 1);
        problems.push(problem("band_gap", &at, format!("no band from {to} on")));
    }
    (problems.len() == before).then_some(Bands(read))
}

fn band(item: &Value, at: &str, problems: &mut Vec<Problem>) -> Option<Band> {
    let object = item.as_object().or_else(|| {
        problems.push(problem("not_bands", at, "a band: from, to, rate"));
        None
    })?;
    only(object, &["from", "to", "rate"], at, problems);
    let mut years = |name: &str| {
        let value = object.get(name)?;
        let years = value.as_u64().and_then(|years| u32::try_from(years).ok());
        if years.is_none() {
            let path = format!("{at}/{name}");
            problems.push(problem("not_years", &path, "a whole number of years"));
        }
        years
    };
    let (from, to) = (years("from"), years("to"));
    if object.get("from").is_none() {
        problems.push(problem("missing", &format!("{at}/from"), "the first year is missing"));
    }
    let rate = share(object.get("rate").unwrap_or(&Value::Null), &format!("{at}/rate"), problems);
    let band = Band { from: from?, to, rate: rate? };
    if band.to.is_some_and(|to| to <= band.from) {
        problems.push(problem("band_empty", &format!("{at}/to"), "ends after it begins"));
    }
    // An unreadable end was reported and must not pass for an open one.
    (to.is_some() || object.get("to").is_none()).then_some(band)
}

fn only(object: &Map<String, Value>, known: &[&str], at: &str, problems: &mut Vec<Problem>) {
    for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
        problems.push(problem("unknown", &format!("{at}/{name}"), "no such parameter"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::rules::wire::PauseKind;

    fn read<T>(given: Value, f: impl Fn(&mut Reader) -> Dated<T>) -> Result<Dated<T>, Vec<String>> {
        let mut reader = Reader::new(&given.to_string(), json!({})).unwrap();
        let value = f(&mut reader);
        let named = |problems: Vec<Problem>| problems.into_iter().map(|p| format!("{} {}", p.code, p.at)).collect();
        reader.finish(value).map_err(named)
    }

    fn day(text: &str) -> Day {
        date::parse(text).unwrap()
    }

    #[test]
    fn the_value_in_force_counts_and_a_gap_is_none() {
        let given = json!({"r": [{"from": "2024-01-01", "value": "0.01"}, {"from": "2024-07-01", "value": "0"}]});
        let dated = read(given, |r| r.share("r")).unwrap();
        // Edge case 44: before the first value there is a gap; a rate of zero is a rate.
        assert_eq!(dated.on(day("2023-12-31")), None);
        assert_eq!(dated.on(day("2024-06-30")), Rate::parse("0.01").as_ref());
        assert_eq!(dated.on(day("2024-07-01")), Some(&Rate::ZERO));
        let always = read(json!({"r": "0.5"}), |r| r.share("r")).unwrap();
        assert_eq!(always.on(day("0001-01-01")), Rate::parse("0.5").as_ref());
    }

    #[test]
    fn bands_are_half_open() {
        let given = json!({"b": [{"from": 1, "to": 3, "rate": "0.01"}, {"from": 3, "rate": "0"}]});
        let dated = read(given, |r| r.bands("b")).unwrap();
        let bands = dated.on(0).unwrap();
        assert_eq!(bands.rate(0), Ok(None));
        assert_eq!(bands.rate(2), Ok(Rate::parse("0.01")));
        assert_eq!(bands.rate(3), Ok(Rate::parse("0")));
        let gap = Bands(vec![Band { from: 0, to: Some(1), rate: Rate::ONE }, Band { from: 2, to: None, rate: Rate::ONE }]);
        assert_eq!(gap.rate(1), Err(BandGap(1)));
    }

    #[test]
    fn every_problem_is_named_by_its_path() {
        let bands = |value| read(json!({ "b": value }), |r| r.bands("b")).unwrap_err();
        let rate = "0.01";
        assert_eq!(bands(json!([{"from": 1, "to": 2, "rate": rate}, {"from": 3, "rate": rate}])), ["parameters.band_gap /b/1/from"]);
        assert_eq!(bands(json!([{"from": 1, "to": 3, "rate": rate}, {"from": 2, "rate": rate}])), ["parameters.band_overlap /b/1/from"]);
        assert_eq!(bands(json!([{"from": 1, "to": 3, "rate": rate}])), ["parameters.band_gap /b/0/to"]);
        assert_eq!(bands(json!([{"from": 1, "to": "x", "rate": rate}])), ["parameters.not_years /b/0/to"]);
        assert_eq!(bands(json!([{"from": 1, "rate": 0.01}])), ["parameters.not_a_rate /b/0/rate"]);
        assert_eq!(bands(json!([{"from": 3, "to": 3, "rate": rate}]))[0], "parameters.band_empty /b/0/to");
        assert_eq!(bands(json!([])), ["parameters.not_bands /b"]);
        assert_eq!(bands(json!([{"rate": rate}])), ["parameters.missing /b/0/from"]);

        let share = |value| read(value, |r| r.share("r")).unwrap_err();
        assert_eq!(share(json!({})), ["parameters.missing /r"]);
        assert_eq!(share(json!({"r": "1.5"})), ["parameters.out_of_range /r"]);
        assert_eq!(share(json!({"r": "1", "s": 1})), ["parameters.unknown /s"]);
        assert_eq!(
            share(json!({"r": [{"from": "2024-02-01", "value": "1"}, {"from": "2024-02-01", "value": "x"}]})),
            ["parameters.dates_not_rising /r/1", "parameters.not_a_rate /r/1/value"]
        );
        assert_eq!(share(json!({"r": [{"from": "2024-02-30", "value": "1", "to": 1}]})), ["parameters.unknown /r/0/to", "parameters.not_a_date /r/0/from"]);

        let count = |value| read(json!({"n": value}), |r| r.count("n"));
        assert_eq!(count(json!(7)).unwrap().on(0), Some(&7));
        for none in [json!(-1), json!(1.5), json!("7"), json!(5_000_000_000_u64)] {
            assert_eq!(count(none).unwrap_err(), ["parameters.not_a_count /n"]);
        }
        let pauses = |value| read(json!({ "p": value }), |r| r.pauses("p"));
        let both = Pauses::NONE.and(PauseKind::Dispute).and(PauseKind::ForceMajeure);
        assert_eq!(pauses(json!([])).unwrap().on(0), Some(&Pauses::NONE));
        assert_eq!(pauses(json!(["force-majeure", "dispute"])).unwrap().on(0), Some(&both));
        let later = pauses(json!([{"from": "2024-01-01", "value": []}, {"from": "2024-07-01", "value": ["dispute", "force-majeure"]}])).unwrap();
        assert_eq!((later.on(day("2024-06-30")), later.on(day("2024-07-01"))), (Some(&Pauses::NONE), Some(&both)));
        assert_eq!(pauses(json!("dispute")).unwrap_err(), ["parameters.not_a_list /p"]);
        assert_eq!(pauses(json!(["dispute", "war", "dispute"])).unwrap_err(), ["parameters.not_a_choice /p/1", "parameters.twice /p/2"]);
        let choice = read(json!({"c": "d"}), |r| r.choice("c", &[("a", 1), ("b", 2)]));
        assert_eq!(choice.unwrap_err(), ["parameters.not_a_choice /c"]);
        let shares = read(json!({"f": {"a": "2", "x": "1"}}), |r| r.shares("f", ["a", "b"]));
        assert_eq!(shares.unwrap_err(), ["parameters.unknown /f/x", "parameters.out_of_range /f/a", "parameters.missing /f/b"]);
        assert_eq!(Reader::new("[]", json!({})).unwrap_err()[0].code, "parameters.not_an_object");
        assert_eq!(Reader::new("{", json!({})).unwrap_err()[0].code, "parameters.not_json");
    }

    proptest! {
        #[test]
        fn exactly_one_value_is_in_force(mut days in prop::collection::btree_set(-10_000i32..10_000, 1..6), on in -10_000i32..10_000) {
            let dated = Dated(days.iter().map(|&day| (day, day)).collect());
            days.retain(|&day| day <= on);
            prop_assert_eq!(dated.on(on), days.last());
        }
    }
}
