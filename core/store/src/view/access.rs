//! Who may do what: users, tokens, rights, keys that plugins are trusted by, and changes of them. These are
//! records of the installation's own log.

use diesel::sql_types::{BigInt, Binary};
use recoup_model::Digest;
use recoup_model::access::{ApiToken, Decision, Disclosure, Grant, Proposal, TrustedKey, User};
use recoup_model::id::{KeyId, ProposalId, UserId};
use recoup_model::party::Personal;
use recoup_model::record::Ledger;

use super::View;
use super::rows::{by, latest};
use crate::sql::{Sql, sql};
use crate::store::in_order_of_codes;
use crate::types::Hash;
use crate::{EVERYTHING, StoreError};

impl View<'_> {
    /// Users, with their personal parts unless erased.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn users(&mut self, ids: Option<&[UserId]>, known_at: i64) -> Result<Vec<(User, Option<Personal>)>, StoreError> {
        self.with_personal(latest!("user_account", "id"), by!("id", ids), known_at)
    }

    /// Tokens of some users or all, revoked ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn tokens(&mut self, owners: Option<&[UserId]>, known_at: i64) -> Result<Vec<ApiToken>, StoreError> {
        self.latest(latest!("api_token", "id"), by!("owner", owners), known_at)
    }

    /// The token with the digest of a secret, as it is now.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn token_with(&mut self, secret: Digest) -> Result<Option<ApiToken>, StoreError> {
        let of_secret = |all: Sql<BigInt>| all.push(" AND t.secret = ?").bind(Hash(secret));
        let leaves: Vec<i64> = self.rows(latest!("api_token", "id"), None, EVERYTHING, of_secret)?;
        Ok(self.records(&leaves)?.pop())
    }

    /// Rights of some users or all, revoked ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn grants(&mut self, owners: Option<&[UserId]>, known_at: i64) -> Result<Vec<Grant>, StoreError> {
        self.latest(latest!("access_grant", "id"), by!("owner", owners), known_at)
    }

    /// Keys that plugins are trusted by, some or all, with those that no longer are.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn trusted_keys(&mut self, ids: Option<&[KeyId]>, known_at: i64) -> Result<Vec<TrustedKey>, StoreError> {
        self.latest(latest!("trusted_key", "id"), by!("id", ids), known_at)
    }

    /// Changes that were asked for, and what was said to them, in the order of asking.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn proposals(&mut self, ids: Option<&[ProposalId]>, known_at: i64) -> Result<Vec<(Proposal, Option<Decision>)>, StoreError> {
        let proposals: Vec<Proposal> = self.latest(latest!("proposal", "id"), by!("id", ids), known_at)?;
        let decisions = self.decisions(ids, known_at)?;
        let decided = |id: ProposalId| decisions.iter().find(|d| d.proposal == id).cloned();
        Ok(proposals.into_iter().map(|p| (decided(p.id), p)).map(|(decision, p)| (p, decision)).collect())
    }

    /// Decisions on some proposals or all.
    pub(super) fn decisions(&mut self, proposals: Option<&[ProposalId]>, known_at: i64) -> Result<Vec<Decision>, StoreError> {
        self.latest(latest!("decision", "proposal"), by!("proposal", proposals), known_at)
    }

    /// Who saw what is sensitive, with positions, in order.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn disclosures(&mut self, known_at: i64) -> Result<Vec<(i64, Disclosure)>, StoreError> {
        const ALL: &str = "SELECT l.position, l.body FROM disclosure t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf \
            WHERE t.ledger = ? AND t.leaf < ? ORDER BY t.leaf";
        self.with_position(ALL, known_at)
    }

    /// Every ledger there is, for rights name them by id.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn ledgers(&mut self) -> Result<Vec<Ledger>, StoreError> {
        let bodies: Vec<Vec<u8>> = self.db.load(sql::<Binary>(LEDGERS))?;
        in_order_of_codes(&bodies)
    }
}

/// Every ledger's first record.
pub(crate) const LEDGERS: &str = "SELECT l.body FROM ledger t JOIN leaf l ON l.ledger = t.ledger AND l.leaf = t.leaf";
