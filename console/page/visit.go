package page

import (
	"context"
	"net/url"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// visitData is one visit as the client sees it.
type visitData struct {
	What      string // "Preparation 2"
	State     string // booked, held, confirmed, cancelled, missed, over
	When      string // weekday, date, time and zone of the place
	YourClock string // the same in the client's zone, if it differs
	Minutes   int
	Place     string
	With      string
	Telehealth,
	CanConfirm,
	CanAsk,
	Asked, // the client asked for a change and the practice has not answered yet
	CanCancel bool
	CancelUntil string // until when, in words; empty if that has passed
	Prepare     *wording.PageText
	Readiness   *readinessData
}

// visitPage is the page of a visit: where and when, with buttons to confirm, to ask for another time and to cancel.
func visitPage() Page {
	return Page{
		Show: func(_ context.Context, v *Visitor) (Content, error) {
			visit := v.Chart.Visit(v.Link.About)
			if visit == nil {
				return Content{}, message.ErrNoLink
			}
			return Content{Title: "Your visit", Template: "visit", Data: showVisit(v, visit)}, nil
		},
		Actions: map[string]Action{"confirm": confirmVisit, "ask": askForChange, "cancel": cancelVisit},
	}
}

func showVisit(v *Visitor, appt *care.Visit) visitData {
	c := v.Chart
	d := visitData{What: appt.Name(), Minutes: appt.Minutes, When: c.WhenOf(appt, v.Now), State: state(appt, v.Now), Asked: appt.Asked()}
	if own := c.ClientZone.SayFrom(appt.Start, v.Now); own != d.When {
		d.YourClock = own
	}
	if place, ok := c.Policy.Place(appt.Place); ok {
		d.Place, d.Telehealth = place.Name, place.Telehealth
	}
	var with []string
	for _, id := range c.BusyAt(appt.Kind, appt.Start) {
		if clinician, ok := c.Policy.Clinician(id); ok {
			with = append(with, clinician.Name)
		}
	}
	d.With = strings.Join(with, " and ")
	coming := appt.Status == visit.Booked && appt.Start.After(v.Now)
	d.CanConfirm = coming && !appt.Tentative && !appt.Confirmed
	d.CanAsk = (coming || appt.Status == visit.Cancelled || appt.Status == visit.NoShow) && !appt.Asked() && !c.Closed()
	until := cancelUntil(c, appt)
	if d.CanCancel = coming && v.Now.Before(until); d.CanCancel {
		d.CancelUntil = c.ZoneOf(appt).SayFrom(until, v.Now)
	}
	return d
}

// state is a visit's phase in the words that the template knows.
func state(v *care.Visit, now time.Time) string {
	switch v.Phase(now) {
	case visit.PhaseCancelled:
		return "cancelled"
	case visit.PhaseMissed:
		return "missed"
	case visit.PhaseHeld, visit.PhaseOver:
		return "over"
	case visit.PhaseTentative:
		return "held"
	case visit.PhaseConfirmed:
		return "confirmed"
	default:
		return "booked"
	}
}

// cancelUntil is the last moment at which a client can cancel on the page. Later cancellations are late (policy
// late_cancel_hours), and a person should tell the client so.
func cancelUntil(c *care.Chart, v *care.Visit) time.Time {
	return v.Start.Add(-time.Duration(c.Policy.Visits.LateCancelHours) * time.Hour)
}

func confirmVisit(ctx context.Context, v *Visitor, _ url.Values) (Outcome, error) {
	visit := v.Chart.Visit(v.Link.About)
	if visit == nil {
		return Outcome{}, message.ErrNoLink
	}
	if err := v.Record(ctx, "appointment-confirmed", map[string]any{"appointment": visit.ID}); err != nil {
		return Outcome{}, err
	}
	return Outcome{Title: "Thank you", Words: "See you on " + v.Chart.WhenOf(visit, v.Now) + "."}, nil
}

func askForChange(ctx context.Context, v *Visitor, form url.Values) (Outcome, error) {
	with := map[string]any{"appointment": v.Link.About}
	if wish := strings.TrimSpace(form.Get("wish")); wish != "" {
		with["wish"] = wish
	}
	if alarming(form, "wish") {
		return v.alarm(ctx, "appointment-change-requested", with, false)
	}
	if err := v.Record(ctx, "appointment-change-requested", with); err != nil {
		return Outcome{}, err
	}
	words := "We will call or write to you to find another time."
	if appt := v.Chart.Visit(v.Link.About); appt != nil && appt.Status == visit.Booked {
		words = "We will call or write to you to find another time. Until then your visit stays at the same time: " + v.Chart.WhenOf(appt, v.Now) + "."
	}
	return Outcome{Title: "We have your request", Words: words}, nil
}

func cancelVisit(ctx context.Context, v *Visitor, form url.Values) (Outcome, error) {
	visit := v.Chart.Visit(v.Link.About)
	if visit == nil {
		return Outcome{}, message.ErrNoLink
	}
	if !v.Now.Before(cancelUntil(v.Chart, visit)) {
		return Outcome{Title: "Please call us", Words: "It is too late to cancel here. Please call us."}, nil
	}
	if form.Get("sure") != "yes" {
		return Outcome{Title: "Not canceled", Words: "To cancel, check the box first."}, nil
	}
	if err := v.Record(ctx, "appointment-cancelled", map[string]any{"appointment": visit.ID, "side": "client"}); err != nil {
		return Outcome{}, err
	}
	return Outcome{Title: "Your visit is canceled", Words: "Your visit on " + v.Chart.WhenOf(visit, v.Now) + " is canceled. If you added it to your calendar, " +
		"open the calendar file on this page again to remove it."}, nil
}
