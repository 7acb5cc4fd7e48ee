package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// commands are all commands with their arguments and flags. Scripts and people rely on them: add to them, and take nothing
// away.
var commands = map[string]string{
	"audit check":        "--as --by --dir --json --keep",
	"audit show":         "<client> --as --by --json",
	"backup key":         "<file>",
	"backup read":        "<file> <into> --key",
	"backup write":       "<file> --to",
	"billing":            "<client> --as --by --with",
	"board":              "--as --by --json",
	"demo":               "--exit",
	"document copy":      "<client> <id> --as --by --out --pdf",
	"document estimate":  "<client> --as --by --despite --diagnosis --issue --number --out --pdf --spell",
	"document list":      "<client> --as --by --json",
	"document receipt":   "<client> --as --by --out --payment --pdf --spell",
	"document statement": "<client> --as --by --out --pdf --spell",
	"document superbill": "<client> <appointment> --as --by --clinician --code --diagnosis --out --pdf --spell --units",
	"eligibility":        "<client> --as --by --payer --record",
	"erase":              "<client> --as --by --reason --retention",
	"keys reseal":        "--as --by",
	"keys show":          "--as --by --json",
	"enroll":             "<file> --as --by --json",
	"export":             "<client> --allow --as --by --full --json --out --to",
	"facts":              "[<fact>] --json --markdown",
	"history":            "<client> --all --as --by --json",
	"ledger balance":     "--as --at --by --json",
	"ledger check":       "--as --by",
	"ledger export":      "--as --by --dir --draft --month",
	"ledger journal":     "<fee-set> --as --by --from --to",
	"links":              "--ui",
	"mailbox":            "<client> --as --by --json",
	"measures":           "<client> --as --by --json --svg",
	"messages preview":   "[<file>] --json --longest --template",
	"outcomes":           "--as --by --json",
	"plans":              "[<infusions>] --json --practice",
	"policy check":       "<file>",
	"record":             "<client> <fact> --as --by --id --json --preview --with",
	"rehearse":           "<course.yaml> --json --practice",
	"sheet":              "<client> --appointment --as --by --json",
	"show":               "<client> --as --by --json",
	"staff invite":       "<id> --as --by",
	"staff list":         "--as --by --json",
	"staff sign-out":     "<id> --as --by --passkeys",
	"statement":          "<client> --as --by --json",
	"restart":            "<client> --as --by --reason",
	"upgrade":            "--as --by",
	"words":              "--markdown",
	"worklist assign":    "<id> --as --by --client --with",
	"worklist end":       "<id> --as --by",
}

// TestHelpNamesEveryCommand: help shows each command with its arguments and flags, each has a sentence, and each command has a
// file of its own.
func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	for name, want := range commands {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if code := run(t.Context(), append(strings.Fields(name), "--help"), &out, &errs); code != 0 {
				t.Fatalf("exit code %d\n%s", code, errs.String())
			}
			if got := argumentsIn(name, out.String()); got != want {
				t.Errorf("takes %s, want %s\n%s", got, want, out.String())
			}
			if file := strings.ReplaceAll(name, " ", "_") + ".go"; !exists(file) {
				t.Errorf("there is no %s", file)
			}
		})
	}
	parser, err := kong.New(new(commandLine))
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		if _, listed := commands[withoutAliases(leaf.FullPath()[len(parser.Model.Name)+1:])]; !listed {
			t.Errorf("%s is not in the table", leaf.FullPath())
		}
		if leaf.Help == "" {
			t.Errorf("%s does not say what it does", leaf.FullPath())
		}
		for _, v := range leaf.Flags {
			if v.Help == "" {
				t.Errorf("%s does not say what --%s does", leaf.FullPath(), v.Name)
			}
		}
		for _, v := range leaf.Positional {
			if v.Help == "" {
				t.Errorf("%s does not say what <%s> is", leaf.FullPath(), v.Name)
			}
		}
	}
}

var (
	usageLine = regexp.MustCompile(`(?m)^Usage: starter (.*)$`)
	argument  = regexp.MustCompile(`\[?<[a-z.-]+>\]?`)
	alias     = regexp.MustCompile(`\b \([a-z]+\)( |$)`)
	flagName  = regexp.MustCompile(`(?m)^ +(?:-\w, +)?--([a-z]+)`)
)

// argumentsIn reads the arguments and flags of a command from its help.
func argumentsIn(name, help string) string {
	usage := usageLine.FindStringSubmatch(withoutAliases(help))
	if usage == nil || !strings.HasPrefix(usage[1], name) {
		return "no usage of " + name
	}
	words := argument.FindAllString(usage[1], -1)
	var flags []string
	for _, m := range flagName.FindAllStringSubmatch(help, -1) {
		if m[1] != "help" {
			flags = append(flags, "--"+m[1])
		}
	}
	slices.Sort(flags)
	return strings.Join(append(words, flags...), " ")
}

// withoutAliases removes the old names that kong shows in parentheses after a command's name.
func withoutAliases(text string) string { return alias.ReplaceAllString(text, "$1") }

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// TestOldNamesOfCommandsStillWork: worklist was called matter.
func TestOldNamesOfCommandsStillWork(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"matter", "end", "--help"}, &out, &errs); code != 0 || !strings.Contains(out.String(), "worklist (matter) end") {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
}
