package staff

import (
	"html"
	"html/template"
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
