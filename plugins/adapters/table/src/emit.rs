//! Items out of a row: the party and the contract when they are new, then what the row is.

use crate::plan::{Id, KeyPlan, RulePlan};
use crate::profile::{Kind, Negative};
use crate::quick::{Map, same};
use crate::row::{Fail, Row, negated};
use crate::stated::Stated;
use crate::tally::{Counted, Tally};
use recoup_sdk::adapter::number::Total;
use recoup_sdk::adapter::{Columns, Dec, DueSource, Item, ItemKind, skipped};
use std::fmt::Write as _;

/// Rows of a statement without serial numbers.
const HASHED_MAX: usize = 500_000;

/// What emitting remembers from row to row.
#[derive(Debug, Default)]
pub(crate) struct Emitter {
    parties: Stated,
    contracts: Stated,
    /// How often a hashed key occurred.
    hashed: Map<u64, u32>,
    key: String,
    cites: String,
    document: String,
    text: String,
}

impl Emitter {
    /// The key of the row that was emitted last, as far as it is known.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Before a row of which nothing is known yet.
    pub(crate) fn forget_key(&mut self) {
        self.key.clear();
    }

    /// Emits what a rule says a row is. One that cannot be emitted still has its key, by which a later file mends it.
    pub(crate) fn emit(&mut self, row: Row<'_>, rule: &RulePlan, tally: &mut Tally, out: &mut Columns) -> Result<(), Fail> {
        let emitted = self.emit_whole(row, rule, tally, out);
        if emitted.is_err()
            && self.key.is_empty()
            && let Some(KeyPlan::Columns(ids)) = &rule.key
        {
            let _ = join(&mut self.key, row, ids);
        }
        emitted
    }

    fn emit_whole(&mut self, row: Row<'_>, rule: &RulePlan, tally: &mut Tally, out: &mut Columns) -> Result<(), Fail> {
        if rule.kind == Kind::Skip {
            self.skip(row, rule, tally, out);
            return Ok(());
        }
        let currency = currency(row, rule)?;
        let date = match rule.date {
            Some(id) => Some(row.date(id)?.ok_or_else(|| row.missing(id))?),
            None => None,
        };
        let amount = match &rule.amount {
            None => None,
            Some(plan) => Some(row.amount(plan)?.ok_or_else(|| {
                let slot = plan.plus.or(plan.minus).unwrap_or_default();
                row.missing(row.plan.amounts.get(slot).copied().unwrap_or_default())
            })?),
        };
        self.make_key(row, rule, currency, date, amount)?;
        let (name, account) = payer(row, rule);
        let text = joined_text(&mut self.text, row, &rule.text);

        let mut kind = rule.kind;
        let mut second = rule.second.as_ref().map(|plan| row.amount(plan)).transpose()?.flatten();
        let mut amount = amount;
        if let Some(d) = amount {
            if d.mantissa == 0 {
                skipped(out, row.line(), "", &self.key, "zero_amount", text);
                tally.count(Counted::Skipped, "", None);
                return Ok(());
            }
            if d.mantissa < 0 {
                match rule.negative {
                    Negative::Issue => return Err(below_zero(d)),
                    Negative::CreditNote => (kind, second) = (Kind::CreditNote, second.map(negated)),
                    Negative::MoneyOut => {
                        let what = format!("{} {currency} {name} {text}", Total::from(d));
                        skipped(out, row.line(), "", &self.key, "money_out", what.trim_end());
                        tally.count(Counted::MoneyOut, currency, Some(negated(d)));
                        return Ok(());
                    }
                }
                amount = Some(negated(d));
            }
        }
        let party = row.maybe(rule.party);
        if party.is_empty() && matches!(kind, Kind::Receivable | Kind::CreditNote) {
            return Err(rule.party.map_or_else(no_party, |id| row.missing(id)));
        }
        let contract = row.maybe(rule.contract);
        let (due, due_source) = due(row, rule, date)?;
        let (document, cites) = if kind == Kind::Allocation {
            (joined(&mut self.document, row, &rule.document)?, joined(&mut self.cites, row, &rule.cites)?)
        } else {
            let cites_all = rule.cites.iter().all(|id| !row.value(*id).is_empty());
            let cites = if cites_all { joined(&mut self.cites, row, &rule.cites)? } else { "" };
            (joined_text(&mut self.document, row, &rule.document), cites)
        };
        let stage = stage(row, rule)?;
        if kind != Kind::Allocation && kind != Kind::Reversal {
            self.parties.introduce(row, row.plan.party, (ItemKind::Party, party, ""), out);
            self.contracts.introduce(row, row.plan.contract, (ItemKind::Contract, contract, party), out);
        }
        let (item_kind, counted) = match kind {
            Kind::Receivable => (ItemKind::Receivable, Counted::Receivables),
            Kind::Receipt => (ItemKind::Receipt, Counted::Receipts),
            Kind::CreditNote => (ItemKind::CreditNote, Counted::CreditNotes),
            Kind::Allocation => (ItemKind::Allocation, Counted::Allocations),
            Kind::Reversal | Kind::Skip => (ItemKind::Reversal, Counted::Reversals),
        };
        let is_receivable = kind == Kind::Receivable;
        let carries_party = !matches!(kind, Kind::Allocation | Kind::Reversal);
        out.push(&Item {
            key: &self.key,
            party: if carries_party { party } else { "" },
            name,
            account,
            currency,
            document,
            cites: if is_receivable { stage } else { cites },
            contract: if is_receivable { contract } else { "" },
            text,
            amount,
            second,
            date,
            due: if matches!(kind, Kind::Receivable | Kind::Receipt) { due } else { None },
            due_source: if is_receivable { due_source } else { DueSource::Unknown },
            tag: if is_receivable || kind == Kind::Allocation { rule.tag } else { 0 },
            ..Item::new(item_kind, row.line())
        });
        tally.count(counted, currency, amount);
        Ok(())
    }

