package wording

import (
	"slices"
	"strings"
	"unicode"
)

// What a text from a client means. Anything else is for a person to read.
const (
	ReplyStop    = "stop"
	ReplyStart   = "start"
	ReplyHelp    = "help"
	ReplyConfirm = "confirm"
	ReplyOther   = "other"
)

// The words by which carriers and the FCC let people answer (message rule M11). A word counts when it is the whole text
// or its first word; a phrase counts wherever it stands.
var (
	stopWords   = []string{"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "arret", "alto", "parar"}
	stopPhrases = []string{"stop texting", "stop messaging", "stop sending", "do not text", "dont text", "don t text", "no more texts", "no more messages", "remove me",
		"take me off", "opt out", "opt me out", "unsubscribe me", "no mas", "no more text", "leave me alone"}
	startWords = []string{"start", "unstop", "yes", "resubscribe", "subscribe", "optin"}
	helpWords  = []string{"help", "info"}
	confirming = []string{"1", "confirm", "confirmed", "c"}
)

// ClassifyReply says what a text means. Revocation by any reasonable expression counts (47 CFR 64.1200(a)(10)); "can't
// stop by Tuesday" is none.
func ClassifyReply(text string) string {
	words := strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	whole := strings.Join(words, " ")
	switch {
	case len(words) == 0:
		return ReplyOther
	case slices.Contains(stopWords, words[0]) && !asks(words):
		return ReplyStop
	case slices.ContainsFunc(stopPhrases, func(p string) bool { return strings.Contains(" "+whole+" ", " "+p+" ") }):
		return ReplyStop
	case len(words) == 1 && slices.Contains(startWords, words[0]):
		return ReplyStart
	case len(words) == 1 && slices.Contains(helpWords, words[0]):
		return ReplyHelp
	case len(words) == 1 && slices.Contains(confirming, words[0]):
		return ReplyConfirm
	}
	return ReplyOther
}

// asks tells a wish about a visit from a wish to hear nothing more: "cancel my visit", "stop by at 3". A person reads it.
func asks(words []string) bool {
	if len(words) < 2 {
		return false
	}
	about := []string{"visit", "appointment", "appt", "session", "by", "tomorrow", "today", "monday", "tuesday", "wednesday", "thursday", "friday", "of"}
	return words[0] != "unsubscribe" && words[0] != "stopall" && slices.ContainsFunc(words[1:], func(w string) bool { return slices.Contains(about, w) })
}

// fold lowers a text and takes the accents off the letters that the phrases hold.
func fold(text string) string {
	return strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ê", "e", "’", "", "'", "").Replace(strings.ToLower(text))
}
