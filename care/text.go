package care

import (
	"strings"
	"unicode"
)

func lower(s string) string { return strings.ToLower(s) }

// JoinRoles writes roles as people do: "coordinator, psychotherapist or physician".
func JoinRoles(roles []Role) string { return joinRoles(roles) }

func joinRoles(roles []Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return joinWords(words, "or")
}

// joinWords writes a list as people do: "a, b or c".
func joinWords(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// Title turns a code into the start of a sentence: "appointment-booked" → "Appointment booked".
func Title(code string) string { return title(code) }

// title turns a code into the start of a sentence: "infusion-3" → "Infusion 3".
func title(code string) string {
	s := strings.ReplaceAll(code, "-", " ")
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// lowerFirst lets a sentence go on inside another.
func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return lower(s[:1]) + s[1:]
}

// bannedStems may not occur in any message, whatever consent says (05-messages 3.2): each gives the
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
	text = strings.NewReplacer("co-pay", "copay", "i.v.", "iv").Replace(lower(text))
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		for _, stem := range bannedStems {
			if word == stem || !bannedWhole[stem] && strings.HasPrefix(word, stem) {
				return word
			}
		}
	}
	return ""
}
