package care

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// Fact is something a person or provider reports. check says everything that is wrong with it, and
// apply takes it in; apply is only called after a check that found nothing, so a fact is never half
// recorded.
type Fact interface {
	check(c *Chart, m Meta, v *inspection)
	apply(c *Chart, m Meta)
}

// Meta is what is known about a report besides its fact.
type Meta struct {
	ID    string       // the report's id, for recording once
	By    person.Actor // who reports
	At    time.Time    // when it happened (UTC)
	Now   time.Time    // when it is recorded (UTC)
	Clash string       // a clash with another client's visit that the desk found; empty: none
	Away  []string     // clinicians that a booking needs and the desk knows to be away then
}

// Report is what travels in an Update: one struct, the same for every kind of fact.
type Report struct {
	ID    string          `json:"id"`
	By    person.Actor    `json:"by"`
	With  json.RawMessage `json:"with,omitempty"`
	Clash string          `json:"clash,omitempty"`
	Away  []string        `json:"away,omitempty"`
}

// Kind is one row of the vocabulary. Update handlers, the command line, forms and documentation are all
// made from these rows.
type Kind struct {
	Name    string // wire name, for ever
	Summary string // one sentence for people
	By      []person.Role
	New     func() Fact

	ReadBy       []person.Role // besides both clinicians and By: whose task it is to read the private texts
	AfterClose   bool          // may still be recorded when the course is over
	PracticeWide bool          // the desk turns one report into a fact for each client it touches
}

// Allows says whether a role may record this kind.
func (k Kind) Allows(r person.Role) bool { return slices.Contains(k.By, r) }

// KindNamed finds a row of the vocabulary by wire name.
func KindNamed(name string) (Kind, bool) {
	for _, k := range Vocabulary() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Private is text that never enters a chart or a workflow: contact data, notes, intentions, comments.
// The desk stores it encrypted and puts a reference ("ref:…") in its place before the update.
type Private string

// UnmarshalJSON takes text; blanks alone are no text.
func (p *Private) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	*p = Private(strings.TrimSpace(text))
	return nil
}

// Answer is a yes or no that may also be given in words: true, or a sentence. Words count as yes and are
// private: the desk stores them and puts a reference in their place.
type Answer string

// UnmarshalJSON takes true, false, or text.
func (a *Answer) UnmarshalJSON(b []byte) error {
	var yes bool
	if err := json.Unmarshal(b, &yes); err == nil {
		*a = "false" // answered, and not the same as not asked
		if yes {
			*a = "yes"
		}
		return nil
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return fmt.Errorf("must be true, false or words")
	}
	*a = Answer(strings.TrimSpace(text))
	return nil
}

// Given says whether the answer is yes, in words or not.
func (a Answer) Given() bool {
	return !slices.Contains([]string{"", "no", "false", "none", "n/a", "nobody", "no one", "noone"}, wording.Lower(strings.TrimSpace(string(a))))
}

// plain says whether an answer is a bare yes or no. Such words are nobody's secret, and hiding them behind
// a reference would turn a no into words, which count as yes.
func (a Answer) plain() bool {
	return !a.Given() || slices.Contains([]string{"yes", "true"}, wording.Lower(strings.TrimSpace(string(a))))
}

// said says whether there is an answer at all, where none is one too: no prior experience, no preferences.
func (a Answer) said() bool { return a != "" && a != "false" }

// inWords says whether an answer is a yes that says more than yes: a name, a reason.
func (a Answer) inWords() bool { return a.Given() && !a.plain() }

// Happened is the optional time of every fact: when it happened, if not now.
type Happened struct {
	At *time.Time `json:"at,omitempty"`
}

func (h Happened) happenedAt() *time.Time { return h.At }

var (
	timeType    = reflect.TypeFor[time.Time]()
	privateType = reflect.TypeFor[Private]()
	answerType  = reflect.TypeFor[Answer]()
)

// Field describes one field of a fact, for help texts and forms.
type Field struct {
	Name    string // JSON name
	Type    string // text, number, yes/no, time, list, …
	Private bool
}

// Fields lists the fields of a kind in order.
func (k Kind) Fields() []Field {
	var out []Field
	eachField(reflect.TypeOf(k.New()).Elem(), func(f reflect.StructField, name string) {
		out = append(out, Field{Name: name, Type: typeName(f.Type), Private: isPrivate(f.Type)})
	})
	return out
}

func isPrivate(t reflect.Type) bool {
	return t == privateType || t == answerType || t == reflect.PointerTo(privateType)
}

func eachField(t reflect.Type, visit func(reflect.StructField, string)) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			eachField(f.Type, visit)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		visit(f, name)
	}
}

func typeName(t reflect.Type) string {
	switch {
	case t == timeType || t == reflect.PointerTo(timeType):
		return "time"
	case t == answerType:
		return "yes/no or text"
	case t.Kind() == reflect.Pointer:
		return typeName(t.Elem())
	case t.Kind() == reflect.Bool:
		return "yes/no"
	case t.Kind() == reflect.Slice:
		return "list of " + typeName(t.Elem())
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return "group"
	case t == reflect.TypeFor[money.Cents]():
		return "cents"
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64 || t.Kind() == reflect.Float64:
		return "number"
	default:
		return "text"
	}
}

