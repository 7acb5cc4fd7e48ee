package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"kapflow/access"
	"kapflow/activities"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/care/wording"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type boardCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
	who
}

// Run shows all clients, who needs a look first. It opens no chart but those of clients whom time changed since they were summed up.
func (c boardCommand) Run(t terminal) error {
	return look(t, c.who, desk.Ask{Action: access.ReadBoard, Subject: "board"}, func(app *wiring.App, records *store.Store, _ person.Actor) error {
		if err := activities.RefreshLists(t.ctx, records, app.Desk.Now()); err != nil {
			return err
		}
		return c.on(t, app, records)
	})
}

// clientsAtOnce is how many clients a command reads together that goes through all of them.
const clientsAtOnce = 500

func (c boardCommand) on(t terminal, app *wiring.App, records *store.Store) error {
	worklist, err := records.Worklist(t.ctx)
	if err != nil {
		return err
	}
	b := board{Clients: []record.BoardLine{}, Worklist: worklistItemLines(worklist)}
	var after record.BoardPlace
	for {
		lines, next, err := records.BoardPageWhole(t.ctx, record.BoardFilter{}, after, clientsAtOnce)
		if err != nil {
			return err
		}
		if c.JSON {
			b.Clients = append(b.Clients, lines...)
		} else if err := printBoard(t.out, lines); err != nil {
			return err
		}
		if after = next; after.ID == "" {
			break
		}
	}
	if c.JSON {
		return writeJSON(t.out, b)
	}
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	printWorklist(w, app.Practice.Zone, b.Worklist)
	return w.Flush()
}

// board is what the command prints: every client, and the coordinator's worklist.
type board struct {
	Clients  []record.BoardLine `json:"clients"`
	Worklist []worklistItemLine `json:"matters"` // messages that need a look
}

func printBoard(out io.Writer, lines []record.BoardLine) error {
	if len(lines) == 0 {
		_, err := fmt.Fprintln(out, "No client is enrolled yet. Enroll clients with: starter enroll FILE")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "CLIENT\tSTAGE\tBLOCKED BY\tSINCE\tWHOSE MOVE\tNEXT\t")
	for _, l := range lines {
		mark := ""
		if l.Attention {
			mark = "look!"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Client, l.Stage, shorten(l.BlockedBy), l.Since, wording.JoinWords(l.Moves, "and"), l.Next, mark)
	}
	return w.Flush()
}

// shorten lists up to three codes, or two and the number of the others.
func shorten(codes []string) string {
	if len(codes) > 3 {
		return fmt.Sprintf("%s, %s and %d more", codes[0], codes[1], len(codes)-2)
	}
	return strings.Join(codes, ", ")
}
