//! From flat facts to cases: one per letter, one per closed contract, one per agreement of a kind that the pack names.

use std::collections::HashMap;

use recoup_model::Date;
use recoup_model::accountability::{Letter, RoleAssignment, RoleScope};
use recoup_model::agreement::{About, Agreement, Milestone};
use recoup_model::case::{
    Case, CaseAgreement, CaseEntry, CaseEntryKind, CaseFalseReport, CaseKey, CaseMilestone, CasePause, CaseReceipt, CaseReceivable, CaseRole, CaseSanction,
    CaseStage, CaseUnit, CaseWage, Scope,
};
use recoup_model::id::{AgreementId, EntryId, PersonId, ReceiptId, ReceivableId};
use recoup_model::receivable::{EntryKind, Means, StageChange};
use recoup_model::sanction::{FalseReport, Sanction};
use recoup_store::{Claim, ClaimMovement};
use uuid::Uuid;

use super::Known;

/// Cases, and of those that are known to change on a later day, that day.
pub(super) type Cases = (Vec<Case>, HashMap<CaseKey, Date>);

/// Facts by what they belong to, so that building a case looks up and never searches.
struct Index {
    receivables: HashMap<ReceivableId, Claim>,
    stages: HashMap<ReceivableId, Vec<StageChange>>,
    /// What was said last.
    expected: HashMap<ReceivableId, Date>,
    pauses: HashMap<ReceivableId, Vec<CasePause>>,
    entries: HashMap<ReceivableId, Vec<ClaimMovement>>,
    roles: HashMap<RoleScope, Vec<RoleAssignment>>,
    wages: HashMap<PersonId, Vec<CaseWage>>,
    milestones: HashMap<Uuid, Vec<Milestone>>,
    false_reports: HashMap<Uuid, Vec<FalseReport>>,
    sanctions: HashMap<Uuid, Vec<Sanction>>,
    received: HashMap<ReceiptId, i64>,
    supervised: HashMap<AgreementId, Vec<CaseUnit>>,
}

/// What a pack wants cases of.
pub(super) struct Wanted<'a> {
    pub(super) pack: &'a str,
    pub(super) scopes: Vec<Scope>,
    /// Kinds of agreements.
    pub(super) kinds: Vec<&'a str>,
}

/// The cases of a pack, letters first, each in the order of their subjects' ids: what is recorded of them then goes to
/// the end of every index by subject.
pub(super) fn build(wanted: &Wanted<'_>, as_of: Date, known: Known) -> Cases {
    let Wanted { pack, scopes, kinds } = wanted;
    let Known { facts, supervised } = known;
    let mut of_contract: HashMap<_, Vec<&Claim>> = HashMap::new();
    for r in &facts.receivables {
        if let Some(contract) = r.contract {
            of_contract.entry(contract).or_default().push(r);
        }
    }
    let of_contract: HashMap<_, Vec<ReceivableId>> = of_contract.into_iter().map(|(contract, claims)| (contract, in_order(claims))).collect();
    let mut index = Index {
        receivables: facts.receivables.into_iter().map(|r| (r.id, r)).collect(),
        stages: HashMap::new(),
        expected: facts.expected.into_iter().map(|e| (e.receivable, e.by)).collect(),
        pauses: HashMap::new(),
        entries: HashMap::new(),
        roles: HashMap::new(),
        wages: HashMap::new(),
        milestones: HashMap::new(),
        false_reports: HashMap::new(),
        sanctions: HashMap::new(),
        received: facts.received,
        supervised,
    };
    for m in facts.milestones {
        index.milestones.entry(m.about.parts().1).or_default().push(m);
    }
    for f in facts.false_reports {
        index.false_reports.entry(f.about.parts().1).or_default().push(f);
    }
    for s in facts.sanctions {
        index.sanctions.entry(s.about.parts().1).or_default().push(s);
    }
    for s in facts.stages {
        index.stages.entry(s.receivable).or_default().push(s);
    }
    for p in facts.pauses {
        index.pauses.entry(p.receivable).or_default().push(CasePause { kind: p.kind, from: p.from, to: p.until });
    }
    for e in facts.entries {
        index.entries.entry(e.receivable).or_default().push(e);
    }
    // A hand-over that the debtor did not confirm does not count.
    for r in facts.roles.into_iter().filter(|r| r.confirmed) {
        index.roles.entry(r.scope).or_default().push(r);
    }
    // A month's wage is known when the month has ended.
    for (person, month, gross) in facts.wages.into_iter().filter(|(_, month, _)| month.last_day() <= as_of) {
        index.wages.entry(person).or_default().push(CaseWage { person, month, gross });
    }
    let mut cases = Vec::new();
    if scopes.contains(&Scope::Letter) {
        cases.extend(facts.letters.iter().map(|l| letter(pack, l, &index)));
    }
    if scopes.contains(&Scope::Contract) {
        let none = Vec::new();
        cases.extend(facts.closings.iter().map(|closed| {
            let key = CaseKey { pack: (*pack).to_owned(), scope: Scope::Contract, subject: closed.contract.0 };
            let mine = of_contract.get(&closed.contract).unwrap_or(&none);
            let roles = roles(&index, &[RoleScope::Contract(closed.contract)]);
            assemble(key, closed.on, closed.recover_by, mine, roles, Vec::new(), &index)
        }));
    }
    if scopes.contains(&Scope::Agreement) {
        cases.extend(facts.agreements.iter().filter(|a| kinds.contains(&a.kind.as_str())).map(|a| agreement(pack, a, &index)));
    }
    cases.sort_by_key(|c: &Case| (c.key.scope, c.key.subject));
    let changes = |case: &Case| Some((case.key.clone(), *case.receivables.iter().filter_map(|r| facts.moves_on.get(&r.id)).min()?));
    let changing = if facts.moves_on.is_empty() { HashMap::new() } else { cases.iter().filter_map(changes).collect() };
    (cases, changing)
}

