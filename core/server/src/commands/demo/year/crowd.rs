//! The crowd around the stories: debtors, claims, letters and agreements that are made up, and what happens to them month by
//! month. The same every time.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate};
use recoup_model::Month;

use super::company::Employee;
use super::export::{CREDIT, Debtor, Invoice, Ledger, Statement, decimal};
use super::random::Random;

const PLACES: [&str; 12] = ["沧澜", "中衡", "江岭", "青岚", "北屏", "南渡", "海陵", "云麓", "河间", "东皋", "西川", "安平"];
const TRADES: [&str; 6] = ["建工集团有限公司", "路桥工程有限公司", "置业有限公司", "市政开发有限公司", "物资贸易有限公司", "钢构股份有限公司"];

/// Under what a claim is pursued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pursued {
    /// Nothing yet.
    Loose,
    Letter,
    Entrustment,
    Dealer,
    Project,
}

/// A claim, and what will be paid on it: in which month of the year, how many per cent.
struct Claim {
    invoice: Invoice,
    open: i64,
    pursued: Pursued,
    pays: Vec<(u32, i64)>,
}

/// What is to happen in a later month.
enum Later {
    /// A receipt of a claim bounces.
    Bounce { receipt: String, claim: usize, amount: i64 },
    /// It is received again.
    Again { claim: usize, amount: i64 },
    /// It is found in the designated account.
    Vest { receipt: String },
    /// A project is closed.
    Close { contract: String },
}

/// Everything that is made up.
pub(super) struct Crowd {
    random: Random,
    people: Vec<Employee>,
    debtors: Vec<Debtor>,
    claims: Vec<Claim>,
    later: Vec<(Month, Later)>,
    year: i32,
    /// Claims that arise each month.
    monthly: usize,
    numbers: usize,
}

/// The files of a month.
pub(super) struct Papers<'a> {
    pub erp: &'a mut Ledger,
    pub bank: &'a mut Statement,
}

