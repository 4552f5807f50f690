CREATE TABLE party (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    kind text NOT NULL,
    name text,
    unified_code text,
    system text,
    key text,
    content bytea,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX party_by_id ON party (ledger, id, leaf);
COMMENT ON TABLE party IS 'Who owes, pays or guarantees; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON party FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE person (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX person_by_id ON person (ledger, id, leaf);
COMMENT ON TABLE person IS 'Who may answer for debts, by code; names are personal parts.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON person FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE unit (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    parent bytea,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX unit_by_id ON unit (ledger, id, leaf);
COMMENT ON TABLE unit IS 'Organisational units.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON unit FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE contract (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    party bytea,
    system text,
    key text,
    content bytea,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX contract_by_id ON contract (ledger, id, leaf);
COMMENT ON TABLE contract IS 'Contracts and projects.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contract FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE receivable (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    party bytea NOT NULL,
    contract bytea,
    kind text NOT NULL,
    document text NOT NULL,
    currency text NOT NULL,
    gross bigint NOT NULL,
    ledger_gross bigint NOT NULL,
    document_date date NOT NULL,
    due date,
    due_source text NOT NULL,
    stage text NOT NULL,
    system text,
    key text,
    content bytea,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX receivable_by_id ON receivable (ledger, id, leaf);
CREATE INDEX receivable_by_contract ON receivable (ledger, contract);
COMMENT ON TABLE receivable IS 'Claims, as far as they are not amounts; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receivable FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE stage_change (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    receivable bytea NOT NULL,
    stage text NOT NULL,
    effective date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX stage_change_by_receivable ON stage_change (ledger, receivable);
COMMENT ON TABLE stage_change IS 'From a day on, a claim is in another stage.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stage_change FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE receipt (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    party bytea,
    means text NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    ledger_amount bigint NOT NULL,
    booked date NOT NULL,
    value_date date,
    reference text NOT NULL,
    system text,
    key text,
    content bytea,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX receipt_by_id ON receipt (ledger, id, leaf);
COMMENT ON TABLE receipt IS 'Money in, as far as it is not an amount; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE entry (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    kind text NOT NULL,
    receivable bytea,
    receipt bytea,
    amount bigint NOT NULL,
    ledger_amount bigint NOT NULL,
    effective date NOT NULL,
    cites bytea,
    means text,
    basis text,
    system text,
    key text,
    content bytea,
    PRIMARY KEY (ledger, leaf)
);
CREATE UNIQUE INDEX entry_by_id ON entry (ledger, id);
CREATE INDEX entry_by_receivable ON entry (ledger, receivable) WHERE receivable IS NOT NULL;
CREATE INDEX entry_by_receipt ON entry (ledger, receipt) WHERE receipt IS NOT NULL;
COMMENT ON TABLE entry IS 'Every movement of a claim or receipt, in minor units; never replaced.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE batch (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    file_name text NOT NULL,
    file bytea NOT NULL,
    system text NOT NULL,
    adapter text NOT NULL,
    adapter_version text NOT NULL,
    component bytea NOT NULL,
    profile text NOT NULL,
    profile_digest bytea NOT NULL,
    bad_records text NOT NULL,
    coverage text NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX batch_by_id ON batch (ledger, id, leaf);
COMMENT ON TABLE batch IS 'Imported files.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE issue (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    batch bytea NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    locator text NOT NULL,
    key text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX issue_by_batch ON issue (ledger, batch);
COMMENT ON TABLE issue IS 'Records of a file that did not simply enter the ledger.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON issue FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE period_closed (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    month integer NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE UNIQUE INDEX period_closed_by_month ON period_closed (ledger, month);
COMMENT ON TABLE period_closed IS 'Accounting periods that were closed; a month is year * 12 + month - 1.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON period_closed FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
