-- The same refusals for less. A posting used to ask Postgres the same questions line by line, and locked the rows of
-- the accounts it touched, which all postings share. Now one look at all of its lines asks them at once.
--
-- HAZARD: ledger_lines stands in for the foreign keys of ledger_entry. It may, because no head and no account ever goes:
-- append_only holds for everybody. Whoever lets one of them be deleted must bring the keys back first.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION ledger_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    open  boolean;
    known boolean;
BEGIN
    SELECT
        bool_and(coalesce((SELECT t.xmin = pg_current_xact_id()::xid FROM ledger_tx t WHERE t.id = l.tx_id AND t.fee_set = l.fee_set), false)),
        bool_and(EXISTS (SELECT FROM ledger_account a WHERE a.id = l.account_id AND a.fee_set = l.fee_set))
    INTO open, known FROM added l;
    IF NOT open THEN -- lines belong to the database transaction, and to the fee set, of their head
        RAISE EXCEPTION 'a ledger_tx is closed, or another fee set''s' USING ERRCODE = '23514', TABLE = 'ledger_entry';
    END IF;
    IF NOT known THEN
        RAISE EXCEPTION 'an account is not there, or another fee set''s' USING ERRCODE = '23503', TABLE = 'ledger_entry';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER lines AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_lines();
DROP TRIGGER same_transaction ON ledger_entry;
DROP FUNCTION ledger_same_transaction();
ALTER TABLE ledger_entry
    DROP CONSTRAINT ledger_entry_tx_id_fee_set_fkey,
    DROP CONSTRAINT ledger_entry_account_id_fee_set_fkey;

-- As in 0009, but the lock is taken by an expression and not by a query.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION ledger_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    locked    text := pg_advisory_xact_lock_shared(hashtext('ledger_close'))::text;
    open_from date;
BEGIN
    SELECT (max(month) + interval '1 month')::date INTO open_from FROM ledger_close WHERE fee_set = NEW.fee_set;
    NEW.moved_to := CASE WHEN NEW.occurred_on < open_from THEN open_from END;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- As in 0007, but it looks for an earlier posting only when there is one, and for missing accounts by counting.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION ledger_post(
    of_client text, with_key text, undoes text, in_fee_set text, on_day date, by_whom text, in_role text, saying text,
    accounts text[], kinds text[], cents bigint[],
    OUT tx bigint, OUT at timestamptz, OUT repeated boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    hash   bytea := sha256(convert_to(jsonb_build_array(
        in_fee_set, to_char(on_day, 'YYYY-MM-DD'), by_whom, in_role, saying, undoes, accounts, cents)::text, 'UTF8'));
    before bytea;
    undone bigint;
BEGIN
    IF undoes IS NOT NULL THEN
        SELECT t.id INTO undone FROM ledger_tx t WHERE t.client_id = of_client AND t.key = undoes;
    END IF;
    INSERT INTO ledger_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo, reverses)
    VALUES (of_client, with_key, hash, in_fee_set, on_day, by_whom, in_role, saying, undone)
    ON CONFLICT (client_id, key) DO NOTHING
    RETURNING id, posted_at INTO tx, at;
    repeated := tx IS NULL;
    IF repeated THEN -- posted before, or by somebody else at this moment
        SELECT t.id, t.posted_at, t.input_hash INTO tx, at, before FROM ledger_tx t WHERE t.client_id = of_client AND t.key = with_key;
        IF before <> hash THEN
            RAISE EXCEPTION 'the key holds another posting' USING ERRCODE = '23505', TABLE = 'ledger_tx', CONSTRAINT = 'ledger_tx_input_hash';
        END IF;
        RETURN;
    END IF;
    IF undoes IS NOT NULL AND undone IS NULL THEN -- it may be on its way, in a step that is saved at this moment
        RAISE EXCEPTION 'what is to be reversed was not posted' USING ERRCODE = '40001', TABLE = 'ledger_tx';
    END IF;
    IF (SELECT count(*) FROM ledger_account a WHERE a.id = ANY (accounts)) < cardinality(accounts) THEN
        -- Accounts come into being when they are first used. Only missing ones are written, in one order for all, so
        -- that two transactions never wait for each other.
        INSERT INTO ledger_account (id, fee_set, kind)
        SELECT DISTINCT ON (a.id) a.id, in_fee_set, a.kind
        FROM unnest(accounts, kinds) AS a (id, kind)
        WHERE NOT EXISTS (SELECT FROM ledger_account l WHERE l.id = a.id)
        ORDER BY a.id
        ON CONFLICT (id) DO NOTHING;
    END IF;
    INSERT INTO ledger_entry (tx_id, line, account_id, fee_set, amount_cents)
    SELECT tx, i, accounts[i], in_fee_set, cents[i] FROM generate_series(1, cardinality(accounts)) i;
END $$;
-- +goose StatementEnd

-- +goose Down

ALTER TABLE ledger_entry
    ADD CONSTRAINT ledger_entry_tx_id_fee_set_fkey FOREIGN KEY (tx_id, fee_set) REFERENCES ledger_tx (id, fee_set),
    ADD CONSTRAINT ledger_entry_account_id_fee_set_fkey FOREIGN KEY (account_id, fee_set) REFERENCES ledger_account (id, fee_set);
DROP TRIGGER lines ON ledger_entry;
DROP FUNCTION ledger_lines();
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
-- ledger_period and ledger_post do what they did before, and stay.
