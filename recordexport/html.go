package recordexport

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

//go:embed record.html.tmpl
var templates embed.FS

var recordTemplate = template.Must(template.New("record.html.tmpl").ParseFS(templates, "record.html.tmpl"))

// page is the content of the printed record.
type page struct {
	Practice        policy.PracticeInfo
	Client          string
	Contact         person.Contact
	Billing         care.Billing
	AsOf            string
	Closed          int // private notes that are left out
	Glance          []pair
	Urgent          []string
	Exempt          []entry // corrections and overrides
	Sections        []section
	Visits          table
	Days            []day
	Chart           template.HTML
	Measures        table
	Ledgers         []ledger
	IssuedDocuments table
	Messages        table
	History         []entry
}

type pair struct{ Name, Value string }

// section is a part of the record that lists facts.
type section struct {
	Title   string
	Entries []entry
}

// entry is one fact or change as printed.
type entry struct {
	When, Recorded, What, Who, Why, Mark string
	Fields                               []pair
}

// day is one infusion day.
type day struct {
	Title, Ran, Outside string
	Entries             []entry
	Vitals              table
}

// ledger is one fee set's ledger with its balance. The two are kept apart (R24).
type ledger struct {
	Title, Balance string
	Table          table
}

// parts are the sections that list facts, in the order in which they are printed. An infusion day lists its own facts.
// Visits, measures, money and messages are tables.
var parts = []struct {
	of    care.Section
	title string
}{
	{care.SectionIntake, "Acceptance"},
	{care.SectionPlan, "Goals and plan"},
	{care.SectionCoverage, "Insurance and fees"},
	{care.SectionSessions, "Sessions"},
	{care.SectionMedical, "Physician and labs"},
	{care.SectionSafety, "Safety"},
	{care.SectionCourse, "The course"},
}

// in reports whether a line shows a fact of a section. Corrections and overrides have a part of their own.
func in(section care.Section, l record.HistoryLine) bool {
	kind, _ := care.KindNamed(l.What)
	return kind.Section == section && !kind.Corrects && !kind.Overrides
}

func (d *document) html() ([]byte, error) {
	p := page{Practice: d.c.Policy.Practice, Client: d.c.ClientID, Contact: d.r.Contact, Billing: d.r.Billing, AsOf: d.zone.SayLong(asOf(d.r)), Glance: d.glance(), Urgent: d.urgent(), Closed: d.r.ClosedTexts(),
		Visits: d.printedVisits(), Days: d.days(), Measures: d.printedMeasures(), Messages: d.printedMessages(), IssuedDocuments: d.printedIssuedDocuments(), Ledgers: d.ledgers()}
	if _, drawing, found := bytes.Cut(d.chart, []byte("-->")); found {
		p.Chart = template.HTML(drawing) // our own drawing, with codes and dates only
	}
	for _, l := range d.history {
		if l.Mark == record.MarkCorrected || l.Mark == record.MarkOverridden {
			p.Exempt = append(p.Exempt, d.entry(l))
		}
		if l.Type == "fact" || l.Type == "stage" || l.Type == "alert" {
			e := d.entry(l)
			e.Fields = nil
			p.History = append(p.History, e)
		}
	}
	for _, part := range parts {
		p.Sections = append(p.Sections, section{part.title, d.entries(func(l record.HistoryLine) bool { return in(part.of, l) })})
	}
	var out bytes.Buffer
	err := recordTemplate.Execute(&out, p)
	return out.Bytes(), err
}

func (d *document) entries(wanted func(record.HistoryLine) bool) []entry {
	var out []entry
	for _, l := range d.history {
		if l.Type == "fact" && wanted(l) {
			out = append(out, d.entry(l))
		}
	}
	return out
}

func (d *document) entry(l record.HistoryLine) entry {
	e := entry{When: d.zone.SayLong(l.At), What: l.Words, Who: d.who(l.By), Why: l.Why, Mark: strings.ReplaceAll(l.Mark, "-", " ")}
	if l.Mark == record.MarkLate {
		e.Recorded = d.zone.SayLong(l.Recorded)
	}
	for _, name := range slices.Sorted(maps.Keys(l.With)) {
		if name == "reason" || l.With[name] == l.About {
			continue
		}
		if v := said(name, l.With[name]); v != "" {
			e.Fields = append(e.Fields, pair{label(name), v})
		}
	}
	return e
}

