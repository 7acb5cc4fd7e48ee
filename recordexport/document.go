package recordexport

import (
	"encoding/json"
	"fmt"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/record"
)

// document is a record prepared for writing. What several files need is computed once.
type document struct {
	r        record.HealthRecord
	c        *care.Chart
	zone     clock.Zone
	history  []record.HistoryLine
	trend    record.Trend
	chart    []byte
	vitals   []vitalSigns
	comments map[int]string // by fact number of the check-in
}

// vitalSigns is one reading of an infusion day.
type vitalSigns struct {
	Appointment string
	At          time.Time
	Moment      string // "check-in", or the minutes after the start
	By          string
	reading
}

func newDocument(r record.HealthRecord) (*document, error) {
	d := &document{r: r, c: r.Chart, zone: r.Chart.Zone, comments: map[int]string{}}
	var err error
	if d.history, err = record.History(r); err != nil {
		return nil, err
	}
	if d.trend, err = record.TrendOf(r); err != nil {
		return nil, err
	}
	if d.chart, err = Chart(d.trend, d.zone); err != nil {
		return nil, err
	}
	for _, e := range r.Facts {
		fact, err := r.Fact(e)
		if err != nil {
			return nil, fmt.Errorf("fact %d: %w", e.Seq, err)
		}
		switch f := fact.(type) {
		case *care.InfusionCheckedIn:
			d.reading(e, f.Appointment, reading{f.Systolic, f.Diastolic, f.Pulse, f.SpO2})
		case *care.VitalsRecorded:
			d.reading(e, f.Appointment, reading{f.Systolic, f.Diastolic, f.Pulse, f.SpO2})
		case *care.CheckInAnswered:
			d.comments[e.Seq] = r.Text(f.Comment)
		}
	}
	return d, nil
}

func (d *document) reading(e care.Entry, appointment string, x reading) {
	if x == (reading{}) {
		return
	}
	moment := "check-in"
	if v := d.c.Visit(appointment); e.Fact == "vitals-recorded" && v != nil && v.Day != nil {
		moment = fmt.Sprintf("%d min after the start", int(e.At.Sub(v.Day.StartedAt).Minutes()))
		if !v.Day.StoppedAt.IsZero() && e.At.After(v.Day.StoppedAt) {
			moment = "observation"
		}
	}
	d.vitals = append(d.vitals, vitalSigns{Appointment: appointment, At: e.At, Moment: moment, By: string(e.By.Role), reading: x})
}

// whole is the record for machines.
type whole struct {
	Client          string                `json:"client"`
	AsOf            time.Time             `json:"as_of"`
	Contact         person.Contact        `json:"contact"`
	Billing         care.Billing          `json:"billing"`
	Stage           care.Stage            `json:"stage"`
	Chart           any                   `json:"chart"`
	History         []record.HistoryLine  `json:"history"`
	Measures        record.Trend          `json:"measures"`
	Messages        []care.Message        `json:"messages"`
	Ledger          []money.Posting       `json:"ledger"`
	IssuedDocuments []care.IssuedDocument `json:"papers"`
}

func (d *document) json() ([]byte, error) {
	chart, err := d.r.OpenedChart()
	if err != nil {
		return nil, err
	}
	w := whole{Client: d.c.ClientID, AsOf: asOf(d.r), Contact: d.r.Contact, Billing: d.r.Billing, Stage: d.c.Stage(), Chart: chart, History: d.history, Measures: d.trend,
		Messages: d.r.Messages, Ledger: d.r.Postings, IssuedDocuments: d.r.Documents}
	body, err := json.MarshalIndent(w, "", "  ")
	return append(body, '\n'), err
}
