CREATE TABLE import_source (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    name text NOT NULL,
    retired boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX import_source_by_id ON import_source (ledger, id, leaf);
COMMENT ON TABLE import_source IS 'Where exports come from (来源): profile, system and what is done about bad records. The last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON import_source FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE dismissal (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    batch bytea NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE UNIQUE INDEX dismissal_by_issue ON dismissal (ledger, batch, number);
COMMENT ON TABLE dismissal IS 'Refused records that nobody will mend, each with its reason, once.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dismissal FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

-- What follows is the state of operations, no truth of a ledger: rows change, and the log says what came of them.

CREATE TABLE original (
    ledger bytea NOT NULL,
    id bytea NOT NULL,
    begun bigint NOT NULL,
    digest bytea,
    PRIMARY KEY (ledger, id)
);
CREATE UNIQUE INDEX original_by_digest ON original (ledger, digest);
COMMENT ON TABLE original IS 'Original files, known by the digest of their bytes once they are whole.';

CREATE TABLE original_part (
    ledger bytea NOT NULL,
    original bytea NOT NULL,
    number bigint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (ledger, original, number)
);
COMMENT ON TABLE original_part IS 'Their bytes, in parts.';

CREATE TABLE job (
    ledger bytea NOT NULL,
    id bytea NOT NULL,
    kind text NOT NULL,
    request text NOT NULL,
    original bytea,
    idempotency text NOT NULL,
    input bytea NOT NULL,
    actor text NOT NULL,
    submitted bigint NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    holder bytea,
    held_until bigint,
    cancel boolean NOT NULL,
    bytes_read bigint NOT NULL,
    records_read bigint NOT NULL,
    position bigint,
    result text,
    ended bigint,
    PRIMARY KEY (ledger, id)
);
CREATE UNIQUE INDEX job_by_key ON job (ledger, idempotency);
CREATE INDEX job_waiting ON job (ledger, submitted) WHERE state IN ('queued', 'running');
COMMENT ON TABLE job IS 'Long work that any process may take, held for a time that its holder must renew. Moments are milliseconds of the database''s clock.';

-- Requests that called a job off, by their keys.
CREATE TABLE job_cancel (
    ledger bytea NOT NULL,
    idempotency text NOT NULL,
    input bytea NOT NULL,
    PRIMARY KEY (ledger, idempotency)
);
