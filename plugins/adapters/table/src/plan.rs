//! The profile made ready to run: names became numbers, and contradictions were refused.

use crate::profile::{Amount, Basis, Columns, Grammar, Key, Kind, Long, Named, Negative, Order, Profile, Rule, Short, Tag, TotalRow};
use recoup_sdk::adapter::date::DateForm;
use recoup_sdk::adapter::number::Notation;
use recoup_sdk::adapter::record::{Dialect, RECORD_BYTES_MAX};
use recoup_sdk::adapter::text::Encoding;
use recoup_sdk::adapter::{BasisTag, Problem, ReceivableTag};

/// A column's number in [`Plan::columns`].
pub(crate) type Id = usize;
/// An amount's number in [`Plan::amounts`].
pub(crate) type Slot = usize;

/// A profile made ready to run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) encoding: Encoding,
    pub(crate) dialect: Dialect,
    pub(crate) within: usize,
    pub(crate) skip_after: usize,
    pub(crate) grammar: Option<Grammar>,
    pub(crate) short: Short,
    pub(crate) long: Long,
    pub(crate) footer: Vec<String>,
    pub(crate) anchor: Option<Id>,
    /// Whether any column is filled down.
    pub(crate) fills_down: bool,
    pub(crate) columns: Vec<Column>,
    /// Columns that are read as amounts, once per row.
    pub(crate) amounts: Vec<Id>,
    pub(crate) empty: Vec<String>,
    /// What a cell begins with whose text is not its value.
    special: FirstBytes,
    /// Those that a footer or the label of a total row begins with.
    label: FirstBytes,
    pub(crate) dates: Vec<DateForm>,
    pub(crate) date_words: String,
    pub(crate) notation: Notation,
    pub(crate) unit: Vec<String>,
    pub(crate) currency: Option<String>,
    pub(crate) currencies: Vec<(String, String)>,
    pub(crate) stages: Vec<(String, String)>,
    pub(crate) party: Option<NamedPlan>,
    pub(crate) contract: Option<NamedPlan>,
    pub(crate) rules: Vec<RulePlan>,
    pub(crate) totals: Vec<TotalPlan>,
    pub(crate) balance: Option<BalancePlan>,
}

#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) headers: Vec<String>,
    pub(crate) constant: Option<String>,
    pub(crate) preamble: Option<String>,
    pub(crate) required: bool,
    pub(crate) fill_down: bool,
    pub(crate) nth: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct NamedPlan {
    pub(crate) key: Id,
    pub(crate) name: Option<Id>,
    pub(crate) id: Option<Id>,
}

#[derive(Debug)]
pub(crate) enum KeyPlan {
    Columns(Vec<Id>),
    Hash(Vec<Id>),
}

/// `plus − minus`, or `plus` with the sign that the flag gives it.
#[derive(Debug)]
pub(crate) struct AmountPlan {
    pub(crate) plus: Option<Slot>,
    pub(crate) minus: Option<Slot>,
    pub(crate) flag: Option<FlagPlan>,
}

#[derive(Debug)]
pub(crate) struct FlagPlan {
    pub(crate) column: Id,
    pub(crate) plus: Vec<String>,
    pub(crate) minus: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) column: Id,
    pub(crate) is: Option<Vec<String>>,
    pub(crate) not: Option<Vec<String>>,
    pub(crate) empty: Option<bool>,
}

