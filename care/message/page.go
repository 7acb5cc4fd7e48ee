package message

import (
	"fmt"
	"strings"
)

// Page is docs/message-states.md: the states, results and faults, and the table of transitions.
func Page() string {
	var b strings.Builder
	b.WriteString(`# The life of a message

This page is made from the tables in [care/message](../care/message) by ` + "`make generate`" + `. The register, the activities and the
client's chart ask these tables and have no rule of their own.

A **notification** is one message that is owed once. A **delivery** is one channel of it.

## States of a delivery

"Comes to" is the result of the notification if no other of its channels weighs more.

| State | Meaning | Comes to | Final |
|---|---|---|---|
`)
	for _, r := range states {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", stateName(r.State), r.Words, r.Result, map[bool]string{true: "yes"}[r.State.Final()])
	}
	b.WriteString("\n## Results of a notification\n\nThe result is the one with the most weight among the channels. The lightest stands first.\n\n| Result | Meaning |\n|---|---|\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | %s |\n", r.Result, r.Words)
	}
	b.WriteString("\n## Faults\n\n| Fault | Meaning |\n|---|---|\n")
	for _, r := range faults {
		fmt.Fprintf(&b, "| %s | %s |\n", r.Fault, r.Words)
	}
	b.WriteString(`
## Transitions

A delivery moves when something happens to it: the decision before it is sent, the sender's answer, or a provider's report.
In every state that a row does not name, its event changes nothing and nothing follows. Of the rows that lead to one state, the
last one is for every fault that no other row names.

| Event | Fault | In | Leads to | What follows |
|---|---|---|---|---|
`)
	for _, r := range table {
		fmt.Fprintf(&b, "| **%s**: %s | %s | %s | %s | %s |\n", r.On, lowerFirst(r.Words), join(r.Faults), in(r), stateName(r.To), then(r))
	}
	b.WriteString("\n## What can follow\n\n| Act | Meaning |\n|---|---|\n")
	for _, r := range acts {
		fmt.Fprintf(&b, "| %s | %s |\n", r.Act, r.Words)
	}
	b.WriteString("\n## In every state\n\nWhere each event leads from each state; a dot says that it is ignored.\n\n| Event |")
	for _, s := range states {
		fmt.Fprintf(&b, " %s |", stateName(s.State))
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(states)) + "\n")
	for _, r := range table {
		fmt.Fprintf(&b, "| %s |", r.On)
		for _, s := range states {
			switch to, counts := Next(s.State, r.On); {
			case !counts:
				b.WriteString(" · |")
			case to == s.State:
				b.WriteString(" stays |")
			default:
				fmt.Fprintf(&b, " %s |", to)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func stateName(s State) string {
	if s == StateNew {
		return "new"
	}
	return string(s)
}

func join[T ~string](list []T) string {
	var out []string
	for _, x := range list {
		out = append(out, string(x))
	}
	return strings.Join(out, ", ")
}

func in(r Row) string {
	var out []string
	for _, s := range r.From {
		out = append(out, stateName(s))
	}
	text := strings.Join(out, ", ")
	if len(r.Kept) > 0 {
		text += "; in a final state, which stays"
	}
	return text
}

func then(r Row) string {
	var out []string
	for _, s := range r.Then {
		words := string(s.Do)
		if s.After > 0 {
			words += fmt.Sprintf(" after %g minutes", s.After.Minutes())
		}
		if s.Else != "" {
			words += ", else the task `" + s.Else + "`"
		}
		out = append(out, words)
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, "; ")
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
