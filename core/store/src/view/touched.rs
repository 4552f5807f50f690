//! Which subjects new facts, or the passing of days, may have changed. Too many is allowed, too few is not.

use std::collections::HashSet;
use std::hash::Hash;

use diesel::sql_types::{Binary, Nullable, Text};
use recoup_model::calendar::next_day;
use recoup_model::case::Scope;
use recoup_model::id::{AgreementId, ContractId, LetterId, ReceivableId};
use recoup_model::{Date, Month};
use uuid::Uuid;

use super::{View, chunked, last};
use crate::sql::{Sql, sql};
use crate::types::Id;
use crate::{EVERYTHING, StoreError};

/// What covers claims: a column of the rows that their ids find.
const LETTERS: Covering = Covering { select: "SELECT t.letter", table: "letter_receivable", column: "receivable" };
const CONTRACTS: Covering = Covering { select: "SELECT t.contract", table: "receivable", column: "id" };
const AGREEMENTS: Covering = Covering { select: "SELECT t.agreement", table: "agreement_receivable", column: "receivable" };

/// Ids that stand in the rows of others.
struct Covering {
    select: &'static str,
    table: &'static str,
    column: &'static str,
}

/// Subjects of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subjects {
    /// Every letter, every contract and every agreement.
    All,
    /// Some.
    Some {
        /// Letters.
        letters: Vec<LetterId>,
        /// Contracts.
        contracts: Vec<ContractId>,
        /// Agreements.
        agreements: Vec<AgreementId>,
    },
}

impl Subjects {
    /// Subjects in the order of their ids, each once.
    #[must_use]
    pub fn some(
        letters: impl IntoIterator<Item = LetterId>,
        contracts: impl IntoIterator<Item = ContractId>,
        agreements: impl IntoIterator<Item = AgreementId>,
    ) -> Self {
        fn once<T: Ord>(ids: impl IntoIterator<Item = T>) -> Vec<T> {
            let mut ids: Vec<T> = ids.into_iter().collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        }
        Self::Some { letters: once(letters), contracts: once(contracts), agreements: once(agreements) }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Some { letters: a, contracts: c, agreements: e }, Self::Some { letters: b, contracts: d, agreements: f }) => {
                Self::some(a.into_iter().chain(b), c.into_iter().chain(d), e.into_iter().chain(f))
            }
            _ => Self::All,
        }
    }

    /// Whether there is no subject.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Some { letters, contracts, agreements } if letters.is_empty() && contracts.is_empty() && agreements.is_empty())
    }

    /// Those of some scopes.
    #[must_use]
    pub fn only(self, scopes: &[Scope]) -> Self {
        fn kept<T>(ids: Vec<T>, wanted: bool) -> Vec<T> {
            if wanted { ids } else { Vec::new() }
        }
        match self {
            Self::All => Self::All,
            Self::Some { letters, contracts, agreements } => Self::Some {
                letters: kept(letters, scopes.contains(&Scope::Letter)),
                contracts: kept(contracts, scopes.contains(&Scope::Contract)),
                agreements: kept(agreements, scopes.contains(&Scope::Agreement)),
            },
        }
    }

    /// In parts of no more than so many subjects: letters first, then contracts and agreements, each in its order. All is one part.
    #[must_use]
    pub fn portions(&self, size: usize) -> Vec<Self> {
        /// The first of what is left, as many as there is room for.
        fn first<'a, T>(left: &mut &'a [T], room: &mut usize) -> &'a [T] {
            let (taken, rest) = left.split_at((*room).min(left.len()));
            (*left, *room) = (rest, *room - taken.len());
            taken
        }
        let Self::Some { letters, contracts, agreements } = self else { return vec![Self::All] };
        let (mut letters, mut contracts, mut agreements) = (letters.as_slice(), contracts.as_slice(), agreements.as_slice());
        let mut portions = Vec::new();
        while !(letters.is_empty() && contracts.is_empty() && agreements.is_empty()) {
            let room = &mut size.max(1);
            let (letters, contracts) = (first(&mut letters, room).to_vec(), first(&mut contracts, room).to_vec());
            portions.push(Self::Some { letters, contracts, agreements: first(&mut agreements, room).to_vec() });
        }
        portions
    }
}

/// What counts as new: leaves from here on, and days after one up to another.
struct News {
    ledger: Id,
    leaf: i64,
    after: Date,
    until: Date,
}

impl News {
    /// Binds ledger, leaf and days to a statement.
    fn bind<ST>(&self, statement: &'static str) -> Sql<ST> {
        sql(statement).bind(self.ledger).bind(self.leaf).bind(self.after).bind(self.until)
    }
}

