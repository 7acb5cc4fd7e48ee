package kapflow_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Parts of the patterns below. A citation may run over the end of a comment's line.
const (
	gap  = `(?:\s|\n[ \t]*(?://|#|--)[ \t]*)+`
	join = `(?:,` + gap + `|` + gap + `(?:and|or|to)` + gap + `|–)`
)

// list gives a pattern for one or several ids after their words: "safety rules D3 to D5". Its first group holds the ids.
func list(words, id string) *regexp.Regexp {
	return regexp.MustCompile(strings.ReplaceAll(words, " ", gap) + gap + `(` + id + `(?:` + join + id + `)*)\b`)
}

// citationForm is one way to cite: how it is written, what one id looks like, and whether an id resolves.
type citationForm struct {
	name     string
	written  *regexp.Regexp // its first group holds the ids
	id       *regexp.Regexp
	resolves func(x *citedPages, id string) bool
}

// citationForms are all ways to cite a rule, a case, a decision or a page.
var citationForms = []citationForm{
	{"requirement", regexp.MustCompile(`\b(R\d+)\b`), regexp.MustCompile(`R\d+`), rowOf("requirements.md")},
	{"safety rule", list(`(?i:safety rules?)`, `D\d+(?:\.\d+)?`), regexp.MustCompile(`D\d+(?:\.\d+)?`), rowOf("safety-rules.md")},
	{"message rule", list(`(?i:message rules?)`, `M\d+`), regexp.MustCompile(`M\d+`), rowOf("message-rules.md")},
	{"security rule", list(`(?i:security rules?)`, `S\d+`), regexp.MustCompile(`S\d+`), rowOf("security-rules.md")},
	{"posting", list(`(?i:posting table)`, `P\d+`), regexp.MustCompile(`P\d+`), rowOf("postings.md")},
	{"field case", list(`(?i:field cases?)`, `\d+`), regexp.MustCompile(`\d+`), rowOf("field-cases.md")},
	{"decision", list(`ADRs?`, `\d{4}`), regexp.MustCompile(`\d{4}`), decision},
	{"decision", regexp.MustCompile(`\bdocs/adr/(\d{4})\b`), regexp.MustCompile(`\d{4}`), decision},
	{"page", regexp.MustCompile(`\b(docs/[\w./-]+\.(?:md|png)(?:#[\w-]+)?)`), regexp.MustCompile(`.+`), pageOrAnchor},
	{"posting table", regexp.MustCompile(`(?i:\b(posting table)\b)`), regexp.MustCompile(`.+`), func(x *citedPages, _ string) bool {
		return x.anchors["docs/postings.md"]["posting-table"]
	}},
}

// rowOf resolves an id to a row, or to a section that is headed "## ID: …", of a page in docs.
func rowOf(page string) func(*citedPages, string) bool {
	return func(x *citedPages, id string) bool { return x.rows[page][id] > 0 }
}

// decision resolves the number of a record in docs/adr.
func decision(x *citedPages, number string) bool { return x.decisions[number] }

// pageOrAnchor resolves a path from the root of the repository, with or without "#heading".
func pageOrAnchor(x *citedPages, target string) bool {
	file, anchor, _ := strings.Cut(target, "#")
	if anchor != "" {
		return x.anchors[file][anchor]
	}
	_, err := os.Stat(filepath.FromSlash(file))
	return err == nil
}

// elsewhere finds citations of texts that are not in the repository.
var elsewhere = regexp.MustCompile(`\b\d\d-(?:requirements|design|facts|courses|messages|money|safety|temporal|style|security|libraries|` +
	`field-cases|console|calendar|house|clients-side|trust|speed|new-facts|wording)\b|(?i:\bchapter` + gap + `\d+)`)

// citedPages is what citations can lead to.
type citedPages struct {
	rows      map[string]map[string]int  // page in docs, id → how often it is defined
	anchors   map[string]map[string]bool // Markdown file, heading as GitHub links to it
	decisions map[string]bool            // numbers of the records in docs/adr
}

