package kapflow_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/wording"
)

var (
	boldWords    = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	markup       = regexp.MustCompile(`\{\{.*?\}\}|<[^>]*>`)
	quotedInCode = regexp.MustCompile("\"([^\"\\n]*)\"|`([^`]*)`")
	filledIn     = regexp.MustCompile(`\$\{[^}]*\}`)
	linkedTo     = regexp.MustCompile(`\]\(([^)]+)\)`)
	headingLine  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	noAnchor     = regexp.MustCompile(`[^a-z0-9 -]`)
)

// mostPicture is the largest picture of a guide, in bytes: a page of guides must load fast.
const mostPicture = 150_000

// plainWords writes words on one line, with the apostrophe that a keyboard has.
func plainWords(words string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(words, "’", "'")), " ")
}

// wordsOfTheConsole are all words that the staff console shows by themselves: the texts between the tags of its templates, the
// quoted texts of the code that names places, tabs and decisions, and what the vocabulary calls facts, groups and fields.
func wordsOfTheConsole(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	read := func(pattern string, take func(body string)) {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") {
				take(string(body))
			}
		}
	}
	fromTemplates := func(body string) {
		for _, text := range markup.Split(body, -1) {
			known[plainWords(text)] = true
		}
	}
	fromCode := func(body string) {
		for _, m := range quotedInCode.FindAllStringSubmatch(body, -1) {
			for _, text := range filledIn.Split(m[1]+m[2], -1) {
				known[plainWords(text)] = true
			}
		}
	}
	read("console/staff/templates/*.html", fromTemplates)
	read("console/signin/templates/*.html", fromTemplates)
	read("console/staff/*.go", fromCode)
	read("console/staff/assets/*.js", fromCode)
	read("care/record/inbox.go", fromCode)
	var labels func(fields []care.Field)
	labels = func(fields []care.Field) {
		for _, f := range fields {
			known[plainWords(f.Label)] = true
			labels(f.Items)
		}
	}
	for _, kind := range care.Vocabulary() {
		known[plainWords(kind.Title())] = true
		known[wording.Title(string(kind.Group()))] = true
		labels(kind.Fields())
	}
	return known
}

// guides are the pages of docs/guide, by their names.
func guides(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("docs/guide/*.md")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d guides, %v", len(files), err)
	}
	pages := map[string]string{}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pages[file] = string(body)
	}
	return pages
}

// TestGuidesQuoteTheWordsOfThePages: whoever looks for a button finds it under the words of the guide.
func TestGuidesQuoteTheWordsOfThePages(t *testing.T) {
	t.Parallel()
	known := wordsOfTheConsole(t)
	for _, made := range []string{"Press the button that is not there", "Recor"} {
		if known[made] {
			t.Errorf("no page says %q", made)
		}
	}
	for file, body := range guides(t) {
		quoted := boldWords.FindAllStringSubmatch(body, -1)
		for _, m := range quoted {
			if words := plainWords(m[1]); !known[words] {
				t.Errorf("%s quotes %q, which no template and no title says", file, words)
			}
		}
		if len(quoted) == 0 && filepath.Base(file) != "README.md" {
			t.Errorf("%s quotes no page", file)
		}
	}
}

// TestLinksOfGuidesLeadSomewhere: each link has its file, each heading in a link is in it, and each picture is small and used.
func TestLinksOfGuidesLeadSomewhere(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for file, body := range guides(t) {
		for _, m := range linkedTo.FindAllStringSubmatch(body, -1) {
			path, heading, _ := strings.Cut(m[1], "#")
			to := filepath.Join(filepath.Dir(file), path)
			used[to] = true
			target, err := os.ReadFile(to)
			if err != nil {
				t.Errorf("%s leads to %s: %v", file, m[1], err)
				continue
			}
			if heading != "" && !hasHeading(string(target), heading) {
				t.Errorf("%s leads to %s, and there is no such heading", file, m[1])
			}
			if filepath.Ext(to) == ".png" && len(target) > mostPicture {
				t.Errorf("%s has %d bytes; at most %d", to, len(target), mostPicture)
			}
		}
	}
	pictures, err := filepath.Glob("docs/guide/*.png")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("%d pictures, %v", len(pictures), err)
	}
	for _, picture := range pictures {
		if !used[picture] {
			t.Errorf("no guide shows %s", picture)
		}
	}
}

// hasHeading says whether a page has a heading with an anchor.
func hasHeading(page, anchor string) bool {
	for _, m := range headingLine.FindAllStringSubmatch(page, -1) {
		made := noAnchor.ReplaceAllString(strings.ToLower(m[1]), "")
		if strings.ReplaceAll(made, " ", "-") == anchor {
			return true
		}
	}
	return false
}
