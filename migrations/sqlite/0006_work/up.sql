-- Where exports come from (来源): profile, system and what is done about bad records. The last row of an id holds.
CREATE TABLE import_source (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    retired INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX import_source_by_id ON import_source (ledger, id, leaf);
CREATE TRIGGER import_source_refuses_update BEFORE UPDATE ON import_source BEGIN SELECT RAISE(ABORT, 'table import_source is append-only'); END;
CREATE TRIGGER import_source_refuses_delete BEFORE DELETE ON import_source BEGIN SELECT RAISE(ABORT, 'table import_source is append-only'); END;

-- Refused records that nobody will mend, each with its reason, once.
CREATE TABLE dismissal (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    batch BLOB NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX dismissal_by_issue ON dismissal (ledger, batch, number);
CREATE TRIGGER dismissal_refuses_update BEFORE UPDATE ON dismissal BEGIN SELECT RAISE(ABORT, 'table dismissal is append-only'); END;
CREATE TRIGGER dismissal_refuses_delete BEFORE DELETE ON dismissal BEGIN SELECT RAISE(ABORT, 'table dismissal is append-only'); END;

-- What follows is the state of operations, no truth of a ledger: rows change, and the log says what came of them.

-- Original files, known by the digest of their bytes once they are whole.
CREATE TABLE original (
    ledger BLOB NOT NULL,
    id BLOB NOT NULL,
    begun INTEGER NOT NULL,
    digest BLOB,
    PRIMARY KEY (ledger, id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX original_by_digest ON original (ledger, digest);

-- Their bytes, in parts.
CREATE TABLE original_part (
    ledger BLOB NOT NULL,
    original BLOB NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (ledger, original, number)
) WITHOUT ROWID, STRICT;

-- Long work that any process may take, held for a time that its holder must renew. Moments are milliseconds of the database's clock.
CREATE TABLE job (
    ledger BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    request TEXT NOT NULL,
    original BLOB,
    idempotency TEXT NOT NULL,
    input BLOB NOT NULL,
    actor TEXT NOT NULL,
    submitted INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    holder BLOB,
    held_until INTEGER,
    cancel INTEGER NOT NULL,
    bytes_read INTEGER NOT NULL,
    records_read INTEGER NOT NULL,
    position INTEGER,
    result TEXT,
    ended INTEGER,
    PRIMARY KEY (ledger, id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX job_by_key ON job (ledger, idempotency);
CREATE INDEX job_waiting ON job (ledger, submitted) WHERE state IN ('queued', 'running');

-- Requests that called a job off, by their keys.
CREATE TABLE job_cancel (
    ledger BLOB NOT NULL,
    idempotency TEXT NOT NULL,
    input BLOB NOT NULL,
    PRIMARY KEY (ledger, idempotency)
) WITHOUT ROWID, STRICT;
