-- Papers: what they need to know of a client, and those that were handed out, each with the hash of what left the
-- house. A good faith estimate is part of the record and kept for six years (45 CFR 149.610).

-- +goose Up

CREATE TABLE billing (
    client_id  text PRIMARY KEY REFERENCES client,
    legal_name bytea,
    address    bytea,
    member_id  bytea
);

CREATE TABLE document (
    id          text PRIMARY KEY,           -- random; what the bodies are sealed to
    client_id   text        NOT NULL REFERENCES client,
    kind        text        NOT NULL CHECK (kind IN ('estimate', 'statement', 'receipt', 'superbill')),
    number      text        NOT NULL,
    html_sha256 bytea       NOT NULL,
    pdf_sha256  bytea       NOT NULL,
    html        bytea       NOT NULL,       -- sealed
    pdf         bytea       NOT NULL,       -- sealed
    made_at     timestamptz NOT NULL DEFAULT now(),
    by_id       text        NOT NULL,
    by_role     text        NOT NULL,
    UNIQUE (client_id, kind, html_sha256)   -- the same paper again is the same row
);

ALTER TABLE document ALTER COLUMN html SET STORAGE EXTERNAL, ALTER COLUMN pdf SET STORAGE EXTERNAL;

REVOKE UPDATE, DELETE ON document FROM kapflow_app;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON document
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- +goose Down

DROP TABLE document, billing;
