CREATE TABLE agreement (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    unit bytea,
    first_day date NOT NULL,
    last_day date,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX agreement_by_id ON agreement (ledger, id, leaf);
COMMENT ON TABLE agreement IS 'Agreements about recovering claims; the last row of an id holds. Terms are in the leaf.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON agreement FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE agreement_receivable (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    agreement bytea NOT NULL,
    receivable bytea NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
);
CREATE INDEX agreement_receivable_by_receivable ON agreement_receivable (ledger, receivable);
COMMENT ON TABLE agreement_receivable IS 'The claims of an agreement, in its order.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON agreement_receivable FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE agreement_holder (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    agreement bytea NOT NULL,
    person bytea NOT NULL,
    millionths bigint NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
);
CREATE INDEX agreement_holder_by_person ON agreement_holder (ledger, person);
COMMENT ON TABLE agreement_holder IS 'Who holds an agreement, in its order; millionths of the whole.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON agreement_holder FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE milestone (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    subject bytea NOT NULL,
    effective date NOT NULL,
    withdrawn boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX milestone_by_id ON milestone (ledger, id, leaf);
CREATE INDEX milestone_by_subject ON milestone (ledger, subject, leaf);
COMMENT ON TABLE milestone IS 'What happened to agreements, receipts and claims; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON milestone FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

ALTER TABLE line ADD COLUMN basis_milestone bytea;
COMMENT ON COLUMN line.basis_milestone IS 'The milestone that earned a line.';
