package store

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/jackc/pgx/v5"
	"kapflow/output"
)

const refPrefix = "ref:"

func privatePlace(clientID, ref string) place {
	return place{table: "private_text", column: "body", row: ref, client: clientID}
}

// Hide stores a private text sealed and gives its reference ("ref:…"). The client need not be there yet: texts
// of the first fact come before its chart.
func (s *Store) Hide(ctx context.Context, clientID, field, text string) (ref string, err error) {
	ref = refPrefix + rand.Text()
	err = s.alone("hide text", func(q querier) error {
		body, err := s.seal(privatePlace(clientID, ref), []byte(output.WithoutTokens(text)))
		if err != nil {
			return err
		}
		_, err = q.Exec(ctx, `INSERT INTO private_text (ref, client_id, field, body) VALUES ($1, $2, $3, $4)`, ref, clientID, field, body)
		return err
	})
	if err != nil {
		return "", err
	}
	return ref, nil
}

// Reveal gives the text behind one of a client's references; found is false when that client has no such text.
func (s *Store) Reveal(ctx context.Context, clientID, ref string) (text string, found bool, err error) {
	err = s.alone("reveal text", func(q querier) error {
		text, found, err = s.readPrivate(ctx, q, clientID, ref)
		return err
	})
	return text, found, err
}

// readPrivate reads what a private field refers to. What is no reference (an empty text, above all) stands for
// itself. A reference to another client's text is none.
func (s *Store) readPrivate(ctx context.Context, q querier, clientID, ref string) (text string, found bool, err error) {
	if !isRef(ref) {
		return ref, true, nil
	}
	var body []byte
	err = q.QueryRow(ctx, `SELECT body FROM private_text WHERE ref = $1 AND client_id = $2`, ref, clientID).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	plain, err := s.open(privatePlace(clientID, ref), body)
	return output.WithoutTokens(string(plain)), err == nil, err
}
