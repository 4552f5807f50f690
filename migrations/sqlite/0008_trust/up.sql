-- Keys whose signatures on plugins are trusted, as minisign writes them; the last row of an id holds.
CREATE TABLE trusted_key (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    public_key TEXT NOT NULL,
    revoked INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX trusted_key_by_id ON trusted_key (ledger, id, leaf);
CREATE TRIGGER trusted_key_refuses_update BEFORE UPDATE ON trusted_key BEGIN SELECT RAISE(ABORT, 'table trusted_key is append-only'); END;
CREATE TRIGGER trusted_key_refuses_delete BEFORE DELETE ON trusted_key BEGIN SELECT RAISE(ABORT, 'table trusted_key is append-only'); END;
