package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"kapflow/care"
	"kapflow/care/wording"
)

// fieldsGiven are the fields of a --with flag. Inline says that they stood on the command line, where every user of the machine and
// the shell's history can read them.
type fieldsGiven struct {
	body   json.RawMessage
	inline bool
}

// readWith reads the JSON of a --with flag: the JSON itself, @FILE, or - for standard input.
func readWith(text string) (fieldsGiven, error) {
	given := fieldsGiven{body: []byte(text)}
	var err error
	switch {
	case text == "-":
		given.body, err = io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
	case strings.HasPrefix(text, "@"):
		given.body, err = os.ReadFile(text[1:])
	default:
		given.inline = true
	}
	if err != nil {
		return fieldsGiven{}, usageError{err}
	}
	if !json.Valid(given.body) {
		return fieldsGiven{}, usageError{errors.New(`--with is not JSON; write it as '{"outcome":"cleared"}'`)}
	}
	return given, nil
}

// noPrivateInline refuses private fields of a fact on the command line. A demo has sample clients only, and takes them.
func (g fieldsGiven) noPrivateInline(fact string, demo bool) error {
	kind, known := care.KindNamed(fact)
	if !known || !g.inline || demo {
		return nil
	}
	var names []string
	if _, err := kind.HidePrivate(g.body, func(field, _ string) (string, error) {
		names = append(names, field)
		return "ref:", nil
	}); err != nil {
		return usageError{err}
	}
	return refuseInline(names)
}

// refuseInline names what must not be on a command line; nil if there is nothing.
func refuseInline(names []string) error {
	if len(names) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("%s: private, and the command line can be read by other users of this machine and stays in the shell's history. Use --with @FILE, or --with - and type the fields, ending with Ctrl-D", wording.JoinWords(names, "and"))}
}

// inDemo says whether no practice is set up, so that commands work with the demo that runs on this machine.
func inDemo() bool { return os.Getenv("DATABASE_URL") == "" && os.Getenv("DATABASE_URL_FILE") == "" }
