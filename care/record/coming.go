package record

import (
	"cmp"
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/message"
)

// ComingMessages gives every message that is ahead, in the order of their times, with what becomes of each and why it will not
// go out. Whether a text is held back by the daily cap is decided when it is sent.
func ComingMessages(c *care.Chart, now time.Time) []MessageTurn {
	var out []MessageTurn
	for _, d := range c.Notifications() {
		t := turnOf(c, d, now)
		t.Words = d.Words + " – to " + receiver(d)
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b MessageTurn) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Words, b.Words)) })
	return out
}

// StateWords says what the state of a delivery means.
func StateWords(s message.State) string {
	for _, row := range message.States() {
		if row.State == s {
			return row.Words
		}
	}
	return ""
}
