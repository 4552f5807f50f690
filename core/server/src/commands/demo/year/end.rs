//! How the year ends: its registers, each total beside the ledger's; what happened; and the log, which proves the tables.

use recoup_engine::report::aging::Buckets;
use recoup_model::Month;

use super::registers::{Span, Total, totals};
use super::{YEAR, Year, events};
use crate::cli::{self, Format};
use crate::commands::demo::proof;
use crate::commands::report::{self, Moment};
use crate::error::CliError;
use crate::output::{Table, number, text};

/// Rows of a register that people see.
const SHOWN: usize = 8;

impl Year<'_> {
    /// Everything that is shown when the year is over.
    pub(super) fn ends(&mut self, format: Format) -> Result<Vec<Table>, CliError> {
        let [from, to] = [1, 12].map(|month| Month::new(YEAR, month).unwrap_or_else(|| Month::of(self.day)));
        let buckets: Buckets = self.script.buckets.parse().map_err(|e| CliError::Config(format!("`buckets` in the script: {e}")))?;
        let mut tables = self.registers((from, to), &buckets)?;
        if format == Format::Table {
            tables.iter_mut().for_each(|table| table.shorten(SHOWN));
        }
        tables.push(self.beside(Span { packs: &self.script.packs, from, to, settled: self.day, buckets })?);
        tables.push(self.happened()?);
        tables.push(proof(self.context, &mut self.store, &self.ledger.code)?);
        Ok(tables)
    }

    /// What payroll settled counts up to the day of its last return, all else up to the year's last day.
    fn registers(&mut self, (from, to): (Month, Month), buckets: &Buckets) -> Result<Vec<Table>, CliError> {
        let (store, ledger) = (&mut self.store, &self.ledger);
        let (year, settled) = (Moment::now(to.last_day()), Moment::now(self.day));
        let mut tables = vec![
            report::accounts(store, ledger, &settled, cli::Accounts::All)?,
            report::payouts(store, ledger, &settled)?,
            report::withheld(store, ledger, &settled)?,
        ];
        tables.extend(report::recovery(store, ledger, &year, (from, to), cli::RecoveredBy::Unit)?);
        tables.push(report::targets(store, ledger, &year)?);
        tables.push(report::in_force(store, ledger, &year)?);
        tables.push(report::aging(store, ledger, &year, buckets.clone(), &cli::Ages::default())?);
        tables.push(report::trial_balance(store, ledger, &year)?);
        Ok(tables)
    }

    fn beside(&mut self, span: Span<'_>) -> Result<Table, CliError> {
        let ledger = &self.ledger;
        let found = self.store.read(ledger.id, |view| totals(view, ledger, &span))?;
        let columns = vec![
            text("register", "register"),
            text("figure", "total"),
            number("stated", "of the register"),
            number("ledger", "of the ledger"),
            text("equal", "equal"),
        ];
        let mut table = Table::new("beside", "The registers beside the ledger", columns);
        let shown = |total: &Total, n: i64| if total.money { report::money(n, ledger) } else { n.to_string() };
        for total in &found {
            if total.stated != total.ledger {
                let what = format!("{}, {}: {} of the register", total.register, total.figure, shown(total, total.stated));
                return Err(CliError::Failed(format!("{what} and {} of the ledger differ: this is an incident", shown(total, total.ledger))));
            }
            let figures = [total.stated, total.ledger].map(|n| shown(total, n));
            table.row([total.register.to_owned(), total.figure.clone()].into_iter().chain(figures).chain(["yes".to_owned()]).collect());
        }
        Ok(table)
    }

    fn happened(&mut self) -> Result<Table, CliError> {
        let counted = self.store.read(self.ledger.id, events::counted)?;
        let mut table = Table::new("events", "What happened, counted in the ledger", vec![text("event", "event"), number("times", "times")]);
        for (event, times) in counted {
            if times == 0 {
                return Err(CliError::Failed(format!("nothing of the year is `{event}`: the script or the crowd lacks it")));
            }
            table.row(vec![event.to_owned(), times.to_string()]);
        }
        Ok(table)
    }
}
