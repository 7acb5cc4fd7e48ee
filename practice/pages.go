package practice

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// A page's text is a file <name>.page.txt. Its first line is the heading, an empty line ends a paragraph, and lines
// that begin with "- " are a list. Clients see it after the second factor, so it may contain words that are banned in
// messages.

// pageSuffix ends the names of page files.
const pageSuffix = ".page.txt"

// pageChannel is shown in a preview in place of a message's channel.
const pageChannel person.Channel = "page"

type pageRule struct {
	name  string
	needs []string // variables that the text must use
	words []string
}

// pages are the texts of clients' pages, with the variables and words that each must contain.
var pages = []pageRule{
	{wording.PagePrepare, []string{"Solids", "Liquids"}, nil},
	{wording.PageAftercare, []string{"Phone"}, []string{"911"}},
}

// pageVarNames are the variables that a page's text may use.
var pageVarNames = []string{"Phone", "Solids", "Liquids"}

const mostPageLetters = 4000

// pageNamed gives the page that a file is for. It reports false if the file is not a page's.
func pageNamed(file string) (name string, ok bool) {
	name, ok = strings.CutSuffix(file, pageSuffix)
	return name, ok && slices.ContainsFunc(pages, func(p pageRule) bool { return p.name == name })
}

func pageFiles() (names []string) {
	for _, p := range pages {
		names = append(names, p.name+pageSuffix)
	}
	return names
}

func (t Texts) readPage(files fs.FS, file, name, shown string) Faults {
	source, err := fs.ReadFile(files, file)
	if err != nil {
		return Faults{{File: shown, Reason: err.Error()}}
	}
	text := &messageText{file: shown, template: message.Template(name), channel: pageChannel, vars: pageVarNames}
	t.pages[name] = text
	return text.parse(string(source))
}

// lintPages checks that the pages tell clients what they must know.
func (t Texts) lintPages() (out []error) {
	for _, p := range pages {
		text := t.pages[p.name]
		if text == nil {
			out = append(out, Fault{File: p.name + pageSuffix, Reason: "is missing. Clients read it on their page"})
			continue
		}
		add := func(format string, args ...any) {
			out = append(out, Fault{File: text.file, Line: 1, Reason: fmt.Sprintf(format, args...)})
		}
		if made, _ := layOut(text.source); made.Heading == "" || len(made.Parts) == 0 {
			add("needs a heading in its first line and text below it")
		}
		if len(text.source) > mostPageLetters {
			add("is too long for a phone. Use at most %d characters", mostPageLetters)
		}
		if wording.WebAddress.MatchString(text.source) {
			add("contains a web address. A page may not link elsewhere")
		}
		for _, name := range p.needs {
			if !slices.Contains(text.uses, name) {
				add("lacks {{.%s}}", name)
			}
		}
		for _, words := range p.words {
			if !strings.Contains(text.source, words) {
				add("must say %q, the number to call in an emergency", words)
			}
		}
	}
	return out
}

// Page gives the text of a client's page with its values: Phone, and the hours of fasting (Solids, Liquids).
func (t Texts) Page(name string, vars map[string]string) (wording.PageText, error) {
	text := t.pages[name]
	if text == nil {
		return wording.PageText{}, fmt.Errorf("there is no page %q", name)
	}
	made, err := text.render(Vars{Phone: vars["Phone"], Solids: vars["Solids"], Liquids: vars["Liquids"]})
	if err != nil {
		return wording.PageText{}, fmt.Errorf("page %s: %w", name, err)
	}
	return layOut(made)
}

// layOut reads heading, paragraphs and lists from a page's text.
func layOut(text string) (out wording.PageText, err error) {
	heading, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	out.Heading = strings.TrimSpace(heading)
	var part wording.PagePart
	end := func() {
		if part.Words != "" || len(part.List) > 0 {
			out.Parts = append(out.Parts, part)
		}
		part = wording.PagePart{}
	}
	for _, line := range strings.Split(rest, "\n") {
		line = strings.TrimSpace(line)
		item, listed := strings.CutPrefix(line, "- ")
		switch {
		case line == "":
			end()
		case listed:
			if part.Words != "" {
				end()
			}
			part.List = append(part.List, item)
		case len(part.List) > 0: // the line continues the last item
			part.List[len(part.List)-1] += " " + line
		default:
			part.Words = strings.TrimSpace(part.Words + " " + line)
		}
	}
	end()
	if out.Heading == "" {
		err = errors.New("it has no heading")
	}
	return out, err
}

// pagePreviews renders the texts of all pages.
func (t Texts) pagePreviews(v Vars) (all []Preview, err error) {
	for _, p := range pages {
		text, err := t.pages[p.name].render(v)
		if err != nil {
			return nil, err
		}
		all = append(all, Preview{Template: p.name, Channel: pageChannel, Text: text})
	}
	return all, nil
}
