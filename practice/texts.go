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

// Vars are all that a message can say besides its fixed words. Texts use them as {{.When}}.
type Vars struct {
	Practice string // message_display_name
	Phone    string
	When     string // weekday, date, time and zone, as care.Zone.Say writes it
	Place    string // a place's neutral_name
	Link     string // link_base, or link_base/token
	Name     string // the client's preferred name
	Code     string // the second factor of a link, six digits
	Crisis   string // the practice's own crisis text
	Ref      string // the client's id, in mails to staff
	Solids   string // hours without solid food before an infusion, on clients' pages only
	Liquids  string // hours without liquids
}

// values gives the variables that have a value. A text that uses one without fails: nobody is ever sent
// "you have a visit on , at ".
func (v Vars) values() (map[string]string, error) {
	out := map[string]string{}
	for name, value := range map[string]string{"Practice": v.Practice, "Phone": v.Phone, "When": v.When, "Place": v.Place, "Link": v.Link, "Name": v.Name, "Code": v.Code, "Crisis": v.Crisis, "Ref": v.Ref,
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

var varNames = []string{"Practice", "Phone", "When", "Place", "Link", "Name", "Code", "Crisis", "Ref"}

// minimalVars are all that a message may carry when the client's consent is to the minimum: that there is
// something to read, where, and whom to call.
var minimalVars = []string{"Practice", "Phone", "Link"}

// minimalVarsOf are what the minimum of a template says, all of it.
func minimalVarsOf(template message.Template) []string {
	switch {
	case template == message.TemplateCode:
		return []string{"Practice", "Phone", "Code"}
	case template == message.TemplateCrisis:
		return []string{"Practice", "Phone", "Crisis"}
	case staffOnly(template):
		return []string{"Practice", "Ref"}
	}
	return minimalVars
}

// staffOnly says that a message goes to staff, by e-mail. It may name the client's id and nothing else about them.
func staffOnly(template message.Template) bool {
	return slices.Contains([]message.Template{message.TemplateAlert, message.TemplateAlertClimbed, message.TemplateTask, message.TemplateWorklist}, template)
}

// templates are the messages that notifications name, and the code that a client asks for.
var templates = []message.Template{message.TemplateBooked, message.TemplateMoved, message.TemplateCancelled, message.TemplateMissed, message.TemplateReminder,
	message.TemplateInstructions, message.TemplateAftercare, message.TemplateCheckIn, message.TemplateCheckInChase, message.TemplateFees, message.TemplateCode,
	message.TemplateHeld, message.TemplateStands, message.TemplateCrisis, message.TemplateAlert, message.TemplateAlertClimbed, message.TemplateTask, message.TemplateWorklist}

func templateNames() string {
	var names []string
	for _, t := range templates {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

// channelsOf are the channels on which a template has a text.
func channelsOf(template message.Template) []person.Channel {
	switch {
	case template == message.TemplateCode:
		return []person.Channel{person.SMS}
	case staffOnly(template):
		return []person.Channel{person.Email}
	}
	return []person.Channel{person.SMS, person.Email}
}

// Texts are a practice's message texts, parsed. A text is a file <template>.<channel>.txt, which says the
// minimum; <template>.<channel>.appointment-time.txt stands beside it where a client who agreed to it is told
// more. Where that is missing, the minimum is sent.
type Texts struct {
	byName map[string]*messageText // file name without .txt
	pages  map[string]*messageText // of clients' pages
}

// messageText is one file.
type messageText struct {
	file     string
	template message.Template
	channel  person.Channel
	tier     string
	source   string
	parsed   *template.Template
	vars     []string // that it may use
	uses     []string // variables, in the order of their first use
}

// textName reads a file's name: visit-reminder.sms.appointment-time.txt.
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

// readTexts parses the shipped texts, and over them a practice's own ones (nil: none). dir is the name that
// faults carry for the practice's own.
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
			faults = append(faults, Fault{File: text.file, Reason: "is not the name of a message text; write <template>.<sms or email>.txt or " +
				"<template>.<sms or email>." + message.DetailTime + ".txt, with a template of " + templateNames() + "; or the name of a page's, " + strings.Join(pageFiles(), " or ")})
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

// parse reads the source, which holds fixed words and variables and nothing else: what a message says never
// depends on a condition that a test might not have met.
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
			faults = append(faults, Fault{File: t.file, Line: line, Reason: n.String() + " is more than a variable; a text holds words and variables only, such as {{.When}}"})
		case !slices.Contains(t.vars, name):
			faults = append(faults, Fault{File: t.file, Line: line, Reason: "{{." + name + "}} is not a variable; there are {{." + strings.Join(t.vars, "}}, {{.") + "}}"})
		case !slices.Contains(t.uses, name):
			t.uses = append(t.uses, name)
		}
	}
	if len(parsed.Templates()) > 1 {
		faults = append(faults, Fault{File: t.file, Line: 1, Reason: "defines another text; a text holds words and variables only"})
	}
	t.parsed = parsed
	return faults
}

// variable reads {{.Name}} and nothing else.
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

// Subject is the same for every message, so that a list of mails gives nothing away.
func Subject(displayName string) string { return "A message from " + displayName }

// Render gives a message as it is sent: subject (of an e-mail only) and text, in the tier of the client's
// consent on the channel (care.DetailMinimal or care.DetailTime). It refuses an unknown text, a variable
// without a value, and everything that Lint refuses of a finished message: the send has the last word.
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
