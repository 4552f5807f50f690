CREATE TABLE user_account (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    login text NOT NULL,
    disabled boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX user_account_by_id ON user_account (ledger, id, leaf);
COMMENT ON TABLE user_account IS 'Who may sign in, by login; names and password hashes are personal parts. The last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON user_account FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE api_token (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    owner bytea NOT NULL,
    secret bytea NOT NULL,
    revoked boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX api_token_by_id ON api_token (ledger, id, leaf);
CREATE INDEX api_token_by_secret ON api_token (ledger, secret);
COMMENT ON TABLE api_token IS 'Tokens by the digest of their secret; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON api_token FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE access_grant (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    owner bytea NOT NULL,
    role text NOT NULL,
    revoked boolean NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX access_grant_by_id ON access_grant (ledger, id, leaf);
CREATE INDEX access_grant_by_owner ON access_grant (ledger, owner);
COMMENT ON TABLE access_grant IS 'Rights; the last row of an id holds.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_grant FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE proposal (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    id bytea NOT NULL,
    maker bytea NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE UNIQUE INDEX proposal_by_id ON proposal (ledger, id);
COMMENT ON TABLE proposal IS 'Changes of rights that one person asked for.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON proposal FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE decision (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    proposal bytea NOT NULL,
    decider bytea NOT NULL,
    verdict text NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE UNIQUE INDEX decision_by_proposal ON decision (ledger, proposal);
COMMENT ON TABLE decision IS 'What another person said to them, once.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();

CREATE TABLE disclosure (
    ledger bytea NOT NULL,
    leaf bigint NOT NULL,
    position bigint NOT NULL,
    reader bytea NOT NULL,
    books bytea NOT NULL,
    what text NOT NULL,
    PRIMARY KEY (ledger, leaf)
);
CREATE INDEX disclosure_by_reader ON disclosure (ledger, reader);
COMMENT ON TABLE disclosure IS 'Who saw what is sensitive, and in which books.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON disclosure FOR EACH STATEMENT EXECUTE FUNCTION recoup_refuse();
