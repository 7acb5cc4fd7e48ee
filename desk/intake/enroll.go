package intake

import (
	"bytes"
	"context"
	"errors"

	"kapflow/access"
	"kapflow/care"
	"kapflow/desk"
)

// Result is what became of one row.
type Result struct {
	Line   int    `json:"line"`
	Client string `json:"client,omitempty"`
	State  string `json:"state"` // enrolled, already-enrolled, refused
	Reason string `json:"reason,omitempty"`
}

// Refused says whether the row was not enrolled, and somebody has to mend it.
func (r Result) Refused() bool { return r.State == refused }

// States of a row beside the refusal's code already-enrolled.
const (
	enrolled = "enrolled"
	refused  = "refused"
)

// Enroll enrolls clients one after the other, none twice. bad counts the rows that were refused; err ends the enrollment.
func Enroll(ctx context.Context, d *desk.Desk, by access.Person, rows []Row) (results []Result, bad int, err error) {
	for _, row := range rows {
		if row.Fault != nil {
			results, bad = append(results, Result{Line: row.Line, State: refused, Reason: row.Fault.Error()}), bad+1
			continue
		}
		answer, err := d.Enroll(ctx, by, row.Enrollment)
		var refusal *care.Refusal
		switch {
		case err == nil:
			results = append(results, Result{Line: row.Line, Client: answer.ClientID, State: enrolled})
		case errors.As(err, &refusal) && refusal.Code == care.CodeAlreadyEnrolled:
			results = append(results, Result{Line: row.Line, Client: answer.ClientID, State: refusal.Code})
		case errors.As(err, &refusal) && refusal.Has(care.CodeNotYourRole):
			return results, bad, err
		case errors.As(err, &refusal):
			results, bad = append(results, Result{Line: row.Line, State: refused, Reason: refusal.Message}), bad+1
		default:
			return results, bad, err
		}
	}
	return results, bad, nil
}

// Refused gives the heading of a CSV file and the rows that were refused, as they stand in it: to be mended and read again.
func Refused(body []byte, results []Result) []byte {
	lines := bytes.SplitAfter(body, []byte("\n"))
	out := bytes.Clone(lines[0])
	for i, r := range results {
		end := len(lines)
		if i+1 < len(results) {
			end = results[i+1].Line - 1
		}
		if r.Refused() && r.Line >= 1 && r.Line <= end {
			out = append(out, bytes.Join(lines[r.Line-1:min(end, len(lines))], nil)...)
		}
	}
	return out
}