#[derive(Debug)]
pub(crate) struct RulePlan {
    pub(crate) kind: Kind,
    pub(crate) when: Vec<Condition>,
    pub(crate) reason: String,
    pub(crate) key: Option<KeyPlan>,
    pub(crate) party: Option<Id>,
    pub(crate) name: Option<Id>,
    pub(crate) account: Option<Id>,
    pub(crate) name_account: Option<Id>,
    pub(crate) document: Vec<Id>,
    pub(crate) cites: Vec<Id>,
    pub(crate) contract: Option<Id>,
    pub(crate) currency: Option<Id>,
    pub(crate) amount: Option<AmountPlan>,
    pub(crate) second: Option<AmountPlan>,
    pub(crate) date: Option<Id>,
    pub(crate) due: Option<Id>,
    pub(crate) terms: Option<(Id, Id)>,
    pub(crate) due_on_document_date: bool,
    pub(crate) stage: Option<Id>,
    pub(crate) text: Vec<Id>,
    pub(crate) tag: u8,
    pub(crate) negative: Negative,
}

#[derive(Debug)]
pub(crate) struct TotalPlan {
    pub(crate) labels: Vec<String>,
    pub(crate) columns: Vec<(Id, Slot)>,
    pub(crate) subtotal: bool,
}

#[derive(Debug)]
pub(crate) struct BalancePlan {
    pub(crate) slot: Slot,
    pub(crate) amount: AmountPlan,
    pub(crate) order: Order,
}

/// Words for currencies that Chinese exports use.
const CURRENCIES: [(&str, &str); 12] = [
    ("人民币", "CNY"),
    ("RMB", "CNY"),
    ("人民币元", "CNY"),
    ("美元", "USD"),
    ("欧元", "EUR"),
    ("港币", "HKD"),
    ("港元", "HKD"),
    ("日元", "JPY"),
    ("英镑", "GBP"),
    ("澳大利亚元", "AUD"),
    ("澳元", "AUD"),
    ("新加坡元", "SGD"),
];

/// Words for stages.
const STAGES: [(&str, &str); 12] = [
    ("settled", "settled"),
    ("unsettled", "unsettled"),
    ("measured-unpaid", "measured-unpaid"),
    ("retention", "retention"),
    ("已结算", "settled"),
    ("已决算", "settled"),
    ("未结算", "unsettled"),
    ("未决算", "unsettled"),
    ("待决算", "unsettled"),
    ("已计量未支付", "measured-unpaid"),
    ("质保金", "retention"),
    ("保证金", "retention"),
];

impl Plan {
    /// Whether a cell that begins with this byte may mean something else than it says.
    #[inline]
    pub(crate) fn begins_special(&self, first: u8) -> bool {
        self.special.has(first)
    }

    /// Whether a footer or a total row may begin with this byte.
    #[inline]
    pub(crate) fn begins_label(&self, first: u8) -> bool {
        self.label.has(first)
    }

    /// Forgets optional columns that the file lacks, so that no row is asked for them. What a rule cannot do
    /// without stays, for its message.
    pub(crate) fn leave_out(&mut self, absent: impl Fn(Id) -> bool) {
        let forget = |id: &mut Option<Id>| *id = id.filter(|id| !absent(*id));
        for named in [&mut self.party, &mut self.contract].into_iter().flatten() {
            forget(&mut named.name);
            forget(&mut named.id);
        }
        let slot_absent = |slot: &Slot| self.amounts.get(*slot).is_some_and(|id| absent(*id));
        for rule in &mut self.rules {
            [&mut rule.name, &mut rule.account, &mut rule.contract, &mut rule.due, &mut rule.stage].into_iter().for_each(forget);
            rule.text.retain(|id| !absent(*id));
            rule.terms = rule.terms.filter(|(_, days)| !absent(*days));
            rule.second = rule.second.take().filter(|s| !s.plus.iter().chain(&s.minus).all(slot_absent));
            if rule.kind != Kind::Allocation {
                rule.document.retain(|id| !absent(*id));
                if rule.cites.iter().any(|id| absent(*id)) {
                    rule.cites.clear();
                }
            }
        }
    }

