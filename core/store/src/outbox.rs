//! The outbox: who is told of what happens in a ledger, and how far they were told.
//!
//! The log itself is the outbox. A webhook remembers the leaf that it has got to, so no event can be lost between a
//! command and its delivery, and events of a ledger go out in the log's order. Whoever delivers holds the webhook by a
//! lease; what it did counts only while the lease is its own, and another takes over when it has run out.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Text};
use recoup_model::id::LedgerId;
use recoup_model::record::Record;
use uuid::Uuid;

use crate::db::Db;
use crate::log::unsigned;
use crate::sql::sql;
use crate::store::decode;
use crate::types::Id;
use crate::work::now;
use crate::{Store, StoreError};

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Of which ledger.
    pub ledger: LedgerId,
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// Name of the host in the configuration.
    pub host: String,
    /// Whether it is told at present.
    pub active: bool,
    /// Leaves before this one were delivered, or are dead letters.
    pub leaf: u64,
    /// How often the next event was tried.
    pub attempts: u32,
    /// Since when it fails.
    pub failing_since: Option<DateTime<Utc>>,
    /// No attempt before this.
    pub next_at: DateTime<Utc>,
    /// Why the last attempt failed; empty when it did not.
    pub error: String,
}

/// An event that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The leaf that says what happened.
    pub leaf: u64,
    /// Whether it is to be sent again.
    pub again: bool,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up.
    pub died_at: DateTime<Utc>,
    /// Why the last attempt failed.
    pub error: String,
}

/// Something that happened, as a leaf of the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// Index of the leaf.
    pub leaf: u64,
    /// Position that recorded it.
    pub position: i64,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// What.
    pub record: Record,
}

/// What there is to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// To whom.
    pub webhook: Webhook,
    /// Dead letters to send again, each with its happening.
    pub again: Vec<(DeadLetter, Happening)>,
    /// What happened since, in order.
    pub next: Vec<Happening>,
    /// Leaves that there are: behind the last happening, nothing is to be told of.
    pub size: u64,
}

/// Events that are not delivered, of all ledgers, each counted for each webhook that is to be told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undelivered {
    /// To be delivered yet, or again; those of webhooks that are paused wait as well.
    pub waiting: u64,
    /// Given up.
    pub dead: u64,
}

/// Whoever delivers, and for how long a webhook is theirs. The database's clock measures it: those of processes may differ.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// Who: never the same for two.
    pub owner: &'a str,
    /// For so many milliseconds.
    pub lease_ms: i64,
}

impl Holder<'_> {
    fn until(&self, db: &mut Db) -> Result<i64, StoreError> {
        Ok(now(db)?.saturating_add(self.lease_ms))
    }
}

/// The lock of everything here: held for moments, never while something is sent.
const OUTBOX: Id = Id(Uuid::from_u128(u128::from_be_bytes(*b"recoup outbox \0\0")));

/// Happenings that are fetched at a time.
const HAPPENINGS: i64 = 50;

type WebhookTypes = (Binary, Binary, Text, Text, Text, BigInt, BigInt, BigInt, BigInt, Text);
type WebhookTuple = (Id, Id, String, String, String, i64, i64, i64, i64, String);
type DeadTypes = (BigInt, Text, BigInt, BigInt, Text);
type DeadTuple = (i64, String, i64, i64, String);

macro_rules! webhooks {
    ($rest:literal) => {
        concat!("SELECT w.ledger, w.id, w.name, w.host, w.state, w.leaf, w.attempts, w.failing_since, w.next_at, w.error FROM webhook w", $rest)
    };
}

fn webhook(row: WebhookTuple) -> Result<Webhook, StoreError> {
    let (ledger, id, name, host, state, leaf, attempts, since, next_at, error) = row;
    let failing_since = if since == 0 { None } else { Some(moment(since)?) };
    let active = state == "active";
    Ok(Webhook {
        ledger: LedgerId(ledger.0),
        id: id.0,
        name,
        host,
        active,
        leaf: unsigned(leaf)?,
        attempts: small(attempts),
        failing_since,
        next_at: moment(next_at)?,
        error,
    })
}

