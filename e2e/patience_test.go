package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/store"
)

// patientStore is the records as seen by a person who asks again while Postgres is away. The desk itself gives up
// at once, as it should: whoever is at it sees that, and tries again. It has every question that recording a course's facts asks.
type patientStore struct{ *store.Store }

func again(ctx context.Context, ask func() error) error {
	deadline := time.Now().Add(3 * time.Minute)
	for {
		err := ask()
		if err == nil || errors.Is(err, care.ErrNoClient) || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (p patientStore) Chart(ctx context.Context, clientID string) (chart *care.Chart, err error) {
	err = again(ctx, func() (err error) {
		chart, err = p.Store.Chart(ctx, clientID)
		return err
	})
	return chart, err
}

func (p patientStore) Enrolled(ctx context.Context, clientID string) (enrolled bool, err error) {
	err = again(ctx, func() (err error) {
		enrolled, err = p.Store.Enrolled(ctx, clientID)
		return err
	})
	return enrolled, err
}

func (p patientStore) Busy(ctx context.Context, s care.Slot) (clash string, err error) {
	err = again(ctx, func() (err error) {
		clash, err = p.Store.Busy(ctx, s)
		return err
	})
	return clash, err
}

func (p patientStore) Away(ctx context.Context, s care.Slot) (who []string, err error) {
	err = again(ctx, func() (err error) {
		who, err = p.Store.Away(ctx, s)
		return err
	})
	return who, err
}

func (p patientStore) FactAnswer(ctx context.Context, clientID, factID string) (seq int, found bool, err error) {
	err = again(ctx, func() (err error) {
		seq, found, err = p.Store.FactAnswer(ctx, clientID, factID)
		return err
	})
	return seq, found, err
}

func (p patientStore) Journal(ctx context.Context, after int64, limit int) (journal []care.JournalLine, err error) {
	err = again(ctx, func() (err error) {
		journal, err = p.Store.Journal(ctx, after, limit)
		return err
	})
	return journal, err
}

func (p patientStore) Hide(ctx context.Context, clientID, field, text string) (ref string, err error) {
	err = again(ctx, func() (err error) {
		ref, err = p.Store.Hide(ctx, clientID, field, text)
		return err
	})
	return ref, err
}

func (p patientStore) Reserve(ctx context.Context, s care.Slot) (clash string, err error) {
	err = again(ctx, func() (err error) {
		clash, err = p.Store.Reserve(ctx, s)
		return err
	})
	return clash, err
}

func (p patientStore) Release(ctx context.Context, s care.Slot) error {
	return again(ctx, func() error { return p.Store.Release(ctx, s) })
}

func (p patientStore) Audit(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error {
	return again(ctx, func() error { return p.Store.Audit(ctx, by, action, subject, detail) })
}
