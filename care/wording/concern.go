package wording

import (
	"slices"
	"strings"
	"unicode"
)

// dangerWords and dangerPhrases are what makes a client's own words a matter for a person at once. They are neither a
// diagnosis nor a filter: every other reply is read too, only with more time. A needless alert costs a look, so the list
// errs on the side of alerting. It is folded, as ReadReply's lists are.
var (
	dangerWords = []string{"worse", "worsening", "suicide", "suicidal", "kill", "killing", "die", "dying", "dead", "death", "overdose", "overdosed", "overdosing",
		"hopeless", "worthless", "unsafe", "emergency", "crisis", "desperate", "unbearable", "hurting", "911", "988", "kms", "unalive", "selfharm",
		"unaliving", "unalived", "sucide", "suicde", "suiside", "sucidal", "suicidle", "suicidel", "suicidial", "hopless",
		"suicidio", "suicidar", "suicidarme", "matarme", "morir", "suizid", "sterben", "umbringen"}
	dangerPhrases = []string{"hurt myself", "harm myself", "hurting myself", "cut myself", "cutting myself", "shoot myself", "hang myself", "drown myself", "self harm", "end it", "end my life", "ending it",
		"ending my life", "take my life", "taking my life", "take my own life", "no way out", "no reason to live", "not worth living", "nothing to live for", "do not want to live", "dont want to live",
		"dont want to be alive", "do not want to be alive", "dont want to be here", "do not want to be here", "dont want to wake up", "do not want to wake up", "cant go on", "cannot go on",
		"can not go on", "cant do this anymore", "cant do this any more", "cant take it", "give up", "giving up", "not safe", "dont feel safe",
		"no point in living", "no point anymore", "no point any more", "see no point", "want to disappear", "want to sleep forever", "tired of living", "done with life", "done living", "end things", "ending things", "no quiero vivir", "quitarme la vida", "nicht mehr leben", "mir das leben nehmen",
		"kill myself", "killing myself", "kill my self", "want to die", "un alive", "cutting again", "slit my", "my wrists", "off a bridge", "off the bridge", "off a building", "off the roof",
		"all my pills", "all the pills", "all of my pills", "too many pills", "the whole bottle", "have a gun", "got a gun", "bought a gun",
		"this is goodbye", "goodbye forever", "final goodbye", "isnt worth living", "not worth it anymore", "no more reason to live", "wasnt alive", "werent alive", "was not alive", "never been born", "never born",
		"dont wake up", "do not wake up", "never wake up", "sleep forever", "it all to end", "it to end", "it all to stop", "it to be over", "cant keep living", "cant live like this", "cant live anymore", "cannot keep living",
		"tired of being alive", "tired of life", "happier without me", "better without me", "no hope", "lost hope", "lost all hope", "hurt someone", "hurt somebody", "hurt people", "hurt others",
		"cant breathe", "cannot breathe", "can not breathe", "chest pain", "chest pains", "quiero matar", "acabar con mi vida", "no quiero seguir",
		"help me", "please help", "not ok", "not okay", "better off without me", "say goodbye", "hearing voices"}
)

// quotes are the pairs of marks between which somebody's words stand.
var quotes = [][2]string{{`"`, `"`}, {"“", "”"}, {"«", "»"}}

// Quoted gives the words of a text that stand between quotation marks. Marks that are never closed hold the rest of the text.
func Quoted(text string) string {
	var found []string
	for _, marks := range quotes {
		rest := text
		for {
			_, after, opened := strings.Cut(rest, marks[0])
			if !opened {
				break
			}
			words, more, _ := strings.Cut(after, marks[1])
			found, rest = append(found, words), more
		}
	}
	return strings.Join(found, "\n")
}

// SoundsOfDanger says whether a client's words ask for a person at once ("feeling worse", safety rule D7). False clears
// nothing.
func SoundsOfDanger(text string) bool { return says(text, dangerWords, dangerPhrases) }

// reportedWords and reportedPhrases point to danger in whatever way somebody else tells of it. Words that staff use about much else,
// such as "emergency", "died" or "worse", are not among them.
var (
	reportedWords   = []string{"suicide", "suicidal", "overdose", "overdosed", "overdosing", "selfharm", "kms", "unalive"}
	reportedPhrases = reportedDanger()
)

func reportedDanger() (phrases []string) {
	for _, self := range []string{"myself", "himself", "herself", "themself", "themselves"} {
		for _, verb := range []string{"kill", "killing", "hurt", "hurting", "harm", "harming", "cut", "cutting", "shoot", "hang", "drown"} {
			phrases = append(phrases, verb+" "+self)
		}
	}
	for _, whose := range []string{"my", "his", "her", "their"} {
		phrases = append(phrases, "end "+whose+" life", "ending "+whose+" life", "take "+whose+" life", "take "+whose+" own life", "taking "+whose+" life", "taking "+whose+" own life")
	}
	return append(phrases, "want to die", "wants to die", "wanted to die", "wants to be dead", "wish to be dead", "wishes to be dead", "not want to live", "dont want to live", "doesnt want to live",
		"no reason to live", "not worth living", "nothing to live for", "self harm")
}

// ReportsDanger says whether somebody tells in their own words that a person may be in danger ("she wants to die"). False clears
// nothing.
func ReportsDanger(text string) bool { return says(text, reportedWords, reportedPhrases) }

// says looks for whole words and phrases, in any case, with or without apostrophes, and in the spellings that wordsOf reads.
func says(text string, single, phrases []string) bool {
	for _, words := range [][]string{wordsOf(fold(text)), wordsOf(withoutSigns(fold(text)))} {
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(single, w) }) {
			return true
		}
		said := " " + strings.Join(words, " ") + " "
		if slices.ContainsFunc(phrases, func(p string) bool {
			return strings.Contains(said, " "+p+" ") || slices.Contains(words, strings.ReplaceAll(p, " ", "")) // killmyself
		}) {
			return true
		}
	}
	return false
}

// wordsOf gives the words of a folded text. A word that is spelled out, "d i e", is one word.
func wordsOf(text string) (words []string) {
	all := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i := 0; i < len(all); i++ {
		end := i
		for end < len(all) && len(all[end]) == 1 {
			end++
		}
		if end-i < 3 {
			words = append(words, all[i])
			continue
		}
		words = append(words, strings.Join(all[i:end], ""))
		i = end - 1
	}
	return words
}

// withoutSigns reads figures and signs inside a word as the letters that they stand for: "k!ll", "d1e".
func withoutSigns(text string) string {
	letters := map[rune]rune{'1': 'i', '!': 'i', '0': 'o', '3': 'e', '@': 'a', '$': 's'}
	runes := []rune(text)
	for i := 1; i+1 < len(runes); i++ {
		if l := letters[runes[i]]; l != 0 && unicode.IsLetter(runes[i-1]) && unicode.IsLetter(runes[i+1]) {
			runes[i] = l
		}
	}
	return string(runes)
}
