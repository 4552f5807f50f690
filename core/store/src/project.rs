//! From records to table rows: the one place where the log becomes tables, for writing and for `audit rebuild` alike.

use recoup_model::due::{Basis, LineChange};
use recoup_model::party::Source;
use recoup_model::record::Record;
use recoup_model::settlement::Purpose;
use serde::Serialize;

use crate::StoreError;
use crate::db::Db;
use crate::log::content_of;
use crate::schema::*;
use crate::types::{Day, Hash, Id};

/// Where in the log a record stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub(crate) ledger: Id,
    pub(crate) leaf: i64,
    pub(crate) position: i64,
}

/// Calls a macro with every table that is folded from leaves: field of [`Rows`], and row type.
macro_rules! projections {
    ($do:ident) => {
        $do! {
            ledger: LedgerRow, party: PartyRow, person: PersonRow, unit: UnitRow, contract: ContractRow, receivable: ReceivableRow,
            stage_change: StageChangeRow, expected_recovery: ExpectedRecoveryRow, pause: PauseRow, receipt: ReceiptRow, entry: EntryRow,
            letter: LetterRow, letter_receivable: LetterReceivableRow, letter_share: LetterShareRow, agreement: AgreementRow, agreement_receivable: AgreementReceivableRow,
            agreement_holder: AgreementHolderRow, agreement_obligor: AgreementObligorRow, milestone: MilestoneRow, target: TargetRow, false_report: FalseReportRow,
            sanction: SanctionRow, role: RoleRow, wage_month: WageMonthRow,
            contract_closed: ContractClosedRow, batch: BatchRow, issue: IssueRow, policy: PolicyRow, evaluated: EvaluatedRow,
            case_judged: CaseJudgedRow, line: LineRow, posting: PostingRow, finding: FindingRow, settlement: SettlementRow, minimum_wage: MinimumWageRow, payout: PayoutTableRow,
            payout_step: PayoutStepRow, payout_terms: PayoutTermsRow, wage_guard: WageGuardRow, stacking: StackingRow, period_closed: PeriodClosedRow,
            period_reopened: PeriodReopenedRow, request: RequestRow, authority: AuthorityRow, delegation: DelegationRow,
            user_account: UserRow, api_token: ApiTokenRow, access_grant: GrantRow, proposal: ProposalRow, decision: DecisionRow,
            disclosure: DisclosureRow, import_source: ImportSourceRow, dismissal: DismissalRow, trusted_key: TrustedKeyRow,
        }
    };
}
pub(crate) use projections;

macro_rules! rows {
    ($($table:ident: $row:ident,)+) => {
        /// Rows on their way into their tables.
        #[derive(Debug, Default)]
        pub(crate) struct Rows {
            $($table: Vec<$row>,)+
        }

        impl Rows {
            /// Writes everything, table by table.
            pub(crate) fn insert(&self, db: &mut Db) -> Result<(), StoreError> {
                $($row::insert(db, &self.$table)?;)+
                Ok(())
            }

            /// Puts rows that are counted from nought where they stand in the log.
            pub(crate) fn place(&mut self, first: i64, position: i64) {
                $(for row in &mut self.$table {
                    (row.leaf, row.position) = (first + row.leaf, position);
                })+
            }
        }
    };
}
projections!(rows);

/// The word that an enumeration has in JSON.
pub(crate) fn word(value: impl Serialize) -> Result<String, StoreError> {
    match serde_json::to_value(value).map_err(StoreError::Encode)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(StoreError::corrupt(format!("`{other}` is not a word"))),
    }
}

fn day(date: Option<recoup_model::Date>) -> Result<Option<Day>, StoreError> {
    date.map(Day::new).transpose()
}

/// System, key and content of a source.
fn source(source: Option<&Source>) -> (Option<String>, Option<String>, Option<Hash>) {
    source.map_or((None, None, None), |s| (Some(s.system.clone()), Some(s.key.clone()), Some(Hash(s.content))))
}

fn whole(n: u64) -> Result<i64, StoreError> {
    i64::try_from(n).map_err(|_| StoreError::Overflow)
}

