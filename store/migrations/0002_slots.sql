-- Slots: the time that visits take of the people whom clients share. Postgres itself keeps two slots of one
-- person from overlapping, whoever asks at the same moment.

-- +goose Up

-- Ranges can be compared in a GiST index without any extension; texts cannot. So every person gets a number,
-- and a number is the range from itself to itself.
CREATE TABLE person (
    no int  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE
);

CREATE TABLE slot (
    client_id   text      NOT NULL REFERENCES client,
    appointment text      NOT NULL,
    person_no   int       NOT NULL REFERENCES person,
    during      tstzrange NOT NULL,
    state       text      NOT NULL CHECK (state IN (
                    'held',      -- reserved for a fact under way, until held_until
                    'taken',     -- of an open visit in a saved chart
                    'doubled')), -- likewise, but another slot was there first: only recorded, so that the visit is found
    held_until  timestamptz,
    CHECK ((state = 'held') = (held_until IS NOT NULL)),
    CONSTRAINT slot_apart EXCLUDE USING gist (
        int8range(person_no, person_no, '[]') WITH &&,
        during WITH &&
    ) WHERE (state <> 'doubled')
);

CREATE INDEX slot_by_client ON slot (client_id);

-- +goose Down

DROP TABLE slot, person;
