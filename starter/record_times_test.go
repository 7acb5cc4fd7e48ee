package main

import (
	"encoding/json"
	"testing"
	"time"

	"kapflow/practice"
)

// A time is echoed as it was given: with its own offset, or in the practice's zone, and always with the year.
func TestTimesAreEchoedInTheZoneTheyWereGivenIn(t *testing.T) {
	t.Parallel()
	prac, err := practice.Sample(time.Date(2027, 1, 4, 16, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ fact, with, want string }{
		{"appointment-booked", `{"kind":"evaluation","start":"2027-03-04 10:00"}`, ", start Thu Mar 4, 2027, 10:00 AM MST"},
		{"appointment-booked", `{"kind":"evaluation","start":"2027-03-04T10:00:00+09:00"}`, ", start Thu Mar 4, 2027, 10:00 AM +09:00"},
		{"appointment-booked", `{"kind":"evaluation","start":"2027-07-04T10:00:00Z"}`, ", start Sun Jul 4, 2027, 10:00 AM +00:00"},
		{"clinician-unavailable", `{"from":"2027-07-04","to":"2027-07-05 12:30"}`, ", from Sun Jul 4, 2027, 12:00 AM MDT, to Mon Jul 5, 2027, 12:30 PM MDT"},
		{"paused", `{"reason":"2027-07-04"}`, ""},
		{"paused", `{"until":7}`, ""},
	} {
		if got := timesIn(c.fact, json.RawMessage(c.with), prac.Zone); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.fact, c.with, got, c.want)
		}
	}
}
