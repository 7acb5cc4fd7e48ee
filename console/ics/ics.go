// Package ics writes visits as entries of calendars (RFC 5545). Other people see calendars, so an entry does not say what a visit is for.
package ics

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"

	ics "github.com/arran4/golang-ical"

	"kapflow/care/policy"
)

// Entry is a visit as a calendar has it.
type Entry struct {
	Client, Visit string // ids
	Title         string
	Start, End    time.Time
	Version       int // of the visit, from 1
	Cancelled     bool
	Tentative     bool
}

// NewCalendar makes an empty calendar.
func NewCalendar() *ics.Calendar {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Kapflow//Appointment//EN")
	return cal
}

// Host is the host of the practice's links, which the ids of entries end with.
func Host(p policy.Policy) string {
	if base, err := url.Parse(p.Messages.LinkBase); err == nil && base.Host != "" {
		return base.Hostname()
	}
	return "kapflow.invalid"
}

// Add adds an entry, in UTC. Its UID never changes and its sequence number grows with every change, so that a calendar updates or
// removes the entry that it has. now is when the entry is written.
func Add(cal *ics.Calendar, e Entry, host string, now time.Time) *ics.VEvent {
	sum := sha256.Sum256([]byte(e.Client + "/" + e.Visit))
	event := cal.AddEvent(hex.EncodeToString(sum[:16]) + "@" + host)
	event.SetDtStampTime(now.UTC())
	event.SetStartAt(e.Start.UTC())
	event.SetEndAt(e.End.UTC())
	event.SetSummary(e.Title)
	event.SetClass(ics.ClassificationPrivate)
	sequence, status := e.Version-1, ics.ObjectStatusConfirmed
	switch {
	case e.Cancelled:
		sequence++ // must be greater than that of the entry to remove
		status = ics.ObjectStatusCancelled
	case e.Tentative:
		status = ics.ObjectStatusTentative
	}
	event.SetStatus(status)
	event.SetSequence(sequence)
	return event
}

// Text writes a calendar with the line ends that the standard asks for. The library's own depend on the machine.
func Text(cal *ics.Calendar) string { return cal.Serialize(ics.WithNewLineWindows) }
