package recordexport

import (
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/visit"
)

// visits adds an Appointment for each visit, an Encounter for each that took place, and a Procedure for each infusion.
func (b *bundle) visits() {
	for i := range b.c.Visits {
		v := &b.c.Visits[i]
		b.appointment(v)
		if v.Status != visit.Fulfilled && v.Status != visit.Arrived {
			continue
		}
		status := "arrived"
		switch v.Phase(asOf(b.r)) {
		case visit.PhaseHeld:
			status = "finished"
		case visit.PhaseRunning:
			status = "in-progress"
		}
		class := coding(actCode, "AMB", "ambulatory")
		if pl, ok := b.c.Policy.Place(v.Place); ok && pl.Telehealth {
			class = coding(actCode, "VR", "virtual")
		}
		encounter := fhir{"status": status, "class": class, "type": []fhir{text(string(v.Kind))}, "subject": b.patient(),
			"appointment": []fhir{b.ref("Appointment", v.ID)}, "episodeOfCare": []fhir{b.ref("EpisodeOfCare", "course")}, "period": b.held(v),
			"participant": b.attending(v)}
		if b.known["Location/"+v.Place] {
			encounter["location"] = []fhir{{"location": b.ref("Location", v.Place)}}
		}
		b.add("Encounter", v.ID, encounter)
		if v.Kind == visit.Infusion && v.Day != nil && !v.Day.StartedAt.IsZero() {
			b.infusion(v)
		}
	}
}

// appointment adds the visit. Its status codes are FHIR's own.
func (b *bundle) appointment(v *care.Visit) {
	standing := "needs-action"
	switch {
	case v.Tentative:
		standing = "tentative"
	case v.Confirmed:
		standing = "accepted"
	}
	people := []fhir{{"actor": b.patient(), "status": standing}}
	for _, id := range b.c.BusyAt(v.Kind, v.Start) {
		people = append(people, fhir{"actor": b.actor(person.Actor{ID: id, Role: roleOf(b.c, id)}), "status": "accepted"})
	}
	if b.known["Location/"+v.Place] {
		people = append(people, fhir{"actor": b.ref("Location", v.Place), "status": "accepted"})
	}
	a := fhir{"status": string(v.Status), "start": b.time(v.Start), "end": b.time(v.End()), "minutesDuration": v.Minutes, "serviceType": []fhir{text(string(v.Kind))},
		"created": b.time(v.BookedAt), "participant": people, "identifier": []fhir{{"value": v.ID}}}
	if v.Status == visit.Cancelled {
		a["cancelationReason"] = text("by the " + orElse(v.Side, "practice"))
	}
	b.add("Appointment", v.ID, a)
}

func roleOf(c *care.Chart, id string) person.Role {
	if person, ok := c.Policy.Clinician(id); ok {
		return person.Role
	}
	return person.Physician
}

func (b *bundle) attending(v *care.Visit) []fhir {
	var out []fhir
	for _, id := range b.c.BusyAt(v.Kind, v.Start) {
		if b.known["Practitioner/"+id] {
			out = append(out, fhir{"individual": b.ref("Practitioner", id)})
		}
	}
	return out
}

// held is the period in which a visit took place, as far as it is recorded.
func (b *bundle) held(v *care.Visit) fhir {
	if d := v.Day; d != nil && !d.StartedAt.IsZero() {
		return b.period(d.CheckedInAt, d.DischargedAt)
	}
	if v.Status == visit.Fulfilled {
		return b.period(v.Start, v.End())
	}
	return b.period(v.Start, v.Start)
}

func (b *bundle) infusion(v *care.Visit) {
	d := v.Day
	status, outcome := "completed", ""
	switch {
	case d.StoppedAt.IsZero():
		status = "in-progress"
	case d.OutsideLimits:
		outcome = "ran outside 45 to 60 minutes"
	}
	b.add("Procedure", v.ID, fhir{"status": status, "code": text("ketamine infusion, intravenous drip"), "subject": b.patient(), "encounter": b.encounter(v.ID),
		"performedPeriod": b.period(d.StartedAt, d.StoppedAt), "performer": performers(b.attending(v)), "outcome": text(outcome)})
}

func performers(people []fhir) []fhir {
	var out []fhir
	for _, p := range people {
		out = append(out, fhir{"actor": p["individual"]})
	}
	return out
}
