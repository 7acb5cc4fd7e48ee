package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kapflow/care/message"
	"kapflow/messaging"
)

func TestMailboxKeepsEachMessageOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mailbox := messaging.NewMailbox(b.Store)
	for range 2 {
		for _, m := range []messaging.Mail{
			{Key: "b", Channel: "sms", To: "+13035550123", Text: "Cedar Office: you have a new notice."},
			{Key: "a", Channel: "email", To: "robin@example.org", Subject: "A message from Cedar Office", Text: "You have a new notice."},
		} {
			if err := mailbox.Deliver(t.Context(), message.TemplateBooked, m); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := mailbox.Mails(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []messaging.Mail{{Key: "b", Channel: "sms", To: "+13035550123", Text: "Cedar Office: you have a new notice."},
		{Key: "a", Channel: "email", To: "robin@example.org", Subject: "A message from Cedar Office", Text: "You have a new notice."}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(messaging.Mail{}, "At")); diff != "" {
		t.Error(diff)
	}
	stop := errors.New("enough")
	if err := b.EachMail(t.Context(), func(string, string, string, string, string, time.Time) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("reading goes on after %v", err)
	}
}
