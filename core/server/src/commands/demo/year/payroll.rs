//! The payout run of a month: prepared, published for its notice, objected to, approved, handed out, returned by payroll in
//! full or in part, and taken back.

use chrono::Days;
use recoup_engine::approval::Wanted;
use recoup_engine::evaluate::KNOWN_NOW;
use recoup_engine::facts::By;
use recoup_engine::settlement::{Choice, Question, Run, cancel, export, object, one, prepare, publish, resolve, statement};
use recoup_model::Month;
use recoup_model::id::{PayoutId, PersonId};

use super::export::decimal;
use super::script::{MonthScript, Objection};
use super::{Year, noon};
use crate::commands::settle;
use crate::error::CliError;

/// Days of the next month on which a run is published, and published anew.
const PUBLISHED: u64 = 4;
const PUBLISHED_AGAIN: u64 = 14;
/// Days after its publication on which a run is approved and handed out: its notice of five days is over.
const HANDED_OUT: u64 = 6;

impl Year<'_> {
    /// Settles a month with the wages of it.
    pub(super) fn settled(&mut self, month: Month, script: &MonthScript) -> Result<(), CliError> {
        let everybody: &[String] = &[];
        let released = self.released(month, script)?;
        let run = self.published(month, PUBLISHED, (everybody, &released))?;
        let run = match &script.objection {
            Some(Objection { person, reason, resolved: Some(why) }) => {
                let (objection, _) = object(&mut self.store, &self.ledger, run, person, self.day, reason, By::new(person, noon(self.day)))?;
                resolve(&mut self.store, &self.ledger, objection, why, By::new(self.office.payroll.login(), noon(self.day)))?;
                self.handed_out(month, run, PUBLISHED, script.delegated)?
            }
            Some(Objection { person, reason, resolved: None }) => {
                object(&mut self.store, &self.ledger, run, person, self.day, reason, By::new(person, noon(self.day)))?;
                cancel(&mut self.store, &self.ledger, run, "an objection is right", By::new(self.office.payroll.login(), noon(self.day)))?;
                let others = self.others(run, person)?;
                let run = self.published(month, PUBLISHED_AGAIN, (&others, &released))?;
                self.handed_out(month, run, PUBLISHED_AGAIN, false)?
            }
            None => self.handed_out(month, run, PUBLISHED, script.delegated)?,
        };
        self.returned(&run, script.half_confirmed.as_deref())?;
        if let Some(reason) = &script.taken_back {
            self.is(month.next().first_day() + Days::new(PUBLISHED_AGAIN));
            let wanted = Wanted::PayoutReversal { payout: run.payout().id, reason };
            self.office.approved(&mut self.store, &self.ledger, &self.office.payroll, &wanted, noon(self.day))?;
            let run = self.published(month, PUBLISHED_AGAIN, (everybody, &released))?;
            let run = self.handed_out(month, run, PUBLISHED_AGAIN, false)?;
            self.returned(&run, None)?;
        }
        Ok(())
    }

    /// Whose withheld wages are released: those of the script, and of the crowd whoever gets something back.
    fn released(&mut self, month: Month, script: &MonthScript) -> Result<Vec<String>, CliError> {
        let question = Question { month, as_of: month.last_day(), known_at: KNOWN_NOW };
        let rows = self.store.read(self.ledger.id, |view| statement(view, question))?.rows;
        let back = rows.into_iter().filter(|row| row.account.purpose.withheld().is_some() && row.paid > 0).map(|row| row.person);
        let of_crowd = back.filter(|code| self.company.crowd.iter().any(|e| e.code == *code));
        Ok(script.released.iter().cloned().chain(of_crowd).collect())
    }

    /// Prepares a run and publishes it on a day of the next month.
    fn published(&mut self, month: Month, after: u64, (persons, released): (&[String], &[String])) -> Result<PayoutId, CliError> {
        self.is(month.next().first_day() + Days::new(after));
        let by = By::new(self.office.payroll.login(), noon(self.day));
        let maker = Some(self.office.payroll.user());
        let run = prepare(&mut self.store, &self.ledger, (month, month.last_day()), Choice { persons, released }, maker, by)?.run;
        publish(&mut self.store, &self.ledger, run, self.day, by)?;
        Ok(run)
    }

    /// Everybody of a run but somebody.
    fn others(&mut self, run: PayoutId, but: &str) -> Result<Vec<String>, CliError> {
        let run = self.store.read(self.ledger.id, |view| one(view, run, KNOWN_NOW))?;
        let mut ids: Vec<PersonId> = run.payout().rows.iter().map(|row| row.account.person).collect();
        ids.sort_unstable();
        ids.dedup();
        let people = self.store.read::<_, recoup_engine::EngineError>(self.ledger.id, |view| Ok(view.persons(Some(&ids), KNOWN_NOW)?))?;
        Ok(people.into_iter().map(|(person, _)| person.code).filter(|code| code != but).collect())
    }

    /// Has somebody else approve a run, and hands it to payroll.
    fn handed_out(&mut self, month: Month, run: PayoutId, published: u64, delegated: bool) -> Result<Run, CliError> {
        self.is(month.next().first_day() + Days::new(published + HANDED_OUT));
        let (at, wanted, office) = (noon(self.day), Wanted::Payout(run), &self.office);
        if delegated {
            let away = (self.day, self.day + Days::new(3));
            office.approved_by_delegate(&mut self.store, &self.ledger, &office.payroll, &wanted, (at, away))?;
        } else {
            office.approved(&mut self.store, &self.ledger, &office.payroll, &wanted, at)?;
        }
        export(&mut self.store, &self.ledger, run, By::new(office.payroll.login(), at))?;
        Ok(self.store.read(self.ledger.id, |view| one(view, run, KNOWN_NOW))?)
    }

    /// Payroll returns its file on the next day: all of the run, but of somebody's items half.
    fn returned(&mut self, run: &Run, half: Option<&str>) -> Result<(), CliError> {
        self.is(self.day + Days::new(1));
        let half = half.map(recoup_engine::facts::person_id);
        let confirmed = |person: PersonId, cash: i64| if half == Some(person) { cash / 2 } else { cash };
        let rows = run.payout().rows.iter().map(|row| (row.item(), confirmed(row.account.person, row.cash())));
        let (mut csv, mut total) = ("item,confirmed\n".to_owned(), 0);
        for (item, amount) in rows {
            csv += &format!("{item},{}\n", decimal(amount));
            total += amount;
        }
        csv += &format!("total,{}\n", decimal(total));
        let file = self.file(&format!("return-{}.csv", run.payout().id), csv.as_bytes())?;
        settle::returned(&mut self.store, &self.ledger, (run.payout().id, &file), self.day, By::new(self.office.payroll.login(), noon(self.day)))?;
        Ok(())
    }
}
