package main

import (
	"fmt"
	"strings"
	"time"

	"kapflow/practice"
)

type messagesCommand struct {
	Preview messagesPreviewCommand `cmd:"" help:"Show every message as clients and staff get it, for each channel and detail of consent."`
}

type messagesPreviewCommand struct {
	File     string `arg:"" optional:"" help:"The practice file; its texts/ folder comes with it. Default: the sample practice." type:"path"`
	Template string `help:"Only this message, such as visit-reminder."`
	Longest  bool   `help:"With the longest values a message can have, instead of everyday ones."`
	JSON     bool   `name:"json" help:"Print JSON, one object a line."`
}

// Run renders every text. A practice whose texts may not be sent as they are is told each fault with its file and line.
func (c messagesPreviewCommand) Run(t terminal) error {
	prac, err := practice.Sample(time.Now())
	if c.File != "" {
		prac, err = practice.Load(c.File, time.Now())
	}
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
		return usageError{fmt.Errorf("there is no message %q; without --template all are shown", c.Template)}
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
		fmt.Fprintf(&b, "%s by %s (%s%s)\n", p.Template, p.Channel, to, size)
	}
	if p.Subject != "" {
		fmt.Fprintf(&b, "    Subject: %s\n\n", p.Subject)
	}
	for _, line := range strings.Split(p.Text, "\n") {
		b.WriteString(strings.TrimRight("    "+line, " ") + "\n")
	}
	return b.String() + "\n"
}
