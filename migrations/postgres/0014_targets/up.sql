CREATE TABLE target (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    code text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX target_by_id ON target (ledger, id, leaf);
COMMENT ON TABLE target IS 'What is to be recovered in a span of days; the last row of an id holds. The parts are in the leaf.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON target FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
