package record

import (
	"errors"
	"slices"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// Preview is what would happen if a report were recorded now: the refusal, or the difference that it would make. Every part has
// words for people; times in them are in the zone of the one they are for. How many texts a client gets a day is decided when
// they are sent.
type Preview struct {
	Fact     string        `json:"fact"`
	Refused  *care.Refusal `json:"refused,omitempty"`
	Repeated bool          `json:"repeated,omitempty"` // it was recorded before: nothing would change

	Stage    *StageTurn    `json:"stage,omitempty"`
	Visits   []VisitTurn   `json:"visits,omitempty"`
	Gates    []GateTurn    `json:"gates,omitempty"`
	Tasks    []TaskTurn    `json:"tasks,omitempty"`
	Alerts   []AlertTurn   `json:"alerts,omitempty"`
	Messages []MessageTurn `json:"messages,omitempty"`
	Money    []MoneyTurn   `json:"money,omitempty"`

	then []string // the gates for the new times of visits, in words
}

// StageTurn is a change of the stage.
type StageTurn struct {
	From  care.Stage `json:"from"`
	To    care.Stage `json:"to"`
	Words string     `json:"words"`
}

// GateTurn is a gate that opens or shuts, for the next infusion.
type GateTurn struct {
	care.Gate
	Words string `json:"words"`
}

// TaskTurn is a task that appears or ends.
type TaskTurn struct {
	care.Task
	Ends bool `json:"ends,omitempty"`
}

// AlertTurn is an alert that is raised, or that changes its state.
type AlertTurn struct {
	ID    string        `json:"id"`
	Kind  string        `json:"kind"`
	About string        `json:"about,omitempty"`
	Roles []person.Role `json:"roles"`
	State string        `json:"state"`
	Due   time.Time     `json:"due"`
	Words string        `json:"words"`
}

// MoneyTurn is what moves in one fee set. Amounts are in cents.
type MoneyTurn struct {
	FeeSet money.FeeSet `json:"fee_set"`
	Before money.Cents  `json:"before"` // what the client owes; below zero the practice owes the client
	After  money.Cents  `json:"after"`
	Rows   []MoneyRow   `json:"rows,omitempty"`
	Words  string       `json:"words"`
}

// MoneyRow is one row that the ledger would get.
type MoneyRow struct {
	Memo   string      `json:"memo"`
	Amount money.Cents `json:"amount"`
}

// PreviewOf applies a report to a copy of a chart, with the same rules that record it, and gives the difference between that and
// a copy to which only time happened. The chart stays as it is.
func PreviewOf(c *care.Chart, fact string, r care.Report, now time.Time) Preview {
	now = now.UTC()
	p := Preview{Fact: fact}
	after := c.Clone()
	taken, err := after.Record(fact, r, now)
	if err != nil {
		if !errors.As(err, &p.Refused) {
			p.Refused = care.Refuse(fact, care.CodeInvalid, err.Error(), "")
		}
		return p
	}
	if p.Repeated = taken.Repeated; p.Repeated {
		return p
	}
	before := c.Clone()
	before.DiffAndPublish(now)
	after.DiffAndPublish(now)
	p.compare(before, after, now)
	p.Alerts = alertTurns(c, after, now)
	p.Money = moneyTurns(before, after, taken.Postings)
	return p
}

// PreviewOpening is the preview of the report that opens a record: what the new chart asks for as of the enrollment.
func PreviewOpening(c *care.Chart) Preview {
	now := c.EnrolledAt
	p := Preview{Fact: care.OpeningKind().Name, Stage: &StageTurn{To: c.Stage(), Words: "The client is " + wording.LowerFirst(wording.Title(string(c.Stage())))}}
	p.Tasks = taskTurns(nil, c.Tasks(now))
	p.Messages = messageTurns(&care.Chart{}, c, now)
	return p
}

func (p *Preview) compare(before, after *care.Chart, now time.Time) {
	if from, to := before.Stage(), after.Stage(); from != to {
		p.Stage = &StageTurn{from, to, "From " + wording.Title(string(from)) + " to " + wording.Title(string(to))}
	}
	p.Visits = visitTurns(before, after, now)
	p.then = gatesThen(p.Visits, after.Zone)
	was := before.Gates(now)
	for i, g := range after.Gates(now) {
		if g.Open != was[i].Open {
			p.Gates = append(p.Gates, GateTurn{g, gateWords(g)})
		}
	}
	p.Tasks = taskTurns(before.Tasks(now), after.Tasks(now))
	p.Messages = messageTurns(before, after, now)
}

func gateWords(g care.Gate) string {
	name := care.GateLabel(g.Gate)
	switch {
	case g.Open:
		return "Opens: " + name
	case g.MustAct != "":
		return "Shuts: " + name + ", " + g.Reason + " (" + string(g.MustAct) + ")"
	}
	return "Shuts: " + name + ", " + g.Reason
}

// taskTurns gives the tasks that are in one list only, first those that appear.
func taskTurns(before, after []care.Task) (out []TaskTurn) {
	only := func(some, others []care.Task, ends bool) {
		for _, t := range some {
			if !slices.ContainsFunc(others, func(o care.Task) bool { return o.ID() == t.ID() && o.Role == t.Role }) {
				out = append(out, TaskTurn{t, ends})
			}
		}
	}
	only(after, before, false)
	only(before, after, true)
	return out
}

// alertTurns gives the alerts that are raised, or that change their state. The chart before is the one that stands: an alert that time raises
// while the journey is late has no number yet, and the report may keep it from being raised.
func alertTurns(before, after *care.Chart, now time.Time) (out []AlertTurn) {
	was := map[string]string{}
	for _, a := range before.Alerts {
		was[a.ID] = before.AlertState(a, now)
	}
	for _, a := range after.Alerts {
		state := after.AlertState(a, now)
		if state == was[a.ID] {
			continue
		}
		about := ""
		if name := care.NameOf(a.About); name != "" {
			about = ", " + name
		}
		out = append(out, AlertTurn{ID: a.ID, Kind: a.Kind, About: a.About, Roles: a.Roles, State: state, Due: a.Due,
			Words: wording.Title(a.Kind) + about + " (" + wording.JoinWords(a.Roles, "and") + "): " + state})
	}
	return out
}

func moneyTurns(before, after *care.Chart, postings []money.Posting) (out []MoneyTurn) {
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		t := MoneyTurn{FeeSet: set, Before: before.Balance(set), After: after.Balance(set)}
		var words []string
		for _, p := range postings {
			if p.FeeSet != set {
				continue
			}
			row := MoneyRow{Memo: p.Memo}
			for _, l := range p.Lines {
				row.Amount += max(0, l.Cents)
			}
			t.Rows = append(t.Rows, row)
			words = append(words, row.Memo+", "+row.Amount.String())
		}
		if len(t.Rows) == 0 && t.Before == t.After {
			continue
		}
		words = append(words, "now "+owedWords(t.Before)+", then "+owedWords(t.After))
		t.Words = wording.Title(string(set)) + ": " + strings.Join(words, "; ")
		out = append(out, t)
	}
	return out
}

