// Package activities does each due thing once: it saves charts, sends messages and mails the morning list.
// It knows the outside world only by the small ports below.
package activities

import (
	"context"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// Records keeps charts, facts, journal and ledger.
type Records interface {
	// SaveChart writes one step of a client's record in one transaction. Writing it again changes nothing;
	// an older chart never replaces a newer one.
	SaveChart(ctx context.Context, s care.Save) error
	// AtWork gives a page of the ids of the clients for whom somebody has something to do, or who have a visit in a stretch of time.
	AtWork(ctx context.Context, from, to time.Time, after string, limit int) (ids []string, next string, err error)
	// RefreshOutcomes works out again what clients add to reports whose charts were saved since, of limit clients at most.
	RefreshOutcomes(ctx context.Context, limit int) (int, error)
	// IndexNames has the search know names that it does not know, of limit clients at most.
	IndexNames(ctx context.Context, limit int) (int, error)
	// Charts gives the rows of some clients.
	Charts(ctx context.Context, clientIDs []string) ([]care.BoardRow, error)
	// Found gives the clients who have what is searched for, by when it is due, limit at most.
	Found(ctx context.Context, f record.EntrySearch, limit int) ([]string, error)
	// RefreshSummaries sums up again what lists know of clients that no longer holds, of limit clients at most.
	RefreshSummaries(ctx context.Context, now time.Time, limit int) (int, error)
}

// Register holds every message ever planned, so that each is sent at most once.
type Register interface {
	// Claim has decide say, in one transaction with the saved chart in hand, whether a delivery may be sent now;
	// message.ErrUnsaved while the saved chart is older than the delivery's.
	Claim(ctx context.Context, l message.Delivery, decide care.Decide) (message.SendDecision, error)
	// Settle notes how a claimed delivery ended.
	Settle(ctx context.Context, e message.DeliveryResult) error
	// Sent gives a delivery as it left, to look for it at its provider.
	Sent(ctx context.Context, key message.DeliveryKey) (message.SentDelivery, error)
	// KeepSendRecord writes down the results of one batch. Writing the same batch again replaces its results.
	KeepSendRecord(ctx context.Context, clientID string, r care.SendRecord) error
}

// List keeps what a person should look at and no journey can hold, and of what staff were told by email.
type List interface {
	// LateDeliveries gives the deliveries that were first claimed at or before a time and have no end.
	LateDeliveries(ctx context.Context, before time.Time) ([]message.LateDelivery, error)
	// NeverClaimed gives those of some deliveries, by their keys, that the register knows nothing of.
	NeverClaimed(ctx context.Context, keys []message.DeliveryKey) ([]message.DeliveryKey, error)
	// KeepWorklist makes these all that there is of one kind; what a person ended stays ended.
	KeepWorklist(ctx context.Context, kind message.WorklistKind, now time.Time, list []message.WorklistItem) error
	// Worklist gives what is on the list, oldest first.
	Worklist(ctx context.Context) ([]message.WorklistItem, error)
	// ReconcileFacts puts every fact that the audit log knows no report of on the list, once.
	ReconcileFacts(ctx context.Context, now time.Time) error
	// ForgetDrafts removes the drafts of forms whose time is over.
	ForgetDrafts(ctx context.Context, now time.Time) error
	// StaffNotified says whether staff were told of something; NoteTold notes that they were.
	StaffNotified(ctx context.Context, key string) (bool, error)
	NoteStaffNotified(ctx context.Context, at time.Time, keys ...string) error
}

// Sender sends one message on one channel. An error means that it is not known whether the message left; what the
// provider answered is in the receipt.
type Sender interface {
	// Idempotent says that sending the same key twice on a channel has one effect, so that a claim whose end is
	// unknown may be sent again.
	Idempotent(ch person.Channel) bool
	// Turn waits until the next message may leave on a channel, so that all workers together keep the provider's rate. If it fails,
	// nothing has left.
	Turn(ctx context.Context, ch person.Channel) (Turn, error)
	// Find looks for a message that may have left, by its words; found is false when the provider does not list it
	// or has no list.
	Find(ctx context.Context, ch person.Channel, l message.SentDelivery) (r Receipt, found bool, err error)
}

// Turn is the right to send one message now.
type Turn interface {
	Send(ctx context.Context, m OutboundMessage) (Receipt, error)
}

// SendNow waits for a turn and sends a message that the register does not hold.
func SendNow(ctx context.Context, s Sender, m OutboundMessage) (Receipt, error) {
	turn, err := s.Turn(ctx, m.Channel)
	if err != nil {
		return Receipt{State: message.StatePlanned, Fault: message.FaultNotSent, Why: "the rate limit left no time to send it"}, nil
	}
	return turn.Send(ctx, m)
}

// OutboundMessage is a rendered message on its way out.
type OutboundMessage struct {
	Key       string
	Ref       string // opaque: it may be shown to the provider
	Channel   person.Channel
	To        string
	Subject   string // email only
	Text      string
	Template  message.Template
	UsefulFor time.Duration // after it the provider may drop what it still holds; 0: never
}

// Receipt is a sender's answer.
type Receipt struct {
	State      message.State // sent, rejected or unknown; planned: it surely did not leave; empty: sent
	Why        string
	Fault      message.Fault
	ProviderID string
	Tracked    bool          // the provider will report the outcome of it
	RetryAfter time.Duration // how long a throttling provider asks to wait
}

// Clock tells activities the time. Production uses the wall clock; a rehearsal uses the time of the
// workflow that asked.
type Clock func(asked time.Time) time.Time

// WallClock ignores the time asked.
func WallClock(time.Time) time.Time { return time.Now().UTC() }

// WorkflowClock is the rehearsal's: time is what the journey says.
func WorkflowClock(asked time.Time) time.Time { return asked }
