package main

import (
	"encoding/hex"
	"errors"
	"fmt"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/store"
	"kapflow/worker/wiring"
)

type auditCheckCommand struct {
	who
	Dir  string `help:"Directory with the ends of the log that were kept (KAPFLOW_AUDIT_DIR), or a copy of it." placeholder:"DIR"`
	Keep bool   `help:"Keep today's end in the directory, too."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run checks the whole audit log, and fails if it is not as it was written.
func (c auditCheckCommand) Run(t terminal) error {
	if c.Keep && c.Dir == "" {
		return errors.New("--keep needs --dir")
	}
	return look(t, c.who, desk.Ask{Action: access.ReadAudit, Subject: desk.Practice}, func(_ *wiring.App, records *store.Store, _ person.Actor) error {
		var kept []store.AuditHead
		var err error
		if c.Dir != "" {
			if kept, err = wiring.KeptAuditEnds(c.Dir); err != nil {
				return err
			}
		}
		end, err := records.CheckAuditFrom(t.ctx, kept...)
		if err != nil {
			return err
		}
		if c.Keep {
			if err := wiring.KeepAuditEnd(c.Dir, end); err != nil {
				return err
			}
		}
		if c.JSON {
			return writeJSON(t.out, map[string]any{"rows": end.Seq, "head": hex.EncodeToString(end.Hash), "at": end.At, "compared": len(kept)})
		}
		_, err = fmt.Fprintf(t.out, "Nothing in the audit log was changed. Rows: %d. Kept ends that fit: %d.\nSave this code outside this system: %x\n", end.Seq, len(kept), end.Hash)
		return err
	})
}
