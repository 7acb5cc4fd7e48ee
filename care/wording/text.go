// Package wording works on plain text: it turns codes into words, measures what a text message holds, says what a client's
// reply means, and finds words that ask for a person at once. It knows nothing of a chart.
package wording

import (
	"strings"
	"unicode"
)

func Lower(s string) string { return strings.ToLower(s) }

// JoinWords writes a list of words or codes as people do: "a, b or c".
func JoinWords[W ~string](words []W, last string) string {
	var out strings.Builder
	for i, word := range words {
		switch {
		case i > 0 && i == len(words)-1:
			out.WriteString(" " + last + " ")
		case i > 0:
			out.WriteString(", ")
		}
		out.WriteString(string(word))
	}
	return out.String()
}

// inEnglish gives the words of codes the hyphens and the spelling that they have in American English.
var inEnglish = strings.NewReplacer("check in", "check-in", "follow up", "follow-up", "cancelled", "canceled", "alert climbed", "alert escalated", "noshow", "no-show", "phq9", "PHQ-9", "gad7", "GAD-7")

// Title turns a code into the start of a sentence: "infusion-3" → "Infusion 3".
func Title(code string) string {
	s := inEnglish.Replace(strings.ReplaceAll(code, "-", " "))
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// LowerFirst writes the first letter small, so that a sentence can continue another one.
func LowerFirst(s string) string {
	if s == "" {
		return s
	}
	return Lower(s[:1]) + s[1:]
}

// bannedStems may not occur in any message, whatever consent says (message rule M17): each gives the
// treatment, the condition or money away. A stem matches at the start of a word.
var bannedStems = []string{"ketamin", "infus", "iv", "dose", "dosing", "psychedel", "therap", "psychother", "psychiatr",
	"mental", "depress", "anxi", "ptsd", "trauma", "diagnos", "lab", "labs", "medicat", "insur", "balance", "copay",
	"deductib", "package", "refund", "suicid", "psych", "evaluat", "laborator", "dosage"}

var bannedWhole = map[string]bool{"iv": true, "lab": true, "labs": true, "balance": true}

// BannedWord gives the first word of a text that a message may not contain, or "".
func BannedWord(text string) string {
	if strings.Contains(text, "$") {
		return "$"
	}
	text = strings.NewReplacer("co-pay", "copay", "i.v.", "iv").Replace(Lower(text))
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		for _, stem := range bannedStems {
			if word == stem || !bannedWhole[stem] && strings.HasPrefix(word, stem) {
				return word
			}
		}
	}
	return ""
}
