package care

import "kapflow/care/visit"

// WantedSlot gives the time that a booking or a move would take of the client's clinicians; ok is false
// for every other fact, and for one that will be refused anyway. The desk reserves it before the update.
func (c *Chart) WantedSlot(fact Fact) (Slot, bool) {
	switch f := fact.(type) {
	case *AppointmentBooked:
		if f.Start == nil {
			return Slot{}, false
		}
		id := f.Appointment
		if id == "" {
			id = c.freeVisitID(f.Kind)
		}
		return c.slot(id, Visit{Kind: f.Kind, Start: *f.Start, Minutes: f.minutes(c)}), true
	case *AppointmentMoved:
		v := c.Visit(f.Appointment)
		if v == nil || f.Start == nil || v.Status != visit.Booked {
			return Slot{}, false
		}
		return c.slot(v.ID, Visit{Kind: v.Kind, Start: *f.Start, Minutes: v.Minutes}), true
	}
	return Slot{}, false
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
