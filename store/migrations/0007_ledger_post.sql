-- Who may do what. Programs act as kapflow_app, which owns nothing: it reads and writes rows, adds to what only
-- grows, and posts to the ledgers through one function alone. The owner of the tables only migrates.
-- kapflow_readonly is for people with psql.

-- +goose Up

-- Roles belong to the whole server, so they may be there already, from another database of it.
-- +goose StatementBegin
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['kapflow_app', 'kapflow_readonly'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database was migrated at the same moment
            END;
        END IF;
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        END IF;
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'this login may not make the roles kapflow_app and kapflow_readonly; as a superuser run: CREATE ROLE kapflow_app NOLOGIN; CREATE ROLE kapflow_readonly NOLOGIN; GRANT kapflow_app, kapflow_readonly TO %', current_user
        USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO kapflow_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO kapflow_readonly;
-- What only grows.
REVOKE UPDATE, DELETE ON fact, journal, audit_event FROM kapflow_app;
-- What has a door of its own.
REVOKE INSERT, UPDATE, DELETE ON ledger_account, ledger_tx, ledger_entry, goose_db_version FROM kapflow_app;

-- Tables of later migrations. Those that only grow take UPDATE and DELETE back.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kapflow_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO kapflow_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO kapflow_readonly;

-- A correction names what it undoes. What is undone is undone once, and whole; an undoing is not undone.
ALTER TABLE ledger_tx ADD COLUMN reverses bigint UNIQUE REFERENCES ledger_tx;

-- +goose StatementBegin
CREATE FUNCTION ledger_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_tx t
        WHERE t.id = NEW.reverses AND t.client_id = NEW.client_id AND t.fee_set = NEW.fee_set AND t.reverses IS NULL) THEN
        RAISE EXCEPTION 'ledger_tx % reverses a reversal, or what is another client''s or fee set''s', NEW.id USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT FROM ledger_entry WHERE tx_id IN (NEW.id, NEW.reverses)
        GROUP BY account_id HAVING sum(amount_cents) <> 0) THEN
        RAISE EXCEPTION 'ledger_tx % does not undo the whole of %', NEW.id, NEW.reverses USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE CONSTRAINT TRIGGER reversal AFTER INSERT ON ledger_tx DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION ledger_reversal();

-- The one way into the ledgers: a head and its lines, or nothing. The same key with the same input gives what was
-- posted the first time; with another input it is refused. The triggers above hold for everybody; this function is
-- only who may knock.
--
-- HAZARD: input hashes are kept for ever, so what goes into one, and in which order, stays as it is here.
-- HAZARD: no EXCEPTION block. It would be a savepoint, and lines inside one are refused.
-- +goose StatementBegin
CREATE FUNCTION ledger_post(
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
    SELECT t.id, t.posted_at, t.input_hash INTO tx, at, before FROM ledger_tx t WHERE t.client_id = of_client AND t.key = with_key;
    IF NOT FOUND THEN
        IF undoes IS NOT NULL THEN
            SELECT t.id INTO undone FROM ledger_tx t WHERE t.client_id = of_client AND t.key = undoes;
            IF NOT FOUND THEN -- it may be on its way, in a step that is saved at this moment
                RAISE EXCEPTION 'what is to be reversed was not posted' USING ERRCODE = '40001', TABLE = 'ledger_tx';
            END IF;
        END IF;
        INSERT INTO ledger_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo, reverses)
        VALUES (of_client, with_key, hash, in_fee_set, on_day, by_whom, in_role, saying, undone)
        ON CONFLICT (client_id, key) DO NOTHING
        RETURNING id, posted_at INTO tx, at;
        IF NOT FOUND THEN -- somebody else posted it at this moment
            SELECT t.id, t.posted_at, t.input_hash INTO tx, at, before FROM ledger_tx t WHERE t.client_id = of_client AND t.key = with_key;
        END IF;
    END IF;
    repeated := before IS NOT NULL;
    IF before <> hash THEN
        RAISE EXCEPTION 'the key holds another posting' USING ERRCODE = '23505', TABLE = 'ledger_tx', CONSTRAINT = 'ledger_tx_input_hash';
    END IF;
    IF repeated THEN
        RETURN;
    END IF;
    -- Accounts come into being when they are first used. Only missing ones are written, in one order for all, so
    -- that two transactions never wait for each other.
    INSERT INTO ledger_account (id, fee_set, kind)
    SELECT DISTINCT ON (a.id) a.id, in_fee_set, a.kind
    FROM unnest(accounts, kinds) AS a (id, kind)
    WHERE NOT EXISTS (SELECT FROM ledger_account l WHERE l.id = a.id)
    ORDER BY a.id
    ON CONFLICT (id) DO NOTHING;
    INSERT INTO ledger_entry (tx_id, line, account_id, fee_set, amount_cents)
    SELECT tx, e.line, e.account, in_fee_set, e.cents
    FROM unnest(accounts, cents) WITH ORDINALITY AS e (account, cents, line);
END $$;
-- +goose StatementEnd

REVOKE EXECUTE ON FUNCTION ledger_post FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_post TO kapflow_app;

-- +goose Down

DROP FUNCTION ledger_post;
DROP TRIGGER reversal ON ledger_tx;
DROP FUNCTION ledger_reversal();
ALTER TABLE ledger_tx DROP COLUMN reverses;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM kapflow_app, kapflow_readonly;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM kapflow_app;
-- The roles stay: other databases of the server may use them.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM kapflow_app, kapflow_readonly;
