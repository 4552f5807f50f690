-- Days on which the clock of a claim stands; the last row of an id holds. The last day is inside.
CREATE TABLE pause (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    receivable BLOB NOT NULL,
    kind TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT,
    withdrawn INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX pause_by_id ON pause (ledger, id, leaf);
CREATE INDEX pause_by_receivable ON pause (ledger, receivable, leaf);
CREATE TRIGGER pause_refuses_update BEFORE UPDATE ON pause BEGIN SELECT RAISE(ABORT, 'table pause is append-only'); END;
CREATE TRIGGER pause_refuses_delete BEFORE DELETE ON pause BEGIN SELECT RAISE(ABORT, 'table pause is append-only'); END;
