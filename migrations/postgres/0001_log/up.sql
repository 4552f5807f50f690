-- Rows are added, never changed. Whoever migrates owns the tables; whoever serves needs SELECT and INSERT, and DELETE on personal.
CREATE FUNCTION recoup_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME;
END
$$;

CREATE TABLE ledger (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    time_zone text NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE UNIQUE INDEX ledger_by_code ON ledger (code);
COMMENT ON TABLE ledger IS 'Sets of books.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE command (
    ledger bytea NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    idempotency text,
    input bytea NOT NULL,
    actor text NOT NULL,
    recorded_at text NOT NULL,
    first_leaf bigint NOT NULL,
    leaves bigint NOT NULL,
    PRIMARY KEY (ledger, position)
);
CREATE UNIQUE INDEX command_by_idempotency ON command (ledger, idempotency);
COMMENT ON TABLE command IS 'What was done to a ledger, one row per position of its log.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON command FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE leaf (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    body bytea NOT NULL,
    commitment bytea,
    hash bytea NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
-- No question compares them, so nothing is learnt from sampling their many bytes.
ALTER TABLE leaf ALTER COLUMN body SET STATISTICS 0, ALTER COLUMN commitment SET STATISTICS 0, ALTER COLUMN hash SET STATISTICS 0;
COMMENT ON TABLE leaf IS 'The records of the log: the exact bytes that were hashed, and their hash.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leaf FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE personal (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    salt bytea NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
COMMENT ON TABLE personal IS 'Personal parts of leaves: the only rows that may be deleted.';
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON personal FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE tree_head (
    ledger bytea NOT NULL,
    position bigint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    frontier bytea NOT NULL,
    PRIMARY KEY (ledger, position)
);
COMMENT ON TABLE tree_head IS 'Root and frontier of the Merkle tree after each command.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tree_head FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
