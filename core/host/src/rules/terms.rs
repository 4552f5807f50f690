//! Whether an agreement says what a pack has to know of it. What is missing is never zero: the case is set aside.

use recoup_model::agreement::Term;
use recoup_model::case::Case;
use recoup_model::due::{Arg, Fault};
use recoup_wit::describe::TermType;

use crate::RulesDescription;

/// Digits behind the point that the contract carries.
const SCALE_MAX: u32 = 12;

/// Why a case cannot be shown to the pack, if it cannot.
pub(super) fn unfit(description: &RulesDescription, case: &Case) -> Option<Fault> {
    let agreed = case.agreed.as_ref()?;
    let fault = |code: &str, name: &str, why: &str| {
        let detail = format!("term `{name}` of the agreement of kind `{}` {why}", agreed.kind);
        Some(Fault { code: code.to_owned(), args: vec![Arg::Symbol(name.to_owned())], detail })
    };
    let Some(shape) = description.agreements.iter().find(|a| a.kind == agreed.kind) else {
        let detail = format!("the pack judges no agreement of kind `{}`", agreed.kind);
        return Some(Fault { code: "agreement.kind".to_owned(), args: vec![Arg::Symbol(agreed.kind.clone())], detail });
    };
    if shape.holders && case.shares.is_empty() {
        let detail = format!("nobody holds the agreement of kind `{}`: record it again with `holders`", agreed.kind);
        return Some(Fault { code: "agreement.holders_missing".to_owned(), args: Vec::new(), detail });
    }
    shape.terms.iter().find_map(|wanted| match agreed.terms.get(&wanted.name) {
        None if wanted.required => fault("agreement.term_missing", &wanted.name, "is not stated: record the agreement again with it"),
        None => None,
        Some(term) if is_of(term, wanted.kind) => None,
        Some(_) => fault("agreement.term_type", &wanted.name, &format!("is not {}: record the agreement again with one", named(wanted.kind))),
    })
}

fn is_of(term: &Term, wanted: TermType) -> bool {
    match term {
        Term::Money(_) => wanted == TermType::Money,
        Term::Decimal(d) => wanted == TermType::Decimal && d.normalize().scale() <= SCALE_MAX && i64::try_from(d.normalize().mantissa()).is_ok(),
        Term::Day(_) => wanted == TermType::Day,
        Term::Word(_) => wanted == TermType::Word,
    }
}

const fn named(wanted: TermType) -> &'static str {
    match wanted {
        TermType::Money => "an amount",
        TermType::Decimal => "a decimal of at most 12 digits behind the point",
        TermType::Day => "a day",
        TermType::Word => "a word",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::collections::BTreeMap;

    use recoup_model::case::{CaseAgreement, CaseKey, Scope};
    use recoup_model::id::PersonId;
    use serde_json::json;

    use super::*;

    fn description() -> RulesDescription {
        let text = json!({"en": "t", "zh": "t"});
        let terms = json!([{"name": "rate", "type": "decimal"}, {"name": "target", "type": "money", "required": true}]);
        serde_json::from_value(json!({"id": "p", "version": "1", "contract": "next", "title": text, "scopes": ["agreement"], "clauses": [], "messages": [],
            "agreements": [{"kind": "deal", "terms": terms}], "parameter_schema": {}, "default_parameters": {}}))
        .unwrap()
    }

    fn case(kind: &str, terms: &[(&str, Term)]) -> Case {
        let terms: BTreeMap<String, Term> = terms.iter().map(|(name, term)| ((*name).to_owned(), term.clone())).collect();
        Case {
            key: CaseKey { pack: "p".to_owned(), scope: Scope::Agreement, subject: uuid::Uuid::nil() },
            from: recoup_model::Date::MIN,
            to: None,
            receivables: Vec::new(),
            stages: Vec::new(),
            entries: Vec::new(),
            roles: Vec::new(),
            shares: vec![(PersonId(uuid::Uuid::nil()), 1_000_000)],
            wages: Vec::new(),
            agreed: Some(CaseAgreement { kind: kind.to_owned(), terms, obligors: Vec::new(), supervised: Vec::new() }),
            milestones: Vec::new(),
            false_reports: Vec::new(),
            sanctions: Vec::new(),
        }
    }

    fn found(kind: &str, terms: &[(&str, Term)]) -> Option<String> {
        unfit(&description(), &case(kind, terms)).map(|fault| format!("{} {:?}", fault.code, fault.args))
    }

    #[test]
    fn a_term_is_there_and_of_its_type_or_the_case_is_set_aside() {
        let decimal = |text: &str| Term::Decimal(text.parse().unwrap());
        let target = ("target", Term::Money(5));
        assert_eq!(found("deal", std::slice::from_ref(&target)), None);
        assert_eq!(found("deal", &[target.clone(), ("rate", decimal("0.050000000000000")), ("other", decimal("1"))]), None);
        assert_eq!(found("deal", &[]).unwrap(), r#"agreement.term_missing [Symbol("target")]"#);
        assert_eq!(found("deal", &[("target", decimal("5"))]).unwrap(), r#"agreement.term_type [Symbol("target")]"#);
        // More digits than the contract carries are no decimal of it: nothing is rounded.
        assert_eq!(found("deal", &[target.clone(), ("rate", decimal("0.0500000000001"))]).unwrap(), r#"agreement.term_type [Symbol("rate")]"#);
        assert_eq!(found("deal", &[target.clone(), ("rate", decimal("9223372036854775808"))]).unwrap(), r#"agreement.term_type [Symbol("rate")]"#);
        let nobodys = Case { shares: Vec::new(), ..case("deal", std::slice::from_ref(&target)) };
        assert_eq!(unfit(&description(), &nobodys).unwrap().code, "agreement.holders_missing");
        let mut unheld = description();
        unheld.agreements.iter_mut().for_each(|shape| shape.holders = false);
        assert_eq!(unfit(&unheld, &nobodys), None);
        assert_eq!(found("pact", &[target]).unwrap(), r#"agreement.kind [Symbol("pact")]"#);
    }
}