impl Rows {
    /// Adds what a record means for the tables.
    pub(crate) fn add(&mut self, at: At, record: &Record) -> Result<(), StoreError> {
        let At { ledger, leaf, position } = at;
        match record {
            // Its row also counts the leaves, so it is written when the command ends.
            Record::Command(_) => {}
            Record::Ledger(r) => self.ledger.push(LedgerRow {
                ledger,
                leaf,
                position,
                code: r.code.clone(),
                name: r.name.clone(),
                currency: r.currency.code().to_owned(),
                time_zone: r.time_zone.clone(),
            }),
            Record::Party(r) => {
                let (system, key, content) = source(r.source.as_ref());
                let (name, unified_code) = (r.name.clone(), r.unified_code.clone());
                self.party.push(PartyRow { ledger, leaf, position, id: Id(r.id.0), kind: word(r.kind)?, name, unified_code, system, key, content });
            }
            Record::Person(r) => self.person.push(PersonRow { ledger, leaf, position, id: Id(r.id.0), code: r.code.clone() }),
            Record::Unit(r) => {
                let (code, name, parent) = (r.code.clone(), r.name.clone(), r.parent.map(|p| Id(p.0)));
                self.unit.push(UnitRow { ledger, leaf, position, id: Id(r.id.0), code, name, parent });
            }
            Record::Contract(r) => {
                let (system, key, content) = source(r.source.as_ref());
                let (code, name, party) = (r.code.clone(), r.name.clone(), r.party.map(|p| Id(p.0)));
                self.contract.push(ContractRow { ledger, leaf, position, id: Id(r.id.0), code, name, party, system, key, content });
            }
            Record::Receivable(r) => {
                let (system, key, content) = source(r.source.as_ref());
                self.receivable.push(ReceivableRow {
                    ledger,
                    leaf,
                    position,
                    id: Id(r.id.0),
                    party: Id(r.party.0),
                    contract: r.contract.map(|c| Id(c.0)),
                    kind: word(r.kind)?,
                    document: r.document.clone(),
                    currency: r.gross.currency().code().to_owned(),
                    gross: r.gross.minor(),
                    ledger_gross: r.ledger_gross.minor(),
                    document_date: Day::new(r.document_date)?,
                    due: day(r.due)?,
                    due_source: word(r.due_source)?,
                    stage: r.stage.word().to_owned(),
                    system,
                    key,
                    content,
                });
            }
            Record::StageChange(r) => {
                let (receivable, stage, effective) = (Id(r.receivable.0), r.stage.word().to_owned(), Day::new(r.on)?);
                self.stage_change.push(StageChangeRow { ledger, leaf, position, receivable, stage, effective });
            }
            Record::ExpectedRecovery(r) => {
                let (receivable, effective) = (Id(r.receivable.0), Day::new(r.on)?);
                self.expected_recovery.push(ExpectedRecoveryRow { ledger, leaf, position, receivable, effective });
            }
            Record::Pause(r) => self.pause.push(PauseRow {
                ledger,
                leaf,
                position,
                id: Id(r.id.0),
                receivable: Id(r.receivable.0),
                kind: r.kind.word().to_owned(),
                first_day: Day::new(r.from)?,
                last_day: day(r.until)?,
                withdrawn: r.withdrawn,
            }),
            Record::Receipt(r) => {
                let (system, key, content) = source(r.source.as_ref());
                self.receipt.push(ReceiptRow {
                    ledger,
                    leaf,
                    position,
                    id: Id(r.id.0),
                    party: r.party.map(|p| Id(p.0)),
                    means: r.means.word().to_owned(),
                    currency: r.amount.currency().code().to_owned(),
                    amount: r.amount.minor(),
                    ledger_amount: r.ledger_amount.minor(),
                    booked: Day::new(r.booked)?,
                    value_date: day(r.value_date)?,
                    reference: r.reference.clone(),
                    system,
                    key,
                    content,
                });
            }
            Record::Entry(r) => {
                let (system, key, content) = source(r.source.as_ref());
                self.entry.push(EntryRow {
                    ledger,
                    leaf,
                    position,
                    id: Id(r.id.0),
                    kind: r.kind.word().to_owned(),
                    receivable: r.receivable.map(|id| Id(id.0)),
                    receipt: r.receipt.map(|id| Id(id.0)),
                    amount: r.amount,
                    ledger_amount: r.ledger_amount,
                    effective: Day::new(r.on)?,
                    cites: r.cites.map(|id| Id(id.0)),
                    means: r.means.map(|m| m.word().to_owned()),
                    basis: r.basis.map(word).transpose()?,
                    system,
                    key,
                    content,
                });
            }
            Record::Letter(r) => {
                let letter = Id(r.id.0);
                let (first_day, deadline) = (Day::new(r.from)?, Day::new(r.deadline)?);
                self.letter.push(LetterRow { ledger, leaf, position, id: letter, code: r.code.clone(), unit: r.unit.map(|u| Id(u.0)), first_day, deadline });
                for (number, receivable) in (0..).zip(&r.receivables) {
                    self.letter_receivable.push(LetterReceivableRow { ledger, leaf, number, position, letter, receivable: Id(receivable.0) });
                }
                for (number, share) in (0..).zip(&r.shares) {
                    self.letter_share.push(LetterShareRow { ledger, leaf, number, position, letter, person: Id(share.person.0), weight: share.weight });
                }
            }
            Record::Agreement(r) => {
                let agreement = Id(r.id.0);
                self.agreement.push(AgreementRow {
                    ledger,
                    leaf,
                    position,
                    id: agreement,
                    code: r.code.clone(),
                    kind: r.kind.clone(),
                    unit: r.unit.map(|u| Id(u.0)),
                    first_day: Day::new(r.from)?,
                    last_day: day(r.to)?,
                    target: r.supervises.as_ref().map(|s| Id(s.target.0)),
                });
                for (number, receivable) in (0..).zip(&r.receivables) {
                    self.agreement_receivable.push(AgreementReceivableRow { ledger, leaf, number, position, agreement, receivable: Id(receivable.0) });
                }
                for (number, holder) in (0..).zip(r.holders.iter()) {
                    let (person, millionths) = (Id(holder.person.0), holder.share.millionths());
                    self.agreement_holder.push(AgreementHolderRow { ledger, leaf, number, position, agreement, person, millionths });
                }
                for (number, obligor) in (0..).zip(&r.obligors) {
                    let (party, role) = (Id(obligor.party.0), obligor.role.clone());
                    self.agreement_obligor.push(AgreementObligorRow { ledger, leaf, number, position, agreement, party, role });
                }
            }
            Record::Milestone(r) => {
                let (about, subject) = r.about.parts();
                self.milestone.push(MilestoneRow {
                    ledger,
                    leaf,
                    position,
                    id: Id(r.id.0),
                    kind: r.kind.clone(),
                    about: about.to_owned(),
                    subject: Id(subject),
                    effective: Day::new(r.on)?,
                    withdrawn: r.withdrawn,
                });
            }
            Record::FalseReport(r) => {
                let (about, subject) = r.about.parts();
                let (about, subject, person, effective) = (about.to_owned(), Id(subject), Id(r.person.0), Day::new(r.on)?);
                self.false_report.push(FalseReportRow { ledger, leaf, position, id: Id(r.id.0), about, subject, person, effective, withdrawn: r.withdrawn });
            }
            Record::Sanction(r) => {
                let (about, subject) = r.about.parts();
                self.sanction.push(SanctionRow {
                    ledger,
                    leaf,
                    position,
                    id: Id(r.id.0),
                    kind: r.kind.word().to_owned(),
                    about: about.to_owned(),
                    subject: Id(subject),
                    person: Id(r.person.0),
                    first_day: Day::new(r.from)?,
                    last_day: day(r.last_day())?,
                    withdrawn: r.withdrawn,
                });
            }
            Record::Role(r) => {
                let (scope, subject) = r.scope.parts();
                self.role.push(RoleRow {
                    ledger,
                    leaf,
                    position,
                    id: Id(r.id.0),
                    person: Id(r.person.0),
                    role: r.role.clone(),
                    scope: scope.to_owned(),
                    subject: Id(subject),
                    first_day: Day::new(r.from)?,
                    last_day: day(r.to)?,
                    lifelong: r.lifelong,
                    confirmed: r.confirmed,
                });
            }
            Record::WageMonth(r) => self.wage_month.push(WageMonthRow { ledger, leaf, position, person: Id(r.person.0), month: r.month.number() }),
            Record::ContractClosed(r) => {
                let (contract, effective, recover_by) = (Id(r.contract.0), Day::new(r.on)?, day(r.recover_by)?);
                self.contract_closed.push(ContractClosedRow { ledger, leaf, position, contract, effective, recover_by });
            }
            Record::Batch(r) => self.batch.push(BatchRow {
                ledger,
                leaf,
                position,
                id: Id(r.id.0),
                file_name: r.file_name.clone(),
                file: Hash(r.file),
                system: r.system.clone(),
                adapter: r.adapter.clone(),
                adapter_version: r.adapter_version.clone(),
                component: Hash(r.component),
                profile: r.profile.clone(),
                profile_digest: Hash(r.profile_digest),
                bad_records: word(r.bad_records)?,
                coverage: word(r.coverage)?,
            }),
            Record::Issue(r) => self.issue.push(IssueRow {
                ledger,
                leaf,
                position,
                batch: Id(r.batch.0),
                number: whole(r.number)?,
                kind: word(r.kind)?,
                code: r.code.clone(),
                locator: r.locator.clone(),
                key: r.key.clone(),
                message: r.message.clone(),
            }),
            Record::ImportSource(r) => {
                let (id, name, retired) = (Id(r.id.0), r.name.clone(), r.retired);
                self.import_source.push(ImportSourceRow { ledger, leaf, position, id, name, retired });
            }
            Record::Dismissal(r) => self.dismissal.push(DismissalRow { ledger, leaf, position, batch: Id(r.batch.0), number: whole(r.number)? }),
            Record::Policy(r) => self.policy.push(PolicyRow {
                ledger,
                leaf,
                position,
                pack: r.pack.clone(),
                version: r.version.clone(),
                component: Hash(r.component),
                parameters: r.parameters.clone(),
            }),
            Record::Evaluated(r) => self.evaluated.push(EvaluatedRow {
                ledger,
                leaf,
                position,
                pack: r.pack.clone(),
                as_of: Day::new(r.as_of)?,
                known_at: r.known_at,
                every_case: r.full,
                component: Hash(r.component),
                cases: whole(r.cases)?,
                faults: whole(r.faults)?,
            }),
            Record::CaseJudged(r) => self.case_judged.push(CaseJudgedRow {
                ledger,
                leaf,
                position,
                pack: r.case.pack.clone(),
                scope: r.case.scope.word().to_owned(),
                subject: Id(r.case.subject),
                as_of: Day::new(r.as_of)?,
                recheck_on: day(r.recheck_on)?,
                fault: r.fault.as_ref().map(|f| f.code.clone()),
            }),
            Record::Line(LineChange { line: r, postings }) => {
                let (basis, basis_entry, basis_month, basis_milestone) = match r.key.basis {
                    Basis::Entry(id) => ("entry", Some(Id(id.0)), None, None),
                    Basis::WageMonth(month) => ("wage-month", None, Some(month.number()), None),
                    Basis::Close => ("close", None, None, None),
                    Basis::Milestone(id) => ("milestone", None, None, Some(Id(id.0))),
                };
                let (beneficiary_kind, beneficiary) = r.key.to.parts();
                self.line.push(LineRow {
                    ledger,
                    leaf,
                    position,
                    id: Id(r.id.0),
                    pack: r.key.case.pack.clone(),
                    scope: r.key.case.scope.word().to_owned(),
                    subject: Id(r.key.case.subject),
                    clause: r.key.clause.clone(),
                    beneficiary: Id(beneficiary),
                    beneficiary_kind: beneficiary_kind.to_owned(),
                    basis: basis.to_owned(),
                    basis_entry,
                    basis_month,
                    basis_milestone,
                    part: i64::from(r.key.part),
                    amount: r.amount,
                    withdrawn: r.withdrawn,
                    content: Hash(content_of(r)?),
                });
                for (number, p) in (0..).zip(postings) {
                    self.posting.push(PostingRow {
                        ledger,
                        leaf,
                        number,
                        position,
                        balance: p.balance.word().to_owned(),
                        amount: p.amount,
                        effective: Day::new(p.on)?,
                        period: p.period.number(),
                        origin: p.origin.map(recoup_model::Month::number),
                    });
                }
            }
            Record::Finding(r) => self.finding.push(FindingRow {
                ledger,
                leaf,
                position,
                id: Id(r.id.0),
                pack: r.case.pack.clone(),
                scope: r.case.scope.word().to_owned(),
                subject: Id(r.case.subject),
                clause: r.clause.clone(),
                message: r.message.clone(),
                effective: Day::new(r.on)?,
                person: r.person.map(|p| Id(p.0)),
                withdrawn: r.withdrawn,
            }),
            Record::Settlement(r) => {
                let (part, held_month) = match r.account.purpose {
                    Purpose::Bonus | Purpose::Expenses => (0, None),
                    Purpose::Fine(part) => (i64::from(part), None),
                    Purpose::Withholding(month) => (0, Some(month.number())),
                };
                self.settlement.push(SettlementRow {
                    ledger,
                    leaf,
                    position,
                    pack: r.account.case.pack.clone(),
                    scope: r.account.case.scope.word().to_owned(),
                    subject: Id(r.account.case.subject),
                    person: Id(r.account.person.0),
                    purpose: r.account.purpose.word().to_owned(),
                    part,
                    held_month,
                    month: r.month.number(),
                    effective: Day::new(r.on)?,
                    way: r.way.word().to_owned(),
                    amount: r.amount,
                    payout: r.payout.map(|p| Id(p.0)),
                });
            }
            Record::Target(r) => {
                let (code, first_day, last_day) = (r.code.clone(), Day::new(r.from)?, Day::new(r.to)?);
                self.target.push(TargetRow { ledger, leaf, position, id: Id(r.id.0), code, first_day, last_day });
            }
            Record::MinimumWage(r) => {
                let (place, effective) = (r.place.clone(), Day::new(r.from)?);
                self.minimum_wage.push(MinimumWageRow { ledger, leaf, position, place, effective });
            }
            Record::Payout(r) => self.payout.push(PayoutTableRow { ledger, leaf, position, id: Id(r.id.0), month: r.month.number() }),
            Record::PayoutStep(r) => {
                let (payout, step, effective) = (Id(r.payout.0), r.step.word().to_owned(), Day::new(r.on)?);
                self.payout_step.push(PayoutStepRow { ledger, leaf, position, payout, step, effective });
            }
            Record::PayoutTerms(r) => self.payout_terms.push(PayoutTermsRow { ledger, leaf, position, effective: Day::new(r.from)? }),
            Record::WageGuard(r) => self.wage_guard.push(WageGuardRow { ledger, leaf, position, effective: Day::new(r.from)? }),
            Record::Stacking(r) => {
                let [first_family, second_family] = r.families.names().clone();
                self.stacking.push(StackingRow { ledger, leaf, position, first_family, second_family, effective: Day::new(r.from)? });
            }
            Record::PeriodClosed(r) => self.period_closed.push(PeriodClosedRow { ledger, leaf, position, month: r.month.number() }),
            Record::PeriodReopened(r) => self.period_reopened.push(PeriodReopenedRow { ledger, leaf, position, month: r.month.number() }),
            Record::Request(r) => {
                let (id, maker, kind) = (Id(r.id.0), Id(r.maker.0), r.matter.kind().word().to_owned());
                self.request.push(RequestRow { ledger, leaf, position, id, maker, kind });
            }
            Record::Authority(r) => self.authority.push(AuthorityRow { ledger, leaf, position, effective: Day::new(r.from)? }),
            Record::Delegation(r) => {
                let (delegator, delegate, first_day, last_day) = (Id(r.from.0), Id(r.to.0), Day::new(r.first)?, Day::new(r.last)?);
                self.delegation.push(DelegationRow { ledger, leaf, position, delegator, delegate, first_day, last_day });
            }
            Record::User(r) => self.user_account.push(UserRow { ledger, leaf, position, id: Id(r.id.0), login: r.login.clone(), disabled: r.disabled }),
            Record::ApiToken(r) => {
                let (id, owner, secret, revoked) = (Id(r.id.0), Id(r.user.0), Hash(r.secret), r.revoked);
                self.api_token.push(ApiTokenRow { ledger, leaf, position, id, owner, secret, revoked });
            }
            Record::Grant(r) => {
                let (id, owner, role, revoked) = (Id(r.id.0), Id(r.user.0), r.role.word().to_owned(), r.revoked);
                self.access_grant.push(GrantRow { ledger, leaf, position, id, owner, role, revoked });
            }
            Record::TrustedKey(r) => {
                let (id, public_key, revoked) = (Id(r.id.0), r.key.to_string(), r.revoked);
                self.trusted_key.push(TrustedKeyRow { ledger, leaf, position, id, public_key, revoked });
            }
            Record::Proposal(r) => self.proposal.push(ProposalRow { ledger, leaf, position, id: Id(r.id.0), maker: Id(r.maker.0) }),
            Record::Decision(r) => {
                let (proposal, decider, verdict) = (Id(r.proposal.0), Id(r.by.0), word(r.verdict)?);
                self.decision.push(DecisionRow { ledger, leaf, position, proposal, decider, verdict });
            }
            Record::Disclosure(r) => {
                let (reader, books, what) = (Id(r.user.0), Id(r.ledger.0), r.what.clone());
                self.disclosure.push(DisclosureRow { ledger, leaf, position, reader, books, what });
            }
        }
        Ok(())
    }
}

