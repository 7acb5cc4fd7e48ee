package documents

import (
	"bytes"
	"testing"
)

// Any text is printed or refused, and what is refused is printed with its letters spelled when a person asks for it: no panic, no box.
func TestWhatIsRefusedIsPrintedWhenItIsSpelled(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Zoë", "李小龙", "محمد علي", "Sunny 😀 Ray", "अमिताभ", "ไทย", "😀😀", "e\u0301", "👩‍👩‍👧", "a\u200db", "\U0010ffff", "ܐ", "\ufffd", "ᠮᠣᠩ"} {
		d := Document{Kind: "statement", Title: name, From: Letterhead{Name: name, Lines: []string{name}}, To: []string{name}, Facts: []Fact{{name, name}},
			Intro: name, Total: &Fact{name, name}, Notes: []Note{{name, name}}, Signatures: []string{name},
			Sections: []Section{{Heading: name, Sub: name, Empty: name, Columns: []Column{{Title: "A", Share: 100}}, Rows: [][]string{{name}}, Totals: []Fact{{name, name}}}}}
		refused := d.CheckLetters() != nil
		s := d.Spelled()
		if err := s.CheckLetters(); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if !refused && s.Title != name {
			t.Errorf("%q can be printed, and became %q", name, s.Title)
		}
		if body, err := s.PDF(); err != nil || !bytes.HasPrefix(body, []byte("%PDF")) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := s.HTML(); err != nil || d.Title != name {
			t.Errorf("%q: %v", name, err)
		}
	}
}