/// A contract's claims by what they say, and by the key under which their source knows them where they say the same.
fn in_order(mut claims: Vec<&Claim>) -> Vec<ReceivableId> {
    claims.sort_by(|a, b| (a.document_date, a.due, a.gross, &a.source).cmp(&(b.document_date, b.due, b.gross, &b.source)));
    claims.into_iter().map(|claim| claim.id).collect()
}

/// Where a movement comes among those of its claim and day, so that it does not matter which was recorded first: what
/// takes back an earlier day before what the day brings, what the day takes back of its own behind it, and of these
/// cash first, then by their amounts. Those that are left are alike in all that a pack sees.
fn of_day(movement: &ClaimMovement, cited: Option<Date>) -> (u8, Option<usize>, i64) {
    let kind = match movement.kind {
        EntryKind::Gross => 0,
        EntryKind::Correction | EntryKind::Received | EntryKind::ReceivedCorrection => 1,
        EntryKind::Reversed | EntryKind::Bounced if cited != Some(movement.on) => 2,
        EntryKind::Applied => 3,
        EntryKind::WrittenOff => 4,
        EntryKind::Reversed | EntryKind::Bounced => 5,
    };
    let means = Means::ALL.iter().position(|means| movement.means == Some(*means));
    (kind, means, movement.amount)
}

fn letter(pack: &str, letter: &Letter, index: &Index) -> Case {
    let key = CaseKey { pack: pack.to_owned(), scope: Scope::Letter, subject: letter.id.0 };
    let shares = letter.shares.iter().map(|s| (s.person, s.weight)).collect();
    assemble(key, letter.from, Some(letter.deadline), &letter.receivables, roles(index, &[RoleScope::Letter(letter.id)]), shares, index)
}

fn agreement(pack: &str, a: &Agreement, index: &Index) -> Case {
    let key = CaseKey { pack: pack.to_owned(), scope: Scope::Agreement, subject: a.id.0 };
    let shares = a.holders.iter().map(|h| (h.person, h.share.millionths())).collect();
    let mut case = assemble(key, a.from, a.to, &a.receivables, roles(index, &[RoleScope::Agreement(a.id)]), shares, index);
    let happened = Happened::of(a, &case, index);
    (case.milestones, case.false_reports, case.sanctions) = (happened.milestones(), happened.false_reports(), happened.sanctions());
    let obligors = a.obligors.iter().map(|o| (o.party, o.role.clone())).collect();
    let supervised = index.supervised.get(&a.id).cloned().unwrap_or_default();
    case.agreed = Some(CaseAgreement { kind: a.kind.clone(), terms: a.terms.clone(), obligors, supervised });
    case
}

/// What facts may be about that concern an agreement: itself, its claims, and the receipts that were applied to them.
struct Happened<'a> {
    agreement: &'a Agreement,
    case: &'a Case,
    index: &'a Index,
    /// By receipt, the case's entries that it was applied by.
    applied: HashMap<ReceiptId, Vec<usize>>,
}

