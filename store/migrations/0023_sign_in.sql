-- Sign-in to the staff console: sessions, passkeys, invitations and the steps of a sign-in under way. Tokens are kept as hashes
-- only: who reads these tables cannot sign in with them.

-- +goose Up

CREATE TABLE session (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32), -- SHA-256 of the token
    person     text        NOT NULL,               -- id in the practice file; empty before a sign-in
    epoch      int         NOT NULL,               -- of the person's sessions, when they signed in
    expires_at timestamptz NOT NULL,
    ended      boolean     NOT NULL DEFAULT false, -- kept for a day, so that a request under way does not bring it back
    data       bytea                               -- sealed
);

CREATE INDEX session_by_expiry ON session (expires_at);
CREATE INDEX session_by_person ON session (person) WHERE person <> '' AND NOT ended;

-- Sessions of an earlier epoch are ended. A number, because clocks of two machines differ.
CREATE TABLE session_epoch (
    person text PRIMARY KEY,
    epoch  int NOT NULL
);

CREATE TABLE passkey (
    id_hash    bytea PRIMARY KEY CHECK (octet_length(id_hash) = 32), -- SHA-256 of the credential's id
    person     text        NOT NULL,
    sign_count bigint      NOT NULL, -- uses that the authenticator counted; 0: it does not count
    blocked    boolean     NOT NULL DEFAULT false, -- it may have been copied
    made_at    timestamptz NOT NULL,
    used_at    timestamptz,
    data       bytea       NOT NULL  -- sealed: public key, flags and label
);

CREATE INDEX passkey_by_person ON passkey (person);

-- One-time links for people who have no passkey yet.
CREATE TABLE invite (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32), -- keyed
    kind       text        NOT NULL,
    person     text        NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE INDEX invite_by_person ON invite (person);

-- What a sign-in under way must find again at its second step, once.
CREATE TABLE ceremony (
    id_hash    bytea PRIMARY KEY CHECK (octet_length(id_hash) = 32),
    expires_at timestamptz NOT NULL,
    data       bytea       NOT NULL -- sealed
);

CREATE INDEX ceremony_by_expiry ON ceremony (expires_at);

-- +goose Down

DROP TABLE ceremony, invite, passkey, session_epoch, session;
