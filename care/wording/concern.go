package wording

import (
	"slices"
	"strings"
	"unicode"
)

// dangerWords and dangerPhrases are what makes a client's own words a matter for a person at once. They are
// neither a diagnosis nor a filter: every other reply is read too, only with more time. A needless alert costs a
// look; so the list errs on the side of alerting.
var (
	dangerWords = []string{"worse", "worsening", "suicide", "suicidal", "kill", "killing", "die", "dying", "dead", "death", "overdose",
		"hopeless", "worthless", "unsafe", "emergency", "crisis", "desperate", "unbearable", "hurting", "911", "988"}
	dangerPhrases = []string{"hurt myself", "harm myself", "hurting myself", "cut myself", "end it", "end my life", "ending it", "no way out",
		"no reason to live", "do not want to live", "dont want to live", "dont want to be here", "do not want to be here", "cant go on",
		"cannot go on", "can not go on", "cant do this anymore", "cant take it", "give up", "giving up", "not safe", "dont feel safe",
		"help me", "not ok", "not okay", "better off without me", "say goodbye", "hearing voices"}
)

// SoundsOfDanger says whether a client's words ask for a person at once ("feeling worse", safety rule D7). It reads
// words whole, in any case and with or without apostrophes. False clears nothing.
func SoundsOfDanger(text string) bool {
	text = strings.NewReplacer("'", "", "’", "", "`", "").Replace(Lower(text))
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(dangerWords, w) }) {
		return true
	}
	said := " " + strings.Join(words, " ") + " "
	return slices.ContainsFunc(dangerPhrases, func(p string) bool { return strings.Contains(said, " "+p+" ") })
}
