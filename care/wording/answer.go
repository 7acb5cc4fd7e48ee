package wording

import (
	"fmt"
	"regexp"
	"strings"
)

// The most that an answer to a client may hold: in a text or email in septets, behind a link in letters.
const (
	AnswerRoom     = 320
	AnswerLinkRoom = 2000
)

// AskedBack finds a message that asks for a reply in a word by which a provider, or a court, takes a client as opted out or
// opted in. A CANCEL that was meant for a visit would end all messages.
var AskedBack = regexp.MustCompile(`(?i)\b(reply|text|answer|respond|send|write)\b[^.\n]*\b(stop|stopall|unsubscribe|cancel|end|quit|revoke|optout|start|unstop|yes|help|info)\b`)

// WebAddress finds the beginning of a web address.
var WebAddress = regexp.MustCompile(`(?i)\bhttps?:|\bwww\.`)

// punctuation puts the signs that phones and word processors choose by themselves into those of a text message.
var punctuation = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "–", "-", "—", "-", "…", "...", " ", " ")

// AnswerLine puts what somebody typed into one line, in plain punctuation, as a text or email carries it.
func AnswerLine(typed string) string {
	return strings.Join(strings.Fields(punctuation.Replace(typed)), " ")
}

// AnswerFault says why typed words may not stand in a text or email to a client, and what to do about it; empty if they may.
func AnswerFault(typed string) string {
	line := AnswerLine(typed)
	if word := BannedWord(line); word != "" {
		return fmt.Sprintf("says %q, which no text or email may say. Use other words, or put the answer behind the link", word)
	}
	if found := AskedBack.FindString(line); found != "" {
		return fmt.Sprintf("asks for a reply in a word that ends or starts texts (%q). Use other words, or put the answer behind the link", found)
	}
	if WebAddress.MatchString(line) {
		return "has a web address, which clients cannot tell from a false one. Leave it out, or put the answer behind the link"
	}
	room, bad := Septets(line)
	switch {
	case bad != 0:
		return fmt.Sprintf("has the character %q, which a text message cannot carry. Leave it out, or put the answer behind the link", bad)
	case room > AnswerRoom:
		return fmt.Sprintf("is too long for a text message: %d characters of at most %d. Make it shorter, or put it behind the link", room, AnswerRoom)
	}
	return ""
}
