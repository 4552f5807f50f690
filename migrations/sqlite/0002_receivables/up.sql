-- Who owes, pays or guarantees; the last row of an id holds.
CREATE TABLE party (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT,
    unified_code TEXT,
    system TEXT,
    key TEXT,
    content BLOB,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX party_by_id ON party (ledger, id, leaf);
CREATE TRIGGER party_refuses_update BEFORE UPDATE ON party BEGIN SELECT RAISE(ABORT, 'table party is append-only'); END;
CREATE TRIGGER party_refuses_delete BEFORE DELETE ON party BEGIN SELECT RAISE(ABORT, 'table party is append-only'); END;

-- Who may answer for debts, by code; names are personal parts.
CREATE TABLE person (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX person_by_id ON person (ledger, id, leaf);
CREATE TRIGGER person_refuses_update BEFORE UPDATE ON person BEGIN SELECT RAISE(ABORT, 'table person is append-only'); END;
CREATE TRIGGER person_refuses_delete BEFORE DELETE ON person BEGIN SELECT RAISE(ABORT, 'table person is append-only'); END;

-- Organisational units.
CREATE TABLE unit (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    parent BLOB,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX unit_by_id ON unit (ledger, id, leaf);
CREATE TRIGGER unit_refuses_update BEFORE UPDATE ON unit BEGIN SELECT RAISE(ABORT, 'table unit is append-only'); END;
CREATE TRIGGER unit_refuses_delete BEFORE DELETE ON unit BEGIN SELECT RAISE(ABORT, 'table unit is append-only'); END;

-- Contracts and projects.
CREATE TABLE contract (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    party BLOB,
    system TEXT,
    key TEXT,
    content BLOB,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX contract_by_id ON contract (ledger, id, leaf);
CREATE TRIGGER contract_refuses_update BEFORE UPDATE ON contract BEGIN SELECT RAISE(ABORT, 'table contract is append-only'); END;
CREATE TRIGGER contract_refuses_delete BEFORE DELETE ON contract BEGIN SELECT RAISE(ABORT, 'table contract is append-only'); END;

-- Claims, as far as they are not amounts; the last row of an id holds.
CREATE TABLE receivable (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    party BLOB NOT NULL,
    contract BLOB,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    currency TEXT NOT NULL,
    gross INTEGER NOT NULL,
    ledger_gross INTEGER NOT NULL,
    document_date TEXT NOT NULL,
    due TEXT,
    due_source TEXT NOT NULL,
    stage TEXT NOT NULL,
    system TEXT,
    key TEXT,
    content BLOB,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX receivable_by_id ON receivable (ledger, id, leaf);
CREATE INDEX receivable_by_contract ON receivable (ledger, contract);
CREATE TRIGGER receivable_refuses_update BEFORE UPDATE ON receivable BEGIN SELECT RAISE(ABORT, 'table receivable is append-only'); END;
CREATE TRIGGER receivable_refuses_delete BEFORE DELETE ON receivable BEGIN SELECT RAISE(ABORT, 'table receivable is append-only'); END;

-- From a day on, a claim is in another stage.
CREATE TABLE stage_change (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    receivable BLOB NOT NULL,
    stage TEXT NOT NULL,
    effective TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX stage_change_by_receivable ON stage_change (ledger, receivable);
CREATE TRIGGER stage_change_refuses_update BEFORE UPDATE ON stage_change BEGIN SELECT RAISE(ABORT, 'table stage_change is append-only'); END;
CREATE TRIGGER stage_change_refuses_delete BEFORE DELETE ON stage_change BEGIN SELECT RAISE(ABORT, 'table stage_change is append-only'); END;

-- Money in, as far as it is not an amount; the last row of an id holds.
CREATE TABLE receipt (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    party BLOB,
    means TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,
    ledger_amount INTEGER NOT NULL,
    booked TEXT NOT NULL,
    value_date TEXT,
    reference TEXT NOT NULL,
    system TEXT,
    key TEXT,
    content BLOB,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX receipt_by_id ON receipt (ledger, id, leaf);
CREATE TRIGGER receipt_refuses_update BEFORE UPDATE ON receipt BEGIN SELECT RAISE(ABORT, 'table receipt is append-only'); END;
CREATE TRIGGER receipt_refuses_delete BEFORE DELETE ON receipt BEGIN SELECT RAISE(ABORT, 'table receipt is append-only'); END;

-- Every movement of a claim or receipt, in minor units; never replaced.
CREATE TABLE entry (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    receivable BLOB,
    receipt BLOB,
    amount INTEGER NOT NULL,
    ledger_amount INTEGER NOT NULL,
    effective TEXT NOT NULL,
    cites BLOB,
    means TEXT,
    basis TEXT,
    system TEXT,
    key TEXT,
    content BLOB,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX entry_by_id ON entry (ledger, id);
CREATE INDEX entry_by_receivable ON entry (ledger, receivable) WHERE receivable IS NOT NULL;
CREATE INDEX entry_by_receipt ON entry (ledger, receipt) WHERE receipt IS NOT NULL;
CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'table entry is append-only'); END;
CREATE TRIGGER entry_refuses_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'table entry is append-only'); END;

-- Imported files.
CREATE TABLE batch (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    file_name TEXT NOT NULL,
    file BLOB NOT NULL,
    system TEXT NOT NULL,
    adapter TEXT NOT NULL,
    adapter_version TEXT NOT NULL,
    component BLOB NOT NULL,
    profile TEXT NOT NULL,
    profile_digest BLOB NOT NULL,
    bad_records TEXT NOT NULL,
    coverage TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX batch_by_id ON batch (ledger, id, leaf);
CREATE TRIGGER batch_refuses_update BEFORE UPDATE ON batch BEGIN SELECT RAISE(ABORT, 'table batch is append-only'); END;
CREATE TRIGGER batch_refuses_delete BEFORE DELETE ON batch BEGIN SELECT RAISE(ABORT, 'table batch is append-only'); END;

-- Records of a file that did not simply enter the ledger.
CREATE TABLE issue (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    batch BLOB NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    locator TEXT NOT NULL,
    key TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX issue_by_batch ON issue (ledger, batch);
CREATE TRIGGER issue_refuses_update BEFORE UPDATE ON issue BEGIN SELECT RAISE(ABORT, 'table issue is append-only'); END;
CREATE TRIGGER issue_refuses_delete BEFORE DELETE ON issue BEGIN SELECT RAISE(ABORT, 'table issue is append-only'); END;

-- Accounting periods that were closed; a month is year * 12 + month - 1.
CREATE TABLE period_closed (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    month INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX period_closed_by_month ON period_closed (ledger, month);
CREATE TRIGGER period_closed_refuses_update BEFORE UPDATE ON period_closed BEGIN SELECT RAISE(ABORT, 'table period_closed is append-only'); END;
CREATE TRIGGER period_closed_refuses_delete BEFORE DELETE ON period_closed BEGIN SELECT RAISE(ABORT, 'table period_closed is append-only'); END;