impl Crowd {
    /// So many claims on so many debtors in all: seven of ten there are before the year begins.
    pub(super) fn new(people: &[Employee], year: i32, claims: usize, debtors: usize) -> Self {
        let debtor = |n: usize| {
            let part = |of: &[&'static str], at: usize| of.get(at % of.len()).copied().unwrap_or_default();
            let name = format!("{}{}{}", part(&PLACES, n), part(&TRADES, n / PLACES.len()), n / (PLACES.len() * TRADES.len()) + 1);
            Debtor { code: format!("C{n:04}"), name }
        };
        let monthly = claims * 3 / 10 / 12;
        let mut crowd = Self {
            random: Random::new(20_250_101),
            people: people.to_vec(),
            debtors: (0..debtors.max(1)).map(debtor).collect(),
            claims: Vec::with_capacity(claims),
            later: Vec::new(),
            year,
            monthly,
            numbers: 0,
        };
        let first = claims.saturating_sub(monthly * 12);
        let mut groups = 0;
        while crowd.claims.len() < first {
            let (pursued, size) = match crowd.random.below(100) {
                0..50 => (Pursued::Letter, 3 + crowd.random.below(4)),
                50..70 => (Pursued::Entrustment, 5),
                70..80 => (Pursued::Dealer, 5),
                80..86 => (Pursued::Project, 12),
                _ => (Pursued::Loose, 4),
            };
            // Every debtor owes something.
            let debtor = if groups < crowd.debtors.len() { groups } else { crowd.random.below(crowd.debtors.len()) };
            groups += 1;
            let group = crowd.numbers;
            for _ in 0..size.min(first - crowd.claims.len()) {
                crowd.old_claim(pursued, debtor, group);
            }
        }
        crowd
    }

    fn person(&mut self) -> Employee {
        let at = self.random.below(self.people.len());
        self.people.get(at).cloned().unwrap_or_default()
    }

    fn on(&self, month: u32, day: usize) -> NaiveDate {
        let day = u32::try_from(day).unwrap_or(1);
        recoup_model::calendar::date(self.year, month, day).unwrap_or_default()
    }

    fn old_claim(&mut self, pursued: Pursued, debtor: usize, group: usize) {
        let due = recoup_model::calendar::date(2019, 1, 1).unwrap_or_default() + Days::new(u64::try_from(self.random.below(2_100)).unwrap_or(0));
        let stage = if pursued == Pursued::Letter && self.random.percent(10) { "未结算" } else { "已结算" };
        let contract = if pursued == Pursued::Project { format!("HT-{group:05}") } else { String::new() };
        self.claim(pursued, debtor, due, (contract, stage));
    }

    fn claim(&mut self, pursued: Pursued, debtor: usize, due: NaiveDate, (contract, stage): (String, &str)) -> usize {
        self.numbers += 1;
        let amount = self.random.amount(50, 4_000);
        let pays = match self.random.below(100) {
            0..55 => vec![(1 + self.random.below(12), 100)],
            55..70 => vec![(1 + self.random.below(6), 40), (7 + self.random.below(6), 100)],
            _ => Vec::new(),
        };
        let pays = pays.into_iter().map(|(month, part)| (u32::try_from(month).unwrap_or(1), part)).collect();
        let debtor = self.debtors.get(debtor).cloned().unwrap_or_default();
        let (number, stage) = (format!("AR-{:05}", self.numbers), stage.to_owned());
        self.claims.push(Claim { invoice: Invoice { debtor, number, date: due - CREDIT, due, amount, contract, stage }, open: amount, pursued, pays });
        self.claims.len() - 1
    }

    /// What there is before the year begins: the claims, and under what they are pursued.
    pub(super) fn opening(&mut self, erp: &mut Ledger) -> String {
        self.claims.iter().for_each(|claim| erp.invoice(&claim.invoice));
        let mut facts = String::new();
        let mut events = String::new();
        let groups = self.groups();
        for (number, (pursued, members)) in groups.into_iter().enumerate() {
            let receivables =
                members.iter().filter_map(|at| self.claims.get(*at)).map(|c| format!("\"26/{}\"", c.invoice.number)).collect::<Vec<_>>().join(", ");
            match pursued {
                Pursued::Loose => {}
                Pursued::Letter => self.letter(&mut facts, number, &members, &receivables),
                Pursued::Entrustment => self.entrustment(&mut facts, number, &receivables),
                Pursued::Dealer => self.dealer(&mut facts, number, &members, &receivables),
                Pursued::Project => self.project(&mut facts, &mut events, &members),
            }
        }
        facts + &events
    }

    /// Claims that follow each other and are pursued as one: of one debtor, in the same way.
    fn groups(&self) -> Vec<(Pursued, Vec<usize>)> {
        let mut groups: Vec<(Pursued, Vec<usize>)> = Vec::new();
        let mut last: Option<(Pursued, &str, &str)> = None;
        for (at, claim) in self.claims.iter().enumerate() {
            let key = (claim.pursued, claim.invoice.debtor.code.as_str(), claim.invoice.contract.as_str());
            match groups.last_mut().filter(|_| last == Some(key)) {
                Some((_, members)) => members.push(at),
                None => groups.push((claim.pursued, vec![at])),
            }
            last = Some(key);
        }
        groups
    }

    /// A letter until the year's end, or for one in ten until the end of a quarter, by which most debts are in.
    fn letter(&mut self, facts: &mut String, number: usize, members: &[usize], receivables: &str) {
        let (who, second) = (self.person(), self.person());
        let shares =
            if who.code != second.code && self.random.percent(20) { format!("{} = 60, {} = 40", who.code, second.code) } else { format!("{} = 1", who.code) };
        let deadline = if self.random.percent(10) { 3 * (1 + u32::try_from(self.random.below(3)).unwrap_or(0)) } else { 12 };
        if deadline < 12 {
            let late = if self.random.percent(85) { 0 } else { 1 + u32::try_from(self.random.below(4)).unwrap_or(0) };
            for at in members {
                let month = if late > 0 { deadline + late } else { 1 + u32::try_from(self.random.below(3)).unwrap_or(0) };
                if let Some(claim) = self.claims.get_mut(*at) {
                    claim.pays = vec![(month.min(12), 100)];
                }
            }
        }
        let (year, last) = (self.year, self.month(deadline).last_day());
        let _ = write!(
            facts,
            "[letters.M-{number:04}]\nunit = \"{}\"\nfrom = \"{year}-01-01\"\ndeadline = \"{last}\"\nreceivables = [{receivables}]\nshares = {{ {shares} }}\n\n",
            who.unit
        );
    }

    fn month(&self, month: u32) -> Month {
        Month::of(self.on(month, 1))
    }

    fn entrustment(&mut self, facts: &mut String, number: usize, receivables: &str) {
        let (first, unit) = {
            let p = self.person();
            (p.code, p.unit)
        };
        let second = loop {
            let p = self.person();
            if p.code != first {
                break p.code;
            }
        };
        let _ = write!(
            facts,
            "[agreements.E-{number:04}]\nkind = \"entrustment\"\nunit = \"{unit}\"\nfrom = \"{0}-01-01\"\nto = \"{0}-12-31\"\nreceivables = [{receivables}]\n\
             holders = {{ {first} = \"66.67\", {second} = \"33.33\" }}\n\n",
            self.year
        );
    }

    /// A dealer's claims: interest for the delay, and a quarter's target for whoever sells.
    fn dealer(&mut self, facts: &mut String, number: usize, members: &[usize], receivables: &str) {
        let who = self.person();
        let quarter = 3 * u32::try_from(number % 4).unwrap_or(0);
        let (from, to) = (self.month(quarter + 1).first_day(), self.month(quarter + 3).last_day());
        let claims = members.iter().filter_map(|at| self.claims.get(*at));
        let (debtor, sum) = claims.fold((String::new(), 0), |(_, sum), c| (c.invoice.debtor.code.clone(), sum + c.invoice.amount));
        let _ = write!(
            facts,
            "[agreements.D-{number:04}]\nkind = \"dealer-credit\"\nunit = \"{unit}\"\nfrom = \"{year}-01-01\"\nreceivables = [{receivables}]\nobligors = {{ {debtor} = \"dealer\" }}\n\n\
             [agreements.T-{number:04}]\nkind = \"sales-target\"\nunit = \"{unit}\"\nfrom = \"{from}\"\nto = \"{to}\"\nreceivables = [{receivables}]\nholders = {{ {} = \"100\" }}\n\
             terms = {{ target = {{ money = \"{}\" }}, commission-rate = {{ decimal = \"0.005\" }} }}\n\n",
            who.code,
            decimal(sum / 6),
            unit = who.unit,
            year = self.year,
        );
    }

    /// A project with its four roles, closed before the year begins or in the course of it.
    fn project(&mut self, facts: &mut String, events: &mut String, members: &[usize]) {
        let contract = members.first().and_then(|at| self.claims.get(*at)).map(|c| c.invoice.contract.clone()).unwrap_or_default();
        for role in ["project-manager", "project-secretary", "planning-lead", "finance-lead"] {
            let _ = write!(facts, "[[roles]]\nperson = \"{}\"\nrole = \"{role}\"\ncontract = \"{contract}\"\nfrom = \"2022-01-01\"\n\n", self.person().code);
        }
        if self.random.percent(50) {
            let _ = write!(events, "[[events]]\non = \"{}-11-30\"\nclose = {{ contract = \"{contract}\" }}\n\n", self.year - 1);
        } else {
            let quarter = 1 + u32::try_from(self.random.below(3)).unwrap_or(0);
            self.later.push((self.month(3 * quarter), Later::Close { contract }));
        }
    }

    /// A month: claims arise, money comes in and bounces, and people state the rest.
    pub(super) fn month_of(&mut self, month: Month, papers: &mut Papers<'_>) -> String {
        let number = month.month();
        let mut facts = String::new();
        for _ in 0..self.monthly {
            let (debtor, day) = (self.random.below(self.debtors.len()), 1 + self.random.below(28));
            let due = self.on(number, day) + CREDIT;
            let at = self.claim(Pursued::Loose, debtor, due, (String::new(), "已结算"));
            if let Some(claim) = self.claims.get_mut(at) {
                claim.pays.retain(|(pays, _)| *pays > number);
                papers.erp.invoice(&claim.invoice);
            }
        }
        let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.later).into_iter().partition(|(of, _)| *of == month);
        self.later = later;
        for (_, what) in now {
            self.happens(month, what, papers, &mut facts);
        }
        for at in 0..self.claims.len() {
            let Some((open, part)) = self.claims.get(at).and_then(|c| Some((c.open, c.pays.iter().find(|(of, _)| *of == number)?.1))) else { continue };
            let amount = if part == 100 { open } else { open * part / 100 };
            if amount > 0 {
                self.paid(month, at, amount, papers, &mut facts);
            }
        }
        self.stated(month, papers, &mut facts);
        facts
    }

