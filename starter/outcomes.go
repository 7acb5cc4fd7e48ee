package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/worker/wiring"
)

type outcomesCommand struct {
	By   string `help:"Who looks: ROLE or ROLE/ID." default:"coordinator"`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run sums up how the practice's clients fare. It names nobody.
func (c outcomesCommand) Run(t terminal) error {
	return inside(t, c.By, func(house *wiring.House, by person.Actor) error { return c.on(t, house, by) })
}

func (c outcomesCommand) on(t terminal, house *wiring.House, by person.Actor) error {
	summary, err := house.Desk.Outcomes(t.ctx, by)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, summary)
	}
	return printOutcomes(t.out, summary)
}

func printOutcomes(out io.Writer, o care.Outcomes) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "Clients\t%s\t\n", cellText(o.Clients, o.SmallCell))
	for _, part := range []struct {
		title string
		cells []care.Cell
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
	return w.Flush()
}

// cellText writes a number of clients; one that is held back says no more than that.
func cellText(c care.Cell, small int) string {
	if c.Count == nil {
		return fmt.Sprintf("not told (small numbers, fewer than %d)", small)
	}
	return fmt.Sprint(*c.Count)
}
