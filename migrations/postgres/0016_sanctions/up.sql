CREATE TABLE false_report (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    about text NOT NULL,
    subject bytea NOT NULL,
    person bytea NOT NULL,
    effective date NOT NULL,
    withdrawn boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX false_report_by_id ON false_report (ledger, id, leaf);
CREATE INDEX false_report_by_subject ON false_report (ledger, subject, leaf);
COMMENT ON TABLE false_report IS 'Results of agreements, receipts and claims that were found to be reported falsely; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON false_report FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE sanction (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    subject bytea NOT NULL,
    person bytea NOT NULL,
    first_day date NOT NULL,
    last_day date,
    withdrawn boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX sanction_by_id ON sanction (ledger, id, leaf);
CREATE INDEX sanction_by_subject ON sanction (ledger, subject, leaf);
COMMENT ON TABLE sanction IS 'Sanctions on people who answer for agreements, receipts and claims; the last row of an id holds. The last day is the one before it is lifted.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sanction FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
