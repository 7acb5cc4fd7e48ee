package practice

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a practice's files: where, and why.
type Fault struct {
	File   string
	Line   int    // 0: the file as a whole
	Path   string // of the setting, such as messages.reminders[1].channels; empty for message texts
	Reason string
}

// Error gives the fault as file:line: path: reason.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	if f.Path != "" {
		b.WriteString(": " + f.Path)
	}
	return b.String() + ": " + f.Reason
}

// Faults is everything that is wrong with a practice's files, found in one go, so that a practice mends its
// files once and not once a fault.
type Faults []Fault

// Error lists every fault, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted gives the faults in the order of the lines of each file; faults of one line keep their order.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	return f
}
