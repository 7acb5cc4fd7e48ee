package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kapflow/care"
	"kapflow/care/person"
)

// mayExport lists who may hand a whole record over: both clinicians, and the coordinator as keeper of the records.
var mayExport = []person.Role{person.Coordinator, person.Psychotherapist, person.Physician}

// mayRead lists who may look at a client's record. What they see of its private texts, care.Kind.Readable says.
var mayRead = append(slices.Clone(mayExport), person.Nurse)

// OpenRecord opens a client's record for a reader, with the private texts that their role may read. The look is
// audited before anything is read. The error is a *care.Refusal for an unknown client or a role that may not.
func (d *Desk) OpenRecord(ctx context.Context, by person.Actor, clientID string) (care.HealthRecord, error) {
	record, err := d.openRecord(ctx, by, clientID, "read-record", mayRead, nil)
	if err != nil {
		return care.HealthRecord{}, err
	}
	record.Texts = record.ReadableTexts(by.Role)
	return record, nil
}

// Export opens a client's whole record for handing it over. recipient says to whom and why; it stays in the audit log.
func (d *Desk) Export(ctx context.Context, by person.Actor, clientID, recipient string) (care.HealthRecord, error) {
	detail, err := json.Marshal(map[string]string{"recipient": recipient})
	if err != nil {
		return care.HealthRecord{}, err
	}
	return d.openRecord(ctx, by, clientID, "export", mayExport, detail)
}

func (d *Desk) openRecord(ctx context.Context, by person.Actor, clientID, action string, allowed []person.Role, detail json.RawMessage) (care.HealthRecord, error) {
	if !slices.Contains(allowed, by.Role) {
		refusal := care.Refuse(action, care.CodeNotYourRole, fmt.Sprintf("a %s may not do this; it is for the %s", by.Role, person.JoinRoles(allowed)), allowed[0])
		return care.HealthRecord{}, errors.Join(refusal, d.Store.Audit(ctx, by, action+"-refused", clientID, nil))
	}
	if err := d.Store.Audit(ctx, by, action, clientID, detail); err != nil {
		return care.HealthRecord{}, fmt.Errorf("write audit: %w", err)
	}
	record, err := d.Store.HealthRecord(ctx, clientID)
	if errors.Is(err, care.ErrNoClient) {
		return care.HealthRecord{}, care.Refuse(action, care.CodeUnknownClient, fmt.Sprintf("no client has the id %q; `starter board` lists them", clientID), "")
	}
	if err != nil {
		return care.HealthRecord{}, fmt.Errorf("read record: %w", err)
	}
	return record, nil
}

// Outcomes sums up all clients, naming nobody. It is audited as one look at the practice.
func (d *Desk) Outcomes(ctx context.Context, by person.Actor) (care.Outcomes, error) {
	if !slices.Contains(mayExport, by.Role) {
		return care.Outcomes{}, care.Refuse("outcomes", care.CodeNotYourRole, fmt.Sprintf("a %s may not see the practice's outcomes", by.Role), mayExport[0])
	}
	if err := d.Store.Audit(ctx, by, "read-outcomes", "practice", nil); err != nil {
		return care.Outcomes{}, fmt.Errorf("write audit: %w", err)
	}
	board, err := d.Store.Board(ctx)
	if err != nil {
		return care.Outcomes{}, fmt.Errorf("read board: %w", err)
	}
	records := make([]care.HealthRecord, len(board))
	for i, row := range board {
		facts, err := d.Store.Facts(ctx, row.ClientID)
		if err != nil {
			return care.Outcomes{}, fmt.Errorf("read facts: %w", err)
		}
		records[i] = care.HealthRecord{Chart: row.Chart, Facts: facts}
	}
	return care.OutcomesOf(records)
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
