package ics_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"kapflow/care/policy"
	"kapflow/console/ics"
)

// TestACalendarIsWrittenAsTheStandardSays: lines end with CR and LF and have 75 bytes at most, a client's file too, and a reader of other
// people's finds what was written.
func TestACalendarIsWrittenAsTheStandardSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "start"), 0).UTC()
		e := ics.Entry{Client: rapid.StringMatching(`client-[a-z2-9]{1,40}`).Draw(t, "client"), Visit: "infusion-1", Title: rapid.StringMatching(`[a-zA-Zé,;:\\"\n ]{0,200}x`).Draw(t, "title"),
			Start: at, End: at.Add(time.Hour), Version: rapid.IntRange(1, 9).Draw(t, "version"), Cancelled: rapid.Bool().Draw(t, "cancelled"), Tentative: rapid.Bool().Draw(t, "tentative")}
		cal := ics.NewCalendar()
		ics.Add(cal, e, "links.example.org", at)
		file := ics.Text(cal)
		for _, line := range strings.Split(strings.TrimSuffix(file, "\r\n"), "\r\n") {
			if strings.ContainsAny(line, "\r\n") || len(line) > 75 {
				t.Fatalf("a line of %d bytes: %q", len(line), line)
			}
		}
		read, err := ical.NewDecoder(strings.NewReader(file)).Decode()
		if err != nil || len(read.Events()) != 1 {
			t.Fatalf("%v: %q", err, file)
		}
		event := read.Events()[0]
		title, err := event.Props.Text(ical.PropSummary)
		start, startErr := event.DateTimeStart(time.UTC)
		if err != nil || startErr != nil || title != e.Title || !start.Equal(at) {
			t.Fatalf("%q at %s is read as %q at %s: %v, %v", e.Title, at, title, start, err, startErr)
		}
		want, status := e.Version-1, "CONFIRMED"
		if e.Cancelled {
			want, status = want+1, "CANCELLED"
		} else if e.Tentative {
			status = "TENTATIVE"
		}
		if event.Props.Get(ical.PropSequence).Value != fmt.Sprint(want) || event.Props.Get(ical.PropStatus).Value != status {
			t.Fatalf("%+v: %q", e, file)
		}
	})
}

// TestTheIDOfAnEntryStays through every change of the visit, and differs between visits.
func TestTheIDOfAnEntryStays(t *testing.T) {
	t.Parallel()
	id := func(e ics.Entry) string {
		return ics.Add(ics.NewCalendar(), e, ics.Host(policy.Policy{}), time.Unix(0, 0)).Id()
	}
	first := id(ics.Entry{Client: "client-a", Visit: "infusion-1", Version: 1})
	if id(ics.Entry{Client: "client-a", Visit: "infusion-1", Version: 7, Cancelled: true, Start: time.Unix(9, 0)}) != first || strings.Contains(first, "client") {
		t.Errorf("the id is %s", first)
	}
	if id(ics.Entry{Client: "client-a", Visit: "infusion-2"}) == first || id(ics.Entry{Client: "client-b", Visit: "infusion-1"}) == first {
		t.Error("two visits have one id")
	}
}
