CREATE TABLE webhook (
    ledger bytea NOT NULL,
    id bytea NOT NULL,
    name text NOT NULL,
    host text NOT NULL,
    state text NOT NULL,
    leaf bigint NOT NULL,
    attempts bigint NOT NULL,
    failing_since bigint NOT NULL,
    next_at bigint NOT NULL,
    error text NOT NULL,
    owner text NOT NULL,
    leased_until bigint NOT NULL,
    PRIMARY KEY (ledger, id)
);
CREATE UNIQUE INDEX webhook_by_name ON webhook (ledger, name);
COMMENT ON TABLE webhook IS 'Who is told of what happens in a ledger, and how far they were told. The log is the outbox: leaves before `leaf` were delivered, or are dead letters. Work that goes on, not the ledger''s truth: rows are changed in place.';

CREATE TABLE dead_letter (
    ledger bytea NOT NULL,
    webhook bytea NOT NULL,
    leaf bigint NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    died_at bigint NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (ledger, webhook, leaf)
);
COMMENT ON TABLE dead_letter IS 'Events that were given up, to be looked at and sent again.';
