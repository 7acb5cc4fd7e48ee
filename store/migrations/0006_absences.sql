-- Absences: when a clinician is away. A visit that is booked later, for whichever client, is refused for that time.
-- An absence may overlap visits that are about to be cancelled because of it, so it is not a slot.

-- +goose Up

CREATE TABLE absence (
    report    text      NOT NULL, -- the practice-wide report, so that reporting it again changes nothing
    person_no int       NOT NULL REFERENCES person,
    during    tstzrange NOT NULL,
    PRIMARY KEY (report, person_no)
);

CREATE INDEX absence_by_person ON absence (person_no);

-- +goose Down

DROP TABLE absence;
