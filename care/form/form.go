// Package form turns what people type into the fields of a report, and a report back into what a form shows. It knows how values
// are written, and no rule: what a fact needs is for its own check to say.
package form

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
)

// Values are what a form posts: texts by the names of its inputs. A field's input has the field's name. An input of a group is
// named inputs.intent, one of a row services.0.copay, a question phq9.0. The input phone.clear takes away what stood in phone: it
// says that the field is empty, where no input at all says nothing of it.
// Names that begin with _ are the page's own.
type Values = map[string][]string

// InWords ends the name of the input that takes the words of a yes. With a no, or alone, they are refused: read as an answer, words
// would mean yes.
const InWords = ".words"

// clear ends the name of the input that takes a text away.
const clear = ".clear"

// mostRows is more rows than any form has.
const mostRows = 200

// Fault is what is wrong with what was typed into one input.
type Fault struct {
	Input   string `json:"input"`
	Label   string `json:"label"`
	Message string `json:"message"` // a sentence for people
}

// Filled is a form as it was filled in. What was typed stays, whatever is wrong with it.
type Filled struct {
	Typed  Values
	With   json.RawMessage // the fields of the report; what could not be read is left out
	Faults []Fault
}

// reader reads one form.
type reader struct {
	typed  Values
	zone   clock.Zone
	by     person.Role
	used   map[string]bool
	faults []Fault
}

// Read reads what somebody with a role typed into the form of a kind of fact. Dates and times are those of the zone.
func Read(k care.Kind, typed Values, z clock.Zone, by person.Role) Filled {
	r := &reader{typed: typed, zone: z, by: by, used: map[string]bool{}}
	fields := r.fields(k.Fields(), "")
	for _, name := range sortedNames(typed) {
		if !r.used[name] && !strings.HasPrefix(name, "_") {
			r.faults = append(r.faults, Fault{Input: name, Label: name, Message: "This form has no such field."})
		}
	}
	with, err := json.Marshal(fields)
	if err != nil {
		panic("form: fields always marshal: " + err.Error())
	}
	return Filled{Typed: typed, With: with, Faults: r.faults}
}

func sortedNames(typed Values) []string {
	names := make([]string, 0, len(typed))
	for name := range typed {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// fields reads fields whose inputs have names with a prefix. What nobody filled in is not among them.
func (r *reader) fields(fields []care.Field, prefix string) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		if f.Input == care.InputNone {
			continue
		}
		value, given := r.field(f, prefix+f.Name)
		if !given {
			continue
		}
		if len(f.For) > 0 && !slices.Contains(f.For, r.by) {
			r.fault(f, prefix+f.Name, "This is filled in by the "+person.JoinRoles(f.For)+".")
			continue
		}
		out[f.Name] = value
	}
	return out
}

// field reads one field; given is false if nobody filled it in, or it could not be read.
func (r *reader) field(f care.Field, name string) (value any, given bool) {
	switch f.Input {
	case care.InputGroup:
		group := r.fields(f.Items, name+".")
		return group, len(group) > 0
	case care.InputAnswer:
		return r.answer(f, name)
	case care.InputRows, care.InputAnswers, care.InputTexts, care.InputChoices:
		if value, given = r.several(f, name); !given && r.text(name+clear) != "" {
			return []any{}, true
		}
		return value, given
	}
	return r.one(f, name, r.text(name))
}

// answer reads a yes or no and the words that may go with a yes.
func (r *reader) answer(f care.Field, name string) (value any, given bool) {
	chosen, words := r.text(name), r.text(name+InWords)
	if words == "" {
		return r.one(f, name, chosen)
	}
	if is, err := parseYesNo(chosen); err != nil {
		r.fault(f, name, "Choose yes or no: the words alone do not say which.")
		return nil, false
	} else if !is {
		r.fault(f, name+InWords, "Words go with a yes only. Take them out, or choose yes.")
		return nil, false
	}
	return r.one(f, name+InWords, words)
}

