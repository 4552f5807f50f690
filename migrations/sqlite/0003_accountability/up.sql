-- Responsibility letters; the last row of an id holds.
CREATE TABLE letter (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    unit BLOB,
    first_day TEXT NOT NULL,
    deadline TEXT NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX letter_by_id ON letter (ledger, id, leaf);
CREATE TRIGGER letter_refuses_update BEFORE UPDATE ON letter BEGIN SELECT RAISE(ABORT, 'table letter is append-only'); END;
CREATE TRIGGER letter_refuses_delete BEFORE DELETE ON letter BEGIN SELECT RAISE(ABORT, 'table letter is append-only'); END;

-- The claims of a letter, in its order.
CREATE TABLE letter_receivable (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    letter BLOB NOT NULL,
    receivable BLOB NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
) WITHOUT ROWID, STRICT;
CREATE INDEX letter_receivable_by_receivable ON letter_receivable (ledger, receivable);
CREATE TRIGGER letter_receivable_refuses_update BEFORE UPDATE ON letter_receivable BEGIN SELECT RAISE(ABORT, 'table letter_receivable is append-only'); END;
CREATE TRIGGER letter_receivable_refuses_delete BEFORE DELETE ON letter_receivable BEGIN SELECT RAISE(ABORT, 'table letter_receivable is append-only'); END;

-- The weights that split the bonus of a letter, in its order.
CREATE TABLE letter_share (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    letter BLOB NOT NULL,
    person BLOB NOT NULL,
    weight INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf, number)
) WITHOUT ROWID, STRICT;
CREATE INDEX letter_share_by_person ON letter_share (ledger, person);
CREATE TRIGGER letter_share_refuses_update BEFORE UPDATE ON letter_share BEGIN SELECT RAISE(ABORT, 'table letter_share is append-only'); END;
CREATE TRIGGER letter_share_refuses_delete BEFORE DELETE ON letter_share BEGIN SELECT RAISE(ABORT, 'table letter_share is append-only'); END;

-- Who answers for what, from when to when; the last row of an id holds.
CREATE TABLE role (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id BLOB NOT NULL,
    person BLOB NOT NULL,
    role TEXT NOT NULL,
    scope TEXT NOT NULL,
    subject BLOB NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT,
    lifelong INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX role_by_id ON role (ledger, id, leaf);
CREATE INDEX role_by_subject ON role (ledger, subject);
CREATE INDEX role_by_person ON role (ledger, person);
CREATE TRIGGER role_refuses_update BEFORE UPDATE ON role BEGIN SELECT RAISE(ABORT, 'table role is append-only'); END;
CREATE TRIGGER role_refuses_delete BEFORE DELETE ON role BEGIN SELECT RAISE(ABORT, 'table role is append-only'); END;

-- Months whose wage is known; the amount is a personal part.
CREATE TABLE wage_month (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    person BLOB NOT NULL,
    month INTEGER NOT NULL,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX wage_month_by_person_month ON wage_month (ledger, person, month);
CREATE TRIGGER wage_month_refuses_update BEFORE UPDATE ON wage_month BEGIN SELECT RAISE(ABORT, 'table wage_month is append-only'); END;
CREATE TRIGGER wage_month_refuses_delete BEFORE DELETE ON wage_month BEGIN SELECT RAISE(ABORT, 'table wage_month is append-only'); END;

-- Projects that were closed; the last row of a contract holds.
CREATE TABLE contract_closed (
    ledger BLOB NOT NULL,
    leaf INTEGER NOT NULL,
    position INTEGER NOT NULL,
    contract BLOB NOT NULL,
    effective TEXT NOT NULL,
    recover_by TEXT,
    PRIMARY KEY (ledger, leaf)
) WITHOUT ROWID, STRICT;
CREATE INDEX contract_closed_by_contract ON contract_closed (ledger, contract, leaf);
CREATE TRIGGER contract_closed_refuses_update BEFORE UPDATE ON contract_closed BEGIN SELECT RAISE(ABORT, 'table contract_closed is append-only'); END;
CREATE TRIGGER contract_closed_refuses_delete BEFORE DELETE ON contract_closed BEGIN SELECT RAISE(ABORT, 'table contract_closed is append-only'); END;