// Decode reads a report's fields into a fact of its kind: no unknown field, no wrong type, local times in
// the given zone. It gives the id carried in the fields, if any. Every fault is a refusal with code invalid
// that names the field.
func (k Kind) Decode(with json.RawMessage, z clock.Zone) (fact Fact, id string, err error) {
	v := &inspection{fact: k.Name}
	fact = k.New()
	raw := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(with)) > 0 && string(bytes.TrimSpace(with)) != "null" {
		if err := json.Unmarshal(with, &raw); err != nil {
			v.invalid("with", "must be a JSON object of fields")
			return nil, "", v.refusal()
		}
	}
	if b, ok := raw["id"]; ok {
		if json.Unmarshal(b, &id) != nil || id == "" {
			v.invalid("id", "must be text")
		}
		delete(raw, "id")
	}
	target := reflect.ValueOf(fact).Elem()
	known := map[string]bool{}
	eachField(target.Type(), func(f reflect.StructField, name string) {
		known[name] = true
		if b, ok := raw[name]; ok && string(b) != "null" {
			decodeField(v, target.FieldByIndex(fieldIndex(target.Type(), f.Name)), name, b, z)
		}
	})
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if !known[name] {
			v.invalid(name, "is not a field of %s", k.Name)
		}
	}
	return fact, id, v.refusal()
}

func fieldIndex(t reflect.Type, name string) []int {
	f, _ := t.FieldByName(name)
	return f.Index
}

func decodeField(v *inspection, target reflect.Value, name string, raw json.RawMessage, z clock.Zone) {
	if t := target.Type(); t == timeType || t == reflect.PointerTo(timeType) {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			v.invalid(name, "must be a time such as 2027-03-04 10:00")
			return
		}
		at, err := z.ParseTime(text)
		if err != nil {
			v.invalid(name, "%q: %v", text, err)
			return
		}
		if t == timeType {
			target.Set(reflect.ValueOf(at))
		} else {
			target.Set(reflect.ValueOf(&at))
		}
		return
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(target.Addr().Interface()); err != nil {
		if _, unknown, ok := strings.Cut(err.Error(), "unknown field "); ok {
			v.invalid(name, "%s is not a field of it", unknown)
			return
		}
		v.invalid(name, "must be %s", article(typeName(target.Type())))
	}
}

func article(t string) string {
	if t == "text" || t == "cents" || t == "yes/no" || t == "yes/no or text" {
		return map[string]string{"text": "text", "cents": "a whole number of cents", "yes/no": "true or false", "yes/no or text": "true, false or words"}[t]
	}
	return "a " + t
}

// HidePrivate replaces every private text of a report by what hide gives for it (a reference), and leaves
// the rest as it stands. The desk calls it before anything leaves for the workflow. Empty texts and plain
// yes or no stay.
func (k Kind) HidePrivate(with json.RawMessage, hide func(field, text string) (ref string, err error)) (json.RawMessage, error) {
	raw := map[string]json.RawMessage{}
	if len(with) == 0 || json.Unmarshal(with, &raw) != nil {
		return with, nil // Decode will say what is wrong with it
	}
	hidden, err := hideFields(reflect.TypeOf(k.New()).Elem(), raw, "", hide)
	if err != nil || !hidden {
		return with, err
	}
	return json.Marshal(raw)
}

// hideFields hides the private texts among the fields of one type, those of a nested group too. Names are
// matched as the JSON decoder matches them, in any case, so that no spelling slips through.
func hideFields(t reflect.Type, raw map[string]json.RawMessage, path string, hide func(field, text string) (string, error)) (hidden bool, failed error) {
	eachField(t, func(f reflect.StructField, name string) {
		for _, key := range slices.Sorted(maps.Keys(raw)) {
			if failed != nil || !strings.EqualFold(key, name) {
				continue
			}
			var did bool
			if isPrivate(f.Type) {
				did, failed = hideText(f.Type, raw, key, path+name, hide)
			} else if f.Type.Kind() == reflect.Struct && f.Type != timeType {
				inner := map[string]json.RawMessage{}
				if json.Unmarshal(raw[key], &inner) != nil {
					continue
				}
				if did, failed = hideFields(f.Type, inner, path+name+".", hide); did && failed == nil {
					raw[key], failed = json.Marshal(inner)
				}
			}
			hidden = hidden || did
		}
	})
	return hidden, failed
}

func hideText(t reflect.Type, raw map[string]json.RawMessage, key, path string, hide func(field, text string) (string, error)) (bool, error) {
	var text string
	if json.Unmarshal(raw[key], &text) != nil || strings.TrimSpace(text) == "" || t == answerType && Answer(text).plain() {
		return false, nil
	}
	ref, err := hide(path, text)
	if err != nil {
		return false, err
	}
	raw[key], err = json.Marshal(ref)
	return true, err
}
