CREATE TABLE pause (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    receivable bytea NOT NULL,
    kind text NOT NULL,
    first_day date NOT NULL,
    last_day date,
    withdrawn boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX pause_by_id ON pause (ledger, id, leaf);
CREATE INDEX pause_by_receivable ON pause (ledger, receivable, leaf);
COMMENT ON TABLE pause IS 'Days on which the clock of a claim stands; the last row of an id holds. The last day is inside.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pause FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
