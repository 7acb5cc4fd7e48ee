// Package messaging is how messages leave. Without credentials for a provider the mailbox stands in for both:
// every message is written where a person can read it, after the same checks.
package messaging

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kapflow/care/message"
)

// MailboxStore keeps the mailbox's messages.
type MailboxStore interface {
	// PutMail keeps a message; the same key again is the same message.
	PutMail(ctx context.Context, key, channel, to, subject, text string) error
	// EachMail gives every message, oldest first, until see fails.
	EachMail(ctx context.Context, see func(key, channel, to, subject, text string, at time.Time) error) error
}

// Mailbox stands in for the providers.
type Mailbox struct {
	store MailboxStore
}

// NewMailbox makes a mailbox that keeps its messages in a store.
func NewMailbox(s MailboxStore) *Mailbox { return &Mailbox{store: s} }

// Mail is one message, in the mailbox or on its way out.
type Mail struct {
	Key     string
	Channel string
	To      string
	Subject string // e-mail only
	Text    string
	At      time.Time // when it came into the mailbox
}

// Idempotent says that delivering the same key twice has one effect. Neither provider can say so.
func (*Mailbox) Idempotent() bool { return true }

// Deliver puts a message into the mailbox, once for each key. A text that no message may have is refused with an
// *Unfit error, as a provider's adapter would refuse it; trying again does not help then.
func (m *Mailbox) Deliver(ctx context.Context, template message.Template, mail Mail) error {
	if mail.Key == "" {
		return errors.New("a message without a key could be sent twice")
	}
	if err := Fit(template, mail); err != nil {
		return err
	}
	if err := m.store.PutMail(ctx, mail.Key, mail.Channel, mail.To, mail.Subject, mail.Text); err != nil {
		return fmt.Errorf("mailbox: %w", err)
	}
	return nil
}

// Fit is what every message passes before it leaves, whoever carries it. The template chooses the rules for its text: a
// crisis text is the practice's own words.
func Fit(template message.Template, m Mail) error {
	if strings.TrimSpace(m.To) == "" {
		return &Unfit{Rule: "it has no address"}
	}
	lint := Lint
	if template == message.TemplateCrisis {
		lint = LintCrisis
	}
	if err := lint(m.Channel, m.Text); err != nil {
		return err
	}
	return lintSubject(m.Channel, m.Subject)
}

// Mails gives everything in the mailbox, oldest first.
func (m *Mailbox) Mails(ctx context.Context) ([]Mail, error) {
	var out []Mail
	err := m.store.EachMail(ctx, func(key, channel, to, subject, text string, at time.Time) error {
		out = append(out, Mail{Key: key, Channel: channel, To: to, Subject: subject, Text: text, At: at})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	return out, nil
}
