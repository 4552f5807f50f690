//! The company of the year: its units, its people with their wages, and what it means to recover, as facts files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use recoup_model::Month;

use super::export::decimal;
use super::script::Script;

/// What those of the stories earn a month.
const WAGE: i64 = 1_200_000;

/// Somebody.
#[derive(Debug, Clone, Default)]
pub(super) struct Employee {
    pub code: String,
    name: String,
    pub unit: String,
    place: String,
    gross: i64,
    /// What the law deducts.
    deductions: i64,
}

/// Who works where, and for what.
pub(super) struct Company {
    /// The people of the stories, whose figures are worked out by hand.
    stories: Vec<Employee>,
    /// Everybody else.
    pub crowd: Vec<Employee>,
}

impl Company {
    pub(super) fn of(script: &Script) -> Self {
        let employees = |units: &BTreeMap<String, BTreeMap<String, String>>| -> Vec<Employee> {
            let all = units.iter().flat_map(|(unit, people)| people.iter().map(move |(code, name)| (unit, code, name)));
            let place = |unit: &String| script.units.get(unit).map(|u| u.place.clone()).unwrap_or_default();
            let employee = |(unit, code, name): (&String, &String, &String)| Employee {
                code: code.clone(),
                name: name.clone(),
                unit: unit.clone(),
                place: place(unit),
                gross: WAGE,
                deductions: 0,
            };
            all.map(employee).collect()
        };
        let mut crowd = employees(&script.crowd);
        for (e, step) in crowd.iter_mut().zip(0_i64..) {
            // 9,000.00 to 16,000.00, of which the law deducts 18 %.
            e.gross = 900_000 + step * 50_000;
            e.deductions = e.gross * 18 / 100;
        }
        Self { stories: employees(&script.people), crowd }
    }

    fn people(&self) -> impl Iterator<Item = &Employee> {
        self.stories.iter().chain(&self.crowd)
    }

    pub(super) fn size(&self) -> usize {
        self.people().count()
    }

    /// The units, the terms, and everybody with the wages of the year before.
    pub(super) fn founded(&self, script: &Script, year_before: i32) -> String {
        let mut facts = script.terms.to_string();
        for (code, unit) in &script.units {
            let _ = write!(facts, "\n[units.{code}]\nname = \"{}\"\n", unit.name);
        }
        facts + &self.paid(&year_before.to_string())
    }

    /// Everybody's wages of a month.
    pub(super) fn wages(&self, month: Month) -> String {
        self.paid(&month.to_string())
    }

    fn paid(&self, span: &str) -> String {
        self.people().fold(String::new(), |mut facts, e| {
            let _ = write!(facts, "\n[people.{}]\nname = \"{}\"\nplace = \"{}\"\nwages = {{ {span} = \"{}\" }}\n", e.code, e.name, e.place, decimal(e.gross));
            if e.deductions > 0 {
                let _ = writeln!(facts, "deductions = {{ {span} = \"{}\" }}", decimal(e.deductions));
            }
            facts
        })
    }

    /// Half of what is past due when the year begins, decomposed to units and to people in equal parts.
    pub(super) fn target(&self, script: &Script, year: i32) -> String {
        let mut facts =
            format!("[targets.T-{year}]\nfrom = \"{year}-01-01\"\nto = \"{year}-12-31\"\nof_arrears = {{ percent = \"50\", on = \"{}-12-31\" }}\n", year - 1);
        for (code, unit) in &script.units {
            let _ = write!(facts, "\n[targets.T-{year}.units.{code}]\npercent = \"{}\"\n\n[targets.T-{year}.units.{code}.people]\n", unit.target);
            let people: Vec<&Employee> = self.people().filter(|e| e.unit == *code).collect();
            // In hundredths of a per cent; what does not divide is the first one's.
            let part = 10_000 / i64::try_from(people.len()).unwrap_or(1).max(1);
            let first = 10_000 - part * i64::try_from(people.len().saturating_sub(1)).unwrap_or(0);
            for (at, e) in people.into_iter().enumerate() {
                let _ = writeln!(facts, "{} = {{ percent = \"{}\" }}", e.code, decimal(if at == 0 { first } else { part }));
            }
        }
        facts
    }
}
