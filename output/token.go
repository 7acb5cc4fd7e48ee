package output

import (
	"regexp"
	"strings"
)

// TokenLength is the length of a link's token, in letters and digits.
const TokenLength = 43

// Redacted stands in a text where a link's token stood.
const Redacted = "[link]"

var longRuns = regexp.MustCompile(`[0-9A-Za-z]{43,}`)

// WithoutTokens takes the tokens of links out of a text: whoever has a token needs only a second factor to see a client's
// page. A token is a run of exactly TokenLength letters and digits, or the beginning of a longer run after a slash, as in a link that a text
// goes on after without a space.
func WithoutTokens(text string) string {
	return cutTokens(text, func(run string, afterSlash bool) bool { return len(run) == TokenLength || afterSlash })
}

// WithoutLinkTokens is WithoutTokens for texts with ids in them, such as JSON: it takes out only what follows a slash, as
// every link's token does.
func WithoutLinkTokens(text string) string {
	return cutTokens(text, func(_ string, afterSlash bool) bool { return afterSlash })
}

func cutTokens(text string, isToken func(run string, afterSlash bool) bool) string {
	runs := longRuns.FindAllStringIndex(text, -1)
	if runs == nil {
		return text
	}
	var out strings.Builder
	end := 0
	for _, r := range runs {
		if !isToken(text[r[0]:r[1]], r[0] > 0 && text[r[0]-1] == '/') {
			continue
		}
		out.WriteString(text[end:r[0]])
		out.WriteString(Redacted)
		end = r[1]
	}
	out.WriteString(text[end:])
	return out.String()
}
