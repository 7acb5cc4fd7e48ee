package recordexport

import (
	"strconv"

	"kapflow/care"
	"kapflow/care/record"
)

// form is one questionnaire as the bundle writes it: the codes of LOINC for the form, its items and its total, and none of its
// text. The check-in around it has no code; its items have names of ours.
type form struct {
	id, code, total, name string
	items                 []string
}

// The forms whose items LOINC has codes for, item by item in the order of the form.
var (
	phq9Form = form{id: "phq9", code: "44249-1", total: "44261-6", name: "PHQ-9",
		items: []string{"44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"}}
	gad7Form = form{id: "gad7", code: "69737-5", total: "70274-6", name: "GAD-7",
		items: []string{"69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"}}
)

// answerCodes are LOINC's codes for the four answers of both forms, from 0 "not at all" to 3 "nearly every day".
var answerCodes = []string{"LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"}

// ordinalValue is the extension that carries an answer's number.
const ordinalValue = "http://hl7.org/fhir/StructureDefinition/ordinalValue"

// canonical names the form as LOINC publishes it.
func (f form) canonical() string { return loinc + "/q/" + f.code }

// linkID names an item as LOINC's own questionnaires do.
func (f form) linkID(i int) string { return "/" + f.items[i] }

// questionnaire is a form in the bundle: its codes, so that a reader knows which item a link id means, without its text.
func (b *bundle) questionnaire(f form) {
	var items []fhir
	var answers []fhir
	for n, code := range answerCodes {
		answers = append(answers, fhir{"valueCoding": answerCoding(code, n)})
	}
	for i, code := range f.items {
		items = append(items, fhir{"linkId": f.linkID(i), "code": []fhir{coding(loinc, code, "")}, "type": "choice", "answerOption": answers})
	}
	b.add("Questionnaire", f.id, fhir{"url": f.canonical(), "status": "active", "title": f.name, "subjectType": []string{"Patient"},
		"code": []fhir{coding(loinc, f.code, "")}, "item": items})
}

func answerCoding(code string, n int) fhir {
	return fhir{"system": loinc, "code": code, "extension": []fhir{{"url": ordinalValue, "valueDecimal": n}}}
}

// answered are the answers of one form by link id.
func (f form) answered(answers []int) []fhir {
	var items []fhir
	for i, n := range answers {
		if i < len(f.items) && n >= 0 && n < len(answerCodes) {
			items = append(items, fhir{"linkId": f.linkID(i), "answer": []fhir{{"valueCoding": answerCoding(answerCodes[n], n)}}})
		}
	}
	return items
}

// measures: each answered check-in with a response for each of its forms, and their scores.
func (b *bundle) measures() error {
	trend, err := record.TrendOf(b.r)
	if err != nil {
		return err
	}
	answers := map[int]*care.CheckInAnswered{}
	if err := each(b, func(f *care.CheckInAnswered, e care.Entry) { answers[e.Seq] = f }); err != nil {
		return err
	}
	if len(trend.Readings) > 0 {
		b.questionnaire(phq9Form)
		b.questionnaire(gad7Form)
		b.add("Questionnaire", "check-in", fhir{"url": b.urn("Questionnaire", "check-in"), "status": "active", "title": "Check-in", "subjectType": []string{"Patient"},
			"item": []fhir{{"linkId": "mood", "type": "integer"}, {"linkId": "side-effects", "type": "string", "repeats": true}, {"linkId": "comment", "type": "text"}}})
	}
	for _, x := range trend.Readings {
		f := answers[x.Seq]
		b.response(x, numbered("check-in", x.Seq), b.urn("Questionnaire", "check-in"), b.checkIn(f))
		b.scored(x, phq9Form, f.PHQ9, x.PHQ9)
		b.scored(x, gad7Form, f.GAD7, x.GAD7)
	}
	return nil
}

// checkIn are the answers that belong to no form.
func (b *bundle) checkIn(f *care.CheckInAnswered) []fhir {
	var items []fhir
	if f.Mood != nil {
		items = append(items, fhir{"linkId": "mood", "answer": []fhir{{"valueInteger": *f.Mood}}})
	}
	var effects []fhir
	for _, e := range f.SideEffects {
		if e != "" {
			effects = append(effects, fhir{"valueString": e})
		}
	}
	if effects != nil {
		items = append(items, fhir{"linkId": "side-effects", "answer": effects})
	}
	if words := b.opened(f.Comment); words != "" {
		items = append(items, fhir{"linkId": "comment", "answer": []fhir{{"valueString": words}}})
	}
	return items
}

// scored writes a form's answers and, if it was scored, its total with what it comes from.
func (b *bundle) scored(x record.Reading, f form, answers []int, s *care.Score) {
	items := f.answered(answers)
	if items == nil {
		return
	}
	id := f.id + "-answers-" + strconv.Itoa(x.Seq)
	b.response(x, id, f.canonical(), items)
	if s == nil {
		return
	}
	b.add("Observation", numbered(f.id, x.Seq), fhir{"status": "final", "subject": b.patient(), "code": concept(loinc, f.total, f.name+" total score"),
		"category":          []fhir{concept(terminology+"observation-category", "survey", "survey")},
		"effectiveDateTime": b.time(x.At), "valueInteger": s.Total, "interpretation": []fhir{text(s.Band)},
		"derivedFrom": []fhir{b.ref("QuestionnaireResponse", id)}})
}

// response holds answers by link id alone.
func (b *bundle) response(x record.Reading, id, questionnaire string, items []fhir) {
	response := fhir{"status": "completed", "identifier": fhir{"value": x.CheckIn}, "questionnaire": questionnaire, "subject": b.patient(), "source": b.patient(),
		"authored": b.time(x.At), "item": items}
	if x.ByTelephone {
		response["author"] = b.clinician(x.By) // the staff took the client's answers down
	}
	b.add("QuestionnaireResponse", id, response)
}
