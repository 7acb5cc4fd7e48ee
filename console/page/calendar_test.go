package page_test

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"kapflow/care"
	"kapflow/care/policy"
	"kapflow/care/visit"
	"kapflow/console/page"
)

// TestEveryCalendarFileNamesItsOrganizer: RFC 5546 has exactly one in what is published and in what is cancelled (3.2.1, 3.2.5),
// and no attendee; RFC 5545 wants each property that may be there once, once. Whatever the practice is called, another library
// reads the name.
func TestEveryCalendarFileNamesItsOrganizer(t *testing.T) {
	t.Parallel()
	start := time.Date(2031, time.March, 8, 17, 0, 0, 0, time.UTC)
	for called, read := range map[string]string{
		"Cedar Office": "Cedar Office", "Dr. Oak, MD; \"Cedar\": one": "Dr. Oak MD Cedar one", "Zoë’s 診療所 😀": "Zoë’s 診療所 😀",
		"Two\r\nATTENDEE:mailto:x@example.org": "Two ATTENDEE mailto x@example.org", strings.Repeat("long ", 40): strings.TrimSpace(strings.Repeat("long ", 40)),
	} {
		for _, base := range []string{"https://go.example.org/v", "", "http://127.0.0.1:8233"} {
			for _, status := range []visit.Status{visit.Booked, visit.Cancelled, visit.Fulfilled} {
				p := policy.Policy{Practice: policy.PracticeInfo{DisplayName: called, Phone: "555-010-0100"}}
				p.Messages.LinkBase = base
				file := page.CalendarFile("client-a", &care.Visit{ID: "evaluation-1", Version: 1, Start: start, Minutes: 60, Status: status}, "our office", p, start)
				cal, err := ical.NewDecoder(strings.NewReader(file)).Decode()
				if err != nil || len(cal.Events()) != 1 {
					t.Fatalf("%q, %q: %v\n%s", called, base, err, file)
				}
				event := cal.Events()[0]
				organizers := event.Props.Values("ORGANIZER")
				if len(organizers) != 1 || !strings.HasPrefix(organizers[0].Value, "mailto:noreply@") || organizers[0].Params.Get("CN") != read {
					t.Errorf("%q by %s: the organizer is %v", called, status, organizers)
				}
				for _, once := range []string{"UID", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY", "STATUS"} {
					if len(event.Props.Values(once)) != 1 {
						t.Errorf("%q by %s: %d of %s", called, status, len(event.Props.Values(once)), once)
					}
				}
				if attendees := event.Props.Values("ATTENDEE"); len(attendees) != 0 {
					t.Errorf("%q: attendees %v", called, attendees)
				}
			}
		}
	}
}
