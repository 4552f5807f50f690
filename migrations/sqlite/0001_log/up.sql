-- Rows are added, never changed. INSERT OR REPLACE meets these triggers only where recursive_triggers is on: the store turns it on.

-- Sets of books.
CREATE TABLE ledger (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX ledger_by_code ON ledger (code);
CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'table ledger is append-only'); END;
CREATE TRIGGER ledger_refuses_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'table ledger is append-only'); END;

-- What was done to a ledger, one row per position of its log.
CREATE TABLE command (
    ledger BLOB NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    idempotency TEXT,
    input BLOB NOT NULL,
    actor TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    first_leaf INTEGER NOT NULL,
    leaves INTEGER NOT NULL,
    PRIMARY KEY (ledger, position)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX command_by_idempotency ON command (ledger, idempotency);
CREATE TRIGGER command_refuses_update BEFORE UPDATE ON command BEGIN SELECT RAISE(ABORT, 'table command is append-only'); END;
CREATE TRIGGER command_refuses_delete BEFORE DELETE ON command BEGIN SELECT RAISE(ABORT, 'table command is append-only'); END;

-- The records of the log: the exact bytes that were hashed, and their hash.
CREATE TABLE leaf (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    commitment BLOB,
    hash BLOB NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER leaf_refuses_update BEFORE UPDATE ON leaf BEGIN SELECT RAISE(ABORT, 'table leaf is append-only'); END;
CREATE TRIGGER leaf_refuses_delete BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'table leaf is append-only'); END;

-- Personal parts of leaves: the only rows that may be deleted.
CREATE TABLE personal (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    salt BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER personal_refuses_update BEFORE UPDATE ON personal BEGIN SELECT RAISE(ABORT, 'table personal is append-only'); END;

-- Root and frontier of the Merkle tree after each command.
CREATE TABLE tree_head (
    ledger BLOB NOT NULL,
    position INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    frontier BLOB NOT NULL,
    PRIMARY KEY (ledger, position)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER tree_head_refuses_update BEFORE UPDATE ON tree_head BEGIN SELECT RAISE(ABORT, 'table tree_head is append-only'); END;
CREATE TRIGGER tree_head_refuses_delete BEFORE DELETE ON tree_head BEGIN SELECT RAISE(ABORT, 'table tree_head is append-only'); END;
