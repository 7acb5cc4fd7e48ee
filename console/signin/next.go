package signin

import (
	"net/url"
	"strings"
)

// home is where a sign-in leads that does not return to a page.
const home = "/"

// local gives a path of this console, or home for anything that might lead elsewhere or to a page that would ask again.
func local(next string) string {
	u, err := url.Parse(next)
	switch {
	case err != nil, !strings.HasPrefix(next, "/"), strings.HasPrefix(next, "//"), len(next) > 500,
		u.Scheme != "" || u.Host != "" || u.User != nil,
		strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }),
		strings.ContainsFunc(u.Path, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }),
		strings.HasPrefix(u.Path, "//"), strings.HasPrefix(u.Path, "/sign-"):
		return home
	}
	return next
}
