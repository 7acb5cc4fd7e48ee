package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
	"kapflow/worker/wiring"
)

type showCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	By     string `help:"Who looks: ROLE or ROLE/ID. What the client wrote stays closed to a role that may not read it." default:"coordinator"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// standing is what show tells of a client.
type standing struct {
	Client   string                 `json:"client"`
	Stage    care.Stage             `json:"stage"`
	Move     person.Role            `json:"move"`
	Gates    []care.Gate            `json:"gates"`
	Tasks    []care.Task            `json:"tasks"`
	Words    []care.ClientWord      `json:"client_words"` // what the client asked and wrote that waits on somebody
	Worklist []worklistItemLine     `json:"matters"`      // messages that need a look
	Later    []laterInfusion        `json:"later_infusions"`
	Alerts   []openAlert            `json:"alerts"`
	Opened   []care.Override        `json:"overrides"`
	Next     []nextNotification     `json:"next"`
	Visits   []nextVisit            `json:"visits"`
	Balance  map[string]money.Cents `json:"balance"`
	Money    moneyView              `json:"money"`
}

// moneyView is what is expected, beside what is owed.
type moneyView struct {
	Session        care.SessionCost `json:"session"` // of the next psychotherapy session
	Estimate       *care.Estimate   `json:"estimate"`
	RefundIfEnded  money.Cents      `json:"refund_if_ended"` // of the package, by the rule that was signed
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
	fmt.Fprintf(w, "\nA psychotherapy session costs the client\n  %s", m.Session.Client)
	if m.Session.Estimate {
		source := ""
		if m.Session.Source != "" {
			source = ", by " + m.Session.Source
		}
		fmt.Fprintf(w, "\testimate, from the coverage of %s%s", c.Zone.Day(m.Session.AsOf), source)
	}
	fmt.Fprintln(w)
	if e := m.Estimate; e != nil {
		fmt.Fprintf(w, "Good faith estimate %s of %s\n  %s\n", e.Number, c.Zone.Day(e.At), e.Total)
	}
	if c.Package != nil && c.Package.Package != money.PackageNone && c.Package.Settled == nil {
		fmt.Fprintf(w, "If the client stopped now, of the package would come back\n  %s\tby the rule that was signed: %s\n", m.RefundIfEnded, c.Package.RefundRule)
	}
}

// laterInfusion is a booked infusion after the next one, with its own gates.
type laterInfusion struct {
	Appointment string      `json:"appointment"`
	Gates       []care.Gate `json:"gates"`
}

// openAlert is an alert that nobody acknowledged.
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
	// Readiness is what the client said ahead of an infusion; nil: nothing yet.
	Readiness *care.Readiness `json:"readiness,omitempty"`
}

func standingOf(c *care.Chart, now time.Time) standing {
	s := standing{Client: c.ClientID, Stage: c.Stage(), Move: c.Move(now), Gates: c.Gates(now), Tasks: c.Tasks(now),
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
	return inside(t, c.By, func(house *wiring.House, by person.Actor) error { return c.on(t, house, by) })
}

func (c showCommand) on(t terminal, house *wiring.House, by person.Actor) error {
	record, err := house.Desk.OpenRecord(t.ctx, by, c.Client)
	if err != nil {
		return err
	}
	worklist, err := house.Store.Worklist(t.ctx)
	if err != nil {
		return err
	}
	now := chartNow(record.Chart)
	s := standingOf(record.Chart, now)
	s.Words = record.ClientWords(now)
	s.Worklist = worklistItemLines(slices.DeleteFunc(worklist, func(m message.WorklistItem) bool { return m.ClientID != c.Client }))
	if c.JSON {
		return writeJSON(t.out, s)
	}
	return s.print(t.out, record.Chart)
}

// chartNow is the time a chart is looked at: now, or the chart's own time when that is ahead, as it is for
// the virtual courses of a demo.
func chartNow(c *care.Chart) time.Time {
	if now := time.Now().UTC(); now.After(c.Published.At) {
		return now
	}
	return c.Published.At
}

func (s standing) print(out io.Writer, c *care.Chart) error {
	fmt.Fprintf(out, "%s: %s\n", s.Client, wording.Title(string(s.Stage)))
	if s.Move != "" {
		fmt.Fprintf(out, "Whose move: %s\n", s.Move)
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, a := range s.Alerts {
		fmt.Fprintf(w, "ALERT %s (%s)\tfor the %s\t%s since %s\tacknowledge by %s\n", a.Alert, a.ID, rolesText(a.Roles), a.State, c.Zone.Say(a.Since), c.Zone.Say(a.Due))
	}
	fmt.Fprintln(w, "\nGates of the next infusion")
	printGates(w, c, s.Gates)
	for _, l := range s.Later {
		fmt.Fprintf(w, "\nGates of %s\n", l.Appointment)
		printGates(w, c, l.Gates)
	}
	for _, o := range s.Opened {
		fmt.Fprintf(w, "  %s was opened by hand for infusion %d by %s (%s), %s\n", o.Gate, o.Infusion, o.By.ID, o.By.Role, c.Zone.Say(o.At))
	}
	fmt.Fprintln(w, "\nOpen tasks")
	for _, task := range s.Tasks {
		fmt.Fprintf(w, "  %s\t%s\tby %s\n", task.Role, task.Words, c.Zone.Say(task.Due))
	}
	printWords(w, c.Zone, s.Words)
	printWorklist(w, c.Zone, s.Worklist)
	fmt.Fprintln(w, "\nComing visits")
	for _, v := range s.Visits {
		state := string(v.Status)
		if v.Tentative {
			state = "tentative"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", v.Appointment, c.Zone.Say(v.Start), state, readinessText(v.Readiness))
	}
	fmt.Fprintln(w, "\nNext messages")
	for _, d := range s.Next {
		fmt.Fprintf(w, "  %s\t%s\n", c.Zone.Say(d.At), d.What)
	}
	fmt.Fprintf(w, "\nThe client owes\n  medical\t%s\n  psychotherapy\t%s\n", s.Balance["medical"], s.Balance["psychotherapy"])
	s.Money.print(w, c)
	return w.Flush()
}

// printWords prints what the client asked and wrote beside the task that it waits on; nothing when nothing waits.
func printWords(w io.Writer, zone clock.Zone, words []care.ClientWord) {
	if len(words) == 0 {
		return
	}
	fmt.Fprintln(w, "\nWhat the client asked and wrote")
	for _, x := range words {
		said := x.Words
		if said == "" {
			said = "(nothing written)"
		}
		fmt.Fprintf(w, "  %s\t%s %s\t%s\t%s\n", x.Role, x.Task, x.About, zone.Say(x.At), said)
	}
}

func printGates(w io.Writer, c *care.Chart, gates []care.Gate) {
	for _, g := range gates {
		state, since := "shut", "now"
		if g.Open {
			state = "open"
		}
		if !g.Since.IsZero() {
			since = c.Zone.Day(g.Since)
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

type mailboxCommand struct {
	Client string `arg:"" help:"The client's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run shows what a client was sent.
func (c mailboxCommand) Run(t terminal) error {
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	messages, err := house.Store.Messages(t.ctx, c.Client)
	if err != nil {
		return err
	}
	if err := house.Store.Audit(t.ctx, person.Actor{ID: "command-line", Role: person.Coordinator}, "read", c.Client, nil); err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(t.out, messages)
	}
	for _, m := range messages {
		fmt.Fprintf(t.out, "%s  %-5s  %-10s %s\n", house.Practice.Zone.Say(m.At), m.Channel, m.State, m.About)
		if m.Text != "" {
			fmt.Fprintf(t.out, "    %s\n", m.Text)
		} else {
			fmt.Fprintf(t.out, "    not sent: %s\n", m.Why)
		}
	}
	return nil
}
