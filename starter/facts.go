package main

import (
	"fmt"
	"io"
	"strings"

	"kapflow/care"
	"kapflow/care/person"
)

type factsCommand struct {
	Fact     string `arg:"" optional:"" help:"One fact: its fields with their allowed values, and an example."`
	JSON     bool   `name:"json" help:"Print JSON." xor:"form"`
	Markdown bool   `help:"Print the page docs/facts.md." xor:"form"`
}

// Run lists the vocabulary of package care.
func (c factsCommand) Run(t terminal) error {
	if c.Fact != "" {
		return oneFact(t.out, c.Fact)
	}
	switch {
	case c.JSON:
		return factsJSON(t.out)
	case c.Markdown:
		return factsPage(t.out)
	}
	for _, k := range care.Vocabulary() {
		fmt.Fprintf(t.out, "%s\n  %s\n  by: %s\n  fields: %s\n\n", k.Name, k.Summary, roleList(k), fieldList(k))
	}
	return nil
}

// oneFact explains one fact: who records it, its fields with the values that they take, and a command to start from.
func oneFact(out io.Writer, name string) error {
	k, ok := care.KindNamed(name)
	if !ok {
		return care.UnknownFact(name)
	}
	fmt.Fprintf(out, "%s\n  %s\n  by: %s\n\nFields\n", k.Name, k.Summary, roleList(k))
	for _, f := range k.Fields() {
		private := ""
		if f.Private {
			private = ", private"
		}
		fmt.Fprintf(out, "  %-24s %s%s\n", f.Name, f.Type, private)
		if allowed := k.Allowed(f.Name); len(allowed) > 0 {
			fmt.Fprintf(out, "  %-24s one of %s\n", "", strings.Join(allowed, ", "))
		}
	}
	client := "CLIENT"
	if k.PracticeWide {
		client = "-"
	}
	if k.Opens {
		fmt.Fprintf(out, "\nExample\n  bin/starter enroll clients.csv\n")
		return nil
	}
	fmt.Fprintf(out, "\nExample\n  bin/starter record %s %s --with '%s'\n", client, k.Name, k.Example())
	return nil
}

func factsJSON(out io.Writer) error {
	type field struct {
		Name    string `json:"name"`
		Type    string `json:"type"`
		Private bool   `json:"private"`
	}
	type row struct {
		Fact    string        `json:"fact"`
		Summary string        `json:"summary"`
		By      []person.Role `json:"by"`
		Fields  []field       `json:"fields"`
	}
	var rows []row
	for _, k := range care.Vocabulary() {
		r := row{Fact: k.Name, Summary: k.Summary, By: k.By}
		for _, f := range k.Fields() {
			r.Fields = append(r.Fields, field(f))
		}
		rows = append(rows, r)
	}
	return writeJSON(out, rows)
}

// factsPage writes docs/facts.md. CI fails if the file differs.
func factsPage(out io.Writer) error {
	fmt.Fprint(out, "# Facts\n\nEverything that can be recorded, made from the vocabulary in `care/fact_vocabulary.go` by `make generate`. Private fields\n"+
		"are stored encrypted in Postgres; only a reference travels.\n\n| Fact | Recorded by | What it says | Fields |\n|---|---|---|---|\n")
	for _, k := range care.Vocabulary() {
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", k.Name, roleList(k), k.Summary, fieldList(k))
	}
	return nil
}

func roleList(k care.Kind) string {
	var by []string
	for _, r := range k.By {
		by = append(by, string(r))
	}
	return strings.Join(by, ", ")
}

func fieldList(k care.Kind) string {
	var fields []string
	for _, f := range k.Fields() {
		mark := ""
		if f.Private {
			mark = ", private"
		}
		fields = append(fields, fmt.Sprintf("%s (%s%s)", f.Name, f.Type, mark))
	}
	return strings.Join(fields, ", ")
}
