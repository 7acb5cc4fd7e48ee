package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kapflow/care/clock"
	"kapflow/care/money"
)

// Posted is a posting as the ledger keeps it.
type Posted struct {
	Tx int64     // the transaction's number
	At time.Time // when it was written
}

// Post writes one posting by itself, once for each client and key; whoever posts it again gets the same answer.
// zone is the practice's: it says on which day the money moved. The same key with another input is ErrConflict.
func (s *Store) Post(ctx context.Context, clientID string, zone clock.Zone, p money.Posting) (posted Posted, err error) {
	err = s.alone("post", func(q querier) error {
		posted, err = post(ctx, q, clientID, zone, p)
		return err
	})
	return posted, err
}

// post writes a posting in one round trip, in the transaction of what caused it. That the same key with another input is refused, and
// everything else that may never be, is Postgres's work: ledger_post is the only way in that our role has.
func post(ctx context.Context, q querier, clientID string, zone clock.Zone, p money.Posting) (posted Posted, err error) {
	accounts, kinds, cents := make([]string, len(p.Lines)), make([]string, len(p.Lines)), make([]int64, len(p.Lines))
	for i, l := range p.Lines {
		if kinds[i], err = accountKind(l.Account); err != nil {
			return posted, err
		}
		accounts[i], cents[i] = l.Account, int64(l.Cents)
	}
	var undoes *string
	if p.Reverses != "" {
		undoes = &p.Reverses
	}
	err = q.QueryRow(ctx, `SELECT tx, at FROM ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		clientID, p.Key, undoes, p.FeeSet, zone.Local(p.On).Format(time.DateOnly), p.By.ID, p.By.Role, p.Memo, accounts, kinds, cents).Scan(&posted.Tx, &posted.At)
	posted.At = posted.At.UTC()
	return posted, err
}

// accountKinds tells what kind of account a name stands for, by its second part: medical:revenue:consult.
var accountKinds = map[string]string{
	"cash":           "asset",
	"receivable":     "asset",
	"deferred":       "liability", // paid for, not yet given
	"refund-payable": "liability",
	"revenue":        "revenue",
	"contra":         "revenue",
	"expense":        "expense",
}

func accountKind(account string) (string, error) {
	_, rest, _ := strings.Cut(account, ":")
	name, _, _ := strings.Cut(rest, ":")
	kind, ok := accountKinds[name]
	if !ok {
		return "", fmt.Errorf("%w: the ledger has no kind for the account %q", ErrInvalid, account)
	}
	return kind, nil
}
