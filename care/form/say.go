package form

import (
	"encoding/json"
	"strconv"
	"strings"

	"kapflow/care"
	"kapflow/care/clock"
)

// Said is a field of a report as people read it.
type Said struct {
	Label string
	Words string
}

// Say gives the fields of a report of a kind in their order, those that it has, each with the words of its choices and its unit. It
// fails as Show does.
func Say(k care.Kind, with json.RawMessage, z clock.Zone) ([]Said, error) {
	shown, err := Show(k, with, z)
	if err != nil {
		return nil, err
	}
	return sayAll(k.Fields(), "", shown), nil
}

func sayAll(fields []care.Field, prefix string, shown Values) (out []Said) {
	for _, f := range fields {
		name := prefix + f.Name
		switch f.Input {
		case care.InputGroup:
			out = append(out, sayAll(f.Items, name+".", shown)...)
			continue
		case care.InputRows:
			for n := range mostRows {
				row := sayAll(f.Items, name+"."+strconv.Itoa(n)+".", shown)
				if len(row) == 0 {
					break
				}
				out = append(out, Said{f.Label, sayRow(row)})
			}
			continue
		}
		if words := sayOne(f, append(shown[name], shown[name+InWords]...)); words != "" {
			out = append(out, Said{f.Label, words})
		}
	}
	return out
}

// sayOne writes the values of one field.
func sayOne(f care.Field, values []string) string {
	var out []string
	for _, value := range values {
		for _, c := range f.Choices {
			if c.Value == value {
				value = c.Label
			}
		}
		switch {
		case f.Input == care.InputYesNo || f.Input == care.InputAnswer:
			value = sayAnswer(value)
		case f.Input == care.InputPercent:
			value += " " + string(care.Percent)
		case f.Input != care.InputMoney && f.Unit != "":
			value += " " + string(f.Unit)
		}
		out = append(out, value)
	}
	return strings.Join(out, ", ")
}

// sayAnswer writes an answer: yes, no, or its words as they are.
func sayAnswer(answer string) string {
	switch strings.ToLower(answer) {
	case "yes", "true":
		return "Yes"
	case "no", "false":
		return "No"
	}
	return answer
}

// sayRow writes a row in one line.
func sayRow(row []Said) string {
	var out []string
	for _, s := range row {
		out = append(out, s.Label+": "+s.Words)
	}
	return strings.Join(out, "; ")
}
