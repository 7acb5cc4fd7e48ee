package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
)

// line is one journal line about to be written.
type line struct {
	at   time.Time
	kind string
	key  string
	body any
}

func journalPlace(clientID, key string) place {
	return place{table: "journal", column: "body", row: key, client: clientID}
}

// writeJournal adds lines to the journal, each once, after what else waits in b.
//
// HAZARD: it comes last in its transaction. The lock has lines appear in the order of their numbers, so that a
// reader who has seen one number has seen all before it; it is held until the commit.
func (s *Store) writeJournal(ctx context.Context, tx pgx.Tx, b *statements, clientID string, lines []line) error {
	if len(lines) == 0 {
		return b.run(ctx, tx)
	}
	at, kinds, keys, bodies := make([]time.Time, len(lines)), make([]string, len(lines)), make([]string, len(lines)), make([][]byte, len(lines))
	for i, l := range lines {
		body, err := s.sealJSON(journalPlace(clientID, l.key), l.body)
		if err != nil {
			return err
		}
		at[i], kinds[i], keys[i], bodies[i] = l.at, l.kind, l.key, body
	}
	b.Queue(takeTurn, "journal")
	b.Queue(`
		INSERT INTO journal (client_id, at, type, key, body)
		SELECT $1, l.at, l.type, l.key, l.body
		FROM unnest($2::timestamptz[], $3::text[], $4::text[], $5::bytea[]) WITH ORDINALITY AS l (at, type, key, body, n)
		ORDER BY l.n
		ON CONFLICT (key) DO NOTHING`, clientID, at, kinds, keys, bodies)
	return b.run(ctx, tx)
}

// journalColumns are a line j of the journal, with the text of its delivery l.
const journalColumns = `j.seq, j.client_id, j.at, j.type, j.key, j.body, l.key, l.text`

// itsDelivery joins the delivery that a line j of the journal is about, if it is about one: the key of such a line is
// letter/<the delivery's key>/<state>.
const itsDelivery = `LEFT JOIN letter l ON j.type = 'message' AND l.key = substring(j.key FROM '^letter/(.*)/[^/]*$')`

// journalLines are the lines of the journal.
const journalLines = journalColumns + ` FROM journal j ` + itsDelivery

// notErased leaves lines out whose client was erased, or whose fact was lost.
const notErased = ` AND NOT EXISTS (SELECT FROM client c WHERE c.id = j.client_id AND c.erased_at IS NOT NULL)
	AND NOT EXISTS (SELECT FROM fact_lost x WHERE x.client_id = j.client_id AND x.line = j.key)`

// Journal gives up to limit lines after a sequence number, oldest first. A line about a message has the text as
// it was sent.
func (s *Store) Journal(ctx context.Context, after int64, limit int) (lines []care.JournalLine, err error) {
	err = s.alone("read journal", func(q querier) error {
		lines, err = s.journalReader().each(ctx, s, q, `SELECT `+journalLines+` WHERE j.seq > $1`+notErased+` ORDER BY j.seq LIMIT $2`, after, limit)
		return err
	})
	return lines, err
}

// JournalSince gives, oldest first, the lines that were written at or after a time, of the clients with the newest ones: clients at
// most. It looks among the newest limit lines of the journal and no further, so it is as fast in a practice of many years.
func (s *Store) JournalSince(ctx context.Context, since time.Time, limit, clients int) (lines []care.JournalLine, err error) {
	err = s.alone("read journal", func(q querier) error {
		lines, err = s.journalReader().each(ctx, s, q, `WITH newest AS MATERIALIZED (SELECT * FROM journal ORDER BY seq DESC LIMIT $2)
			SELECT `+journalColumns+`
			FROM (SELECT n.* FROM newest n JOIN (SELECT client_id FROM newest WHERE at >= $1 GROUP BY client_id ORDER BY max(seq) DESC LIMIT $3) t USING (client_id) WHERE n.at >= $1) j
			`+itsDelivery+` WHERE true`+notErased+` ORDER BY j.seq`, since, limit, clients)
		return err
	})
	return lines, err
}

// sealedLine is a line of the journal before it is opened.
type sealedLine struct {
	care.JournalLine
	key, delivery string
	body, text    []byte
}

func (s *Store) journalReader() reader[sealedLine, care.JournalLine] {
	return reader[sealedLine, care.JournalLine]{
		scan: func(r pgx.Row) (l sealedLine, err error) {
			var delivery *string
			err = r.Scan(&l.Seq, &l.ClientID, &l.At, &l.Type, &l.key, &l.body, &delivery, &l.text)
			if delivery != nil {
				l.delivery = *delivery
			}
			return l, err
		},
		owner: func(l sealedLine) string { return l.ClientID },
		open:  s.openLineOfJournal,
	}
}

func (s *Store) openLineOfJournal(r sealedLine) (l care.JournalLine, err error) {
	l = r.JournalLine
	l.At = l.At.UTC()
	if l.Body, err = s.open(journalPlace(l.ClientID, r.key), r.body); err != nil || r.delivery == "" {
		return l, err
	}
	var m care.Message
	if err := json.Unmarshal(l.Body, &m); err != nil {
		return l, err
	}
	if m.Text, err = s.openText(deliveryPlace(m.Key, "text"), r.text); err != nil {
		return l, err
	}
	l.Body, err = json.Marshal(m)
	return l, err
}

// Changes gives a mark that is another one after each change of any record or of the worklist. It reads the end of an index and what is
// open on the list.
func (s *Store) Changes(ctx context.Context) (mark string, err error) {
	err = s.alone("look for changes", func(q querier) error {
		return q.QueryRow(ctx, `
			SELECT (SELECT coalesce(max(seq), 0) FROM journal)::text || ' ' ||
				(SELECT count(*) || ' ' || coalesce(sum(hashtext(kind || '/' || about)::bigint), 0) FROM matter WHERE ended_at IS NULL)`).Scan(&mark)
	})
	return mark, err
}
