package wording

import "strings"

// WithoutRules takes numbers of requirements, such as (R11), out of a sentence: they stand in code for those who change it and
// say nothing to those who read a refusal or a fault.
func WithoutRules(sentence string) string {
	for {
		from := strings.Index(sentence, " (R")
		if from < 0 {
			return sentence
		}
		rest := strings.TrimLeft(sentence[from+3:], "0123456789")
		if !strings.HasPrefix(rest, ")") || len(rest) == len(sentence[from+3:]) {
			return sentence
		}
		sentence = sentence[:from] + rest[1:]
	}
}
