package output

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Terminal gives a writer that escapes what a terminal would obey or a reader could be misled by: control characters but for
// line feed and tab, marks that turn the direction of writing, and bytes that are no UTF-8. They appear as \u001b or \xff; within JSON
// that is the same text. Names and notes come from other people, and a name can move the cursor or show a number backwards.
//
// The writer keeps the beginning of a character until the rest comes. It is safe for use by many goroutines.
func Terminal(out io.Writer) io.Writer {
	if t, already := out.(*terminal); already {
		return t
	}
	return &terminal{out: out}
}

type terminal struct {
	lock sync.Mutex
	out  io.Writer
	rest []byte // the beginning of a character
}

// Write implements io.Writer. It reports all of p as written or an error of the writer behind it.
func (t *terminal) Write(p []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	body := append(t.rest, p...)
	t.rest = nil
	var safe bytes.Buffer
	for len(body) > 0 {
		if !utf8.FullRune(body) {
			t.rest = bytes.Clone(body)
			break
		}
		r, size := utf8.DecodeRune(body)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&safe, `\x%02x`, body[0])
		case misleads(r):
			fmt.Fprintf(&safe, `\u%04x`, r)
		default:
			safe.Write(body[:size])
		}
		body = body[size:]
	}
	if safe.Len() == 0 {
		return len(p), nil
	}
	if _, err := t.out.Write(safe.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// misleads says whether a terminal obeys a character instead of showing it, or shows what is around it in another order or
// not at all.
func misleads(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return true
	case r == '\u200c' || r == '\u200d': // they join or part letters within a word in Persian and Indian scripts
		return false
	}
	return r <= 0xffff && (unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) && r != '\u00ad')
}