/// The table word of a record's kind, as in its JSON.
pub(crate) const fn kind(record: &Record) -> &'static str {
    match record {
        Record::Command(_) => "command",
        Record::Ledger(_) => "ledger",
        Record::Party(_) => "party",
        Record::Person(_) => "person",
        Record::Unit(_) => "unit",
        Record::Contract(_) => "contract",
        Record::Receivable(_) => "receivable",
        Record::StageChange(_) => "stage-change",
        Record::ExpectedRecovery(_) => "expected-recovery",
        Record::Pause(_) => "pause",
        Record::Receipt(_) => "receipt",
        Record::Entry(_) => "entry",
        Record::Letter(_) => "letter",
        Record::Agreement(_) => "agreement",
        Record::Milestone(_) => "milestone",
        Record::Target(_) => "target",
        Record::FalseReport(_) => "false-report",
        Record::Sanction(_) => "sanction",
        Record::Role(_) => "role",
        Record::WageMonth(_) => "wage-month",
        Record::ContractClosed(_) => "contract-closed",
        Record::Batch(_) => "batch",
        Record::Issue(_) => "issue",
        Record::ImportSource(_) => "import-source",
        Record::Dismissal(_) => "dismissal",
        Record::Policy(_) => "policy",
        Record::Evaluated(_) => "evaluated",
        Record::CaseJudged(_) => "case-judged",
        Record::Line(_) => "line",
        Record::Finding(_) => "finding",
        Record::Settlement(_) => "settlement",
        Record::MinimumWage(_) => "minimum-wage",
        Record::Payout(_) => "payout",
        Record::PayoutStep(_) => "payout-step",
        Record::PayoutTerms(_) => "payout-terms",
        Record::WageGuard(_) => "wage-guard",
        Record::Stacking(_) => "stacking",
        Record::PeriodClosed(_) => "period-closed",
        Record::PeriodReopened(_) => "period-reopened",
        Record::Request(_) => "request",
        Record::Authority(_) => "authority",
        Record::Delegation(_) => "delegation",
        Record::User(_) => "user",
        Record::ApiToken(_) => "api-token",
        Record::Grant(_) => "grant",
        Record::TrustedKey(_) => "trusted-key",
        Record::Proposal(_) => "proposal",
        Record::Decision(_) => "decision",
        Record::Disclosure(_) => "disclosure",
    }
}
