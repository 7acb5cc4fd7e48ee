-- Functions find tables and functions where they were made for, and nobody else's. A temporary table of the same name used to
-- stand in for a table of ours: an unbalanced posting passed, and a forged number stopped the audit log for good.
--
-- The audit log's end is a row of its own, which only the log's trigger may change. It gives the next number, so no row
-- can make the log run out of numbers; its lock is one that nobody who only reads can take; and rows that are cut off at the
-- end of the log show.

-- +goose Up

ALTER FUNCTION append_only() SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION audit_digest(audit_event) SET search_path = pg_catalog, public, pg_temp;

CREATE TABLE audit_head (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one), -- there is one row
    seq  bigint NOT NULL,
    hash bytea  NOT NULL
);
REVOKE INSERT, UPDATE, DELETE ON audit_head FROM kapflow_app;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- A log that somebody forged a number into goes on after the last row that was counted.
INSERT INTO audit_head (seq, hash)
SELECT coalesce(max(e.seq), 0), coalesce((array_agg(e.hash ORDER BY e.seq DESC))[1], '\x'::bytea)
FROM audit_event e WHERE e.seq < 4611686018427387904;

-- One writer at a time, until it commits: that is what makes the order without gaps.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    last public.audit_head;
BEGIN
    SELECT * INTO STRICT last FROM public.audit_head FOR UPDATE;
    NEW.seq := last.seq + 1;
    NEW.at := clock_timestamp();
    NEW.prev_hash := last.hash;
    NEW.hash := public.audit_digest(NEW);
    UPDATE public.audit_head SET seq = NEW.seq, hash = NEW.hash;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- The functions of the ledger, as they were, with their tables named in full.

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (SELECT coalesce(sum(amount_cents), 0) <> 0 OR count(*) < 2 FROM public.ledger_entry WHERE tx_id = NEW.id) THEN
        RAISE EXCEPTION 'ledger_tx % is not balanced', NEW.id USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION ledger_reversal() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.ledger_tx t
        WHERE t.id = NEW.reverses AND t.client_id = NEW.client_id AND t.fee_set = NEW.fee_set AND t.reverses IS NULL) THEN
        RAISE EXCEPTION 'ledger_tx % reverses a reversal, or what is another client''s or fee set''s', NEW.id USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT FROM public.ledger_entry WHERE tx_id IN (NEW.id, NEW.reverses)
        GROUP BY account_id HAVING sum(amount_cents) <> 0) THEN
        RAISE EXCEPTION 'ledger_tx % does not undo the whole of %', NEW.id, NEW.reverses USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- HAZARD: ledger_lines stands in for the foreign keys of ledger_entry (0012). The rows that were added are a transition table,
-- which has no schema: its name comes before every table's.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION ledger_lines() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    open  boolean;
    known boolean;
BEGIN
    SELECT
        bool_and(coalesce((SELECT t.xmin = pg_current_xact_id()::xid FROM public.ledger_tx t WHERE t.id = l.tx_id AND t.fee_set = l.fee_set), false)),
        bool_and(EXISTS (SELECT FROM public.ledger_account a WHERE a.id = l.account_id AND a.fee_set = l.fee_set))
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

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION ledger_period() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    locked    text := pg_advisory_xact_lock_shared(hashtext('ledger_close'))::text;
    open_from date;
BEGIN
    SELECT (max(month) + interval '1 month')::date INTO open_from FROM public.ledger_close WHERE fee_set = NEW.fee_set;
    NEW.moved_to := CASE WHEN NEW.occurred_on < open_from THEN open_from END;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- HAZARD: input hashes are kept for ever, so what goes into one, and in which order, stays as it is here.
-- HAZARD: no EXCEPTION block. It would be a savepoint, and lines inside one are refused.
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
        SELECT t.id INTO undone FROM public.ledger_tx t WHERE t.client_id = of_client AND t.key = undoes;
    END IF;
    INSERT INTO public.ledger_tx (client_id, key, input_hash, fee_set, occurred_on, by_id, by_role, memo, reverses)
    VALUES (of_client, with_key, hash, in_fee_set, on_day, by_whom, in_role, saying, undone)
    ON CONFLICT (client_id, key) DO NOTHING
    RETURNING id, posted_at INTO tx, at;
    repeated := tx IS NULL;
    IF repeated THEN -- posted before, or by somebody else at this moment
        SELECT t.id, t.posted_at, t.input_hash INTO tx, at, before FROM public.ledger_tx t WHERE t.client_id = of_client AND t.key = with_key;
        IF before <> hash THEN
            RAISE EXCEPTION 'the key holds another posting' USING ERRCODE = '23505', TABLE = 'ledger_tx', CONSTRAINT = 'ledger_tx_input_hash';
        END IF;
        RETURN;
    END IF;
    IF undoes IS NOT NULL AND undone IS NULL THEN -- it may be on its way, in a step that is saved at this moment
        RAISE EXCEPTION 'what is to be reversed was not posted' USING ERRCODE = '40001', TABLE = 'ledger_tx';
    END IF;
    IF (SELECT count(*) FROM public.ledger_account a WHERE a.id = ANY (accounts)) < cardinality(accounts) THEN
        -- Accounts come into being when they are first used. Only missing ones are written, in one order for all, so
        -- that two transactions never wait for each other.
        INSERT INTO public.ledger_account (id, fee_set, kind)
        SELECT DISTINCT ON (a.id) a.id, in_fee_set, a.kind
        FROM unnest(accounts, kinds) AS a (id, kind)
        WHERE NOT EXISTS (SELECT FROM public.ledger_account l WHERE l.id = a.id)
        ORDER BY a.id
        ON CONFLICT (id) DO NOTHING;
    END IF;
    INSERT INTO public.ledger_entry (tx_id, line, account_id, fee_set, amount_cents)
    SELECT tx, i, accounts[i], in_fee_set, cents[i] FROM generate_series(1, cardinality(accounts)) i;
END $$;
-- +goose StatementEnd

-- +goose Down

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql
SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    last public.audit_event;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit_event'));
    SELECT * INTO last FROM public.audit_event ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(last.seq, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.prev_hash := coalesce(last.hash, '\x'::bytea);
    NEW.hash := public.audit_digest(NEW);
    RETURN NEW;
END $$;
-- +goose StatementEnd
DROP TABLE audit_head;
-- The other functions do what they did before, and stay.
