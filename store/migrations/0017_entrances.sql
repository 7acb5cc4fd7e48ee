-- A mistake of an earlier migration, and what lets an import recognise a person in a second export.
--
-- ledger_account has two unique constraints, on (id) and on (id, fee_set). ledger_post named only the first one as its
-- conflict, so that of two first postings at one moment the second could fail on the other constraint, as if the caller had
-- made a mistake. Now no constraint is named: whichever is hit first, the account is there.

-- +goose Up

-- As in 0016, but for the conflict of ledger_account.
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
        ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO public.ledger_entry (tx_id, line, account_id, fee_set, amount_cents)
    SELECT tx, i, accounts[i], in_fee_set, cents[i] FROM generate_series(1, cardinality(accounts)) i;
END $$;
-- +goose StatementEnd

-- Keyed hash of the e-mail address in small letters, beside phone_index, to find a person who is enrolled already. Rows written
-- before this migration have none until their contact changes; they are found by telephone number.
ALTER TABLE contact ADD COLUMN email_index bytea;
CREATE INDEX contact_by_email ON contact (email_index);

-- +goose Down

DROP INDEX contact_by_email;
ALTER TABLE contact DROP COLUMN email_index;
-- ledger_post does what it did before, and stays.
