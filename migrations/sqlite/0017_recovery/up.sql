-- From a day on, a claim is expected to be recovered by another.
CREATE TABLE expected_recovery (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    receivable BLOB NOT NULL,
    effective TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX expected_recovery_by_receivable ON expected_recovery (ledger, receivable);
CREATE TRIGGER expected_recovery_refuses_update BEFORE UPDATE ON expected_recovery BEGIN SELECT RAISE(ABORT, 'table expected_recovery is append-only'); END;
CREATE TRIGGER expected_recovery_refuses_delete BEFORE DELETE ON expected_recovery BEGIN SELECT RAISE(ABORT, 'table expected_recovery is append-only'); END;

-- The target whose parts of units an agreement follows.
ALTER TABLE agreement ADD COLUMN target BLOB;
