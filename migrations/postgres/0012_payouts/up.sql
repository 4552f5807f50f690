-- Of which payout run a settlement is.
ALTER TABLE settlement ADD COLUMN payout bytea;

CREATE TABLE payout (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    month integer NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX payout_by_id ON payout (ledger, id, leaf);
COMMENT ON TABLE payout IS 'A payout run; what it settles is in the leaf, its amounts in the personal part.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE payout_step (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    payout bytea NOT NULL,
    step text NOT NULL,
    effective date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX payout_step_by_payout ON payout_step (ledger, payout, leaf);
COMMENT ON TABLE payout_step IS 'What became of a payout run: published, objected, resolved, exported, returned, cancelled, reversed.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_step FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE payout_terms (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    effective date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX payout_terms_by_day ON payout_terms (ledger, effective, leaf);
COMMENT ON TABLE payout_terms IS 'For how long payout runs are published, by the day from which on; the terms are in the leaf.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_terms FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE wage_guard (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    effective date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX wage_guard_by_day ON wage_guard (ledger, effective, leaf);
COMMENT ON TABLE wage_guard IS 'Whether the wage guard holds, by the day from which on; it takes an approved request.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wage_guard FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
