package messaging

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapflow/care/message"
)

// shelf stores mails in memory. The tests of store cover Postgres.
type shelf struct {
	mails []Mail
	err   error
}

func (s *shelf) PutMail(_ context.Context, key, channel, to, subject, text string) error {
	s.mails = append(s.mails, Mail{Key: key, Channel: channel, To: to, Subject: subject, Text: text})
	return s.err
}

func (s *shelf) EachMail(_ context.Context, see func(key, channel, to, subject, text string, at time.Time) error) error {
	for _, m := range s.mails {
		if err := see(m.Key, m.Channel, m.To, m.Subject, m.Text, m.At); err != nil {
			return err
		}
	}
	return s.err
}

func TestDeliveredMessageIsInTheMailbox(t *testing.T) {
	t.Parallel()
	box := NewMailbox(&shelf{})
	want := []Mail{{Key: "a", Channel: "sms", To: "+13035550123", Text: sample},
		{Key: "b", Channel: "email", To: "robin@example.org", Subject: "A message from Cedar Office", Text: "You have a new message."}}
	for _, m := range want {
		if err := box.Deliver(t.Context(), message.TemplateBooked, m); err != nil {
			t.Fatal(err)
		}
	}
	got, err := box.Mails(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if !box.Idempotent() {
		t.Error("the mailbox says that a key twice may arrive twice")
	}
}

func TestUnfitMessageStaysOutOfTheMailbox(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Mail{
		"Text":            {Key: "k", Channel: "sms", To: "+1", Text: "Your infusion"},
		"NoAddress":       {Key: "k", Channel: "sms", To: " ", Text: sample},
		"SubjectOnSMS":    {Key: "k", Channel: "sms", To: "+1", Subject: "Hello", Text: sample},
		"NoSubject":       {Key: "k", Channel: "email", To: "a@b", Text: sample},
		"BannedSubject":   {Key: "k", Channel: "email", To: "a@b", Subject: "Your therapy", Text: sample},
		"HeaderInjection": {Key: "k", Channel: "email", To: "a@b", Subject: "Hello\r\nBcc: c@d", Text: sample},
	} {
		kept := &shelf{}
		err := NewMailbox(kept).Deliver(t.Context(), message.TemplateBooked, m)
		var unfit *Unfit
		if !errors.As(err, &unfit) || len(kept.mails) != 0 {
			t.Errorf("%s: %v, kept %v", name, err, kept.mails)
		}
	}
	if err := NewMailbox(&shelf{}).Deliver(t.Context(), message.TemplateBooked, Mail{Channel: "sms", To: "+1", Text: sample}); err == nil {
		t.Error("a message without a key is delivered")
	}
}

func TestTroubleWithTheStoreIsTheCallersToRetry(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	box := NewMailbox(&shelf{err: down})
	err := box.Deliver(t.Context(), message.TemplateBooked, Mail{Key: "k", Channel: "sms", To: "+1", Text: sample})
	var unfit *Unfit
	if !errors.Is(err, down) || errors.As(err, &unfit) {
		t.Errorf("deliver: %v", err)
	}
	if _, err := box.Mails(t.Context()); !errors.Is(err, down) {
		t.Errorf("read: %v", err)
	}
}
