package documents

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// blank writes every kind of space as a plain one or one that does not break, and leaves out what takes no room and says nothing.
var blank = strings.NewReplacer("\t", " ", "\r", "", "\u00ad", "", "\u200b", "", "\u2060", "", "\ufeff", "", "\u2007", "\u00a0", "\u202f", "\u00a0", "\u2009", " ",
	"\u2002", " ", "\u2003", " ", "\u3000", " ", "\u2028", "\n")

// visual writes a text as it is set from left to right: letters composed with their accents, Arabic letters in the form that their
// neighbours ask for, and stretches that are read from the right in their order on paper.
func visual(text string) string {
	text = blank.Replace(norm.NFC.String(text))
	if !strings.ContainsFunc(text, fromTheRight) {
		return text
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, ordered(joined(line)))
	}
	return strings.Join(lines, "\n")
}

func fromTheRight(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}

// mirrored are the signs that look the other way where text is read from the right.
var mirrored = map[rune]rune{'(': ')', ')': '(', '[': ']', ']': '[', '{': '}', '}': '{', '<': '>', '>': '<', '«': '»', '»': '«'}

// ordered puts one line into the order in which it stands on paper: Unicode's bidirectional algorithm (UAX 9) for lines without
// explicit marks, which CheckLetters refuses. A line runs as its first letter does.
func ordered(line string) string {
	letters := []rune(line)
	if len(letters) == 0 {
		return line
	}
	level := levels(letters)
	for i, r := range letters {
		if other, is := mirrored[r]; is && level[i]%2 == 1 {
			letters[i] = other
		}
	}
	for depth := slices.Max(level); depth > 0; depth-- { // L2
		for i := 0; i < len(letters); {
			end := i
			for end < len(letters) && level[end] >= depth {
				end++
			}
			slices.Reverse(letters[i:end])
			slices.Reverse(level[i:end])
			i = end + 1
		}
	}
	return string(letters)
}

// levels gives how deep each letter of a line is embedded: even levels run from the left, odd ones from the right.
func levels(letters []rune) []int {
	classes := make([]bidi.Class, len(letters))
	base, strong := -1, bidi.L
	for i, r := range letters {
		p, _ := bidi.LookupRune(r)
		switch c := p.Class(); {
		case c == bidi.L || c == bidi.R || c == bidi.AL:
			if base < 0 && c == bidi.L {
				base = 0
			} else if base < 0 {
				base = 1
			}
			strong, classes[i] = c, c
			if c == bidi.AL {
				classes[i] = bidi.R // W3
			}
		case c == bidi.EN && strong == bidi.AL:
			classes[i] = bidi.AN // W2
		default:
			classes[i] = c
		}
	}
	withNumbers(classes)
	base = max(base, 0)
	neutrals(classes, base)
	out := make([]int, len(letters))
	for i, c := range classes { // I1, I2
		switch {
		case c == bidi.EN || c == bidi.AN:
			out[i] = 2
		case c == bidi.R:
			out[i] = 1
		case base == 1:
			out[i] = 2
		}
	}
	return out
}

// withNumbers makes the signs within and around numbers part of them, and a number among letters that run from the left one of them
// (W4 to W7).
func withNumbers(classes []bidi.Class) {
	for i := 1; i+1 < len(classes); i++ {
		between := classes[i-1] == classes[i+1]
		if between && (classes[i-1] == bidi.EN && (classes[i] == bidi.ES || classes[i] == bidi.CS) || classes[i-1] == bidi.AN && classes[i] == bidi.CS) {
			classes[i] = classes[i-1]
		}
	}
	for i := range classes {
		if classes[i] == bidi.ET && i > 0 && classes[i-1] == bidi.EN {
			classes[i] = bidi.EN
		}
	}
	for i := len(classes) - 2; i >= 0; i-- {
		if classes[i] == bidi.ET && classes[i+1] == bidi.EN {
			classes[i] = bidi.EN
		}
	}
	strong := bidi.L
	for i, c := range classes {
		switch {
		case c == bidi.L || c == bidi.R:
			strong = c
		case c == bidi.EN && strong == bidi.L:
			classes[i] = bidi.L
		}
	}
}

