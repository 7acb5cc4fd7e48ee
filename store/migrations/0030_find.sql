-- By what a search finds a client's name, which is sealed. For each word of the name there is a number from 0 to 255: a keyed hash of
-- its first two letters, cut down to eight bits. Many beginnings share a number, so it names nobody; the search opens the names of
-- those who have it. name_version is the version of the contact that the numbers are of: a build before this one leaves them behind.

-- +goose Up

ALTER TABLE contact
    ADD COLUMN name_index   smallint[] NOT NULL DEFAULT '{}',
    ADD COLUMN name_version int        NOT NULL DEFAULT -1;
ALTER TABLE contact ADD COLUMN name_behind boolean NOT NULL GENERATED ALWAYS AS (name_version <> version) STORED;
CREATE INDEX contact_by_name ON contact USING gin (name_index) WITH (fastupdate = off);
CREATE INDEX contact_name_behind ON contact (client_id) WHERE name_behind;

-- Clients who wait for something, for the morning list.
CREATE INDEX client_blocked ON client (id) WHERE cardinality(blocked_by) > 0;

-- Programs may write the numbers of a name that stays as it is.
-- +goose StatementBegin
CREATE FUNCTION contact_forward() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    numbers constant text[] := '{name_index,name_version,name_behind}';
BEGIN
    IF NEW.client_id = OLD.client_id AND NEW.version = OLD.version AND (
        current_setting('kapflow.reseal', true) IS NOT DISTINCT FROM 'on' OR to_jsonb(NEW) - numbers = to_jsonb(OLD) - numbers) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% does not go back to an older version', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd
DROP TRIGGER only_forward ON contact;
CREATE TRIGGER only_forward BEFORE UPDATE ON contact FOR EACH ROW
    WHEN (NEW.client_id <> OLD.client_id OR NEW.version < OLD.version OR NEW.version = OLD.version AND OLD.version > 0)
    EXECUTE FUNCTION contact_forward();

-- +goose Down

DROP TRIGGER only_forward ON contact;
DROP FUNCTION contact_forward();
DROP INDEX client_blocked;
DROP INDEX contact_name_behind;
DROP INDEX contact_by_name;
ALTER TABLE contact DROP COLUMN name_behind, DROP COLUMN name_version, DROP COLUMN name_index;
CREATE TRIGGER only_forward BEFORE UPDATE ON contact FOR EACH ROW
    WHEN (NEW.client_id <> OLD.client_id OR NEW.version < OLD.version
        OR NEW.version = OLD.version AND OLD.version > 0 AND current_setting('kapflow.reseal', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION only_forward();