var (
	firstCell = regexp.MustCompile(`(?m)^\| ([A-Z]?\d[^|]*?) +\|`)
	section   = regexp.MustCompile(`(?m)^#+ ([A-Z]\d+): `)
	heading   = regexp.MustCompile(`(?m)^#+ (.+)$`)
	inCell    = regexp.MustCompile(`[A-Z]?\d+(?:\.\d+)?`)
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

func readCitedPages(t *testing.T) *citedPages {
	t.Helper()
	x := &citedPages{rows: map[string]map[string]int{}, anchors: map[string]map[string]bool{}, decisions: map[string]bool{}}
	for _, file := range trackedTexts(t) {
		if !strings.HasSuffix(file.path, ".md") {
			continue
		}
		x.anchors[file.path] = map[string]bool{}
		for _, m := range heading.FindAllStringSubmatch(file.text, -1) {
			x.anchors[file.path][slug(m[1])] = true
		}
		switch dir, name := path.Split(file.path); dir {
		case "docs/":
			x.rows[name] = idsOf(file.text)
		case "docs/adr/":
			x.decisions[name[:min(4, len(name))]] = true
		}
	}
	return x
}

// idsOf gives the ids that a page defines in the first cells of its tables and in its headings.
func idsOf(text string) map[string]int {
	ids := map[string]int{}
	for _, m := range firstCell.FindAllStringSubmatch(text, -1) {
		for _, id := range inCell.FindAllString(m[1], -1) {
			ids[id]++
		}
	}
	for _, m := range section.FindAllStringSubmatch(text, -1) {
		ids[m[1]]++
	}
	return ids
}

// slug gives a heading as GitHub links to it.
func slug(heading string) string {
	return strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

type textFile struct{ path, text string }

// trackedTexts reads every text file of the repository, but for checksums, recordings and this file, whose examples
// lead nowhere.
func trackedTexts(t *testing.T) []textFile {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	var files []textFile
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		base := path.Base(name)
		if base == "go.sum" || base == "package-lock.json" || name == "citations_test.go" || strings.Contains(name, "testdata/") {
			continue
		}
		body, err := os.ReadFile(filepath.FromSlash(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(body, []byte{0}) {
			files = append(files, textFile{name, string(body)})
		}
	}
	if len(files) < 100 {
		t.Fatalf("found only %d text files", len(files))
	}
	return files
}

// citation is one id that a text cites.
type citation struct {
	form citationForm
	id   string
	line int
}

// citationsIn gives every citation of a text, form by form.
func citationsIn(text string) (out []citation) {
	for _, form := range citationForms {
		for _, m := range form.written.FindAllStringSubmatchIndex(text, -1) {
			for _, id := range form.id.FindAllString(text[m[2]:m[3]], -1) {
				out = append(out, citation{form, id, 1 + strings.Count(text[:m[0]], "\n")})
			}
		}
	}
	return out
}

// TestCitationsResolve fails for each citation that leads to no row, record, page or heading of docs, and for each that
// leads out of the repository.
func TestCitationsResolve(t *testing.T) {
	t.Parallel()
	pages, found := readCitedPages(t), map[string]int{}
	for _, file := range trackedTexts(t) {
		for _, c := range citationsIn(file.text) {
			found[c.form.name]++
			if !c.form.resolves(pages, c.id) {
				t.Errorf("%s:%d cites the %s %s, and docs has none", file.path, c.line, c.form.name, c.id)
			}
		}
		for _, m := range elsewhere.FindAllStringIndex(file.text, -1) {
			t.Errorf("%s:%d cites %q, which is not in the repository", file.path, 1+strings.Count(file.text[:m[0]], "\n"), file.text[m[0]:m[1]])
		}
	}
	for _, form := range citationForms {
		if found[form.name] == 0 {
			t.Errorf("nothing cites a %s; does its pattern still fit?", form.name)
		}
	}
}

// TestMarkdownLinksResolve fails for each link between pages that leads to no file or heading.
func TestMarkdownLinksResolve(t *testing.T) {
	t.Parallel()
	link, pages := regexp.MustCompile(`\]\(([^)\s]+)\)`), readCitedPages(t)
	for _, file := range trackedTexts(t) {
		if !strings.HasSuffix(file.path, ".md") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(file.text, -1) {
			target := m[1]
			switch {
			case strings.Contains(target, "://"):
				continue
			case strings.HasPrefix(target, "#"):
				target = file.path + target
			default:
				target = path.Join(path.Dir(file.path), target)
			}
			if !pageOrAnchor(pages, target) {
				t.Errorf("%s links to %s, and there is no such file or heading", file.path, m[1])
			}
		}
	}
}

// TestEveryRuleIsDefinedOnce fails when an id has two rows, or a numbered page leaves a number out. Field cases leave
// out those that do not apply.
func TestEveryRuleIsDefinedOnce(t *testing.T) {
	t.Parallel()
	pages := readCitedPages(t)
	for _, want := range []struct {
		page, letter string
		last         int
	}{
		{"requirements.md", "R", 47},
		{"safety-rules.md", "D", 8},
		{"message-rules.md", "M", 26},
		{"security-rules.md", "S", 20},
		{"postings.md", "P", 20},
		{"field-cases.md", "", 0},
	} {
		ids := pages.rows[want.page]
		if len(ids) == 0 {
			t.Errorf("docs/%s defines nothing", want.page)
		}
		for n := 1; n <= want.last; n++ {
			if id := fmt.Sprint(want.letter, n); ids[id] == 0 {
				t.Errorf("docs/%s does not define %s", want.page, id)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(ids)) {
			if strings.HasPrefix(id, want.letter) && ids[id] > 1 {
				t.Errorf("docs/%s defines %s %d times", want.page, id, ids[id])
			}
		}
	}
}

// TestCitationsAreFound shows what the patterns take for a citation, and what they leave alone.
func TestCitationsAreFound(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ text, want string }{
		"Requirement":        {"// BadPlan holds R5 (44 is refused).", "R5"},
		"RangeOfThem":        {"(R26–R28)", "R26 R28"},
		"SafetySection":      {"// opens the path of safety rule D7.", "D7"},
		"SafetyRow":          {"(safety rule D3.4, field case 41)", "D3.4 41"},
		"SeveralSections":    {"(safety rules D3 to D5)", "D3 D5"},
		"MessageRules":       {"(message rules M4, M5 and M17)", "M4 M5 M17"},
		"SecurityRule":       {"Security rule S3 holds.", "S3"},
		"AcrossTwoLines":     {"// as in message\n\t// rule M9 and field\n\t// case 12", "M9 12"},
		"PostingRow":         {"(posting table P4)", "P4 posting table"},
		"FieldCases":         {"# Field cases 9, 10 and 47: each once.", "9 10 47"},
		"DecisionByNumber":   {"(ADR 0024)", "0024"},
		"DecisionByPath":     {"(docs/adr/0003)", "0003"},
		"Page":               {"see docs/postings.md#refund-rules.", "docs/postings.md#refund-rules"},
		"NoCitation":         {"a case 41 of eggs, 3R4, D7, M4 and the docs/ folder", ""},
		"TimeAfterAFieldID":  {"field cases 2 and 10 minutes later", "2 10"},
		"WordsOfTheSameKind": {"a safety rule, a message rule and a field case", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, c := range citationsIn(x.text) {
				got = append(got, c.id)
			}
			if strings.Join(got, " ") != x.want {
				t.Errorf("%q cites %v, want %s", x.text, got, x.want)
			}
		})
	}
}

// TestCitationsOfAbsentTextsAreFound shows what counts as leading out of the repository.
func TestCitationsOfAbsentTextsAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"(07" + "-safety D3)":                        true,
		"// as in 12" + "-field-cases, 17":           true,
		"the chapter" + " 5 of it":                   true,
		"docs/adr/0002-facts-as-updates.md":          false,
		"docs/adr/0020-money-follows-the-facts.md":   false,
		"on 2027-01-31 in a chapter of life":         false,
		"docs/safety-rules.md and docs/courses.md":   false,
		"the message 05" + "-messages of a template": true,
	} {
		if got := elsewhere.MatchString(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
