//! What facts are about: the records whose figures they would move.

use std::collections::BTreeSet;

use recoup_model::id::{ReceiptId, ReceivableId};
use uuid::Uuid;

use super::{Facts, Names};

/// What a declaration is about.
#[derive(Debug, Default)]
pub(crate) struct About {
    /// Claims.
    pub(crate) receivables: BTreeSet<ReceivableId>,
    /// Receipts.
    pub(crate) receipts: BTreeSet<ReceiptId>,
    /// Letters, agreements and contracts.
    pub(crate) subjects: BTreeSet<Uuid>,
}

impl Facts {
    /// What it names.
    pub(crate) fn about(&self, names: Names<'_>) -> About {
        let mut about = About::default();
        about.receivables.extend(self.receivables.keys().map(|key| names.receivable(key)));
        about.subjects.extend(self.receivables.values().filter_map(|r| r.contract.as_deref()).map(|code| names.contract(code).0));
        about.subjects.extend(self.contracts.keys().map(|code| names.contract(code).0));
        about.subjects.extend(self.letters.keys().map(|code| names.letter(code).0));
        about.subjects.extend(self.agreements.keys().map(|code| names.agreement(code).0));
        for role in &self.roles {
            about.subjects.extend(role.letter.as_deref().map(|code| names.letter(code).0));
            about.subjects.extend(role.contract.as_deref().map(|code| names.contract(code).0));
            about.subjects.extend(role.agreement.as_deref().map(|code| names.agreement(code).0));
        }
        for event in &self.events {
            about.receivables.extend(event.receive.iter().flat_map(|r| r.apply.keys()).map(|key| names.receivable(key)));
            about.receivables.extend(event.apply.iter().flat_map(|a| a.to.keys()).map(|key| names.receivable(key)));
            about.receivables.extend(event.stage.iter().flatten().map(|(key, _)| names.receivable(key)));
            about.receivables.extend(event.expect.iter().flatten().map(|(key, _)| names.receivable(key)));
            about.receivables.extend(event.pause.iter().map(|p| names.receivable(&p.receivable)));
            about.receivables.extend(event.write_off.iter().map(|w| names.receivable(&w.receivable)));
            about.receipts.extend(event.apply.iter().map(|a| names.receipt(&a.receipt)));
            about.receipts.extend(event.bounce.iter().map(|receipt| names.receipt(receipt)));
            about.subjects.extend(event.close.iter().map(|c| names.contract(&c.contract).0));
            let milestone = event.milestone.as_ref().map(|m| (&m.agreement, &m.receipt, &m.receivable));
            let false_report = event.false_report.as_ref().map(|f| (&f.agreement, &f.receipt, &f.receivable));
            let sanction = event.sanction.as_ref().map(|s| (&s.agreement, &s.receipt, &s.receivable));
            for (agreement, receipt, receivable) in [milestone, false_report, sanction].into_iter().flatten() {
                about.receivables.extend(receivable.as_deref().map(|key| names.receivable(key)));
                about.receipts.extend(receipt.as_deref().map(|key| names.receipt(key)));
                about.subjects.extend(agreement.as_deref().map(|code| names.agreement(code).0));
            }
        }
        about
    }
}
