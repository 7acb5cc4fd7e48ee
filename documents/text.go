package documents

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Text writes a document for a terminal: tables and totals, without address and notes.
func (d Document) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s, %s\n", d.Title, d.Number, d.Date)
	for _, sec := range d.Sections {
		fmt.Fprintf(&b, "\n%s\n", sec.Heading)
		if len(sec.Rows) == 0 {
			fmt.Fprintln(&b, " ", sec.Empty)
			continue
		}
		w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
		fill := figureWidths(sec)
		for _, row := range append([][]string{titles(sec)}, sec.Rows...) {
			for i, cell := range row {
				cell = strings.ReplaceAll(cell, "\n", "; ")
				if sec.Columns[i].Figure {
					cell = fmt.Sprintf("%*s", fill[i], cell)
				}
				fmt.Fprintf(w, "  %s\t", cell)
			}
			fmt.Fprintln(w)
		}
		_ = w.Flush() // writes to memory, so it cannot fail
		for _, f := range sec.Totals {
			fmt.Fprintf(&b, "  %s: %s\n", f.Label, f.Value)
		}
	}
	if d.Total != nil {
		fmt.Fprintf(&b, "\n%s: %s\n", d.Total.Label, d.Total.Value)
	}
	return b.String()
}

func titles(sec Section) (row []string) {
	for _, c := range sec.Columns {
		row = append(row, c.Title)
	}
	return row
}

func figureWidths(sec Section) []int {
	widths := make([]int, len(sec.Columns))
	for _, row := range append([][]string{titles(sec)}, sec.Rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	return widths
}
