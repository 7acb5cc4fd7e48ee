package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/recordexport"
	"kapflow/worker/wiring"
)

type historyCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	By     string `help:"Who looks: ROLE or ROLE/ID. Texts that the role may not read stay closed." default:"coordinator"`
	All    bool   `help:"Show gates, tasks, messages and ledger lines too."`
	JSON   bool   `name:"json" help:"Print JSON, always with everything."`
}

// told are the types of history lines that are shown without --all.
var told = []string{"fact", "stage", "alert"}

// Run shows everything that happened to a client: who, when, what, why.
func (c historyCommand) Run(t terminal) error {
	return inside(t, c.By, func(house *wiring.House, by person.Actor) error { return c.on(t, house, by) })
}

func (c historyCommand) on(t terminal, house *wiring.House, by person.Actor) error {
	record, err := house.Desk.OpenRecord(t.ctx, by, c.Client)
	if err != nil {
		return err
	}
	lines, err := care.History(record)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, lines)
	}
	if !c.All {
		lines = slices.DeleteFunc(lines, func(l care.HistoryLine) bool { return !slices.Contains(told, l.Type) })
	}
	return printHistory(t.out, record.Chart.Zone, lines)
}

// inside does something in the practice for somebody, named as ROLE or ROLE/ID.
func inside(t terminal, by string, do func(*wiring.House, person.Actor) error) error {
	if err := checkRole(by); err != nil {
		return err
	}
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	actor, err := actorNamed(by, house.Practice.Policy)
	if err != nil {
		return err
	}
	return do(house, actor)
}

func printHistory(out io.Writer, zone clock.Zone, lines []care.HistoryLine) error {
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

type exportCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	Out    string `help:"A directory for it: new or empty." required:"" type:"path"`
	By     string `help:"Who hands it over: ROLE or ROLE/ID." default:"coordinator"`
	To     string `help:"Who gets it and why, for the audit log." placeholder:"TEXT"`
	JSON   bool   `name:"json" help:"Print the manifest as JSON."`
}

// Run writes a client's whole record into a directory.
func (c exportCommand) Run(t terminal) error {
	return inside(t, c.By, func(house *wiring.House, by person.Actor) error { return c.on(t, house, by) })
}

func (c exportCommand) on(t terminal, house *wiring.House, by person.Actor) error {
	if err := recordexport.MayWrite(c.Out); err != nil { // before anything is read or noted as handed over
		return usageError{err}
	}
	record, err := house.Desk.Export(t.ctx, by, c.Client, c.To)
	if err != nil {
		return err
	}
	files, err := recordexport.Files(record)
	if err != nil {
		return err
	}
	if err := recordexport.Write(c.Out, files); err != nil {
		return err
	}
	if c.JSON {
		_, err := t.out.Write(files[len(files)-1].Body)
		return err
	}
	fmt.Fprintf(t.out, "Wrote %d files to %s. Only you can read them; they are not encrypted.\n", len(files), c.Out)
	for _, f := range files {
		fmt.Fprintf(t.out, "  %-15s %8d bytes\n", f.Name, len(f.Body))
	}
	fmt.Fprintln(t.out, "Begin with record.html; manifest.json says what each file is.")
	return nil
}

type measuresCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	By     string `help:"Who looks: ROLE or ROLE/ID." default:"coordinator"`
	SVG    string `name:"svg" help:"Write the measures as a drawing to this file." type:"path"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run shows a client's measures over time.
func (c measuresCommand) Run(t terminal) error {
	return inside(t, c.By, func(house *wiring.House, by person.Actor) error { return c.on(t, house, by) })
}

func (c measuresCommand) on(t terminal, house *wiring.House, by person.Actor) error {
	record, err := house.Desk.OpenRecord(t.ctx, by, c.Client)
	if err != nil {
		return err
	}
	trend, err := care.TrendOf(record)
	if err != nil {
		return err
	}
	if c.SVG != "" {
		drawing, err := recordexport.Chart(trend, record.Chart.Zone)
		if err != nil {
			return err
		}
		if drawing == nil {
			return fmt.Errorf("nothing was measured yet, so there is nothing to draw")
		}
		if err := recordexport.WriteFile(c.SVG, drawing); err != nil {
			return err
		}
	}
	if c.JSON {
		return writeJSON(t.out, trend)
	}
	return printMeasures(t.out, record.Chart.Zone, trend)
}

func printMeasures(out io.Writer, zone clock.Zone, trend care.Trend) error {
	if len(trend.Readings) == 0 {
		_, err := fmt.Fprintln(out, "No check-in was answered yet.")
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
			marks += " (by telephone)"
		}
		if x.Concern {
			marks += " (item 9 above 0)"
		}
		fmt.Fprintf(w, "%s\t%s%s\t%s\t%s\t%s\t%s\t\n", zone.SayLong(x.At), x.CheckIn, marks, mood, scoreText(x.PHQ9), scoreText(x.GAD7), strings.Join(x.SideEffects, ", "))
	}
	for _, p := range []struct {
		name string
		way  *care.Progress
	}{{"PHQ-9", trend.PHQ9}, {"GAD-7", trend.GAD7}} {
		if p.way != nil && p.way.Count > 1 {
			fmt.Fprintf(w, "\n%s: %d at first, %d at last (%+d).\t\n", p.name, p.way.First, p.way.Last, p.way.Change)
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
