package care

import (
	"encoding/json"
	"kapflow/care/message"
	"reflect"
	"time"

	"kapflow/care/clock"
)

// Allowed lists the codes of which a field must be one; none if it takes any value.
func (k Kind) Allowed(field string) []string {
	for _, value := range []string{`"?"`, `["?"]`} {
		fact, _, err := k.Decode(json.RawMessage(`{"`+field+`":`+value+`}`), clock.Zone{})
		if err != nil {
			continue
		}
		for _, p := range k.problemsOf(fact) {
			if p.Field == field && p.allowed != nil {
				return p.allowed
			}
		}
	}
	return nil
}

// problemsOf gives what a fact is refused for by a chart in which nothing happened yet.
func (k Kind) problemsOf(fact Fact) []Problem {
	v := &inspection{fact: k.Name}
	fact.check(&Chart{Handled: map[message.Key]message.Result{}}, Meta{Now: time.Unix(0, 0).UTC(), At: time.Unix(0, 0).UTC()}, v)
	return v.problems
}

// Example writes the fields that a report of this kind needs, each with a value that fits its type.
func (k Kind) Example() json.RawMessage {
	needed := map[string]bool{}
	for _, p := range k.problemsOf(k.New()) {
		needed[p.Field] = p.level == atShape
	}
	out := map[string]any{}
	eachField(reflect.TypeOf(k.New()).Elem(), func(f reflect.StructField, name string) {
		if needed[name] || name == k.About && f.Type.Kind() == reflect.String {
			out[name] = k.sample(f.Type, name)
		}
	})
	b, err := json.Marshal(out)
	if err != nil {
		panic("care: an example always marshals: " + err.Error())
	}
	return b
}

func (k Kind) sample(t reflect.Type, name string) any {
	if allowed := k.Allowed(name); len(allowed) > 0 && t.Kind() == reflect.Slice {
		return allowed[:1]
	} else if len(allowed) > 0 {
		return allowed[0]
	}
	switch typeName(t) {
	case "time":
		return "2027-03-04 10:00"
	case "amount":
		return "$100.00"
	case "yes/no", "yes/no or text":
		return true
	case "number":
		return 1
	case "text":
		return samples[name]
	}
	return nil
}

// samples are texts for examples, by field.
var samples = map[string]string{"appointment": "preparation-1", "infusion": "infusion-1", "check_in": "latest", "reason": "in your own words", "key": "payment-1",
	"clinician": "dr-sample", "flag": "substance-dependence", "alert": "alert-1", "version": "sample-1", "summary": "in your own words", "intention": "in your own words"}
