package staff

import (
	"html"
	"html/template"
	"net/url"

	"kapflow/care"
)

// link leads to a page. A template escapes a whole attribute once, and an address in it three times, which counts on pages with a hundred
// links.
type link struct {
	Href template.HTMLAttr // with its name: href="/board"
	Text string
}

// linkTo makes the link to an address of this site. What stands in its path is escaped, as clientPath does.
func linkTo(text, address string) link {
	return link{template.HTMLAttr(`href="` + html.EscapeString(address) + `"`), text} //nolint:gosec // escaped here
}

// taskLink leads from the words of a task to where it is done: the first of its forms that the reader may send, or the page of its visit.
// The link has no address when there is no such place.
func taskLink(client string, t care.Task, words string, may func(fact string) bool) link {
	for _, form := range t.Forms() {
		if !may(form.Fact) {
			continue
		}
		address := formPath(client, form.Fact)
		if form.Field != "" {
			address += "?" + url.Values{form.Field: {form.Value}}.Encode()
		}
		return linkTo(words, address)
	}
	if t.OnVisit() {
		return linkTo(words, clientPath(client)+"/visits/"+url.PathEscape(t.About))
	}
	return link{Text: words}
}
