package page

import (
	"html/template"
	"regexp"
	"strings"
)

// crisisNumber finds the two numbers for a crisis in the practice's own text, with the word before that says what to do.
var crisisNumber = regexp.MustCompile(`(?i)((?:call or text|call|text|dial)\s+)?\b(911|988)\b`)

// tappable writes the practice's crisis text as HTML in which 911 and 988 can be tapped.
func tappable(text string) template.HTML {
	escaped := template.HTMLEscapeString(text)
	return template.HTML(crisisNumber.ReplaceAllStringFunc(escaped, func(found string) string { //nolint:gosec // escaped above
		number := found[len(found)-3:]
		scheme := "tel:"
		if number == "988" && strings.HasPrefix(strings.ToLower(found), "text") {
			scheme = "sms:"
		}
		return `<a href="` + scheme + number + `">` + found + `</a>`
	}))
}

// crisisLine is a button that calls or texts a crisis number.
type crisisLine struct {
	Words string
	To    template.URL
}

// crisisLines gives the buttons for the numbers that a crisis text names.
func crisisLines(text string) (out []crisisLine) {
	seen := map[string]bool{}
	for _, m := range crisisNumber.FindAllStringSubmatch(text, -1) {
		if number := m[2]; !seen[number] {
			seen[number] = true
			out = append(out, crisisLine{"Call " + number, template.URL("tel:" + number)}) //nolint:gosec // one of two numbers
			if number == "988" {
				out = append(out, crisisLine{"Text " + number, template.URL("sms:" + number)}) //nolint:gosec // as above
			}
		}
	}
	return out
}
