package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/keyring"
)

// Filled is a client whose record is written as it stands, in place of step by step.
type Filled struct {
	Identity string
	Contact  person.Contact
	Chart    *care.Chart
	At       time.Time // of the last save, UTC

	// The logs that led to the chart. A client without them has the chart alone, and its number of facts is 0 in the log.
	Facts   []care.Entry
	Changes []care.Change
	Texts   []FilledText
	Sent    []FilledMessage
}

// FilledText is a private text that the facts refer to.
type FilledText struct{ Ref, Field, Text string }

// FilledMessage is a message that was sent.
type FilledMessage struct {
	Delivery     message.Delivery
	Text, SentTo string
}

// Fill writes the records of some clients in one transaction, with the same rows that saving them step by step leaves, but for the
// ledgers and the audit log: it is for practices of sample clients that are measured. It fails if one of them is there already.
func (s *Store) Fill(ctx context.Context, clients []Filled) error {
	owners := make([]string, len(clients))
	for i, c := range clients {
		owners[i] = c.Chart.ClientID
	}
	defer func() { // they are many, and those of a transaction that failed are in no table
		for _, id := range owners {
			s.dataKeys.forget(id)
		}
	}()
	rows := filling{}
	if err := s.fillKeys(&rows, owners); err != nil {
		return err
	}
	for _, c := range clients {
		if err := s.fillOne(&rows, c); err != nil {
			return fault("fill", err)
		}
	}
	return s.inTx(ctx, "fill", func(tx pgx.Tx) error { return rows.write(ctx, tx, s, clients) })
}

// filling is what Fill writes, table by table.
type filling struct {
	keys, clients, contacts, entries, facts, journal, texts, letters [][]any
}

// fillKeys makes the data keys of new clients.
func (s *Store) fillKeys(rows *filling, owners []string) error {
	for n, owner := range owners {
		id := fmt.Sprintf("filled-%d-%d", time.Now().UnixNano(), n)
		sealed := s.wrap(owner, id, keyring.NewKey())
		key, err := s.unwrap(owner, id, sealed)
		if err != nil {
			return err
		}
		s.dataKeys.put(owner, key)
		rows.keys = append(rows.keys, []any{owner, id, sealed})
	}
	return nil
}

func (s *Store) fillOne(rows *filling, c Filled) error {
	chart, id := c.Chart, c.Chart.ClientID
	sealed, err := s.sealJSON(chartPlace(id, chart.Version), chart)
	if err != nil {
		return err
	}
	row, err := s.summaryRow(chart, chart.Version, c.At)
	if err != nil {
		return err
	}
	outcome, err := record.OutcomeOf(record.HealthRecord{Chart: chart, Facts: c.Facts})
	if err != nil {
		return err
	}
	sealedOutcome, err := s.sealJSON(outcomePlace(id, chart.Version), outcome)
	if err != nil {
		return err
	}
	rows.clients = append(rows.clients, []any{id, s.identityIndex(c.Identity), sealed, chart.Version, row.line.Stage, row.line.BlockedBy, row.line.Move, row.nextDue(),
		row.line.Attention, chart.EnrolledAt, c.At, row.line.Moves, row.sealedLine, chart.Version, record.SummaryForm, c.At, chart.Epoch, row.sealedSheet,
		sealedOutcome, chart.Version, record.OutcomeForm})
	for _, e := range row.entries {
		until := any(e.Until)
		if e.Until.IsZero() {
			until = forGood
		}
		rows.entries = append(rows.entries, []any{id, string(e.Kind), e.Who, e.Due, e.No, until, int64(e.Cents)})
	}
	version := 1 // as the facts make it
	for _, e := range c.Facts {
		if kind, _ := care.KindNamed(e.Fact); kind.Contact {
			version++
		}
	}
	contact, err := s.sealContact(id, version, c.Contact)
	if err != nil {
		return err
	}
	rows.contacts = append(rows.contacts, contact)
	return s.fillLogs(rows, c)
}

