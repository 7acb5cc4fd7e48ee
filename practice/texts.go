package practice

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"kapflow/care/message"
	"kapflow/care/person"
)

// Vars are the values that a message can carry besides its fixed words. Texts use them as {{.When}}.
type Vars struct {
	Practice string // message_display_name
	Phone    string
	When     string // weekday, date, time and zone, as clock.Zone.Say writes it
	Place    string // a place's neutral_name
	Link     string // link_base, or link_base/token
	Name     string // the client's preferred name
	Code     string // the second factor of a link, six digits
	Answer   string // what staff wrote back to the client, in one line
	Crisis   string // the practice's own crisis text
	Ref      string // the client's id, in mails to staff
	Solids   string // hours without solid food before an infusion, on clients' pages only
	Liquids  string // hours without liquids
}

// VarsNamed gives variables by the names that the text files use.
func VarsNamed(v map[string]string) Vars {
	return Vars{Practice: v["Practice"], Phone: v["Phone"], When: v["When"], Place: v["Place"], Link: v["Link"], Name: v["Name"], Code: v["Code"],
		Answer: v["Answer"], Crisis: v["Crisis"], Ref: v["Ref"], Solids: v["Solids"], Liquids: v["Liquids"]}
}

// values gives the variables that have a value. Rendering a text that uses one without a value fails, so no client is
// sent "you have a visit on , at ".
func (v Vars) values() (map[string]string, error) {
	out := map[string]string{}
	for name, value := range map[string]string{"Practice": v.Practice, "Phone": v.Phone, "When": v.When, "Place": v.Place, "Link": v.Link, "Name": v.Name, "Code": v.Code, "Answer": v.Answer, "Crisis": v.Crisis, "Ref": v.Ref,
		"Solids": v.Solids, "Liquids": v.Liquids} {
		value = strings.TrimSpace(value)
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
			return nil, fmt.Errorf("%s must be one line", name)
		}
		if value != "" {
			out[name] = value
		}
	}
	return out, nil
}

var varNames = []string{"Practice", "Phone", "When", "Place", "Link", "Name", "Code", "Answer", "Crisis", "Ref"}

// minimalVars are the variables that a message may use when the client consented to the minimum: that there is
// something to read, where to read it, and whom to call.
var minimalVars = []string{"Practice", "Phone", "Link"}

// minimalVarsOf gives the variables that every text of a template must use, and the only ones that its minimal text may
// use.
func minimalVarsOf(template message.Template) []string {
	switch {
	case template == message.TemplateCode:
		return []string{"Practice", "Phone", "Code"}
	case template == message.TemplateAnswer:
		return []string{"Practice", "Phone", "Answer"}
	case template == message.TemplateCrisis:
		return []string{"Practice", "Phone", "Crisis"}
	case staffOnly(template):
		return []string{"Practice", "Ref"}
	}
	return minimalVars
}

// staffOnly reports whether a message goes to staff. It may name the client's id and nothing else about the
// client.
func staffOnly(template message.Template) bool {
	return slices.Contains([]message.Template{message.TemplateAlert, message.TemplateAlertClimbed, message.TemplateTask, message.TemplateWorklist}, template)
}

// templates are the messages that package care can ask for, and the code that a client asks for.
var templates = []message.Template{message.TemplateBooked, message.TemplateMoved, message.TemplateCancelled, message.TemplateMissed, message.TemplateReminder,
	message.TemplateInstructions, message.TemplateAftercare, message.TemplateCheckIn, message.TemplateCheckInChase, message.TemplateFees, message.TemplateAnswer, message.TemplateAnswerLink, message.TemplateCode,
	message.TemplateHeld, message.TemplateStands, message.TemplateCrisis, message.TemplateAlert, message.TemplateAlertClimbed, message.TemplateTask, message.TemplateWorklist}

