package documents

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Letter paper and its margins, in millimeters.
const (
	left, top, right, bottom = 18.0, 16.0, 18.0, 22.0
	width                    = 215.9 - left - right
	paperEnd                 = 279.4 - bottom
	lineHeight               = 4.6
	// pages stands for the number of pages until it is known. It is about as wide as a digit.
	pages = "¤"
)

// colour is a color of the page, as red, green and blue.
type colour [3]int

var (
	ink    = colour{28, 36, 41}
	faint  = colour{91, 102, 112}
	accent = colour{33, 80, 94}
	warn   = colour{125, 61, 16}
	hair   = colour{216, 222, 226}
)

// sheet draws a document on pages, from top to bottom.
type sheet struct {
	*fpdf.Fpdf
	Document
	style string  // of what is written next
	size  float64 // in points
}

// PDF makes a document on letter paper, with its fonts embedded. The same document gives the same bytes.
func (d Document) PDF() ([]byte, error) {
	if err := d.CheckLetters(); err != nil {
		return nil, err
	}
	s := &sheet{Fpdf: fpdf.New("P", "mm", "Letter", ""), Document: d}
	for i, f := range typefaces {
		if i == 0 || d.needs(f) { // reading a font takes time
			// The PDF writer writes into the font it is given, and other documents are being made.
			s.AddUTF8FontFromBytes(f.family, "", bytes.Clone(f.regular))
			s.AddUTF8FontFromBytes(f.family, "B", bytes.Clone(f.bold))
		}
	}
	s.SetMargins(left, top, right)
	s.SetAutoPageBreak(false, bottom)
	s.SetCatalogSort(true) // otherwise the bytes depend on map order
	s.SetCreationDate(time.Unix(0, 0))
	s.SetModificationDate(time.Unix(0, 0))
	s.SetTitle(d.Title+" "+d.Number, true)
	s.SetAuthor(d.From.Name, true)
	s.SetLang("en-US")
	s.AliasNbPages(pages)
	s.SetFooterFunc(s.foot)
	s.AddPage()
	s.head()
	s.who()
	s.paragraph(d.Intro, 10, ink)
	for _, sec := range d.Sections {
		s.section(sec)
	}
	s.total()
	s.notes()
	s.signatures()
	var w bytes.Buffer
	if err := s.Output(&w); err != nil {
		return nil, fmt.Errorf("make %s %s as a PDF: %w", d.Kind, d.Number, err)
	}
	return w.Bytes(), nil
}

// needs says whether a document has letters that are printed in a font.
func (d Document) needs(f *typeface) bool {
	return slices.ContainsFunc(d.texts(), func(text string) bool {
		return slices.ContainsFunc(runs(visual(text)), func(r run) bool { return r.face == f })
	})
}

// pen sets size, weight and colour of what is written next.
func (s *sheet) pen(size float64, style string, c colour) {
	s.size, s.style = size, style
	s.use(typefaces[0])
	s.SetTextColor(c[0], c[1], c[2])
}

func (s *sheet) use(f *typeface) { s.SetFont(f.family, s.style, s.size) }

// widthOf is how wide a text is, in the fonts that its letters need.
func (s *sheet) widthOf(text string) (w float64) {
	for _, r := range runs(visual(text)) {
		s.use(r.face)
		w += s.GetStringWidth(r.text)
	}
	s.use(typefaces[0])
	return w
}

// line writes one line into a cell, each run in its font.
func (s *sheet) line(w, h float64, text, align string) {
	all := runs(visual(text))
	if len(all) < 2 && (len(all) == 0 || all[0].face == typefaces[0]) {
		s.CellFormat(w, h, visual(text), "", 0, align, false, 0, "")
		return
	}
	x, y := s.GetX(), s.GetY()
	if align == "R" {
		x += w - 2*s.GetCellMargin() - s.widthOf(text)
	}
	for _, r := range all {
		s.use(r.face)
		s.SetXY(x, y)
		s.CellFormat(0, h, r.text, "", 0, "L", false, 0, "")
		x += s.GetStringWidth(r.text)
	}
	s.use(typefaces[0])
}

func (s *sheet) rule(x1, x2, thick float64, c colour) {
	s.SetDrawColor(c[0], c[1], c[2])
	s.SetLineWidth(thick)
	s.Line(x1, s.GetY(), x2, s.GetY())
}

// room begins a new page if the given height does not fit, and reports whether it did.
func (s *sheet) room(height float64) (began bool) {
	if s.GetY()+height <= paperEnd {
		return false
	}
	s.AddPage()
	return true
}

