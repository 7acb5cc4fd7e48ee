-- A data key for each client, and one for the practice: random, and sealed with the practice's field keys. What is sealed about a
-- client is sealed with the client's key, so that erasing one key erases one client, and a new field key means that these rows
-- are sealed again and no others. Programs may add a key and may not change or delete one: that is the owner's, for an erasure or
-- for keys that are sealed again.
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

REVOKE DELETE ON letter, provider_event, link, link_code, mailbox, told, document_number, reconciled, session_epoch, person, worker_build FROM kapflow_app;
REVOKE UPDATE ON opt_out, mailbox, told, link_code FROM kapflow_app;
REVOKE INSERT, UPDATE ON handled FROM kapflow_app;

-- +goose Down

GRANT INSERT, UPDATE ON handled TO kapflow_app;
GRANT UPDATE ON opt_out, mailbox, told, link_code TO kapflow_app;
GRANT DELETE ON letter, provider_event, link, link_code, mailbox, told, document_number, reconciled, session_epoch, person, worker_build TO kapflow_app;
DROP TABLE data_key;
