package care

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/values"
)

// CheckValues says what is wrong with the values of a report, whatever its rules say: a text that is not UTF-8 or too long, a
// number below zero or beyond reason, a list with an item that is not answered, a field that is given twice. The error is a
// refusal with code invalid that names the fields. The desk asks it before it keeps private texts; the chart asks it again.
func (k Kind) CheckValues(with json.RawMessage) error {
	v := &inspection{fact: k.Name}
	k.checkValues(v, with)
	k.checkWords(v, with)
	return v.refusal()
}

// checkWords asks the fact about its private texts, if it has rules for them beyond those of every text.
func (k Kind) checkWords(v *inspection, with json.RawMessage) {
	if fact, ok := k.New().(interface{ checkWords(*inspection) }); ok && json.Unmarshal(with, fact) == nil {
		fact.checkWords(v)
	}
}

// DecodeReport is Decode for a report that is to be recorded: its values and times are checked too. Facts that were recorded
// earlier are read with Decode, which takes what was right then.
func (k Kind) DecodeReport(with json.RawMessage, z clock.Zone, now time.Time) (fact Fact, id string, err error) {
	if err := k.CheckValues(with); err != nil {
		return nil, "", err
	}
	if fact, id, err = k.Decode(with, z); err != nil {
		return nil, "", err
	}
	v := &inspection{fact: k.Name}
	k.checkTimes(v, fact, now)
	return fact, id, v.refusal()
}

func (k Kind) checkValues(v *inspection, with json.RawMessage) {
	if text := strings.TrimSpace(string(with)); text == "" || text == "null" || k.fromProvider() {
		return
	}
	words := map[string]bool{}
	for _, f := range k.factFields() {
		words[f.name] = isPrivate(f.typ) || f.typ.Kind() == reflect.Struct
	}
	supplied := map[string]bool{}
	for _, name := range k.Adds.Fields() {
		supplied[name] = true
	}
	for _, p := range values.Object(with, values.Limits{
		Most: func(field string) int {
			if words[field] {
				return values.MostWords
			}
			return values.MostLine
		},
		Signed: func(field string) bool { return field == "lines" }, // an estimate may have a line that takes something off
		Skip:   func(field string) bool { return supplied[field] },
	}) {
		field := p.Field
		if field == "" {
			field = "with"
		}
		v.invalid(field, "%v", p.Err)
	}
}

// fromProvider says whether only message providers report a kind of fact. What they pass on is taken as it came: it may be the
// words of a client in danger.
func (k Kind) fromProvider() bool { return slices.Equal(k.By, roles{person.Provider}) }

// checkTimes refuses times that lie so far from now that they are typing errors.
func (k Kind) checkTimes(v *inspection, fact Fact, now time.Time) {
	target := reflect.ValueOf(fact).Elem()
	if k.fromProvider() {
		return
	}
	for _, f := range fieldsOf(target.Type()) {
		at, ok := f.in(target).Interface().(*time.Time)
		if !ok || at == nil {
			continue
		}
		if err := values.Near(*at, now); err != nil {
			v.invalid(f.name, "%v", err)
		}
	}
}

// privateValue returns the check for a private text: that of its sort for how a client is reached, and that of words for every
// other field.
func (k Kind) privateValue(field string, now time.Time) func(string) (string, error) {
	switch {
	case k.fromProvider():
		return func(text string) (string, error) { return text, nil }
	case k.Contact:
		switch field {
		case "preferred_name":
			return values.Name
		case "pronouns":
			return values.Pronouns
		case "phone":
			return values.Phone
		case "email":
			return values.Email
		case "pin":
			return values.PIN
		case "birth_date":
			return func(text string) (string, error) { return values.BirthDay(text, now) }
		}
	}
	return func(text string) (string, error) { return values.Text(text, values.MostWords) }
}

// PrivateValue checks one private text of a report and returns it as it is kept. The error is a refusal that names the field
// and does not quote the text.
func (k Kind) PrivateValue(field, text string, now time.Time) (string, error) {
	clean, err := k.privateValue(field, now)(text)
	if err != nil {
		v := &inspection{fact: k.Name}
		v.invalid(field, "%v", err)
		return "", v.refusal()
	}
	return clean, nil
}
