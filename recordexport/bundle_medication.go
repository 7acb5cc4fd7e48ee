package recordexport

import (
	"fmt"
	"strings"

	"kapflow/care"
	"kapflow/care/record"
)

// medication: the physician's orders and what was given of them. The last order stands; earlier ones were stopped by it.
func (b *bundle) medication() error {
	orders, err := record.FactsOf[*care.DoseOrdered](b.r)
	if err != nil {
		return err
	}
	for i, x := range orders {
		b.doseOrder(x.Fact, x.Entry, i == len(orders)-1)
	}
	stops, err := record.FactsOf[*care.InfusionStopped](b.r)
	if err != nil {
		return err
	}
	for i := range b.c.Visits {
		if v := &b.c.Visits[i]; v.Day != nil && !v.Day.StartedAt.IsZero() {
			b.administration(v, orders, stops)
		}
	}
	return nil
}

// administration is the ketamine of one infusion. It was given under the order that stood when it started. Of an infusion that
// was stopped with a reason FHIR says that it was stopped before its end.
func (b *bundle) administration(v *care.Visit, orders []record.Recorded[*care.DoseOrdered], stops []record.Recorded[*care.InfusionStopped]) {
	given := fhir{"status": "completed", "subject": b.patient(), "context": b.encounter(v.ID), "medicationCodeableConcept": ketamine(),
		"effectivePeriod": b.period(v.Day.StartedAt, v.Day.StoppedAt), "performer": performers(b.attending(v)), "partOf": []fhir{b.ref("Procedure", v.ID)}}
	if v.Day.StoppedAt.IsZero() {
		given["status"] = "in-progress"
	}
	for _, x := range stops {
		if x.Fact.Appointment == v.ID && x.Fact.Reason != "" {
			given["status"], given["statusReason"] = "stopped", list([]fhir{text(orElse(b.opened(x.Fact.Reason), "stopped early"))})
		}
	}
	for _, x := range orders {
		if !x.At.After(v.Day.StartedAt) {
			given["request"] = b.ref("MedicationRequest", numbered("dose", x.Seq))
		}
	}
	b.drugGiven(v, given)
	b.add("MedicationAdministration", v.ID, given)
}

// drugGiven adds how much of the drug the client was given, by which route, out of which batch, and what became of the rest; nothing
// where the record does not say it. The order is no answer: an infusion that was stopped gave less. A batch belongs to a medication
// in FHIR, to which the administration refers beside its code, which every reader knows where to find.
func (b *bundle) drugGiven(v *care.Visit, given fhir) {
	drug := v.Day.Drug
	if drug == nil {
		return
	}
	given["dosage"] = fhir{"route": text("intravenous drip"), "dose": quantity(drug.DoseMG, "mg", "mg")}
	batch := fhir{}
	if drug.Lot != "" {
		batch["lotNumber"] = drug.Lot
	}
	if !drug.ExpiresOn.IsZero() {
		batch["expirationDate"] = b.day(drug.ExpiresOn)
	}
	if len(batch) > 0 {
		b.add("Medication", v.ID, fhir{"code": ketamine(), "batch": batch})
		given["supportingInformation"] = []fhir{b.ref("Medication", v.ID)}
	}
	if drug.WasteMG > 0 {
		words := fmt.Sprintf("%g mg destroyed", drug.WasteMG)
		if cl, known := b.c.Policy.Clinician(drug.Witness); known {
			words += ", seen by " + cl.Name
		}
		given["note"] = notes(words)
	}
}

func ketamine() fhir { return concept(rxnorm, "6130", "ketamine") }

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
		"medicationCodeableConcept": ketamine(), "requester": b.actor(e.By), "dosageInstruction": []fhir{dosage},
		"note": notes("weighed: " + strings.Join(weighed, "; "))})
}