func templateNames() string {
	var names []string
	for _, t := range templates {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

// channelsOf gives the channels on which a template has a text.
func channelsOf(template message.Template) []person.Channel {
	switch {
	case template == message.TemplateCode:
		return []person.Channel{person.SMS, person.Email}
	case template == message.TemplateTask:
		return []person.Channel{person.Email}
	}
	return []person.Channel{person.SMS, person.Email}
}

// Texts are a practice's message texts, parsed. The file <template>.<channel>.txt holds the minimal text. A second
// file, <template>.<channel>.appointment-time.txt, holds the text for clients who agreed to be told the time. Without
// the second file every client gets the minimal text.
type Texts struct {
	byName map[string]*messageText // file name without .txt
	pages  map[string]*messageText // of clients' pages
}

// messageText is the parsed content of one file.
type messageText struct {
	file     string
	template message.Template
	channel  person.Channel
	tier     string
	source   string
	parsed   *template.Template
	vars     []string // the variables that it may use
	uses     []string // the variables that it uses, in the order of first use
}

// textName reads template, channel and tier from a file name such as visit-reminder.sms.appointment-time.txt.
func textName(file string) (t messageText, ok bool) {
	parts := strings.Split(strings.TrimSuffix(path.Base(file), ".txt"), ".")
	if len(parts) < 2 || len(parts) > 3 || !slices.Contains(templates, message.Template(parts[0])) {
		return t, false
	}
	t = messageText{file: file, template: message.Template(parts[0]), channel: person.Channel(parts[1]), tier: message.DetailMinimal, vars: varNames}
	if len(parts) == 3 {
		if parts[2] != message.DetailTime {
			return t, false
		}
		t.tier = parts[2]
	}
	return t, t.channel == person.SMS || t.channel == person.Email
}

func textKey(template message.Template, channel person.Channel, tier string) string {
	if tier == message.DetailTime {
		return string(template) + "." + string(channel) + "." + tier
	}
	return string(template) + "." + string(channel)
}

// readTexts parses the shipped texts and then the practice's own texts, which replace shipped ones of the same name. A
// nil own means that the practice has none. Faults in the practice's texts name their file below dir.
func readTexts(own fs.FS, dir string) (Texts, Faults) {
	out := Texts{byName: map[string]*messageText{}, pages: map[string]*messageText{}}
	faults := out.readAll(sub(sampleTexts, "texts"), "texts")
	if own != nil {
		faults = append(faults, out.readAll(own, dir)...)
	}
	return out, faults
}

func (t Texts) readAll(files fs.FS, dir string) (faults Faults) {
	found, err := fs.Glob(files, "*.txt")
	if err != nil {
		return Faults{{File: dir, Reason: err.Error()}}
	}
	for _, name := range found {
		if page, ok := pageNamed(name); ok {
			faults = append(faults, t.readPage(files, name, page, filepath.Join(dir, name))...)
			continue
		}
		text, ok := textName(name)
		text.file = filepath.Join(dir, name)
		if !ok {
			faults = append(faults, Fault{File: text.file, Reason: "is not the name of a message text. Use <template>.<sms or email>.txt or " +
				"<template>.<sms or email>." + message.DetailTime + ".txt, where <template> is one of " + templateNames() + ". For a page, use " + strings.Join(pageFiles(), " or ")})
			continue
		}
		source, err := fs.ReadFile(files, name)
		if err != nil {
			faults = append(faults, Fault{File: text.file, Reason: err.Error()})
			continue
		}
		faults = append(faults, text.parse(string(source))...)
		t.byName[textKey(text.template, text.channel, text.tier)] = &text
	}
	return faults
}

// parse reads the source, which may hold fixed words and variables only. Conditions are refused, because a branch that
// no test met could be sent to a client.
func (t *messageText) parse(source string) (faults Faults) {
	t.source = strings.TrimRight(strings.ReplaceAll(source, "\r\n", "\n"), "\n ")
	parsed, err := template.New("text").Option("missingkey=error").Parse(t.source)
	if err != nil {
		line, reason := templateError(err)
		return Faults{{File: t.file, Line: line, Reason: reason}}
	}
	for _, n := range parsed.Root.Nodes {
		line := 1 + strings.Count(t.source[:min(int(n.Position()), len(t.source))], "\n")
		name, ok := variable(n)
		switch {
		case n.Type() == parse.NodeText:
		case !ok:
			faults = append(faults, Fault{File: t.file, Line: line, Reason: n.String() + " is more than a variable. A text may hold only words and variables such as {{.When}}"})
		case !slices.Contains(t.vars, name):
			faults = append(faults, Fault{File: t.file, Line: line, Reason: "{{." + name + "}} is not a variable. Use one of {{." + strings.Join(t.vars, "}}, {{.") + "}}"})
		case !slices.Contains(t.uses, name):
			t.uses = append(t.uses, name)
		}
	}
	if len(parsed.Templates()) > 1 {
		faults = append(faults, Fault{File: t.file, Line: 1, Reason: "defines another text. A text may hold only words and variables"})
	}
	t.parsed = parsed
	return faults
}

// variable reads {{.Name}} and gives the name. It reports false for any other node.
func variable(n parse.Node) (name string, ok bool) {
	a, ok := n.(*parse.ActionNode)
	if !ok || len(a.Pipe.Decl) > 0 || len(a.Pipe.Cmds) != 1 || len(a.Pipe.Cmds[0].Args) != 1 {
		return "", false
	}
	f, ok := a.Pipe.Cmds[0].Args[0].(*parse.FieldNode)
	if !ok || len(f.Ident) != 1 {
		return "", false
	}
	return f.Ident[0], true
}

// templateError takes line and reason from an error such as "template: text:3: unexpected …". It reads the text because
// text/template has no type for errors of parsing.
func templateError(err error) (line int, reason string) {
	parts := strings.SplitN(err.Error(), ":", 4)
	if len(parts) == 4 {
		if n, e := strconv.Atoi(strings.TrimSpace(parts[2])); e == nil {
			return n, strings.TrimSpace(parts[3])
		}
	}
	return 1, err.Error()
}

// Subject gives the subject of every email. It never varies, so that an inbox shows nothing about the client.
func Subject(displayName string) string { return "A message from " + displayName }

// Render gives a message as it is sent: the text and, for email, the subject. Tier is the detail of the client's
// consent on the channel (message.DetailMinimal or message.DetailTime). Render refuses an unknown text, a variable
// without a value, and everything that Lint refuses in a finished message: this is the last check before sending.
func (t Texts) Render(template message.Template, channel person.Channel, tier string, v Vars) (subject, text string, err error) {
	if tier != "" && tier != message.DetailMinimal && tier != message.DetailTime {
		return "", "", fmt.Errorf("message %s: there is no tier %q", template, tier)
	}
	found := t.byName[textKey(template, channel, tier)]
	if found == nil {
		found = t.byName[textKey(template, channel, message.DetailMinimal)]
	}
	if found == nil {
		return "", "", fmt.Errorf("there is no %s message %q", channel, template)
	}
	if strings.TrimSpace(v.Practice) == "" {
		return "", "", fmt.Errorf("message %s: Practice is empty", template)
	}
	text, err = found.render(v)
	if err != nil {
		return "", "", fmt.Errorf("message %s: %w", template, err)
	}
	if wrong := found.lintRendered(text, v); len(wrong) > 0 {
		return "", "", fmt.Errorf("message %s: %s", template, wrong[0])
	}
	if channel == person.Email {
		subject = Subject(strings.TrimSpace(v.Practice))
	}
	return subject, text, nil
}

func (t *messageText) render(v Vars) (string, error) {
	if t.parsed == nil {
		return "", errors.New("the text was never parsed")
	}
	values, err := v.values()
	if err != nil {
		return "", err
	}
	for _, name := range t.uses {
		if values[name] == "" {
			return "", fmt.Errorf("%s is empty", name)
		}
	}
	var out bytes.Buffer
	if err := t.parsed.Execute(&out, values); err != nil {
		return "", err
	}
	return out.String(), nil
}
