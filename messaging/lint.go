package messaging

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kapflow/care/person"
	"kapflow/care/wording"
)

// Unfit says why a message may not be sent. Its text never quotes the message, so it may be logged. Word is for the
// author of the texts.
type Unfit struct {
	Rule string
	Word string // the banned word, if that is the reason
}

// Error names the rule.
func (u *Unfit) Error() string { return "this message may not be sent: " + u.Rule }

// Lint refuses a rendered text that may never be sent, whatever the client agreed to: it reveals the treatment, the
// condition or money, it is empty, or it does not fit one text message. The caller must check that it names the
// practice and a phone number.
func Lint(channel, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return &Unfit{Rule: "it is empty"}
	case !utf8.ValidString(text):
		return &Unfit{Rule: "it is not valid UTF-8"}
	}
	if word := bannedWord(text); word != "" {
		return &Unfit{Rule: "it contains a banned word", Word: word}
	}
	return fits(channel, text, wording.TextRoom)
}

// LintLong is Lint for a message that may take three text messages: a crisis text, or an answer that a person typed.
func LintLong(channel, text string) error {
	if err := Lint(string(person.Email), text); err != nil {
		return err
	}
	return fits(channel, text, wording.LongRoom)
}

func fits(channel, text string, room int) error {
	switch person.Channel(channel) {
	case person.SMS:
		n, bad := wording.Septets(text)
		if bad != 0 {
			return &Unfit{Rule: "it contains a character that is not in GSM-7, the alphabet of text messages"}
		}
		if n > room {
			return &Unfit{Rule: fmt.Sprintf("it takes %d characters of at most %d", n, room)}
		}
		return nil
	case person.Email:
		return nil
	default:
		return &Unfit{Rule: "this channel is not for messages"}
	}
}

// lintSubject checks a subject: it is seen on locked screens, and a line break in it would add a header.
func lintSubject(channel, subject string) error {
	switch {
	case person.Channel(channel) != person.Email && subject != "":
		return &Unfit{Rule: "only email has a subject"}
	case person.Channel(channel) == person.Email && strings.TrimSpace(subject) == "":
		return &Unfit{Rule: "its subject is empty"}
	case !utf8.ValidString(subject), strings.ContainsFunc(subject, unicode.IsControl):
		return &Unfit{Rule: "its subject contains a control character"}
	}
	if word := bannedWord(subject); word != "" {
		return &Unfit{Rule: "its subject contains a banned word", Word: word}
	}
	return nil
}

// bannedWord gives the first banned word of a text, or "". It checks the parts of hyphenated words too.
func bannedWord(text string) string {
	text = tokens.ReplaceAllStringFunc(text, readable)
	if word := wording.BannedWord(text); word != "" {
		return word
	}
	return wording.BannedWord(strings.ReplaceAll(text, "-", " "))
}

// tokens finds what may be an opaque id or a link's token.
var tokens = regexp.MustCompile(`[A-Za-z0-9_]{10,}`)

// readable removes the short runs of letters from a token of letters and digits. A random token may have "iv" or "lab"
// between two digits, which no reader takes for a word but would block one message in a few hundred. Runs of seven
// letters or more ("anxiety") are kept.
func readable(token string) string {
	if !strings.ContainsFunc(token, unicode.IsDigit) {
		return token
	}
	var runs []string
	for _, run := range strings.FieldsFunc(token, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len(run) >= 7 {
			runs = append(runs, run)
		}
	}
	return strings.Join(runs, " ")
}
