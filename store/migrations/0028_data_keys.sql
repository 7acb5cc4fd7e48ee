-- A data key for each client, and one for the practice: random, and sealed with the practice's field keys. What is sealed about a
-- client is sealed with the client's key, so that erasing one key erases one client, and a new field key means that these rows
-- are sealed again and no others. Programs may add a key and may not change or delete one: that is the owner's, for an erasure or
-- for keys that are sealed again.
--
-- The owner of the tables may seal the same content again in what is otherwise written once: with the setting kapflow.reseal, and in
-- no other column. The hash of an audit row goes over the sealed detail as it was written, so the row keeps that and has the detail,
-- sealed again, beside it.
--
-- A client whose record was erased stays as a row without content, for the books and the audit log.
--
-- Programs may do to the older tables what they do and no more: nobody takes a message's register, a provider's report or a link
-- away with SQL.

-- +goose Up

CREATE TABLE data_key (
    owner     text PRIMARY KEY,              -- a client's id; empty: the practice. No reference: a client's texts come before the client
    id        text        NOT NULL,          -- stands in the clear beside what the key sealed
    sealed    bytea,                         -- NULL: erased
    made_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (owner <> '' OR sealed IS NOT NULL)
);
REVOKE UPDATE, DELETE ON data_key FROM kapflow_app;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON data_key
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

ALTER TABLE client ADD COLUMN erased_at timestamptz;
ALTER TABLE mailbox ADD COLUMN client_id text NOT NULL DEFAULT '';        -- what the row is sealed to; empty: no client
ALTER TABLE provider_event ADD COLUMN client_id text NOT NULL DEFAULT ''; -- the same; empty too if a number has several clients
ALTER TABLE audit_event ADD COLUMN detail_again bytea;

-- +goose StatementBegin
CREATE FUNCTION only_resealed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF current_setting('kapflow.reseal', true) IS DISTINCT FROM 'on'
        OR (to_jsonb(NEW) - TG_ARGV::text[]) <> (to_jsonb(OLD) - TG_ARGV::text[]) THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

DROP TRIGGER append_only ON fact;
DROP TRIGGER append_only ON journal;
DROP TRIGGER append_only ON document;
DROP TRIGGER append_only ON private_text;
DROP TRIGGER append_only ON audit_event;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON fact FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON document FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON private_text FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER only_resealed BEFORE UPDATE ON fact FOR EACH ROW EXECUTE FUNCTION only_resealed('body');
CREATE TRIGGER only_resealed BEFORE UPDATE ON journal FOR EACH ROW EXECUTE FUNCTION only_resealed('body');
CREATE TRIGGER only_resealed BEFORE UPDATE ON document FOR EACH ROW EXECUTE FUNCTION only_resealed('html', 'pdf');
CREATE TRIGGER only_resealed BEFORE UPDATE ON private_text FOR EACH ROW EXECUTE FUNCTION only_resealed('body');
CREATE TRIGGER only_resealed BEFORE UPDATE ON audit_event FOR EACH ROW EXECUTE FUNCTION only_resealed('detail_again');

DROP TRIGGER only_forward ON contact;
DROP TRIGGER only_forward ON billing;
CREATE TRIGGER only_forward BEFORE UPDATE ON contact FOR EACH ROW
    WHEN (NEW.client_id <> OLD.client_id OR NEW.version < OLD.version
        OR NEW.version = OLD.version AND OLD.version > 0 AND current_setting('kapflow.reseal', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION only_forward();
CREATE TRIGGER only_forward BEFORE UPDATE ON billing FOR EACH ROW
    WHEN (NEW.client_id <> OLD.client_id OR NEW.version < OLD.version
        OR NEW.version = OLD.version AND OLD.version > 0 AND current_setting('kapflow.reseal', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION only_forward();

REVOKE DELETE ON letter, provider_event, link, link_code, mailbox, told, document_number, reconciled, session_epoch, person, worker_build FROM kapflow_app;
REVOKE UPDATE ON opt_out, mailbox, told, link_code FROM kapflow_app;
REVOKE INSERT, UPDATE ON handled FROM kapflow_app;

-- +goose Down

DROP TRIGGER only_forward ON billing;
DROP TRIGGER only_forward ON contact;
CREATE TRIGGER only_forward BEFORE UPDATE ON contact FOR EACH ROW
    WHEN (NEW.client_id <> OLD.client_id OR NEW.version < OLD.version OR NEW.version = OLD.version AND OLD.version > 0)
    EXECUTE FUNCTION only_forward();
CREATE TRIGGER only_forward BEFORE UPDATE ON billing FOR EACH ROW
    WHEN (NEW.client_id <> OLD.client_id OR NEW.version < OLD.version OR NEW.version = OLD.version AND OLD.version > 0)
    EXECUTE FUNCTION only_forward();
DROP TRIGGER only_resealed ON fact;
DROP TRIGGER append_only ON fact;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact FOR EACH STATEMENT EXECUTE FUNCTION append_only();
DROP TRIGGER only_resealed ON journal;
DROP TRIGGER append_only ON journal;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION append_only();
DROP TRIGGER only_resealed ON document;
DROP TRIGGER append_only ON document;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON document FOR EACH STATEMENT EXECUTE FUNCTION append_only();
DROP TRIGGER only_resealed ON private_text;
DROP TRIGGER append_only ON private_text;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON private_text FOR EACH STATEMENT EXECUTE FUNCTION append_only();
DROP TRIGGER only_resealed ON audit_event;
DROP TRIGGER append_only ON audit_event;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION append_only();
DROP FUNCTION only_resealed();
ALTER TABLE audit_event DROP COLUMN detail_again;
ALTER TABLE provider_event DROP COLUMN client_id;
ALTER TABLE mailbox DROP COLUMN client_id;
ALTER TABLE client DROP COLUMN erased_at;
GRANT INSERT, UPDATE ON handled TO kapflow_app;
GRANT UPDATE ON opt_out, mailbox, told, link_code TO kapflow_app;
GRANT DELETE ON letter, provider_event, link, link_code, mailbox, told, document_number, reconciled, session_epoch, person, worker_build TO kapflow_app;
DROP TABLE data_key;
