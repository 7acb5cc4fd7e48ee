package main

import (
	"fmt"
	"strings"

	"kapflow/practice"
	"kapflow/worker/wiring"
)

type messagesCommand struct {
	Preview messagesPreviewCommand `cmd:"" help:"Show every message as clients and staff receive it, for each channel and each level of detail."`
}

type messagesPreviewCommand struct {
	File     string `arg:"" optional:"" help:"The practice file; its texts/ folder is read too. Default: the sample practice." type:"path"`
	Template string `help:"Show only this message, such as visit-reminder."`
	Longest  bool   `help:"Fill in the longest possible values instead of typical ones."`
	JSON     bool   `name:"json" help:"Print JSON, one object per line."`
}

// Run renders every text. The error names each fault in the practice's own texts with its file and line.
func (c messagesPreviewCommand) Run(t terminal) error {
	prac, err := wiring.LoadPractice(c.File)
	if err != nil {
		return err
	}
	vars := practice.SampleVars(prac.Policy)
	if c.Longest {
		vars = practice.LongestVars(prac.Policy)
	}
	previews, err := prac.Texts.Previews(vars)
	if err != nil {
		return err
	}
	shown := 0
	for _, p := range previews {
		if c.Template != "" && c.Template != p.Template {
			continue
		}
		shown++
		if c.JSON {
			if err := writeJSON(t.out, p); err != nil {
				return err
			}
			continue
		}
		fmt.Fprint(t.out, previewText(p))
	}
	if shown == 0 {
		return usageError{fmt.Errorf("there is no message %q; leave out --template to see all", c.Template)}
	}
	return nil
}

func previewText(p practice.Preview) string {
	to, size := "client, "+p.Detail, ""
	if p.Staff {
		to = "staff"
	}
	if p.Septets > 0 {
		size = fmt.Sprintf(", %d of 160", p.Septets)
	}
	var b strings.Builder
	if p.Detail == "" {
		fmt.Fprintf(&b, "%s on the client's page (behind the second factor)\n", p.Template)
	} else {
		fmt.Fprintf(&b, "%s by %s (%s%s)\n", p.Template, p.Channel.Words(), to, size)
	}
	if p.Subject != "" {
		fmt.Fprintf(&b, "    Subject: %s\n\n", p.Subject)
	}
	for _, line := range strings.Split(p.Text, "\n") {
		b.WriteString(strings.TrimRight("    "+line, " ") + "\n")
	}
	return b.String() + "\n"
}
