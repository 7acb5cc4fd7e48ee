package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
)

// wordLasts is how long after a psychotherapist allowed a full export it can be made.
const wordLasts = 7 * 24 * time.Hour

// ExportOrder says whose record is exported, for whom, and how much of it.
type ExportOrder struct {
	ClientID  string
	Recipient string // who gets it and why; it stays in the audit log
	Full      bool   // every private text, whoever exports it
}

// Export opens a client's record for writing it down as documents. It holds the private texts that the exporter may read,
// by the same table as the history. A full export holds all of them: the psychotherapist makes it, or allows it once for
// this recipient (AllowExport). Every open link of the client is closed. The error is a *care.Refusal if the client is not
// known, the role may not export, or the psychotherapist's word is missing.
func (d *Desk) Export(ctx context.Context, who access.Person, o ExportOrder) (rec record.HealthRecord, err error) {
	ask := Ask{Action: access.Export, Subject: o.ClientID, Detail: recipientDetail(o.Recipient)}
	if o.Full {
		// A word is one row and the full export that uses it is another, so the log alone says whether a word is still good. The
		// word is looked for before this export has its row.
		ask.Action = access.ExportFull
		ask.check = func(ctx context.Context, by person.Actor) error { return d.checkWord(ctx, by, o) }
	}
	err = d.Do(ctx, who, ask, func(by person.Actor) error {
		if rec, err = d.healthRecord(ctx, string(ask.Action), o.ClientID, d.Store.HealthRecord); err != nil {
			return err
		}
		if !o.Full {
			rec.Texts = rec.ReadableTexts(by.Role)
		}
		if err := d.Store.CloseLinks(ctx, o.ClientID); err != nil {
			return fmt.Errorf("close links: %w", err)
		}
		return nil
	})
	if err != nil {
		return record.HealthRecord{}, err
	}
	return rec, nil
}

// AllowExport records a psychotherapist's word that a colleague may make one full export for a recipient within a week. The
// row in the audit log is the word.
func (d *Desk) AllowExport(ctx context.Context, who access.Person, clientID, recipient string) error {
	const about = string(access.AllowExport)
	ask := Ask{Action: access.AllowExport, Subject: clientID, Detail: recipientDetail(recipient)}
	ask.check = func(ctx context.Context, by person.Actor) error {
		if recipient == "" {
			return care.Refuse(about, care.CodeInvalid, "say who gets the record and why: --to TEXT", by.Role)
		}
		if _, err := d.Store.Chart(ctx, clientID); errors.Is(err, care.ErrNoClient) {
			return unknownClient(about, clientID)
		} else if err != nil {
			return fmt.Errorf("read chart: %w", err)
		}
		return nil
	}
	return d.Do(ctx, who, ask, func(person.Actor) error { return nil })
}

// checkWord refuses a full export that is neither the psychotherapist's nor allowed by one for this recipient. A word is
// good for one export within a week.
func (d *Desk) checkWord(ctx context.Context, by person.Actor, o ExportOrder) error {
	if by.Role == person.Psychotherapist {
		return nil
	}
	events, err := d.Store.AuditOf(ctx, o.ClientID)
	if err != nil {
		return fmt.Errorf("read audit log: %w", err)
	}
	for _, e := range slices.Backward(events) {
		if e.Action == string(access.ExportFull) && e.By.Role != person.Psychotherapist {
			break // it used every word before it
		}
		if e.Action == string(access.AllowExport) && time.Since(e.At) < wordLasts && recipientOf(e.Detail) == o.Recipient {
			return nil
		}
	}
	return care.Refuse(string(access.ExportFull), care.CodeNotYourRole, "the full record holds private notes: the psychotherapist exports it, or first allows it for the same recipient with: "+
		"starter export "+o.ClientID+" --allow --to TEXT", person.Psychotherapist)
}

func recipientDetail(recipient string) map[string]string {
	return map[string]string{"recipient": recipient}
}

func recipientOf(detail json.RawMessage) string {
	var d struct{ Recipient string }
	if json.Unmarshal(detail, &d) != nil {
		return ""
	}
	return d.Recipient
}

func unknownClient(action, clientID string) *care.Refusal {
	return care.Refuse(action, care.CodeUnknownClient, fmt.Sprintf("no client has the id %q; `starter board` lists them", clientID), "")
}
