package staff

import (
	"fmt"
	"strings"

	"kapflow/care/record"
)

// reportsPage is how the practice's clients are doing. It names nobody.
type reportsPage struct {
	Clients  string
	Measures []reportLine
	Parts    []reportPart
	Small    int
}

// reportPart is one table of numbers of clients.
type reportPart struct {
	Heading, Column string
	Lines           []reportLine
}

type reportLine struct{ Name, Value string }

// medianNames say what a middle value is of.
var medianNames = map[string]string{
	"enrolment-to-first-infusion": "From enrollment to the first infusion", "infusions-per-client": "Infusions of one client",
	"phq9-change": "PHQ-9, change from the first to the last", "gad7-change": "GAD-7, change from the first to the last",
}

// reports shows the outcomes of all clients, without any number that could point to somebody.
func reports(v *visitor) error {
	o, err := v.site.Desk.Outcomes(v.r.Context(), v.who)
	if err != nil {
		return err
	}
	p := reportsPage{Clients: cellWords(o.Clients), Small: o.SmallCell}
	for _, m := range o.Medians {
		p.Measures = append(p.Measures, reportLine{medianNames[m.Name], medianWords(m, o.SmallCell)})
	}
	for _, part := range []struct {
		heading, column string
		cells           []record.Cell
	}{{"Where clients stand", "Stage", o.Stages}, {"Side effects that clients reported", "Side effect", o.SideEffects}, {"Adverse events", "Severity", o.Adverse}} {
		shown := reportPart{Heading: part.heading, Column: part.column}
		for _, c := range part.cells {
			shown.Lines = append(shown.Lines, reportLine{strings.ReplaceAll(c.Name, "-", " "), cellWords(c)})
		}
		p.Parts = append(p.Parts, shown)
	}
	return v.show(page{Title: "Reports", Template: "reports", Data: p})
}

// cellWords is a number of clients, or that it is too small to show.
func cellWords(c record.Cell) string {
	if c.Count == nil {
		return "not shown"
	}
	return fmt.Sprint(*c.Count)
}

// medianWords is a middle value with the quarters around it.
func medianWords(m record.Median, small int) string {
	switch {
	case m.Suppressed:
		return fmt.Sprintf("fewer than %d clients so far", small)
	case m.Median == nil:
		return "no client yet"
	}
	return fmt.Sprintf("%.1f %s (the middle half: %.1f to %.1f; %d clients)", *m.Median, m.Unit, *m.Low, *m.High, *m.Clients)
}