// units are the endings of field names that hold a number, with the unit in words.
var units = []struct{ ending, words string }{{"_h", " (hours)"}, {"_mg", " (mg)"}, {"_bp", " (basis points)"}}

// label writes a field's name for people.
func label(name string) string {
	if name == "spo2" {
		return "Oxygen saturation"
	}
	unit := ""
	for _, u := range units {
		if base, ok := strings.CutSuffix(name, u.ending); ok {
			name, unit = base, u.words
		}
	}
	return wording.Title(strings.ReplaceAll(name, "_", "-")) + unit
}

// said writes a field's value for people.
func said(name string, v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case bool:
		return yes(x)
	case float64:
		if slices.Contains(moneyFields, name) {
			return money.Cents(x).String()
		}
		return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0")
	case []any:
		var all []string
		for _, item := range x {
			all = append(all, said(name, item))
		}
		return strings.Join(all, ", ")
	case map[string]any:
		var all []string
		for _, k := range slices.Sorted(maps.Keys(x)) {
			all = append(all, k+": "+said(k, x[k]))
		}
		return strings.Join(all, "; ")
	default:
		return fmt.Sprint(x)
	}
}

var moneyFields = []string{"amount", "total", "copay", "deductible_total", "deductible_met", "allowed", "paid", "patient_owes", "cents"}

// who gives the name of an actor from the practice file, or else the role.
func (d *document) who(a person.Actor) string {
	if person, ok := d.c.Policy.Clinician(a.ID); ok {
		return person.Name + " (" + string(a.Role) + ")"
	}
	return string(a.Role)
}

func (d *document) glance() []pair {
	c := d.c
	named := func(id string) string {
		if p, ok := c.Policy.Clinician(id); ok {
			return p.Name
		}
		return id
	}
	given := len(c.EveryFulfilled(visit.Infusion))
	out := []pair{{"Stage", wording.Title(string(c.Stage()))}, {"Enrolled", d.zone.SayLong(c.EnrolledAt)}, {"Presenting problems", strings.Join(c.Presenting, ", ")},
		{"Physician", named(c.Physician)}, {"Psychotherapist", named(c.Psychotherapist)}, {"Infusions given", fmt.Sprint(given)}}
	if c.Plan != nil {
		out = append(out, pair{"Plan", planWords(c.Plan)})
	}
	if c.Package != nil {
		out = append(out, pair{"Package", c.Package.Package})
	}
	for _, x := range []struct {
		name string
		p    *record.Progress
	}{{"PHQ-9", d.trend.PHQ9}, {"GAD-7", d.trend.GAD7}} {
		if x.p != nil && x.p.Count == 1 {
			out = append(out, pair{x.name, fmt.Sprintf("%d, answered once", x.p.First)})
		} else if x.p != nil {
			out = append(out, pair{x.name, fmt.Sprintf("%d at first, %d at last (%+d), %d answers", x.p.First, x.p.Last, x.p.Change, x.p.Count)})
		}
	}
	return out
}

// urgent lists what a new clinician must see first.
func (d *document) urgent() []string {
	var out []string
	for _, h := range d.c.Holds {
		if h.ReleasedAt.IsZero() {
			out = append(out, "On hold since "+d.zone.SayLong(h.At)+": "+h.Cause)
		}
	}
	for _, a := range d.c.Alerts {
		if a.AckedAt.IsZero() {
			out = append(out, "Alert not acknowledged, raised "+d.zone.SayLong(a.RaisedAt)+": "+a.Kind)
		}
	}
	for _, f := range d.c.Flags {
		if f.Decision != care.FlagProceed {
			out = append(out, "Flag "+f.Flag+": "+orElse(string(f.Decision), "the physician has not decided"))
		}
	}
	return out
}

// statusWords are the statuses of visits as people read them.
var statusWords = map[visit.Status]string{visit.Booked: "Booked", visit.Arrived: "Arrived", visit.Fulfilled: "Completed",
	visit.Cancelled: "Canceled", visit.NoShow: "Missed"}

func (d *document) printedVisits() table {
	t := table{head: []string{"Visit", "Time", "Minutes", "State", "Moved"}}
	for i := range d.c.Visits {
		v := &d.c.Visits[i]
		state := statusWords[v.Status]
		if v.Status == visit.Cancelled {
			state += " by the " + orElse(v.Side, "practice")
		}
		if v.Outcome != "" {
			state += ", " + string(v.Outcome)
		}
		var moves []string
		for _, m := range v.Moves {
			moves = append(moves, "from "+d.zone.SayLong(m.From)+", by "+d.who(m.By))
		}
		t.rows = append(t.rows, []string{v.Name(), d.zone.SayLong(v.Start), fmt.Sprint(v.Minutes), state, strings.Join(moves, "; ")})
	}
	return t
}

