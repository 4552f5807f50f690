CREATE TABLE policy (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    pack text NOT NULL,
    version text NOT NULL,
    component bytea NOT NULL,
    parameters text NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
COMMENT ON TABLE policy IS 'Policies in force: pack, component and parameters.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE evaluated (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    pack text NOT NULL,
    as_of date NOT NULL,
    known_at bigint NOT NULL,
    every_case boolean NOT NULL,
    component bytea NOT NULL,
    cases bigint NOT NULL,
    faults bigint NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
COMMENT ON TABLE evaluated IS 'Evaluations that ran.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evaluated FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE case_judged (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    pack text NOT NULL,
    scope text NOT NULL,
    subject bytea NOT NULL,
    as_of date NOT NULL,
    recheck_on date,
    fault text,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX case_judged_by_subject ON case_judged (ledger, subject, leaf);
COMMENT ON TABLE case_judged IS 'Judgements on cases; the last row of a case holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_judged FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE line (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    pack text NOT NULL,
    scope text NOT NULL,
    subject bytea NOT NULL,
    clause text NOT NULL,
    person bytea NOT NULL,
    basis text NOT NULL,
    basis_entry bytea,
    basis_month integer,
    part bigint NOT NULL,
    amount bigint NOT NULL,
    withdrawn boolean NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX line_by_subject ON line (ledger, subject, id, leaf);
COMMENT ON TABLE line IS 'What clauses say is due; the last row of an id holds. States and steps are in the leaf.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON line FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE posting (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    balance text NOT NULL,
    amount bigint NOT NULL,
    effective date NOT NULL,
    period integer NOT NULL,
    origin integer,
    PRIMARY KEY (ledger, leaf, number)
);
COMMENT ON TABLE posting IS 'Posted movements of lines; each stands in the leaf of its line.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON posting FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE finding (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    pack text NOT NULL,
    scope text NOT NULL,
    subject bytea NOT NULL,
    clause text NOT NULL,
    message text NOT NULL,
    effective date NOT NULL,
    person bytea,
    withdrawn boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX finding_by_subject ON finding (ledger, subject, id, leaf);
COMMENT ON TABLE finding IS 'Alerts, sanctions and measures; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON finding FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