    /// Makes a profile ready to run.
    ///
    /// # Errors
    /// Says which entry contradicts another.
    pub(crate) fn new(profile: Profile) -> Result<Self, Problem> {
        let ascii = |c: char, at: &str| u8::try_from(c).ok().filter(u8::is_ascii).ok_or_else(|| invalid(at, "Give one ASCII character."));
        let mut quotes = profile.quote.chars();
        let quote = quotes.next().map(|c| ascii(c, "quote")).transpose()?;
        let delimiter = ascii(profile.delimiter, "delimiter")?;
        if quotes.next().is_some() || quote == Some(delimiter) || matches!(delimiter, b'\n' | b'\r') {
            return Err(invalid("quote", "Give one character at most, and another one than the delimiter."));
        }
        if !(1..=RECORD_BYTES_MAX).contains(&profile.record_max) {
            return Err(invalid("record_max", &format!("Give 1 to {RECORD_BYTES_MAX} bytes.")));
        }
        let mut dates = Vec::new();
        for (i, pattern) in profile.values.dates.iter().enumerate() {
            let form = DateForm::new(pattern);
            dates.push(form.ok_or_else(|| invalid(&format!("values.dates[{i}]"), "Give a form such as `YYYY-MM-DD`, or `excel`."))?);
        }
        let columns = profile
            .columns
            .into_iter()
            .map(|(name, c)| {
                let sources = [!c.headers.is_empty(), c.constant.is_some(), c.preamble.is_some()];
                if sources.iter().filter(|s| **s).count() != 1 {
                    let what = "Give either `headers`, or `constant`, or `preamble`.";
                    return Err(invalid(&format!("columns.{name}"), what));
                }
                Ok(Column { name, headers: c.headers, constant: c.constant, preamble: c.preamble, required: c.required, fill_down: c.fill_down, nth: c.nth })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut names = Names { columns: &columns, amounts: Vec::new() };
        let party = profile.party.as_ref().map(|n| names.named(n, "party")).transpose()?;
        let contract = profile.contract.as_ref().map(|n| names.named(n, "contract")).transpose()?;
        let anchor = names.maybe(profile.rows.anchor.as_ref(), "rows.anchor")?;
        let mut rules = Vec::new();
        for (i, rule) in profile.rules.iter().enumerate() {
            let usual = (party.map(|p| p.key), contract.map(|c| c.key));
            rules.push(names.rule(rule, usual, &format!("rules[{i}]"))?);
        }
        let mut totals = Vec::new();
        for (i, total) in profile.totals.iter().enumerate() {
            totals.push(names.total(total, &format!("totals[{i}]"))?);
        }
        let balance = match &profile.balance {
            None => None,
            Some(b) => Some(BalancePlan { slot: names.slot(&b.column, "balance.column")?, amount: names.amount(&b.amount, "balance.amount")?, order: b.order }),
        };
        let amounts = names.amounts;
        let values = profile.values;
        let standard = Notation::default();
        Ok(Self {
            encoding: Encoding::named(&profile.encoding).ok_or_else(|| invalid("encoding", "Give `utf-8`, `gb18030` or `windows-1252`."))?,
            dialect: Dialect { delimiter, quote, record_max: profile.record_max },
            within: profile.header.within,
            skip_after: profile.header.skip_after,
            grammar: profile.header.grammar,
            short: profile.rows.short,
            long: profile.rows.long,
            anchor,
            fills_down: columns.iter().any(|c| c.fill_down),
            columns,
            amounts,
            label: FirstBytes::of(profile.rows.footer.iter().chain(totals.iter().flat_map(|t| &t.labels)).map(String::as_str)),
            footer: profile.rows.footer,
            special: FirstBytes::of(values.empty.iter().map(String::as_str).chain(["'", "-"])),
            empty: values.empty,
            dates,
            date_words: values.dates.join(", "),
            notation: Notation { decimal: values.decimal, thousands: values.thousands, strip: values.strip.unwrap_or(standard.strip) },
            unit: values.unit.map(|u| u.names().to_vec()).unwrap_or_default(),
            currency: values.currency,
            currencies: words(values.currencies, &CURRENCIES),
            stages: words(values.stages, &STAGES),
            party,
            contract,
            rules,
            totals,
            balance,
        })
    }
}

/// One bit for each byte that a word begins with: most cells are told apart by it.
#[derive(Debug)]
struct FirstBytes([u64; 4]);

impl FirstBytes {
    fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut bits = [0; 4];
        for first in words.filter_map(|w| w.bytes().next()) {
            if let Some(word) = bits.get_mut(usize::from(first >> 6)) {
                *word |= 1_u64 << (first & 63);
            }
        }
        Self(bits)
    }

    #[inline]
    fn has(&self, first: u8) -> bool {
        self.0.get(usize::from(first >> 6)).is_some_and(|word| word >> (first & 63) & 1 == 1)
    }
}

/// The profile's words, then the usual ones.
fn words(own: std::collections::BTreeMap<String, String>, usual: &[(&str, &str)]) -> Vec<(String, String)> {
    own.into_iter().chain(usual.iter().map(|(w, m)| ((*w).to_owned(), (*m).to_owned()))).collect()
}

pub(crate) fn invalid(at: &str, message: &str) -> Problem {
    Problem::new("profile.invalid", at, message)
}

/// Turns the names of a profile into numbers.
struct Names<'a> {
    columns: &'a [Column],
    amounts: Vec<Id>,
}

