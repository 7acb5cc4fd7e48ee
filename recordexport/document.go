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
	vitals   []record.VitalSigns
	comments map[int]string // by fact number of the check-in
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
	if d.vitals, err = record.VitalSignsOf(r); err != nil {
		return nil, err
	}
	answers, err := record.FactsOf[*care.CheckInAnswered](r)
	if err != nil {
		return nil, err
	}
	for _, x := range answers {
		d.comments[x.Seq] = r.Text(x.Fact.Comment)
	}
	return d, nil
}

// moment says when in the infusion day a reading was taken: at the check-in, some minutes after the start, or afterwards.
func (d *document) moment(x record.VitalSigns) string {
	v := d.c.Visit(x.Appointment)
	switch {
	case x.Baseline || v == nil || v.Day == nil:
		return "check-in"
	case !v.Day.StoppedAt.IsZero() && x.At.After(v.Day.StoppedAt):
		return "observation"
	}
	return fmt.Sprintf("%d min after the start", int(x.At.Sub(v.Day.StartedAt).Minutes()))
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
