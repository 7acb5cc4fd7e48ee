-- Forms that somebody began at the staff console and has not recorded: at most one for each person, client and form. They are sealed,
-- shown to their author only, and removed when the fact is recorded or their time is over.

-- +goose Up

CREATE TABLE draft (
    person     text        NOT NULL,               -- id of the author in the practice file
    about      text        NOT NULL,               -- the client's id, or 'practice'
    form       text        NOT NULL,               -- name of the fact
    begun_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    data       bytea       NOT NULL,               -- sealed: what was typed
    PRIMARY KEY (person, about, form)
);

CREATE INDEX draft_by_expiry ON draft (expires_at);

-- +goose Down

DROP TABLE draft;
