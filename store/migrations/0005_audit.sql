-- The audit log: who did, read or tried what. Each row carries the hash of the one before, so a row that was
-- changed, removed or slipped in shows. An owner could still rewrite the whole chain: keep its head somewhere
-- else from time to time and compare.

-- +goose Up

CREATE TABLE audit_event (
    seq       bigint PRIMARY KEY,          -- without gaps
    id        text        NOT NULL UNIQUE, -- random; what detail is sealed to
    at        timestamptz NOT NULL,
    actor     text        NOT NULL,
    role      text        NOT NULL,
    action    text        NOT NULL,
    subject   text        NOT NULL,
    detail    bytea,                       -- sealed JSON
    prev_hash bytea       NOT NULL,
    hash      bytea       NOT NULL
);

CREATE INDEX audit_event_by_subject ON audit_event (subject, seq);

-- HAZARD: whatever changes here breaks the chain of every log already written. Add a second digest beside it.
-- +goose StatementBegin
CREATE FUNCTION audit_digest(e audit_event) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(e.prev_hash || convert_to(jsonb_build_array(
        e.seq, e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        e.actor, e.role, e.action, e.subject, encode(e.detail, 'hex'))::text, 'UTF8'))
$$;
-- +goose StatementEnd

-- One writer at a time, until it commits: that is what makes the order without gaps. It is dear only at sizes
-- that a practice does not have.
-- +goose StatementBegin
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last audit_event;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit_event'));
    SELECT * INTO last FROM audit_event ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(last.seq, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.prev_hash := coalesce(last.hash, '\x'::bytea);
    NEW.hash := audit_digest(NEW);
    RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER chain BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_chain();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- +goose Down

-- The functions take the table's row type, so they go first.
DROP TRIGGER chain ON audit_event;
DROP FUNCTION audit_chain();
DROP FUNCTION audit_digest(audit_event);
DROP TABLE audit_event;
