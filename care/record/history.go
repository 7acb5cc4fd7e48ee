package record

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// HistoryLine is one thing that happened to a client's course: who, when, what, why. Corrections and overrides
// are lines of their own, so nothing that was once recorded is lost from sight.
type HistoryLine struct {
	At       time.Time      `json:"at"`       // when it happened
	Recorded time.Time      `json:"recorded"` // when it was written down
	Type     string         `json:"type"`     // fact, stage, gate, task, alert, message, ledger
	What     string         `json:"what"`     // the fact's name; else a code
	By       person.Actor   `json:"by"`
	About    string         `json:"about,omitempty"` // visit, check-in, flag, gate
	From     string         `json:"from,omitempty"`
	To       string         `json:"to,omitempty"`
	Why      string         `json:"why,omitempty"`
	Mark     string         `json:"mark,omitempty"` // corrected, overridden, by-telephone, late
	Words    string         `json:"words"`
	With     map[string]any `json:"with,omitempty"` // a fact's fields, with the texts that the reader may see
}

// Marks of history lines that a reader must not miss.
const (
	MarkCorrected   = "corrected"
	MarkOverridden  = "overridden"
	MarkByTelephone = "by-telephone"
	MarkLate        = "late"
)

// lateEntry is how long after the event a fact may be written down before its line says so.
const lateEntry = time.Hour

// History tells the whole record in the order in which it was written down.
func History(r HealthRecord) ([]HistoryLine, error) {
	var out []HistoryLine
	for _, l := range r.Journal {
		line, err := r.historyLine(l)
		if err != nil {
			return nil, fmt.Errorf("journal line %d: %w", l.Seq, err)
		}
		out = append(out, line)
	}
	return out, nil
}

func (r HealthRecord) historyLine(l care.JournalLine) (HistoryLine, error) {
	switch l.Type {
	case "fact":
		var e care.Entry
		if err := json.Unmarshal(l.Body, &e); err != nil {
			return HistoryLine{}, err
		}
		return r.factLine(e)
	case "change":
		var c care.Change
		err := json.Unmarshal(l.Body, &c)
		return changeLine(c), err
	case "message":
		var m care.Message
		err := json.Unmarshal(l.Body, &m)
		return HistoryLine{At: m.At, Recorded: m.At, Type: "message", What: string(m.Template), By: person.Actor{Role: person.System}, About: m.About, To: string(m.State), Why: m.Why,
			Words: fmt.Sprintf("Message “%s” to the %s by %s: %s", m.Template.Words(), m.To, m.Channel.Words(), m.State)}, err
	case "ledger":
		var p money.Posting
		err := json.Unmarshal(l.Body, &p)
		return HistoryLine{At: p.On, Recorded: l.At, Type: "ledger", What: p.Key, By: p.By, Words: wording.Title(string(p.FeeSet)) + " ledger: " + named(p.Memo)}, err
	default:
		return HistoryLine{At: l.At, Recorded: l.At, Type: l.Type, By: person.Actor{Role: person.System}, Words: wording.Title(l.Type)}, nil
	}
}

func changeLine(c care.Change) HistoryLine {
	line := HistoryLine{At: c.At, Recorded: c.At, Type: c.Type, What: c.Subject, By: person.Actor{Role: person.System}, About: c.About, From: c.From, To: c.State, Why: named(c.Reason)}
	switch c.Type {
	case "stage":
		line.Words = "Stage: " + wording.Title(c.State)
	case "alert":
		line.Words = fmt.Sprintf("Alert for the %s: %s, %s", c.Role, care.NameOf(c.Subject), c.State)
	case "task":
		line.Words = fmt.Sprintf("Task %s: %s", c.State, cmp.Or(line.Why, care.NameOf(c.Subject)))
	default:
		line.Words = fmt.Sprintf("%s %s: %s", wording.Title(c.Type), care.NameOf(c.Subject), c.State)
	}
	return line
}

var (
	numberedVisits = regexp.MustCompile(`\b(evaluation|preparation|consult|infusion|integration)-([0-9]+)\b`)
	unnamedThings  = regexp.MustCompile(` \((reply|alert)-[0-9]+\)`)
)

// named writes a sentence that was kept as people read it. Earlier builds kept ids of visits and replies in them.
func named(sentence string) string {
	return numberedVisits.ReplaceAllString(unnamedThings.ReplaceAllString(sentence, ""), "$1 $2")
}

// factLine tells a fact: what it changed is kept with its entry (care.Effect). Of entries written before effects were kept
// the line says what the fact says by itself.
func (r HealthRecord) factLine(e care.Entry) (HistoryLine, error) {
	kind, ok := care.KindNamed(e.Fact)
	if !ok {
		return HistoryLine{}, fmt.Errorf("there is no fact called %q", e.Fact)
	}
	fact, err := r.Fact(e)
	if err != nil {
		return HistoryLine{}, err
	}
	effect := kind.EffectOf(e, fact)
	line := HistoryLine{At: e.At, Recorded: e.Now, Type: "fact", What: e.Fact, By: e.By, With: r.Fields(e), Mark: markOf(kind, e),
		About: effect.About, From: r.said(effect.From), To: r.said(effect.To)}
	line.Why, _ = line.With["reason"].(string)
	line.Words = line.words()
	return line, nil
}

// markOf says what a reader of an entry must not miss.
func markOf(kind care.Kind, e care.Entry) string {
	switch {
	case kind.Corrects:
		return MarkCorrected
	case kind.Overrides:
		return MarkOverridden
	case kind.ClientsOwn && e.By.Role != person.Client:
		return MarkByTelephone
	case e.Now.Sub(e.At) > lateEntry:
		return MarkLate
	}
	return ""
}

// said writes one side of an effect as people read it: an instant with its year, since a record is read years later, and
// everything else as it stands.
func (r HealthRecord) said(side string) string {
	if at, err := time.Parse(time.RFC3339, side); err == nil {
		return r.Chart.Zone.SayLong(at)
	}
	return side
}

func (l HistoryLine) words() string {
	l.From, l.To = sideWords(l.From), sideWords(l.To)
	text := wording.Title(l.What)
	if about := care.NameOf(l.About); about != "" {
		text += ": " + about
	}
	switch {
	case l.From != "" && l.To != "" && l.From != l.To:
		text += ", from " + l.From + " to " + l.To
	case l.To != "" && l.To != l.About:
		text += ", " + l.To
	}
	return text
}

// sideWords is one side of an effect with the status of a visit in words.
func sideWords(side string) string { return cmp.Or(statusWords[visit.Status(side)], side) }
