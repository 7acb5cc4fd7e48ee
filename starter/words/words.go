// Package words collects every sentence that the product can say, so that a person can read all of them in one place, and
// checks them for words that a front desk or a client would stumble over.
//
// The list does not depend on anyone adding to it: message texts come from the practice's renderer, pages from the html
// templates, and everything else from the string literals of the Go sources. What is not for people, such as SQL, is
// excluded by the tables in rooms.go and source.go.
package words

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kapflow/practice"
)

// Reader is who reads a sentence.
type Reader string

// The readers, in the order of the page.
const (
	Client    Reader = "Clients"
	FrontDesk Reader = "Front desk and clinicians"
	Operator  Reader = "Operators"
)

// Readers are all readers, in the order of the page.
var Readers = []Reader{Client, FrontDesk, Operator}

// Sentence is one text that the product can say. Values that are known only at run time stand in it as {name}.
type Sentence struct {
	Reader  Reader
	Heading string // what it is part of: a kind of text, or a room
	Label   string // which one it is, for messages; else empty
	Text    string
	File    string // path in the repository; empty for messages
}

// ErrNoSources means that the sources of Kapflow were not found, which the list is made from.
var ErrNoSources = errors.New("the sources of Kapflow are not here; run this command inside a checkout, or read docs/words.md")

// Root finds the root of the repository from a directory in it.
func Root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		if body, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && strings.HasPrefix(string(body), "module kapflow\n") {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", ErrNoSources
		}
		dir = parent
	}
}

// Collect gives every sentence: the sample practice's messages and pages, then the sentences in the sources below root.
// Sentences of one heading are sorted and appear once. The same sources give the same list.
func Collect(root string) ([]Sentence, error) {
	all, err := messages()
	if err != nil {
		return nil, err
	}
	fromTemplates, err := templateSentences(root)
	if err != nil {
		return nil, err
	}
	fromSource, err := sourceSentences(root)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(fromSource, func(a, b Sentence) int {
		return cmp.Or(cmp.Compare(order(a.Heading), order(b.Heading)), strings.Compare(sortKey(a.Text), sortKey(b.Text)))
	})
	return unique(slices.Concat(all, fromTemplates, fromSource)), nil
}

// sortKey orders sentences by their letters, so that quotes and placeholders do not separate similar ones.
func sortKey(text string) string {
	return strings.TrimLeft(strings.ToLower(text), "{}\"'`(… ") + "\x00" + text
}

// unique removes repeated sentences within a heading.
func unique(all []Sentence) []Sentence {
	seen := map[[4]string]bool{}
	return slices.DeleteFunc(all, func(s Sentence) bool {
		key := [4]string{string(s.Reader), s.Heading, s.Label, s.Text}
		repeated := seen[key]
		seen[key] = true
		return repeated
	})
}

// messages renders the sample practice's texts with sample values.
func messages() ([]Sentence, error) {
	sample, err := practice.Sample(time.Date(2027, time.January, 4, 16, 0, 0, 0, time.UTC))
	if err != nil {
		return nil, err
	}
	previews, err := sample.Texts.Previews(practice.SampleVars(sample.Policy))
	if err != nil {
		return nil, err
	}
	var all []Sentence
	for _, p := range previews {
		s := Sentence{Reader: Client, Heading: "Texts and emails", Label: p.Template + ", " + string(p.Channel), Text: p.Text}
		if p.Detail != "" {
			s.Label += ", " + p.Detail
		}
		switch {
		case p.Staff:
			s.Reader, s.Heading = FrontDesk, "Emails to staff"
		case p.Channel == "page":
			s.Heading = "The practice's own pages"
		}
		all = append(all, s)
	}
	return all, nil
}