fn dead_letter((leaf, state, attempts, died_at, error): DeadTuple) -> Result<DeadLetter, StoreError> {
    Ok(DeadLetter { leaf: unsigned(leaf)?, again: state == "again", attempts: small(attempts), died_at: moment(died_at)?, error })
}

fn small(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn moment(milliseconds: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_millis(milliseconds).ok_or_else(|| StoreError::corrupt(format!("{milliseconds} is no moment")))
}

fn signed(leaf: u64) -> Result<i64, StoreError> {
    i64::try_from(leaf).map_err(|_| StoreError::Overflow)
}

impl Store {
    /// Webhooks of a ledger, by name.
    ///
    /// # Errors
    /// The database fails; so for everything here.
    pub fn webhooks(&mut self, ledger: LedgerId) -> Result<Vec<Webhook>, StoreError> {
        self.ready()?;
        let all = sql::<WebhookTypes>(webhooks!(" WHERE w.ledger = ? ORDER BY w.name")).bind(Id(ledger.0));
        self.db.load::<_, WebhookTuple>(all)?.into_iter().map(webhook).collect()
    }

    /// How many events are not delivered.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn undelivered(&mut self) -> Result<Undelivered, StoreError> {
        // What is told of is said by `happenings`.
        const WAITING: &str = "SELECT (SELECT COUNT(*) FROM webhook w JOIN batch t ON t.ledger = w.ledger AND t.leaf >= w.leaf) \
            + (SELECT COUNT(*) FROM webhook w JOIN evaluated t ON t.ledger = w.ledger AND t.leaf >= w.leaf) \
            + (SELECT COUNT(*) FROM webhook w JOIN case_judged t ON t.ledger = w.ledger AND t.leaf >= w.leaf WHERE t.fault IS NOT NULL) \
            + (SELECT COUNT(*) FROM webhook w JOIN period_closed t ON t.ledger = w.ledger AND t.leaf >= w.leaf) \
            + (SELECT COUNT(*) FROM dead_letter d WHERE d.state = 'again')";
        const DEAD: &str = "SELECT COUNT(*) FROM dead_letter d WHERE d.state <> 'again'";
        self.ready()?;
        let waiting: Option<i64> = self.db.first(sql::<BigInt>(WAITING))?;
        let dead: Option<i64> = self.db.first(sql::<BigInt>(DEAD))?;
        Ok(Undelivered { waiting: unsigned(waiting.unwrap_or(0))?, dead: unsigned(dead.unwrap_or(0))? })
    }

    /// Adds a webhook that is told of what happens from now on. A name that is taken is a [`StoreError::Duplicate`].
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn add_webhook(&mut self, ledger: LedgerId, name: &str, host: &str) -> Result<Uuid, StoreError> {
        const NEW: &str = "INSERT INTO webhook (ledger, id, name, host, state, leaf, attempts, failing_since, next_at, error, owner, leased_until) \
            VALUES (?, ?, ?, ?, 'active', ?, 0, 0, 0, '', '', 0)";
        let id = Uuid::new_v4();
        self.outbox(|db| {
            let size = size_of(db, Id(ledger.0))?;
            db.execute(sql(NEW).bind(Id(ledger.0)).bind(Id(id)).bind(name).bind(host).bind(size)).map(drop)
        })?;
        Ok(id)
    }

    /// Pauses a webhook, or lets it go on where it stood; `false` when there is none.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn set_webhook(&mut self, ledger: LedgerId, id: Uuid, active: bool) -> Result<bool, StoreError> {
        const SET: &str = "UPDATE webhook SET state = ?, next_at = 0 WHERE ledger = ? AND id = ?";
        let state = if active { "active" } else { "paused" };
        self.outbox(|db| Ok(db.execute(sql(SET).bind(state).bind(Id(ledger.0)).bind(Id(id)))? > 0))
    }

    /// Events of a webhook that were given up, in the log's order.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn dead_letters(&mut self, ledger: LedgerId, id: Uuid) -> Result<Vec<DeadLetter>, StoreError> {
        const DEAD: &str = "SELECT leaf, state, attempts, died_at, error FROM dead_letter WHERE ledger = ? AND webhook = ? ORDER BY leaf";
        self.ready()?;
        self.db.load::<_, DeadTuple>(sql::<DeadTypes>(DEAD).bind(Id(ledger.0)).bind(Id(id)))?.into_iter().map(dead_letter).collect()
    }

    /// Lets dead letters be sent again, one or all; answers how many.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn send_again(&mut self, ledger: LedgerId, id: Uuid, leaf: Option<u64>) -> Result<usize, StoreError> {
        const AGAIN: &str = "UPDATE dead_letter SET state = 'again' WHERE ledger = ? AND webhook = ?";
        let leaf = leaf.map(signed).transpose()?;
        self.outbox(|db| db.execute(sql(AGAIN).bind(Id(ledger.0)).bind(Id(id)).when(" AND leaf = ?", leaf)))
    }

    /// Takes a webhook that has something to send and that nobody holds.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn lease_webhook(&mut self, lease: Holder<'_>) -> Result<Option<Due>, StoreError> {
        const FREE: &str = webhooks!(
            " WHERE w.state = 'active' AND w.leased_until < ? AND ((w.next_at <= ? AND w.leaf < \
             (SELECT h.size FROM tree_head h WHERE h.ledger = w.ledger ORDER BY h.position DESC LIMIT 1)) \
             OR EXISTS (SELECT 1 FROM dead_letter d WHERE d.ledger = w.ledger AND d.webhook = w.id AND d.state = 'again')) \
             ORDER BY w.leased_until, w.ledger, w.id LIMIT 1"
        );
        const TAKE: &str = "UPDATE webhook SET owner = ?, leased_until = ? WHERE ledger = ? AND id = ?";
        self.outbox(|db| {
            let (now, until) = (now(db)?, lease.until(db)?);
            let Some(found) = db.first::<_, WebhookTuple>(sql::<WebhookTypes>(FREE).bind(now).bind(now))? else { return Ok(None) };
            let (ledger, id) = (found.0, found.1);
            db.execute(sql(TAKE).bind(lease.owner).bind(until).bind(ledger).bind(id))?;
            let webhook = webhook(found)?;
            // One that is taken for its dead letters alone waits on with the rest.
            let waits = webhook.next_at > moment(now)?;
            let size = if waits { signed(webhook.leaf)? } else { size_of(db, ledger)? };
            let next = happenings(db, ledger, signed(webhook.leaf)?, size)?;
            let mut again = Vec::new();
            for dead in due_again(db, ledger, id)? {
                let leaf = signed(dead.leaf)?;
                again.extend(happenings(db, ledger, leaf, leaf + 1)?.into_iter().map(|happening| (dead.clone(), happening)));
            }
            // Behind a page that is full, there may be more.
            let size = next.last().filter(|_| i64::try_from(next.len()).unwrap_or(i64::MAX) >= HAPPENINGS).map_or(unsigned(size)?, |last| last.leaf + 1);
            Ok(Some(Due { webhook, again, next, size }))
        })
    }

    /// Holds on to a webhook; `false` when it is no longer the owner's, or is paused.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn renew_webhook(&mut self, webhook: &Webhook, lease: Holder<'_>) -> Result<bool, StoreError> {
        const RENEW: &str = "UPDATE webhook SET leased_until = ? WHERE ledger = ? AND id = ? AND owner = ? AND state = 'active'";
        self.outbox(|db| {
            let renew = sql(RENEW).bind(lease.until(db)?);
            Ok(db.execute(renew.bind(Id(webhook.ledger.0)).bind(Id(webhook.id)).bind(lease.owner))? > 0)
        })
    }

    /// Removes a webhook with its dead letters; `false` when there is none.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn remove_webhook(&mut self, ledger: LedgerId, id: Uuid) -> Result<bool, StoreError> {
        self.outbox(|db| {
            db.execute(sql("DELETE FROM dead_letter WHERE ledger = ? AND webhook = ?").bind(Id(ledger.0)).bind(Id(id)))?;
            Ok(db.execute(sql("DELETE FROM webhook WHERE ledger = ? AND id = ?").bind(Id(ledger.0)).bind(Id(id)))? > 0)
        })
    }

    /// Everything before a leaf is delivered; `false` when the webhook is no longer the owner's.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn delivered(&mut self, webhook: &Webhook, lease: Holder<'_>, leaf: u64) -> Result<bool, StoreError> {
        const ON: &str = "UPDATE webhook SET leaf = ?, attempts = 0, failing_since = 0, next_at = 0, error = '', leased_until = ? \
            WHERE ledger = ? AND id = ? AND owner = ?";
        let leaf = signed(leaf)?;
        self.outbox(|db| {
            let on = sql(ON).bind(leaf).bind(lease.until(db)?);
            Ok(db.execute(on.bind(Id(webhook.ledger.0)).bind(Id(webhook.id)).bind(lease.owner))? > 0)
        })
    }

    /// An attempt failed: the next one is not before so many milliseconds have passed, and the lease ends.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn failed(&mut self, webhook: &Webhook, lease: Holder<'_>, error: &str, wait_ms: i64) -> Result<(), StoreError> {
        const FAILED: &str = "UPDATE webhook SET attempts = attempts + 1, failing_since = CASE failing_since WHEN 0 THEN ? ELSE failing_since END, \
            next_at = ?, error = ?, owner = '', leased_until = ? WHERE ledger = ? AND id = ? AND owner = ?";
        self.outbox(|db| {
            let now = now(db)?;
            let failed = sql(FAILED).bind(now).bind(now.saturating_add(wait_ms)).bind(error).bind(now);
            db.execute(failed.bind(Id(webhook.ledger.0)).bind(Id(webhook.id)).bind(lease.owner)).map(drop)
        })
    }

    /// Gives an event up, so that the ones behind it are no longer held up.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn give_up(&mut self, webhook: &Webhook, lease: Holder<'_>, leaf: u64, error: &str) -> Result<(), StoreError> {
        const DEAD: &str = "INSERT INTO dead_letter (ledger, webhook, leaf, state, attempts, died_at, error) VALUES (?, ?, ?, 'dead', ?, ?, ?)";
        const ON: &str = "UPDATE webhook SET leaf = ?, attempts = 0, failing_since = 0, next_at = 0, error = ?, owner = '', leased_until = ? \
            WHERE ledger = ? AND id = ? AND owner = ?";
        let (ledger, id, leaf) = (Id(webhook.ledger.0), Id(webhook.id), signed(leaf)?);
        self.outbox(|db| {
            let now = now(db)?;
            if db.execute(sql(ON).bind(leaf + 1).bind(error).bind(now).bind(ledger).bind(id).bind(lease.owner))? > 0 {
                let dead = sql(DEAD).bind(ledger).bind(id).bind(leaf).bind(i64::from(webhook.attempts) + 1);
                db.execute(dead.bind(now).bind(error))?;
            }
            Ok(())
        })
    }

    /// A dead letter was sent again: it is gone, or it waits again with the new error.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn sent_again(&mut self, webhook: &Webhook, leaf: u64, outcome: Result<(), &str>) -> Result<(), StoreError> {
        const GONE: &str = "DELETE FROM dead_letter WHERE ledger = ? AND webhook = ? AND leaf = ?";
        const WAITS: &str = "UPDATE dead_letter SET state = 'dead', attempts = attempts + 1, error = ? WHERE ledger = ? AND webhook = ? AND leaf = ?";
        let leaf = signed(leaf)?;
        let statement = match outcome {
            Ok(()) => sql(GONE),
            Err(error) => sql(WAITS).bind(error),
        };
        self.outbox(|db| db.execute(statement.bind(Id(webhook.ledger.0)).bind(Id(webhook.id)).bind(leaf)).map(drop))
    }

    /// Lets go of a webhook: its turn comes again after those that waited longer.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn release_webhook(&mut self, webhook: &Webhook, lease: Holder<'_>) -> Result<(), StoreError> {
        const RELEASE: &str = "UPDATE webhook SET owner = '', leased_until = ? WHERE ledger = ? AND id = ? AND owner = ?";
        self.outbox(|db| {
            let now = now(db)?;
            db.execute(sql(RELEASE).bind(now).bind(Id(webhook.ledger.0)).bind(Id(webhook.id)).bind(lease.owner)).map(drop)
        })
    }

    /// The database's clock.
    #[expect(clippy::missing_errors_doc, reason = "as everything here")]
    pub fn clock(&mut self) -> Result<DateTime<Utc>, StoreError> {
        self.ready()?;
        moment(now(&mut self.db)?)
    }

    fn outbox<T>(&mut self, f: impl FnOnce(&mut Db) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.exclusively(OUTBOX, f)
    }
}

