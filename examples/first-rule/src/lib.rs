//! `flat-bonus`: one per cent of the cash recovered under a responsibility letter goes to whoever
//! answers for the letter, payable on receipt. The smallest pack that is still honest about
//! reversals, rates that change and cases that cannot be judged.

use recoup_sdk::rules::describe::{Clause, Family, LineShape, Message, RulesDescription, Text};
use recoup_sdk::rules::params::{Dated, Reader};
use recoup_sdk::rules::rate::Rate;
use recoup_sdk::rules::wire::{BasisKind, Beneficiary, Day, EntryKind, LineState, Problem};
use recoup_sdk::rules::{Case, Fault, Key, Pack, Verdict, arg};
use serde_json::{Value, json};

/// The one clause: its index in `describe`.
const FB1: u32 = 0;

/// The role of whoever answers for a letter, as facts files and scenarios spell it.
const RESPONSIBLE: &str = "responsible";

// Messages, by their index in `describe`.
const BONUS: u32 = 0;
const REVERSED: u32 = 1;
const NO_RATE: u32 = 2;
const NOBODY: u32 = 3;
const SEVERAL: u32 = 4;
const TOO_LARGE: u32 = 5;

/// The pack.
#[derive(Debug)]
pub struct FlatBonus;

/// What may be set.
#[derive(Debug)]
pub struct Parameters {
    rate: Dated<Rate>,
}

impl Pack for FlatBonus {
    type Parameters = Parameters;

    fn describe() -> RulesDescription {
        RulesDescription {
            id: "flat-bonus".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            contract: recoup_sdk::rules::CONTRACT.into(),
            title: text("Flat bonus on cash recovered", "清收回款固定比例奖励"),
            scopes: vec!["letter".into()],
            agreements: vec![],
            clauses: vec![Clause {
                id: "FB-1".into(),
                title: text("A flat share of the cash recovered, payable on receipt", "按回款固定比例奖励，到账即可兑现"),
                family: Family::Commission,
                restricted: None,
                sensitive: false,
                scopes: vec!["letter".into()],
                // A receipt earns (+), its reversal takes back (−); the host refuses lines of any other shape.
                lines: Some(LineShape { bases: vec!["entry".into()], positive: true, negative: true }),
            }],
            messages: vec![
                message("fb.bonus", "{0} recovered on {1} × {2} = {3}.", "{1}收回{0} × {2} = {3}。"),
                message("fb.reversed", "Takes back what the receipt of {0} earned.", "冲回{0}收款所得奖励。"),
                message("fb.no_rate", "No value of `rate` is in force on {0}.", "参数`rate`在{0}没有有效值。"),
                message("fb.nobody", "Nobody answered for the letter on {0}.", "{0}无人承担责任状责任。"),
                message("fb.several", "Several persons answered for the letter on {0}.", "{0}有多人承担责任状责任。"),
                message("fb.too_large", "An amount is too large to be computed.", "金额过大，无法计算。"),
            ],
            parameter_schema: schema(),
            default_parameters: defaults(),
        }
    }

    fn parse(json: &str) -> Result<Parameters, Vec<Problem>> {
        let mut reader = Reader::new(json, defaults())?;
        let rate = reader.share("rate");
        reader.finish(Parameters { rate })
    }

    fn evaluate(case: &Case<'_>, parameters: &Parameters, out: &mut Verdict<'_>) -> Result<(), Fault> {
        for (index, entry) in case.indexed() {
            // A reversal has the kind of what it reverses, so it comes here too.
            if case.kind(index) != Some(EntryKind::Cash) {
                continue;
            }
            // Rate, dates and person are those of the receipt, also when it is taken back later.
            let root = case.root(index);
            let received = case.entries.get(root as usize).unwrap_or(entry).day;
            if received < case.from || case.to.is_some_and(|deadline| received > deadline) {
                continue;
            }
            let rate = *parameters.rate.on(received).ok_or_else(|| Fault::new(NO_RATE, &[arg::day(received)]))?;
            let person = who_answers(case, received)?;
            // A receipt lowers the open balance; what came in is the opposite.
            let too_large = || Fault::new(TOO_LARGE, &[]);
            let cash = entry.amount.checked_neg().ok_or_else(too_large)?;
            let bonus = rate.of(cash).ok_or_else(too_large)?;
            // The basis is the one dated fact that earned the line: this entry.
            let key = Key { clause: FB1, to: Beneficiary::Person(person), basis: BasisKind::Entry, index, part: 0 };
            if let Some(mut trace) = out.line(key, bonus, [(entry.day, LineState::Payable)]) {
                if index != root {
                    trace = trace.step(FB1, REVERSED, &[arg::day(received)]);
                }
                trace.step(FB1, BONUS, &[arg::money(cash), arg::day(entry.day), arg::decimal(rate), arg::money(bonus)]);
            }
        }
        Ok(())
    }
}

recoup_sdk::export_rules!(FlatBonus);

/// The one person who answers on a day. Nobody or several is no zero: the case is set aside.
fn who_answers(case: &Case<'_>, on: Day) -> Result<u32, Fault> {
    let mut holders = case.holders(RESPONSIBLE, on);
    match (holders.next(), holders.next()) {
        (Some(person), None) => Ok(person),
        (None, _) => Err(Fault::new(NOBODY, &[arg::day(on)])),
        (Some(_), Some(_)) => Err(Fault::new(SEVERAL, &[arg::day(on)])),
    }
}

fn text(en: &str, zh: &str) -> Text {
    Text { en: en.into(), zh: zh.into() }
}

fn message(code: &str, en: &str, zh: &str) -> Message {
    Message { code: code.into(), en: en.into(), zh: zh.into() }
}

/// Dated from before every basis date there may be.
fn defaults() -> Value {
    json!({"rate": [{"from": "1900-01-01", "value": "0.01"}]})
}

/// A plain value that always holds, or a list of dated ones.
fn schema() -> Value {
    let rate = json!({"type": "string", "pattern": "^(0(\\.[0-9]{1,12})?|1(\\.0{1,12})?)$"});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "rate": {
                "title": "FB-1: share of the cash recovered",
                "x-title-zh": "FB-1：回款奖励比例",
                "anyOf": [rate, {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "properties": {"from": {"type": "string", "format": "date"}, "value": rate},
                        "required": ["from", "value"],
                        "additionalProperties": false,
                    },
                }],
            },
        },
    })
}
