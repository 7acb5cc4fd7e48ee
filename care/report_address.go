package care

import (
	"fmt"
	"slices"
	"time"

	"kapflow/care/person"
)

// ReportAge is how far the time at which a report was made may be from its journey's time, in either direction. It is longer than
// any worker may be away while a report waits, and short enough that a report read from an old history is of no use to anybody.
const ReportAge = time.Hour

// Address says what a report was made for. It travels inside the report, which is encrypted as a whole, so that nobody without the
// key can send a report as another fact, for another client or at another time.
type Address struct {
	Fact   string    `json:"fact"`
	Client string    `json:"client"`
	SentAt time.Time `json:"sent_at"` // UTC
}

// Misdirected refuses a report that was not made for this client and fact, whose id is not the update's, that is too old, or that
// may have been counted: one that is no newer than a report whose receipt was forgotten. The error is a *Refusal, or nil.
//
// Reports by earlier builds have no address and are refused, too: one of them cannot be told from one that was copied out of a
// history.
func (c *Chart) Misdirected(fact, updateID string, r Report, now time.Time) error {
	known := slices.ContainsFunc(c.Receipts, func(rc Receipt) bool { return rc.ID == r.ID })
	to := r.To
	switch {
	case to == (Address{}):
		return Refuse(fact, CodeMisdirected, "this report does not say what it is for: the program that sent it is of an earlier version; use the newest one and record the fact again", person.Coordinator)
	case r.ID == "" || r.ID != updateID || to.Fact != fact || to.Client != c.ClientID:
		return Refuse(fact, CodeMisdirected, "this report was made for something else and changed nothing; record the fact again", person.Coordinator)
	case now.Sub(to.SentAt).Abs() > ReportAge:
		return Refuse(fact, CodeMisdirected, fmt.Sprintf("this report was made at %s, more than %s from now, and changed nothing; record the fact again, and check this computer's clock if that does not help",
			to.SentAt.UTC().Format("2006-01-02 15:04 MST"), spell(ReportAge)), person.Coordinator)
	case !known && !to.SentAt.After(c.ForgottenAt):
		return Refuse(fact, CodeMisdirected, "so many facts were recorded since this report was made that it may have been counted; see whether it was, and else record the fact again", person.Coordinator)
	}
	return nil
}

// spell says a number of whole hours in words that fit into a sentence.
func spell(d time.Duration) string {
	if d == time.Hour {
		return "an hour"
	}
	return fmt.Sprintf("%d hours", int(d.Hours()))
}

// remember keeps a report's receipt and forgets the oldest ones, but not when their reports were made: a report that is sent again
// finds its receipt or is refused.
func (c *Chart) remember(r Receipt) {
	c.Receipts = append(c.Receipts, r)
	needless := max(0, len(c.Receipts)-recentReceipts)
	for _, forgotten := range c.Receipts[:needless] {
		if forgotten.At.After(c.ForgottenAt) {
			c.ForgottenAt = forgotten.At
		}
	}
	c.Receipts = slices.Delete(c.Receipts, 0, needless)
}
