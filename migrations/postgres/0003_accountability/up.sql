CREATE TABLE letter (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    code text NOT NULL,
    unit bytea,
    first_day date NOT NULL,
    deadline date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX letter_by_id ON letter (ledger, id, leaf);
COMMENT ON TABLE letter IS 'Responsibility letters; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON letter FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE letter_receivable (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    letter bytea NOT NULL,
    receivable bytea NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
);
CREATE INDEX letter_receivable_by_receivable ON letter_receivable (ledger, receivable);
COMMENT ON TABLE letter_receivable IS 'The claims of a letter, in its order.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON letter_receivable FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE letter_share (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    letter bytea NOT NULL,
    person bytea NOT NULL,
    weight bigint NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
);
CREATE INDEX letter_share_by_person ON letter_share (ledger, person);
COMMENT ON TABLE letter_share IS 'The weights that split the bonus of a letter, in its order.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON letter_share FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE role (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    person bytea NOT NULL,
    role text NOT NULL,
    scope text NOT NULL,
    subject bytea NOT NULL,
    first_day date NOT NULL,
    last_day date,
    lifelong boolean NOT NULL,
    confirmed boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX role_by_id ON role (ledger, id, leaf);
CREATE INDEX role_by_subject ON role (ledger, subject);
CREATE INDEX role_by_person ON role (ledger, person);
COMMENT ON TABLE role IS 'Who answers for what, from when to when; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON role FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE wage_month (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    person bytea NOT NULL,
    month integer NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX wage_month_by_person_month ON wage_month (ledger, person, month);
COMMENT ON TABLE wage_month IS 'Months whose wage is known; the amount is a personal part.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wage_month FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE contract_closed (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    contract bytea NOT NULL,
    effective date NOT NULL,
    recover_by date,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX contract_closed_by_contract ON contract_closed (ledger, contract, leaf);
COMMENT ON TABLE contract_closed IS 'Projects that were closed; the last row of a contract holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contract_closed FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
