package recordexport

import (
	"errors"
	"fmt"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/record"
)

// facts adds one resource for each entry that is found only in the log of facts.
func (b *bundle) facts() error {
	err := errors.Join(b.medication(), b.vitals(), each(b, b.adverseEvent), each(b, b.risk), each(b, b.goals),
		each(b, func(f *care.SessionCompleted, e care.Entry) { b.note(e, f.Appointment, f.Note) }),
		each(b, func(f *care.ProcessingNoted, e care.Entry) { b.note(e, f.Appointment, f.Note) }))
	b.flags()
	return err
}

// each adds something for every fact of one type.
func each[F care.Fact](b *bundle, add func(F, care.Entry)) error {
	facts, err := record.FactsOf[F](b.r)
	for _, x := range facts {
		add(x.Fact, x.Entry)
	}
	return err
}

// vitals: an observation for each vital sign that was measured.
func (b *bundle) vitals() error {
	readings, err := record.VitalSignsOf(b.r)
	for _, x := range readings {
		b.reading(x)
	}
	return err
}

func (b *bundle) reading(x record.VitalSigns) {
	base := func(code, name string) fhir {
		return fhir{"status": "final", "subject": b.patient(), "encounter": b.encounter(x.Appointment), "effectiveDateTime": b.time(x.At),
			"performer": []fhir{b.actor(x.By)}, "code": concept(loinc, code, name),
			"category": []fhir{concept(terminology+"observation-category", "vital-signs", "vital signs")}}
	}
	if x.Systolic > 0 && x.Diastolic > 0 {
		o := base("85354-9", "blood pressure")
		o["component"] = []fhir{
			{"code": concept(loinc, "8480-6", "systolic"), "valueQuantity": quantity(float64(x.Systolic), "mmHg", "mm[Hg]")},
			{"code": concept(loinc, "8462-4", "diastolic"), "valueQuantity": quantity(float64(x.Diastolic), "mmHg", "mm[Hg]")}}
		b.add("Observation", numbered("blood-pressure", x.Seq), o)
	}
	if x.Pulse > 0 {
		o := base("8867-4", "heart rate")
		o["valueQuantity"] = quantity(float64(x.Pulse), "beats/minute", "/min")
		b.add("Observation", numbered("heart-rate", x.Seq), o)
	}
	if x.SpO2 > 0 {
		o := base("2708-6", "oxygen saturation by pulse oximetry")
		o["code"] = fhir{"coding": []fhir{coding(loinc, "2708-6", ""), coding(loinc, "59408-5", "")}, "text": "oxygen saturation by pulse oximetry"} // the profile asks for both
		o["valueQuantity"] = quantity(float64(x.SpO2), "%", "%")
		b.add("Observation", numbered("oxygen", x.Seq), o)
	}
}

func (b *bundle) adverseEvent(f *care.AdverseEvent, e care.Entry) {
	event := fhir{"actuality": "actual", "subject": b.patient(), "event": text(f.Kind), "date": b.time(e.At), "encounter": b.encounter(f.Appointment),
		"severity": concept(terminology+"adverse-event-severity", string(f.Severity), string(f.Severity))}
	if b.known["Practitioner/"+e.By.ID] {
		event["recorder"] = b.ref("Practitioner", e.By.ID)
	}
	b.add("AdverseEvent", numbered("adverse-event", e.Seq), event)
	b.note(e, f.Appointment, f.Action)
}

func (b *bundle) risk(f *care.RiskAssessed, e care.Entry) {
	b.add("RiskAssessment", numbered("risk", e.Seq), fhir{"status": "final", "subject": b.patient(), "method": text(orElse(f.Instrument, "clinical judgment")),
		"occurrenceDateTime": b.time(e.At), "performer": b.actor(e.By), "prediction": []fhir{{"qualitativeRisk": text(string(f.Outcome))}},
		"note": notes(b.opened(f.Reason))})
}

func (b *bundle) goals(f *care.GoalsRecorded, e care.Entry) {
	for _, x := range []struct {
		name string
		text care.Private
	}{{"intention", f.Intention}, {"values", f.Values}, {"actions", f.Actions}} {
		words := b.opened(x.text)
		if words == "" {
			continue
		}
		b.add("Goal", fmt.Sprintf("%s-%d", x.name, e.Seq), fhir{"lifecycleStatus": "active", "subject": b.patient(), "startDate": b.day(e.At),
			"description": text(words), "category": []fhir{text(x.name)}, "expressedBy": b.patient()})
	}
}

// opened gives a private text, or nothing if the reader may not see it: whoever takes the bundle in must not take a remark
// for a clinician's note.
func (b *bundle) opened(p care.Private) string {
	text, _ := b.r.OpenText(p)
	return text
}

// note is what a clinician wrote down about a visit.
func (b *bundle) note(e care.Entry, appointment string, note care.Private) {
	words := b.opened(note)
	if words == "" {
		return
	}
	b.add("ClinicalImpression", numbered("note", e.Seq), fhir{"status": "completed", "subject": b.patient(), "encounter": b.encounter(appointment),
		"date": b.time(e.At), "assessor": b.clinician(e.By), "summary": words})
}

// clinician refers to a listed clinician, or gives nil for other actors, where FHIR allows only clinicians.
func (b *bundle) clinician(a person.Actor) fhir {
	if !b.known["Practitioner/"+a.ID] {
		return nil
	}
	return b.ref("Practitioner", a.ID)
}

// flags adds the flags for the physician's decision, and the holds.
func (b *bundle) flags() {
	for i, f := range b.c.Flags {
		status := "active"
		if f.Decision == care.FlagProceed {
			status = "inactive"
		}
		b.flag(numbered("flag", i+1), status, f.Flag+": "+orElse(string(f.Decision), "undecided"), f.RaisedAt, f.At)
	}
	for i, h := range b.c.Holds {
		status := "active"
		if !h.ReleasedAt.IsZero() {
			status = "inactive"
		}
		b.flag(numbered("hold", i+1), status, "on hold: "+h.Cause, h.At, h.ReleasedAt)
	}
}

func (b *bundle) flag(id, status, words string, from, to time.Time) {
	b.add("Flag", id, fhir{"status": status, "code": text(words), "subject": b.patient(), "period": b.period(from, to),
		"category": []fhir{concept(terminology+"flag-category", "safety", "safety")}})
}

// messages: what the client was sent, or was not, and why.
func (b *bundle) messages() {
	for i, m := range b.r.Messages {
		if m.To != person.Client {
			continue
		}
		c := fhir{"status": "completed", "subject": b.patient(), "recipient": []fhir{b.patient()}, "sender": b.ref("Organization", "practice"),
			"sent": b.time(m.At), "medium": []fhir{text(string(m.Channel))}, "category": []fhir{text(string(m.Template))}}
		switch m.State.Result() {
		case message.ResultSent:
			c["payload"] = []fhir{{"contentString": orElse(m.Text, string(m.Template))}}
		case message.ResultUnknown:
			c["status"] = "unknown"
		default:
			c["status"], c["statusReason"] = "not-done", text(orElse(m.Why, string(m.State)))
			delete(c, "sent")
		}
		b.add("Communication", numbered("message", i+1), c)
	}
}

func planWords(p *care.Plan) string {
	words := fmt.Sprintf("%d infusions", p.Infusions)
	if p.SpacingDays > 0 {
		words += fmt.Sprintf(", %d days apart", p.SpacingDays)
	}
	return words
}

// dollars converts cents to FHIR's decimal.
func dollars(c money.Cents) float64 { return float64(c) / 100 }
