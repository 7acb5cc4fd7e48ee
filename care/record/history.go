package record

import (
	"encoding/json"
	"fmt"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
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
	t := &historian{r: r, zone: r.Chart.Zone, start: map[string]time.Time{}, status: map[string]visit.Status{}, latest: map[string]string{}}
	var out []HistoryLine
	for _, l := range r.Journal {
		line, err := t.line(l)
		if err != nil {
			return nil, fmt.Errorf("journal line %d: %w", l.Seq, err)
		}
		out = append(out, line)
	}
	return out, nil
}

// historian goes along a record and remembers what was true, so that a change can say what it changed.
type historian struct {
	r      HealthRecord
	zone   clock.Zone
	start  map[string]time.Time    // of each visit
	status map[string]visit.Status // of each visit
	latest map[string]string       // what a later fact of the same kind replaces

	answers int // check-ins answered so far
}

func (t *historian) line(l care.JournalLine) (HistoryLine, error) {
	switch l.Type {
	case "fact":
		var e care.Entry
		if err := json.Unmarshal(l.Body, &e); err != nil {
			return HistoryLine{}, err
		}
		return t.fact(e)
	case "change":
		var c care.Change
		err := json.Unmarshal(l.Body, &c)
		return t.change(c), err
	case "message":
		var m care.Message
		err := json.Unmarshal(l.Body, &m)
		return HistoryLine{At: m.At, Recorded: m.At, Type: "message", What: string(m.Template), By: person.Actor{Role: person.System}, About: m.About, To: string(m.State), Why: m.Why,
			Words: fmt.Sprintf("%s by %s to the %s: %s", wording.Title(string(m.Template)), m.Channel, m.To, m.State)}, err
	case "ledger":
		var p money.Posting
		err := json.Unmarshal(l.Body, &p)
		return HistoryLine{At: p.On, Recorded: l.At, Type: "ledger", What: p.Key, By: p.By, Words: wording.Title(string(p.FeeSet)) + " ledger: " + p.Memo}, err
	default:
		return HistoryLine{At: l.At, Recorded: l.At, Type: l.Type, By: person.Actor{Role: person.System}, Words: wording.Title(l.Type)}, nil
	}
}

func (t *historian) change(c care.Change) HistoryLine {
	line := HistoryLine{At: c.At, Recorded: c.At, Type: c.Type, What: c.Subject, By: person.Actor{Role: person.System}, About: c.About, From: c.From, To: c.State, Why: c.Reason}
	switch c.Type {
	case "stage":
		line.Words = "Stage: " + c.State
	case "alert":
		line.Words = fmt.Sprintf("Alert for the %s: %s, %s", c.Role, c.Subject, c.State)
	default:
		line.Words = fmt.Sprintf("%s %s: %s", wording.Title(c.Type), c.Subject, c.State)
	}
	return line
}

func (t *historian) fact(e care.Entry) (HistoryLine, error) {
	if _, ok := care.KindNamed(e.Fact); !ok {
		return HistoryLine{}, fmt.Errorf("there is no fact called %q", e.Fact)
	}
	fact, err := t.r.Fact(e)
	if err != nil {
		return HistoryLine{}, err
	}
	line := HistoryLine{At: e.At, Recorded: e.Now, Type: "fact", What: e.Fact, By: e.By, With: t.r.Fields(e)}
	line.About = aboutOf(line.With)
	line.Why, _ = line.With["reason"].(string)
	if e.Now.Sub(e.At) > lateEntry {
		line.Mark = MarkLate
	}
	t.changes(fact, e, &line)
	line.Words = line.words()
	return line, nil
}

// aboutOf names what a fact is about, by the first of its fields that holds a name.
func aboutOf(with map[string]any) string {
	for _, field := range []string{"appointment", "check_in", "infusion", "alert", "flag", "gate", "clinician", "service", "channel", "package", "key", "message"} {
		if name, ok := with[field].(string); ok && name != "" {
			return name
		}
	}
	return ""
}

