package care

import (
	"time"

	"kapflow/care/visit"
)

// longestSlot is longer than any visit. A slot beyond it, or one that ends before it starts, belongs to a report that is refused.
const longestSlot = 24 * time.Hour

// WantedSlot gives the time that a booking or a move would take of the client's clinicians; ok is false for every other
// kind of fact, and for one that will be refused anyway. The desk reserves it before the update.
func (c *Chart) WantedSlot(kind Kind, fact Fact) (s Slot, ok bool) {
	if !kind.TakesTime() {
		return Slot{}, false
	}
	s = kind.slot(fact, c, Meta{})
	length := s.End.Sub(s.Start)
	return s, s.Appointment != "" && length > 0 && length <= longestSlot
}

// SlotsTakenOver gives the booked visits that a fact would give to a new clinician, each as the time that it takes of that
// clinician alone. The desk asks who of them is free before the update travels.
func (c *Chart) SlotsTakenOver(kind Kind, fact Fact) []Slot {
	if kind.takesOver == nil {
		return nil
	}
	return kind.takesOver(fact, c, Meta{})
}

// Slots gives the time that all open visits take.
func (c *Chart) Slots() []Slot {
	var out []Slot
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Open() {
			out = append(out, c.slot(v.ID, *v))
		}
	}
	return out
}

// bookedSlot gives the time of a visit that is booked; the zero slot for every other one.
func (c *Chart) bookedSlot(id string) Slot {
	v := c.Visit(id)
	if v == nil || v.Status != visit.Booked {
		return Slot{}
	}
	return c.slot(v.ID, *v)
}

func (c *Chart) slot(id string, v Visit) Slot {
	return Slot{ClientID: c.ClientID, Appointment: id, People: c.BusyAt(v.Kind, v.Start), Start: v.Start, End: v.End()}
}