// fillLogs adds the facts, the journal, the private texts and the messages of a client.
func (s *Store) fillLogs(rows *filling, c Filled) error {
	id := c.Chart.ClientID
	f := sealer{store: s}
	write := func(l line) error {
		body, err := s.sealJSON(journalPlace(id, l.key), l.body)
		rows.journal = append(rows.journal, []any{id, l.at, l.kind, l.key, body})
		return err
	}
	for _, e := range c.Facts {
		body, err := s.sealJSON(factPlace(id, e.Seq), e)
		if err != nil {
			return err
		}
		rows.facts = append(rows.facts, []any{id, e.Seq, e.ID, e.Fact, e.By.ID, string(e.By.Role), e.At, e.Now, body})
		if err := write(line{e.Now, "fact", factLine(id, e), e}); err != nil {
			return err
		}
	}
	for _, x := range c.Changes {
		if err := write(line{x.At, "change", fmt.Sprintf("%s/change/%d/%d", id, x.Seq, x.At.UnixMicro()), x}); err != nil {
			return err
		}
	}
	for _, t := range c.Texts {
		rows.texts = append(rows.texts, []any{t.Ref, id, t.Field, f.bytes(privatePlace(id, t.Ref), []byte(t.Text))})
	}
	for _, m := range c.Sent {
		l := m.Delivery
		l.ClientID = id
		key := l.Key()
		rows.letters = append(rows.letters, []any{key.String(), id, l.Notification.Key.String(), string(l.Channel), string(l.Notification.Template), string(l.To), l.Notification.About,
			l.Notification.Version, string(message.StateSent), f.text(deliveryPlace(key, "text"), m.Text), f.text(deliveryPlace(key, "sent_to"), m.SentTo), l.Late, l.Now, l.Now, l.Now,
			newRef(), l.Channel == person.SMS && l.Notification.Capped()})
		if err := write(line{l.Now, "message", "letter/" + key.String() + "/" + string(message.StateSent), care.Message{Key: key, ClientID: id, Channel: l.Channel,
			Template: l.Notification.Template, To: l.To, About: l.Notification.About, Version: l.Notification.Version, State: message.StateSent, Late: l.Late, At: l.Now}}); err != nil {
			return err
		}
	}
	return f.err
}

// write copies everything into its table. The journal comes last, as always.
func (rows *filling) write(ctx context.Context, tx pgx.Tx, s *Store, clients []Filled) error {
	for _, t := range []struct {
		name, columns string
		rows          [][]any
	}{
		{"data_key", "owner,id,sealed", rows.keys},
		{"client", "id,identity,chart,chart_version,stage,blocked_by,move,next_due,attention,enrolled_at,saved_at,moves,line,line_version,line_form,decided_at,epoch,sheet,outcome,outcome_version,outcome_form", rows.clients},
		{"contact", strings.Join(contactRow, ","), rows.contacts},
		{"client_entry", "client_id,kind,who,due,no,until,cents", rows.entries},
		{"fact", "client_id,seq,fact_id,name,by_id,by_role,happened_at,recorded_at,body", rows.facts},
		{"private_text", "ref,client_id,field,body", rows.texts},
		{"letter", "key,client_id,duty,channel,template,to_role,about,version,state,text,sent_to,late,first_at,claimed_at,settled_at,ref,capped", rows.letters},
	} {
		if err := copyRows(ctx, tx, t.name, t.columns, t.rows); err != nil {
			return err
		}
	}
	var b statements
	for _, c := range clients {
		if len(c.Chart.Slots()) > 0 {
			s.syncSlots(ctx, &b, c.Chart)
		}
	}
	if len(rows.journal) > 0 {
		b.Queue(takeTurn, "journal")
	}
	b.Queue(`DELETE FROM fact_unchecked`) // nobody reported them
	if err := b.run(ctx, tx); err != nil {
		return err
	}
	return copyRows(ctx, tx, "journal", "client_id,at,type,key,body", rows.journal)
}

// copyRows copies rows into a table, with the columns named, separated by commas.
func copyRows(ctx context.Context, tx pgx.Tx, table, columns string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{table}, strings.Split(columns, ","), pgx.CopyFromRows(rows))
	return err
}

// forGood is the end of an entry that has none.
var forGood = pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}
