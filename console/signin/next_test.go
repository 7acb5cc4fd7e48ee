package signin

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestASignInLeadsToAPageOfTheConsole and to nowhere else.
func TestASignInLeadsToAPageOfTheConsole(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/board": "/board", "/c/client-a/record/labs-reviewed?x=1": "/c/client-a/record/labs-reviewed?x=1", "/": "/", "/me/sign-in": "/me/sign-in",
		"": "/", "board": "/", "//elsewhere.example": "/", "/\\elsewhere.example": "/", "https://elsewhere.example": "/", "/%5celsewhere.example": "/", "/%2felsewhere.example": "/",
		"javascript:alert(1)": "/", "/\t/elsewhere.example": "/", "/sign-in": "/", "/sign-out": "/", "/sign-in/oidc": "/", "\\\\elsewhere.example": "/",
	} {
		if got := local(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
	base, _ := url.Parse("https://desk.kapflow.example/sign-in")
	parts := rapid.SampledFrom([]string{"/", "\\", "//", "%2f", "%5c", "..", ".", "@", ":", "?", "#", "https:", "elsewhere.example", "board", " ", "\t", "\n", "\x00", "é"})
	rapid.Check(t, func(t *rapid.T) {
		next := strings.Join(rapid.SliceOfN(parts, 0, 8).Draw(t, "parts"), "")
		got := local(next)
		// Browsers read a backslash as a slash, and leave tabs and line breaks out.
		read := strings.NewReplacer("\\", "/", "\t", "", "\n", "", "\r", "").Replace(got)
		to, err := base.Parse(read)
		if err != nil || to.Scheme != base.Scheme || to.Host != base.Host || !strings.HasPrefix(read, "/") || strings.HasPrefix(read, "//") {
			t.Fatalf("%q leads to %q", next, got)
		}
	})
}
