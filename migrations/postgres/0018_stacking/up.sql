CREATE TABLE stacking (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    first_family text NOT NULL,
    second_family text NOT NULL,
    effective date NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX stacking_by_families ON stacking (ledger, first_family, second_family, effective, leaf);
COMMENT ON TABLE stacking IS 'Two families of bonuses may be earned on one application, by the day from which on; it takes an approved request.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stacking FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
