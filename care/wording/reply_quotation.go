package wording

import (
	"slices"
	"strings"
)

// Phones that cannot react to a text send it back: Liked “…”. Then our own words come back to us, with "Reply STOP to opt
// out" among them, and nobody said any of them.

// quotationMarks are the marks that open a quotation, each with those that close it.
var quotationMarks = map[rune]string{'“': "”“", '"': "\"", '„': "“”‟\"", '«': "»", '»': "«", '‹': "›", '「': "」", '『': "』", '”': "”", '‟': "”", '＂': "＂", '〝': "〞〟"}

// ourFooter ends each text of ours that is no crisis text.
const ourFooter = "reply stop to opt out"

// quotedWords is how many words make a quotation. Fewer are a word that somebody put between marks: Reply "STOP".
const quotedWords = 3

// withoutQuotation gives what a text says beside what it quotes; quotes is false if it quotes nothing.
func withoutQuotation(text string) (rest string, quotes bool) {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), ">") {
			quotes = true
			continue
		}
		lines = append(lines, line)
	}
	runes, kept := []rune(strings.Join(lines, "\n")), []rune{}
	for i := 0; i < len(runes); i++ {
		end := closing(runes, i)
		if end < 0 || len(strings.Fields(string(runes[i:end]))) < quotedWords {
			kept = append(kept, runes[i])
			continue
		}
		quotes, i = true, end
		kept = append(kept, ' ')
	}
	rest = string(kept)
	if i := strings.LastIndex(Lower(rest), ourFooter); i >= 0 && strings.Contains(Lower(rest[:i]), "://") {
		return strings.Trim(rest[i+len(ourFooter):], ".”\" "), true // copied without marks
	}
	return rest, quotes
}

// closing gives where a quotation ends that begins at a place, or the end of a text that was cut off; -1 if none begins
// there. The last mark counts: what is quoted may hold quotations itself.
func closing(runes []rune, open int) int {
	closes, is := quotationMarks[runes[open]]
	if !is {
		return -1
	}
	for i := len(runes) - 1; i > open; i-- {
		if strings.ContainsRune(closes, runes[i]) {
			return i
		}
	}
	return len(runes) - 1
}

// reactions are how phones begin what they send in place of a reaction.
var reactions = []string{"liked", "loved", "disliked", "emphasized", "emphasised", "laughed at", "questioned", "reacted", "removed a", "removed an", "me gusta", "le gusta", "le gusto", "le encanta", "le encanto",
	"le ha gustado", "a aime", "a adore", "aime", "adore", "gefallt", "gefällt", "liebt", "hat", "ha messo", "piace", "curtiu", "amou", "gostou", "reacciono", "reagiu", "a reagi", "ha reagito", "reagiert", "to"}

// mostOfAReaction is how many words a phone puts around what it quotes, in any language.
const mostOfAReaction = 6

// isReaction says whether what stands beside a quotation is nothing that a person said.
func isReaction(rest string) bool {
	t := read(rest)
	words := strings.TrimSpace(t.whole)
	if len(t.words) == 0 {
		return true // the quotation alone, or with a sign that the phone put there
	}
	return len(t.words) <= mostOfAReaction && slices.ContainsFunc(reactions, func(r string) bool { return words == r || strings.HasPrefix(words, r+" ") })
}
