CREATE TABLE settlement (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    pack text NOT NULL,
    scope text NOT NULL,
    subject bytea NOT NULL,
    person bytea NOT NULL,
    purpose text NOT NULL,
    part bigint NOT NULL,
    held_month integer,
    month integer NOT NULL,
    effective date NOT NULL,
    way text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX settlement_by_person ON settlement (ledger, person, leaf);
CREATE INDEX settlement_by_subject ON settlement (ledger, subject, leaf);
COMMENT ON TABLE settlement IS 'What was settled of an account with the wage of a month, as payroll confirms.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE minimum_wage (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    place text NOT NULL,
    effective date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX minimum_wage_by_place ON minimum_wage (ledger, place, effective, leaf);
COMMENT ON TABLE minimum_wage IS 'Local minimum wages; the last row of a place and day holds, and its amount is in the leaf.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON minimum_wage FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