impl<'a> Happened<'a> {
    fn of(agreement: &'a Agreement, case: &'a Case, index: &'a Index) -> Self {
        let mut applied: HashMap<ReceiptId, Vec<usize>> = HashMap::new();
        let receipt_of: HashMap<EntryId, ReceiptId> =
            case.receivables.iter().filter_map(|r| index.entries.get(&r.id)).flatten().filter_map(|e| Some((e.id, e.receipt?))).collect();
        for (at, entry) in case.entries.iter().enumerate() {
            if let Some(receipt) = receipt_of.get(&entry.id) {
                applied.entry(*receipt).or_default().push(at);
            }
        }
        Self { agreement, case, index, applied }
    }

    /// What of some facts by what they are about concerns the agreement, in an order that does not depend on the recording.
    fn mine<T, K: Ord>(&self, facts: &'a HashMap<Uuid, Vec<T>>, order: impl Fn(&T) -> K) -> Vec<&'a T> {
        let subjects = self.applied.keys().map(|r| r.0).chain(self.case.receivables.iter().map(|r| r.id.0)).chain([self.agreement.id.0]);
        let mut mine: Vec<&T> = subjects.filter_map(|id| facts.get(&id)).flatten().collect();
        mine.sort_unstable_by_key(|fact| order(fact));
        mine
    }

    fn receivable(&self, about: About) -> Option<usize> {
        match about {
            About::Receivable(id) => self.case.receivables.iter().position(|r| r.id == id),
            About::Agreement(_) | About::Receipt(_) => None,
        }
    }

    fn milestones(&self) -> Vec<CaseMilestone> {
        let receipt = |about: About| match about {
            About::Receipt(id) => {
                let received = self.index.received.get(&id).copied().unwrap_or_default();
                self.applied.get(&id).map(|entries| CaseReceipt { received, entries: entries.clone() })
            }
            About::Agreement(_) | About::Receivable(_) => None,
        };
        let of_case = |m: &Milestone| CaseMilestone {
            id: m.id,
            kind: m.kind.clone(),
            on: m.on,
            amount: m.amount,
            person: m.person,
            receivable: self.receivable(m.about),
            receipt: receipt(m.about),
        };
        self.mine(&self.index.milestones, |m| (m.on, m.id)).into_iter().map(of_case).collect()
    }

    fn false_reports(&self) -> Vec<CaseFalseReport> {
        let entries = |about: About| match about {
            About::Receipt(id) => self.applied.get(&id).cloned().unwrap_or_default(),
            About::Agreement(_) | About::Receivable(_) => Vec::new(),
        };
        let of_case = |f: &FalseReport| CaseFalseReport {
            on: f.on,
            person: f.person,
            from: f.from,
            to: f.to,
            sanction: f.sanction,
            receivable: self.receivable(f.about),
            entries: entries(f.about),
        };
        self.mine(&self.index.false_reports, |f| (f.on, f.id)).into_iter().map(of_case).collect()
    }

    fn sanctions(&self) -> Vec<CaseSanction> {
        let of_case = |s: &Sanction| CaseSanction { kind: s.kind, person: s.person, from: s.from, to: s.last_day() };
        self.mine(&self.index.sanctions, |s| (s.from, s.id)).into_iter().map(of_case).collect()
    }
}

fn roles(index: &Index, scopes: &[RoleScope]) -> Vec<CaseRole> {
    let found = scopes.iter().filter_map(|s| index.roles.get(s)).flatten();
    found.map(|r| CaseRole { person: r.person, role: r.role.clone(), from: r.from, to: r.to }).collect()
}

fn assemble(
    key: CaseKey,
    from: Date,
    to: Option<Date>,
    receivables: &[ReceivableId],
    roles: Vec<CaseRole>,
    shares: Vec<(PersonId, i64)>,
    index: &Index,
) -> Case {
    let mut case = Case {
        key,
        from,
        to,
        receivables: Vec::new(),
        stages: Vec::new(),
        entries: Vec::new(),
        roles,
        shares,
        wages: Vec::new(),
        agreed: None,
        milestones: Vec::new(),
        false_reports: Vec::new(),
        sanctions: Vec::new(),
    };
    let mut entries: Vec<(usize, &ClaimMovement)> = Vec::new();
    for r in receivables.iter().filter_map(|id| index.receivables.get(id)) {
        let at = case.receivables.len();
        let expected = index.expected.get(&r.id).copied();
        let pauses = index.pauses.get(&r.id).cloned().unwrap_or_default();
        case.receivables.push(CaseReceivable { id: r.id, document_date: r.document_date, due: r.due, expected, gross: r.gross, party: r.party, pauses });
        case.stages.push(CaseStage { receivable: at, from: r.document_date, stage: r.stage });
        let changes = index.stages.get(&r.id).map(Vec::as_slice).unwrap_or_default();
        case.stages.extend(changes.iter().map(|s| CaseStage { receivable: at, from: s.on, stage: s.stage }));
        entries.extend(index.entries.get(&r.id).into_iter().flatten().map(|e| (at, e)));
    }
    case.stages.sort_by_key(|s| s.from);
    let days: HashMap<EntryId, Date> = entries.iter().map(|(_, e)| (e.id, e.on)).collect();
    entries.sort_by_key(|(claim, e)| (e.on, *claim, of_day(e, e.cites.and_then(|cited| days.get(&cited).copied()))));
    let position: HashMap<EntryId, usize> = entries.iter().enumerate().map(|(i, (_, e))| (e.id, i)).collect();
    case.entries = entries
        .iter()
        .map(|(receivable, e)| CaseEntry {
            id: e.id,
            receivable: *receivable,
            on: e.on,
            amount: e.amount,
            kind: match e.kind {
                EntryKind::Gross => CaseEntryKind::Gross,
                EntryKind::WrittenOff => CaseEntryKind::WrittenOff,
                EntryKind::Applied | EntryKind::Reversed => CaseEntryKind::Applied(e.means.unwrap_or(Means::Cash)),
                EntryKind::Correction | EntryKind::Received | EntryKind::ReceivedCorrection | EntryKind::Bounced => CaseEntryKind::Correction,
            },
            cites: e.cites.and_then(|c| position.get(&c).copied()),
        })
        .collect();
    let mut persons: Vec<PersonId> = Vec::new();
    for p in case.roles.iter().map(|r| r.person).chain(case.shares.iter().map(|(p, _)| *p)) {
        if !persons.contains(&p) {
            persons.push(p);
        }
    }
    case.wages = persons.iter().filter_map(|p| index.wages.get(p)).flatten().cloned().collect();
    case
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use recoup_model::id::PartyId;
    use recoup_model::receivable::Stage;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn claim(id: u128, key: &str, gross: i64) -> Claim {
        let source = (Some("u8".to_owned()), Some(key.to_owned()));
        let on = day("2024-01-01");
        let (id, party) = (ReceivableId(Uuid::from_u128(id)), PartyId(Uuid::from_u128(7)));
        Claim { id, contract: None, document_date: on, due: None, gross, party, stage: Stage::Settled, source }
    }

    /// Ids are hashes of source keys: that one is smaller than another means nothing.
    #[test]
    fn claims_of_one_day_come_by_amount_and_key_and_not_by_id() {
        let (small, first, second) = (claim(9, "Z-1", 100), claim(8, "A-1", 500), claim(1, "A-2", 500));
        let wanted = [small.id, first.id, second.id];
        assert_eq!(in_order(vec![&second, &first, &small]), wanted);
        assert_eq!(in_order(vec![&small, &second, &first]), wanted);
    }

    #[test]
    fn movements_of_one_day_come_in_one_order_whichever_was_recorded_first() {
        let movement = |kind, amount| {
            let (id, receivable) = (EntryId(Uuid::from_u128(1)), ReceivableId(Uuid::from_u128(2)));
            ClaimMovement { id, receivable, kind, on: day("2024-05-01"), amount, cites: None, means: None, receipt: None }
        };
        let in_kind = ClaimMovement { means: Some(Means::InKind), ..movement(EntryKind::Applied, -900) };
        let (cash, more, bounced) = (movement(EntryKind::Applied, -100), movement(EntryKind::Applied, -300), movement(EntryKind::Reversed, 100));
        let order = |cited: &str, mut all: Vec<&ClaimMovement>| {
            all.sort_by_key(|m| of_day(m, (m.kind == EntryKind::Reversed).then(|| day(cited))));
            all.iter().map(|m| m.amount).collect::<Vec<_>>()
        };
        for all in [vec![&bounced, &in_kind, &cash, &more], vec![&cash, &more, &bounced, &in_kind]] {
            assert_eq!(order("2024-05-01", all.clone()), [-300, -100, -900, 100], "money of the day that bounces on it");
            assert_eq!(order("2024-04-30", all), [100, -300, -100, -900], "money of the day that replaces what bounced");
        }
    }
}