impl View<'_> {
    /// Every letter, every closed contract and every agreement, of some kinds or of all, in the order in which they were first
    /// recorded: what was recorded together mostly lies together.
    ///
    /// # Errors
    /// The database fails.
    pub fn subjects(&mut self, kinds: Option<&[&str]>) -> Result<Subjects, StoreError> {
        /// Each once, where it comes first.
        fn once<T: Copy + Eq + Hash>(ids: impl IntoIterator<Item = Uuid>, id: impl Fn(Uuid) -> T) -> Vec<T> {
            let mut seen = HashSet::new();
            ids.into_iter().map(id).filter(|id| seen.insert(*id)).collect()
        }
        const AGREEMENTS: &str = "SELECT id FROM agreement WHERE ledger = ?";
        const ORDER: &str = " ORDER BY leaf";
        let ledger = self.ledger;
        let letters = self.ids(sql("SELECT id FROM letter WHERE ledger = ? ORDER BY leaf").bind(ledger))?;
        let contracts = self.ids(sql("SELECT contract FROM contract_closed WHERE ledger = ? ORDER BY leaf").bind(ledger))?;
        let agreements = match kinds {
            None => self.ids(sql(AGREEMENTS).bind(ledger).push(ORDER))?,
            Some(kinds) => {
                let of_kind = |kind: &&str| self.ids(sql(AGREEMENTS).bind(ledger).push(" AND kind = ?").bind(*kind).push(ORDER));
                kinds.iter().map(of_kind).collect::<Result<Vec<_>, _>>()?.concat()
            }
        };
        Ok(Subjects::Some { letters: once(letters, LetterId), contracts: once(contracts, ContractId), agreements: once(agreements, AgreementId) })
    }

    /// Letters, closed contracts and agreements whose facts were recorded after a position, or took effect (or ceased to, for an
    /// earlier day) between the day last evaluated and this one. Without such a day, all.
    ///
    /// # Errors
    /// The database fails.
    pub fn touched(&mut self, since: i64, last_as_of: Option<Date>, as_of: Date) -> Result<Subjects, StoreError> {
        let Some(last) = last_as_of else {
            return Ok(Subjects::All);
        };
        let news = News { ledger: self.ledger, leaf: self.known(since)?, after: last.min(as_of), until: last.max(as_of) };

        let mut letters: HashSet<Uuid> = HashSet::new();
        let mut contracts: HashSet<Uuid> = HashSet::new();
        let mut agreements: HashSet<Uuid> = HashSet::new();
        let mut claims: HashSet<Uuid> = HashSet::new();
        let mut units: HashSet<Uuid> = HashSet::new();

        letters.extend(self.ids(news.bind("SELECT id FROM letter WHERE ledger = ? AND (leaf >= ? OR (first_day > ? AND first_day <= ?))"))?);
        agreements.extend(self.ids(news.bind("SELECT id FROM agreement WHERE ledger = ? AND (leaf >= ? OR (first_day > ? AND first_day <= ?))"))?);
        contracts.extend(self.ids(news.bind("SELECT contract FROM contract_closed WHERE ledger = ? AND (leaf >= ? OR (effective > ? AND effective <= ?))"))?);
        claims.extend(self.ids(sql("SELECT id FROM receivable WHERE ledger = ? AND leaf >= ?").bind(news.ledger).bind(news.leaf))?);
        claims.extend(self.ids(news.bind("SELECT receivable FROM stage_change WHERE ledger = ? AND (leaf >= ? OR (effective > ? AND effective <= ?))"))?);
        claims.extend(self.ids(news.bind("SELECT receivable FROM expected_recovery WHERE ledger = ? AND (leaf >= ? OR (effective > ? AND effective <= ?))"))?);
        // The last day of a pause is inside: it is over on the day after.
        const PAUSED: &str = "SELECT receivable FROM pause WHERE ledger = ? AND (leaf >= ? OR (first_day > ? AND first_day <= ?) \
            OR (last_day >= ? AND last_day < ?))";
        claims.extend(self.ids(news.bind(PAUSED).bind(news.after).bind(news.until))?);
        // Entries are many: what is new among them is found by key. Of days that pass, cases that know of a later movement ask to be seen again.
        let moved = "SELECT DISTINCT receivable FROM entry WHERE ledger = ? AND leaf >= ? AND receivable IS NOT NULL";
        claims.extend(self.ids(sql(moved).bind(news.ledger).bind(news.leaf))?);
        for (scope, subject) in self.roles_in_question(&news)? {
            match scope.as_str() {
                "letter" => letters.insert(subject),
                "contract" => contracts.insert(subject),
                "receivable" => claims.insert(subject),
                "agreement" => agreements.insert(subject),
                _ => units.insert(subject),
            };
        }
        let people = self.people_with_news(&news)?;
        letters.extend(self.beside(&Covering { select: "SELECT t.letter", table: "letter_share", column: "person" }, people.clone())?);
        agreements.extend(self.beside(&Covering { select: "SELECT t.agreement", table: "agreement_holder", column: "person" }, people)?);
        letters.extend(self.signed_by(units)?);

        // Only agreements know milestones, false reports and sanctions: what happens to a claim of theirs concerns them alone.
        let mut covered = claims.clone();
        let mut receipts: HashSet<Uuid> = HashSet::new();
        for (about, subject) in self.milestones_in_question(&news)?.into_iter().chain(self.conduct_in_question(&news)?) {
            match about.as_str() {
                "agreement" => agreements.insert(subject),
                "receivable" => covered.insert(subject),
                _ => receipts.insert(subject),
            };
        }
        let applied = Covering { select: "SELECT t.receivable", table: "entry", column: "receipt" };
        covered.extend(self.beside(&applied, receipts.into_iter().collect())?);
        let covered = covered.into_iter().collect();
        agreements.extend(self.beside(&AGREEMENTS, covered)?);

        agreements.extend(self.supervising(&news, claims.is_empty() && letters.is_empty() && news.after == news.until)?);

        let claims: Vec<Uuid> = claims.into_iter().collect();
        letters.extend(self.beside(&LETTERS, claims.clone())?);
        contracts.extend(self.beside(&CONTRACTS, claims)?);
        // Only a closed contract is a subject.
        let closed: HashSet<Uuid> = self.ids(sql("SELECT contract FROM contract_closed WHERE ledger = ?").bind(news.ledger))?.into_iter().collect();
        let contracts = contracts.intersection(&closed).map(|id| ContractId(*id));
        Ok(Subjects::some(letters.into_iter().map(LetterId), contracts, agreements.into_iter().map(AgreementId)))
    }

    /// Subjects that cover one of these claims, or once did.
    ///
    /// # Errors
    /// The database fails.
    pub fn covering(&mut self, claims: Vec<ReceivableId>) -> Result<Subjects, StoreError> {
        let claims: Vec<Uuid> = claims.into_iter().map(|claim| claim.0).collect();
        let letters = self.beside(&LETTERS, claims.clone())?.into_iter().map(LetterId);
        let contracts = self.beside(&CONTRACTS, claims.clone())?.into_iter().map(ContractId);
        let agreements = self.beside(&AGREEMENTS, claims)?.into_iter().map(AgreementId);
        Ok(Subjects::some(letters, contracts, agreements))
    }

    /// Agreements that follow what units recover, where that may have changed: by money, by letters, by days, by targets or by units.
    fn supervising(&mut self, news: &News, nothing_else: bool) -> Result<Vec<Uuid>, StoreError> {
        let mut changed = !nothing_else;
        for of in ["SELECT id FROM target WHERE ledger = ? AND leaf >= ?", "SELECT id FROM unit WHERE ledger = ? AND leaf >= ?"] {
            changed = changed || !self.ids(sql(of).bind(news.ledger).bind(news.leaf))?.is_empty();
        }
        if !changed {
            return Ok(Vec::new());
        }
        self.ids(sql("SELECT DISTINCT id FROM agreement WHERE ledger = ? AND target IS NOT NULL").bind(news.ledger))
    }

    /// What the milestones are about that are new or fall on these days, earlier versions included, or whose receipt is recorded anew.
    fn milestones_in_question(&mut self, news: &News) -> Result<Vec<(String, Uuid)>, StoreError> {
        const CHANGED: &str = "SELECT DISTINCT t.about, t.subject FROM milestone t WHERE t.ledger = ? AND (t.leaf >= ? OR (t.effective > ? AND t.effective <= ?) \
            OR EXISTS (SELECT 1 FROM receipt r WHERE r.ledger = t.ledger AND r.id = t.subject AND r.leaf >= ?))";
        let rows: Vec<(String, Id)> = self.db.load(news.bind::<(Text, Binary)>(CHANGED).bind(news.leaf))?;
        Ok(rows.into_iter().map(|(about, subject)| (about, subject.0)).collect())
    }

    /// What the false reports and sanctions are about that are new, begin or end, earlier versions included. The last day is inside:
    /// what ends on the day evaluated last is over on the day after.
    fn conduct_in_question(&mut self, news: &News) -> Result<Vec<(String, Uuid)>, StoreError> {
        const FOUND: &str = "SELECT DISTINCT about, subject FROM false_report WHERE ledger = ? AND (leaf >= ? OR (effective > ? AND effective <= ?))";
        const IMPOSED: &str = "SELECT DISTINCT about, subject FROM sanction WHERE ledger = ? AND (leaf >= ? OR (first_day > ? AND first_day <= ?) \
            OR (last_day >= ? AND last_day < ?))";
        let mut rows: Vec<(String, Id)> = self.db.load(news.bind::<(Text, Binary)>(FOUND))?;
        rows.extend(self.db.load(news.bind::<(Text, Binary)>(IMPOSED).bind(news.after).bind(news.until))?);
        Ok(rows.into_iter().map(|(about, subject)| (about, subject.0)).collect())
    }

    /// Subjects of the roles that are new, begin or end, earlier versions included, and of every role of people with news. The last day
    /// is inside here, too.
    fn roles_in_question(&mut self, news: &News) -> Result<Vec<(String, Uuid)>, StoreError> {
        const CHANGED: &str = "SELECT scope, subject FROM role WHERE ledger = ? AND id IN (SELECT id FROM role WHERE ledger = ? \
            AND (leaf >= ? OR (first_day > ? AND first_day <= ?) OR (last_day >= ? AND last_day < ?)))";
        let changed = sql::<(Text, Binary)>(CHANGED).bind(news.ledger).bind(news.ledger).bind(news.leaf);
        let mut rows: Vec<(String, Id)> = self.db.load(changed.bind(news.after).bind(news.until).bind(news.after).bind(news.until))?;
        let people = self.people_with_news(news)?;
        rows.extend(chunked(Some(people), |people| {
            let all = sql::<(Text, Binary)>("SELECT scope, subject FROM role WHERE ledger = ?").bind(news.ledger);
            self.db.load(all.within(" AND person IN ?", people))
        })?);
        Ok(rows.into_iter().map(|(scope, subject)| (scope, subject.0)).collect())
    }

    /// People of whom a wage month was recorded, or ended: a wage is known when its month is over.
    fn people_with_news(&mut self, news: &News) -> Result<Vec<Uuid>, StoreError> {
        let wages = sql("SELECT person FROM wage_month WHERE ledger = ? AND (leaf >= ? OR (month > ? AND month <= ?))").bind(news.ledger);
        let ended_by = |day| Month::of(next_day(day)).number() - 1;
        self.ids(wages.bind(news.leaf).bind(ended_by(news.after)).bind(ended_by(news.until)))
    }

    fn ids(&mut self, statement: Sql<Binary>) -> Result<Vec<Uuid>, StoreError> {
        let ids: Vec<Id> = self.db.load(statement)?;
        Ok(ids.into_iter().map(|id| id.0).collect())
    }

    /// What stands beside some ids; nothing where that is not said.
    fn beside(&mut self, Covering { select, table, column }: &Covering, ids: Vec<Uuid>) -> Result<Vec<Uuid>, StoreError> {
        let found: Vec<Option<Id>> = self.found(table, column, ids, |each| sql::<Nullable<Binary>>(select).push(" FROM ?").bind(each))?;
        Ok(found.into_iter().flatten().map(|id| id.0).collect())
    }

    /// Letters that units have signed, earlier versions included.
    fn signed_by(&mut self, units: HashSet<Uuid>) -> Result<Vec<Uuid>, StoreError> {
        let ledger = self.ledger;
        let of = |units: Option<&[Uuid]>| sql("SELECT id FROM letter WHERE ledger = ? AND unit IN ?").bind(ledger).bind(units.unwrap_or_default());
        chunked(Some(units.into_iter().collect()), |units| self.ids(of(units)))
    }

    /// Subjects that a pack wants to see again by a day, and those whose last judgement is a fault.
    ///
    /// # Errors
    /// The database fails.
    pub fn rechecks(&mut self, pack: &str, as_of: Date) -> Result<Subjects, StoreError> {
        const LAST: &str = concat!("SELECT t.scope, t.subject FROM case_judged t", last!("case_judged", "pack", "scope", "subject"));
        let known = self.known(EVERYTHING)?;
        let last = || sql::<(Text, Binary)>(LAST).bind(self.ledger).bind(known).bind(known).push(" AND t.pack = ?").bind(pack);
        // Each is found in an index of its own.
        let (asked, faulted) = (last().push(" AND t.recheck_on <= ?").bind(as_of), last().push(" AND t.fault IS NOT NULL"));
        let mut rows: Vec<(String, Id)> = self.db.load(asked)?;
        rows.extend(self.db.load(faulted)?);
        let of = |wanted: &'static str| rows.iter().filter(move |(scope, _)| scope == wanted).map(|(_, subject)| subject.0);
        Ok(Subjects::some(of("letter").map(LetterId), of("contract").map(ContractId), of("agreement").map(AgreementId)))
    }
}
