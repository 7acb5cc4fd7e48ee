package page

import (
	"context"
	"net/url"
	"strings"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/visit"
)

// readinessData asks whether a client is ready for an infusion, with the client's input.
type readinessData struct {
	Faults []fault
	Given  string // when it was answered before, in words; empty if it was not
	Asks   []yesNo
	Name   string
	Phone  string
	Note   string
}

// yesNo is a question with two answers.
type yesNo struct {
	Name, Words string
	Choices     []choice
	Missing     bool
}

// readinessAsks gives the questions, each with the field of readiness-answered that it fills.
func readinessAsks(typed url.Values, sent bool) []yesNo {
	var out []yesNo
	for _, q := range []struct{ name, words, yes, no string }{
		{"escort", "Will an adult take you home?", "Yes", "Not yet"},
		{"fasting", "Will you fast as described above?", "Yes", "No, or I'm not sure"},
		{"no_alcohol", "Alcohol the day before or on the day of your visit?", "None", "I had or will have some"},
		{"nothing_new", "Since we last spoke: any illness, new medicine or possible pregnancy?", "No, nothing new", "Yes, or I'm not sure"},
	} {
		given := typed.Get(q.name)
		out = append(out, yesNo{Name: q.name, Words: q.words, Missing: sent && given != "yes" && given != "no",
			Choices: []choice{{q.name, "yes", q.yes, given == "yes"}, {q.name, "no", q.no, given == "no"}}})
	}
	return out
}

// readiness gives the questions for a coming visit, or nil if there is nothing to ask.
func readiness(v *Visitor, appt *care.Visit, typed url.Values, faults []fault) *readinessData {
	if appt.Kind != visit.Infusion || !appt.Open() || appt.End().Before(v.Now) || appt.Day != nil {
		return nil
	}
	d := &readinessData{Faults: faults, Asks: readinessAsks(typed, len(faults) > 0), Name: typed.Get("name"), Phone: typed.Get("phone"), Note: typed.Get("note")}
	if r := appt.Readiness; r != nil {
		d.Given = v.Chart.Zone.SayFrom(r.At, v.Now)
	}
	return d
}

// answerReadiness records the client's answers. If they cannot be accepted, the form is shown again with the client's
// input.
func answerReadiness(ctx context.Context, v *Visitor, typed url.Values) (Outcome, error) {
	visit := v.Chart.Visit(v.Link.About)
	if visit == nil {
		return Outcome{}, message.ErrNoLink
	}
	with, faults := readinessFields(visit, typed)
	if alarming(typed, "note", "name", "phone") {
		return v.alarm(ctx, "readiness-answered", with, len(faults) > 0)
	}
	if len(faults) > 0 {
		content, err := instructions(v, visit, typed, faults)
		return Outcome{Page: &content, Wrong: true}, err
	}
	if err := v.Record(ctx, "readiness-answered", with); err != nil {
		return Outcome{}, err
	}
	for _, name := range []string{"escort", "fasting", "no_alcohol", "nothing_new"} {
		if typed.Get(name) == "no" {
			return Outcome{Title: "Thank you for telling us", Words: "We will call you about it before your visit. If you don't hear from us, call us. Please call before skipping your visit."}, nil
		}
	}
	return Outcome{Title: "Thank you", Words: "You are ready. See you on " + v.Chart.WhenOf(visit, v.Now) + ". If anything changes, call us."}, nil
}

func readinessFields(visit *care.Visit, typed url.Values) (with map[string]any, faults []fault) {
	with = map[string]any{"appointment": visit.ID}
	for _, q := range readinessAsks(typed, true) {
		if q.Missing {
			faults = append(faults, fault{q.Name, "Please answer: " + q.Words})
			continue
		}
		with[q.Name] = typed.Get(q.Name) == "yes"
	}
	name, phone, note := strings.TrimSpace(typed.Get("name")), strings.TrimSpace(typed.Get("phone")), strings.TrimSpace(typed.Get("note"))
	if typed.Get("escort") == "yes" {
		if name == "" {
			faults = append(faults, fault{"name", "Please tell us who takes you home."})
		}
		if len(digits(phone)) < 7 {
			faults = append(faults, fault{"phone", "Please give us their phone number. We will call them when you are ready."})
		}
		with["escort"], with["escort_phone"] = name, phone
	}
	if len(name)+len(phone)+len(note) > longestWords {
		faults = append(faults, fault{"note", "That is too long. Please shorten it, or call us."})
	}
	if note != "" {
		with["note"] = note
	}
	return with, faults
}
