package activities_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"kapflow/activities"
)

// The end of the audit log leaves the house once a day, and a failure of it does not keep the morning lists back.
func TestEndOfTheAuditLogIsMailedOnceADay(t *testing.T) {
	t.Parallel()
	b, _ := watching()
	tries := 0
	b.acts.AuditMail = "owner@practice.example"
	b.acts.AuditEnd = func(context.Context) (string, error) {
		if tries++; tries == 1 {
			return "", errors.New("the directory is full")
		}
		return "Rows: 3", nil
	}
	mail := func() error {
		return b.acts.MailMorningList(t.Context(), activities.MorningListInput{Asked: noon})
	}
	if err := mail(); err == nil || len(b.sender.sent) == 0 {
		t.Errorf("a failure: %v, and %d mails", err, len(b.sender.sent))
	}
	for range 2 {
		if err := mail(); err != nil {
			t.Fatal(err)
		}
	}
	ends := 0
	for _, m := range b.sender.sent {
		if m.To == "owner@practice.example" && strings.Contains(m.Text, "Rows: 3") {
			ends++
		}
	}
	if ends != 1 || tries != 2 {
		t.Errorf("%d mails after %d tries", ends, tries)
	}
}
