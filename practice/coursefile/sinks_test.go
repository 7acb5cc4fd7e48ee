package coursefile_test

import (
	"strings"
	"testing"
	"time"

	"kapflow/care/clock"
	"kapflow/practice/coursefile"
)

// TestTimelineHasEachMessageOnceWithItsFinalState: a message that was sent, reported late and then delivered is one line.
func TestTimelineHasEachMessageOnceWithItsFinalState(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, time.March, 1, 17, 0, 0, 0, time.UTC)
	var out strings.Builder
	sink := &coursefile.TimelineSink{Out: &out, Zone: clock.Zone{Name: "UTC"}}
	for i, l := range []struct{ key, text, outcome, why string }{
		{"booked", "Your visit", "sent", ""}, {"booked", "Your visit", "unknown", ""}, {"booked", "Your visit", "delivered", ""},
		{"reminder", "", "planned", "it is night"}, {"reminder", "Tomorrow", "sent", ""}, {"reminder", "Tomorrow", "failed", "no such number"},
		{"late", "", "suppressed", "the visit was changed"},
	} {
		if err := sink.Line(coursefile.Line{At: at.Add(time.Duration(i) * time.Minute), Client: "sam", Type: "message", Fields: []coursefile.Field{
			{"message", l.key}, {"channel", "sms"}, {"to", "client"}, {"template", l.key}, {"text", l.text}, {"outcome", l.outcome}, {"why", l.why}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	want := "\nMonday, March 1, 2027\n  17:00  sam      Text message to the client (delivered): Your visit\n" +
		"  17:04  sam      Text message to the client (failed, no such number): Tomorrow\n" +
		"  17:06  sam      Text message “Late” does not go (suppressed, the visit was changed)\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
