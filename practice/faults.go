package practice

import (
	"fmt"
	"slices"
	"strings"

	"kapflow/care/wording"
)

// Fault is one error in a practice's files, with its place and reason.
type Fault struct {
	File   string
	Line   int    // 0 for the file as a whole
	Path   string // path of the setting, such as messages.reminders[1].channels; empty for message texts
	Reason string
}

// Error gives the fault as file:line: path: reason, without the numbers of requirements that code cites.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	if f.Path != "" {
		b.WriteString(": " + f.Path)
	}
	return b.String() + ": " + wording.WithoutRules(f.Reason)
}

// Faults are all errors in a practice's files, so that they can be corrected in one go.
type Faults []Fault

// Error lists every fault, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted orders the faults by file and line. Faults of one line keep their order.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	return f
}
