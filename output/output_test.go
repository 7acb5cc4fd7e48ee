package output_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"kapflow/output"
)

var token = strings.Repeat("k7Q2mX9d", 6)[:output.TokenLength]

func TestTokensAreTakenOutOfEveryText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"See https://go.example.org/v/" + token:                    "See https://go.example.org/v/[link]",
		"https://go.example.org/" + token + "/visit.ics, and more": "https://go.example.org/[link]/visit.ics, and more",
		token:               "[link]",
		token + " " + token: "[link] [link]",
		"(" + token + ")":   "([link])",
		"https://go.example.org/" + token + "Thanks": "https://go.example.org/[link]",
		"sha256 " + strings.Repeat("ab", 32):         "sha256 " + strings.Repeat("ab", 32),
		"":                                           "",
		"client-0123456789":                          "client-0123456789",
	} {
		if got := output.WithoutTokens(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if got := output.WithoutLinkTokens(`{"id":"` + token + `","text":"x/` + token + `"}`); got != `{"id":"`+token+`","text":"x/[link]"}` {
		t.Errorf("a report's id was changed, or a link was not: %s", got)
	}
}

// TestTokensAreFoundAsAPatternFindsThem compares the search with a regular expression, which is too slow for every save.
func TestTokensAreFoundAsAPatternFindsThem(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(`[0-9A-Za-z]{43,}`)
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for range rapid.IntRange(0, 6).Draw(t, "pieces") {
			text += rapid.SampledFrom([]string{"", "/", " ", "é", "{", "0", "Z"}).Draw(t, "between") +
				strings.Repeat("a", rapid.SampledFrom([]int{0, 1, 41, 42, 43, 44, 85, 86, 87, 130}).Draw(t, "length"))
		}
		var all, links strings.Builder
		kept, keptLinks := 0, 0
		for _, r := range pattern.FindAllStringIndex(text, -1) {
			afterSlash := r[0] > 0 && text[r[0]-1] == '/'
			if afterSlash {
				links.WriteString(text[keptLinks:r[0]] + output.Redacted)
				keptLinks = r[1]
			}
			if afterSlash || r[1]-r[0] == output.TokenLength {
				all.WriteString(text[kept:r[0]] + output.Redacted)
				kept = r[1]
			}
		}
		if got, want := output.WithoutTokens(text), all.String()+text[kept:]; got != want {
			t.Fatalf("%q becomes %q, want %q", text, got, want)
		}
		if got, want := output.WithoutLinkTokens(text), links.String()+text[keptLinks:]; got != want {
			t.Fatalf("%q becomes %q, want %q", text, got, want)
		}
	})
}

func TestTerminalShowsNothingThatItWouldObey(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain\n\ttext":         "plain\n\ttext",
		"\x1b[2Jgone":           `\u001b[2Jgone`,
		"back\rover\b":          `back\u000dover\u0008`,
		"\u009b31m":             `\u009b31m`,
		"pay \u202e05.00\u202c": `pay \u202e05.00\u202c`,
		"\u2066x\u2069\u200f":   `\u2066x\u2069\u200f`,
		"\u061c\ufeff\u200b":    `\u061c\ufeff\u200b`,
		"bad \xff byte":         `bad \xff byte`,
		"Zoë O’Hara 李小龙 😀":      "Zoë O’Hara 李小龙 😀",
		"می\u200cخواهم":         "می\u200cخواهم",
	} {
		var out bytes.Buffer
		if _, err := output.Terminal(&out).Write([]byte(text)); err != nil || out.String() != want {
			t.Errorf("%q is printed as %q, want %q (%v)", text, out.String(), want, err)
		}
	}
}

// TestTerminalHoldsForAnyTextInAnyPieces: no control character comes through however the writes are cut, and JSON stays JSON
// that says the same.
func TestTerminalHoldsForAnyTextInAnyPieces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		body, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := output.Terminal(&out)
		for rest := body; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "n")
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		var back string
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != text {
			t.Fatalf("%q comes back as %q: %v", text, back, err)
		}
		if strings.ContainsAny(out.String(), "\x1b\r\b\x07\u009b\u202e\u2066") {
			t.Fatalf("a terminal would obey %q", out.String())
		}
	})
}

func TestNewFileIsTheOwnersWholeAndNeverInThePlaceOfAnother(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "estimate.pdf")
	if err := output.NewFile(path, []byte("one client's")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := output.NewFile(path, []byte("one client's")); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if err := output.NewFile(path, []byte("another's")); !errors.Is(err, output.ErrTaken) {
		t.Errorf("another's in its place: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is open to others: %v, %v", info.Mode(), err)
	}
	var won sync.Map
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if output.NewFile(filepath.Join(dir, "race"), []byte{byte(i)}) == nil {
				won.Store(i, true)
			}
		})
	}
	all.Wait()
	winners := 0
	won.Range(func(any, any) bool { winners++; return true })
	if winners != 1 {
		t.Errorf("%d of 20 writers of one name were told that their file is there", winners)
	}
	if err := output.NewFile(filepath.Join(dir, "none", "file"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a directory that is not there: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".draft-*")); err != nil || len(left) > 0 {
		t.Errorf("drafts are left: %v, %v", left, err)
	}
}

func TestDirectoryIsWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	taken := filepath.Join(parent, "taken")
	if err := os.MkdirAll(taken, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(taken, "letter.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := output.NewDirectory(taken, []output.File{{Name: "a", Body: []byte("a")}}); !errors.Is(err, output.ErrNotEmpty) {
		t.Errorf("into a directory that is not empty: %v", err)
	}
	half := filepath.Join(parent, "half")
	if err := output.NewDirectory(half, []output.File{{Name: "a", Body: []byte("a")}, {Name: "no/such/place", Body: []byte("b")}}); err == nil {
		t.Error("a file that cannot be written was taken")
	}
	open := filepath.Join(parent, "open")
	if err := os.MkdirAll(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := output.NewDirectory(open, []output.File{{Name: "a", Body: []byte("a")}}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(open); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("an empty directory that was open to others stays so: %v", info.Mode())
	}
	left, err := filepath.Glob(filepath.Join(parent, ".draft-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Error("half a directory is there")
	}
}
