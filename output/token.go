package output

import "strings"

// TokenLength is the length of a link's token, in letters and digits.
const TokenLength = 43

// Redacted stands in a text where a link's token stood.
const Redacted = "[link]"

// WithoutTokens takes the tokens of links out of a text: whoever has a token needs only a second factor to see a client's
// page. A token is a run of exactly TokenLength letters and digits, or a longer run after a slash, as in a link that a text
// goes on after without a space.
func WithoutTokens(text string) string {
	return cutTokens(text, func(run, before string) bool { return len(run) == TokenLength || strings.HasSuffix(before, "/") })
}

// WithoutLinkTokens is WithoutTokens for texts with ids in them, such as JSON: it takes out only what follows a slash, as
// every link's token does.
func WithoutLinkTokens(text string) string {
	return cutTokens(text, func(_, before string) bool { return strings.HasSuffix(before, "/") })
}

// cutTokens replaces the long runs of letters and digits that are tokens, by what stands in them and before them.
func cutTokens(text string, isToken func(run, before string) bool) string {
	var out strings.Builder
	kept := 0 // how much of the text is written or left out
	for start, end := longRun(text, 0); start < end; start, end = longRun(text, end) {
		if isToken(text[start:end], text[:start]) {
			out.WriteString(text[kept:start])
			out.WriteString(Redacted)
			kept = end
		}
	}
	if kept == 0 {
		return text
	}
	out.WriteString(text[kept:])
	return out.String()
}

// longRun finds the next run of at least TokenLength letters and digits at or after from, where no run is cut; start and end
// are equal when there is none. It looks at every TokenLength-th byte only as long as there is nothing: every saved chart
// passes here.
func longRun(text string, from int) (start, end int) {
	for last := from + TokenLength - 1; last < len(text); last = from + TokenLength - 1 {
		at := last
		for at >= from && isLetterOrDigit(text[at]) {
			at--
		}
		if at >= from {
			from = at + 1
			continue
		}
		for end = last + 1; end < len(text) && isLetterOrDigit(text[end]); end++ {
		}
		return from, end
	}
	return 0, 0
}

func isLetterOrDigit(b byte) bool {
	return '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}
