package record

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"kapflow/care"
)

// Stood is how a client's course stood at a moment, as far as the journal of changes says it.
type Stood struct {
	At     time.Time
	Stage  string
	Facts  int           // recorded by then
	Gates  []care.Change // of the next infusion that were shut
	Tasks  []care.Change // that were open
	Alerts []care.Change // that nobody had acknowledged
}

// StoodAt tells how the course stood at a moment. Every change of the stage, a gate, a task or an alert was written down with its
// time when it happened, so nothing is worked out again under today's rules.
func StoodAt(r HealthRecord, at time.Time) (Stood, error) {
	s := Stood{At: at}
	for _, l := range r.Journal {
		if l.Type != "change" || l.At.After(at) {
			continue
		}
		var c care.Change
		if err := json.Unmarshal(l.Body, &c); err != nil {
			return Stood{}, fmt.Errorf("journal line %d: %w", l.Seq, err)
		}
		switch c.Type {
		case "stage":
			s.Stage = c.State
		case "gate":
			s.Gates = turned(s.Gates, c, c.State == "open")
		case "task":
			s.Tasks = turned(s.Tasks, c, c.State == "done")
		case "alert":
			s.Alerts = turned(s.Alerts, c, c.State == care.StateAcknowledged)
		}
	}
	for _, e := range r.Facts {
		if !e.Now.After(at) {
			s.Facts++
		}
	}
	return s, nil
}

// turned puts the newest change of a thing in place of the one before it, or takes it away when it is over.
func turned(list []care.Change, c care.Change, over bool) []care.Change {
	list = slices.DeleteFunc(list, func(x care.Change) bool {
		return x.Subject == c.Subject && x.About == c.About && (c.Type != "alert" || x.Reason == c.Reason)
	})
	if over {
		return list
	}
	return append(list, c)
}
