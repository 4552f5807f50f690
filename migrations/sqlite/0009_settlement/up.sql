-- What was settled of an account with the wage of a month, as payroll confirms.
CREATE TABLE settlement (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    pack TEXT NOT NULL,
    scope TEXT NOT NULL,
    subject BLOB NOT NULL,
    person BLOB NOT NULL,
    purpose TEXT NOT NULL,
    part INTEGER NOT NULL,
    held_month INTEGER,
    month INTEGER NOT NULL,
    effective TEXT NOT NULL,
    way TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX settlement_by_person ON settlement (ledger, person, leaf);
CREATE INDEX settlement_by_subject ON settlement (ledger, subject, leaf);
CREATE TRIGGER settlement_refuses_update BEFORE UPDATE ON settlement BEGIN SELECT RAISE(ABORT, 'table settlement is append-only'); END;
CREATE TRIGGER settlement_refuses_delete BEFORE DELETE ON settlement BEGIN SELECT RAISE(ABORT, 'table settlement is append-only'); END;

-- Local minimum wages; the last row of a place and day holds, and its amount is in the leaf.
CREATE TABLE minimum_wage (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    place TEXT NOT NULL,
    effective TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX minimum_wage_by_place ON minimum_wage (ledger, place, effective, leaf);
CREATE TRIGGER minimum_wage_refuses_update BEFORE UPDATE ON minimum_wage BEGIN SELECT RAISE(ABORT, 'table minimum_wage is append-only'); END;
CREATE TRIGGER minimum_wage_refuses_delete BEFORE DELETE ON minimum_wage BEGIN SELECT RAISE(ABORT, 'table minimum_wage is append-only'); END;
