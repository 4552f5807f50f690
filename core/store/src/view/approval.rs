//! Periods and approvals: what was closed and opened again, what is asked for and decided, and who may decide it.

use recoup_model::Month;
use std::collections::HashMap;

use diesel::sql_types::{Binary, Text};
use recoup_model::access::Decision;
use recoup_model::approval::{Authority, Delegation, Request};
use recoup_model::id::{ProposalId, UserId};
use recoup_model::period::{Move, PeriodClosed, PeriodReopened, Periods};
use recoup_model::record::Ledger;

use super::View;
use super::page::{Listed, Page, select};
use super::rows::{by, latest};
use crate::StoreError;
use crate::sql::sql;
use crate::types::Id;

/// A close, or the opening that followed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeriodMove {
    /// A period was closed.
    Closed(PeriodClosed),
    /// It was opened again.
    Reopened(PeriodReopened),
}

impl PeriodMove {
    /// Of which month.
    #[must_use]
    pub const fn month(&self) -> Month {
        match self {
            Self::Closed(closed) => closed.month,
            Self::Reopened(reopened) => reopened.month,
        }
    }

    const fn step(&self) -> Move {
        match self {
            Self::Closed(closed) => Move::Close(closed.close),
            Self::Reopened(_) => Move::Reopen,
        }
    }
}

impl View<'_> {
    /// Every close and every opening again, with positions, in order.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn period_moves(&mut self, known_at: i64) -> Result<Vec<(i64, PeriodMove)>, StoreError> {
        const CLOSED: &str = "SELECT l.position, l.body FROM period_closed t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
            WHERE t.ledger = ? AND t.leaf < ? ORDER BY t.leaf";
        const REOPENED: &str = "SELECT l.position, l.body FROM period_reopened t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
            WHERE t.ledger = ? AND t.leaf < ? ORDER BY t.leaf";
        let closed = self.with_position::<PeriodClosed>(CLOSED, known_at)?;
        let reopened = self.with_position::<PeriodReopened>(REOPENED, known_at)?;
        let mut moves: Vec<(i64, PeriodMove)> = closed.into_iter().map(|(at, closed)| (at, PeriodMove::Closed(closed))).collect();
        moves.extend(reopened.into_iter().map(|(at, reopened)| (at, PeriodMove::Reopened(reopened))));
        // A command makes one move.
        moves.sort_by_key(|(position, _)| *position);
        Ok(moves)
    }

    /// The state of the ledger's periods.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn periods(&mut self, known_at: i64) -> Result<Periods, StoreError> {
        Ok(Periods::after(self.period_moves(known_at)?.iter().map(|(_, step)| (step.month(), step.step()))))
    }

    /// What was asked for, with what was said to it, in the order of asking.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn requests(&mut self, ids: Option<&[ProposalId]>, known_at: i64) -> Result<Vec<(Request, Option<Decision>)>, StoreError> {
        let requests: Vec<Request> = self.latest(latest!("request", "id"), by!("id", ids), known_at)?;
        let decisions = self.decisions(ids, known_at)?;
        let decided = |id: ProposalId| decisions.iter().find(|d| d.proposal == id).cloned();
        Ok(requests.into_iter().map(|r| (decided(r.id), r)).map(|(decision, r)| (r, decision)).collect())
    }

    /// What was asked for, where it stands in the log.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn requests_page(&mut self, page: &Page, known_at: i64) -> Result<Vec<Listed<Request>>, StoreError> {
        let all = self.up_to(concat!(select!("request"), " WHERE t.ledger = ? AND t.leaf < ?"), known_at)?;
        self.page(all, page)
    }

    /// What was said to it, each with the position that recorded it.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn decided(&mut self, known_at: i64) -> Result<HashMap<ProposalId, (i64, Decision)>, StoreError> {
        const DECISIONS: &str = "SELECT l.position, l.body FROM decision t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
            WHERE t.ledger = ? AND t.leaf < ? ORDER BY t.leaf";
        let all = self.with_position::<Decision>(DECISIONS, known_at)?;
        Ok(all.into_iter().map(|(at, decision)| (decision.proposal, (at, decision))).collect())
    }

    /// What every user signs in with: their id follows from it, so it is the same at every position. Whoever sees only some units
    /// sees nobody's.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn logins(&mut self) -> Result<HashMap<UserId, String>, StoreError> {
        let all = sql::<(Binary, Text)>("SELECT DISTINCT t.id, t.login FROM user_account t WHERE t.ledger = ?").bind(Id(Ledger::installation().0));
        let rows: Vec<(Id, String)> = self.db.load(all)?;
        Ok(rows.into_iter().map(|(id, login)| (UserId(id.0), login)).collect())
    }

    /// Whether all of the ledger is in sight.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        !self.db.is_restricted()
    }

    /// Tables of who may approve what; of two from the same day the later recorded.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn authorities(&mut self, known_at: i64) -> Result<Vec<Authority>, StoreError> {
        self.latest(latest!("authority", "effective"), None, known_at)
    }

    /// Who decides in whose place, and when.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn delegations(&mut self, known_at: i64) -> Result<Vec<Delegation>, StoreError> {
        self.latest(latest!("delegation", "delegator", "delegate", "first_day"), None, known_at)
    }
}
