package recordexport

import (
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
)

// people adds the client, the practice, its places and the clinicians of this course.
func (b *bundle) people() {
	c, p := b.c, b.c.Policy
	b.add("Organization", "practice", fhir{"name": p.Practice.Name, "telecom": telecom("phone", p.Practice.Phone)})
	for _, pl := range p.Places {
		b.add("Location", pl.ID, fhir{"status": "active", "name": pl.Name, "managingOrganization": b.ref("Organization", "practice")})
	}
	for _, person := range p.Clinicians {
		if !b.takesPart(person.ID) {
			continue
		}
		b.add("Practitioner", person.ID, fhir{"active": true, "name": []fhir{{"text": person.Name}}, "identifier": []fhir{{"value": person.ID}}})
		b.add("PractitionerRole", person.ID, fhir{"practitioner": b.ref("Practitioner", person.ID), "organization": b.ref("Organization", "practice"),
			"code": []fhir{text(string(person.Role))}})
	}
	name := b.r.Contact.PreferredName
	patient := fhir{"active": !c.Closed(), "identifier": []fhir{{"value": c.ClientID}},
		"telecom":              append(telecom("phone", b.r.Contact.Phone), telecom("email", b.r.Contact.Email)...),
		"managingOrganization": b.ref("Organization", "practice")}
	if born := b.r.Contact.BirthDate; born != "" {
		patient["birthDate"] = born
	}
	if pronouns := b.r.Contact.Pronouns; pronouns != "" {
		patient["extension"] = []fhir{{"url": "http://hl7.org/fhir/StructureDefinition/individual-pronouns",
			"extension": []fhir{{"url": "value", "valueCodeableConcept": text(pronouns)}}}}
	}
	if legal := b.r.Billing.LegalName; legal != "" {
		patient["name"] = []fhir{{"use": "official", "text": legal}}
	}
	if name != "" {
		patient["name"] = append(list(patient["name"]), fhir{"use": "usual", "text": name})
	}
	if address := b.r.Billing.Address; address != "" {
		patient["address"] = []fhir{{"text": address}}
	}
	if c.Closing != nil && c.Closing.How == care.EndDeceased {
		patient["deceasedBoolean"] = true
	}
	for _, id := range []string{c.Physician, c.Psychotherapist} {
		if b.known["Practitioner/"+id] {
			patient["generalPractitioner"] = append(list(patient["generalPractitioner"]), b.ref("Practitioner", id))
		}
	}
	b.add("Patient", c.ClientID, patient)
}

func list(v any) []fhir {
	l, _ := v.([]fhir)
	return l
}

// takesPart reports whether an actor is one of the client's clinicians or reported a fact about the client.
func (b *bundle) takesPart(id string) bool {
	return id == b.c.Physician || id == b.c.Psychotherapist || slices.ContainsFunc(b.r.Facts, func(e care.Entry) bool { return e.By.ID == id })
}

func telecom(system, value string) []fhir {
	if value == "" {
		return nil
	}
	return []fhir{{"system": system, "value": value}}
}

// course adds the episode of care, the presenting problems, the plan and the goals.
func (b *bundle) course() {
	c := b.c
	end := fhir{"start": b.time(c.EnrolledAt)}
	if c.Closing != nil {
		end["end"] = b.time(c.Closing.At)
	}
	b.add("EpisodeOfCare", "course", fhir{"status": episodeStatus(c), "patient": b.patient(), "period": end,
		"managingOrganization": b.ref("Organization", "practice"), "careManager": b.actor(person.Actor{ID: c.Psychotherapist, Role: person.Psychotherapist})})
	for _, p := range c.Presenting {
		// FHIR asks for a clinical status of every problem on the list. That it was resolved, nobody recorded.
		b.add("Condition", p, fhir{"clinicalStatus": fhir{"coding": []fhir{coding(terminology+"condition-clinical", "active", "")}}, "subject": b.patient(), "code": text(p), "recordedDate": b.time(c.EnrolledAt),
			"category": []fhir{concept(terminology+"condition-category", "problem-list-item", "presenting problem")}})
	}
	plan := fhir{"status": planStatus(c), "intent": "plan", "title": "Ketamine-assisted psychotherapy", "subject": b.patient(),
		"period": end, "author": b.actor(person.Actor{ID: c.Physician, Role: person.Physician})}
	if c.Plan != nil {
		plan["description"] = planWords(c.Plan)
	}
	for _, p := range c.Presenting {
		plan["addresses"] = append(list(plan["addresses"]), b.ref("Condition", p))
	}
	b.add("CarePlan", "plan", plan)
}

