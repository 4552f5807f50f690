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
