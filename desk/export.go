package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
)

// Actions of exports in the audit log. A word is one row, and the full export that uses it is another, so the log alone
// says whether a word is still good.
const (
	actionExport        = "export"
	actionExportFull    = "export-full"
	actionExportAllowed = "export-allowed"
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
func (d *Desk) Export(ctx context.Context, by person.Actor, o ExportOrder) (record.HealthRecord, error) {
	detail, err := recipientDetail(o.Recipient)
	if err != nil {
		return record.HealthRecord{}, err
	}
	open, action := d.openRecordFor, actionExport
	if o.Full {
		if err := d.checkWord(ctx, by, o); err != nil {
			return record.HealthRecord{}, err
		}
		open, action = d.openRecord, actionExportFull
	}
	rec, err := open(ctx, by, o.ClientID, action, mayExport, detail)
	if err != nil {
		return record.HealthRecord{}, err
	}
	if err := d.Store.CloseLinks(ctx, o.ClientID); err != nil {
		return record.HealthRecord{}, fmt.Errorf("close links: %w", err)
	}
	return rec, nil
}

// AllowExport records a psychotherapist's word that a colleague may make one full export for a recipient within a week.
func (d *Desk) AllowExport(ctx context.Context, by person.Actor, clientID, recipient string) error {
	if by.Role != person.Psychotherapist {
		refusal := care.Refuse(actionExportAllowed, care.CodeNotYourRole, fmt.Sprintf("a %s may not allow a full export; it is for the psychotherapist", by.Role), person.Psychotherapist)
		return errors.Join(refusal, d.Store.Audit(ctx, by, actionExportAllowed+"-refused", clientID, nil))
	}
	if recipient == "" {
		return care.Refuse(actionExportAllowed, care.CodeInvalid, "say who gets the record and why: --to TEXT", by.Role)
	}
	if _, err := d.Store.Chart(ctx, clientID); errors.Is(err, care.ErrNoClient) {
		return unknownClient(actionExportAllowed, clientID)
	} else if err != nil {
		return fmt.Errorf("read chart: %w", err)
	}
	detail, err := recipientDetail(recipient)
	if err != nil {
		return err
	}
	return d.Store.Audit(ctx, by, actionExportAllowed, clientID, detail)
}

// checkWord refuses a full export that is neither the psychotherapist's nor allowed by one for this recipient. A word is
// good for one export within a week.
func (d *Desk) checkWord(ctx context.Context, by person.Actor, o ExportOrder) error {
	if by.Role == person.Psychotherapist || !slices.Contains(mayExport, by.Role) { // openRecord refuses the others
		return nil
	}
	events, err := d.Store.AuditOf(ctx, o.ClientID)
	if err != nil {
		return fmt.Errorf("read audit log: %w", err)
	}
	for _, e := range slices.Backward(events) {
		if e.Action == actionExportFull && e.By.Role != person.Psychotherapist {
			break // it used every word before it
		}
		if e.Action == actionExportAllowed && time.Since(e.At) < wordLasts && recipientOf(e.Detail) == o.Recipient {
			return nil
		}
	}
	refusal := care.Refuse(actionExportFull, care.CodeNotYourRole, "the full record holds private notes: the psychotherapist exports it, or first allows it for the same recipient with: "+
		"starter export "+o.ClientID+" --allow --by psychotherapist --to TEXT", person.Psychotherapist)
	return errors.Join(refusal, d.Store.Audit(ctx, by, actionExportFull+"-refused", o.ClientID, nil))
}

func recipientDetail(recipient string) (json.RawMessage, error) {
	return json.Marshal(map[string]string{"recipient": recipient})
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
