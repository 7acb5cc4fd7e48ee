package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// draftPlace binds a draft to its author, client and form. A draft about nobody in particular is sealed with the practice's data key.
func draftPlace(d care.Draft) place {
	client := d.About
	if client == care.DraftOfPractice {
		client = ""
	}
	return place{table: "draft", column: "data", row: d.Person + "/" + d.About + "/" + d.Form, client: client}
}

// KeepDraft keeps what somebody typed into a form, in the place of what they typed before. BegunAt stays that of the first time,
// unless that draft has expired by then.
func (s *Store) KeepDraft(ctx context.Context, d care.Draft, now time.Time) error {
	return s.alone("keep draft", func(q querier) error {
		data, err := s.sealJSON(draftPlace(d), d.Typed)
		if err != nil {
			return err
		}
		_, err = q.Exec(ctx, `
			INSERT INTO draft (person, about, form, begun_at, expires_at, data) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (person, about, form) DO UPDATE SET data = EXCLUDED.data, expires_at = EXCLUDED.expires_at,
				begun_at = CASE WHEN draft.expires_at > $7 THEN draft.begun_at ELSE EXCLUDED.begun_at END`,
			d.Person, d.About, d.Form, d.BegunAt, d.ExpiresAt, data, now)
		return err
	})
}

// Draft gives what somebody typed into a form and did not record. An expired one is not found.
func (s *Store) Draft(ctx context.Context, personID, about, form string, now time.Time) (d care.Draft, found bool, err error) {
	d = care.Draft{Person: personID, About: about, Form: form}
	err = s.alone("read draft", func(q querier) error {
		var sealed []byte
		err := q.QueryRow(ctx, `SELECT begun_at, expires_at, data FROM draft WHERE person = $1 AND about = $2 AND form = $3 AND expires_at > $4`,
			personID, about, form, now).Scan(&d.BegunAt, &d.ExpiresAt, &sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		err = s.openJSON(draftPlace(d), sealed, &d.Typed)
		found = err == nil
		return err
	})
	return d, found, err
}

// EndDraft forgets a draft. An unknown one is no error.
func (s *Store) EndDraft(ctx context.Context, personID, about, form string) error {
	return s.alone("end draft", func(q querier) error {
		_, err := q.Exec(ctx, `DELETE FROM draft WHERE person = $1 AND about = $2 AND form = $3`, personID, about, form)
		return err
	})
}

// ForgetDrafts removes the drafts whose time is over.
func (s *Store) ForgetDrafts(ctx context.Context, now time.Time) error {
	return s.alone("forget drafts", func(q querier) error {
		_, err := q.Exec(ctx, `DELETE FROM draft WHERE expires_at <= $1`, now)
		return err
	})
}
