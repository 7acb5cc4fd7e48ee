package staff

import (
	"errors"
	"net/http"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/go-chi/httprate"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
	"kapflow/care/visit"
	calendars "kapflow/console/ics"
	"kapflow/console/limits"
)

// Limits on requests for calendar feeds. A calendar program asks every few minutes at most; guessing needs more.
const (
	feedsPerAddress = 60 // requests a minute from one network, in which several people may work
	feedsPerSecret  = 10 // requests a minute for one feed

	longestSecret = 100 // bytes; nothing longer is looked up
)

// feedPattern is the address of a calendar feed. Its secret stands before the ending .ics. It is no page: a calendar program has no session.
const feedPattern = "GET /feed/{file}"

// feeds serves calendar feeds, within the limits.
func (s *Site) feeds() http.Handler {
	over := func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Too many requests. Please wait a minute.", http.StatusTooManyRequests)
	}
	bySecret := httprate.LimitBy(feedsPerSecret, time.Minute, func(r *http.Request) (string, error) { return secretOf(r.PathValue("file")), nil }, limits.Over(over))
	return limits.ByAddress(feedsPerAddress, s.AddressHeader, over)(bySecret(http.HandlerFunc(s.feed)))
}

// secretOf is the secret of a feed's file name; empty for a name that is none.
func secretOf(file string) string {
	secret, ok := strings.CutSuffix(file, ".ics")
	if !ok || len(secret) > longestSecret {
		return ""
	}
	return secret
}

// feed answers a calendar program. It is told no more than that there is no such feed, whatever the reason.
func (s *Site) feed(w http.ResponseWriter, r *http.Request) {
	secret := secretOf(r.PathValue("file"))
	if secret == "" {
		http.NotFound(w, r)
		return
	}
	visits, err := s.Desk.ReadFeed(r.Context(), secret)
	switch {
	case errors.Is(err, person.ErrNoFeed), errors.As(err, new(*care.Refusal)):
		http.NotFound(w, r)
		return
	case err != nil:
		s.Log.Error("a calendar feed could not be read", "error", err)
		http.Error(w, "The calendar cannot be read now.", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_, _ = w.Write([]byte(FeedOf(visits, s.Desk.Policy, s.Desk.Now()))) // a write error means that the program is gone
}

// FeedOf writes visits as a calendar. An entry has "Appointment", the client's code and the time, and nothing else.
func FeedOf(visits []record.DayVisit, p policy.Policy, now time.Time) string {
	cal, host := calendars.NewCalendar(), calendars.Host(p)
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName("Appointments")
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H")
	for _, v := range visits {
		calendars.Add(cal, calendars.Entry{Client: v.Client, Visit: v.ID, Title: "Appointment " + v.Client, Start: v.Start, End: v.Start.Add(time.Duration(v.Minutes) * time.Minute),
			Version: v.Version, Cancelled: v.Phase == visit.PhaseCancelled, Tentative: v.Phase == visit.PhaseTentative}, host, now)
	}
	return calendars.Text(cal)
}
