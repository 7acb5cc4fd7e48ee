package main

import (
	"fmt"

	"kapflow/care/person"
	"kapflow/recordexport"
	"kapflow/worker/wiring"
)

type exportCommand struct {
	Client string `arg:"" help:"The client's id, as the board shows it."`
	Out    string `help:"The directory to write into. It must be new or empty." required:"" type:"path"`
	By     string `help:"Who exports it: ROLE or ROLE/ID." default:"coordinator"`
	To     string `help:"Who gets it and why, for the audit log." placeholder:"TEXT"`
	JSON   bool   `name:"json" help:"Print the manifest as JSON."`
}

// Run writes a client's whole record into a directory.
func (c exportCommand) Run(t terminal) error {
	return withActor(t, c.By, func(app *wiring.App, by person.Actor) error { return c.on(t, app, by) })
}

func (c exportCommand) on(t terminal, app *wiring.App, by person.Actor) error {
	if err := recordexport.MayWrite(c.Out); err != nil { // before anything is read or audited
		return usageError{err}
	}
	record, err := app.Desk.Export(t.ctx, by, c.Client, c.To)
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
	fmt.Fprintln(t.out, "Start with record.html. manifest.json says what each file is.")
	return nil
}
