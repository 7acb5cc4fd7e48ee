package staff

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"kapflow/care"
	"kapflow/care/record"
	"kapflow/desk"
)

// recordedNote is what a page says after a form that leads to it was recorded.
type recordedNote struct {
	Number int      // of the fact
	What   string   // its title; empty: the address does not say it
	Again  bool     // the form was sent before; this time nothing was recorded
	Since  []string // what others recorded while the form was filled in
}

// recordedAt adds to the address of a page what it says of a form that was just recorded.
func recordedAt(path string, kind care.Kind, answer desk.Answer, seen int) string {
	q := url.Values{"recorded": {strconv.Itoa(answer.Seq)}, "as": {kind.Name}}
	if answer.Repeated {
		q.Set("again", "1")
	} else if seen > 0 && seen < answer.Seq-1 {
		q.Set("seen", strconv.Itoa(seen))
	}
	return path + "?" + q.Encode()
}

// recordedNote gives what the address says of a form that was just recorded; nil: none was.
func (v *visitor) recordedNote(rec record.HealthRecord) (*recordedNote, error) {
	q := v.r.URL.Query()
	n := recordedNote{Again: q.Get("again") != ""}
	if n.Number, _ = strconv.Atoi(q.Get("recorded")); n.Number <= 0 { // anything else says nothing
		return nil, nil
	}
	if kind, known := care.KindNamed(q.Get("as")); known {
		n.What = kind.Title()
	}
	seen, err := strconv.Atoi(q.Get("seen"))
	if err != nil {
		return &n, nil //nolint:nilerr // nothing came in between
	}
	n.Since, err = v.since(rec, seen, n.Number)
	return &n, err
}

// since says what was recorded after the fact that somebody saw last, and before the fact with a number; 0: up to now. Who sees no money
// reads nothing about it.
func (v *visitor) since(rec record.HealthRecord, seen, before int) ([]string, error) {
	if before > 0 {
		rec.Facts = slices.DeleteFunc(slices.Clone(rec.Facts), func(e care.Entry) bool { return e.Seq >= before })
	}
	lines, err := rec.Since(seen)
	if err != nil {
		return nil, fmt.Errorf("read what came since: %w", err)
	}
	var out []string
	for _, l := range lines {
		if v.mayReadLine(l) {
			out = append(out, v.plain(l.Words))
		}
	}
	return out, nil
}
