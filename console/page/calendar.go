package page

import (
	"net/http"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"

	"kapflow/care"
	"kapflow/care/policy"
	"kapflow/care/visit"
	calendars "kapflow/console/ics"
)

// calendar serves a visit as a calendar file.
func (s *Site) calendar(w http.ResponseWriter, _ *http.Request, v *Visitor) {
	visit := v.Chart.Visit(v.Link.About)
	if visit == nil {
		s.gone(w)
		return
	}
	place, _ := v.Chart.Policy.Place(visit.Place)
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="appointment.ics"`)
	_, _ = w.Write([]byte(CalendarFile(v.Chart.ClientID, visit, place.Neutral, s.Practice, v.Now))) // a write error means that the browser is gone
}

// CalendarFile writes a visit as an iCalendar file (RFC 5545) in UTC. Its title is "Appointment" and it does not say
// what for, because other people see calendars. The UID of a visit never changes and the sequence number grows with
// every change, so that the calendar updates or removes the existing entry.
func CalendarFile(clientID string, v *care.Visit, place string, p policy.Policy, now time.Time) string {
	cal, host := calendars.NewCalendar(), calendars.Host(p)
	cancelled := v.Status == visit.Cancelled
	event := calendars.Add(cal, calendars.Entry{Client: clientID, Visit: v.ID, Title: "Appointment", Start: v.Start, End: v.End(), Version: v.Version, Cancelled: cancelled}, host, now)
	event.SetLocation(place)
	event.SetDescription(p.Practice.DisplayName + ", " + p.Practice.Phone)
	// RFC 5546 asks for an organizer in what is published and in what is cancelled. Nobody is to answer, and the address gives no more
	// away than the entry's own host.
	event.SetOrganizer("mailto:noreply@"+host, ics.WithCN(parameterText(p.Practice.DisplayName)))
	cal.SetMethod(ics.MethodPublish)
	if cancelled {
		cal.SetMethod(ics.MethodCancel)
	}
	return calendars.Text(cal)
}

// parameterText writes a text as a parameter's value without quotes (RFC 5545, 3.1): what would end the value or turn it is a space.
func parameterText(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`"\:;,`, r)
	}), " ")
}
