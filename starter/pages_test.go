package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kapflow/care/person"
)

// notRun says why a command that a page shows is not run by TestCommandsOfThePagesRun. A key that ends in "…" stands for every
// command that begins like it.
var notRun = map[string]string{
	"make …":      "CI runs make check and the drills; TestTheDemoPlaysAndShowsAPracticeAtWork runs the demo",
	"docker …":    "needs Docker; what its containers are asked to run with starter is run here",
	"sudo …":      "needs root; TestOperatorsFileIsReadOnlyIfNobodyElseCanWriteIt",
	"sed -i …":    "changes the .env of an installation",
	"echo …":      "changes the .env of an installation",
	"set -o …":    "belongs to the line after it",
	"sh deploy/…": "TestTheSecretsScriptMakesWhatLoadTakes",

	"starter rehearse …":                         "TestEveryShippedCourse plays every course",
	"starter words":                              "reads the source of a checkout; make check compares it with docs/words.md",
	"starter backup …":                           "TestBackupOpensOnlyWholeAndWithItsKey and TestBackupUnderLoadIsRestoredElsewhere",
	"starter migrate …":                          "needs the login of the tables' owner; TestErasedRecordIsGoneForEveryReader, TestOnlyTheOwnerSealsAgain",
	"starter upgrade":                            "TestUpgradeMovesACourseInProgressWithinAMinute",
	"starter restart":                            "only the command's name",
	"starter show":                               "only the command's name",
	"starter worklist end …":                     "needs an item of the list; TestAMatterIsTakenOffTheListOnce",
	"starter worklist assign ID --client CLIENT": "needs a text from a shared number; TestATextFromASharedNumberReachesWhomItIsAssignedTo",
}

// refusedAsWritten are commands that run and are refused here, with the exit code and the reason.
var refusedAsWritten = map[string]struct {
	code int
	why  string
}{
	"starter eligibility CLIENT --payer N":                                            {exitUsage, "no clearing house is set up"},
	`starter export CLIENT --allow --to "who gets it, and why"`:                       {exitRefused, "the psychotherapist allows it; a demo acts for the coordinator unless it is told otherwise"},
	`starter record CLIENT check-in-answered --with '{"check_in":"latest","mood":6}'`: {exitRefused, "the demo's client waits for the first infusion, so there is no check-in yet"},
}

// pagesWithCommands are the pages whose commands are run.
var pagesWithCommands = []string{"README.md", "CONTRIBUTING.md", "docs/runbook.md", "docs/courses.md", "docs/guide/*.md"}

// TestCommandsOfThePagesRun runs every command that a page shows, as it is written, against a demo with one client who waits for the
// labs. A command that cannot be run here has a row in notRun.
func TestCommandsOfThePagesRun(t *testing.T) {
	commands := commandsOfPages(t)
	if len(commands) < 40 {
		t.Fatalf("found only %d commands", len(commands))
	}
	t.Setenv("KAPFLOW_DEMO", strconv.Itoa(os.Getpid()))
	t.Setenv("KAPFLOW_CONSOLE_URL", "https://console.example.org") // as on a machine whose worker serves the console
	t.Setenv("KAPFLOW_CONSOLE_LISTEN", "127.0.0.1:8234")
	var said bytes.Buffer
	d, err := openDemo(terminal{ctx: t.Context(), out: &said, err: &said})
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	defer d.close()
	clients, err := d.playMonday(terminal{ctx: t.Context(), out: &said, err: &said})
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	client := clients["four"] // who waits for the labs
	place := strings.NewReplacer("CLIENT", client, "DIRECTORY", "exported", "DIR", "out", "OWNER", d.Practice.Policy.FirstHolding(person.Owner),
		" ID", " "+d.Practice.Policy.FirstHolding(person.Owner), "FILE", "practice.yaml", "practice practice.yaml", "practice.yaml")
	files := map[string]string{"practice.yaml": "../practice/practice.yaml", "clients.csv": "demo/clients.csv"}
	dir := t.TempDir()
	for name, from := range files {
		body, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), body, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	used := map[string]bool{}
	for _, c := range commands {
		if row := rowOf(c.text, notRun); row != "" {
			used[row] = true
			continue
		}
		words, ok := strings.CutPrefix(c.text, "starter ")
		if !ok {
			t.Errorf("%s shows %q, which is neither run nor has a row in notRun", c.page, c.text)
			continue
		}
		var out, errs bytes.Buffer
		want := refusedAsWritten[c.text]
		used[c.text] = true
		if role, ok := strings.CutPrefix(c.page, "docs/guide/"); ok && strings.HasPrefix(words, "staff ") {
			words += " --by " + strings.TrimSuffix(role, ".md") // whom the page is for
		}
		if code := run(t.Context(), argumentsOf(place.Replace(words)), &out, &errs); code != want.code {
			t.Errorf("%s: %s\nexit code %d, want %d\n%s%s", c.page, c.text, code, want.code, lastLines(out.String(), 5), errs.String())
		} else if code == 0 && out.Len()+errs.Len() == 0 {
			t.Errorf("%s: %s says nothing", c.page, c.text)
		}
	}
	for row := range notRun {
		if !used[row] {
			t.Errorf("no page shows %q any more: take its row out of notRun", row)
		}
	}
	for row := range refusedAsWritten {
		if !used[row] {
			t.Errorf("no page shows %q any more: take its row out of refusedAsWritten", row)
		}
	}
}

