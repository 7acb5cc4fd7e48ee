package care

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// traits is what can be told of a kind of fact without a chart. Finding it out takes a few trial reports, so it is found out once.
type traits struct {
	needed  map[string]bool
	allowed map[string][]string // of each field, as Allowed says
	example json.RawMessage
	typed   Fact // the example as a fact; whoever changes it copies it first
	trial        // what Offers tries
}

// traitsOf gives the traits of each kind of the vocabulary by its name. It is filled when every table that the trial reports ask is there.
var traitsOf = map[string]traits{}

// kindIndex gives the place of each kind in the vocabulary by its name.
var kindIndex = map[string]int{}

func init() {
	for i, k := range vocabulary {
		kindIndex[k.Name] = i
		t := reflect.TypeOf(k.New()).Elem()
		fieldsOfKinds[t] = fieldsOf(t)
	}
	for _, k := range vocabulary {
		allowed := map[string][]string{}
		for _, f := range k.factFields() {
			allowed[f.name] = k.tryAllowed(f.name)
		}
		example := k.tryExample()
		typed, _, err := k.Decode(example, clock.Zone{})
		if err != nil {
			panic("care: an example can always be read: " + err.Error())
		}
		of := traits{needed: k.tryNeeded(), allowed: allowed, example: example, typed: typed}
		of.trial = k.newTrial(of)
		traitsOf[k.Name] = of
	}
}

// Allowed lists the codes of which a field must be one; none if it takes any value.
func (k Kind) Allowed(field string) []string { return slices.Clone(traitsOf[k.Name].allowed[field]) }

func (k Kind) tryAllowed(field string) []string {
	for _, value := range []string{`"?"`, `["?"]`} {
		if allowed := k.allowedIn(value, field); allowed != nil {
			return allowed
		}
	}
	return nil
}

// allowedIn lists the codes that a refusal of a value offers for its field.
func (k Kind) allowedIn(value, field string) []string {
	fact, _, err := k.Decode(json.RawMessage(`{"`+field+`":`+value+`}`), clock.Zone{})
	if err != nil {
		return nil
	}
	for _, p := range k.problemsOf(fact) {
		if p.Field == field && p.allowed != nil {
			return p.allowed
		}
	}
	return nil
}

// problemsOf gives what a fact is refused for by a chart in which nothing happened yet.
func (k Kind) problemsOf(fact Fact) []Problem {
	return (&Chart{Handled: map[message.Key]message.Result{}}).problems(k, fact, Meta{Now: time.Unix(0, 0).UTC(), At: time.Unix(0, 0).UTC()})
}

// needed gives the fields without which every report of this kind is refused. A practice has places and a decision of its own
// for what else may be left out.
func (k Kind) needed() map[string]bool { return traitsOf[k.Name].needed }

func (k Kind) tryNeeded() map[string]bool {
	needed := map[string]bool{}
	c := &Chart{Handled: map[message.Key]message.Result{}, Policy: policy.Policy{Places: []policy.Place{{ID: "office", Outpatient: true}}}}
	for _, p := range c.problems(k, k.New(), Meta{By: person.Actor{ID: "somebody"}, Now: time.Unix(0, 0).UTC(), At: time.Unix(0, 0).UTC()}) {
		if p.level == atShape || p.level == atLimit {
			needed[p.Field] = true
		}
	}
	return needed
}

// Example writes the fields that a report of this kind needs, each with a value that fits its type.
func (k Kind) Example() json.RawMessage { return slices.Clone(traitsOf[k.Name].example) }

func (k Kind) tryExample() json.RawMessage {
	needed := k.tryNeeded()
	out := map[string]any{}
	for _, f := range k.factFields() {
		if needed[f.name] || f.name == k.About && f.typ.Kind() == reflect.String {
			if value := k.sample(f.typ, f.name); value != nil {
				out[f.name] = value
			}
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic("care: an example always marshals: " + err.Error())
	}
	return b
}

func (k Kind) sample(t reflect.Type, name string) any {
	if allowed := k.tryAllowed(name); len(allowed) > 0 && t.Kind() == reflect.Slice {
		return allowed[:1]
	} else if len(allowed) > 0 {
		return allowed[0]
	}
	if words, ok := samples[name]; ok && t.Kind() == reflect.String {
		return words
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
	case "group":
		group := map[string]any{}
		for _, f := range fieldsOf(t) {
			group[f.name] = k.sample(f.typ, f.name)
		}
		return group
	}
	return nil
}

// samples are texts for examples, by field.
var samples = map[string]string{"appointment": "preparation-1", "infusion": "infusion-1", "check_in": "latest", "reason": "in your own words", "key": "payment-1",
	"clinician": "dr-sample", "flag": "substance-dependence", "alert": "alert-1", "version": "sample-1", "summary": "in your own words", "intention": "in your own words", "released_to": "who takes the client home"}