func episodeStatus(c *care.Chart) string {
	switch c.Stage() {
	case care.StageCompleted, care.StageWithdrawn:
		return "finished"
	case care.StageDeclined:
		return "cancelled"
	case care.StagePaused:
		return "onhold"
	case care.StageEnrolled, care.StageCoverageReview:
		return "planned"
	default:
		return "active"
	}
}

func planStatus(c *care.Chart) string {
	switch c.Stage() {
	case care.StageCompleted:
		return "completed"
	case care.StageWithdrawn, care.StageDeclined:
		return "revoked"
	case care.StagePaused:
		return "on-hold"
	default:
		return "active"
	}
}

// consents adds the consents to the two services and to messages on each channel.
func (b *bundle) consents() {
	for _, s := range b.c.Signatures {
		b.add("Consent", "service-"+s.Service, fhir{"status": "active", "patient": b.patient(), "dateTime": b.time(s.At),
			"scope":      concept(terminology+"consentscope", "treatment", "treatment"),
			"category":   []fhir{concept(loinc, "59284-0", "consent to "+s.Service+" services")},
			"policyRule": text("informed consent, " + orElse(s.Version, "version not named"))})
	}
	for _, s := range b.c.Consents {
		status, permit := "active", "permit"
		if !s.Granted || s.Stopped {
			status, permit = "inactive", "deny"
		}
		b.add("Consent", "channel-"+string(s.Channel), fhir{"status": status, "patient": b.patient(), "dateTime": b.time(s.At),
			"scope":      concept(terminology+"consentscope", "patient-privacy", "messages"),
			"category":   []fhir{concept(loinc, "59284-0", "consent to messages by "+string(s.Channel))},
			"policyRule": text(orElse(s.Wording, "wording not named") + "; " + orElse(s.Detail, message.DetailMinimal)),
			"provision":  fhir{"type": permit}})
	}
}

func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

// coverage adds the coverage that the psychotherapist reviewed. Insurance never covers infusions (R38).
func (b *bundle) coverage() {
	cov := b.c.Coverage
	if cov == nil {
		return
	}
	payer := "payer not named"
	for _, e := range b.r.Facts {
		if kind, _ := care.KindNamed(e.Fact); kind.Section == care.SectionCoverage {
			if name, ok := b.r.Fields(e)["payer"].(string); ok && name != "" {
				payer = name
			}
		}
	}
	var costs []fhir
	for _, x := range []struct {
		code  string
		cents money.Cents
	}{{"copay", cov.Copay}, {"deductible", cov.DeductibleTotal}} {
		if x.cents > 0 {
			costs = append(costs, fhir{"type": concept(terminology+"coverage-copay-type", x.code, x.code),
				"valueMoney": fhir{"value": dollars(x.cents), "currency": "USD"}})
		}
	}
	b.add("Coverage", "insurance", fhir{"status": "active", "beneficiary": b.patient(), "payor": []fhir{{"display": payer}},
		"type": text("psychotherapy: " + string(cov.Result)), "subscriberId": b.r.Billing.MemberID, "costToBeneficiary": costs})
}

// labs adds each order with its result. The result's own code is FHIR's, and shows whether the result is preliminary.
func (b *bundle) labs() {
	for i, l := range b.c.Labs {
		id := numbered("labs", i+1)
		status, stands := "active", l.Status(asOf(b.r))
		if stands.Reviewed() {
			status = "completed"
		}
		b.add("ServiceRequest", id, fhir{"status": status, "intent": "order", "subject": b.patient(), "code": text("laboratory panel: " + l.Panel),
			"authoredOn": b.time(l.OrderedAt)})
		if stands == care.LabOrdered {
			continue
		}
		report := fhir{"status": string(l.Result), "subject": b.patient(), "code": text("laboratory panel: " + l.Panel), "basedOn": []fhir{b.ref("ServiceRequest", id)},
			"effectiveDateTime": b.day(l.DrawnOn), "issued": b.time(l.ResultedAt)}
		if stands.Reviewed() {
			report["conclusion"] = "reviewed by the physician: " + string(l.Outcome)
			report["resultsInterpreter"] = []fhir{b.actor(person.Actor{ID: b.c.Physician, Role: person.Physician})}
		}
		b.add("DiagnosticReport", id, report)
	}
}
