-- Links and browsers' passes are kept under a keyed hash of their token (HMAC-SHA-256 with the index key), and each row carries a
-- keyed proof of its client, purpose and expiry. Whoever can only write SQL makes no link that opens, and gives no link to
-- another client or more time.
--
-- Links that were open when this migration ran go on working, under the plain hash of their token, until they expire: link_before
-- holds them as they were then, and no program can write to it. Browsers' passes end; clients give the second factor again.

-- +goose Up

ALTER TABLE link ADD COLUMN proof_hash bytea;
ALTER TABLE link_pass ADD COLUMN proof_hash bytea;
DELETE FROM link_pass;

CREATE TABLE link_before (
    token_hash bytea PRIMARY KEY,              -- plain SHA-256 of the token
    client_id  text        NOT NULL,
    purpose    text        NOT NULL,
    about      text        NOT NULL,
    version    int         NOT NULL,
    expires_at timestamptz NOT NULL
);
INSERT INTO link_before SELECT token_hash, client_id, purpose, about, version, expires_at FROM link;
REVOKE INSERT, UPDATE, DELETE ON link_before FROM kapflow_app;

-- +goose Down

DROP TABLE link_before;
ALTER TABLE link_pass DROP COLUMN proof_hash;
ALTER TABLE link DROP COLUMN proof_hash;