// spot is where text goes: the upper left corner and the width, in millimeters.
type spot struct{ x, y, w float64 }

// at writes lines from a spot on, and gives the position where they end. The line height follows from the size.
func (s *sheet) at(p spot, text, align string, size float64) float64 {
	h := size * 0.46
	for _, line := range s.wrap(text, p.w) {
		s.SetXY(p.x, p.y)
		s.line(p.w, h, line, align)
		p.y += h
	}
	return p.y
}

// wrap breaks a text into lines that fit. It breaks between words, and within a word that is longer than a line.
func (s *sheet) wrap(text string, w float64) (lines []string) {
	w -= 2 * s.GetCellMargin()
	for part := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, word := range strings.FieldsFunc(part, func(r rune) bool { return r == ' ' }) {
			for s.widthOf(word) > w {
				runes, n := []rune(word), 0
				for n < len(runes)-1 && s.widthOf(string(runes[:n+1])) <= w {
					n++
				}
				n = max(n, 1)
				if line != "" {
					lines, line = append(lines, line), ""
				}
				lines, word = append(lines, string(runes[:n])), string(runes[n:])
			}
			if next := strings.TrimSpace(line + " " + word); s.widthOf(next) <= w {
				line = next
			} else {
				lines, line = append(lines, line), word
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func (s *sheet) foot() {
	s.SetCellMargin(0)
	s.pen(8, "", faint)
	s.at(spot{left, 279.4 - 14, width * 0.75}, s.From.Name+" · "+s.Title+" "+s.Number, "L", 8)
	s.at(spot{left, 279.4 - 14, width}, fmt.Sprintf("Page %d of %s", s.PageNo(), pages), "R", 8)
}

func (s *sheet) head() {
	s.SetCellMargin(0)
	s.pen(13, "B", accent)
	y := s.at(spot{left, top, width * 0.58}, s.From.Name, "L", 13) + 0.8
	s.pen(9, "", faint)
	for _, line := range s.From.Lines {
		y = s.at(spot{left, y, width * 0.58}, line, "L", 9)
	}
	s.pen(17, "", ink)
	end := s.at(spot{left + width*0.58, top, width * 0.42}, s.Title, "R", 17) + 0.6
	s.pen(9, "", faint)
	end = s.at(spot{left + width*0.58, end, width * 0.42}, s.Number+" · "+s.Date, "R", 9)
	s.SetY(max(y, end) + 3)
	s.rule(left, left+width, 0.5, accent)
	if lacks := s.Lacks(); lacks != "" {
		s.SetY(s.GetY() + 4)
		from := s.GetY()
		s.pen(9, "", warn)
		end := s.at(spot{left + 2.5, from + 1.5, width - 5}, lacks, "L", 9) + 1.5
		s.SetDrawColor(166, 84, 27)
		s.SetLineWidth(0.3)
		s.Rect(left, from, width, end-from, "D")
		s.SetY(end)
	}
	s.SetY(s.GetY() + 6)
}

// who writes the client's address on the left, where a window envelope shows it, and the facts beside it.
func (s *sheet) who() {
	from := s.GetY()
	y := from + 2
	for i, line := range s.To {
		style, size := "", 10.0
		if i == 0 {
			style, size = "B", 11
		}
		s.pen(size, style, ink)
		y = s.at(spot{left, y, width * 0.42}, line, "L", size)
	}
	end, label := from, left+width*0.45
	for _, f := range s.Facts {
		s.pen(9, "", faint)
		a := s.at(spot{label, end, width * 0.2}, f.Label, "L", 9)
		s.pen(9, "", ink)
		b := s.at(spot{label + width*0.2, end, width * 0.35}, f.Value, "L", 9)
		end = max(a, b) + 0.5
	}
	s.SetY(max(y, end) + 5)
}

func (s *sheet) paragraph(text string, size float64, c colour) {
	if text == "" {
		return
	}
	s.pen(size, "", c)
	s.room(float64(len(s.wrap(text, width))) * size * 0.46)
	s.SetY(s.at(spot{left, s.GetY(), width}, text, "L", size))
}

func (s *sheet) section(sec Section) {
	s.room(36) // keeps a heading and its table on one page
	s.SetY(s.GetY() + 5)
	s.pen(11.5, "B", accent)
	s.SetY(s.at(spot{left, s.GetY(), width}, sec.Heading, "L", 11.5) + 0.3)
	if sec.Sub != "" {
		s.paragraph(sec.Sub, 8.5, faint)
	}
	if len(sec.Rows) == 0 {
		s.SetY(s.GetY() + 2)
		s.paragraph(sec.Empty, 10, ink)
		return
	}
	s.columns(sec)
	for _, row := range sec.Rows {
		s.row(sec, row)
	}
	s.sums(sec.Totals)
}

// columns writes the headings of a table. They are repeated on each page of the table.
func (s *sheet) columns(sec Section) {
	s.SetY(s.GetY() + 2)
	s.pen(8.5, "", faint)
	y := s.GetY()
	s.cells(sec, func(i int, x, w float64) {
		s.at(spot{x, y, w}, sec.Columns[i].Title, align(sec.Columns[i]), 8.5)
	})
	s.SetY(y + lineHeight)
	s.rule(left, left+width, 0.25, colour{154, 167, 175})
	s.SetY(s.GetY() + 1.2)
}

// cells calls do for each column with its position. Text keeps a gap to its right, a figure to its left.
func (s *sheet) cells(sec Section, do func(i int, x, w float64)) {
	x := left
	for i, c := range sec.Columns {
		w := width * float64(c.Share) / 100
		if c.Figure {
			do(i, x+2, w-2)
		} else {
			do(i, x, w-2)
		}
		x += w
	}
}

func align(c Column) string {
	if c.Figure {
		return "R"
	}
	return "L"
}

func (s *sheet) row(sec Section, row []string) {
	height := 0.0
	s.cells(sec, func(i int, _, w float64) {
		first, small, _ := strings.Cut(row[i], "\n")
		s.pen(10, "", ink)
		h := float64(len(s.wrap(first, w))) * 10 * 0.46
		if small != "" {
			s.pen(8, "", faint)
			h += float64(len(s.wrap(small, w))) * 8 * 0.46
		}
		height = max(height, h)
	})
	if s.room(height + 3) {
		s.columns(sec)
	}
	y := s.GetY()
	s.cells(sec, func(i int, x, w float64) {
		first, small, _ := strings.Cut(row[i], "\n")
		s.pen(10, "", ink)
		end := s.at(spot{x, y, w}, first, align(sec.Columns[i]), 10)
		if small != "" {
			s.pen(8, "", faint)
			s.at(spot{x, end, w}, small, align(sec.Columns[i]), 8)
		}
	})
	s.SetY(y + height + 1.2)
	s.rule(left, left+width, 0.15, hair)
	s.SetY(s.GetY() + 1.2)
}

func (s *sheet) sums(totals []Fact) {
	s.room(float64(len(totals))*lineHeight + 2)
	s.SetY(s.GetY() + 0.8)
	for i, f := range totals {
		y := s.GetY()
		size, style, c := 9.0, "", faint
		if i == len(totals)-1 {
			size, style, c = 10, "B", ink
		}
		s.pen(size, style, c)
		s.at(spot{left + width*0.45, y, width * 0.35}, f.Label, "L", size)
		s.pen(size, style, ink)
		s.at(spot{left + width*0.7, y, width * 0.3}, f.Value, "R", size)
		s.SetY(y + lineHeight)
	}
}

func (s *sheet) total() {
	if s.Total == nil {
		return
	}
	s.room(16)
	s.SetY(s.GetY() + 5)
	s.SetFillColor(233, 240, 242)
	s.Rect(left, s.GetY(), width, 9, "F")
	s.rule(left, left+width, 0.35, accent)
	s.pen(11.5, "B", ink)
	y := s.GetY() + 1.9
	s.at(spot{left + 2.5, y, width * 0.6}, s.Total.Label, "L", 11.5)
	s.at(spot{left + width*0.6, y, width*0.4 - 2.5}, s.Total.Value, "R", 11.5)
	s.SetY(s.GetY() + 9)
}

func (s *sheet) notes() {
	if len(s.Notes) > 0 {
		s.SetY(s.GetY() + 5)
	}
	for _, n := range s.Notes {
		s.pen(9, "", ink)
		s.room(float64(len(s.wrap(n.Text, width))+1)*9*0.46 + 2)
		s.SetY(s.GetY() + 2)
		s.pen(9, "B", ink)
		s.SetY(s.at(spot{left, s.GetY(), width}, n.Heading, "L", 9))
		s.paragraph(n.Text, 9, ink)
	}
}

func (s *sheet) signatures() {
	for _, caption := range s.Signatures {
		s.room(24)
		s.SetY(s.GetY() + 17)
		s.rule(left, left+width*0.48, 0.25, ink)
		s.pen(8.5, "", faint)
		s.SetY(s.at(spot{left, s.GetY() + 1, width * 0.48}, caption, "L", 8.5))
	}
}
