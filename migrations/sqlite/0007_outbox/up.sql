-- Who is told of what happens in a ledger, and how far they were told. The log is the outbox: leaves before `leaf` were
-- delivered, or are dead letters. Work that goes on, not the ledger's truth: rows are changed in place.
CREATE TABLE webhook (
    ledger BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    state TEXT NOT NULL,
    leaf INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    failing_since INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    error TEXT NOT NULL,
    owner TEXT NOT NULL,
    leased_until INTEGER NOT NULL,
    PRIMARY KEY (ledger, id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX webhook_by_name ON webhook (ledger, name);

-- Events that were given up, to be looked at and sent again.
CREATE TABLE dead_letter (
    ledger BLOB NOT NULL,
    webhook BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    died_at INTEGER NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (ledger, webhook, leaf)
) WITHOUT ROWID, STRICT;
