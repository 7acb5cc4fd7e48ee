package documents

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
)

//go:embed fonts/DroidSansFallback.ttf
var droid []byte

// typeface is one font that documents are printed in.
type typeface struct {
	family        string
	regular, bold []byte
	weights       func() []*sfnt.Font
}

// typefaces in the order in which a letter is looked for: the house's own look comes first, then everything else that a name may hold.
var typefaces = []*typeface{
	newTypeface("Liberation", liberationsansregular.TTF, liberationsansbold.TTF), // Latin, Greek, Cyrillic, Hebrew
	newTypeface("DejaVu", dejavusans.TTF, dejavusansbold.TTF),                    // Armenian, Georgian, Arabic
	newTypeface("Droid", droid, droid),                                           // Chinese, Japanese, Korean
}

func newTypeface(family string, regular, bold []byte) *typeface {
	return &typeface{family, regular, bold, sync.OnceValue(func() (weights []*sfnt.Font) {
		for _, body := range [][]byte{regular, bold} {
			f, err := sfnt.Parse(body)
			if err != nil {
				panic("documents: the font " + family + " cannot be read: " + err.Error()) // it is compiled in
			}
			weights = append(weights, f)
		}
		return weights
	})}
}

// has says whether a font can print a letter in both weights. The PDF writer knows no letters above U+FFFF.
func (f *typeface) has(r rune) bool {
	return r <= 0xffff && !slices.ContainsFunc(f.weights(), func(w *sfnt.Font) bool {
		glyph, err := w.GlyphIndex(nil, r)
		return err != nil || glyph == 0
	})
}

// typefaceOf gives the first font that can print a letter, nil if none can.
func typefaceOf(r rune) *typeface {
	if r < unicode.MaxASCII {
		return typefaces[0]
	}
	if i := slices.IndexFunc(typefaces, func(f *typeface) bool { return f.has(r) }); i >= 0 {
		return typefaces[i]
	}
	return nil
}

// printable says whether a letter of a text made ready for printing can be printed as it is written. A mark that combines with
// the letter before it would stand beside it, a control character would be a box, a replacement character is a letter that was lost,
// and the sign that stands for the number of pages would become a number.
func printable(r rune) bool {
	return r != unicode.ReplacementChar && string(r) != pages && !unicode.Is(unicode.M, r) && !unicode.Is(unicode.C, r) && !needsShaping(r) && typefaceOf(r) != nil
}

// needsShaping says whether a script's letters take forms or places that only a shaping engine knows. Arabic is shaped by visual.
func needsShaping(r rune) bool {
	return unicode.In(r, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Mongolian, unicode.Lao, unicode.Thai) ||
		unicode.Is(unicode.Arabic, r) && r < 0xfb50 && !unicode.IsPunct(r) && !unicode.IsDigit(r)
}

// Unprintable is a text of a document with letters that none of our fonts can print.
type Unprintable struct {
	Text    string
	Letters []rune
}

// UnprintableError says which letters keep a document from being printed. The document is made in other letters or not at all: a box
// in the place of a letter would look like a name.
type UnprintableError struct{ Found []Unprintable }

// Error names each text and its letters.
func (e *UnprintableError) Error() string {
	var all []string
	for _, u := range e.Found {
		var letters []string
		for _, r := range u.Letters {
			letters = append(letters, fmt.Sprintf("%c (U+%04X)", r, r))
		}
		all = append(all, fmt.Sprintf("%q has %s", u.Text, strings.Join(letters, ", ")))
	}
	return "a document cannot print these letters: " + strings.Join(all, "; ")
}

// CheckLetters returns an *UnprintableError if a text of the document has letters that cannot be printed.
func (d Document) CheckLetters() error {
	var found []Unprintable
	for _, text := range d.texts() {
		var letters []rune
		for _, r := range visual(text) {
			if r != '\n' && !printable(r) && !slices.Contains(letters, r) {
				letters = append(letters, r)
			}
		}
		if letters != nil && !slices.ContainsFunc(found, func(u Unprintable) bool { return u.Text == text }) {
			found = append(found, Unprintable{text, letters})
		}
	}
	if found == nil {
		return nil
	}
	return &UnprintableError{found}
}

// texts are all texts of a document.
func (d Document) texts() []string {
	all := append([]string{d.Title, d.Number, d.Date, d.From.Name, d.Intro, d.Lacks()}, d.From.Lines...)
	all = append(append(all, d.To...), d.Signatures...)
	facts := slices.Clone(d.Facts)
	for _, sec := range d.Sections {
		all = append(all, sec.Heading, sec.Sub, sec.Empty)
		all = append(all, titles(sec)...)
		for _, row := range sec.Rows {
			all = append(all, row...)
		}
		facts = append(facts, sec.Totals...)
	}
	if d.Total != nil {
		facts = append(facts, *d.Total)
	}
	for _, f := range facts {
		all = append(all, f.Label, f.Value)
	}
	for _, n := range d.Notes {
		all = append(all, n.Heading, n.Text)
	}
	return all
}

// run is a stretch of text in one font.
type run struct {
	face *typeface
	text string
}

// runs splits a text by font. Spaces stay with what is before them, and a letter that nobody has goes with the first font:
// CheckLetters refused it before.
func runs(text string) (out []run) {
	for _, r := range text {
		face := typefaceOf(r)
		if n := len(out); n > 0 && (face == out[n-1].face || r == ' ' && out[n-1].face.has(r)) {
			out[n-1].text += string(r)
			continue
		}
		if face == nil {
			face = typefaces[0]
		}
		out = append(out, run{face, string(r)})
	}
	return out
}
