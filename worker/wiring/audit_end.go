package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kapflow/output"
	"kapflow/store"
)

// auditFiles matches the files of KeepAuditEnd.
const auditFiles = "audit-*.json"

// auditEnd checks the audit log against every end that was kept, keeps today's, and says what it found. A log that was changed is
// no error: it is what the mail is for.
func (a *App) auditEnd(ctx context.Context) (words string, err error) {
	var kept []store.AuditHead
	if a.AuditDir != "" {
		if kept, err = KeptAuditEnds(a.AuditDir); err != nil {
			return "", err
		}
	}
	end, err := a.Store.CheckAuditFrom(ctx, kept...)
	if errors.Is(err, store.ErrTampered) {
		a.Log.ErrorContext(ctx, "the audit log was changed", "error", err)
		return "The audit log is not as it was written. Do not change anything, and have it looked at today.\n" + err.Error() + "\n", nil
	}
	if err != nil {
		return "", err
	}
	if a.AuditDir != "" {
		if err := KeepAuditEnd(a.AuditDir, end); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("Nothing in the audit log was changed. Keep this mail.\nRows: %d\nCode of the last row: %x\nTime: %s\n", end.Seq, end.Hash, end.At.Format(time.RFC3339)), nil
}

// KeepAuditEnd writes the end of the audit log as a new file. The same end is there once.
func KeepAuditEnd(dir string, end store.AuditHead) error {
	end.At = end.At.UTC().Truncate(time.Second)
	body, err := json.Marshal(end)
	if err != nil {
		return err
	}
	return output.NewFile(filepath.Join(dir, fmt.Sprintf("audit-%s-%d.json", end.At.Format("2006-01-02T150405Z"), end.Seq)), append(body, '\n'))
}

// KeptAuditEnds reads every end that was kept in a directory.
func KeptAuditEnds(dir string) (ends []store.AuditHead, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, auditFiles))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var end store.AuditHead
		if json.Unmarshal(body, &end) != nil || end.At.IsZero() {
			return nil, fmt.Errorf("%s holds no end of an audit log", path)
		}
		ends = append(ends, end)
	}
	return ends, nil
}
