-- What was sealed once stays where it belongs. Sealed fields are bound to their client and to a version of their row, so that
-- a value that was current once does not open again under a newer version; and a row goes back to an older version for nobody
-- but the owner of the tables. The version of a contact is one more than the number of facts that changed it, so an old contact
-- that the owner puts back shows as well; so does an old chart, beside the facts that it does not know.
--
-- Private texts are written once.

-- +goose Up

ALTER TABLE contact ADD COLUMN version int NOT NULL DEFAULT 0; -- 0: written by a build before this migration
ALTER TABLE billing ADD COLUMN version int NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE FUNCTION only_forward() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% does not go back to an older version', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd

-- The first byte of a sealed field is its form. Rows of version 0 are free: builds before this one write them.
CREATE TRIGGER only_forward BEFORE UPDATE ON client FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.chart_version < OLD.chart_version OR NEW.epoch < OLD.epoch
        OR substring(NEW.chart, 1, 1) < substring(OLD.chart, 1, 1))
    EXECUTE FUNCTION only_forward();
CREATE TRIGGER only_forward BEFORE UPDATE ON contact FOR EACH ROW
    WHEN (NEW.client_id <> OLD.client_id OR NEW.version < OLD.version OR NEW.version = OLD.version AND OLD.version > 0)
    EXECUTE FUNCTION only_forward();
CREATE TRIGGER only_forward BEFORE UPDATE ON billing FOR EACH ROW
    WHEN (NEW.client_id <> OLD.client_id OR NEW.version < OLD.version OR NEW.version = OLD.version AND OLD.version > 0)
    EXECUTE FUNCTION only_forward();

-- A row that is deleted could be written again in an older version.
REVOKE DELETE ON client, contact, billing FROM kapflow_app;

REVOKE UPDATE, DELETE ON private_text FROM kapflow_app;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON private_text
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- +goose Down

DROP TRIGGER append_only ON private_text;
DROP TRIGGER only_forward ON billing;
DROP TRIGGER only_forward ON contact;
DROP TRIGGER only_forward ON client;
DROP FUNCTION only_forward();
ALTER TABLE billing DROP COLUMN version;
ALTER TABLE contact DROP COLUMN version;
