package care

import (
	"bytes"
	"cmp"
	"encoding/json"
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

var (
	timeType    = reflect.TypeFor[time.Time]()
	privateType = reflect.TypeFor[Private]()
	answerType  = reflect.TypeFor[Answer]()
)

// Field describes one field of a fact, for help texts and forms.
type Field struct {
	Name    string `json:"name"` // JSON name
	Type    string `json:"type"` // text, number, yes/no, time, list, …
	Private bool   `json:"private"`

	Label    string        `json:"label"` // as a front desk says it
	Hint     string        `json:"hint,omitempty"`
	Unit     Unit          `json:"unit,omitempty"`
	Input    Input         `json:"input"`
	Choices  []Choice      `json:"choices,omitempty"`  // the values that it takes
	Open     bool          `json:"open,omitempty"`     // it takes other values beside its choices
	Chosen   bool          `json:"chosen,omitempty"`   // it names something of the chart: Chart.Choices gives what
	Required bool          `json:"required,omitempty"` // every report of its kind needs it
	When     string        `json:"when,omitempty"`     // when a report needs it, if not every one does
	Before   string        `json:"before,omitempty"`   // what needs it, where a report may leave it to another one
	Words    string        `json:"words,omitempty"`    // of a yes or no that may be given in words: what they say
	For      []person.Role `json:"for,omitempty"`      // who fills it in; empty: everybody who may record the fact
	Items    []Field       `json:"items,omitempty"`    // of a group, of each row, or the questions
}

// Fields lists the fields of a kind in order.
func (k Kind) Fields() []Field {
	needed, form := k.needed(), formOf(k.Name)
	var out []Field
	for _, f := range k.factFields() {
		field := Field{Name: f.name, Type: typeName(f.typ), Private: isPrivate(f.typ)}
		field.describe(form.field(f.name), f.typ, k.Allowed(f.name))
		field.Required = needed[f.name] && field.When == "" && field.Input != InputNone
		field.Items = k.items(f.typ, f.name, form.field(f.name))
		out = append(out, field)
	}
	return out
}

// items lists the fields of a group or row, or the questions of a questionnaire.
func (k Kind) items(t reflect.Type, name string, form fieldForm) []Field {
	if form.input == InputNone {
		return nil
	}
	if n := questionsOf(name); n > 0 {
		return questionFields(name, n)
	}
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == timeType {
		return nil
	}
	var out []Field
	for _, f := range fieldsOf(t) {
		field := Field{Name: f.name, Type: typeName(f.typ), Private: isPrivate(f.typ)}
		field.describe(form.items[f.name], f.typ, k.allowedIn(`[{"`+f.name+`":"?"}]`, name))
		out = append(out, field)
	}
	return out
}

func isPrivate(t reflect.Type) bool {
	return t == privateType || t == answerType || t == reflect.PointerTo(privateType)
}

// factField is a field of a fact's Go type, or of a group or row in it.
type factField struct {
	name  string // in JSON
	typ   reflect.Type
	index []int
}

// in gives the field of one value of the type.
func (f factField) in(value reflect.Value) reflect.Value { return value.FieldByIndex(f.index) }

// fieldsOfKinds are the fields of each kind's Go type, filled when the program starts: a page that offers what may be recorded asks for
// them some hundred times.
var fieldsOfKinds = map[reflect.Type][]factField{}

// fieldsOf lists the fields of a struct type in order. Those of an embedded struct are its own.
func fieldsOf(t reflect.Type) (out []factField) {
	if known, ok := fieldsOfKinds[t]; ok {
		return known
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue // what it embeds comes after it
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out = append(out, factField{name, f.Type, f.Index})
	}
	return out
}

// factFields lists the fields of a kind's Go type in order.
func (k Kind) factFields() []factField { return fieldsOf(reflect.TypeOf(k.New()).Elem()) }

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
		return "amount"
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
	for _, f := range fieldsOf(target.Type()) {
		known[f.name] = true
		if b, ok := raw[f.name]; ok && string(b) != "null" {
			decodeField(v, f.in(target), f.name, b, z)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if !known[name] {
			v.invalid(cmp.Or(name, `""`), "is not a field of %s%s", k.Name, wording.DidYouMean(name, slices.Sorted(maps.Keys(known))))
		}
	}
	return fact, id, v.refusal()
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
	if t == "text" || t == "amount" || t == "yes/no" || t == "yes/no or text" {
		return map[string]string{"text": "text", "amount": "an amount such as \"$100.00\", or a whole number of cents", "yes/no": "true or false", "yes/no or text": "true, false or words"}[t]
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
	for _, f := range fieldsOf(t) {
		for _, key := range slices.Sorted(maps.Keys(raw)) {
			if failed != nil || !strings.EqualFold(key, f.name) {
				continue
			}
			var did bool
			if isPrivate(f.typ) {
				did, failed = hideText(f.typ, raw, key, path+f.name, hide)
			} else if f.typ.Kind() == reflect.Struct && f.typ != timeType {
				inner := map[string]json.RawMessage{}
				if json.Unmarshal(raw[key], &inner) != nil {
					continue
				}
				if did, failed = hideFields(f.typ, inner, path+f.name+".", hide); did && failed == nil {
					raw[key], failed = json.Marshal(inner)
				}
			}
			hidden = hidden || did
		}
	}
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

// PrivateRefPrefix marks a reference to a private text.
const PrivateRefPrefix = "ref:"

// References lists the private texts that a fact refers to.
func (k Kind) References(with json.RawMessage) []string {
	if !bytes.Contains(with, []byte(PrivateRefPrefix)) {
		return nil // most facts have none, and long records are asked fact by fact
	}
	var refs []string
	_, _ = k.HidePrivate(with, func(_, text string) (string, error) {
		if strings.HasPrefix(text, PrivateRefPrefix) {
			refs = append(refs, text)
		}
		return text, nil
	})
	return refs
}
