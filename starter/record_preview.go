package main

import (
	"fmt"

	"kapflow/care"
	"kapflow/care/record"
	"kapflow/desk"
	"kapflow/worker/wiring"
)

// preview prints what recording a report would change, for each client it concerns. A report that would be refused ends the
// command as the refusal itself does.
func (c recordCommand) preview(t terminal, app *wiring.App, cmd desk.Command) error {
	var previews []desk.ClientPreview
	if kind, _ := care.KindNamed(cmd.Fact); kind.PracticeWide {
		var err error
		if previews, err = app.Desk.PreviewWide(t.ctx, cmd); err != nil {
			return err
		}
	} else {
		p, err := app.Desk.Preview(t.ctx, cmd)
		if err != nil {
			return err
		}
		previews = []desk.ClientPreview{{ClientID: cmd.ClientID, Preview: p}}
	}
	if c.JSON {
		if err := writeJSON(t.out, previews); err != nil {
			return err
		}
	}
	for _, p := range previews {
		if p.Refused != nil {
			return p.Refused
		}
		if !c.JSON {
			printPreview(t, p.ClientID, p.Preview)
		}
	}
	if len(previews) == 0 && !c.JSON {
		fmt.Fprintln(t.out, "No client has a visit that this would change.")
	}
	return nil
}

// printPreview prints one client's preview, part by part.
func printPreview(t terminal, client string, p record.Preview) {
	switch parts := p.Parts(); {
	case p.Repeated:
		fmt.Fprintf(t.out, "%s for %s was recorded before. Recording it again would change nothing.\n", p.Fact, client)
	case len(parts) == 0:
		fmt.Fprintf(t.out, "%s would be recorded for %s. Nothing else would change.\n", p.Fact, client)
	default:
		fmt.Fprintf(t.out, "%s would be recorded for %s. What would change:\n", p.Fact, client)
		for _, part := range parts {
			fmt.Fprintf(t.out, "\n%s\n", part.Heading)
			for _, line := range part.Lines {
				fmt.Fprintf(t.out, "  %s\n", line)
			}
		}
	}
	fmt.Fprintln(t.out, "Nothing was recorded.")
}
