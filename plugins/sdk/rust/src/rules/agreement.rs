//! Agreements: their terms, and what happened to them.

use super::Case;
use super::case::slice;
use super::rate::{Rate, ratio};
use super::wire::{Day, Entry, Milestone, Minor, Term, TermKind};

impl<'a> Case<'a> {
    /// The kind of the agreement.
    #[must_use]
    pub fn agreement_kind(&self) -> Option<&'a str> {
        self.symbols.get(self.agreement as usize).map(String::as_str)
    }

    fn term(&self, name: &str, kind: TermKind) -> Option<&'a Term> {
        self.terms.iter().find(|term| term.kind == kind && self.symbols.get(term.name as usize).is_some_and(|symbol| symbol == name))
    }

    /// The parties that the agreement binds in a role, in the order in which they are named.
    pub fn bound(&self, role: &str) -> impl Iterator<Item = u32> + use<'a> {
        let role = self.symbols.iter().position(|symbol| symbol == role);
        self.obligors.iter().filter(move |obligor| role == Some(obligor.role as usize)).map(|obligor| obligor.party)
    }

    /// An agreed amount, where one is stated.
    #[must_use]
    pub fn money(&self, name: &str) -> Option<Minor> {
        self.term(name, TermKind::Money).map(|term| term.value)
    }

    /// An agreed decimal, where one is stated.
    #[must_use]
    pub fn decimal(&self, name: &str) -> Option<Rate> {
        self.term(name, TermKind::Decimal).map(|term| Rate { mantissa: term.value, scale: term.scale })
    }

    /// An agreed day, where one is stated.
    #[must_use]
    pub fn agreed_day(&self, name: &str) -> Option<Day> {
        self.term(name, TermKind::Day).and_then(|term| Day::try_from(term.value).ok())
    }

    /// An agreed word, where one is stated.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<&'a str> {
        let term = self.term(name, TermKind::Word)?;
        usize::try_from(term.value).ok().and_then(|index| self.symbols.get(index)).map(String::as_str)
    }

    /// The milestones of a kind with their indices, in the order of days.
    pub fn happened(&self, kind: &str) -> impl Iterator<Item = (u32, &'a Milestone)> + use<'a> {
        let kind = self.symbols.iter().position(|symbol| symbol == kind);
        (0u32..).zip(self.milestones).filter(move |(_, milestone)| kind == Some(milestone.kind as usize))
    }

    /// The entries of the receipt that a milestone happened to, with their indices.
    pub fn applied(&self, milestone: &Milestone) -> impl Iterator<Item = (u32, &'a Entry)> + use<'a> {
        let entries = self.entries;
        let indices = slice(self.applied, milestone.applied).unwrap_or_default();
        indices.iter().filter_map(move |&index| Some((index, entries.get(index as usize)?)))
    }

    /// The first milestone of a kind that happened to the receipt behind an entry.
    #[must_use]
    pub fn receipt_milestone(&self, kind: &str, entry: u32) -> Option<&'a Milestone> {
        self.happened(kind).map(|(_, milestone)| milestone).find(|milestone| self.applied(milestone).any(|(index, _)| index == entry))
    }

    /// What an amount that was stated of a receipt is worth to the case, from the milestone's day on and after each later
    /// entry of that receipt: the part of it that is applied to the case's debts. None when it does not fit 64 bits.
    #[must_use]
    pub fn worth(&self, milestone: &Milestone, amount: Minor) -> Option<Vec<(Day, Minor)>> {
        let mut net = 0i64;
        let mut worth: Vec<(Day, Minor)> = Vec::new();
        for (_, entry) in self.applied(milestone) {
            net = net.checked_sub(entry.amount)?;
            let day = entry.day.max(milestone.day);
            let value = ratio(amount, net, milestone.received)?;
            match worth.last_mut() {
                Some(last) if last.0 == day => last.1 = value,
                _ => worth.push((day, value)),
            }
        }
        Some(worth)
    }
}
