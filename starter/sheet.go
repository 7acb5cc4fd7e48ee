package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/record"
	"kapflow/care/visit"
	"kapflow/worker/wiring"
)

type sheetCommand struct {
	Client      string `arg:"" help:"The client's id, as the board shows it."`
	Appointment string `help:"Which infusion. Default: the next one, or the one under way." placeholder:"infusion-3"`
	who
	JSON bool `name:"json" help:"Print JSON."`
}

// daySheet is one infusion day.
type daySheet struct {
	Appointment string            `json:"appointment"`
	Start       time.Time         `json:"start"`
	Status      visit.Status      `json:"status"`
	Ahead       map[string]any    `json:"said_ahead"` // what the client answered before the day; null if nothing
	AheadAt     time.Time         `json:"said_ahead_at,omitzero"`
	Day         *care.InfusionDay `json:"day"`
}

// Run shows the sheet of one infusion.
func (c sheetCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c sheetCommand) on(t terminal, app *wiring.App, by access.Person) error {
	rec, err := app.Desk.OpenRecord(t.ctx, by, c.Client)
	if err != nil {
		return err
	}
	visit, err := c.visit(rec.Chart)
	if err != nil {
		return err
	}
	s := daySheet{Appointment: visit.ID, Start: visit.Start, Status: visit.Status, Day: visit.Day}
	if visit.Readiness != nil {
		answers, err := record.FactsOf[*care.ReadinessAnswered](rec)
		if err != nil {
			return err
		}
		for _, x := range answers {
			if x.Fact.Appointment == visit.ID {
				s.Ahead, s.AheadAt = rec.Fields(x.Entry), x.At
			}
		}
	}
	if c.JSON {
		return writeJSON(t.out, s)
	}
	return s.print(t.out, rec.Chart.Zone, visit)
}

func (c sheetCommand) visit(chart *care.Chart) (*care.Visit, error) {
	if c.Appointment != "" {
		if v := chart.Visit(c.Appointment); v != nil && v.Kind == visit.Infusion {
			return v, nil
		}
		return nil, care.Refuse("sheet", care.CodeUnknownAppointment, fmt.Sprintf("this client has no infusion %q", c.Appointment), "")
	}
	if coming := chart.BookedInfusions(); len(coming) > 0 {
		return coming[0], nil
	}
	return nil, care.Refuse("sheet", care.CodeUnknownAppointment, "no infusion is booked; name an earlier one with --appointment", "")
}

func (s daySheet) print(out io.Writer, zone clock.Zone, v *care.Visit) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "%s, %s: %s\n", v.Name(), zone.SayLong(v.Start), v.Status)
	fmt.Fprintln(w, "\nThe client's answers before the visit")
	if s.Ahead == nil {
		fmt.Fprintln(w, "  none yet")
	} else {
		fmt.Fprintf(w, "  on %s\t%s\n", zone.SayLong(s.AheadAt), readinessText(v.Readiness))
		for _, field := range []string{"escort", "escort_phone", "fasting", "no_alcohol", "nothing_new", "note"} {
			if value, said := s.Ahead[field]; said {
				fmt.Fprintf(w, "  %s\t%s\n", strings.ReplaceAll(field, "_", " "), yesOrWords(value))
			}
		}
	}
	fmt.Fprintln(w, "\nCheck-in sheet")
	if s.Day == nil {
		fmt.Fprintln(w, "  not started")
		return w.Flush()
	}
	for _, item := range s.Day.Sheet {
		switch {
		case item.Unmet != nil:
			fmt.Fprintf(w, "  OPEN\t%s\t%s\t(%s)\n", item.Item, item.Unmet.Reason, item.Unmet.MustAct)
		case item.By.Role == "":
			fmt.Fprintf(w, "  not asked\t%s\t\t\n", item.Item)
		default:
			fmt.Fprintf(w, "  met\t%s\t%s\t%s\n", item.Item, item.By.Role, clockTime(zone, item.At))
		}
	}
	for _, x := range []struct {
		what string
		at   time.Time
	}{{"started", s.Day.StartedAt}, {"last vital signs", s.Day.LastVitalsAt}, {"stopped", s.Day.StoppedAt}, {"discharged", s.Day.DischargedAt}} {
		if !x.at.IsZero() {
			fmt.Fprintf(w, "\n%s\t%s", x.what, clockTime(zone, x.at))
		}
	}
	fmt.Fprintln(w)
	return w.Flush()
}

func clockTime(zone clock.Zone, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return zone.Local(at).Format("3:04 PM")
}

func yesOrWords(v any) string {
	if b, ok := v.(bool); ok {
		return map[bool]string{true: "yes", false: "NO"}[b]
	}
	return fmt.Sprint(v)
}

// readinessText says whether a client is ready for an infusion, by the client's own answers.
func readinessText(r *care.Readiness) string {
	switch {
	case r == nil:
		return ""
	case len(r.Missing()) == 0:
		return "ready, by the client's own answers"
	default:
		return "not ready: " + strings.Join(r.Missing(), ", ")
	}
}
