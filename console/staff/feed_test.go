package staff_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
	"kapflow/care/visit"
	"kapflow/console/staff"
)

var feedAddress = regexp.MustCompile(`value="(https://[^"]+/feed/([0-9A-Za-z]{43})\.ics)"`)

// feedOf makes the calendar feed of somebody, and gives the path of its address.
func (h *house) feedOf(id string) string {
	h.t.Helper()
	got := h.ask(id, http.MethodPost, "/me/feed", url.Values{"do": {"make"}})
	found := feedAddress.FindStringSubmatch(got.body)
	if got.status != http.StatusOK || found == nil {
		h.t.Fatalf("%s gets no address: %d", id, got.status)
	}
	address, err := url.Parse(found[1])
	must(h.t, err)
	return address.Path
}

// visitsIn are the start and the status of every entry of a calendar, as an independent reader understands them.
func visitsIn(t *testing.T, file string) (found []string) {
	t.Helper()
	cal, err := ical.NewDecoder(strings.NewReader(file)).Decode()
	must(t, err)
	for _, e := range cal.Events() {
		start, err := e.DateTimeStart(time.UTC)
		must(t, err)
		summary, err := e.Props.Text(ical.PropSummary)
		must(t, err)
		found = append(found, fmt.Sprintf("%s %s %s %s", start.Format("01-02 15:04"), summary, e.Props.Get(ical.PropStatus).Value, e.Props.Get(ical.PropSequence).Value))
	}
	return found
}

// booked gives a practice with a client who has three infusions, one of which is cancelled and one was moved.
func booked(t *testing.T) *house {
	h := open(t)
	h.enroll("client-a", canary)
	for n, days := range []int{2, 9, 16} {
		h.record("client-a", "appointment-booked", coord, map[string]any{"kind": "infusion", "minutes": 50, "tentative": true,
			"start": h.desk.Zone.Clock(h.desk.Zone.AddDays(h.now, days), 10+n, 0).Format(time.RFC3339)})
		h.now = h.now.Add(time.Minute)
	}
	h.record("client-a", "appointment-moved", coord, map[string]any{"appointment": "infusion-1", "start": h.desk.Zone.Clock(h.desk.Zone.AddDays(h.now, 3), 11, 0).Format(time.RFC3339), "reason": "ref:1"})
	h.record("client-a", "appointment-cancelled", coord, map[string]any{"appointment": "infusion-2", "side": "practice", "reason": "ref:2"})
	return h
}

// TestAFeedHasOnesOwnVisitsAndNothingElse: the time, the client's code and where the visit stands, without a session and without a name.
func TestAFeedHasOnesOwnVisitsAndNothingElse(t *testing.T) {
	t.Parallel()
	h := booked(t)
	want := []string{"03-04 18:00 Appointment client-a TENTATIVE 1", "03-10 18:00 Appointment client-a CANCELLED 1", "03-17 18:00 Appointment client-a TENTATIVE 0"}
	for _, role := range []person.Role{phys, psych, nurse} {
		path := h.feedOf(h.of(role))
		got := h.ask("", http.MethodGet, path, nil)
		if found := visitsIn(t, got.body); got.status != http.StatusOK || !slices.Equal(found, want) {
			t.Errorf("the %s reads %d: %v", role, got.status, found)
		}
		if !slices.Equal(got.rows, []string{"read-feed"}) {
			t.Errorf("the first look of the day left %v", got.rows)
		}
		if again := h.ask("", http.MethodGet, path, nil); again.status != http.StatusOK || len(again.rows) > 0 {
			t.Errorf("the second look left %v", again.rows)
		}
		for line := range strings.SplitAfterSeq(got.body, "\r\n") {
			if strings.ContainsAny(strings.TrimSuffix(line, "\r\n"), "\r\n") || len(line) > 77 {
				t.Errorf("a line of %d bytes: %q", len(line), line)
			}
		}
		for _, secret := range []string{"Canarybird", "Infusion", "infusion", "4155", "depression", h.desk.Policy.Practice.DisplayName} {
			if strings.Contains(got.body, secret) {
				t.Errorf("the feed says %q", secret)
			}
		}
		if strings.Contains(h.ask(h.of(role), http.MethodGet, "/me", nil).body, path) || strings.Contains(h.log.String(), path) {
			t.Error("the address is shown again, or in the log")
		}
	}
	path := h.feedOf(h.of(phys))
	h.ask("", http.MethodGet, path, nil)
	h.now = h.now.AddDate(0, 0, 1)
	if got := h.ask("", http.MethodGet, path, nil); !slices.Equal(got.rows, []string{"read-feed"}) {
		t.Errorf("the next day left %v", got.rows)
	}
	h.now = h.now.AddDate(0, 0, 60)
	if got := h.ask("", http.MethodGet, path, nil); len(visitsIn(t, got.body)) != 0 {
		t.Error("after two months the feed still has them")
	}
}