// owedWords say what a client owes, in a part of a sentence.
func owedWords(cents money.Cents) string {
	switch {
	case cents > 0:
		return "the client owes " + cents.String()
	case cents < 0:
		return "the practice owes the client " + (-cents).String()
	}
	return "nothing is owed"
}

// Part is one part of a preview in words.
type Part struct {
	Heading string   `json:"heading"`
	Lines   []string `json:"lines"`
}

// Parts gives the difference in words, part by part; none if nothing changes.
func (p Preview) Parts() []Part {
	var out []Part
	part := func(heading string, lines ...string) {
		if len(lines) > 0 {
			out = append(out, Part{heading, lines})
		}
	}
	if p.Stage != nil {
		part("Stage", p.Stage.Words)
	}
	part("Visits", wordsOf(p.Visits, func(t VisitTurn) string { return t.Words })...)
	part("Gates for the new time", p.then...)
	part("Gates", wordsOf(p.Gates, func(t GateTurn) string { return t.Words })...)
	part("Tasks", wordsOf(p.Tasks, func(t TaskTurn) string {
		return map[bool]string{true: "Ends: ", false: "New: "}[t.Ends] + taskWords(t.Task) + " (" + string(t.Role) + ")"
	})...)
	part("Alerts", wordsOf(p.Alerts, func(t AlertTurn) string { return t.Words })...)
	part("Messages", wordsOf(p.Messages, func(t MessageTurn) string { return t.Words })...)
	part("Money", wordsOf(p.Money, func(t MoneyTurn) string { return t.Words })...)
	return out
}

func wordsOf[T any](turns []T, words func(T) string) (out []string) {
	for _, t := range turns {
		out = append(out, words(t))
	}
	return out
}

// MessageFate is the outcome of a message.
type MessageFate string

// The fates of a message.
const (
	FateGoes    MessageFate = "goes"         // it will go out, at its time
	FateCall    MessageFate = "call"         // no message can reach the client: a person calls
	FateNotSent MessageFate = "not-sent"     // it is only written down, with the reason
	FateGone    MessageFate = "goes-no-more" // it was to go out, and will not
)

// fateOf says the outcome of a message that is owed.
func fateOf(d message.Notification, now time.Time) (fate MessageFate, why string) {
	switch at := slices.MaxFunc([]time.Time{d.At, now}, time.Time.Compare); {
	case d.Skip != "":
		return FateNotSent, d.Skip
	case d.Call:
		return FateCall, ""
	case !d.Until.After(at):
		return FateNotSent, "its use is over"
	}
	return FateGoes, ""
}

// receiver names who a message is for.
func receiver(d message.Notification) string {
	if d.Person == message.OnCall {
		return "the on-call contact"
	}
	return "the " + string(d.Receiver())
}
