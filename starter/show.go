package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/care/visit"
	"kapflow/care/wording"
	"kapflow/worker/wiring"
)

type showCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	who
	JSON bool `name:"json" help:"Print JSON."`
}

// standing is what the command shows of a client.
type standing struct {
	Client   string                 `json:"client"`
	Stage    care.Stage             `json:"stage"`
	Move     person.Role            `json:"move"`
	Moves    []person.Role          `json:"moves"`
	Gates    []care.Gate            `json:"gates"`
	Tasks    []care.Task            `json:"tasks"`
	Words    []record.ClientWord    `json:"client_words"` // what the client asked or wrote and nobody has dealt with yet
	Worklist []worklistItemLine     `json:"matters"`      // messages that need a look
	Later    []laterInfusion        `json:"later_infusions"`
	Alerts   []openAlert            `json:"alerts"`
	Opened   []care.Override        `json:"overrides"`
	Next     []nextNotification     `json:"next"`
	Visits   []nextVisit            `json:"visits"`
	Balance  map[string]money.Cents `json:"balance"`
	Money    moneyView              `json:"money"`
}

// moneyView is expected costs and refunds. What is owed now is the balance.
type moneyView struct {
	Session        care.SessionCost `json:"session"` // of the next psychotherapy session
	Estimate       *care.Estimate   `json:"estimate"`
	RefundIfEnded  money.Cents      `json:"refund_if_ended"` // of the package, by the refund policy that the client signed
	CoverageExpiry time.Time        `json:"coverage_valid_until,omitzero"`
}

func moneyOf(c *care.Chart) moneyView {
	m := moneyView{Session: c.SessionCost(visit.Preparation), Estimate: c.Estimate, RefundIfEnded: c.RefundQuote()}
	if c.Coverage != nil {
		m.CoverageExpiry = c.Coverage.ValidUntil
	}
	return m
}

func (m moneyView) print(w io.Writer, c *care.Chart) {
	fmt.Fprintf(w, "\nThe client's share of a psychotherapy session\n  %s", m.Session.Client)
	if m.Session.Estimate {
		source := ""
		if m.Session.Source != "" {
			source = ", by " + m.Session.Source
		}
		fmt.Fprintf(w, "\testimate, from coverage as of %s%s", c.Zone.DayLong(m.Session.AsOf), source)
	}
	fmt.Fprintln(w)
	m.printPaidBack(w, c)
	if e := m.Estimate; e != nil {
		fmt.Fprintf(w, "Good faith estimate %s, given %s\n  %s\n", e.Number, c.Zone.DayLong(e.At), e.Total)
	}
	if c.Package != nil && c.Package.Package != money.PackageNone && c.Package.Settled == nil {
		fmt.Fprintf(w, "Refund if the client stops today\n  %s\trefund policy: %s\n", m.RefundIfEnded, money.RefundRuleWords(c.Package.RefundRule))
	}
}

// printPaidBack prints what the plan is expected to pay the client back, out of network, or which figure is missing.
func (m moneyView) printPaidBack(w io.Writer, c *care.Chart) {
	switch b := m.Session.PaidBack; {
	case b == nil:
	case b.Known():
		fmt.Fprintf(w, "The plan is expected to pay the client back for a session\n  %s\tout of network, from coverage as of %s\n", b.Cents, c.Zone.DayLong(m.Session.AsOf))
	default:
		fmt.Fprintf(w, "The plan is expected to pay the client back for a session\n  unknown\tout of network; ask the insurer for %s\n", wording.JoinWords(b.Lacks, "and"))
	}
}

// laterInfusion is a booked infusion after the next one, with its own gates.
type laterInfusion struct {
	Appointment string      `json:"appointment"`
	Gates       []care.Gate `json:"gates"`
}

// openAlert is an alert that nobody has acknowledged.
type openAlert struct {
	Alert string        `json:"alert"`
	ID    string        `json:"id"`
	Roles []person.Role `json:"roles"`
	State string        `json:"state"`
	About string        `json:"about,omitempty"`
	Since time.Time     `json:"since"`
	Due   time.Time     `json:"due"`
}

type nextNotification struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
}

type nextVisit struct {
	Appointment string       `json:"appointment"`
	Start       time.Time    `json:"start"`
	Status      visit.Status `json:"status"`
	Tentative   bool         `json:"tentative"`
	// Readiness is what the client answered before an infusion. Nil is nothing yet.
	Readiness *care.Readiness `json:"readiness,omitempty"`
}

