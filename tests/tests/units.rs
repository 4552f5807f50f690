//! Units of a ledger: stated as facts, signing letters and agreements, and one above another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

#[allow(dead_code, reason = "each test uses what it needs")]
mod books;

use books::Books;
use recoup_engine::EngineError;
use recoup_model::accountability::Letter;
use recoup_store::EVERYTHING;
use recoup_store::testing::databases;
use serde_json::{Value, json};

fn letter(unit: Option<&str>) -> Value {
    let mut letter = json!({"from": "2024-01-01", "deadline": "2024-12-31", "receivables": ["r1"], "shares": {"wang": 1}});
    if let Some(unit) = unit {
        letter["unit"] = unit.into();
    }
    json!({"letters": {"l1": letter}})
}

fn units() -> Value {
    json!({"units": {"head": {"name": "总部"}, "north": {"name": "北方公司", "parent": "head"}}})
}

impl Books {
    fn refused(&mut self, facts: Value) -> String {
        self.state(facts).unwrap_err().code().to_owned()
    }

    fn letter(&mut self) -> Letter {
        self.store.read::<_, EngineError>(self.ledger.id, |view| Ok(view.letters(None, EVERYTHING)?.remove(0))).unwrap()
    }

    fn units(&mut self) -> Vec<(String, Option<String>)> {
        let units = self.store.read::<_, EngineError>(self.ledger.id, |view| Ok(view.units(EVERYTHING)?)).unwrap();
        let code = |id| units.iter().find(|u| Some(u.id) == id).map(|u| u.code.clone());
        let mut told: Vec<_> = units.iter().map(|u| (u.code.clone(), code(u.parent))).collect();
        told.sort();
        told
    }
}

#[test]
fn a_unit_is_stated_once_and_signs_letters() {
    for db in databases() {
        let mut books = Books::new(&db);
        assert_eq!(books.letter().unit, None);
        books.state(units()).unwrap().unwrap();
        assert_eq!(books.state(units()).unwrap(), None, "what stands is not repeated");
        let told = |parent: Option<&str>| [("head".to_owned(), None), ("north".to_owned(), parent.map(str::to_owned))];
        assert_eq!(books.units(), told(Some("head")));
        books.know(letter(Some("north")));
        let signed = books.letter().unit;
        assert!(signed.is_some());
        books.know(json!({"units": {"north": {"name": "北方公司"}}}));
        assert_eq!((books.units(), books.letter().unit), (told(None).to_vec(), signed), "it is the same unit, and nothing is above it any more");
        books.know(letter(None));
        assert_eq!(books.letter().unit, None, "what a file states of a letter is all of it");
        books.prove();
    }
}

#[test]
fn a_unit_that_is_unknown_or_above_itself_is_refused() {
    for db in databases() {
        let mut books = Books::new(&db);
        assert_eq!(books.refused(letter(Some("north"))), "unit.unknown");
        assert_eq!(books.refused(json!({"units": {"north": {"name": "北方公司", "parent": "head"}}})), "unit.unknown");
        assert_eq!(books.refused(json!({"units": {"a": {"name": "A", "parent": "a"}}})), "unit.circle");
        books.know(units());
        let circle = json!({"units": {"head": {"name": "总部", "parent": "north"}}});
        assert_eq!(books.refused(circle), "unit.circle", "north is below it");
        let agreement = json!({"agreements": {"a1": {"kind": "entrustment", "unit": "south", "from": "2024-01-01", "holders": {"wang": "100"}}}});
        assert_eq!(books.refused(agreement), "unit.unknown");
        assert_eq!(books.units().len(), 2, "nothing of what was refused is there");
    }
}
