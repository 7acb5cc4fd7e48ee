package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"kapflow/care"
)

type showCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// standing is what show tells of a client.
type standing struct {
	Client  string                `json:"client"`
	Stage   care.Stage            `json:"stage"`
	Move    care.Role             `json:"move"`
	Gates   []care.Gate           `json:"gates"`
	Tasks   []care.Task           `json:"tasks"`
	Next    []nextDuty            `json:"next"`
	Visits  []nextVisit           `json:"visits"`
	Balance map[string]care.Cents `json:"balance"`
}

type nextDuty struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
}

type nextVisit struct {
	Appointment string      `json:"appointment"`
	Start       time.Time   `json:"start"`
	Status      care.Status `json:"status"`
	Tentative   bool        `json:"tentative"`
}

func standingOf(c *care.Chart, now time.Time) standing {
	s := standing{Client: c.ClientID, Stage: c.Stage(), Move: c.Move(now), Gates: c.Gates(now), Tasks: c.Tasks(now),
		Balance: map[string]care.Cents{"medical": c.Balance(care.Medical), "psychotherapy": c.Balance(care.Psychotherapies)}}
	for _, d := range c.Duties() {
		if d.At.After(now) && len(s.Next) < 3 {
			s.Next = append(s.Next, nextDuty{d.At, d.Words})
		}
	}
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Open() {
			s.Visits = append(s.Visits, nextVisit{v.ID, v.Start, v.Status, v.Tentative})
		}
	}
	slices.SortStableFunc(s.Visits, func(a, b nextVisit) int { return a.Start.Compare(b.Start) })
	return s
}

// Run shows one client.
func (c showCommand) Run(t terminal) error {
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	chart, err := house.Store.Chart(t.ctx, c.Client)
	if errors.Is(err, care.ErrNoClient) {
		return care.Refuse("show", care.CodeUnknownClient, fmt.Sprintf("no client has the id %q; starter board lists them", c.Client), "")
	}
	if err != nil {
		return err
	}
	if err := house.Store.Audit(t.ctx, care.Actor{ID: "command-line", Role: care.Coordinator}, "read", c.Client, nil); err != nil {
		return err
	}
	s := standingOf(chart, chartNow(chart))
	if c.JSON {
		return writeJSON(t.out, s)
	}
	return s.print(t.out, chart)
}

// chartNow is the time a chart is looked at: now, or the chart's own time when that is ahead, as it is for
// the virtual courses of a demo.
func chartNow(c *care.Chart) time.Time {
	if now := time.Now().UTC(); now.After(c.Shown.At) {
		return now
	}
	return c.Shown.At
}

func (s standing) print(out io.Writer, c *care.Chart) error {
	fmt.Fprintf(out, "%s: %s\n", s.Client, care.Title(string(s.Stage)))
	if s.Move != "" {
		fmt.Fprintf(out, "Whose move: %s\n", s.Move)
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nGates of the next infusion")
	for _, g := range s.Gates {
		state := "shut"
		if g.Open {
			state = "open"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", state, g.Gate, g.Reason, g.MustAct)
	}
	fmt.Fprintln(w, "\nOpen tasks")
	for _, task := range s.Tasks {
		fmt.Fprintf(w, "  %s\t%s\tby %s\n", task.Role, task.Words, c.Zone.Say(task.Due))
	}
	fmt.Fprintln(w, "\nComing visits")
	for _, v := range s.Visits {
		state := string(v.Status)
		if v.Tentative {
			state = "tentative"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", v.Appointment, c.Zone.Say(v.Start), state)
	}
	fmt.Fprintln(w, "\nNext messages")
	for _, d := range s.Next {
		fmt.Fprintf(w, "  %s\t%s\n", c.Zone.Say(d.At), d.What)
	}
	fmt.Fprintf(w, "\nThe client owes\n  medical\t%s\n  psychotherapy\t%s\n", s.Balance["medical"], s.Balance["psychotherapy"])
	return w.Flush()
}

type boardCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// boardLine is one client on the board.
type boardLine struct {
	Client    string     `json:"client"`
	Stage     care.Stage `json:"stage"`
	BlockedBy []string   `json:"blocked_by"`
	Move      care.Role  `json:"move"`
	Next      string     `json:"next"`
	Attention bool       `json:"attention"`
}

// Run shows all clients.
func (c boardCommand) Run(t terminal) error {
	house, leave, err := connect(t)
	if err != nil {
		return err
	}
	defer leave()
	rows, err := house.Store.Board(t.ctx)
	if err != nil {
		return err
	}
	if err := house.Store.Audit(t.ctx, care.Actor{ID: "command-line", Role: care.Coordinator}, "read", "board", nil); err != nil {
		return err
	}
	lines := boardLines(rows)
	if c.JSON {
		return writeJSON(t.out, lines)
	}
	return printBoard(t.out, lines)
}

func boardLines(rows []care.BoardRow) []boardLine {
	lines := []boardLine{}
	for _, r := range rows {
		now := chartNow(r.Chart)
		l := boardLine{Client: r.ClientID, Stage: r.Chart.Stage(), BlockedBy: []string{}, Move: r.Chart.Move(now), Attention: r.Chart.Attention()}
		for _, g := range r.Chart.Shut(now) {
			l.BlockedBy = append(l.BlockedBy, g.Gate)
		}
		if next := r.Chart.NextDue(now); !next.IsZero() {
			l.Next = r.Chart.Zone.Say(next)
		}
		lines = append(lines, l)
	}
	return lines
}

func printBoard(out io.Writer, lines []boardLine) error {
	if len(lines) == 0 {
		_, err := fmt.Fprintln(out, "No client is enrolled yet. Enrol with: starter enroll FILE")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "CLIENT\tSTAGE\tBLOCKED BY\tWHOSE MOVE\tNEXT\t")
	for _, l := range lines {
		mark := ""
		if l.Attention {
			mark = "look!"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Client, l.Stage, shorten(l.BlockedBy), l.Move, l.Next, mark)
	}
	return w.Flush()
}

func shorten(codes []string) string {
	if len(codes) > 3 {
		return fmt.Sprintf("%s, %s and %d more", codes[0], codes[1], len(codes)-2)
	}
	text := ""
	for i, c := range codes {
		if i > 0 {
			text += ", "
		}
		text += c
	}
	return text
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
	if err := house.Store.Audit(t.ctx, care.Actor{ID: "command-line", Role: care.Coordinator}, "read", c.Client, nil); err != nil {
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
