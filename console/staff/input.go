package staff

import (
	"slices"
	"strconv"
	"strings"

	"kapflow/care"
	"kapflow/care/form"
)

// input is one field as a form shows it, with what was typed.
type input struct {
	care.Field
	Input  string // its name in the form
	ID     string // of its element in the page
	Values []string
	Fault  string
	Items  []input   // of a group, or the questions of a questionnaire
	Rows   [][]input // of rows
}

// Value is the first value that was typed.
func (i input) Value() string { return first(i.Values) }

// Has says whether a value is among those typed.
func (i input) Has(value string) bool { return slices.Contains(i.Values, value) }

// Lines are all values that were typed, each on its line.
func (i input) Lines() string { return strings.Join(i.Values, "\n") }

// Few says whether the choices fit beside each other.
func (i input) Few() bool {
	return i.Field.Input == care.InputChoice && !i.Open && len(i.Choices) > 0 && len(i.Choices) <= 5
}

// inputs makes the inputs of one form.
type inputs struct {
	typed   form.Values
	page    string // goes before the ids of its elements, since a page may have several forms
	choices func(field string) []care.Choice
}

// of gives the inputs of fields, or of a group's fields, whose names have a prefix.
func (m inputs) of(fields []care.Field, prefix string) []input {
	var out []input
	for _, f := range fields {
		if f.Input == care.InputNone {
			continue
		}
		name := prefix + f.Name
		in := input{Field: f, Input: name, ID: m.page + name, Values: m.typed[name]}
		if f.Chosen && prefix == "" {
			in.Choices = m.choices(f.Name)
		}
		switch f.Input {
		case care.InputGroup:
			in.Items = m.of(f.Items, name+".")
			for i := range in.Items { // a group that is needed is needed whole
				in.Items[i].Required = in.Items[i].Required || f.Required
			}
		case care.InputAnswer:
			in.Items = []input{m.words(f, name)}
		case care.InputAnswers:
			in.Items = m.of(f.Items, name+".")
		case care.InputRows:
			for n := range m.rows(name) {
				in.Rows = append(in.Rows, m.of(f.Items, name+"."+strconv.Itoa(n)+"."))
			}
		}
		out = append(out, in)
	}
	return out
}

// words is the input for the words of a yes or no. It also shows words that were typed where yes or no is asked now.
func (m inputs) words(f care.Field, name string) input {
	in := input{Field: care.Field{Label: f.Words, Input: care.InputText}, Input: name + form.InWords, Values: m.typed[name+form.InWords]}
	in.ID = m.page + in.Input
	if old := first(m.typed[name]); first(in.Values) == "" && !form.PlainAnswer(old) {
		in.Values = []string{old}
	}
	return in
}

// How many rows a table of a form has at first, how many are added at a time, and at most. Empty ones are left out of the report.
const (
	rowsShown = 1
	rowsAdded = 3
	rowsMost  = 60
)

// rows is how many rows a table shows: one more than were filled in, and more when somebody asked for more.
func (m inputs) rows(name string) int {
	shown, _ := strconv.Atoi(first(m.typed["_rows."+name])) // anything else is none
	for typed := range m.typed {
		if rest, ok := strings.CutPrefix(typed, name+"."); ok {
			number, _, _ := strings.Cut(rest, ".")
			if n, err := strconv.Atoi(number); err == nil && first(m.typed[typed]) != "" {
				shown = max(shown, n+1)
			}
		}
	}
	if first(m.typed["_more"]) == name {
		shown += rowsAdded
	}
	return min(max(shown, rowsShown), rowsMost)
}

// markFault notes what is wrong beside the input that it is about, and gives the id to which a link leads.
func markFault(inputs []input, f form.Fault) (id string) {
	for i := range inputs {
		if inputs[i].Input == f.Input {
			inputs[i].Fault = f.Message
			return inputs[i].ID
		}
		parts := append([][]input{inputs[i].Items}, inputs[i].Rows...)
		for _, part := range parts {
			if id = markFault(part, f); id != "" {
				return id
			}
		}
	}
	return ""
}

// lineFault is a fault in the summary of a form, with the id of the field to which it leads.
type lineFault struct {
	Message, ID string
}

// markFaults marks every fault and lists them for the summary in the form's order: what a refusal found, and each field that every
// report needs and that is empty, since a rule that comes first may keep others from being asked.
func markFaults(inputs []input, faults []form.Fault) []lineFault {
	var out []lineFault
	for _, f := range faults {
		out = append(out, lineFault{f.Message, markFault(inputs, f)})
	}
	for i := range inputs {
		if in := &inputs[i]; in.Required && in.empty() && in.Fault == "" {
			in.Fault = in.Label + " is needed."
			out = append(out, lineFault{in.Fault, in.ID})
		}
	}
	place := func(l lineFault) int {
		i := slices.IndexFunc(inputs, func(in input) bool { return l.ID == in.ID || strings.HasPrefix(l.ID, in.ID+".") })
		if i < 0 {
			return len(inputs)
		}
		return i
	}
	slices.SortStableFunc(out, func(a, b lineFault) int { return place(a) - place(b) })
	return out
}

// empty says whether nothing was typed into an input, or into any of its parts.
func (i input) empty() bool {
	typed := func(value string) bool { return strings.TrimSpace(value) != "" }
	filled := func(part input) bool { return !part.empty() }
	return !slices.ContainsFunc(i.Values, typed) && !slices.ContainsFunc(i.Items, filled) &&
		!slices.ContainsFunc(i.Rows, func(row []input) bool { return slices.ContainsFunc(row, filled) })
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
