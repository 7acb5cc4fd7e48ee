package wiring

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/messaging/fake"
)

// Stories of what went wrong in other systems, told to the providers' door; docs/field-cases.md says which shows which.

// story is a world in which everything goes as it should, until the test says otherwise.
func story(t *testing.T, now time.Time, change ...func(*policy.Policy)) *world {
	t.Helper()
	prac, records := office(t)
	for _, c := range change {
		c(&prac.Policy)
	}
	w, leave := newWorld(t, prac, records, now)
	t.Cleanup(leave)
	w.prompt = true
	return w
}

// denver is a time by the practice's clock.
func denver(t *testing.T, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation("America/Denver")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// booked books a visit at a place and gives its id.
func (w *world) booked(start time.Time, place string) string {
	w.Helper()
	if !w.record(person.Coordinator, "appointment-booked", "", map[string]any{"kind": "evaluation", "start": start, "place": place}) {
		w.Fatalf("the booking was refused")
	}
	id := w.chart.Visits[len(w.chart.Visits)-1].ID
	w.visits[id] = &visitAsTold{version: 1, start: start}
	return id
}

// took gives what the providers took, by delivery: "remind/evaluation-1/v1/1d/sms".
func (w *world) took() map[string]fake.Sent {
	w.Helper()
	got := map[string]fake.Sent{}
	for _, m := range slices.Concat(w.twilio.Sent(), w.sendGrid.Sent()) {
		delivery, _, err := w.house.Store.DeliveryByRef(w.Context(), m.Ref)
		w.must(err)
		key := delivery.ChannelKey.String()
		if _, twice := got[key]; twice {
			w.Fatalf("%s left twice", key)
		}
		got[key] = m
	}
	return got
}

func keys(got map[string]fake.Sent, verb string) (out []string) {
	for key := range got {
		if strings.HasPrefix(key, verb+"/") {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// Field case 43: a visit that was moved is told and reminded of with its new time, once, and with the old time never again.
func TestMovedVisitIsRemindedOfAtItsNewTimeOnly(t *testing.T) {
	t.Parallel()
	w := story(t, monday)
	id := w.booked(denver(t, "2027-03-15 14:00"), "main")
	w.advance(denver(t, "2027-03-12 15:00")) // the reminder of three days ahead has left
	w.visits[id] = &visitAsTold{version: 2, start: denver(t, "2027-03-17 14:00")}
	w.record(person.Coordinator, "appointment-moved", "", map[string]any{"appointment": id, "start": w.visits[id].start})
	w.toTheEnd()
	got := w.took()
	// Three days ahead of the new time the news of the move is fresh, so no reminder goes out then.
	if want := []string{"remind/evaluation-1/v1/3d/sms", "remind/evaluation-1/v2/1d/sms", "remind/evaluation-1/v2/2h/sms"}; !slices.Equal(keys(got, "remind"), want) {
		t.Errorf("reminded: %v", keys(got, "remind"))
	}
	for key, m := range got {
		if strings.HasSuffix(key, "/sms") && strings.Contains(m.Text, "Wed Mar 17, 2:00 PM MDT") != strings.Contains(key, "/v2") {
			t.Errorf("%s: %s", key, m.Text)
		}
	}
	if len(keys(got, "moved")) != 2 {
		t.Errorf("told of the move: %v", keys(got, "moved"))
	}
}

// Field case 44: the reminder's activity is on its way when the cancellation commits: the claim refuses it.
func TestCancellationBetweenTimerAndClaimKeepsTheReminderBack(t *testing.T) {
	t.Parallel()
	w := story(t, monday)
	cancelOnTheWay(w)
	got := w.took()
	if len(keys(got, "remind")) != 0 || len(keys(got, "cancelled")) != 2 {
		t.Errorf("left: %v", keys(got, "remind"))
	}
	messages, err := w.house.Store.Messages(t.Context(), w.chart.ClientID)
	w.must(err)
	refused := 0
	for _, m := range messages {
		if m.Key.Notification == (message.Key{Verb: message.Remind, Subject: "evaluation-1", Version: 1, Rule: "1d"}) && m.State == message.StateSuppressed && m.Why != "" {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("the register: %v", messages)
	}
}

// cancelOnTheWay books a visit for the day after tomorrow, and cancels it when a worker was given the reminder of the day
// before and has not taken it up.
func cancelOnTheWay(w *world) {
	start := monday.Add(53 * time.Hour) // Wednesday, 2 PM
	id := w.booked(start, "main")
	w.settle()
	w.slow = 10 * time.Minute
	w.advance(start.Add(-24 * time.Hour))
	if len(w.flights) != 1 {
		w.wrong("%d activities are under way", len(w.flights))
	}
	w.visits[id].cancelled = w.record(person.Coordinator, "appointment-cancelled", "", map[string]any{"appointment": id, "side": "practice"})
	w.toTheEnd()
}

// Field case 2: 150 visits are cancelled within the hour before and after their reminders fall due. No reminder leaves.
func TestHundredAndFiftyCancellationsLeaveNoReminder(t *testing.T) {
	t.Parallel()
	prac, records := office(t)
	clients := 150
	if testing.Short() {
		clients = 30
	}
	var lanes sync.WaitGroup
	for lane := range 3 {
		lanes.Go(func() {
			for n := lane; n < clients; n += 3 {
				w, leave := newWorld(t, prac, records, monday)
				if n%2 == 0 {
					cancelOnTheWay(w)
				} else {
					start := denver(t, "2027-03-10 14:00")
					id := w.booked(start, "main")
					w.advance(start.Add(-25*time.Hour + time.Duration(n%60)*time.Minute))
					w.visits[id].cancelled = w.record(person.Coordinator, "appointment-cancelled", "", map[string]any{"appointment": id, "side": "client"})
					w.toTheEnd()
				}
				if got := w.took(); len(keys(got, "remind")) != 0 || len(keys(got, "cancelled")) != 2 || w.twilio.Calls() != 2 {
					t.Errorf("client %d: %v", n, got)
				}
				leave()
			}
		})
	}
	lanes.Wait()
}

// Field case 45: two who come together have a visit each; one who leaves takes nobody's reminders along.
func TestOneOfTwoWhoCancelsLeavesTheOthersReminders(t *testing.T) {
	t.Parallel()
	prac, records := office(t)
	var got []map[string]fake.Sent
	for _, leaves := range []bool{true, false} {
		w, leave := newWorld(t, prac, records, monday)
		t.Cleanup(leave)
		w.prompt = true
		id := w.booked(denver(t, "2027-03-12 14:00"), "main")
		w.advance(denver(t, "2027-03-08 12:00"))
		if leaves {
			w.visits[id].cancelled = w.record(person.Coordinator, "appointment-cancelled", "", map[string]any{"appointment": id, "side": "client"})
		}
		w.toTheEnd()
		got = append(got, w.took())
	}
	if a, b := keys(got[0], "remind"), keys(got[1], "remind"); len(a) != 0 || len(b) != 2 {
		t.Errorf("who left is reminded of %v, who stayed of %v", a, b)
	}
}

// Field case 4: a visit ninety days ahead gets every reminder.
func TestVisitNinetyDaysAheadGetsEveryReminder(t *testing.T) {
	t.Parallel()
	w := story(t, monday)
	start := denver(t, "2027-06-08 14:00")
	w.booked(start, "main")
	w.advance(start)
	got := w.took()
	for rule, at := range map[string]string{"3d": "2027-06-05 14:00", "1d": "2027-06-07 14:00", "2h": "2027-06-08 12:00"} {
		if m := got["remind/evaluation-1/v1/"+rule+"/sms"]; !m.At.Equal(denver(t, at)) {
			t.Errorf("%s left at %s, want %s", rule, m.At, at)
		}
	}
	if len(got) != 4 { // the notice and three reminders, by text
		t.Errorf("%d messages", len(got))
	}
}

// Field case 9: the same sending run 24 times over, one an hour, is one message.
func TestSenderRunTwentyFourTimesSendsOnce(t *testing.T) {
	t.Parallel()
	w := story(t, monday, func(p *policy.Policy) { p.Messages.Channels = policy.ChannelsAll })
	w.booked(denver(t, "2027-03-12 14:00"), "main")
	w.slow = time.Hour
	w.step()
	in := w.flights[0].in
	for range 24 {
		if _, err := w.acts.Send(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		w.setClock(w.now.Add(time.Hour))
	}
	if got := w.took(); len(got) != 2 || w.twilio.Calls() != 1 || w.sendGrid.Calls() != 1 {
		t.Errorf("%d texts and %d mails were asked for: %v", w.twilio.Calls(), w.sendGrid.Calls(), got)
	}
}

var saidTime = regexp.MustCompile(`(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d{1,2}, \d{1,2}:\d\d [AP]M [A-Z]{3,4}`)

// Field cases 13 and 42: on both sides of both clock changes, and where it is the next day already in UTC, the
// text, the mail and the calendar file behind the link say the same local time, and the day before keeps its hour.
func TestTextMailAndCalendarSayTheSameTimeAroundClockChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, place, start, reminded, says string }{
		{"BeforeTheSpringChange", "America/Denver", "main", "2027-03-13 10:00", "2027-03-12 10:00", "Sat Mar 13, 10:00 AM MST"},
		{"OnTheSpringChange", "America/Denver", "main", "2027-03-14 10:00", "2027-03-13 10:00", "Sun Mar 14, 10:00 AM MDT"},
		{"AfterTheSpringChange", "America/Denver", "main", "2027-03-16 10:00", "2027-03-15 10:00", "Tue Mar 16, 10:00 AM MDT"},
		{"BeforeTheAutumnChange", "America/Denver", "main", "2027-11-06 10:00", "2027-11-05 10:00", "Sat Nov 6, 10:00 AM MDT"},
		{"OnTheAutumnChange", "America/Denver", "main", "2027-11-07 10:00", "2027-11-06 10:00", "Sun Nov 7, 10:00 AM MST"},
		{"AfterTheAutumnChange", "America/Denver", "main", "2027-11-09 10:00", "2027-11-08 10:00", "Tue Nov 9, 10:00 AM MST"},
		{"EveningByVideoInLosAngeles", "America/Los_Angeles", "telehealth", "2027-03-12 19:00", "2027-03-11 19:00", "Fri Mar 12, 6:00 PM PST"},
		{"EveningAtTheOffice", "America/Los_Angeles", "main", "2027-03-12 18:00", "2027-03-11 18:00", "Fri Mar 12, 6:00 PM MST"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := story(t, denver(t, c.start).AddDate(0, 0, -4), func(p *policy.Policy) {
				p.Messages.Channels, p.Messages.ReminderGapHours = policy.ChannelsAll, 0
			})
			w.record(person.Client, "messaging-consent-recorded", "", map[string]any{"channel": "email", "detail": "appointment-time"})
			w.liveIn(c.zone)
			w.booked(denver(t, c.start), c.place)
			w.advance(denver(t, c.start).Add(-time.Hour))
			got := w.took()
			want := 7
			if strings.HasSuffix(c.start, "10:00") {
				want = 6 // the last one would go the evening before, on the day of another
			}
			if len(got) != want {
				t.Errorf("%d messages", len(got))
			}
			for key, m := range got {
				if said := saidTime.FindAllString(m.Text, -1); len(said) != 1 || said[0] != c.says {
					t.Errorf("%s says %v, want %s:\n%s", key, said, c.says, m.Text)
				}
			}
			text := got["remind/evaluation-1/v1/1d/sms"]
			if !text.At.Equal(denver(t, c.reminded)) {
				t.Errorf("reminded at %s, want %s", text.At, c.reminded)
			}
			if said := w.calendarSays(text.Text); said != c.says {
				t.Errorf("the calendar says %s, the text %s", said, c.says)
			}
		})
	}
}

// calendarSays opens the link in a text as the client does and reads the calendar file behind it, by the clock that the
// text went by.
func (w *world) calendarSays(text string) string {
	w.Helper()
	said := saidTime.FindString(text)
	token := regexp.MustCompile(regexp.QuoteMeta(w.house.Practice.Policy.Messages.LinkBase) + `/(\w+)`).FindStringSubmatch(text)[1]
	// The page's cookie goes to nobody but the page over TLS: here it is carried by hand.
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	unlock, err := browser.PostForm(w.web+"/"+token, url.Values{"month": {"1"}, "day": {"31"}, "year": {"1990"}})
	w.must(err)
	_ = unlock.Body.Close()
	req, err := http.NewRequestWithContext(w.Context(), http.MethodGet, w.web+"/"+token+"/visit.ics", nil)
	w.must(err)
	for _, cookie := range unlock.Cookies() {
		req.AddCookie(cookie)
	}
	res, err := browser.Do(req)
	w.must(err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	w.must(err)
	cal, err := ical.NewDecoder(strings.NewReader(string(body))).Decode()
	if err != nil {
		w.Fatalf("status %d: %v\n%s", res.StatusCode, err, body)
	}
	start, err := cal.Events()[0].DateTimeStart(time.UTC)
	w.must(err)
	loc := w.house.location()
	if strings.HasSuffix(said, "PST") {
		loc = w.zone
	}
	return fmt.Sprint(start.In(loc).Format("Mon Jan 2, 3:04 PM MST"))
}
