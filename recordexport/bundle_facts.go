package recordexport

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/record"
)

// facts: what only the log of facts holds, one resource for each.
func (b *bundle) facts() error {
	err := errors.Join(b.doseOrders(), b.vitals(), each(b, b.adverseEvent), each(b, b.risk), each(b, b.goals),
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

// doseOrders are the physician's. The last order stands; earlier ones were stopped by it.
func (b *bundle) doseOrders() error {
	orders, err := record.FactsOf[*care.DoseOrdered](b.r)
	for i, x := range orders {
		b.doseOrder(x.Fact, x.Entry, i == len(orders)-1)
	}
	return err
}

// doseOrder is the physician's order (R13) by IV drip, the only route (R12).
func (b *bundle) doseOrder(f *care.DoseOrdered, e care.Entry, current bool) {
	status := "stopped"
	switch {
	case current && b.c.Closed():
		status = "completed"
	case current:
		status = "active"
	}
	dosage := fhir{"text": "by intravenous drip; the dose is the physician's, for this client", "route": text("intravenous drip"),
		"doseAndRate": []fhir{{"doseQuantity": quantity(f.DoseMG, "mg", "mg")}}}
	if f.Minutes > 0 {
		dosage["timing"] = fhir{"repeat": fhir{"duration": f.Minutes, "durationUnit": "min"}}
	}
	weighed := []string{}
	for _, x := range []struct {
		name   string
		answer care.Answer
	}{{"psychological assessment", f.Inputs.Psychological}, {"physical assessment", f.Inputs.Physical}, {"prior experience", f.Inputs.Experience},
		{"preferences", f.Inputs.Preferences}, {"intent", f.Inputs.Intent}} {
		weighed = append(weighed, x.name+": "+b.r.AnswerText(x.answer))
	}
	b.add("MedicationRequest", numbered("dose", e.Seq), fhir{"status": status, "intent": "order", "subject": b.patient(), "authoredOn": b.time(e.At),
		"medicationCodeableConcept": concept(rxnorm, "6130", "ketamine"), "requester": b.actor(e.By), "dosageInstruction": []fhir{dosage},
		"note": notes("weighed: " + strings.Join(weighed, "; "))})
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
		o := base("59408-5", "oxygen saturation by pulse oximetry")
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
	b.add("RiskAssessment", numbered("risk", e.Seq), fhir{"status": "final", "subject": b.patient(), "method": text(orElse(f.Instrument, "clinical judgement")),
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

// clinician refers to a listed clinician only, where FHIR allows nobody else.
func (b *bundle) clinician(a person.Actor) fhir {
	if !b.known["Practitioner/"+a.ID] {
		return nil
	}
	return b.ref("Practitioner", a.ID)
}

// flags: what the physician had to decide about, and holds.
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

// measures: each answered check-in, and its scores.
func (b *bundle) measures() error {
	trend, err := record.TrendOf(b.r)
	if err != nil {
		return err
	}
	answers := map[int]*care.CheckInAnswered{}
	if err := each(b, func(f *care.CheckInAnswered, e care.Entry) { answers[e.Seq] = f }); err != nil {
		return err
	}
	for _, x := range trend.Readings {
		b.response(x, answers[x.Seq])
		from := []fhir{b.ref("QuestionnaireResponse", numbered("check-in", x.Seq))}
		b.score(x, "phq9", "44261-6", "PHQ-9 total score", x.PHQ9, from)
		b.score(x, "gad7", "70274-6", "GAD-7 total score", x.GAD7, from)
	}
	return nil
}

// response holds the answers by link id alone.
func (b *bundle) response(x record.Reading, f *care.CheckInAnswered) {
	var items []fhir
	item := func(linkID string, answers ...fhir) {
		items = append(items, fhir{"linkId": linkID, "answer": answers})
	}
	if f.Mood != nil {
		item("mood", fhir{"valueInteger": *f.Mood})
	}
	for i, n := range f.PHQ9 {
		item(numbered("phq9", i+1), fhir{"valueInteger": n})
	}
	for i, n := range f.GAD7 {
		item(numbered("gad7", i+1), fhir{"valueInteger": n})
	}
	var effects []fhir
	for _, e := range f.SideEffects {
		effects = append(effects, fhir{"valueString": e})
	}
	if effects != nil {
		item("side-effects", effects...)
	}
	if words := b.opened(f.Comment); words != "" {
		item("comment", fhir{"valueString": words})
	}
	response := fhir{"status": "completed", "identifier": fhir{"value": x.CheckIn}, "subject": b.patient(), "source": b.patient(),
		"authored": b.time(x.At), "item": items}
	if x.ByTelephone {
		response["author"] = b.clinician(x.By) // the staff took the client's answers down
	}
	b.add("QuestionnaireResponse", numbered("check-in", x.Seq), response)
}

func (b *bundle) score(x record.Reading, name, code, words string, s *care.Score, from []fhir) {
	if s == nil {
		return
	}
	b.add("Observation", numbered(name, x.Seq), fhir{"status": "final", "subject": b.patient(), "code": concept(loinc, code, words),
		"category":          []fhir{concept(terminology+"observation-category", "survey", "survey")},
		"effectiveDateTime": b.time(x.At), "valueInteger": s.Total, "interpretation": []fhir{text(s.Band)}, "derivedFrom": from})
}

// messages: what the client was sent, or was not, and why.
func (b *bundle) messages() {
	for i, m := range b.r.Messages {
		if m.To != person.Client {
			continue
		}
		c := fhir{"status": "completed", "subject": b.patient(), "recipient": []fhir{b.patient()}, "sender": b.ref("Organization", "practice"),
			"sent": b.time(m.At), "medium": []fhir{text(string(m.Channel))}, "category": []fhir{text(m.Template)}}
		switch m.State {
		case message.StateSent, message.StateDelivered:
			c["payload"] = []fhir{{"contentString": orElse(m.Text, m.Template)}}
		case message.StateSending, message.StateUnknown:
			c["status"] = "unknown"
		default:
			c["status"], c["statusReason"] = "not-done", text(orElse(m.Why, m.State))
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

// dollars writes cents as FHIR's decimal.
func dollars(c money.Cents) float64 { return float64(c) / 100 }