    /// A row that is left out on purpose.
    #[inline(never)]
    fn skip(&mut self, row: Row<'_>, rule: &RulePlan, tally: &mut Tally, out: &mut Columns) {
        if let Some(KeyPlan::Columns(ids)) = &rule.key {
            let _ = join(&mut self.key, row, ids);
        }
        let text = joined_text(&mut self.text, row, &rule.text);
        skipped(out, row.line(), "", &self.key, &rule.reason, text);
        tally.count(Counted::Skipped, "", None);
    }

    #[inline]
    fn make_key(&mut self, row: Row<'_>, rule: &RulePlan, currency: &str, date: Option<i32>, amount: Option<Dec>) -> Result<(), Fail> {
        match &rule.key {
            None => Ok(()),
            Some(KeyPlan::Columns(ids)) => match ids.as_slice() {
                [id] => {
                    self.key.push_str(row.filled(*id)?);
                    Ok(())
                }
                _ => join(&mut self.key, row, ids),
            },
            Some(KeyPlan::Hash(ids)) => self.hash_key(row, ids, currency, date, amount),
        }
    }

    /// The key of a row without a serial number: what it says, hashed.
    #[inline(never)]
    fn hash_key(&mut self, row: Row<'_>, ids: &[Id], currency: &str, date: Option<i32>, amount: Option<Dec>) -> Result<(), Fail> {
        let mut hash = Fnv::default();
        hash.number(date.map_or(i128::MIN, i128::from));
        hash.amount(amount);
        hash.text(currency);
        for id in ids {
            let slot = row.plan.amounts.iter().position(|a| a == id);
            match slot.and_then(|s| row.amounts.get(s)) {
                Some(Ok(parsed)) => hash.amount(*parsed),
                _ => hash.text(row.value(*id)),
            }
        }
        let _ = write!(self.key, "{:016x}{:016x}", hash.0, hash.1);
        if self.hashed.len() >= HASHED_MAX {
            let text = format!("The file has more than {HASHED_MAX} rows without a serial number. Export it in shorter spans.");
            return Err(Fail { code: "table.too_many_rows", text });
        }
        // Identical rows are interchangeable, so their order does not matter.
        let times = self.hashed.entry(hash.0 ^ hash.1.rotate_left(32)).or_insert(0);
        *times += 1;
        if *times > 1 {
            let _ = write!(self.key, "-{times}");
        }
        Ok(())
    }
}

fn currency<'a>(row: Row<'a>, rule: &RulePlan) -> Result<&'a str, Fail> {
    let word = row.maybe(rule.currency);
    if word.is_empty() {
        return match (&row.plan.currency, rule.currency) {
            (Some(currency), _) => Ok(currency),
            (None, Some(id)) => Err(row.missing(id)),
            (None, None) => Ok(""),
        };
    }
    if let Some((_, code)) = row.plan.currencies.iter().find(|(w, _)| same(w, word)) {
        return Ok(code);
    }
    if matches!(word.as_bytes(), [b'A'..=b'Z', b'A'..=b'Z', b'A'..=b'Z']) {
        return Ok(word);
    }
    let text = format!("`{word}` is not a currency that the profile knows. Add it to `values.currencies` with its ISO 4217 code.");
    Err(Fail { code: "table.unknown_currency", text })
}

