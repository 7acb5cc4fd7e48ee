package care

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

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

	NotFree []string // visits for which the desk found a new clinician not to be free
}

// Report is what travels in an Update: one struct, the same for every kind of fact.
type Report struct {
	ID    string          `json:"id"`
	By    person.Actor    `json:"by"`
	With  json.RawMessage `json:"with,omitempty"`
	Clash string          `json:"clash,omitempty"`
	Away  []string        `json:"away,omitempty"`
	To    Address         `json:"to,omitzero"` // what it was made for

	NotFree []string `json:"not_free,omitempty"`

	Seen int `json:"seen,omitempty"` // number of the last fact that the author saw; 0: not known
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
