ALTER TABLE line RENAME COLUMN person TO beneficiary;
ALTER TABLE line ADD COLUMN beneficiary_kind text NOT NULL DEFAULT 'person';

CREATE TABLE agreement_obligor (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    agreement bytea NOT NULL,
    party bytea NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
);
COMMENT ON TABLE agreement_obligor IS 'Whom an agreement binds, in its order.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON agreement_obligor FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
