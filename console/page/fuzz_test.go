package page

import (
	"strings"
	"testing"
	"time"

	"kapflow/console/limits"
)

// FuzzAddress: what is taken for a token is one that the store could have made, and nothing that a browser sends stops a page.
func FuzzAddress(f *testing.F) {
	f.Add("/"+strings.Repeat("a", tokenLength), "1990", "1", "31", "2001:db8::1")
	f.Add("/"+strings.Repeat("a", tokenLength)+"/code", "", "", "", "::ffff:1.2.3.4%x")
	f.Add("//"+strings.Repeat("é", tokenLength), "٣", "99", "\x00", "[")
	f.Fuzz(func(t *testing.T, path, year, month, day, from string) {
		token, what, ok := address(path)
		if ok && (len(token) != tokenLength || strings.Trim(token, tokenLetters) != "" || strings.Contains(what, "/")) {
			t.Errorf("%q is the token %q and %q", path, token, what)
		}
		if !ok && token+what != "" {
			t.Errorf("%q is none and gives %q", path, token+what)
		}
		if text := birthDate(year, month, day); text != "" {
			if _, err := time.Parse(time.DateOnly, text); err != nil {
				t.Errorf("%q %q %q is %q", year, month, day, text)
			}
		}
		if n := limits.NetworkOf(from); limits.NetworkOf(strings.TrimSuffix(n, "/64")) != n {
			t.Errorf("%q is of the network %q, and that is of %q", from, n, limits.NetworkOf(n))
		}
		if id := formID(path); !strings.HasPrefix(id, "page-") || len(id) > 46 {
			t.Errorf("%q gives %q", path, id)
		}
	})
}
