package main

import (
	"fmt"
	"io"

	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/worker/wiring"
)

type worklistCommand struct {
	End worklistEndCommand `cmd:"" help:"Take off the list what was settled."`
}

type worklistEndCommand struct {
	IDs []string `arg:"" name:"id" help:"The matter's id, as the board shows it, such as m-1a2b3c4d."`
	By  string   `help:"Who settled it: ROLE or ROLE/ID." default:"coordinator"`
}

// Run ends each matter that is named.
func (c worklistEndCommand) Run(t terminal) error {
	return inside(t, c.By, func(house *wiring.House, by person.Actor) error { return c.on(t, house, by) })
}

func (c worklistEndCommand) on(t terminal, house *wiring.House, by person.Actor) error {
	for _, id := range c.IDs {
		if err := house.Desk.EndWorklistItem(t.ctx, by, id); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s is off the list\n", id)
	}
	return nil
}

// worklistItemLine is one thing on the coordinator's list.
type worklistItemLine struct {
	ID string `json:"id"`
	message.WorklistItem
}

func worklistItemLines(worklist []message.WorklistItem) []worklistItemLine {
	lines := []worklistItemLine{}
	for _, m := range worklist {
		lines = append(lines, worklistItemLine{m.ID(), m})
	}
	return lines
}

// printWorklist prints the list; nothing when it is empty.
func printWorklist(w io.Writer, zone clock.Zone, lines []worklistItemLine) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\nMessages that need a look (%d)\n", len(lines))
	for _, l := range lines {
		fmt.Fprintf(w, "  %s\t%s\tsince %s\t%s\n", l.ID, l.ClientID, zone.Say(l.Since), l.Words)
	}
	fmt.Fprintln(w, "  What is settled is taken off by: starter matter end ID")
}
