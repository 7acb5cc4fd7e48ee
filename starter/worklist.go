package main

import (
	"fmt"
	"io"
	"slices"

	"kapflow/care/clock"
	"kapflow/care/message"
)

type worklistCommand struct {
	End    worklistEndCommand    `cmd:"" help:"Remove messages from the list that were dealt with."`
	Assign worklistAssignCommand `cmd:"" help:"Say whose words a text has that came from a number several clients share."`
}

// worklistItemLine is one item of the coordinator's list.
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

// printWorklist prints the list. It prints nothing for an empty one.
func printWorklist(w io.Writer, zone clock.Zone, lines []worklistItemLine) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\nMessages that need a look (%d)\n", len(lines))
	for _, l := range lines {
		fmt.Fprintf(w, "  %s\t%s\tsince %s\t%s\n", l.ID, l.ClientID, zone.SayLong(l.Since), l.Words)
	}
	fmt.Fprintln(w, "  Remove what was dealt with: starter worklist end ID")
	if slices.ContainsFunc(lines, func(l worklistItemLine) bool { return l.Unassigned() }) {
		fmt.Fprintln(w, "  Say whose words a text from a shared number has: starter worklist assign ID --client CLIENT")
	}
}
