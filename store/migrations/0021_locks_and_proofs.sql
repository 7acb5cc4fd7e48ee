-- Locks that only programs can take, and an audit log whose rows prove that a program of ours wrote them.
--
-- Anybody with a login may hold an advisory lock, also who may only read, and every save waited for it. The locks are now locks
-- of rows, which need the right to write.
--
-- The program gives each audit row a key that is good for this row alone (HMAC of the row's id). Only its hash over the row and
-- the chain before it is kept, so that the owner of the tables, who has no key, cannot write a row or rewrite the chain.
-- report_hash says, by a keyed hash, which report a row is about: the watch finds facts that nobody reported.

-- +goose Up

CREATE TABLE turn (
    name text PRIMARY KEY,
    held boolean           -- never written: the right to write it is the right to lock the row
);
INSERT INTO turn (name) VALUES ('journal'), ('ledger_close'), ('same-person');
REVOKE INSERT, UPDATE, DELETE ON turn FROM kapflow_app;
GRANT UPDATE (held) ON turn TO kapflow_app;

-- As in 0016, but for the lock.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION ledger_period() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    locked    text;
    open_from date;
BEGIN
    SELECT t.name INTO STRICT locked FROM public.turn t WHERE t.name = 'ledger_close' FOR KEY SHARE;
    SELECT (max(month) + interval '1 month')::date INTO open_from FROM public.ledger_close WHERE fee_set = NEW.fee_set;
    NEW.moved_to := CASE WHEN NEW.occurred_on < open_from THEN open_from END;
    RETURN NEW;
END $$;
-- +goose StatementEnd

ALTER TABLE audit_event ADD COLUMN report_hash bytea, ADD COLUMN proof_hash bytea;
CREATE INDEX audit_event_by_report ON audit_event (report_hash) WHERE report_hash IS NOT NULL;

-- As in 0016, and the proof. The key and both hashes have 32 bytes each.
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
    NEW.proof_hash := sha256(NEW.proof_hash || NEW.hash || coalesce(NEW.report_hash, '\x'::bytea));
    UPDATE public.audit_head SET seq = NEW.seq, hash = NEW.hash;
    RETURN NEW;
END $$;
-- +goose StatementEnd

-- Up to which fact of a client the watch has looked for audit rows. Facts before this migration are taken as they are.
CREATE TABLE reconciled (
    client_id text PRIMARY KEY REFERENCES client,
    seq       int NOT NULL
);
INSERT INTO reconciled SELECT client_id, max(seq) FROM fact GROUP BY client_id;

-- +goose Down

DROP TABLE reconciled;
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
DROP INDEX audit_event_by_report;
ALTER TABLE audit_event DROP COLUMN proof_hash, DROP COLUMN report_hash;
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
DROP TABLE turn;
