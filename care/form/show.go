package form

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/money"
)

// Show gives what the form of a kind of fact shows for the fields of a report, with dates and times of the zone. Read makes the
// same report of it. The error says which field cannot be shown: the report is not one that its kind can decode.
func Show(k care.Kind, with json.RawMessage, z clock.Zone) (Values, error) {
	out := Values{}
	return out, show(out, k.Fields(), "", with, z)
}

// show adds what fields with a prefix show.
func show(out Values, fields []care.Field, prefix string, object json.RawMessage, z clock.Zone) error {
	given := map[string]json.RawMessage{}
	if len(object) > 0 {
		if err := json.Unmarshal(object, &given); err != nil {
			return fmt.Errorf("%s must be an object of fields", prefix)
		}
	}
	for _, f := range fields {
		raw, is := given[f.Name]
		if !is || string(raw) == "null" || f.Input == care.InputNone {
			continue
		}
		if err := showField(out, f, prefix+f.Name, raw, z); err != nil {
			return fmt.Errorf("%s: %w", prefix+f.Name, err)
		}
	}
	return nil
}

func showField(out Values, f care.Field, name string, raw json.RawMessage, z clock.Zone) error {
	switch f.Input {
	case care.InputGroup:
		return show(out, f.Items, name+".", raw, z)
	case care.InputRows, care.InputAnswers, care.InputTexts, care.InputChoices:
		return showSeveral(out, f, name, raw, z)
	}
	text, err := say(f, raw, z)
	switch {
	case err != nil:
		return err
	case f.Input == care.InputAnswer && text != "" && !PlainAnswer(text):
		out[name], out[name+InWords] = []string{"yes"}, []string{text}
	case text != "":
		out[name] = []string{text}
	case f.Private:
		out[name+clear] = []string{"yes"}
	}
	return nil
}

// showSeveral shows a field of several values.
func showSeveral(out Values, f care.Field, name string, raw json.RawMessage, z clock.Zone) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return err
	}
	if len(items) == 0 {
		out[name+clear] = []string{"yes"}
		return nil
	}
	for n, item := range items {
		at := name + "." + strconv.Itoa(n)
		var err error
		switch f.Input {
		case care.InputRows:
			err = show(out, f.Items, at+".", item, z)
		case care.InputAnswers:
			out[at] = []string{string(item)}
		default:
			var text string
			err = json.Unmarshal(item, &text)
			out[name] = append(out[name], text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// say writes one value as a form shows it.
func say(f care.Field, raw json.RawMessage, z clock.Zone) (string, error) {
	if f.Type == "amount" {
		var cents money.Cents
		err := json.Unmarshal(raw, &cents)
		return cents.String(), err
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return "", err
	}
	switch value := value.(type) {
	case string:
		if f.Type != "time" {
			return value, nil
		}
		at, err := z.ParseTime(value)
		if err != nil {
			return "", err
		}
		return sayTime(f, at, z), nil
	case bool:
		if f.Type == answerType && !value {
			return "false", nil // "no" would be a word
		}
		return map[bool]string{true: "yes", false: "no"}[value], nil
	case float64:
		if f.Input == care.InputPercent {
			value /= 100
		}
		return strconv.FormatFloat(value, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("%s cannot be shown", raw)
}

// PlainAnswer says whether an answer has no words.
func PlainAnswer(answer string) bool {
	return slices.Contains([]string{"", "yes", "no", "true", "false"}, strings.ToLower(answer))
}