func (d *document) days() []day {
	var out []day
	for i := range d.c.Visits {
		v := &d.c.Visits[i]
		if v.Day == nil {
			continue
		}
		x := day{Title: v.Name() + ", " + d.zone.Local(v.Start).Format("Mon Jan 2, 2006"), Vitals: table{head: []string{"Time", "Moment", "Blood pressure", "Pulse", "Oxygen"}}}
		if v.Day.Minutes > 0 {
			x.Ran = fmt.Sprintf("Ran %d minutes, %s to %s.", v.Day.Minutes, d.clock(v.Day.StartedAt), d.clock(v.Day.StoppedAt))
		}
		if v.Day.OutsideLimits {
			x.Outside = "Outside 45 to 60 minutes."
		}
		x.Entries = d.entries(func(l record.HistoryLine) bool { return l.About == v.ID && in(care.SectionInfusionDay, l) })
		for _, s := range d.vitals {
			if s.Appointment == v.ID {
				x.Vitals.rows = append(x.Vitals.rows, []string{d.clock(s.At), d.moment(s), fmt.Sprintf("%d/%d", s.Systolic, s.Diastolic), given(s.Pulse), given(s.SpO2) + " %"})
			}
		}
		out = append(out, x)
	}
	return out
}

func (d *document) clock(t time.Time) string { return d.zone.Local(t).Format("3:04 PM") }

func (d *document) printedMeasures() table {
	t := table{head: []string{"Answered", "After", "Mood", "PHQ-9", "GAD-7", "Side effects", "Comment"}}
	for _, x := range d.trend.Readings {
		at := d.zone.SayLong(x.At)
		if x.ByTelephone {
			at += " (by phone)"
		}
		if x.Late {
			at += " (late)"
		}
		mood := ""
		if x.Mood != nil {
			mood = fmt.Sprint(*x.Mood)
		}
		phq9 := scoreWords(x.PHQ9)
		if x.Concern {
			phq9 += "; item 9 above 0"
		}
		t.rows = append(t.rows, []string{at, x.Infusion, mood, phq9, scoreWords(x.GAD7), strings.Join(x.SideEffects, ", "), d.comments[x.Seq]})
	}
	return t
}

func scoreWords(s *care.Score) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%d, %s", s.Total, strings.ReplaceAll(s.Band, "-", " "))
}

func (d *document) printedMessages() table {
	t := table{head: []string{"Time", "Channel", "To", "About", "Outcome", "Text"}}
	for _, m := range d.r.Messages {
		t.rows = append(t.rows, []string{d.zone.SayLong(m.At), string(m.Channel), string(m.To), m.About, string(m.State), orElse(m.Text, m.Why)})
	}
	return t
}

func (d *document) printedIssuedDocuments() table {
	t := table{head: []string{"Given", "What", "Number", "File"}}
	for i, p := range d.r.Documents {
		t.rows = append(t.rows, []string{d.zone.SayLong(p.MadeAt), wording.Title(p.Kind), p.Number, paperName(i, p)})
	}
	return t
}

func (d *document) ledgers() []ledger {
	var out []ledger
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		l := ledger{Title: wording.Title(string(set)), Balance: balance(d.c.Balance(set)), Table: table{head: []string{"Date", "What", "Account", "Debit", "Credit"}}}
		for _, p := range d.r.Postings {
			if p.FeeSet != set {
				continue
			}
			for _, x := range p.Lines {
				debit, credit := "", ""
				if x.Cents > 0 {
					debit = x.Cents.String()
				} else {
					credit = (-x.Cents).String()
				}
				l.Table.rows = append(l.Table.rows, []string{d.zone.Local(p.On).Format("Jan 2, 2006"), p.Memo, strings.TrimPrefix(x.Account, string(set)+":"), debit, credit})
			}
		}
		out = append(out, l)
	}
	return out
}

func balance(c money.Cents) string {
	switch {
	case c > 0:
		return "The client owes " + c.String() + "."
	case c < 0:
		return "The practice owes the client " + (-c).String() + "."
	default:
		return "Nothing is owed."
	}
}

// Head gives the table's headings to the template.
func (t table) Head() []string { return t.head }

// Rows gives the table's rows to the template.
func (t table) Rows() [][]string { return t.rows }
