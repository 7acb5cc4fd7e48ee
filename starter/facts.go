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
	fmt.Fprintf(out, "%s: %s\n  %s\n  by: %s\n", k.Name, k.Title(), k.Summary, roleList(k))
	if k.Grave {
		fmt.Fprintln(out, "  This is grave: the console asks for a fresh sign-in.")
	}
	fmt.Fprint(out, "\nFields\n")
	for _, f := range k.Fields() {
		printField(out, f, "  ")
	}
	client := "CLIENT"
	if k.PracticeWide {
		client = "-"
	}
	if k.Opens {
		fmt.Fprintf(out, "\nExample\n  bin/starter enroll clients.csv\n")
		return nil
	}
	if given := (fieldsGiven{body: []byte(k.Example()), inline: true}); given.noPrivateInline(k.Name, false) != nil {
		fmt.Fprintf(out, "\nExample\n  bin/starter record %s %s --with -\n  %s\n", client, k.Name, k.Example())
		return nil
	}
	fmt.Fprintf(out, "\nExample\n  bin/starter record %s %s --with '%s'\n", client, k.Name, k.Example())
	return nil
}

func factsJSON(out io.Writer) error {
	type row struct {
		Fact    string        `json:"fact"`
		Title   string        `json:"title"`
		Summary string        `json:"summary"`
		Group   care.Group    `json:"group"`
		By      []person.Role `json:"by"`
		Grave   bool          `json:"grave,omitempty"`
		Fields  []care.Field  `json:"fields"`
	}
	var rows []row
	for _, k := range care.Vocabulary() {
		rows = append(rows, row{Fact: k.Name, Title: k.Title(), Summary: k.Summary, Group: k.Group(), By: k.By, Grave: k.Grave, Fields: k.Fields()})
	}
	return writeJSON(out, rows)
}

// printField explains one field, and under it its choices and the fields that are in it.
func printField(out io.Writer, f care.Field, indent string) {
	notes := []string{string(f.Input)}
	if f.Unit != "" && f.Unit != care.Cents {
		notes = append(notes, "in "+string(f.Unit))
	}
	switch {
	case f.Input == care.InputNone:
		notes = []string{"filled in by Kapflow"}
	case f.Required:
		notes = append(notes, "required")
	case f.When != "":
		notes = append(notes, "required when "+f.When)
	}
	if f.Private {
		notes = append(notes, "private")
	}
	if len(f.For) > 0 {
		notes = append(notes, "for the "+person.JoinRoles(f.For))
	}
	fmt.Fprintf(out, "%s%-24s %s (%s)\n", indent, f.Name, f.Label, strings.Join(notes, ", "))
	if f.Hint != "" {
		fmt.Fprintf(out, "%s%-24s %s\n", indent, "", f.Hint)
	}
	for _, c := range f.Choices {
		fmt.Fprintf(out, "%s%-24s - %s: %s\n", indent, "", c.Value, c.Label)
	}
	if f.Input == care.InputAnswers {
		fmt.Fprintf(out, "%s%-24s %d answers, each 0 to %d\n", indent, "", len(f.Items), len(f.Items[0].Choices)-1)
		return
	}
	for _, item := range f.Items {
		printField(out, item, indent+"  ")
	}
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
