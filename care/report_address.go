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

// Misdirected refuses a report that was not made for this client and fact, whose id is not the update's, or that is too old. The
// error is a *Refusal, or nil. Reports by earlier builds have no address and are refused, too: one of
// them cannot be told from one that was copied out of a history.
func (r Report) Misdirected(client, fact, updateID string, now time.Time) error {
	to := r.To
	switch {
	case to == (Address{}):
		return Refuse(fact, CodeMisdirected, "this report does not say what it is for: the program that sent it is of an earlier version; use the newest one and record the fact again", person.Coordinator)
	case r.ID == "" || r.ID != updateID || to.Fact != fact || to.Client != client:
		return Refuse(fact, CodeMisdirected, "this report was made for something else and changed nothing; record the fact again", person.Coordinator)
	case now.Sub(to.SentAt).Abs() > ReportAge:
		return Refuse(fact, CodeMisdirected, fmt.Sprintf("this report was made at %s, more than %s from now, and changed nothing; record the fact again, and check this computer's clock if that does not help",
			to.SentAt.UTC().Format("2006-01-02 15:04 MST"), spell(ReportAge)), person.Coordinator)
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

// remember keeps a report's receipt and forgets those that no report can need any more: all but the newest ones, once every
// report that could have been made for them is too old. A report that is sent again therefore finds its receipt or is refused.
func (c *Chart) remember(r Receipt) {
	c.Receipts = append(c.Receipts, r)
	needless := 0
	for needless < len(c.Receipts)-recentReceipts && r.At.Sub(c.Receipts[needless].At) > 2*ReportAge {
		needless++
	}
	c.Receipts = slices.Delete(c.Receipts, 0, needless)
}
