//! Telling others what happened: CloudEvents over signed webhooks, to hosts that the operator named.
//!
//! The log is the outbox (`recoup_store`): this is what carries it out. An event goes out once its command is committed,
//! at least once, and of one ledger in the log's order. One that fails holds up those behind it until it is delivered,
//! or has failed for so long that it becomes a dead letter.

mod deliver;
mod egress;
mod event;
mod sign;

pub(crate) use self::deliver::Deliverer;
pub(crate) use self::egress::{Egress, Hosts};