// one reads a single value from its text.
func (r *reader) one(f care.Field, name, text string) (value any, given bool) {
	if text == "" {
		return "", f.Private && r.text(name+clear) != ""
	}
	value, err := parse(f, text, r.zone)
	if err != nil {
		r.fault(f, name, sentence(err.Error()))
		return nil, false
	}
	return value, true
}

// several reads a field of several values.
func (r *reader) several(f care.Field, name string) (value any, given bool) {
	switch f.Input {
	case care.InputRows:
		return r.rows(f, name)
	case care.InputAnswers:
		return r.answers(f, name)
	}
	return r.list(name)
}

// text gives what was typed into one input, without blanks at both ends.
func (r *reader) text(name string) string {
	r.used[name] = true
	if len(r.typed[name]) == 0 {
		return ""
	}
	return strings.TrimSpace(r.typed[name][0])
}

// list reads several values: ticked ones, or one on each line.
func (r *reader) list(name string) ([]string, bool) {
	r.used[name] = true
	var out []string
	for _, text := range r.typed[name] {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, line)
			}
		}
	}
	return out, len(out) > 0
}

// answers reads a questionnaire: all of it, or nothing.
func (r *reader) answers(f care.Field, name string) ([]any, bool) {
	out := make([]any, len(f.Items))
	missing := []care.Field{}
	for i, question := range f.Items {
		value, given := r.field(question, name+"."+question.Name)
		if out[i] = value; !given {
			missing = append(missing, question)
		}
	}
	if len(missing) == len(f.Items) {
		return nil, false
	}
	for _, question := range missing {
		r.fault(question, name+"."+question.Name, question.Label+" is not answered.")
	}
	return out, len(missing) == 0
}

// rows reads rows of fields; those in which nothing was typed are left out.
func (r *reader) rows(f care.Field, name string) ([]any, bool) {
	last := -1
	for typed := range r.typed {
		if rest, ok := strings.CutPrefix(typed, name+"."); ok {
			number, _, _ := strings.Cut(rest, ".")
			if n, err := strconv.Atoi(number); err == nil && n < mostRows {
				last = max(last, n)
			}
		}
	}
	var out []any
	for n := range last + 1 {
		if row := r.fields(f.Items, name+"."+strconv.Itoa(n)+"."); len(row) > 0 {
			out = append(out, row)
		}
	}
	return out, len(out) > 0
}

func (r *reader) fault(f care.Field, name, message string) {
	r.faults = append(r.faults, Fault{Input: name, Label: f.Label, Message: message})
}

// sentence makes a sentence of the words of an error.
func sentence(words string) string {
	if words == "" {
		return words
	}
	return strings.TrimSuffix(strings.ToUpper(words[:1])+words[1:], ".") + "."
}

// Placed is a refusal as a form shows it: beside the fields that it names, and above the form what it names no field for.
type Placed struct {
	Beside []Fault
	Above  []care.Problem
}

// verbs begin a refusal's words that go on after the field's label; other words are a sentence of their own.
var verbs = []string{"is", "are", "must", "may", "can", "cannot", "has", "have", "was", "needs", "holds", "does"}

// Place puts a refusal where it belongs in the form of its kind.
func Place(k care.Kind, refusal *care.Refusal) Placed {
	var out Placed
	for _, p := range refusal.Problems {
		f, ok := k.Field(p.Field)
		if !ok || f.Input == care.InputNone {
			out.Above = append(out.Above, p)
			continue
		}
		words, named := strings.CutPrefix(p.Message, p.Field+": ")
		if verb, _, _ := strings.Cut(words, " "); named && slices.Contains(verbs, verb) {
			words = fmt.Sprintf("%s %s", f.Label, words)
		}
		out.Beside = append(out.Beside, Fault{Input: f.Name, Label: f.Label, Message: sentence(words)})
	}
	return out
}