// neutrals gives spaces and signs the direction of what is on both sides of them, or the line's own (N1, N2). Numbers count as running
// from the right.
func neutrals(classes []bidi.Class, base int) {
	own := bidi.L
	if base == 1 {
		own = bidi.R
	}
	directed := func(i int) (bidi.Class, bool) {
		if i < 0 || i >= len(classes) {
			return own, true
		}
		switch classes[i] {
		case bidi.L:
			return bidi.L, true
		case bidi.R, bidi.EN, bidi.AN:
			return bidi.R, true
		}
		return 0, false
	}
	for i := 0; i < len(classes); i++ {
		end := i
		for ; end < len(classes); end++ {
			if _, is := directed(end); is {
				break
			}
		}
		if end == i {
			continue
		}
		before, _ := directed(i - 1)
		after, _ := directed(end)
		if before != after {
			before = own
		}
		for ; i < end; i++ {
			classes[i] = before
		}
	}
}

// arabicForms are the letters that join, in the order of Unicode's presentation forms: where their forms begin and how many there are. Two
// are alone and final; four are those, initial and medial.
var arabicForms = map[rune]struct {
	first rune
	count int
}{
	'ء': {0xfe80, 1}, 'آ': {0xfe81, 2}, 'أ': {0xfe83, 2}, 'ؤ': {0xfe85, 2}, 'إ': {0xfe87, 2}, 'ئ': {0xfe89, 4}, 'ا': {0xfe8d, 2}, 'ب': {0xfe8f, 4},
	'ة': {0xfe93, 2}, 'ت': {0xfe95, 4}, 'ث': {0xfe99, 4}, 'ج': {0xfe9d, 4}, 'ح': {0xfea1, 4}, 'خ': {0xfea5, 4}, 'د': {0xfea9, 2}, 'ذ': {0xfeab, 2},
	'ر': {0xfead, 2}, 'ز': {0xfeaf, 2}, 'س': {0xfeb1, 4}, 'ش': {0xfeb5, 4}, 'ص': {0xfeb9, 4}, 'ض': {0xfebd, 4}, 'ط': {0xfec1, 4}, 'ظ': {0xfec5, 4},
	'ع': {0xfec9, 4}, 'غ': {0xfecd, 4}, 'ف': {0xfed1, 4}, 'ق': {0xfed5, 4}, 'ك': {0xfed9, 4}, 'ل': {0xfedd, 4}, 'م': {0xfee1, 4}, 'ن': {0xfee5, 4},
	'ه': {0xfee9, 4}, 'و': {0xfeed, 2}, 'ى': {0xfeef, 2}, 'ي': {0xfef1, 4},
	'پ': {0xfb56, 4}, 'ٹ': {0xfb66, 4}, 'چ': {0xfb7a, 4}, 'ڈ': {0xfb88, 2}, 'ژ': {0xfb8a, 2}, 'ڑ': {0xfb8c, 2}, 'ک': {0xfb8e, 4}, 'گ': {0xfb92, 4},
	'ں': {0xfb9e, 2}, 'ہ': {0xfba6, 4}, 'ھ': {0xfbaa, 4}, 'ے': {0xfbae, 2}, 'ی': {0xfbfc, 4},
}

// lamAlef are the pairs that are written as one letter, by what follows the lam.
var lamAlef = map[rune]rune{'آ': 0xfef5, 'أ': 0xfef7, 'إ': 0xfef9, 'ا': 0xfefb}

const lam, noJoiner, stretched = 'ل', '\u200c', 'ـ'

// joined writes Arabic letters in the form that their neighbours ask for. A zero-width non-joiner keeps two apart and is gone
// afterwards.
func joined(line string) string {
	letters := []rune(line)
	var out strings.Builder
	before := false // the letter before reaches over to this one
	for i := 0; i < len(letters); i++ {
		r := letters[i]
		forms, joins := arabicForms[r]
		if !joins {
			before = r == stretched
			if r != noJoiner {
				out.WriteRune(r)
			}
			continue
		}
		form, one := forms.first, false
		if r == lam && i+1 < len(letters) && lamAlef[letters[i+1]] != 0 {
			form, one = lamAlef[letters[i+1]], true
			i++
		}
		reaches := before && forms.count > 1
		after := !one && forms.count == 4 && i+1 < len(letters) && takesJoin(letters[i+1])
		switch {
		case reaches && after:
			form += 3
		case after:
			form += 2
		case reaches:
			form++
		}
		out.WriteRune(form)
		before = after
	}
	return out.String()
}

// takesJoin says whether a letter lets the one before it reach over.
func takesJoin(r rune) bool {
	return r == stretched || arabicForms[r].count > 1 && unicode.Is(unicode.Arabic, r)
}
