-- A line is due to or from a person, or from a party such as a debtor.
ALTER TABLE line RENAME COLUMN person TO beneficiary;
ALTER TABLE line ADD COLUMN beneficiary_kind TEXT NOT NULL DEFAULT 'person';

-- Whom an agreement binds, in its order.
CREATE TABLE agreement_obligor (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    agreement BLOB NOT NULL,
    party BLOB NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER agreement_obligor_refuses_update BEFORE UPDATE ON agreement_obligor BEGIN SELECT RAISE(ABORT, 'table agreement_obligor is append-only'); END;
CREATE TRIGGER agreement_obligor_refuses_delete BEFORE DELETE ON agreement_obligor BEGIN SELECT RAISE(ABORT, 'table agreement_obligor is append-only'); END;