impl Names<'_> {
    fn id(&self, name: &str, at: &str) -> Result<Id, Problem> {
        let id = self.columns.iter().position(|c| c.name == name);
        id.ok_or_else(|| invalid(at, &format!("There is no `columns.{name}`. Add it, or name another column.")))
    }

    fn maybe(&self, name: Option<&String>, at: &str) -> Result<Option<Id>, Problem> {
        name.map(|n| self.id(n, at)).transpose()
    }

    fn ids(&self, names: Option<&Columns>, at: &str) -> Result<Vec<Id>, Problem> {
        names.map_or(&[][..], Columns::names).iter().map(|n| self.id(n, at)).collect()
    }

    fn slot(&mut self, name: &str, at: &str) -> Result<Slot, Problem> {
        let id = self.id(name, at)?;
        Ok(self.amounts.iter().position(|a| *a == id).unwrap_or_else(|| {
            self.amounts.push(id);
            self.amounts.len() - 1
        }))
    }

    fn named(&self, named: &Named, at: &str) -> Result<NamedPlan, Problem> {
        Ok(NamedPlan {
            key: self.id(&named.key, &format!("{at}.key"))?,
            name: self.maybe(named.name.as_ref(), &format!("{at}.name"))?,
            id: self.maybe(named.id.as_ref(), &format!("{at}.id"))?,
        })
    }

    fn amount(&mut self, amount: &Amount, at: &str) -> Result<AmountPlan, Problem> {
        Ok(match amount {
            Amount::Signed(name) => AmountPlan { plus: Some(self.slot(name, at)?), minus: None, flag: None },
            Amount::Negated(n) => AmountPlan { plus: None, minus: Some(self.slot(&n.negate, at)?), flag: None },
            Amount::Sides(s) => AmountPlan { plus: Some(self.slot(&s.plus, at)?), minus: Some(self.slot(&s.minus, at)?), flag: None },
            Amount::Flagged(f) => AmountPlan {
                plus: Some(self.slot(&f.column, at)?),
                minus: None,
                flag: Some(FlagPlan { column: self.id(&f.flag, at)?, plus: f.plus.clone(), minus: f.minus.clone() }),
            },
        })
    }

    fn total(&mut self, total: &TotalRow, at: &str) -> Result<TotalPlan, Problem> {
        let at = format!("{at}.columns");
        let columns = total.columns.iter().map(|c| Ok((self.id(c, &at)?, self.slot(c, &at)?)));
        let columns = columns.collect::<Result<_, Problem>>()?;
        Ok(TotalPlan { labels: total.labels.clone(), columns, subtotal: total.subtotal })
    }

    /// `party` and `contract` are the columns of a rule that names none of its own.
    fn rule(&mut self, rule: &Rule, (party, contract): (Option<Id>, Option<Id>), at: &str) -> Result<RulePlan, Problem> {
        let path = |field: &str| format!("{at}.{field}");
        let mut when = Vec::new();
        for condition in &rule.when {
            when.push(Condition {
                column: self.id(&condition.column, &path("when"))?,
                is: condition.is.clone(),
                not: condition.not.clone(),
                empty: condition.empty,
            });
        }
        let key = match &rule.key {
            None => None,
            Some(Key::Columns(columns)) => Some(KeyPlan::Columns(self.ids(Some(columns), &path("key"))?)),
            Some(Key::Hash(h)) => {
                let ids = h.hash.iter().map(|n| self.id(n, &path("key"))).collect::<Result<_, _>>()?;
                Some(KeyPlan::Hash(ids))
            }
        };
        let skip = rule.kind == Kind::Skip;
        let required = [
            ("key", key.is_some() || rule.kind == Kind::Allocation),
            ("amount", rule.amount.is_some() || rule.basis == Basis::Pointer),
            ("date", rule.date.is_some()),
            ("cites", rule.cites.is_some() || !matches!(rule.kind, Kind::Allocation | Kind::Reversal)),
            ("document", rule.document.is_some() || rule.kind != Kind::Allocation),
        ];
        if let Some((missing, _)) = required.iter().find(|(_, there)| !there && !skip) {
            return Err(invalid(&path(missing), "A rule of this kind needs it."));
        }
        let amount = rule.amount.as_ref().map(|a| self.amount(a, &path("amount"))).transpose()?;
        let second = rule.second.as_ref().map(|a| self.amount(a, &path("second"))).transpose()?;
        let terms = match &rule.terms {
            None => None,
            Some(t) => Some((self.id(&t.start, &path("terms.start"))?, self.id(&t.days, &path("terms.days"))?)),
        };
        Ok(RulePlan {
            kind: rule.kind,
            when,
            reason: rule.reason.clone().unwrap_or_else(|| "excluded".to_owned()),
            key,
            party: self.maybe(rule.party.as_ref(), &path("party"))?.or(party),
            name: self.maybe(rule.name.as_ref(), &path("name"))?,
            account: self.maybe(rule.account.as_ref(), &path("account"))?,
            name_account: self.maybe(rule.name_account.as_ref(), &path("name_account"))?,
            document: self.ids(rule.document.as_ref(), &path("document"))?,
            cites: self.ids(rule.cites.as_ref(), &path("cites"))?,
            contract: self.maybe(rule.contract.as_ref(), &path("contract"))?.or(contract),
            currency: self.maybe(rule.currency.as_ref(), &path("currency"))?,
            amount,
            second,
            date: self.maybe(rule.date.as_ref(), &path("date"))?,
            due: self.maybe(rule.due.as_ref(), &path("due"))?,
            terms,
            due_on_document_date: rule.due_on_document_date,
            stage: self.maybe(rule.stage.as_ref(), &path("stage"))?,
            text: self.ids(rule.text.as_ref(), &path("text"))?,
            tag: match rule.kind {
                Kind::Allocation => match rule.basis {
                    Basis::Stated => BasisTag::Stated as u8,
                    Basis::Group => BasisTag::Group as u8,
                    Basis::Pointer => BasisTag::Pointer as u8,
                },
                _ => match rule.tag {
                    Tag::Invoice => ReceivableTag::Invoice as u8,
                    Tag::DebitNote => ReceivableTag::DebitNote as u8,
                    Tag::Opening => ReceivableTag::Opening as u8,
                    Tag::Retention => ReceivableTag::Retention as u8,
                },
            },
            negative: rule.negative,
        })
    }
}
