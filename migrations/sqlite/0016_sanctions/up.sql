-- Results of agreements, receipts and claims that were found to be reported falsely; the last row of an id holds.
CREATE TABLE false_report (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    about TEXT NOT NULL,
    subject BLOB NOT NULL,
    person BLOB NOT NULL,
    effective TEXT NOT NULL,
    withdrawn INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX false_report_by_id ON false_report (ledger, id, leaf);
CREATE INDEX false_report_by_subject ON false_report (ledger, subject, leaf);
CREATE TRIGGER false_report_refuses_update BEFORE UPDATE ON false_report BEGIN SELECT RAISE(ABORT, 'table false_report is append-only'); END;
CREATE TRIGGER false_report_refuses_delete BEFORE DELETE ON false_report BEGIN SELECT RAISE(ABORT, 'table false_report is append-only'); END;

-- Sanctions on people who answer for agreements, receipts and claims; the last row of an id holds. The last day is the one before it is lifted.
CREATE TABLE sanction (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    subject BLOB NOT NULL,
    person BLOB NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT,
    withdrawn INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX sanction_by_id ON sanction (ledger, id, leaf);
CREATE INDEX sanction_by_subject ON sanction (ledger, subject, leaf);
CREATE TRIGGER sanction_refuses_update BEFORE UPDATE ON sanction BEGIN SELECT RAISE(ABORT, 'table sanction is append-only'); END;
CREATE TRIGGER sanction_refuses_delete BEFORE DELETE ON sanction BEGIN SELECT RAISE(ABORT, 'table sanction is append-only'); END;
