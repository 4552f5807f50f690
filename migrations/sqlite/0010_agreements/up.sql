-- Agreements about recovering claims; the last row of an id holds. Terms are in the leaf.
CREATE TABLE agreement (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit BLOB,
    first_day TEXT NOT NULL,
    last_day TEXT,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX agreement_by_id ON agreement (ledger, id, leaf);
CREATE TRIGGER agreement_refuses_update BEFORE UPDATE ON agreement BEGIN SELECT RAISE(ABORT, 'table agreement is append-only'); END;
CREATE TRIGGER agreement_refuses_delete BEFORE DELETE ON agreement BEGIN SELECT RAISE(ABORT, 'table agreement is append-only'); END;

-- The claims of an agreement, in its order.
CREATE TABLE agreement_receivable (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    agreement BLOB NOT NULL,
    receivable BLOB NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
) WITHOUT ROWID, STRICT;
CREATE INDEX agreement_receivable_by_receivable ON agreement_receivable (ledger, receivable);
CREATE TRIGGER agreement_receivable_refuses_update BEFORE UPDATE ON agreement_receivable BEGIN SELECT RAISE(ABORT, 'table agreement_receivable is append-only'); END;
CREATE TRIGGER agreement_receivable_refuses_delete BEFORE DELETE ON agreement_receivable BEGIN SELECT RAISE(ABORT, 'table agreement_receivable is append-only'); END;

-- Who holds an agreement, in its order; millionths of the whole.
CREATE TABLE agreement_holder (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    agreement BLOB NOT NULL,
    person BLOB NOT NULL,
    millionths INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
) WITHOUT ROWID, STRICT;
CREATE INDEX agreement_holder_by_person ON agreement_holder (ledger, person);
CREATE TRIGGER agreement_holder_refuses_update BEFORE UPDATE ON agreement_holder BEGIN SELECT RAISE(ABORT, 'table agreement_holder is append-only'); END;
CREATE TRIGGER agreement_holder_refuses_delete BEFORE DELETE ON agreement_holder BEGIN SELECT RAISE(ABORT, 'table agreement_holder is append-only'); END;

-- What happened to agreements, receipts and claims; the last row of an id holds.
CREATE TABLE milestone (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    subject BLOB NOT NULL,
    effective TEXT NOT NULL,
    withdrawn INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX milestone_by_id ON milestone (ledger, id, leaf);
CREATE INDEX milestone_by_subject ON milestone (ledger, subject, leaf);
CREATE TRIGGER milestone_refuses_update BEFORE UPDATE ON milestone BEGIN SELECT RAISE(ABORT, 'table milestone is append-only'); END;
CREATE TRIGGER milestone_refuses_delete BEFORE DELETE ON milestone BEGIN SELECT RAISE(ABORT, 'table milestone is append-only'); END;

-- The milestone that earned a line.
ALTER TABLE line ADD COLUMN basis_milestone BLOB;
