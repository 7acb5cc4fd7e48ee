-- Clients: their charts, how they are reached, what they and the staff wrote, the facts log and the journal.
--
-- Every bytea column but identity and phone_index is sealed by the program (AES-256-GCM, bound to table, column
-- and row), so that neither a dump nor the files of this database show a name, an address, a diagnosis or a
-- note. What stands in the clear is opaque ids, codes and dates.

-- +goose Up

CREATE TABLE client (
    id            text PRIMARY KEY,
    identity      bytea NOT NULL UNIQUE,   -- keyed hash of who it is: one person enrols once
    chart         bytea NOT NULL,          -- sealed JSON
    chart_version int   NOT NULL,          -- an older chart never replaces a newer one

    -- Taken from the chart whenever it is saved, for lists and for people with psql. Never read back into it.
    stage         text        NOT NULL,
    blocked_by    text[]      NOT NULL DEFAULT '{}',  -- codes of the gates that keep the client from the next step
    move          text        NOT NULL DEFAULT '',    -- the role whose move it is
    next_due      timestamptz,
    attention     boolean     NOT NULL DEFAULT false,

    enrolled_at   timestamptz NOT NULL,
    saved_at      timestamptz NOT NULL
);

-- Sealed bytes do not shrink: trying to compress them only costs time.
ALTER TABLE client ALTER COLUMN chart SET STORAGE EXTERNAL;

CREATE TABLE contact (
    client_id      text PRIMARY KEY REFERENCES client,
    preferred_name bytea,
    phone          bytea,
    email          bytea,
    phone_index    bytea                   -- keyed hash of the number, to find who answered
);

-- Two clients may share a number, so this is no unique index.
CREATE INDEX contact_by_phone ON contact (phone_index);

-- Texts that facts refer to. A text is written before the fact that needs it, and before the client when that
-- fact is the first: hence no reference to client.
CREATE TABLE private_text (
    ref        text PRIMARY KEY,
    client_id  text        NOT NULL,
    field      text        NOT NULL,
    body       bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX private_text_by_client ON private_text (client_id);

CREATE TABLE fact (
    client_id   text        NOT NULL REFERENCES client,
    seq         int         NOT NULL,      -- per client, from 1
    fact_id     text        NOT NULL,      -- the reporter's, may be empty
    name        text        NOT NULL,
    by_id       text        NOT NULL,      -- opaque, never a person's name
    by_role     text        NOT NULL,
    happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    body        bytea       NOT NULL,      -- sealed JSON of the whole entry
    PRIMARY KEY (client_id, seq)
);

CREATE UNIQUE INDEX fact_once ON fact (client_id, fact_id) WHERE fact_id <> '';

CREATE TABLE journal (
    seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- gaps are normal
    client_id text        NOT NULL REFERENCES client,
    at        timestamptz NOT NULL,
    type      text        NOT NULL CHECK (type IN ('change', 'message', 'ledger', 'fact')),
    key       text        NOT NULL UNIQUE,                      -- writing a line again changes nothing
    body      bytea       NOT NULL                              -- sealed JSON: reasons and codes say much about a person
);

CREATE INDEX journal_by_client ON journal (client_id, seq);

-- What was recorded stays: a correction is a new row. This guards against our own mistakes; the owner of the
-- tables can still take the trigger off, for instance when records are disposed of after retention.
-- +goose StatementBegin
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- +goose Down

DROP TABLE journal, fact, private_text, contact, client;
DROP FUNCTION append_only();