// rowOf gives the key of rows that a command falls under, or "".
func rowOf(command string, rows map[string]string) string {
	if rows[command] != "" {
		return command
	}
	for key := range rows {
		if start, ok := strings.CutSuffix(key, "…"); ok && strings.HasPrefix(command+" ", start) {
			return key
		}
	}
	return ""
}

// shownCommand is a command as a page shows it, without its comment and the path of the program.
type shownCommand struct{ page, text string }

var (
	fencedShell = regexp.MustCompile("(?ms)^```(?:sh|bash)\n(.*?)^```")
	inlineShell = regexp.MustCompile("`((?:bin/)?starter [a-z][^`]*|docker compose [^`]*|make [a-z][^`]*)`")
	inContainer = regexp.MustCompile(`^docker compose (?:exec|run) .*?/starter (?:worker )?(.*)$`)
	commentOf   = regexp.MustCompile(`\s+# .*$`)
)

// commandsOfPages reads each command once, in the order of the pages.
func commandsOfPages(t *testing.T) (commands []shownCommand) {
	t.Helper()
	for _, pattern := range pagesWithCommands {
		pages, err := filepath.Glob("../" + pattern)
		if err != nil || len(pages) == 0 {
			t.Fatalf("no page %s: %v", pattern, err)
		}
		for _, page := range pages {
			body, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, block := range fencedShell.FindAllStringSubmatch(string(body), -1) {
				lines = append(lines, strings.Split(strings.ReplaceAll(block[1], "\\\n", " "), "\n")...)
			}
			for _, m := range inlineShell.FindAllStringSubmatch(fencedShell.ReplaceAllString(string(body), ""), -1) {
				lines = append(lines, strings.ReplaceAll(m[1], "\n", " "))
			}
			for _, line := range lines {
				line = strings.TrimPrefix(strings.Join(strings.Fields(commentOf.ReplaceAllString(line, "")), " "), "bin/")
				if m := inContainer.FindStringSubmatch(line); m != nil {
					line = "starter " + m[1]
				}
				c := shownCommand{strings.TrimPrefix(page, "../"), line}
				if line != "" && !slices.ContainsFunc(commands, func(o shownCommand) bool { return o.text == line }) {
					commands = append(commands, c)
				}
			}
		}
	}
	return commands
}

// argumentsOf splits a command as a shell does that knows quotes only.
func argumentsOf(words string) (args []string) {
	for _, m := range regexp.MustCompile(`'([^']*)'|"([^"]*)"|(\S+)`).FindAllStringSubmatch(words, -1) {
		args = append(args, m[1]+m[2]+m[3])
	}
	return args
}