// changes fills in from and to, and marks what a reader must not miss.
func (t *historian) changes(fact care.Fact, e care.Entry, line *HistoryLine) {
	switch f := fact.(type) {
	case *care.AppointmentBooked:
		if line.About == "" {
			line.About = t.freeName(f.Kind)
		}
		t.status[line.About], t.start[line.About] = visit.Booked, *f.Start
		line.To = t.say(*f.Start)
	case *care.AppointmentMoved:
		line.From, line.To = t.say(t.start[line.About]), t.say(*f.Start)
		t.start[line.About] = *f.Start
	case *care.AppointmentCorrected:
		line.Mark = MarkCorrected
		t.becomes(line, f.Status)
	case *care.AppointmentCancelled:
		t.becomes(line, visit.Cancelled)
	case *care.AppointmentMissed:
		t.becomes(line, visit.NoShow)
	case *care.AppointmentArrived, *care.InfusionCheckedIn:
		t.becomes(line, visit.Arrived)
	case *care.SessionCompleted, *care.InfusionStopped:
		t.becomes(line, visit.Fulfilled)
	case *care.ConsultDecided:
		line.To = f.Outcome
		if line.About != "" {
			t.status[line.About] = visit.Fulfilled
		}
	case *care.GateOverridden:
		line.Mark, line.From, line.To = MarkOverridden, "shut", "open"
	case *care.PaymentCorrected:
		line.Mark = MarkCorrected
	case *care.CheckInAnswered:
		if t.answers < len(t.r.Chart.Answers) {
			line.About = t.r.Chart.Answers[t.answers].CheckIn // the chart knows which one "latest" was
		}
		t.answers++
		line.byTelephone(e.By)
	case *care.ReadinessAnswered:
		line.byTelephone(e.By)
	case *care.VitalsRecorded:
		line.To = fmt.Sprintf("%d/%d, pulse %d, oxygen %d %%", f.Systolic, f.Diastolic, f.Pulse, f.SpO2)
	case *care.PackageChosen:
		t.replaces(line, "package", f.Package)
	case *care.PackageSwitched:
		t.replaces(line, "package", f.To)
	case *care.PlanSet:
		t.replaces(line, "plan", fmt.Sprintf("%d infusions", f.Infusions))
	case *care.LabsResulted:
		t.replaces(line, "labs", f.Status)
	case *care.LabsReviewed:
		line.To = f.Outcome
	case *care.RiskAssessed:
		line.To = f.Outcome
	case *care.AdverseEvent:
		line.To = f.Severity + ", " + f.Kind
	case *care.ScreeningRecorded:
		line.To = yesNo(care.IsYes(f.CriteriaMet), "criteria met", "criteria not met") + yesNo(care.IsYes(f.PrefersKAP), ", the client wants this therapy", ", the client does not want this therapy")
	case *care.MessagingConsent:
		line.To = yesNo(f.Granted == nil || *f.Granted, "agreed", "not agreed")
	case *care.CoverageReviewed:
		line.To = f.Result
	case *care.EstimateIssued:
		line.To = f.Number
	case *care.PaymentReceived:
		line.To = f.Amount.String()
	case *care.FlagDecided:
		t.replaces(line, "flag:"+f.Flag, f.Decision)
	case *care.PolicyAdopted:
		t.replaces(line, "policy", f.Version)
	}
}

// byTelephone marks a client's answers that somebody else wrote down.
func (l *HistoryLine) byTelephone(by person.Actor) {
	if by.Role != person.Client {
		l.Mark = MarkByTelephone
	}
}

func yesNo(yes bool, then, otherwise string) string {
	if yes {
		return then
	}
	return otherwise
}

func (t *historian) becomes(line *HistoryLine, s visit.Status) {
	line.From, line.To = string(t.status[line.About]), string(s)
	t.status[line.About] = s
}

func (t *historian) replaces(line *HistoryLine, what, now string) {
	line.From, line.To = t.latest[what], now
	t.latest[what] = now
}

// freeName is the name that a booking without one was given, as freeVisitID gave it.
func (t *historian) freeName(kind visit.Kind) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s-%d", kind, n)
		if _, taken := t.status[id]; !taken {
			return id
		}
	}
}

// say writes an instant for a record that is read years later: with the year.
func (t *historian) say(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return t.zone.SayLong(at)
}

func (l HistoryLine) words() string {
	text := wording.Title(l.What)
	if l.About != "" {
		text += ": " + l.About
	}
	switch {
	case l.From != "" && l.To != "" && l.From != l.To:
		text += ", from " + l.From + " to " + l.To
	case l.To != "" && l.To != l.About:
		text += ", " + l.To
	}
	return text
}
