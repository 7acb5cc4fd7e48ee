package kapflow_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testDeclared = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	testNamed    = regexp.MustCompile("`(Test\\w+)`")
	linked       = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	coursesNamed = regexp.MustCompile("\\bcourses? (`[a-z-]+`(?:(?:,| and) `[a-z-]+`)*)")
	nameInTicks  = regexp.MustCompile("`([a-z-]+)`")
)

// TestPagesNameTestsAndCoursesThatExist: a page that says what shows a promise is worth as much as the names on it.
func TestPagesNameTestsAndCoursesThatExist(t *testing.T) {
	t.Parallel()
	declared := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case notOurs(path, d):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		body, err := os.ReadFile(path)
		for _, m := range testDeclared.FindAllStringSubmatch(string(body), -1) {
			declared[m[1]] = true
		}
		return err
	})
	if err != nil || len(declared) < 100 {
		t.Fatalf("found %d tests: %v", len(declared), err)
	}
	for _, page := range []string{"guarantees.md", "164.312.md", "field-cases.md", "safety-rules.md", "postings.md"} {
		body, err := os.ReadFile(filepath.Join("docs", page))
		if err != nil {
			t.Fatal(err)
		}
		named := testNamed.FindAllStringSubmatch(string(body), -1)
		for _, m := range named {
			if !declared[m[1]] {
				t.Errorf("%s names %s, and there is no such test", page, m[1])
			}
		}
		for _, m := range linked.FindAllStringSubmatch(string(body), -1) {
			if _, err := os.Stat(filepath.Join("docs", m[1])); err != nil {
				t.Errorf("%s leads to %s, and there is no such file", page, m[1])
			}
		}
		for _, list := range coursesNamed.FindAllStringSubmatch(string(body), -1) {
			for _, m := range nameInTicks.FindAllStringSubmatch(list[1], -1) {
				if _, err := os.Stat(filepath.Join("practice", "courses", m[1]+".yaml")); err != nil {
					t.Errorf("%s names the course %s, and there is none", page, m[1])
				}
			}
		}
		if len(named) == 0 {
			t.Errorf("%s names no test", page)
		}
	}
}

// TestEveryGuaranteeNamesItsTest: a promise without a test is none, and each is in a table of two columns.
func TestEveryGuaranteeNamesItsTest(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("docs/guarantees.md")
	if err != nil {
		t.Fatal(err)
	}
	promises, _, found := strings.Cut(string(body), "## Intended, and not yet shown")
	if !found {
		t.Fatal("the page does not say what is not shown")
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(promises, "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if !strings.HasPrefix(line, "| ") || cells[0] == "Guarantee" {
			continue
		}
		if len(cells) != 2 || !testNamed.MatchString(cells[1]) {
			t.Errorf("no test shows: %s", cells[0])
		}
		if seen[cells[0]] {
			t.Errorf("promised twice: %s", cells[0])
		}
		seen[cells[0]] = true
	}
	if len(seen) < 100 {
		t.Errorf("%d promises were looked at", len(seen))
	}
}

// TestEveryDecisionIsListed: docs/adr/README.md has a row for each record.
func TestEveryDecisionIsListed(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("docs/adr/README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("docs/adr/0*.md")
	if err != nil || len(files) < 30 {
		t.Fatalf("found %d records: %v", len(files), err)
	}
	for _, file := range files {
		if !strings.Contains(string(list), "]("+filepath.Base(file)+")") {
			t.Errorf("%s has no row in docs/adr/README.md", file)
		}
	}
}

// TestEveryRowOfTheSafeguardsHasATest: each section of 45 CFR 164.312 has one row, with a test or the words that it is not shown.
func TestEveryRowOfTheSafeguardsHasATest(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile(filepath.Join("docs", "164.312.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\| (164\.312\S+) \|(.*)$`).FindAllStringSubmatch(string(body), -1) {
		if rows[m[1]] != "" {
			t.Errorf("%s has two rows", m[1])
		}
		rows[m[1]] = m[2]
	}
	for _, section := range []string{"(a)(1)", "(a)(2)(i)", "(a)(2)(ii)", "(a)(2)(iii)", "(a)(2)(iv)", "(b)", "(c)(1)", "(c)(2)", "(d)", "(e)(1)", "(e)(2)(i)", "(e)(2)(ii)"} {
		row := rows["164.312"+section]
		if !testNamed.MatchString(row) && !strings.Contains(row, "Not shown yet") {
			t.Errorf("%s has neither a test nor the words that it is not shown: %q", section, row)
		}
	}
}
