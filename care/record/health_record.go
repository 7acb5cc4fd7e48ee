// Package record is what the practice reads of a client: the health record opened for one reader, its history, the trend of
// measures, and the outcomes over all clients. It derives everything and writes nothing.
package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
)

// HealthRecord is all that the practice holds about one client, opened for one reader: the chart, how the client
// is reached, everything that happened in the order in which it was written, every message, and the private
// texts that this reader may see.
type HealthRecord struct {
	Chart     *care.Chart
	Contact   person.Contact
	Billing   care.Billing          // what documents say of the client; empty when nothing was given
	Documents []care.IssuedDocument // that the client was handed, oldest first
	Messages  []care.Message
	Facts     []care.Entry    // oldest first; private texts are references
	Postings  []money.Posting // oldest first
	Journal   []care.JournalLine
	Texts     map[string]string // reference → text; a reference that is not here is closed to this reader
}

// closedText stands where a text is that the reader may not see.
const closedText = "[written down; not open to you]"

// Standing is what says where a client stands.
type Standing struct {
	Record   HealthRecord           // chart and contact, and the facts with their texts if they were asked for
	Answers  []care.Entry           // the facts that are answers to check-ins, oldest first
	Worklist []message.WorklistItem // what about the client waits on the coordinators' list, oldest first
}

// NewHealthRecord sorts a client's journal into facts and postings. texts holds the private texts the reader may see.
func NewHealthRecord(c *care.Chart, contact person.Contact, journal []care.JournalLine, messages []care.Message, texts map[string]string) (HealthRecord, error) {
	r := HealthRecord{Chart: c, Contact: contact, Messages: messages, Journal: journal, Texts: texts}
	for _, l := range journal {
		var err error
		switch l.Type {
		case "fact":
			var e care.Entry
			err = json.Unmarshal(l.Body, &e)
			r.Facts = append(r.Facts, e)
		case "ledger":
			var p money.Posting
			err = json.Unmarshal(l.Body, &p)
			r.Postings = append(r.Postings, p)
		}
		if err != nil {
			return HealthRecord{}, fmt.Errorf("journal line %d: %w", l.Seq, err)
		}
	}
	return r, nil
}

// Text gives the text behind a private field: itself if it is no reference, and a remark if the reader may not see it.
func (r HealthRecord) Text(p care.Private) string {
	if text, open := r.OpenText(p); open {
		return text
	}
	return closedText
}

// OpenText gives the text behind a private field; open is false if the reader may not see it.
func (r HealthRecord) OpenText(p care.Private) (text string, open bool) {
	if !strings.HasPrefix(string(p), care.PrivateRefPrefix) {
		return string(p), true
	}
	text, open = r.Texts[string(p)]
	return text, open
}

// Fact reads an entry's fields into its kind.
func (r HealthRecord) Fact(e care.Entry) (care.Fact, error) {
	kind, ok := care.KindNamed(e.Fact)
	if !ok {
		return nil, fmt.Errorf("fact %d: there is no fact called %q", e.Seq, e.Fact)
	}
	fact, _, err := kind.Decode(e.With, r.Chart.Zone)
	return fact, err
}

// Recorded is one fact of a record with its entry.
type Recorded[F care.Fact] struct {
	care.Entry
	Fact F
}

// FactsOf gives every fact of one type, in the order in which they were recorded.
func FactsOf[F care.Fact](r HealthRecord) (out []Recorded[F], err error) {
	kind := care.KindFor[F]()
	for _, e := range r.Facts {
		if e.Fact != kind.Name {
			continue
		}
		fact, err := r.Fact(e)
		if err != nil {
			return nil, fmt.Errorf("fact %d: %w", e.Seq, err)
		}
		out = append(out, Recorded[F]{e, fact.(F)})
	}
	return out, nil
}

// Fields gives a fact's fields with its private texts in place of their references.
func (r HealthRecord) Fields(e care.Entry) map[string]any {
	fields := map[string]any{}
	if len(e.With) == 0 || json.Unmarshal(e.With, &fields) != nil {
		return map[string]any{}
	}
	delete(fields, "id")
	kind, _ := care.KindNamed(e.Fact)
	for _, added := range kind.Adds.Fields() { // for the workflow; nobody reported them
		delete(fields, added)
	}
	return r.opened(fields).(map[string]any)
}

// OpenedChart gives the chart as JSON values, with the texts that it refers to in their places.
func (r HealthRecord) OpenedChart() (any, error) {
	body, err := json.Marshal(r.Chart)
	if err != nil {
		return nil, err
	}
	var values any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // amounts stay as they are written
	err = dec.Decode(&values)
	return r.opened(values), err
}

func (r HealthRecord) opened(v any) any {
	switch x := v.(type) {
	case string:
		return r.Text(care.Private(x))
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			x[k] = r.opened(x[k])
		}
	case []any:
		for i := range x {
			x[i] = r.opened(x[i])
		}
	}
	return v
}

// ReadableTexts keeps the private texts of a record that a role may read.
func (r HealthRecord) ReadableTexts(role person.Role) map[string]string {
	out := map[string]string{}
	for _, e := range r.Facts {
		kind, ok := care.KindNamed(e.Fact)
		if !ok || !kind.Readable(role) {
			continue
		}
		for _, ref := range kind.References(e.With) {
			if text, ok := r.Texts[ref]; ok {
				out[ref] = text
			}
		}
	}
	return out
}

// ClosedTexts counts the private texts of the record's facts that its reader may not see.
func (r HealthRecord) ClosedTexts() (n int) {
	for _, e := range r.Facts {
		kind, _ := care.KindNamed(e.Fact)
		for _, ref := range kind.References(e.With) {
			if _, open := r.Texts[ref]; !open {
				n++
			}
		}
	}
	return n
}

// AnswerText gives a yes or no, or the words given in its place.
func (r HealthRecord) AnswerText(a care.Answer) string {
	switch {
	case strings.HasPrefix(string(a), care.PrivateRefPrefix):
		return r.Text(care.Private(a))
	case a.Given():
		return "yes"
	default:
		return "no"
	}
}
