-- Policies in force: pack, component and parameters.
CREATE TABLE policy (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    pack TEXT NOT NULL,
    version TEXT NOT NULL,
    component BLOB NOT NULL,
    parameters TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER policy_refuses_update BEFORE UPDATE ON policy BEGIN SELECT RAISE(ABORT, 'table policy is append-only'); END;
CREATE TRIGGER policy_refuses_delete BEFORE DELETE ON policy BEGIN SELECT RAISE(ABORT, 'table policy is append-only'); END;

-- Evaluations that ran.
CREATE TABLE evaluated (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    pack TEXT NOT NULL,
    as_of TEXT NOT NULL,
    known_at INTEGER NOT NULL,
    every_case INTEGER NOT NULL,
    component BLOB NOT NULL,
    cases INTEGER NOT NULL,
    faults INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER evaluated_refuses_update BEFORE UPDATE ON evaluated BEGIN SELECT RAISE(ABORT, 'table evaluated is append-only'); END;
CREATE TRIGGER evaluated_refuses_delete BEFORE DELETE ON evaluated BEGIN SELECT RAISE(ABORT, 'table evaluated is append-only'); END;

-- Judgements on cases; the last row of a case holds.
CREATE TABLE case_judged (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    pack TEXT NOT NULL,
    scope TEXT NOT NULL,
    subject BLOB NOT NULL,
    as_of TEXT NOT NULL,
    recheck_on TEXT,
    fault TEXT,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX case_judged_by_subject ON case_judged (ledger, subject, leaf);
CREATE TRIGGER case_judged_refuses_update BEFORE UPDATE ON case_judged BEGIN SELECT RAISE(ABORT, 'table case_judged is append-only'); END;
CREATE TRIGGER case_judged_refuses_delete BEFORE DELETE ON case_judged BEGIN SELECT RAISE(ABORT, 'table case_judged is append-only'); END;

-- What clauses say is due; the last row of an id holds. States and steps are in the leaf.
CREATE TABLE line (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    pack TEXT NOT NULL,
    scope TEXT NOT NULL,
    subject BLOB NOT NULL,
    clause TEXT NOT NULL,
    person BLOB NOT NULL,
    basis TEXT NOT NULL,
    basis_entry BLOB,
    basis_month INTEGER,
    part INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX line_by_subject ON line (ledger, subject, id, leaf);
CREATE TRIGGER line_refuses_update BEFORE UPDATE ON line BEGIN SELECT RAISE(ABORT, 'table line is append-only'); END;
CREATE TRIGGER line_refuses_delete BEFORE DELETE ON line BEGIN SELECT RAISE(ABORT, 'table line is append-only'); END;

-- Posted movements of lines; each stands in the leaf of its line.
CREATE TABLE posting (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    balance TEXT NOT NULL,
    amount INTEGER NOT NULL,
    effective TEXT NOT NULL,
    period INTEGER NOT NULL,
    origin INTEGER,
    PRIMARY KEY (ledger, leaf, number)
) WITHOUT ROWID, STRICT;
CREATE TRIGGER posting_refuses_update BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'table posting is append-only'); END;
CREATE TRIGGER posting_refuses_delete BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'table posting is append-only'); END;

-- Alerts, sanctions and measures; the last row of an id holds.
CREATE TABLE finding (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    pack TEXT NOT NULL,
    scope TEXT NOT NULL,
    subject BLOB NOT NULL,
    clause TEXT NOT NULL,
    message TEXT NOT NULL,
    effective TEXT NOT NULL,
    person BLOB,
    withdrawn INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX finding_by_subject ON finding (ledger, subject, id, leaf);
CREATE TRIGGER finding_refuses_update BEFORE UPDATE ON finding BEGIN SELECT RAISE(ABORT, 'table finding is append-only'); END;
CREATE TRIGGER finding_refuses_delete BEFORE DELETE ON finding BEGIN SELECT RAISE(ABORT, 'table finding is append-only'); END;
