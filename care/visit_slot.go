package care

import "time"

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

func (c *Chart) slot(id string, v Visit) Slot {
	return Slot{ClientID: c.ClientID, Appointment: id, People: c.Busy(v.Kind), Start: v.Start, End: v.End()}
}
