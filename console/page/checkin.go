package page

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kapflow/care"
	"kapflow/care/message"
)

// fault is an input that cannot be accepted, with its place on the page.
type fault struct{ At, Words string }

// checkInData is the questionnaire of a check-in, with the client's input.
type checkInData struct {
	Faults  []fault
	Mood    []choice
	Lists   []questionnaire // empty if this check-in does not ask them
	Effects []choice
	Comment string
}

// longestWords is the most characters a client may write in one field.
const longestWords = 2000

// checkInPage asks a client how they are after an infusion. The link stays open after the answer, so that a form sent
// twice gets the same answer. It then shows only that the answers were received.
func checkInPage() Page {
	return Page{
		Show: func(_ context.Context, v *Visitor) (Content, error) {
			ci, ok := v.Chart.CheckInNamed(v.Link.About, v.Now)
			if !ok {
				return Content{}, message.ErrNoLink
			}
			if v.Chart.Answered(ci.ID) {
				return Content{Title: "Thank you", Template: "said", Data: said{Words: "We have your answers. If something has changed, please call us."}}, nil
			}
			return checkInForm(v, ci, url.Values{}, nil), nil
		},
		Actions: map[string]Action{"check-in": answerCheckIn},
	}
}

func checkInForm(v *Visitor, ci care.CheckIn, typed url.Values, faults []fault) Content {
	d := checkInData{Faults: faults, Comment: typed.Get("comment")}
	for n := range 11 {
		value := strconv.Itoa(n)
		d.Mood = append(d.Mood, choice{Name: "mood", Value: value, Words: value, Checked: typed.Get("mood") == value})
	}
	for _, code := range care.SideEffects() {
		d.Effects = append(d.Effects, choice{Name: "effect", Value: code, Words: effectWords[code], Checked: slices.Contains(typed["effect"], code)})
	}
	if v.Chart.AsksMeasures(ci) {
		d.Lists = questionnaires(typed)
	}
	return Content{Title: "How are you?", Template: "check-in", Data: d}
}

// answerCheckIn records the client's answers. If they cannot be accepted, the form is shown again with the client's
// input.
func answerCheckIn(ctx context.Context, v *Visitor, typed url.Values) (Outcome, error) {
	ci, ok := v.Chart.CheckInNamed(v.Link.About, v.Now)
	if !ok {
		return Outcome{}, message.ErrNoLink
	}
	with, faults := checkInFields(v, ci, typed)
	item9, err := strconv.Atoi(typed.Get(itemName(care.PHQ9, care.PHQ9.Items-1)))
	flagged := v.Chart.AsksMeasures(ci) && err == nil && item9 > 0
	if alarming(typed, "comment") || flagged && len(faults) > 0 {
		return v.alarm(ctx, "check-in-answered", with, len(faults) > 0)
	}
	if len(faults) > 0 {
		content := checkInForm(v, ci, typed, faults)
		return Outcome{Page: &content, Wrong: true}, nil
	}
	if err := v.Record(ctx, "check-in-answered", with); err != nil {
		return Outcome{}, err
	}
	if flagged {
		return crisisOutcome(), nil
	}
	return Outcome{Title: "Thank you", Words: "We have your answers. A person will read them. If you feel worse, do not wait for us. Call us."}, nil
}

func checkInFields(v *Visitor, ci care.CheckIn, typed url.Values) (with map[string]any, faults []fault) {
	with = map[string]any{"check_in": ci.ID}
	mood, err := strconv.Atoi(typed.Get("mood"))
	if err != nil || mood < 0 || mood > 10 {
		faults = append(faults, fault{"mood", "Please choose a number from 0 to 10."})
	} else {
		with["mood"] = mood
	}
	if v.Chart.AsksMeasures(ci) {
		for _, f := range forms {
			answers, missing := answersTo(f.of, typed)
			if len(missing) > 0 {
				faults = append(faults, fault{f.of.Name + "-" + missing[0], f.title + ": please answer question " + strings.Join(missing, ", ") + " too."})
			}
			if len(answers) > 0 {
				with[f.of.Name] = answers
			}
		}
	}
	unknown := func(code string) bool { return !slices.Contains(care.SideEffects(), code) }
	if effects := slices.DeleteFunc(slices.Clone(typed["effect"]), unknown); len(effects) > 0 {
		with["side_effects"] = effects
	}
	comment := strings.TrimSpace(typed.Get("comment"))
	if utf8.RuneCountInString(comment) > longestWords {
		faults = append(faults, fault{"comment", "That is too long. Please shorten it, or call us."})
	}
	if comment != "" {
		with["comment"] = comment
	}
	return with, faults
}