fn due(row: Row<'_>, rule: &RulePlan, date: Option<i32>) -> Result<(Option<i32>, DueSource), Fail> {
    if let Some(day) = rule.due.map(|id| row.date(id)).transpose()?.flatten() {
        return Ok((Some(day), DueSource::Stated));
    }
    if let Some((start, days)) = rule.terms {
        let text = row.value(days);
        if !text.is_empty() && text != "0" {
            let count = text.parse::<u16>().map_err(|_| Fail {
                code: "table.bad_terms",
                text: format!("`{text}` in column `{}` is not a number of days. Correct it in the source.", row.label(days)),
            })?;
            if let Some(from) = row.date(start)?.or(date) {
                return Ok((from.checked_add(i32::from(count)), DueSource::Terms));
            }
        }
    }
    Ok(if rule.due_on_document_date && date.is_some() { (date, DueSource::DocumentDate) } else { (None, DueSource::Unknown) })
}

fn stage<'a>(row: Row<'a>, rule: &RulePlan) -> Result<&'a str, Fail> {
    let word = row.maybe(rule.stage);
    if word.is_empty() {
        return Ok("");
    }
    let known = row.plan.stages.iter().find(|(w, _)| w == word);
    known.map(|(_, stage)| stage.as_str()).ok_or_else(|| Fail {
        code: "table.unknown_stage",
        text: format!("`{word}` is not a stage that the profile knows. Add it to `values.stages` as settled, unsettled, measured-unpaid or retention."),
    })
}

/// Name and account; some banks write both into one cell, the account last.
fn payer<'a>(row: Row<'a>, rule: &RulePlan) -> (&'a str, &'a str) {
    let Some(id) = rule.name_account else {
        return (row.maybe(rule.name), row.maybe(rule.account));
    };
    let both = row.value(id);
    let digits = both.bytes().rev().take_while(|b| b.is_ascii_digit() || *b == b'*').count();
    if digits < 6 {
        return (both, "");
    }
    both.split_at_checked(both.len() - digits).map_or((both, ""), |(name, account)| (name.trim_end(), account))
}

/// Joins the parts of a key with `/`; none may be empty. A key that lacks a part is none: it would be another record's.
#[inline(never)]
fn join(into: &mut String, row: Row<'_>, ids: &[Id]) -> Result<(), Fail> {
    for (i, id) in ids.iter().enumerate() {
        let part = row.filled(*id).inspect_err(|_| into.clear())?;
        if i > 0 {
            into.push('/');
        }
        // All but the last part are escaped, so that two keys are never written alike.
        if i + 1 < ids.len() && part.bytes().any(|b| matches!(b, b'/' | b'%')) {
            into.push_str(&part.replace('%', "%25").replace('/', "%2F"));
        } else {
            into.push_str(part);
        }
    }
    Ok(())
}

/// The parts of a key, joined; a single one is not copied.
#[inline]
fn joined<'a>(space: &'a mut String, row: Row<'a>, ids: &[Id]) -> Result<&'a str, Fail> {
    match ids {
        [] => Ok(""),
        [id] => row.filled(*id),
        _ => {
            space.clear();
            join(space, row, ids)?;
            Ok(space)
        }
    }
}

/// What there is, joined with blanks; a single text is not copied.
#[inline]
fn joined_text<'a>(space: &'a mut String, row: Row<'a>, ids: &[Id]) -> &'a str {
    match ids {
        [] => "",
        [id] => row.value(*id),
        _ => join_text(space, row, ids),
    }
}

/// Joins what there is with blanks.
#[inline(never)]
fn join_text<'a>(into: &'a mut String, row: Row<'_>, ids: &[Id]) -> &'a str {
    into.clear();
    for id in ids {
        let part = row.value(*id);
        if !into.is_empty() && !part.is_empty() {
            into.push(' ');
        }
        into.push_str(part);
    }
    into
}

#[cold]
fn no_party() -> Fail {
    Fail { code: "table.missing_field", text: "The profile names no column for the debtor. Add `[party]`.".to_owned() }
}

#[cold]
fn below_zero(d: Dec) -> Fail {
    let text = format!("The amount {} is below zero. Correct it, or say in the profile what `negative` means.", Total::from(d));
    Fail { code: "table.negative_amount", text }
}

/// Two lanes of FNV-1a: stable for ever, quick without wide multiplications.
struct Fnv(u64, u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142)
    }
}

impl Fnv {
    fn byte(&mut self, b: u8) {
        self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
        self.1 = (self.1.rotate_left(5) ^ u64::from(b)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn text(&mut self, text: &str) {
        text.bytes().for_each(|b| self.byte(b));
        self.byte(0xff); // No byte of UTF-8, so the parts cannot run together.
    }

    fn number(&mut self, n: i128) {
        n.to_le_bytes().iter().for_each(|b| self.byte(*b));
    }

    /// 1.5 and 1.50 are the same amount.
    fn amount(&mut self, amount: Option<Dec>) {
        let Some(mut d) = amount else {
            return self.byte(0xfe);
        };
        while d.scale > 0 && d.mantissa % 10 == 0 {
            d = Dec { mantissa: d.mantissa / 10, scale: d.scale - 1 };
        }
        self.number(i128::from(d.mantissa));
        self.byte(d.scale);
    }
}
