CREATE TABLE expected_recovery (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    receivable bytea NOT NULL,
    effective date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX expected_recovery_by_receivable ON expected_recovery (ledger, receivable);
COMMENT ON TABLE expected_recovery IS 'From a day on, a claim is expected to be recovered by another.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON expected_recovery FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

-- The target whose parts of units an agreement follows.
ALTER TABLE agreement ADD COLUMN target bytea;
