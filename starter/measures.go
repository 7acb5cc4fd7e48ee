package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/record"
	"kapflow/output"
	"kapflow/recordexport"
	"kapflow/worker/wiring"
)

type measuresCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	who
	SVG  string `name:"svg" help:"Also write a chart of the measures to this file." type:"path"`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run shows a client's measures over time.
func (c measuresCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c measuresCommand) on(t terminal, app *wiring.App, by access.Person) error {
	rec, err := app.Desk.OpenRecord(t.ctx, by, c.Client)
	if err != nil {
		return err
	}
	trend, err := record.TrendOf(rec)
	if err != nil {
		return err
	}
	if c.SVG != "" {
		drawing, err := recordexport.Chart(trend, rec.Chart.Zone)
		if err != nil {
			return err
		}
		if drawing == nil {
			return fmt.Errorf("nothing was measured yet, so there is no chart to draw")
		}
		if err := output.NewFile(c.SVG, drawing); err != nil {
			return err
		}
	}
	if c.JSON {
		return writeJSON(t.out, trend)
	}
	return printMeasures(t.out, rec.Chart.Zone, trend)
}

func printMeasures(out io.Writer, zone clock.Zone, trend record.Trend) error {
	if len(trend.Readings) == 0 {
		_, err := fmt.Fprintln(out, "This client has not answered a check-in yet.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ANSWERED\tCHECK-IN\tMOOD\tPHQ-9\tGAD-7\tSIDE EFFECTS\t")
	for _, x := range trend.Readings {
		mood, marks := "", ""
		if x.Mood != nil {
			mood = fmt.Sprint(*x.Mood)
		}
		if x.ByTelephone {
			marks += " (by phone)"
		}
		if x.Concern {
			marks += " (item 9 above 0)"
		}
		fmt.Fprintf(w, "%s\t%s%s\t%s\t%s\t%s\t%s\t\n", zone.SayLong(x.At), x.CheckIn, marks, mood, scoreText(x.PHQ9), scoreText(x.GAD7), strings.Join(x.SideEffects, ", "))
	}
	for _, p := range []struct {
		name string
		way  *record.Progress
	}{{"PHQ-9", trend.PHQ9}, {"GAD-7", trend.GAD7}} {
		if p.way != nil && p.way.Count > 1 {
			fmt.Fprintf(w, "\n%s: first %d, last %d (%+d).\t\n", p.name, p.way.First, p.way.Last, p.way.Change)
		}
	}
	return w.Flush()
}

func scoreText(s *care.Score) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%d %s", s.Total, strings.ReplaceAll(s.Band, "-", " "))
}
