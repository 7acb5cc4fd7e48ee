package documents

import (
	"fmt"
	"slices"
	"strings"
)

// Spelled gives the document with every letter that cannot be printed replaced by its number, such as [U+1F600], so that it can be
// printed and nobody takes a gap for a name. A person asks for it. What cannot be replaced letter by letter stays and is refused.
func (d Document) Spelled() Document {
	d.Title, d.Date, d.Intro = spelled(d.Title), spelled(d.Date), spelled(d.Intro)
	d.From = Letterhead{spelled(d.From.Name), spelledAll(d.From.Lines)}
	d.To, d.Signatures, d.Facts = spelledAll(d.To), spelledAll(d.Signatures), spelledFacts(d.Facts)
	if d.Total != nil {
		d.Total = &spelledFacts([]Fact{*d.Total})[0]
	}
	d.Notes = slices.Clone(d.Notes)
	for i, n := range d.Notes {
		d.Notes[i] = Note{spelled(n.Heading), spelled(n.Text)}
	}
	d.Sections = slices.Clone(d.Sections)
	for i := range d.Sections {
		s := &d.Sections[i]
		s.Heading, s.Sub, s.Empty, s.Totals = spelled(s.Heading), spelled(s.Sub), spelled(s.Empty), spelledFacts(s.Totals)
		s.Rows = slices.Clone(s.Rows)
		for j := range s.Rows {
			s.Rows[j] = spelledAll(s.Rows[j])
		}
	}
	return d
}

func spelled(text string) string {
	var bad []rune
	for _, r := range visual(text) {
		if r != '\n' && !printable(r) {
			bad = append(bad, r)
		}
	}
	if bad == nil {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if slices.Contains(bad, r) {
			fmt.Fprintf(&out, "[U+%04X]", r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

func spelledAll(texts []string) []string {
	out := slices.Clone(texts)
	for i := range out {
		out[i] = spelled(out[i])
	}
	return out
}

func spelledFacts(facts []Fact) []Fact {
	out := slices.Clone(facts)
	for i, f := range out {
		out[i] = Fact{spelled(f.Label), spelled(f.Value)}
	}
	return out
}
