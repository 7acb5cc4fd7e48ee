package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"kapflow/access"
	"kapflow/care/record"
	"kapflow/worker/wiring"
)

type outcomesCommand struct {
	who
	JSON bool `name:"json" help:"Print JSON."`
}

// Run summarizes how the practice's clients are doing, without naming anyone.
func (c outcomesCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c outcomesCommand) on(t terminal, app *wiring.App, by access.Person) error {
	summary, err := app.Desk.Outcomes(t.ctx, by)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, summary)
	}
	return printOutcomes(t.out, summary)
}

func printOutcomes(out io.Writer, o record.Outcomes) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "Clients\t%s\t\n", cellText(o.Clients, o.SmallCell))
	for _, part := range []struct {
		title string
		cells []record.Cell
	}{{"Stage", o.Stages}, {"Clients who reported", o.SideEffects}, {"Clients with an adverse event", o.Adverse}} {
		fmt.Fprintf(w, "\n%s\t\t\n", part.title)
		for _, c := range part.cells {
			fmt.Fprintf(w, "  %s\t%s\t\n", strings.ReplaceAll(c.Name, "-", " "), cellText(c, o.SmallCell))
		}
	}
	fmt.Fprintln(w, "\nMedian (quarter to quarter)\t\t")
	for _, m := range o.Medians {
		value := "no client yet"
		switch {
		case m.Suppressed:
			value = fmt.Sprintf("fewer than %d clients", o.SmallCell)
		case m.Median != nil:
			value = fmt.Sprintf("%.1f %s (%.1f to %.1f), %d clients", *m.Median, m.Unit, *m.Low, *m.High, *m.Clients)
		}
		fmt.Fprintf(w, "  %s\t%s\t\n", strings.NewReplacer("phq9-change", "PHQ-9, first to last", "gad7-change", "GAD-7, first to last", "-", " ").Replace(m.Name), value)
	}
	fmt.Fprintln(w, "\nMean of completed courses, first to last\t\t")
	for _, b := range o.BeforeAfter {
		value := "no course yet"
		switch {
		case b.Suppressed:
			value = fmt.Sprintf("fewer than %d courses", o.SmallCell)
		case b.Change != nil:
			value = fmt.Sprintf("%.1f to %.1f (%+.1f), %d courses", *b.First, *b.Last, *b.Change, *b.Courses)
		}
		fmt.Fprintf(w, "  %s\t%s\t\n", strings.NewReplacer("phq9", "PHQ-9", "gad7", "GAD-7").Replace(b.Name), value)
	}
	return w.Flush()
}

// cellText returns a number of clients, or says that it is too small to show.
func cellText(c record.Cell, small int) string {
	if c.Count == nil {
		return fmt.Sprintf("not shown (fewer than %d, or would reveal a number below it)", small)
	}
	return fmt.Sprint(*c.Count)
}
