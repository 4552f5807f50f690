//! Who may do what: users, tokens, rights, keys that plugins are trusted by, and changes of them. These are
//! records of the installation's own log.

use diesel::sql_types::{BigInt, Binary};
use recoup_model::Digest;
use recoup_model::access::{ApiToken, Decision, Disclosure, Grant, Proposal, TrustedKey, User};
use recoup_model::id::{KeyId, ProposalId, UserId};
use recoup_model::party::Personal;
use recoup_model::record::Ledger;
use uuid::Uuid;

use super::records::latest_with_personal;
use super::{View, latest};
use crate::sql::sql;
use crate::store::in_order_of_codes;
use crate::types::Hash;
use crate::{EVERYTHING, StoreError};

impl View<'_> {
    /// Users, with their personal parts unless erased.
    ///
    /// # Errors
    /// The database fails or is damaged; so for every read.
    pub fn users(&mut self, ids: Option<&[UserId]>, known_at: i64) -> Result<Vec<(User, Option<Personal>)>, StoreError> {
        self.with_personal(latest_with_personal!("user_account"), ids.map(plain), known_at)
    }

    /// Tokens of some users or all, revoked ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn tokens(&mut self, owners: Option<&[UserId]>, known_at: i64) -> Result<Vec<ApiToken>, StoreError> {
        self.latest(latest!("api_token", "id"), " AND t.owner IN ?", owners.map(plain), known_at)
    }

    /// The token with the digest of a secret, as it is now.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn token_with(&mut self, secret: Digest) -> Result<Option<ApiToken>, StoreError> {
        const TOKEN: &str = concat!(latest!("api_token", "id"), " AND t.secret = ?");
        let known = self.known(EVERYTHING)?;
        let token = sql::<BigInt>(TOKEN).bind(self.ledger).bind(known).bind(known).bind(Hash(secret));
        let leaves: Vec<i64> = self.db.load(token)?;
        Ok(self.records(&leaves)?.pop())
    }

    /// Rights of some users or all, revoked ones too.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn grants(&mut self, owners: Option<&[UserId]>, known_at: i64) -> Result<Vec<Grant>, StoreError> {
        self.latest(latest!("access_grant", "id"), " AND t.owner IN ?", owners.map(plain), known_at)
    }

    /// Keys that plugins are trusted by, some or all, with those that no longer are.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn trusted_keys(&mut self, ids: Option<&[KeyId]>, known_at: i64) -> Result<Vec<TrustedKey>, StoreError> {
        let ids = ids.map(|ids| ids.iter().map(|id| id.0).collect());
        self.latest(latest!("trusted_key", "id"), " AND t.id IN ?", ids, known_at)
    }

    /// Changes that were asked for, and what was said to them, in the order of asking.
    #[expect(clippy::missing_errors_doc, reason = "as every read")]
    pub fn proposals(&mut self, ids: Option<&[ProposalId]>, known_at: i64) -> Result<Vec<(Proposal, Option<Decision>)>, StoreError> {
        let ids: Option<Vec<Uuid>> = ids.map(|ids| ids.iter().map(|id| id.0).collect());
        let proposals: Vec<Proposal> = self.latest(latest!("proposal", "id"), " AND t.id IN ?", ids.clone(), known_at)?;
        let decisions = self.decisions(ids, known_at)?;
        let decided = |id: ProposalId| decisions.iter().find(|d| d.proposal == id).cloned();
        Ok(proposals.into_iter().map(|p| (decided(p.id), p)).map(|(decision, p)| (p, decision)).collect())
    }

    /// Decisions on some proposals or all.
    pub(super) fn decisions(&mut self, proposals: Option<Vec<Uuid>>, known_at: i64) -> Result<Vec<Decision>, StoreError> {
        self.latest(latest!("decision", "proposal"), " AND t.proposal IN ?", proposals, known_at)
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

fn plain(ids: &[UserId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}
