-- Two families of bonuses may be earned on one application, by the day from which on; it takes an approved request.
CREATE TABLE stacking (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    first_family TEXT NOT NULL,
    second_family TEXT NOT NULL,
    effective TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX stacking_by_families ON stacking (ledger, first_family, second_family, effective, leaf);
CREATE TRIGGER stacking_refuses_update BEFORE UPDATE ON stacking BEGIN SELECT RAISE(ABORT, 'table stacking is append-only'); END;
CREATE TRIGGER stacking_refuses_delete BEFORE DELETE ON stacking BEGIN SELECT RAISE(ABORT, 'table stacking is append-only'); END;