    /// Money for a claim: cleared by the ERP, or seen by the bank and applied by people.
    fn paid(&mut self, month: Month, at: usize, amount: i64, papers: &mut Papers<'_>, facts: &mut String) {
        let day = 1 + self.random.below(28);
        let on = self.on(month.month(), day);
        self.numbers += 1;
        let (number, by_bank) = (self.numbers, self.random.percent(25));
        let Some(claim) = self.claims.get_mut(at) else { return };
        claim.open -= amount;
        let Invoice { debtor, number: invoice, .. } = &claim.invoice;
        let receipt = if by_bank {
            let key = format!("B-{number:06}");
            papers.bank.row(debtor, &key, on, amount);
            let _ = write!(facts, "[[events]]\non = \"{on}\"\napply = {{ receipt = \"{key}\", to = {{ \"26/{invoice}\" = \"{}\" }} }}\n\n", decimal(amount));
            key
        } else {
            let key = format!("SK-{number:06}");
            papers.erp.receipt(debtor, &key, on, amount, invoice);
            format!("48/{key}")
        };
        let entrusted = claim.pursued == Pursued::Entrustment;
        if self.random.percent(3) {
            self.later.push((month.next(), Later::Bounce { receipt, claim: at, amount }));
        } else if entrusted && self.random.percent(90) {
            self.later.push((month.next(), Later::Vest { receipt }));
        }
    }

