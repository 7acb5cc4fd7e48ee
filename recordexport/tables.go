package recordexport

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"kapflow/care"
)

// table is one CSV file: a head and its rows, every cell as text.
type table struct {
	name string
	head []string
	rows [][]string
}

// tables gives all tables. Times are RFC 3339 in the practice's zone; amounts are cents.
func tables(d *document) []table {
	return []table{visitsTable(d), infusionsTable(d), vitalsTable(d), checkInsTable(d), measuresTable(d), messagesTable(d), ledgerTable(d), historyTable(d)}
}

func (t table) csv() ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true // RFC 4180
	if err := w.Write(t.head); err != nil {
		return nil, err
	}
	if err := w.WriteAll(t.rows); err != nil {
		return nil, err
	}
	return out.Bytes(), w.Error()
}

// cell keeps a spreadsheet from running a person's text as a formula.
func cell(words string) string {
	if words != "" && strings.ContainsRune("=+-@\t\r", rune(words[0])) {
		return "'" + words
	}
	return words
}

func (d *document) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return d.zone.Local(t).Format(time.RFC3339)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func visitsTable(d *document) table {
	t := table{name: "visits", head: []string{"appointment", "kind", "status", "start", "end", "minutes", "place", "tentative", "version", "moved", "cancelled_by", "late", "outcome", "flexibility", "acceptance", "clarity"}}
	for i := range d.c.Visits {
		v := &d.c.Visits[i]
		m := care.Measures{}
		if v.Measures != nil {
			m = *v.Measures
		}
		t.rows = append(t.rows, []string{v.ID, string(v.Kind), string(v.Status), d.stamp(v.Start), d.stamp(v.End()), fmt.Sprint(v.Minutes), v.Place, yes(v.Tentative),
			fmt.Sprint(v.Version), fmt.Sprint(len(v.Moves)), v.Side, yes(v.Late), string(v.Outcome), given(m.Flexibility), given(m.Acceptance), given(m.Clarity)})
	}
	return t
}

func given(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func infusionsTable(d *document) table {
	t := table{name: "infusions", head: []string{"appointment", "checked_in", "started", "stopped", "minutes", "outside_45_to_60", "discharged"}}
	for i := range d.c.Visits {
		if v := &d.c.Visits[i]; v.Day != nil {
			t.rows = append(t.rows, []string{v.ID, d.stamp(v.Day.CheckedInAt), d.stamp(v.Day.StartedAt), d.stamp(v.Day.StoppedAt), given(v.Day.Minutes), yes(v.Day.OutsideLimits), d.stamp(v.Day.DischargedAt)})
		}
	}
	return t
}

func vitalsTable(d *document) table {
	t := table{name: "vitals", head: []string{"appointment", "at", "moment", "systolic", "diastolic", "pulse", "spo2", "by"}}
	for _, x := range d.vitals {
		t.rows = append(t.rows, []string{x.Appointment, d.stamp(x.At), d.moment(x), given(x.Systolic), given(x.Diastolic), given(x.Pulse), given(x.SpO2), string(x.By.Role)})
	}
	return t
}

func checkInsTable(d *document) table {
	t := table{name: "check-ins", head: []string{"check_in", "infusion", "due", "answered", "late", "by", "by_telephone"}}
	for _, ci := range d.c.CheckIns() {
		row := []string{ci.ID, ci.Infusion, d.stamp(ci.Due), "", "", "", ""}
		for _, x := range d.trend.Readings {
			if x.CheckIn == ci.ID {
				row = []string{ci.ID, ci.Infusion, d.stamp(ci.Due), d.stamp(x.At), yes(x.Late), string(x.By.Role), yes(x.ByTelephone)}
				break
			}
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func measuresTable(d *document) table {
	t := table{name: "measures", head: []string{"at", "check_in", "infusion", "mood", "phq9", "phq9_band", "item9_above_0", "gad7", "gad7_band", "side_effects", "by_telephone", "comment"}}
	for _, x := range d.trend.Readings {
		phq9, band9 := scored(x.PHQ9)
		gad7, band7 := scored(x.GAD7)
		mood := ""
		if x.Mood != nil {
			mood = fmt.Sprint(*x.Mood)
		}
		t.rows = append(t.rows, []string{d.stamp(x.At), x.CheckIn, x.Infusion, mood, phq9, band9, yes(x.Concern), gad7, band7,
			cell(strings.Join(x.SideEffects, "; ")), yes(x.ByTelephone), cell(d.comments[x.Seq])})
	}
	return t
}

func scored(s *care.Score) (total, band string) {
	if s == nil {
		return "", ""
	}
	return fmt.Sprint(s.Total), s.Band
}

func messagesTable(d *document) table {
	t := table{name: "messages", head: []string{"at", "channel", "template", "to", "about", "version", "outcome", "why", "late", "text"}}
	for _, m := range d.r.Messages {
		t.rows = append(t.rows, []string{d.stamp(m.At), string(m.Channel), string(m.Template), string(m.To), m.About, fmt.Sprint(m.Version), string(m.State), cell(m.Why), yes(m.Late), cell(m.Text)})
	}
	return t
}

// ledgerTable has a row for each line of each posting. Debits are above 0.
func ledgerTable(d *document) table {
	t := table{name: "ledger", head: []string{"on", "key", "fee_set", "account", "cents", "memo", "by"}}
	for _, p := range d.r.Postings {
		for _, l := range p.Lines {
			t.rows = append(t.rows, []string{d.stamp(p.On), p.Key, string(p.FeeSet), l.Account, fmt.Sprint(int64(l.Cents)), cell(p.Memo), string(p.By.Role)})
		}
	}
	return t
}

func historyTable(d *document) table {
	t := table{name: "history", head: []string{"at", "recorded", "type", "what", "about", "by_role", "by", "from", "to", "why", "mark", "words"}}
	for _, l := range d.history {
		t.rows = append(t.rows, []string{d.stamp(l.At), d.stamp(l.Recorded), l.Type, l.What, cell(l.About), string(l.By.Role), l.By.ID, cell(l.From), cell(l.To), cell(l.Why), l.Mark, cell(l.Words)})
	}
	return t
}
