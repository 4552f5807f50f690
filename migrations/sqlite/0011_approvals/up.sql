-- A month that was opened again closes again.
DROP INDEX period_closed_by_month;
CREATE INDEX period_closed_by_month ON period_closed (ledger, month, leaf);

-- A period was opened again.
CREATE TABLE period_reopened (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    month INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX period_reopened_by_month ON period_reopened (ledger, month, leaf);
CREATE TRIGGER period_reopened_refuses_update BEFORE UPDATE ON period_reopened BEGIN SELECT RAISE(ABORT, 'table period_reopened is append-only'); END;
CREATE TRIGGER period_reopened_refuses_delete BEFORE DELETE ON period_reopened BEGIN SELECT RAISE(ABORT, 'table period_reopened is append-only'); END;

-- What one person asks for and another decides; the decision is in table decision.
CREATE TABLE request (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    maker BLOB NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX request_by_id ON request (ledger, id, leaf);
CREATE TRIGGER request_refuses_update BEFORE UPDATE ON request BEGIN SELECT RAISE(ABORT, 'table request is append-only'); END;
CREATE TRIGGER request_refuses_delete BEFORE DELETE ON request BEGIN SELECT RAISE(ABORT, 'table request is append-only'); END;

-- Who may approve what, by the day from which on; the rows are in the leaf.
CREATE TABLE authority (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    effective TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX authority_by_day ON authority (ledger, effective, leaf);
CREATE TRIGGER authority_refuses_update BEFORE UPDATE ON authority BEGIN SELECT RAISE(ABORT, 'table authority is append-only'); END;
CREATE TRIGGER authority_refuses_delete BEFORE DELETE ON authority BEGIN SELECT RAISE(ABORT, 'table authority is append-only'); END;

-- Whose authority somebody has besides, and when.
CREATE TABLE delegation (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    delegator BLOB NOT NULL,
    delegate BLOB NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX delegation_by_parties ON delegation (ledger, delegator, delegate, first_day, leaf);
CREATE TRIGGER delegation_refuses_update BEFORE UPDATE ON delegation BEGIN SELECT RAISE(ABORT, 'table delegation is append-only'); END;
CREATE TRIGGER delegation_refuses_delete BEFORE DELETE ON delegation BEGIN SELECT RAISE(ABORT, 'table delegation is append-only'); END;
