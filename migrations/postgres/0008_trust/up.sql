CREATE TABLE trusted_key (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    public_key text NOT NULL,
    revoked boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX trusted_key_by_id ON trusted_key (ledger, id, leaf);
COMMENT ON TABLE trusted_key IS 'Keys whose signatures on plugins are trusted, as minisign writes them; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trusted_key FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
