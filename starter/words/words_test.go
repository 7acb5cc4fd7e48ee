package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// line writes a sentence on one line, as in the list.
func line(s Sentence) string { return strings.Join(strings.Fields(s.Text), " ") }

func collect(t *testing.T) []Sentence {
	t.Helper()
	root, err := Root(".")
	if err != nil {
		t.Fatal(err)
	}
	all, err := Collect(root)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestSentencesAreEasyToRead checks every sentence that the product can say.
func TestSentencesAreEasyToRead(t *testing.T) {
	t.Parallel()
	for _, s := range collect(t) {
		for _, fault := range Faults(s) {
			t.Errorf("%s: %q %s", s.File, line(s), fault)
		}
	}
}

// TestChecksFindWhatTheyAreFor shows that every check can fail, and that ordinary sentences pass.
func TestChecksFindWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"An infusion is planned for 45 to 60 minutes (R5).":       "names R5",
		"See safety rule D3.1 first.":                             "names D3.1",
		"reason: the infusion ran 43 minutes; say why (R5)":       "names R5",
		"GET /c/{client}/papers":                                  "",
		"Its papers are at /c/client-a/papers/{paper}.":           `says "papers"`,
		"Whoever is on call hears of it.":                         `says "Whoever"`,
		"Your visit is cancelled.":                                `says "cancelled"`,
		"Say what  happened.":                                     "has two spaces",
		"Infusion 1 cannot be booked while the labs are missing.": `says "cannot be … while"`,
		"your visit is booked. See you then.":                     "does not begin with a capital",
		"Your visit is booked. See you then":                      "does not end with a full stop",
		strings.Repeat("one ", 31):                                "has a sentence of 31 words",
		"Can't book Evaluation 1 yet: discuss the fees first.":    "",
		"A FHIR R4 Bundle of type collection":                     "",
		"{appointment} is on {day}; move it first.":               "",
		"Record appointment-cancelled for {visit}.":               "",
	} {
		got := strings.Join(Faults(Sentence{Reader: Client, Text: text}), "; ")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestLiteralsBecomeSentences shows how Go code is read.
func TestLiteralsBecomeSentences(t *testing.T) {
	t.Parallel()
	source := `package p

import "a path with words"

type command struct {
	Out string ` + "`help:\"Where to write it.\" json:\"not this one\"`" + `
}

const query = "SELECT a FROM b WHERE c"

func f(v visit, client string, days int) error {
	re := regexp.MustCompile("not this one")
	if client == "nor this one" {
		return fmt.Errorf("%s has no visit after %d days (%.1f %%)", client, days, v.Share)
	}
	log.Info("a line for the log")
	l.add("Say what happened to " + v.Name())
	return l.add("Book " + v.Name() + " for " + client + fmt.Sprintf(" in %d days", days))
}
`
	parsed, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	c := collector{where: place{reader: FrontDesk, heading: "Test"}}
	ast.Inspect(parsed, c.visit)
	var got []string
	for _, s := range c.found {
		got = append(got, s.Heading+": "+s.Text)
	}
	want := []string{"Test: Where to write it.", "Test: {client} has no visit after {days} days ({share} %)", "Log lines: a line for the log",
		"Test: Say what happened to {visit}", "Test: Book {visit} for {client} in {days} days"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestTemplatesBecomeSentences shows how html templates are read.
func TestTemplatesBecomeSentences(t *testing.T) {
	t.Parallel()
	got := templateTexts(`{{define "content"}}<style>p { color: red }</style><p class="{{.Class}}">It takes {{if .Long}}five minutes{{else}}one minute{{end}}. <b>Call</b> {{.Data.Phone}}.</p>
<nav aria-label="More pages">{{range .Items}}<a href="/x">{{.Title}}</a>{{end}}</nav>{{end}}`)
	want := []string{"It takes five minutes / one minute. Call {phone}.", "More pages"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestListHasWordsFromEveryRoom guards against a room whose sentences are no longer found.
func TestListHasWordsFromEveryRoom(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, s := range collect(t) {
		heading, _, _ := strings.Cut(s.Heading, ": ")
		found[heading], found[s.Heading] = true, true
	}
	for _, p := range places {
		if p.reader != "" && !found[p.heading] {
			t.Errorf("no sentence under %q (%s)", p.heading, p.prefix)
		}
	}
}
