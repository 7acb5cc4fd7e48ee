package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

func billingPlace(clientID, column string) place { return place{"billing", column, clientID} }

// Billing gives what papers need to know of a client; empty when nothing was given.
func (s *Store) Billing(ctx context.Context, clientID string) (b care.Billing, err error) {
	err = s.alone("read billing", func(q querier) error {
		b, err = s.readBilling(ctx, q, clientID)
		return err
	})
	return b, err
}

func (s *Store) readBilling(ctx context.Context, q querier, clientID string) (b care.Billing, err error) {
	var name, address, member []byte
	err = q.QueryRow(ctx, `SELECT legal_name, address, member_id FROM billing WHERE client_id = $1`, clientID).Scan(&name, &address, &member)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	for _, f := range []struct {
		column string
		sealed []byte
		into   *string
	}{{"legal_name", name, &b.LegalName}, {"address", address, &b.Address}, {"member_id", member, &b.MemberID}} {
		if *f.into, err = s.openText(billingPlace(clientID, f.column), f.sealed); err != nil {
			return care.Billing{}, err
		}
	}
	return b, nil
}

// ChangeBilling changes what papers need to know of a client; care.ErrNoClient when there is none.
func (s *Store) ChangeBilling(ctx context.Context, clientID string, change care.BillingChange) error {
	return s.inTx(ctx, "change billing", func(tx pgx.Tx) error {
		if _, err := lockClient(ctx, tx, clientID); err != nil {
			return err
		}
		b, err := s.readBilling(ctx, tx, clientID)
		if err != nil {
			return err
		}
		for _, f := range []struct{ from, into *string }{{change.LegalName, &b.LegalName}, {change.Address, &b.Address}, {change.MemberID, &b.MemberID}} {
			if f.from != nil {
				*f.into = *f.from
			}
		}
		return s.writeBilling(ctx, tx, clientID, b)
	})
}

func (s *Store) writeBilling(ctx context.Context, tx pgx.Tx, clientID string, b care.Billing) error {
	seal := func(column, text string) []byte { return s.sealText(billingPlace(clientID, column), text) }
	_, err := tx.Exec(ctx, `
		INSERT INTO billing (client_id, legal_name, address, member_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (client_id) DO UPDATE SET legal_name = EXCLUDED.legal_name, address = EXCLUDED.address, member_id = EXCLUDED.member_id`,
		clientID, seal("legal_name", b.LegalName), seal("address", b.Address), seal("member_id", b.MemberID))
	return err
}
