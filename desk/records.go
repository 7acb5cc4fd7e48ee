package desk

import (
	"context"
	"errors"
	"fmt"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// OpenRecord opens a client's record for a reader, with the private texts that their role may read. The error is a
// *care.Refusal for an unknown client or a role that may not.
func (d *Desk) OpenRecord(ctx context.Context, who access.Person, clientID string) (rec record.HealthRecord, err error) {
	err = d.openRecord(ctx, who, clientID, d.Store.HealthRecord, func(opened record.HealthRecord) error {
		rec = opened
		return nil
	})
	if err != nil {
		return record.HealthRecord{}, err
	}
	return rec, nil
}

// Standing is where a client stands, as one reader may see it.
type Standing struct {
	Record   record.HealthRecord    // the chart and how the client is reached, and the facts if they were asked for
	Worklist []message.WorklistItem // what about the client waits on the coordinators' list
	Readings []record.Reading       // the client's scores, in order, for a reader who sees scores
}

// Standing is OpenRecord for who only wants to know where a client stands. It reads the facts and their texts only if factsToo is set,
// or if words of the client wait to be read.
func (d *Desk) Standing(ctx context.Context, who access.Person, clientID string, factsToo bool) (s Standing, err error) {
	err = d.ShowStanding(ctx, who, clientID, factsToo, func(read Standing) error {
		s = read
		return nil
	})
	if err != nil {
		return Standing{}, err
	}
	return s, nil
}

// ShowStanding is Standing for who makes something of it, such as a page. show is called while the look's row may still be on its way to the
// audit log: what it makes is for the person once ShowStanding returns no error, and for nobody before that.
func (d *Desk) ShowStanding(ctx context.Context, who access.Person, clientID string, factsToo bool, show func(Standing) error) error {
	var read record.Standing
	return d.openRecord(ctx, who, clientID, func(ctx context.Context, clientID string) (_ record.HealthRecord, err error) {
		read, err = d.Store.Standing(ctx, clientID, func(c *care.Chart) bool { return factsToo || record.WordsWait(c, d.Now()) })
		return read.Record, err
	}, func(opened record.HealthRecord) error {
		s := Standing{Record: opened, Worklist: read.Worklist}
		if who.Sees(access.Scores, d.Now()) {
			trend, err := record.TrendOf(record.HealthRecord{Chart: opened.Chart, Facts: read.Answers})
			if err != nil {
				return err
			}
			s.Readings = trend.Readings
		}
		return show(s)
	})
}

// recordReader reads a client's record or parts of it.
type recordReader func(ctx context.Context, clientID string) (record.HealthRecord, error)

func (d *Desk) openRecord(ctx context.Context, who access.Person, clientID string, read recordReader, do func(record.HealthRecord) error) error {
	return d.Do(ctx, who, Ask{Action: access.ReadRecord, Subject: clientID, reads: true}, func(by person.Actor) error {
		rec, err := d.healthRecord(ctx, string(access.ReadRecord), clientID, read)
		if err != nil {
			return err
		}
		rec.Texts = rec.ReadableTexts(by.Role)
		return do(rec)
	})
}

// healthRecord reads what there is about a client.
func (d *Desk) healthRecord(ctx context.Context, about, clientID string, read recordReader) (record.HealthRecord, error) {
	rec, err := read(ctx, clientID)
	if errors.Is(err, care.ErrNoClient) {
		return record.HealthRecord{}, unknownClient(about, clientID)
	}
	if err != nil {
		return record.HealthRecord{}, fmt.Errorf("read record: %w", err)
	}
	return rec, nil
}

// Looks is who looked at a client's record, changed it, handed it over, or was refused.
type Looks struct {
	Events []care.AuditEvent // oldest first
	Head   []byte            // the hash at the end of the whole log's chain, to be kept somewhere else
	Name   string            // the client's preferred name; empty for a record that was erased, or that there never was
}

// AccessLog tells who looked at a client's record. It fails when the log was tampered with. This look is in the log as well.
func (d *Desk) AccessLog(ctx context.Context, who access.Person, clientID string) (l Looks, err error) {
	err = d.Do(ctx, who, Ask{Action: access.ReadAudit, Subject: clientID}, func(person.Actor) error {
		if l.Head, err = d.Store.CheckAudit(ctx); err != nil {
			return fmt.Errorf("check audit log: %w", err)
		}
		if l.Events, err = d.Store.AuditOf(ctx, clientID); err != nil {
			return fmt.Errorf("read audit log: %w", err)
		}
		names, err := d.Store.NamesOf(ctx, []string{clientID})
		if err != nil {
			return fmt.Errorf("read name: %w", err)
		}
		l.Name = names[clientID]
		return nil
	})
	if err != nil {
		return Looks{}, err
	}
	return l, nil
}
