package console

import (
	"testing"
	"time"
)

// TestAFloodWithoutSignaturesIsALineAMinute: every request is counted, and none has a line of its own.
func TestAFloodWithoutSignaturesIsALineAMinute(t *testing.T) {
	t.Parallel()
	var r refusals
	now := time.Date(2031, time.March, 3, 12, 0, 0, 0, time.UTC)
	lines, told := 0, 0
	for range 10_000 {
		now = now.Add(18 * time.Millisecond) // three minutes in all
		if n := r.count("twilio", now); n > 0 {
			lines, told = lines+1, told+n
		}
	}
	if lines != 3 || told+r.waiting["twilio"] != 10_000 {
		t.Errorf("%d lines about %d requests, %d not told", lines, told, r.waiting["twilio"])
	}
	if n := r.count("sendgrid", now); n != 1 {
		t.Errorf("another provider's first one: %d", n)
	}
}
