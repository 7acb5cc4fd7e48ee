package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/record"
)

// Account is what a client's account shows: nothing of it is clinical.
type Account struct {
	Client   string
	Name     string // empty for whoever sees codes only
	Zone     clock.Zone
	Charged  map[money.FeeSet]money.Cents
	Paid     map[money.FeeSet]money.Cents
	Postings []money.Posting // oldest first
	Payments []care.Payment
	Refunds  []care.Refund
	Package  string // the package that was chosen; empty: none
	Quote    money.Cents
	Coverage *record.CoverageSheet // nil: nothing is known of the insurance
}

// ReadAccount gives a client's account in both fee sets.
func (d *Desk) ReadAccount(ctx context.Context, who access.Person, clientID string) (a Account, err error) {
	err = d.readOne(ctx, who, access.ReadBilling, clientID, func(rec record.HealthRecord, _ person.Actor) error {
		c := rec.Chart
		a = Account{Client: c.ClientID, Zone: c.Zone, Charged: c.Account.Charged, Paid: c.Account.Paid, Postings: rec.Postings, Payments: c.Account.Payments, Refunds: c.Account.Refunds, Quote: c.RefundQuote()}
		if who.Sees(access.Names, d.Now()) {
			a.Name = rec.Contact.PreferredName
		}
		if c.Package != nil {
			a.Package = c.Package.Package
		}
		var err error
		a.Coverage, err = record.CoverageSheetOf(rec)
		return err
	})
	return a, err
}

// ClientMessages are all messages of a client: what was taken up, and what is ahead.
type ClientMessages struct {
	Client string
	Name   string
	Zone   clock.Zone
	Sent   []care.Message // newest first
	Coming []record.MessageTurn
}

// ReadMessages gives a client's messages.
func (d *Desk) ReadMessages(ctx context.Context, who access.Person, clientID string) (m ClientMessages, err error) {
	err = d.readOne(ctx, who, access.ReadMessages, clientID, func(rec record.HealthRecord, _ person.Actor) error {
		m = ClientMessages{Client: clientID, Name: rec.Contact.PreferredName, Zone: rec.Chart.Zone, Sent: slices.Clone(rec.Messages), Coming: record.ComingMessages(rec.Chart, laterOf(rec.Chart.Published.At, d.Now()))}
		slices.Reverse(m.Sent)
		return nil
	})
	return m, err
}

// Measures are a client's scores over time.
type Measures struct {
	Client string
	Name   string
	Zone   clock.Zone
	record.Trend
}

// ReadMeasures gives a client's PHQ-9, GAD-7 and mood over time, with the infusions.
func (d *Desk) ReadMeasures(ctx context.Context, who access.Person, clientID string) (m Measures, err error) {
	err = d.readOne(ctx, who, access.ReadMeasures, clientID, func(rec record.HealthRecord, _ person.Actor) error {
		m = Measures{Client: clientID, Name: rec.Contact.PreferredName, Zone: rec.Chart.Zone}
		m.Trend, err = record.TrendOf(rec)
		return err
	})
	return m, err
}

// Papers are the documents that a client was given.
type Papers struct {
	Client    string
	Name      string
	Zone      clock.Zone
	Documents []care.IssuedDocument // newest first, without their bytes
}

// ReadPapers lists the documents that a client was given.
func (d *Desk) ReadPapers(ctx context.Context, who access.Person, clientID string) (p Papers, err error) {
	err = d.readOne(ctx, who, access.GiveDocument, clientID, func(rec record.HealthRecord, _ person.Actor) error {
		p = Papers{Client: clientID, Name: rec.Contact.PreferredName, Zone: rec.Chart.Zone, Documents: slices.Clone(rec.Documents)}
		for i := range p.Documents {
			p.Documents[i].HTML, p.Documents[i].PDF = nil, nil
		}
		slices.Reverse(p.Documents)
		return nil
	})
	return p, err
}

// ReadPaper gives one document with its bytes, exactly as the client was given it.
func (d *Desk) ReadPaper(ctx context.Context, who access.Person, clientID, id string) (p care.IssuedDocument, err error) {
	err = d.readOne(ctx, who, access.GiveDocument, clientID, func(rec record.HealthRecord, _ person.Actor) error {
		i := slices.IndexFunc(rec.Documents, func(x care.IssuedDocument) bool { return x.ID == id })
		if i < 0 {
			return care.Refuse(string(access.GiveDocument), care.CodeUnknownFact, "This client was given no such document.", "")
		}
		p = rec.Documents[i]
		return nil
	})
	return p, err
}

// readOne reads a client's record under an action, for a method that gives a part of it.
func (d *Desk) readOne(ctx context.Context, who access.Person, action access.Action, clientID string, do func(record.HealthRecord, person.Actor) error) error {
	return d.Do(ctx, who, Ask{Action: action, Subject: clientID}, func(by person.Actor) error {
		rec, err := d.healthRecord(ctx, string(action), clientID, d.Store.HealthRecord)
		if err != nil {
			return err
		}
		rec.Texts = rec.ReadableTexts(by.Role)
		if err := do(rec, by); err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
		return nil
	})
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
