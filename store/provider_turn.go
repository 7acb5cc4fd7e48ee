package store

import (
	"context"
	"time"

	"kapflow/care/person"
)

// ProviderTurn takes the next turn to send on a channel and says how long it is until then. Turns are a fixed time apart, whoever takes
// them; those that nobody took are not saved up. The database's clock counts, so workers need not agree on the time. ahead is how
// far in the future a turn may be: beyond it none is taken, and ok is false.
func (s *Store) ProviderTurn(ctx context.Context, ch person.Channel, every, ahead time.Duration) (wait time.Duration, ok bool, err error) {
	err = s.alone("take a turn to send", func(q querier) error {
		var seconds *float64
		err := q.QueryRow(ctx, `
			WITH taken AS (
				INSERT INTO provider_turn AS p (channel, next_at) VALUES ($1, clock_timestamp() + $2)
				ON CONFLICT (channel) DO UPDATE SET next_at = greatest(p.next_at, clock_timestamp()) + $2
				WHERE p.next_at <= clock_timestamp() + $3
				RETURNING next_at)
			SELECT (SELECT extract(epoch FROM next_at - $2 - clock_timestamp())::float8 FROM taken)`, ch, every, ahead).Scan(&seconds)
		if err == nil && seconds != nil {
			wait, ok = max(0, time.Duration(*seconds*float64(time.Second))), true
		}
		return err
	})
	return wait, ok, err
}
