package staff

import (
	"html"
	"html/template"
	"net/url"
)

// link leads to a page. A template escapes a whole attribute once, and an address in it three times, which counts on pages with a hundred
// links.
type link struct {
	Href template.HTMLAttr // with its name: href="/board"
	Text string
}

// linkTo makes the link to the page with a path of these parts.
func linkTo(text string, path ...string) link {
	address := ""
	for _, part := range path {
		address += "/" + url.PathEscape(part)
	}
	return link{template.HTMLAttr(`href="` + html.EscapeString(address) + `"`), text} //nolint:gosec // escaped here
}
