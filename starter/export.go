package main

import (
	"errors"
	"fmt"

	"kapflow/access"
	"kapflow/desk"
	"kapflow/output"
	"kapflow/recordexport"
	"kapflow/worker/wiring"
)

type exportCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	Out    string `help:"The directory to write into. It must be new or empty." type:"path"`
	who
	To    string `help:"Who gets it and why, for the audit log." placeholder:"TEXT"`
	Full  bool   `help:"Include every private note. The psychotherapist may do this; others need --allow from the psychotherapist first."`
	Allow bool   `help:"Write nothing, but allow one full export for --to within a week. Only a psychotherapist may do this."`
	JSON  bool   `name:"json" help:"Print the manifest as JSON."`
}

// Run writes a client's record into a directory, or allows another person to write all of it.
func (c exportCommand) Run(t terminal) error {
	if (c.Out == "") != c.Allow {
		return usageError{errors.New("give either --out DIRECTORY to export the record, or --allow to let another person export all of it")}
	}
	return withPerson(t, c.who, func(app *wiring.App, by access.Person) error { return c.on(t, app, by) })
}

func (c exportCommand) on(t terminal, app *wiring.App, by access.Person) error {
	if c.Allow {
		if err := app.Desk.AllowExport(t.ctx, by, c.Client, c.To); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "One full export is allowed for a week: starter export %s --full --to TEXT --out DIRECTORY, with the same --to.\n", c.Client)
		return nil
	}
	if err := output.MayMake(c.Out); err != nil { // before anything is read or audited
		return usageError{err}
	}
	record, err := app.Desk.Export(t.ctx, by, desk.ExportOrder{ClientID: c.Client, Recipient: c.To, Full: c.Full})
	if err != nil {
		return err
	}
	files, err := recordexport.Files(record)
	if err != nil {
		return err
	}
	if err := output.NewDirectory(c.Out, files); err != nil {
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
	if closed := record.ClosedTexts(); closed > 0 {
		fmt.Fprintf(t.out, "%d private notes are left out: your role may not read them. The psychotherapist can export all of it (--full).\n", closed)
	}
	fmt.Fprintln(t.out, "The client's open links are closed; the next message carries a new one.")
	fmt.Fprintln(t.out, "Start with record.html. manifest.json says what each file is.")
	return nil
}
