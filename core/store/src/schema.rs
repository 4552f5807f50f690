//! The tables as Rust knows them: columns and row types, one block per table.
//!
//! What a table is for is said in the migrations, beside its SQL.

use diesel::prelude::*;

use crate::StoreError;
use crate::db::Db;
use crate::sql::sql;
use crate::types::{Day, Hash, Id};

/// What every table can do.
pub(crate) trait Table: Sized + PartialEq + std::fmt::Debug {
    /// Its name.
    const NAME: &'static str;

    /// Appends rows.
    fn insert(db: &mut Db, rows: &[Self]) -> Result<(), StoreError>;

    /// Rows of a ledger by the first part of the key, from one to another (which is left out), in the order of the key.
    fn range(db: &mut Db, ledger: Id, from: i64, to: i64) -> Result<Vec<Self>, StoreError>;
}

/// Below so many rows, PostgreSQL's COPY costs more round trips than it saves.
const COPY_ROWS_MIN: usize = 40;

macro_rules! tables {
    ($($name:literal $table:ident($first:ident $(, $more:ident)?) $row:ident {
        $($col:ident: $rust:ty => [$($sql:tt)+],)+
    })+) => {$(
        diesel::table! {
            #[sql_name = $name]
            $table (ledger, $first $(, $more)?) {
                ledger -> Binary,
                $($col -> $($sql)+,)+
            }
        }

        #[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        pub(crate) struct $row {
            pub(crate) ledger: Id,
            $(pub(crate) $col: $rust,)+
        }

        impl Table for $row {
            const NAME: &'static str = $name;

            fn insert(db: &mut Db, rows: &[Self]) -> Result<(), StoreError> {
                match db {
                    Db::Sqlite(c) => {
                        // One prepared statement per table, kept by the connection.
                        for row in rows {
                            diesel::insert_into($table::table).values(row).execute(c)?;
                        }
                    }
                    Db::Postgres(c) if rows.len() >= COPY_ROWS_MIN => {
                        diesel::copy_from($table::table).from_insertable(rows).execute(c)?;
                    }
                    Db::Postgres(_) if rows.is_empty() => {}
                    Db::Postgres(c) => {
                        diesel::insert_into($table::table).values(rows).execute(c)?;
                    }
                }
                Ok(())
            }

            fn range(db: &mut Db, ledger: Id, from: i64, to: i64) -> Result<Vec<Self>, StoreError> {
                const COLUMNS: &str = concat!("SELECT t.ledger" $(, ", t.", stringify!($col))+, " FROM ", $name, " t");
                const RANGE: &str = concat!(" WHERE t.ledger = ? AND t.", stringify!($first), " >= ? AND t.", stringify!($first), " < ?");
                const ORDER: &str = concat!(" ORDER BY t.", stringify!($first) $(, ", t.", stringify!($more))?);
                db.load(sql::<$table::SqlType>(COLUMNS).push(RANGE).bind(ledger).bind(from).bind(to).push(ORDER))
            }
        }
    )+};
}

