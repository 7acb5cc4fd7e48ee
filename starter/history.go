package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"kapflow/access"
	"kapflow/care/clock"
	"kapflow/care/record"
	"kapflow/worker/wiring"
)

type historyCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	who
	All  bool `help:"Also show gates, tasks, messages and ledger lines."`
	JSON bool `name:"json" help:"Print JSON. It always holds everything."`
}

// told are the types of lines that are shown without --all.
var told = []string{"fact", "stage", "alert"}

// Run shows everything that happened to a client: who, when, what, why.
func (c historyCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c historyCommand) on(t terminal, app *wiring.App, by access.Person) error {
	rec, err := app.Desk.OpenRecord(t.ctx, by, c.Client)
	if err != nil {
		return err
	}
	lines, err := record.History(rec)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, lines)
	}
	if !c.All {
		lines = slices.DeleteFunc(lines, func(l record.HistoryLine) bool { return !slices.Contains(told, l.Type) })
	}
	return printHistory(t.out, rec.Chart.Zone, lines)
}

func printHistory(out io.Writer, zone clock.Zone, lines []record.HistoryLine) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "WHEN\tWHO\tWHAT\tWHY\t")
	for _, l := range lines {
		who := string(l.By.Role)
		if l.By.ID != "" && l.By.ID != who {
			who += "/" + l.By.ID
		}
		what := l.Words
		if l.Mark != "" {
			what += " [" + strings.ReplaceAll(l.Mark, "-", " ") + "]"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\n", zone.SayLong(l.At), who, what, strings.ReplaceAll(l.Why, "\n", " "))
	}
	return w.Flush()
}
