package words

import (
	"os"
	"path"
	"regexp"
	"strings"
)

var (
	action  = regexp.MustCompile(`\{\{-?\s*(.*?)\s*-?\}\}`)
	control = regexp.MustCompile(`^(if|else|end|range|with|define|template|block|break|continue|/\*)\b|^\$\w+ :=`)
	element = regexp.MustCompile(`(?s)<!--.*?-->|<(style|script)\b.*?</(?:style|script)>|</?[a-zA-Z][^<>]*>`)
	inline  = regexp.MustCompile(`^</?(a|b|i|em|strong|small|br)\b`)
	spoken  = regexp.MustCompile(`\b(?:aria-label|placeholder|alt|title)="([^"{}]+)"`)
)

// gap separates two sentences in the text of a template.
const gap = "\x00"

// templateSentences collects the texts of the html templates, in their order on the page. The branches of a
// condition are separated by a slash.
func templateSentences(root string) (all []Sentence, err error) {
	for _, ending := range []string{".html", ".html.tmpl"} {
		err := eachFile(root, ending, func(file, full string) error {
			where, ok := placeOf(file)
			if !ok || where.reader == "" {
				return nil
			}
			body, err := os.ReadFile(full)
			if err != nil {
				return err
			}
			for _, text := range templateTexts(string(body)) {
				all = append(all, Sentence{Reader: where.reader, Heading: where.heading + ": " + path.Base(file), Text: text, File: file})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// templateTexts gives the texts between the elements of a template.
func templateTexts(body string) (all []string) {
	body = action.ReplaceAllStringFunc(body, func(a string) string {
		inner := action.FindStringSubmatch(a)[1]
		switch {
		case inner == "else":
			return " / "
		case inner == "end" || strings.HasPrefix(inner, "if "):
			return ""
		case control.MatchString(inner):
			return gap
		}
		return "{" + fieldName(inner) + "}"
	})
	body = element.ReplaceAllStringFunc(body, func(e string) string {
		out := gap
		if inline.MatchString(e) {
			out = ""
		}
		for _, m := range spoken.FindAllStringSubmatch(e, -1) {
			out += gap + m[1] + gap
		}
		return out
	})
	for _, part := range strings.Split(body, gap) {
		text := strings.Trim(strings.Join(strings.Fields(part), " "), "/ ")
		if len(word.FindAllString(placeholder.ReplaceAllString(text, ""), -1)) > 0 && !strings.HasPrefix(text, "<!") {
			all = append(all, text)
		}
	}
	return all
}

// fieldName names the value of an action: ".Data.CancelUntil" → "cancel until".
func fieldName(inner string) string {
	parts := strings.FieldsFunc(inner, func(r rune) bool { return r == '.' || r == ' ' || r == '$' || r == '"' })
	if len(parts) == 0 {
		return "value"
	}
	return spaced(parts[len(parts)-1])
}