// TestAFeedEnds: when another is made, when its person ends it, when they leave the practice file, and when no role of theirs has visits.
func TestAFeedEnds(t *testing.T) {
	t.Parallel()
	h := booked(t)
	who := h.of(psych)
	first := h.feedOf(who)
	second := h.feedOf(who)
	noor := h.of(nurse)
	other := h.feedOf(noor)
	for name, c := range map[string]struct {
		path   string
		status int
	}{"replaced": {first, 404}, "in use": {second, 200}, "without its ending": {strings.TrimSuffix(second, ".ics"), 404}, "unknown": {"/feed/" + strings.Repeat("a", 43) + ".ics", 404},
		"empty": {"/feed/.ics", 404}, "long": {"/feed/" + strings.Repeat("a", 5000) + ".ics", 404}} {
		if got := h.ask("", http.MethodGet, c.path, nil); got.status != c.status || got.status == 404 && (len(got.rows) > 0 || strings.Contains(got.body, "client-a")) {
			t.Errorf("a feed that is %s: %d, %v", name, got.status, got.rows)
		}
	}
	if got := h.ask(who, http.MethodPost, "/me/feed", url.Values{"do": {"end"}}); got.status != http.StatusOK || !strings.Contains(got.body, "does not work any more") || !slices.Contains(got.rows, "end-feed") {
		t.Errorf("ending it: %d %v", got.status, got.rows)
	}
	if got := h.ask("", http.MethodGet, second, nil); got.status != 404 {
		t.Errorf("an ended feed: %d", got.status)
	}
	third := h.feedOf(who)
	before := h.desk.Policy
	h.desk.Policy.Clinicians = slices.DeleteFunc(slices.Clone(before.Clinicians), func(c policy.Clinician) bool { return c.ID == who })
	h.desk.Policy.Staff = slices.DeleteFunc(slices.Clone(before.Staff), func(m policy.Member) bool { return m.ID == who })
	if got := h.ask("", http.MethodGet, third, nil); got.status != 404 {
		t.Errorf("the feed of somebody who left: %d", got.status)
	}
	h.desk.Policy = before
	if got := h.ask("", http.MethodGet, third, nil); got.status != 404 {
		t.Errorf("it works again when they come back: %d", got.status)
	}
	h.desk.Policy.Clinicians = slices.DeleteFunc(slices.Clone(before.Clinicians), func(c policy.Clinician) bool { return c.ID == noor })
	h.desk.Policy.Staff = append(slices.Clone(before.Staff), policy.Member{ID: noor, Name: "N. Sample", Roles: []person.Role{books}})
	if got := h.ask("", http.MethodGet, other, nil); got.status != 404 || !slices.Contains(got.rows, "read-feed-refused") {
		t.Errorf("the feed of somebody whose roles have no visits: %d %v", got.status, got.rows)
	}
}

// TestOnlyThoseWithVisitsAreOfferedAFeed, and nobody may ask often.
func TestOnlyThoseWithVisitsAreOfferedAFeed(t *testing.T) {
	t.Parallel()
	h := booked(t)
	for _, role := range person.StaffRoles() {
		offered := strings.Contains(h.ask(h.of(role), http.MethodGet, "/me", nil).body, "Make a calendar link")
		if want := role == phys || role == psych || role == nurse; offered != want {
			t.Errorf("%s is offered a calendar link: %v", role.One(), offered)
		}
	}
	path, statuses := h.feedOf(h.of(phys)), map[int]int{}
	for range 15 {
		statuses[h.ask("", http.MethodGet, path, nil).status]++
	}
	if statuses[200] != 10 || statuses[429] != 5 {
		t.Errorf("15 requests in a minute: %v", statuses)
	}
	for n := range 60 {
		statuses[h.ask("", http.MethodGet, fmt.Sprintf("/feed/guess-%d.ics", n), nil).status]++
	}
	if statuses[429] < 10 || statuses[404] == 0 {
		t.Errorf("guesses are answered %v", statuses)
	}
}

// TestEntriesOfAFeed: what a calendar is told of each way in which a visit can stand.
func TestEntriesOfAFeed(t *testing.T) {
	t.Parallel()
	h := open(t)
	at := time.Date(2027, time.November, 7, 6, 30, 0, 0, time.UTC) // in the night in which clocks go back
	for phase, want := range map[visit.Phase]string{
		visit.PhaseBooked: "CONFIRMED 2", visit.PhaseConfirmed: "CONFIRMED 2", visit.PhaseTentative: "TENTATIVE 2", visit.PhaseArrived: "CONFIRMED 2", visit.PhaseRunning: "CONFIRMED 2",
		visit.PhaseOver: "CONFIRMED 2", visit.PhaseHeld: "CONFIRMED 2", visit.PhaseMissed: "CONFIRMED 2", visit.PhaseCancelled: "CANCELLED 3",
	} {
		file := staff.FeedOf([]record.DayVisit{{Client: "client-a", ID: "preparation-1", Start: at, Minutes: 90, Phase: phase, Version: 3}}, h.desk.Policy, h.now)
		if got := visitsIn(t, file); !slices.Equal(got, []string{"11-07 06:30 Appointment client-a " + want}) {
			t.Errorf("%s: %v", phase, got)
		}
		if !strings.Contains(file, "DTEND:20271107T080000Z\r\n") || strings.Count(file, "UID:") != 1 {
			t.Errorf("%s: %s", phase, file)
		}
	}
}
