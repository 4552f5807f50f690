-- What is to be recovered in a span of days; the last row of an id holds. The parts are in the leaf.
CREATE TABLE target (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX target_by_id ON target (ledger, id, leaf);
CREATE TRIGGER target_refuses_update BEFORE UPDATE ON target BEGIN SELECT RAISE(ABORT, 'table target is append-only'); END;
CREATE TRIGGER target_refuses_delete BEFORE DELETE ON target BEGIN SELECT RAISE(ABORT, 'table target is append-only'); END;
