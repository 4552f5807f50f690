//! The files that come in: each month one of the ERP and one of the bank, as they write them, through the sandboxed adapter.

use recoup_engine::facts::By;
use recoup_engine::quarantine;
use recoup_model::Month;

use super::Year;
use super::crowd::Papers;
use super::export::{CREDIT, Debtor, Invoice, Ledger, Statement};
use super::script::{self, MonthScript, Refused, minor};
use crate::cli;
use crate::commands::import;
use crate::error::CliError;

/// Profile and system of each: customers are the ERP's, whoever brings their money.
pub(super) const ERP: (&str, &str) = ("u8-ar-detail", "u8");
const BANK: (&str, &str) = ("receipts-simple", "u8");

impl Year<'_> {
    /// A file of the ERP or the bank comes in.
    pub(super) fn imports(&mut self, name: &str, (profile, system): (&str, &str), bytes: &[u8]) -> Result<(), CliError> {
        let path = self.file(name, bytes)?;
        let file = import::File { path: &path, profile, system: Some(system), bad_records: Some(cli::BadRecords::Quarantine), snapshot: false, again: false };
        let at = self.now();
        let imported = import::import(self.context, &self.host, &mut self.store, &self.ledger, &file, at)?;
        let counts = &imported.batch.counts;
        self.done.imported += counts.added + counts.corrected;
        Ok(())
    }

    /// The files of a month come in, with the row that is refused and what becomes of it; what the crowd states.
    pub(super) fn files_of(&mut self, month: Month, script: &MonthScript) -> Result<String, CliError> {
        let (mut erp, mut bank) = (Ledger::new(month.last_day()), Statement::new());
        for receipt in &script.receipts {
            let (debtor, amount) = (debtor(&receipt.claim), minor(&receipt.amount)?);
            erp.receipt(&debtor, &receipt.number, receipt.on, amount, &receipt.claim);
        }
        for corrected in &script.corrected {
            let claim = self.script.opening.claims.iter().find(|claim| claim.number == corrected.number);
            let claim = claim.ok_or_else(|| CliError::Config(format!("there is no claim {} to correct", corrected.number)))?;
            erp.invoice(&Invoice { amount: minor(&corrected.amount)?, ..invoice(claim)? });
        }
        let crowd = self.crowd.month_of(month, &mut Papers { erp: &mut erp, bank: &mut bank });
        let refused = Invoice {
            debtor: debtor("AR-L01"),
            number: format!("AR-R{:02}", month.month()),
            date: month.first_day(),
            due: month.first_day() + CREDIT,
            amount: 1_000_000,
            contract: String::new(),
            stage: "已结算".to_owned(),
        };
        match script.refused {
            Some(Refused::Mended) => erp.spoilt(&refused),
            Some(Refused::Dismissed) => bank.spoilt(&refused.debtor, "B-R01", refused.amount),
            None => {}
        }
        if !erp.is_empty() {
            self.imports("erp.csv", ERP, &erp.bytes())?;
        }
        if !bank.is_empty() {
            self.imports("bank.csv", BANK, &bank.bytes())?;
        }
        match script.refused {
            Some(Refused::Mended) => {
                let mut mended = Ledger::new(month.last_day());
                mended.invoice(&refused);
                self.imports("mended.csv", ERP, &mended.bytes())?;
            }
            Some(Refused::Dismissed) => {
                let waiting = self.store.read(self.ledger.id, quarantine::waiting)?;
                for issue in waiting {
                    let by = By::new(self.office.collector.login(), self.now());
                    quarantine::dismiss(&mut self.store, &self.ledger, issue.batch, issue.number, "the bank took it back", by)?;
                }
            }
            None => {}
        }
        Ok(crowd)
    }
}

/// Every claim of the stories has a debtor of its own.
fn debtor(claim: &str) -> Debtor {
    Debtor { code: format!("D-{claim}"), name: format!("{claim}项目业主") }
}

pub(super) fn invoice(claim: &script::Claim) -> Result<Invoice, CliError> {
    Ok(Invoice {
        debtor: debtor(&claim.number),
        number: claim.number.clone(),
        date: claim.due - CREDIT,
        due: claim.due,
        amount: minor(&claim.amount)?,
        contract: claim.contract.clone().unwrap_or_default(),
        stage: claim.stage.clone(),
    })
}
