-- A month that was opened again closes again.
DROP INDEX period_closed_by_month;
CREATE INDEX period_closed_by_month ON period_closed (ledger, month, leaf);

CREATE TABLE period_reopened (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    month integer NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX period_reopened_by_month ON period_reopened (ledger, month, leaf);
COMMENT ON TABLE period_reopened IS 'A period was opened again.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON period_reopened FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE request (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    maker bytea NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX request_by_id ON request (ledger, id, leaf);
COMMENT ON TABLE request IS 'What one person asks for and another decides; the decision is in table decision.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON request FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE authority (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    effective date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX authority_by_day ON authority (ledger, effective, leaf);
COMMENT ON TABLE authority IS 'Who may approve what, by the day from which on; the rows are in the leaf.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON authority FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE delegation (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    delegator bytea NOT NULL,
    delegate bytea NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX delegation_by_parties ON delegation (ledger, delegator, delegate, first_day, leaf);
COMMENT ON TABLE delegation IS 'Whose authority somebody has besides, and when.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON delegation FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
