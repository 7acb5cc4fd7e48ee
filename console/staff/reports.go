package staff

import (
	"fmt"
	"strings"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/record"
)

// reportsPage is how the practice's clients are doing. It names nobody.
type reportsPage struct {
	Clients  string
	Measures []reportLine
	Parts    []reportPart
	Small    int
	Before   []beforeLine
	Courses  []record.CourseOutcome
	Scores   bool // the reader may see the scores of each course
	Pager    pager
	Zone     clock.Zone
}

// beforeLine is the means of one instrument before and after a completed course.
type beforeLine struct {
	Name, Courses, First, Last, Change string
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
	o, err := v.site.Desk.Reports(v.r.Context(), v.who)
	if err != nil {
		return err
	}
	p := reportsPage{Clients: cellWords(o.Clients), Small: o.SmallCell, Scores: v.sees(access.Scores), Zone: v.site.Desk.Zone}
	for _, b := range o.BeforeAfter {
		p.Before = append(p.Before, beforeWords(b, o.SmallCell))
	}
	p.Pager = v.pager(len(o.Courses))
	p.Courses = o.Courses[p.Pager.From:p.Pager.To]
	for _, m := range o.Medians {
		p.Measures = append(p.Measures, reportLine{medianNames[m.Name], medianWords(m, o.SmallCell)})
	}
	for _, part := range []struct {
		heading, column string
		cells           []record.Cell
		say             func(name string) string
	}{{"Where clients stand", "Stage", o.Stages, spaced}, {"Side effects that clients reported", "Side effect", o.SideEffects, sideEffect}, {"Adverse events", "Severity", o.Adverse, spaced}} {
		shown := reportPart{Heading: part.heading, Column: part.column}
		for _, c := range part.cells {
			shown.Lines = append(shown.Lines, reportLine{part.say(c.Name), cellWords(c)})
		}
		p.Parts = append(p.Parts, shown)
	}
	return v.show(page{Title: "Reports", Template: "reports", Data: p})
}

// spaced says a code in words.
func spaced(code string) string { return strings.ReplaceAll(code, "-", " ") }

// sideEffect names a side effect as the form of a check-in does.
func sideEffect(code string) string {
	return wordsOf(care.KindFor[*care.CheckInAnswered](), "side_effects", code)
}

// beforeWords is the means of one instrument in words.
func beforeWords(b record.BeforeAfter, small int) beforeLine {
	line := beforeLine{Name: map[string]string{"phq9": "PHQ-9", "gad7": "GAD-7"}[b.Name], First: "–", Last: "–", Change: "–"}
	switch {
	case b.Suppressed:
		line.Courses = fmt.Sprintf("fewer than %d", small)
	case b.Change == nil:
		line.Courses = "none yet"
	default:
		line.Courses, line.First, line.Last, line.Change = fmt.Sprint(*b.Courses), fmt.Sprintf("%.1f", *b.First), fmt.Sprintf("%.1f", *b.Last), fmt.Sprintf("%+.1f", *b.Change)
	}
	return line
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
