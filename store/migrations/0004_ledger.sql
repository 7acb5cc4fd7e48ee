-- The ledgers: double entry, append-only, one set of books for each of the two fee sets. Postgres refuses what
-- may never be: books that do not balance, a line added later, one fee set's money in the other's books, and any
-- change to what was posted. Accounts and memos name services, never people.

-- +goose Up

CREATE TABLE ledger_account (
    id      text PRIMARY KEY,
    fee_set text NOT NULL CHECK (fee_set IN ('medical', 'psychotherapy')),
    kind    text NOT NULL CHECK (kind IN ('asset', 'liability', 'equity', 'revenue', 'expense')),
    CHECK (split_part(id, ':', 1) = fee_set),
    UNIQUE (id, fee_set)
);

CREATE TABLE ledger_tx (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_id   text        NOT NULL REFERENCES client,
    key         text        NOT NULL,      -- the business fact: a payment, a visit's charge, a refund
    input_hash  bytea       NOT NULL,      -- the same key with another input is an error, not a repetition
    fee_set     text        NOT NULL CHECK (fee_set IN ('medical', 'psychotherapy')),
    occurred_on date        NOT NULL,      -- by the practice's calendar
    posted_at   timestamptz NOT NULL DEFAULT now(),
    by_id       text        NOT NULL,
    by_role     text        NOT NULL,
    memo        text        NOT NULL,
    UNIQUE (client_id, key),
    UNIQUE (id, fee_set)
);

CREATE TABLE ledger_entry (
    tx_id        bigint NOT NULL,
    line         int    NOT NULL,
    account_id   text   NOT NULL,
    fee_set      text   NOT NULL,
    amount_cents bigint NOT NULL CHECK (amount_cents <> 0),  -- debit above zero, credit below
    PRIMARY KEY (tx_id, line),
    -- Both keys carry the fee set, so a transaction and its accounts are of one set of books.
    FOREIGN KEY (tx_id, fee_set) REFERENCES ledger_tx (id, fee_set),
    FOREIGN KEY (account_id, fee_set) REFERENCES ledger_account (id, fee_set)
);

CREATE INDEX ledger_entry_by_account ON ledger_entry (account_id);

-- Asked when the database transaction commits, because the lines are written after their head.
-- +goose StatementBegin
CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT coalesce(sum(amount_cents), 0) <> 0 OR count(*) < 2 FROM ledger_entry WHERE tx_id = NEW.id) THEN
        RAISE EXCEPTION 'ledger_tx % is not balanced', NEW.id USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_tx DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_balanced();

-- Lines belong to the database transaction that wrote their head.
-- HAZARD: a savepoint around a posting has a transaction number of its own, so a posting inside one is refused.
-- +goose StatementBegin
CREATE FUNCTION ledger_same_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT xmin <> pg_current_xact_id()::xid FROM ledger_tx WHERE id = NEW.tx_id) THEN
        RAISE EXCEPTION 'ledger_tx % is closed', NEW.tx_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER same_transaction BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_same_transaction();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_tx
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- +goose Down

DROP TABLE ledger_entry, ledger_tx, ledger_account;
DROP FUNCTION ledger_same_transaction();
DROP FUNCTION ledger_balanced();
