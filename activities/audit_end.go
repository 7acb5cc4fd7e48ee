package activities

import (
	"context"
	"fmt"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// auditEndHour is the hour of the practice's day from which the end of the audit log leaves the house.
const auditEndHour = 6

// keepAuditEnd takes the end of the audit log out of the house, once on each day of the year: as a file, if there is a directory, and as
// a mail to every owner in the practice file. A mail that does not leave is tried again at the next look.
func (a *Activities) keepAuditEnd(ctx context.Context, now time.Time) error {
	if a.AuditEnd == nil || now.Before(a.Zone.Clock(now, auditEndHour, 0)) {
		return nil
	}
	day := "audit-end/" + a.Zone.Local(now).Format(time.DateOnly)
	if told, err := a.List.StaffNotified(ctx, day); err != nil || told {
		return err
	}
	words, err := a.AuditEnd(ctx)
	if err != nil {
		return fmt.Errorf("keep the end of the audit log: %w", err)
	}
	for _, owner := range a.Practice.Holding(person.Owner) {
		if err := a.mailAuditEnd(ctx, owner, day+"/"+owner.ID, words, now); err != nil {
			return err
		}
	}
	return a.List.NoteStaffNotified(ctx, now, day)
}

func (a *Activities) mailAuditEnd(ctx context.Context, owner policy.Member, key, words string, now time.Time) error {
	if told, err := a.List.StaffNotified(ctx, key); err != nil || told || owner.Email == "" {
		return err
	}
	receipt, err := SendNow(ctx, a.Sender, OutboundMessage{Key: key, Channel: person.Email, To: owner.Email, Subject: "Audit log of " + a.Practice.Practice.DisplayName, Text: words})
	if err != nil {
		return fmt.Errorf("mail the end of the audit log: %w", err)
	}
	if receipt.State == message.StatePlanned {
		return fmt.Errorf("the end of the audit log did not leave (%s); it is tried again", receipt.Fault)
	}
	return a.List.NoteStaffNotified(ctx, now, key)
}
