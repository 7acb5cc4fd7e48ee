package store

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

func factPlace(clientID string, seq int) place {
	return place{table: "fact", column: "body", row: fmt.Sprintf("%s/%d", clientID, seq), client: clientID}
}

// factLine is the key of a fact's line in the journal. Two facts can have one number, but not at one time.
func factLine(clientID string, e care.Entry) string {
	return fmt.Sprintf("%s/fact/%d/%d", clientID, e.Seq, e.Now.UnixMicro())
}

// notLost keeps the facts f that the journey has.
const notLost = `NOT EXISTS (SELECT FROM fact_lost x WHERE x.client_id = f.client_id AND x.seq = f.seq AND x.recorded_at = f.recorded_at)`

// loseFacts sets facts apart that the journey does not have: those that a newer chart lacks, and those whose number a later fact
// has. Each was saved in a workflow task that was lost (docs/adr/0055). Whether the contact is another one now, for a fact that
// changes it or the loss of one, is known in moved once the statements ran.
func loseFacts(b *statements, step care.Save, newer bool, moved *bool) {
	from, known := step.Chart.Facts+1, math.MaxInt32
	if newer {
		known = step.Chart.Facts
	}
	if e := step.Entry; e != nil {
		from = min(from, e.Seq)
		kind, _ := care.KindNamed(e.Fact)
		*moved = kind.Contact
	}
	b.Queue(`
		WITH lost AS (
			INSERT INTO fact_lost (client_id, seq, recorded_at, line)
			SELECT f.client_id, f.seq, f.recorded_at, f.client_id || '/fact/' || f.seq || '/' || (extract(epoch FROM f.recorded_at) * 1000000)::bigint
			FROM fact f
			WHERE f.client_id = $1 AND f.seq >= $2 AND (f.seq > $3 AND f.recorded_at < $4
				OR EXISTS (SELECT FROM fact g WHERE g.client_id = f.client_id AND g.seq = f.seq AND g.recorded_at > f.recorded_at))
			ON CONFLICT DO NOTHING
			RETURNING client_id, seq, recorded_at)
		SELECT EXISTS (SELECT FROM lost JOIN fact USING (client_id, seq, recorded_at) WHERE name = ANY ($5))`,
		step.Chart.ClientID, from, known, savedAt(step), care.ContactFacts()).QueryRow(func(r pgx.Row) error {
		var contact bool
		err := r.Scan(&contact)
		*moved = *moved || contact
		return err
	})
}

// writeFact adds a fact to the log, once.
func (s *Store) writeFact(b *statements, clientID string, e care.Entry) error {
	body, err := s.sealJSON(factPlace(clientID, e.Seq), e)
	if err != nil {
		return err
	}
	b.Queue(`
		INSERT INTO fact (client_id, seq, fact_id, name, by_id, by_role, happened_at, recorded_at, body)
		SELECT $1, $2,
			-- A chart remembers only its newest ids. Should one be taken in twice for that, the fact counts: it is
			-- written without its id.
			CASE WHEN EXISTS (SELECT FROM fact f WHERE f.client_id = $1 AND f.fact_id = $3 AND f.seq <> $2 AND `+notLost+`) THEN '' ELSE $3 END,
			$4, $5, $6, $7, $8, $9
		ON CONFLICT DO NOTHING`,
		clientID, e.Seq, e.ID, e.Fact, e.By.ID, e.By.Role, e.At, e.Now, body)
	return nil
}

// FactAnswer gives the number of a fact that was recorded under an id, for ids that the chart has forgotten.
func (s *Store) FactAnswer(ctx context.Context, clientID, factID string) (seq int, found bool, err error) {
	if factID == "" {
		return 0, false, nil
	}
	err = s.alone("look up fact", func(q querier) error {
		err := q.QueryRow(ctx, `SELECT f.seq FROM fact f WHERE f.client_id = $1 AND f.fact_id = $2 AND `+notLost+` ORDER BY f.recorded_at DESC LIMIT 1`, clientID, factID).Scan(&seq)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	return seq, found, err
}

// Facts gives a client's facts log, oldest first. Private texts are references, which Reveal reads.
func (s *Store) Facts(ctx context.Context, clientID string) (entries []care.Entry, err error) {
	err = s.alone("read facts", func(q querier) error {
		entries, err = s.readFacts(ctx, q, clientID, `SELECT f.seq, f.body FROM fact f WHERE f.client_id = $1 AND `+notLost+` ORDER BY f.seq`)
		return err
	})
	return entries, err
}

func (s *Store) readFacts(ctx context.Context, q querier, clientID, sql string, args ...any) ([]care.Entry, error) {
	return each(ctx, q, func(r pgx.Row) (e care.Entry, err error) {
		var seq int
		var body []byte
		if err := r.Scan(&seq, &body); err != nil {
			return e, err
		}
		return e, s.openJSON(factPlace(clientID, seq), body, &e)
	}, sql, append([]any{clientID}, args...)...)
}

// factRow is a fact of one of many clients, before it is opened.
type factRow struct {
	client string
	seq    int
	body   []byte
}

// factsOf reads the facts with some names of some clients for scanFactRow.
const factsOf = `SELECT f.client_id, f.seq, f.body FROM fact f WHERE f.client_id = ANY($1) AND f.name = ANY($2) AND ` + notLost + ` ORDER BY f.client_id, f.seq`

// factsOfOne reads the facts with one name of one client for scanFactRow. Postgres keeps its plan; for the lists of factsOf it makes one each
// time, which takes longer than reading the facts.
const factsOfOne = `SELECT f.client_id, f.seq, f.body FROM fact f WHERE f.client_id = $1 AND f.name = $2 AND ` + notLost + ` ORDER BY f.seq`

func scanFactRow(r pgx.Row) (f factRow, err error) { return f, r.Scan(&f.client, &f.seq, &f.body) }

// FactsOf gives the facts with some names of some clients, each client's oldest first, by the client's id.
func (s *Store) FactsOf(ctx context.Context, clientIDs, names []string) (facts map[string][]care.Entry, err error) {
	type clientFact struct {
		client string
		care.Entry
	}
	read := reader[factRow, clientFact]{
		scan:  scanFactRow,
		owner: func(f factRow) string { return f.client },
		open: func(f factRow) (c clientFact, err error) {
			c.client = f.client
			return c, s.openJSON(factPlace(f.client, f.seq), f.body, &c.Entry)
		},
	}
	err = s.alone("read facts", func(q querier) error {
		opened, err := read.each(ctx, s, q, factsOf, clientIDs, names)
		facts = map[string][]care.Entry{}
		for _, f := range opened {
			facts[f.client] = append(facts[f.client], f.Entry)
		}
		return err
	})
	return facts, err
}