tables! {
    "ledger" ledgers(leaf) LedgerRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        code: String => [Text],
        name: String => [Text],
        currency: String => [Text],
        time_zone: String => [Text],
    }
    "command" commands(position) CommandRow {
        position: i64 => [BigInt],
        kind: String => [Text],
        idempotency: Option<String> => [Nullable<Text>],
        input: Hash => [Binary],
        actor: String => [Text],
        recorded_at: String => [Text],
        first_leaf: i64 => [BigInt],
        leaves: i64 => [BigInt],
    }
    "leaf" leaves(leaf) LeafRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        kind: String => [Text],
        body: Vec<u8> => [Binary],
        commitment: Option<Hash> => [Nullable<Binary>],
        hash: Hash => [Binary],
    }
    "personal" personal_parts(leaf) PersonalRow {
        leaf: i64 => [BigInt],
        salt: Vec<u8> => [Binary],
        body: Vec<u8> => [Binary],
    }
    "tree_head" tree_heads(position) TreeHeadRow {
        position: i64 => [BigInt],
        size: i64 => [BigInt],
        root: Hash => [Binary],
        frontier: Vec<u8> => [Binary],
    }
    "party" parties(leaf) PartyRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        kind: String => [Text],
        name: Option<String> => [Nullable<Text>],
        unified_code: Option<String> => [Nullable<Text>],
        system: Option<String> => [Nullable<Text>],
        key: Option<String> => [Nullable<Text>],
        content: Option<Hash> => [Nullable<Binary>],
    }
    "person" persons(leaf) PersonRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        code: String => [Text],
    }
    "unit" units(leaf) UnitRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        code: String => [Text],
        name: String => [Text],
        parent: Option<Id> => [Nullable<Binary>],
    }
    "contract" contracts(leaf) ContractRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        code: String => [Text],
        name: String => [Text],
        party: Option<Id> => [Nullable<Binary>],
        system: Option<String> => [Nullable<Text>],
        key: Option<String> => [Nullable<Text>],
        content: Option<Hash> => [Nullable<Binary>],
    }
    "receivable" receivables(leaf) ReceivableRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        party: Id => [Binary],
        contract: Option<Id> => [Nullable<Binary>],
        kind: String => [Text],
        document: String => [Text],
        currency: String => [Text],
        gross: i64 => [BigInt],
        ledger_gross: i64 => [BigInt],
        document_date: Day => [Date],
        due: Option<Day> => [Nullable<Date>],
        due_source: String => [Text],
        stage: String => [Text],
        system: Option<String> => [Nullable<Text>],
        key: Option<String> => [Nullable<Text>],
        content: Option<Hash> => [Nullable<Binary>],
    }
    "stage_change" stage_changes(leaf) StageChangeRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        receivable: Id => [Binary],
        stage: String => [Text],
        effective: Day => [Date],
    }
    "expected_recovery" expected_recoveries(leaf) ExpectedRecoveryRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        receivable: Id => [Binary],
        effective: Day => [Date],
    }
    "pause" pauses(leaf) PauseRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        receivable: Id => [Binary],
        kind: String => [Text],
        first_day: Day => [Date],
        last_day: Option<Day> => [Nullable<Date>],
        withdrawn: bool => [Bool],
    }
    "receipt" receipts(leaf) ReceiptRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        party: Option<Id> => [Nullable<Binary>],
        means: String => [Text],
        currency: String => [Text],
        amount: i64 => [BigInt],
        ledger_amount: i64 => [BigInt],
        booked: Day => [Date],
        value_date: Option<Day> => [Nullable<Date>],
        reference: String => [Text],
        system: Option<String> => [Nullable<Text>],
        key: Option<String> => [Nullable<Text>],
        content: Option<Hash> => [Nullable<Binary>],
    }
    "entry" entrys(leaf) EntryRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        kind: String => [Text],
        receivable: Option<Id> => [Nullable<Binary>],
        receipt: Option<Id> => [Nullable<Binary>],
        amount: i64 => [BigInt],
        ledger_amount: i64 => [BigInt],
        effective: Day => [Date],
        cites: Option<Id> => [Nullable<Binary>],
        means: Option<String> => [Nullable<Text>],
        basis: Option<String> => [Nullable<Text>],
        system: Option<String> => [Nullable<Text>],
        key: Option<String> => [Nullable<Text>],
        content: Option<Hash> => [Nullable<Binary>],
    }
    "letter" letters(leaf) LetterRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        code: String => [Text],
        unit: Option<Id> => [Nullable<Binary>],
        first_day: Day => [Date],
        deadline: Day => [Date],
    }
    "letter_receivable" letter_receivables(leaf, number) LetterReceivableRow {
        leaf: i64 => [BigInt],
        number: i64 => [BigInt],
        position: i64 => [BigInt],
        letter: Id => [Binary],
        receivable: Id => [Binary],
    }
    "letter_share" letter_shares(leaf, number) LetterShareRow {
        leaf: i64 => [BigInt],
        number: i64 => [BigInt],
        position: i64 => [BigInt],
        letter: Id => [Binary],
        person: Id => [Binary],
        weight: i64 => [BigInt],
    }
    "agreement" agreements(leaf) AgreementRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        code: String => [Text],
        kind: String => [Text],
        unit: Option<Id> => [Nullable<Binary>],
        first_day: Day => [Date],
        last_day: Option<Day> => [Nullable<Date>],
        target: Option<Id> => [Nullable<Binary>],
    }
    "agreement_receivable" agreement_receivables(leaf, number) AgreementReceivableRow {
        leaf: i64 => [BigInt],
        number: i64 => [BigInt],
        position: i64 => [BigInt],
        agreement: Id => [Binary],
        receivable: Id => [Binary],
    }
    "agreement_holder" agreement_holders(leaf, number) AgreementHolderRow {
        leaf: i64 => [BigInt],
        number: i64 => [BigInt],
        position: i64 => [BigInt],
        agreement: Id => [Binary],
        person: Id => [Binary],
        millionths: i64 => [BigInt],
    }
    "agreement_obligor" agreement_obligors(leaf, number) AgreementObligorRow {
        leaf: i64 => [BigInt],
        number: i64 => [BigInt],
        position: i64 => [BigInt],
        agreement: Id => [Binary],
        party: Id => [Binary],
        role: String => [Text],
    }
    "milestone" milestones(leaf) MilestoneRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        kind: String => [Text],
        about: String => [Text],
        subject: Id => [Binary],
        effective: Day => [Date],
        withdrawn: bool => [Bool],
    }
    "target" targets(leaf) TargetRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        code: String => [Text],
        first_day: Day => [Date],
        last_day: Day => [Date],
    }
    "false_report" false_reports(leaf) FalseReportRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        about: String => [Text],
        subject: Id => [Binary],
        person: Id => [Binary],
        effective: Day => [Date],
        withdrawn: bool => [Bool],
    }
    "sanction" sanctions(leaf) SanctionRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        kind: String => [Text],
        about: String => [Text],
        subject: Id => [Binary],
        person: Id => [Binary],
        first_day: Day => [Date],
        last_day: Option<Day> => [Nullable<Date>],
        withdrawn: bool => [Bool],
    }
    "role" roles(leaf) RoleRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        person: Id => [Binary],
        role: String => [Text],
        scope: String => [Text],
        subject: Id => [Binary],
        first_day: Day => [Date],
        last_day: Option<Day> => [Nullable<Date>],
        lifelong: bool => [Bool],
        confirmed: bool => [Bool],
    }
    "wage_month" wage_months(leaf) WageMonthRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        person: Id => [Binary],
        month: i32 => [Integer],
    }
    "contract_closed" contracts_closed(leaf) ContractClosedRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        contract: Id => [Binary],
        effective: Day => [Date],
        recover_by: Option<Day> => [Nullable<Date>],
    }
    "batch" batches(leaf) BatchRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        file_name: String => [Text],
        file: Hash => [Binary],
        system: String => [Text],
        adapter: String => [Text],
        adapter_version: String => [Text],
        component: Hash => [Binary],
        profile: String => [Text],
        profile_digest: Hash => [Binary],
        bad_records: String => [Text],
        coverage: String => [Text],
    }
    "issue" issues(leaf) IssueRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        batch: Id => [Binary],
        number: i64 => [BigInt],
        kind: String => [Text],
        code: String => [Text],
        locator: String => [Text],
        key: String => [Text],
        message: String => [Text],
    }
    "policy" policies(leaf) PolicyRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        pack: String => [Text],
        version: String => [Text],
        component: Hash => [Binary],
        parameters: String => [Text],
    }
    "evaluated" evaluations(leaf) EvaluatedRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        pack: String => [Text],
        as_of: Day => [Date],
        known_at: i64 => [BigInt],
        every_case: bool => [Bool],
        component: Hash => [Binary],
        cases: i64 => [BigInt],
        faults: i64 => [BigInt],
    }
    "case_judged" cases_judged(leaf) CaseJudgedRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        pack: String => [Text],
        scope: String => [Text],
        subject: Id => [Binary],
        as_of: Day => [Date],
        recheck_on: Option<Day> => [Nullable<Date>],
        fault: Option<String> => [Nullable<Text>],
    }
    "line" lines(leaf) LineRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        pack: String => [Text],
        scope: String => [Text],
        subject: Id => [Binary],
        clause: String => [Text],
        beneficiary: Id => [Binary],
        beneficiary_kind: String => [Text],
        basis: String => [Text],
        basis_entry: Option<Id> => [Nullable<Binary>],
        basis_month: Option<i32> => [Nullable<Integer>],
        basis_milestone: Option<Id> => [Nullable<Binary>],
        part: i64 => [BigInt],
        amount: i64 => [BigInt],
        withdrawn: bool => [Bool],
        content: Hash => [Binary],
    }
    "posting" postings(leaf, number) PostingRow {
        leaf: i64 => [BigInt],
        number: i64 => [BigInt],
        position: i64 => [BigInt],
        balance: String => [Text],
        amount: i64 => [BigInt],
        effective: Day => [Date],
        period: i32 => [Integer],
        origin: Option<i32> => [Nullable<Integer>],
    }
    "finding" findings(leaf) FindingRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        pack: String => [Text],
        scope: String => [Text],
        subject: Id => [Binary],
        clause: String => [Text],
        message: String => [Text],
        effective: Day => [Date],
        person: Option<Id> => [Nullable<Binary>],
        withdrawn: bool => [Bool],
    }
    "settlement" settlements(leaf) SettlementRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        pack: String => [Text],
        scope: String => [Text],
        subject: Id => [Binary],
        person: Id => [Binary],
        purpose: String => [Text],
        part: i64 => [BigInt],
        held_month: Option<i32> => [Nullable<Integer>],
        month: i32 => [Integer],
        effective: Day => [Date],
        way: String => [Text],
        amount: i64 => [BigInt],
        payout: Option<Id> => [Nullable<Binary>],
    }
    "minimum_wage" minimum_wages(leaf) MinimumWageRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        place: String => [Text],
        effective: Day => [Date],
    }
    "payout" payouts(leaf) PayoutTableRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        month: i32 => [Integer],
    }
    "payout_step" payout_steps(leaf) PayoutStepRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        payout: Id => [Binary],
        step: String => [Text],
        effective: Day => [Date],
    }
    "payout_terms" payout_terms(leaf) PayoutTermsRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        effective: Day => [Date],
    }
    "wage_guard" wage_guards(leaf) WageGuardRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        effective: Day => [Date],
    }
    "stacking" stackings(leaf) StackingRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        first_family: String => [Text],
        second_family: String => [Text],
        effective: Day => [Date],
    }
    "period_closed" periods_closed(leaf) PeriodClosedRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        month: i32 => [Integer],
    }
    "period_reopened" periods_reopened(leaf) PeriodReopenedRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        month: i32 => [Integer],
    }
    "request" requests(leaf) RequestRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        maker: Id => [Binary],
        kind: String => [Text],
    }
    "authority" authorities(leaf) AuthorityRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        effective: Day => [Date],
    }
    "delegation" delegations(leaf) DelegationRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        delegator: Id => [Binary],
        delegate: Id => [Binary],
        first_day: Day => [Date],
        last_day: Day => [Date],
    }
    "import_source" import_sources(leaf) ImportSourceRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        name: String => [Text],
        retired: bool => [Bool],
    }
    "dismissal" dismissals(leaf) DismissalRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        batch: Id => [Binary],
        number: i64 => [BigInt],
    }
    "user_account" user_accounts(leaf) UserRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        login: String => [Text],
        disabled: bool => [Bool],
    }
    "api_token" api_tokens(leaf) ApiTokenRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        owner: Id => [Binary],
        secret: Hash => [Binary],
        revoked: bool => [Bool],
    }
    "access_grant" access_grants(leaf) GrantRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        owner: Id => [Binary],
        role: String => [Text],
        revoked: bool => [Bool],
    }
    "trusted_key" trusted_keys(leaf) TrustedKeyRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        public_key: String => [Text],
        revoked: bool => [Bool],
    }
    "proposal" proposals(leaf) ProposalRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        id: Id => [Binary],
        maker: Id => [Binary],
    }
    "decision" decisions(leaf) DecisionRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        proposal: Id => [Binary],
        decider: Id => [Binary],
        verdict: String => [Text],
    }
    "disclosure" disclosures(leaf) DisclosureRow {
        leaf: i64 => [BigInt],
        position: i64 => [BigInt],
        reader: Id => [Binary],
        books: Id => [Binary],
        what: String => [Text],
    }
}
