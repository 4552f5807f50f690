//! Who asks and who decides in the year that is played: users whom two administrators let in, with a right each.

use chrono::{DateTime, NaiveDate, Utc};
use recoup_engine::access::{Caller, add_user, appoint, authenticate, change_password, decide as decide_change, propose};
use recoup_engine::approval::{self, Wanted, ask, decide, delegate};
use recoup_engine::facts::By;
use recoup_model::access::{Change, Grant, Role, User, Verdict};
use recoup_model::record::Ledger;
use recoup_store::Store;

use crate::context::{ACTOR, read_toml};
use crate::error::CliError;

/// The passwords of the demonstration's users: the database holds nothing but the demonstration.
const PASSWORD: &str = "demonstration of a year";
const FIRST_PASSWORD: &str = "first password of somebody";

/// Those who ask and decide.
pub(super) struct Office {
    /// States facts.
    pub collector: Caller,
    /// Prepares payout runs.
    pub payroll: Caller,
    /// Decides.
    chief: Caller,
    /// Closes periods, and decides in the place of the chief.
    pub deputy: Caller,
}

impl Office {
    /// Lets everybody in, and puts the table of authority in force.
    pub(super) fn found(store: &mut Store, ledger: &Ledger, at: DateTime<Utc>) -> Result<Self, CliError> {
        let mut administrator = |login: &str| -> Result<Caller, CliError> {
            appoint(store, login, None, PASSWORD, ACTOR, at)?;
            Ok(authenticate(store, login, PASSWORD)?)
        };
        let (ada, bob) = (administrator("ada")?, administrator("bob")?);
        let mut joins = |login: &str, role: Role| -> Result<Caller, CliError> {
            add_user(store, &ada, login, None, FIRST_PASSWORD, at)?;
            change_password(store, login, FIRST_PASSWORD, PASSWORD, at)?;
            let (proposal, _) = propose(store, &ada, Change::Grant(Grant::new(User::id_of(login), role, None, None)), at)?;
            decide_change(store, &bob, proposal, Verdict::Approve, at)?;
            Ok(authenticate(store, login, PASSWORD)?)
        };
        let office = Self {
            collector: joins("mo", Role::Collector)?,
            payroll: joins("paul", Role::Payroll)?,
            chief: joins("dora", Role::Approver)?,
            deputy: joins("eve", Role::Approver)?,
        };
        let table = serde_json::from_value(read_toml(std::path::Path::new("config/demo-year/authority.toml"))?);
        let table = table.map_err(|e| CliError::Config(format!("config/demo-year/authority.toml: {e}")))?;
        approval::put_in_force(store, ledger, &table, By::new(ACTOR, at))?;
        Ok(office)
    }

    /// Somebody asks, and the chief approves.
    pub(super) fn approved(&self, store: &mut Store, ledger: &Ledger, by: &Caller, wanted: &Wanted<'_>, at: DateTime<Utc>) -> Result<(), CliError> {
        self.decided(store, ledger, (by, &self.chief), wanted, at)
    }

    /// Somebody asks, and the deputy approves in the place of the chief, who is away for some days.
    pub(super) fn approved_by_delegate(
        &self,
        store: &mut Store,
        ledger: &Ledger,
        by: &Caller,
        wanted: &Wanted<'_>,
        (at, days): (DateTime<Utc>, (NaiveDate, NaiveDate)),
    ) -> Result<(), CliError> {
        delegate(store, ledger, &self.chief, self.deputy.login(), days, By::new(self.chief.login(), at))?;
        self.decided(store, ledger, (by, &self.deputy), wanted, at)
    }

    fn decided(
        &self,
        store: &mut Store,
        ledger: &Ledger,
        (maker, approver): (&Caller, &Caller),
        wanted: &Wanted<'_>,
        at: DateTime<Utc>,
    ) -> Result<(), CliError> {
        let request = ask(store, ledger, maker, wanted, None, By::new(maker.login(), at))?.request;
        decide(store, ledger, approver, request, Verdict::Approve, By::new(approver.login(), at))?;
        Ok(())
    }
}
