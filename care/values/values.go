// Package values has one check for each sort of value that people and programs type: names, telephone numbers, email
// addresses, time zones, texts, days, amounts of money and lists of answers. Every entrance uses these checks, so a value that
// one entrance refuses is refused by all. Each function returns the value in the form that is kept. Its error names the remedy
// and never quotes the value, because errors end up in logs. The name of the field is put in front by the caller.
package values

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of texts, in characters.
const (
	MostName     = 120   // a person's name
	MostPronouns = 40    // a client's pronouns
	MostLine     = 200   // a code, an id, a reference
	MostWords    = 20000 // a note
)

// errNotUTF8 and errLost are the two ways in which a letter can be lost on its way to us.
var (
	errNotUTF8 = errors.New(`has letters that are not UTF-8; save the file as "CSV UTF-8" or send the text as UTF-8`)
	errLost    = errors.New("has a character that cannot be read (shown as �); type it again")
)

// Text checks words of any number of lines and at most most characters. It returns them without blanks at both ends.
func Text(text string, most int) (string, error) {
	switch {
	case !utf8.ValidString(text):
		return "", errNotUTF8
	case strings.ContainsRune(text, utf8.RuneError):
		return "", errLost
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }) {
		return "", errors.New("has a control character that nobody can see; write it again")
	}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if n := utf8.RuneCountInString(text); n > most {
		return "", fmt.Errorf("is too long: %d characters; at most %d are kept", n, most)
	}
	return text, nil
}

// isTurn says whether a character turns the direction of writing. Nobody sees it, and after it other words are read backwards.
func isTurn(r rune) bool { return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' }

// Line checks a text of one line.
func Line(text string, most int) (string, error) {
	text, err := Text(text, most)
	if err == nil && strings.ContainsAny(text, "\n\r\t") {
		err = errors.New("must be one line")
	}
	if err == nil && strings.ContainsFunc(text, isTurn) {
		err = errors.New("holds invisible marks that turn the direction of writing; type it again")
	}
	return text, err
}

// Name checks a person's name: one line that has a letter.
func Name(text string) (string, error) {
	text, err := Line(text, MostName)
	if err == nil && text != "" && !strings.ContainsFunc(text, unicode.IsLetter) {
		err = errors.New("has no letter; write the name")
	}
	return text, err
}

// Pronouns checks a client's pronouns: one short line.
func Pronouns(text string) (string, error) { return Line(text, MostPronouns) }

// Phone returns a telephone number in E.164 form, such as +13035550142. It takes blanks, hyphens, dots and parentheses off. A
// number must begin with + and its country code, and a number of +1 has ten digits after it. Phones put marks of direction around
// a number that is copied; they are taken off too.
func Phone(text string) (string, error) {
	text, err := Line(strings.Map(func(r rune) rune {
		if isTurn(r) {
			return -1
		}
		return r
	}, text), MostLine)
	if err != nil || text == "" {
		return text, err
	}
	bad := errors.New("write it with its country code and without an extension, such as +13035550142")
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -.()\u00a0", r) {
			return -1
		}
		return r
	}, text)
	rest, plus := strings.CutPrefix(digits, "+")
	switch {
	case !plus, strings.Trim(rest, "0123456789") != "", len(rest) < 7, len(rest) > 15, rest[0] == '0':
		return "", bad
	case rest[0] == '1' && (len(rest) != 11 || rest[1] < '2'):
		return "", errors.New("a number with the country code +1 has ten digits after it, such as +13035550142")
	}
	return "+" + rest, nil
}

// SayPhone writes a telephone number as people in the United States read it: (303) 555-0142. Any other one stays as it is.
func SayPhone(phone string) string {
	local, american := strings.CutPrefix(phone, "+1")
	if !american || len(local) != 10 || strings.Trim(local, "0123456789") != "" {
		return phone
	}
	return "(" + local[:3] + ") " + local[3:6] + "-" + local[6:]
}

// Email checks an email address: a part, one @ and a domain with a dot, in plain letters.
func Email(text string) (string, error) {
	text, err := Line(text, 254)
	if err != nil || text == "" {
		return text, err
	}
	local, domain, one := strings.Cut(text, "@")
	name := func(s, more string) bool {
		return s != "" && !strings.HasPrefix(s, ".") && !strings.HasSuffix(s, ".") && !strings.Contains(s, "..") &&
			strings.IndexFunc(s, func(r rune) bool {
				return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(more, r)
			}) < 0
	}
	if !one || len(local) > 64 || !name(local, "!#$%&'*+-/=?^_`{|}~.") || !name(domain, "-.") || !strings.Contains(domain, ".") ||
		strings.HasPrefix(domain, "-") || strings.HasSuffix(domain, "-") || strings.Contains(domain, ".-") || strings.Contains(domain, "-.") {
		return "", errors.New("is not an email address; write one such as sam@example.org")
	}
	return text, nil
}

// Day checks a calendar day, written as 2027-01-31.
func Day(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(text))
	if err != nil || day.Year() < firstYear || day.Year() > lastYear {
		return time.Time{}, errors.New("is not a day; write it as 2027-01-31")
	}
	return day, nil
}

// BirthDay checks the day on which a person was born: in the past, and not more than 120 years ago.
func BirthDay(text string, now time.Time) (string, error) {
	born, err := Day(text)
	if err != nil || !born.Before(now) || born.Before(now.AddDate(-120, 0, 0)) {
		return "", errors.New("must be a day in the past, written as 1990-01-31")
	}
	return born.Format(time.DateOnly), nil
}

// PIN checks digits that a client and the practice agree in person, to open links with: 6 to 12 of them, which are neither one
// digit repeated nor a run such as 123456.
func PIN(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	steps := map[int]bool{}
	for i := 1; i < len(text); i++ {
		steps[int(text[i])-int(text[i-1])] = true
	}
	run := len(steps) == 1 && (steps[0] || steps[1] || steps[-1])
	if len(text) < 6 || len(text) > 12 || strings.Trim(text, "0123456789") != "" || run {
		return "", errors.New("must be 6 to 12 digits that are not all the same and not a run such as 123456")
	}
	return text, nil
}

// Years that a time can have: nothing that a practice writes down happens outside them.
const firstYear, lastYear = 1900, 2200

// Limits of times, counted from now.
const (
	mostPast   = 2 * 366 * 24 * time.Hour
	mostFuture = 10 * 366 * 24 * time.Hour
)

// Near checks a time of a course: not more than two years ago and not more than ten years ahead of now: anything else is
// a typing error. An absence without an end is written with a far one.
func Near(at, now time.Time) error {
	switch {
	case at.Before(now.Add(-mostPast)):
		return errors.New("is more than two years ago; check the year")
	case at.After(now.Add(mostFuture)):
		return errors.New("is more than ten years ahead; check the year")
	}
	return nil
}

// Clean takes out of a text what cannot be kept: bytes that are not UTF-8, letters that were lost, and control characters. It
// is for a client's own words, which are never refused: they may say that somebody is in danger.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}