    fn happens(&mut self, month: Month, what: Later, papers: &mut Papers<'_>, facts: &mut String) {
        let day = 1 + self.random.below(28);
        let day = self.on(month.month(), day);
        match what {
            Later::Bounce { receipt, claim, amount } => {
                let _ = write!(facts, "[[events]]\non = \"{day}\"\nbounce = \"{receipt}\"\n\n");
                if let Some(claim) = self.claims.get_mut(claim) {
                    claim.open += amount;
                    // What is paid on it later is what comes in again.
                    claim.pays.clear();
                }
                if self.random.percent(60) {
                    self.later.push((month.next(), Later::Again { claim, amount }));
                }
            }
            Later::Again { claim, amount } => self.paid(month, claim, amount, papers, facts),
            Later::Vest { receipt } => {
                self.numbers += 1;
                let id = self.numbers;
                let _ =
                    write!(facts, "[[events]]\non = \"{day}\"\nmilestone = {{ id = \"HD-{id}\", kind = \"designated-account\", receipt = \"{receipt}\" }}\n\n");
            }
            Later::Close { contract } => {
                let _ = write!(facts, "[[events]]\non = \"{}\"\nclose = {{ contract = \"{contract}\" }}\n\n", month.last_day());
            }
        }
    }

    /// What people state each month: works that are settled, set-offs, goods and write-offs; and an invoice that is stated anew.
    fn stated(&mut self, month: Month, papers: &mut Papers<'_>, facts: &mut String) {
        let (first, day) = (month.first_day(), self.on(month.month(), 28));
        if let Some(claim) = self.claims.iter_mut().find(|c| c.invoice.stage == "未结算" && c.open > 0) {
            claim.invoice.stage = "已结算".to_owned();
            let _ = write!(facts, "[[events]]\non = \"{day}\"\nstage = {{ \"26/{}\" = \"settled\" }}\n\n", claim.invoice.number);
        }
        for means in ["set-off", "in-kind", "write-off", "restated"] {
            let at = self.random.below(self.claims.len());
            let untouched = |c: &Claim| c.pursued == Pursued::Loose && c.open == c.invoice.amount && c.invoice.date < first;
            let found = (at..self.claims.len()).chain(0..at).find(|at| self.claims.get(*at).is_some_and(untouched));
            let Some(claim) = found.and_then(|at| self.claims.get_mut(at)) else { continue };
            claim.pays.clear();
            let (number, debtor, amount) = (claim.invoice.number.clone(), claim.invoice.debtor.code.clone(), decimal(claim.open));
            match means {
                "write-off" => {
                    claim.open = 0;
                    let _ = write!(facts, "[[events]]\non = \"{day}\"\nwrite_off = {{ receivable = \"26/{number}\", amount = \"{amount}\" }}\n\n");
                }
                "restated" => {
                    claim.invoice.amount += 100_000;
                    claim.open += 100_000;
                    papers.erp.invoice(&claim.invoice);
                }
                _ => {
                    claim.open = 0;
                    let _ = write!(
                        facts,
                        "[[events]]\non = \"{day}\"\nreceive = {{ id = \"{means}-{number}\", debtor = \"{debtor}\", amount = \"{amount}\", means = \"{means}\", apply = {{ \"26/{number}\" = \"{amount}\" }} }}\n\n"
                    );
                }
            }
        }
    }
}