/// Leaves that a ledger's log has.
fn size_of(db: &mut Db, ledger: Id) -> Result<i64, StoreError> {
    let size = sql::<BigInt>("SELECT size FROM tree_head WHERE ledger = ? ORDER BY position DESC LIMIT 1");
    Ok(db.first(size.bind(ledger))?.unwrap_or(0))
}

fn due_again(db: &mut Db, ledger: Id, webhook: Id) -> Result<Vec<DeadLetter>, StoreError> {
    const AGAIN: &str =
        "SELECT leaf, state, attempts, died_at, error FROM dead_letter WHERE ledger = ? AND webhook = ? AND state = 'again' ORDER BY leaf LIMIT ?";
    db.load::<_, DeadTuple>(sql::<DeadTypes>(AGAIN).bind(ledger).bind(webhook).bind(HAPPENINGS))?.into_iter().map(dead_letter).collect()
}

/// What somebody may want to be told of, in the log's order: imports, evaluations, cases set aside, periods closed.
fn happenings(db: &mut Db, ledger: Id, from: i64, to: i64) -> Result<Vec<Happening>, StoreError> {
    const HAPPENED: &str = "SELECT l.leaf, l.position, c.recorded_at, l.body FROM leaf l JOIN command c ON c.ledger = l.ledger AND c.position = l.position \
        WHERE l.ledger = ? AND l.leaf IN (SELECT leaf FROM batch WHERE ledger = ? AND leaf >= ? AND leaf < ? \
        UNION ALL SELECT leaf FROM evaluated WHERE ledger = ? AND leaf >= ? AND leaf < ? \
        UNION ALL SELECT leaf FROM case_judged WHERE ledger = ? AND leaf >= ? AND leaf < ? AND fault IS NOT NULL \
        UNION ALL SELECT leaf FROM period_closed WHERE ledger = ? AND leaf >= ? AND leaf < ?) ORDER BY l.leaf LIMIT ?";
    let all = (0..4).fold(sql::<(BigInt, BigInt, Text, Binary)>(HAPPENED).bind(ledger), |all, _| all.bind(ledger).bind(from).bind(to));
    let rows: Vec<(i64, i64, String, Vec<u8>)> = db.load(all.bind(HAPPENINGS))?;
    rows.into_iter()
        .map(|(leaf, position, recorded_at, body)| {
            let at = DateTime::parse_from_rfc3339(&recorded_at).map_err(|_| StoreError::corrupt(format!("`{recorded_at}` is no moment")))?;
            Ok(Happening { leaf: unsigned(leaf)?, position, recorded_at: at.to_utc(), record: decode(&body)? })
        })
        .collect()
}
