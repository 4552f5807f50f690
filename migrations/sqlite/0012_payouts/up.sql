-- Of which payout run a settlement is.
ALTER TABLE settlement ADD COLUMN payout BLOB;

-- A payout run; what it settles is in the leaf, its amounts in the personal part.
CREATE TABLE payout (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    month INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX payout_by_id ON payout (ledger, id, leaf);
CREATE TRIGGER payout_refuses_update BEFORE UPDATE ON payout BEGIN SELECT RAISE(ABORT, 'table payout is append-only'); END;
CREATE TRIGGER payout_refuses_delete BEFORE DELETE ON payout BEGIN SELECT RAISE(ABORT, 'table payout is append-only'); END;

-- What became of a payout run: published, objected, resolved, exported, returned, cancelled, reversed.
CREATE TABLE payout_step (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    payout BLOB NOT NULL,
    step TEXT NOT NULL,
    effective TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX payout_step_by_payout ON payout_step (ledger, payout, leaf);
CREATE TRIGGER payout_step_refuses_update BEFORE UPDATE ON payout_step BEGIN SELECT RAISE(ABORT, 'table payout_step is append-only'); END;
CREATE TRIGGER payout_step_refuses_delete BEFORE DELETE ON payout_step BEGIN SELECT RAISE(ABORT, 'table payout_step is append-only'); END;

-- For how long payout runs are published, by the day from which on; the terms are in the leaf.
CREATE TABLE payout_terms (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    effective TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX payout_terms_by_day ON payout_terms (ledger, effective, leaf);
CREATE TRIGGER payout_terms_refuses_update BEFORE UPDATE ON payout_terms BEGIN SELECT RAISE(ABORT, 'table payout_terms is append-only'); END;
CREATE TRIGGER payout_terms_refuses_delete BEFORE DELETE ON payout_terms BEGIN SELECT RAISE(ABORT, 'table payout_terms is append-only'); END;

-- Whether the wage guard holds, by the day from which on; it takes an approved request.
CREATE TABLE wage_guard (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    effective TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX wage_guard_by_day ON wage_guard (ledger, effective, leaf);
CREATE TRIGGER wage_guard_refuses_update BEFORE UPDATE ON wage_guard BEGIN SELECT RAISE(ABORT, 'table wage_guard is append-only'); END;
CREATE TRIGGER wage_guard_refuses_delete BEFORE DELETE ON wage_guard BEGIN SELECT RAISE(ABORT, 'table wage_guard is append-only'); END;
