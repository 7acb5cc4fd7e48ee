// Package messaging sends messages through Twilio and SendGrid. Without credentials the mailbox replaces both: it
// stores every message where a person can read it, after the same checks.
package messaging

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kapflow/care/message"
)

// MailboxStore stores the mailbox's messages.
type MailboxStore interface {
	// PutMail stores a message. A repeated key changes nothing.
	PutMail(ctx context.Context, key, channel, to, subject, text string) error
	// EachMail calls see for every message, oldest first, until it fails.
	EachMail(ctx context.Context, see func(key, channel, to, subject, text string, at time.Time) error) error
}

// Mailbox stores messages in place of sending them.
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
	Subject string // email only
	Text    string
	At      time.Time // when it came into the mailbox
}

// Idempotent reports that delivering the same key twice has one effect. No provider offers this.
func (*Mailbox) Idempotent() bool { return true }

// Deliver puts a message into the mailbox, once for each key. A text that may not be sent gives an *Unfit error, as
// with a provider's adapter. Retrying does not help then.
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

// Fit checks a message before it is sent, on every channel. The template decides which rules its text must follow:
// a long one may take more room.
func Fit(template message.Template, m Mail) error {
	if strings.TrimSpace(m.To) == "" {
		return &Unfit{Rule: "it has no address"}
	}
	lint := Lint
	if template.Long() {
		lint = LintLong
	}
	if err := lint(m.Channel, m.Text); err != nil {
		return err
	}
	return lintSubject(m.Channel, m.Subject)
}

// Mails gives all messages in the mailbox, oldest first.
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