func standingOf(c *care.Chart, now time.Time) standing {
	s := standing{Client: c.ClientID, Stage: c.Stage(), Move: c.Move(now), Moves: append([]person.Role{}, c.Moves(now)...), Gates: c.Gates(now), Tasks: c.Tasks(now),
		Balance: map[string]money.Cents{"medical": c.Balance(money.Medical), "psychotherapy": c.Balance(money.Psychotherapies)}}
	s.Opened, s.Money = c.Overrides, moneyOf(c)
	for i, v := range c.BookedInfusions() {
		if i > 0 {
			s.Later = append(s.Later, laterInfusion{v.ID, c.GatesOf(v, now)})
		}
	}
	for _, a := range c.OpenAlerts() {
		s.Alerts = append(s.Alerts, openAlert{a.Kind, a.ID, a.Roles, c.AlertState(a, now), a.About, a.RaisedAt, a.Due})
	}
	for _, d := range c.Notifications() {
		if d.At.After(now) && len(s.Next) < 3 {
			s.Next = append(s.Next, nextNotification{d.At, d.Words})
		}
	}
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Open() {
			s.Visits = append(s.Visits, nextVisit{v.ID, v.Start, v.Status, v.Tentative, v.Readiness})
		}
	}
	slices.SortStableFunc(s.Visits, func(a, b nextVisit) int { return a.Start.Compare(b.Start) })
	return s
}

// Run shows one client.
func (c showCommand) Run(t terminal) error {
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c showCommand) on(t terminal, app *wiring.App, by access.Person) error {
	stands, err := app.Desk.Standing(t.ctx, by, c.Client, false)
	if err != nil {
		return err
	}
	record := stands.Record
	now := chartNow(record.Chart)
	s := standingOf(record.Chart, now)
	s.Words = record.ClientWords(now)
	s.Worklist = worklistItemLines(stands.Worklist)
	if c.JSON {
		return writeJSON(t.out, s)
	}
	return s.print(t.out, record.Chart)
}

func (s standing) print(out io.Writer, c *care.Chart) error {
	fmt.Fprintf(out, "%s: %s\n", s.Client, wording.Title(string(s.Stage)))
	if len(s.Moves) > 0 {
		fmt.Fprintf(out, "Whose move: %s\n", wording.JoinWords(s.Moves, "and"))
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, a := range s.Alerts {
		fmt.Fprintf(w, "ALERT %s (%s)\tfor the %s\t%s since %s\trespond by %s\n", a.Alert, a.ID, rolesText(a.Roles), a.State, c.Zone.SayLong(a.Since), c.Zone.SayLong(a.Due))
	}
	fmt.Fprintln(w, "\nGates of the next infusion")
	printGates(w, c, s.Gates)
	for _, l := range s.Later {
		fmt.Fprintf(w, "\nGates of %s\n", l.Appointment)
		printGates(w, c, l.Gates)
	}
	for _, o := range s.Opened {
		fmt.Fprintf(w, "  %s was opened for infusion %d by %s (%s), %s\n", o.Gate, o.Infusion, o.By.ID, o.By.Role, c.Zone.SayLong(o.At))
	}
	fmt.Fprintln(w, "\nOpen tasks")
	for _, task := range s.Tasks {
		fmt.Fprintf(w, "  %s\t%s\tby %s\n", task.Role, task.Words, c.Zone.SayLong(task.Due))
	}
	printWords(w, c.Zone, s.Words)
	printWorklist(w, c.Zone, s.Worklist)
	fmt.Fprintln(w, "\nUpcoming visits")
	for _, v := range s.Visits {
		state := string(v.Status)
		if v.Tentative {
			state = "tentative"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", v.Appointment, c.Zone.SayLong(v.Start), state, readinessText(v.Readiness))
	}
	fmt.Fprintln(w, "\nNext messages")
	for _, d := range s.Next {
		fmt.Fprintf(w, "  %s\t%s\n", c.Zone.SayLong(d.At), d.What)
	}
	fmt.Fprintf(w, "\nThe client owes\n  medical\t%s\n  psychotherapy\t%s\n", s.Balance["medical"], s.Balance["psychotherapy"])
	s.Money.print(w, c)
	return w.Flush()
}

// printWords prints what the client asked or wrote, beside the task that deals with it. It prints nothing for an empty list.
func printWords(w io.Writer, zone clock.Zone, words []record.ClientWord) {
	if len(words) == 0 {
		return
	}
	fmt.Fprintln(w, "\nWhat the client asked and wrote")
	for _, x := range words {
		said := x.Words
		if said == "" {
			said = "(nothing written)"
		}
		fmt.Fprintf(w, "  %s\t%s %s\t%s\t%s\n", x.Role, x.Task, x.About, zone.SayLong(x.At), said)
	}
}

func printGates(w io.Writer, c *care.Chart, gates []care.Gate) {
	for _, g := range gates {
		state, since := "shut", "now"
		if g.Open {
			state = "open"
		}
		if !g.Since.IsZero() {
			since = c.Zone.DayLong(g.Since)
		}
		fmt.Fprintf(w, "  %s\t%s\tsince %s\t%s\t%s\n", state, g.Gate, since, g.Reason, g.MustAct)
	}
}

func rolesText(roles []person.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, " and the ")
}
