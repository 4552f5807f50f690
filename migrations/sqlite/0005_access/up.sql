-- Who may sign in, by login; names and password hashes are personal parts. The last row of an id holds.
CREATE TABLE user_account (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    login TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX user_account_by_id ON user_account (ledger, id, leaf);
CREATE TRIGGER user_account_refuses_update BEFORE UPDATE ON user_account BEGIN SELECT RAISE(ABORT, 'table user_account is append-only'); END;
CREATE TRIGGER user_account_refuses_delete BEFORE DELETE ON user_account BEGIN SELECT RAISE(ABORT, 'table user_account is append-only'); END;

-- Tokens by the digest of their secret; the last row of an id holds.
CREATE TABLE api_token (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    owner BLOB NOT NULL,
    secret BLOB NOT NULL,
    revoked INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX api_token_by_id ON api_token (ledger, id, leaf);
CREATE INDEX api_token_by_secret ON api_token (ledger, secret);
CREATE TRIGGER api_token_refuses_update BEFORE UPDATE ON api_token BEGIN SELECT RAISE(ABORT, 'table api_token is append-only'); END;
CREATE TRIGGER api_token_refuses_delete BEFORE DELETE ON api_token BEGIN SELECT RAISE(ABORT, 'table api_token is append-only'); END;

-- Rights; the last row of an id holds.
CREATE TABLE access_grant (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    owner BLOB NOT NULL,
    role TEXT NOT NULL,
    revoked INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX access_grant_by_id ON access_grant (ledger, id, leaf);
CREATE INDEX access_grant_by_owner ON access_grant (ledger, owner);
CREATE TRIGGER access_grant_refuses_update BEFORE UPDATE ON access_grant BEGIN SELECT RAISE(ABORT, 'table access_grant is append-only'); END;
CREATE TRIGGER access_grant_refuses_delete BEFORE DELETE ON access_grant BEGIN SELECT RAISE(ABORT, 'table access_grant is append-only'); END;

-- Changes of rights that one person asked for.
CREATE TABLE proposal (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    maker BLOB NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX proposal_by_id ON proposal (ledger, id);
CREATE TRIGGER proposal_refuses_update BEFORE UPDATE ON proposal BEGIN SELECT RAISE(ABORT, 'table proposal is append-only'); END;
CREATE TRIGGER proposal_refuses_delete BEFORE DELETE ON proposal BEGIN SELECT RAISE(ABORT, 'table proposal is append-only'); END;

-- What another person said to them, once.
CREATE TABLE decision (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    proposal BLOB NOT NULL,
    decider BLOB NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX decision_by_proposal ON decision (ledger, proposal);
CREATE TRIGGER decision_refuses_update BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'table decision is append-only'); END;
CREATE TRIGGER decision_refuses_delete BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'table decision is append-only'); END;

-- Who saw what is sensitive, and in which books.
CREATE TABLE disclosure (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    reader BLOB NOT NULL,
    books BLOB NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX disclosure_by_reader ON disclosure (ledger, reader);
CREATE TRIGGER disclosure_refuses_update BEFORE UPDATE ON disclosure BEGIN SELECT RAISE(ABORT, 'table disclosure is append-only'); END;
CREATE TRIGGER disclosure_refuses_delete BEFORE DELETE ON disclosure BEGIN SELECT RAISE(ABORT, 'table disclosure is append-only'); END;
