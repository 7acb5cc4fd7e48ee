package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/record"
)

// mayExport lists who may export a record: both clinicians, and the coordinator, who keeps the records.
var mayExport = []person.Role{person.Coordinator, person.Psychotherapist, person.Physician}

// mayRead lists who may look at a client's record. care.Kind.Readable says which of its private texts they see.
var mayRead = append(slices.Clone(mayExport), person.Nurse)

// OpenRecord opens a client's record for a reader, with the private texts that their role may read. The look is
// audited before anything is read. The error is a *care.Refusal for an unknown client or a role that may not.
func (d *Desk) OpenRecord(ctx context.Context, by person.Actor, clientID string) (record.HealthRecord, error) {
	return d.openRecordFor(ctx, by, clientID, "read-record", mayRead, nil)
}

// openRecordFor opens a record with the texts that a role may read: what the history shows them, and nothing besides.
func (d *Desk) openRecordFor(ctx context.Context, by person.Actor, clientID, action string, allowed []person.Role, detail json.RawMessage) (record.HealthRecord, error) {
	rec, err := d.openRecord(ctx, by, clientID, action, allowed, detail)
	if err != nil {
		return record.HealthRecord{}, err
	}
	rec.Texts = rec.ReadableTexts(by.Role)
	return rec, nil
}

func (d *Desk) openRecord(ctx context.Context, by person.Actor, clientID, action string, allowed []person.Role, detail json.RawMessage) (record.HealthRecord, error) {
	if !slices.Contains(allowed, by.Role) {
		refusal := care.Refuse(action, care.CodeNotYourRole, fmt.Sprintf("a %s may not do this; it is for the %s", by.Role, person.JoinRoles(allowed)), allowed[0])
		return record.HealthRecord{}, errors.Join(refusal, d.Store.Audit(ctx, by, action+"-refused", clientID, nil))
	}
	if err := d.Store.Audit(ctx, by, action, clientID, detail); err != nil {
		return record.HealthRecord{}, fmt.Errorf("write audit: %w", err)
	}
	rec, err := d.Store.HealthRecord(ctx, clientID)
	if errors.Is(err, care.ErrNoClient) {
		return record.HealthRecord{}, unknownClient(action, clientID)
	}
	if err != nil {
		return record.HealthRecord{}, fmt.Errorf("read record: %w", err)
	}
	return rec, nil
}

// Outcomes sums up all clients, naming nobody. It is audited as one look at the practice.
func (d *Desk) Outcomes(ctx context.Context, by person.Actor) (record.Outcomes, error) {
	if !slices.Contains(mayExport, by.Role) {
		return record.Outcomes{}, care.Refuse("outcomes", care.CodeNotYourRole, fmt.Sprintf("a %s may not see the practice's outcomes", by.Role), mayExport[0])
	}
	if err := d.Store.Audit(ctx, by, "read-outcomes", "practice", nil); err != nil {
		return record.Outcomes{}, fmt.Errorf("write audit: %w", err)
	}
	board, err := d.Store.Board(ctx)
	if err != nil {
		return record.Outcomes{}, fmt.Errorf("read board: %w", err)
	}
	records := make([]record.HealthRecord, len(board))
	for i, row := range board {
		facts, err := d.Store.Facts(ctx, row.ClientID)
		if err != nil {
			return record.Outcomes{}, fmt.Errorf("read facts: %w", err)
		}
		records[i] = record.HealthRecord{Chart: row.Chart, Facts: facts}
	}
	return record.OutcomesOf(records)
}

// AccessLog tells who looked at a client's record, changed it, handed it over, or was refused; head is the hash at the
// end of the whole log's chain, to be kept somewhere else. It fails when the log was tampered with. This look is in the
// log as well.
func (d *Desk) AccessLog(ctx context.Context, by person.Actor, clientID string) (events []care.AuditEvent, head []byte, err error) {
	if !slices.Contains(mayExport, by.Role) {
		return nil, nil, care.Refuse("audit", care.CodeNotYourRole, fmt.Sprintf("a %s may not see who looked at a record", by.Role), mayExport[0])
	}
	if err := d.Store.Audit(ctx, by, "read-audit", clientID, nil); err != nil {
		return nil, nil, fmt.Errorf("write audit: %w", err)
	}
	if head, err = d.Store.CheckAudit(ctx); err != nil {
		return nil, nil, fmt.Errorf("check audit log: %w", err)
	}
	if events, err = d.Store.AuditOf(ctx, clientID); err != nil {
		return nil, nil, fmt.Errorf("read audit log: %w", err)
	}
	return events, head, nil
}
