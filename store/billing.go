package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

func billingPlace(clientID, column string, version int) place {
	return place{table: "billing", column: column, row: clientID, client: clientID, version: version}
}

// Billing gives what documents need to know of a client; empty when nothing was given.
func (s *Store) Billing(ctx context.Context, clientID string) (b care.Billing, err error) {
	err = s.alone("read billing", func(q querier) error {
		b, _, err = s.readBilling(ctx, q, clientID)
		return err
	})
	return b, err
}

func (s *Store) readBilling(ctx context.Context, q querier, clientID string) (b care.Billing, version int, err error) {
	var name, address, member []byte
	err = q.QueryRow(ctx, `SELECT legal_name, address, member_id, version FROM billing WHERE client_id = $1`, clientID).Scan(&name, &address, &member, &version)
	if errors.Is(err, pgx.ErrNoRows) {
		return b, 0, nil
	}
	if err != nil {
		return b, 0, err
	}
	for _, f := range []struct {
		column string
		sealed []byte
		into   *string
	}{{"legal_name", name, &b.LegalName}, {"address", address, &b.Address}, {"member_id", member, &b.MemberID}} {
		if *f.into, err = s.openText(billingPlace(clientID, f.column, version), f.sealed); err != nil {
			return care.Billing{}, 0, err
		}
	}
	return b, version, nil
}

// ChangeBilling changes what documents need to know of a client; care.ErrNoClient when there is none.
func (s *Store) ChangeBilling(ctx context.Context, clientID string, change care.BillingChange) error {
	return s.inTx(ctx, "change billing", func(tx pgx.Tx) error {
		if _, err := lockClient(ctx, tx, clientID); err != nil {
			return err
		}
		b, version, err := s.readBilling(ctx, tx, clientID)
		if err != nil {
			return err
		}
		for _, f := range []struct{ from, into *string }{{change.LegalName, &b.LegalName}, {change.Address, &b.Address}, {change.MemberID, &b.MemberID}} {
			if f.from != nil {
				*f.into = *f.from
			}
		}
		return s.writeBilling(ctx, tx, clientID, b, version+1)
	})
}

func (s *Store) writeBilling(ctx context.Context, tx pgx.Tx, clientID string, b care.Billing, version int) error {
	f := sealer{store: s}
	seal := func(column, text string) []byte { return f.text(billingPlace(clientID, column, version), text) }
	args := []any{clientID, seal("legal_name", b.LegalName), seal("address", b.Address), seal("member_id", b.MemberID), version}
	if f.err != nil {
		return f.err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO billing (client_id, legal_name, address, member_id, version) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (client_id) DO UPDATE SET legal_name = EXCLUDED.legal_name, address = EXCLUDED.address, member_id = EXCLUDED.member_id,
			version = EXCLUDED.version`,
		args...)
	return err
}
