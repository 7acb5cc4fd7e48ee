package care

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kapflow/care/money"
	"kapflow/care/person"
)

// HealthRecord is all that the practice holds about one client, opened for one reader: the chart, how the client
// is reached, everything that happened in the order in which it was written, every message, and the private
// texts that this reader may see.
type HealthRecord struct {
	Chart     *Chart
	Contact   person.Contact
	Billing   Billing          // what papers say of the client; empty when nothing was given
	Documents []IssuedDocument // that the client was handed, oldest first
	Messages  []Message
	Facts     []Entry         // oldest first; private texts are references
	Postings  []money.Posting // oldest first
	Journal   []JournalLine
	Texts     map[string]string // reference → text; a reference that is not here is closed to this reader
}

// closedText stands where a text is that the reader may not see.
const closedText = "[written down; not open to you]"

// refPrefix marks a reference to a private text.
const refPrefix = "ref:"

// NewHealthRecord sorts a client's journal into facts and postings. texts holds the private texts the reader may see.
func NewHealthRecord(c *Chart, contact person.Contact, journal []JournalLine, messages []Message, texts map[string]string) (HealthRecord, error) {
	r := HealthRecord{Chart: c, Contact: contact, Messages: messages, Journal: journal, Texts: texts}
	for _, l := range journal {
		var err error
		switch l.Type {
		case "fact":
			var e Entry
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

// Text gives the text behind a private field: itself when it is no reference.
func (r HealthRecord) Text(p Private) string {
	if !strings.HasPrefix(string(p), refPrefix) {
		return string(p)
	}
	if text, ok := r.Texts[string(p)]; ok {
		return text
	}
	return closedText
}

// Fact reads an entry's fields into its kind.
func (r HealthRecord) Fact(e Entry) (Fact, error) {
	kind, ok := KindNamed(e.Fact)
	if !ok {
		return nil, fmt.Errorf("fact %d: there is no fact called %q", e.Seq, e.Fact)
	}
	fact, _, err := kind.Decode(e.With, r.Chart.Zone)
	return fact, err
}

// Fields gives a fact's fields with its private texts in place of their references.
func (r HealthRecord) Fields(e Entry) map[string]any {
	fields := map[string]any{}
	if len(e.With) == 0 || json.Unmarshal(e.With, &fields) != nil {
		return map[string]any{}
	}
	delete(fields, "id")
	delete(fields, "policy") // the desk adds these for the workflow; nobody reported them
	delete(fields, "zone_data")
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
		return r.Text(Private(x))
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

// Readable says whether a role may read the private texts of a kind of fact. Both clinicians read one record
// (R6); everybody else reads what they may write themselves, and what it is their task to read.
func (k Kind) Readable(r person.Role) bool {
	return r == person.Psychotherapist || r == person.Physician || k.Allows(r) || slices.Contains(k.ReadBy, r)
}

// References lists the private texts that a fact refers to.
func (k Kind) References(with json.RawMessage) []string {
	var refs []string
	_, _ = k.HidePrivate(with, func(_, text string) (string, error) {
		if strings.HasPrefix(text, refPrefix) {
			refs = append(refs, text)
		}
		return text, nil
	})
	return refs
}

// ReadableTexts keeps the private texts of a record that a role may read.
func (r HealthRecord) ReadableTexts(role person.Role) map[string]string {
	out := map[string]string{}
	for _, e := range r.Facts {
		kind, ok := KindNamed(e.Fact)
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

// AnswerText gives a yes or no, or the words given in its place.
func (r HealthRecord) AnswerText(a Answer) string {
	switch {
	case strings.HasPrefix(string(a), refPrefix):
		return r.Text(Private(a))
	case a.Given():
		return "yes"
	default:
		return "no"
	}
}
