package activities

import (
	"context"
	"fmt"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
)

// keepAuditEnd takes the end of the audit log out of the house, once a day.
func (a *Activities) keepAuditEnd(ctx context.Context, now time.Time) error {
	if a.AuditEnd == nil {
		return nil
	}
	key := "audit-end/" + now.UTC().Format(time.DateOnly)
	if told, err := a.List.StaffNotified(ctx, key); err != nil || told {
		return err
	}
	words, err := a.AuditEnd(ctx)
	if err != nil {
		return fmt.Errorf("keep the end of the audit log: %w", err)
	}
	if a.AuditMail != "" {
		receipt, err := a.Sender.Send(ctx, OutboundMessage{Key: key, Channel: person.Email, To: a.AuditMail, Subject: "Audit log of " + a.Practice.Practice.DisplayName, Text: words})
		if err != nil {
			return fmt.Errorf("mail the end of the audit log: %w", err)
		}
		if receipt.State == message.StatePlanned {
			return fmt.Errorf("the end of the audit log did not leave (%s); it is tried again", receipt.Fault)
		}
	}
	return a.List.NoteStaffNotified(ctx, now, key)
}
