package words

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// most is the greatest number of words in a sentence.
const most = 30

// stumbled are words and turns of phrase that nobody at a front desk would use, with plain ones in their place.
var stumbled = []struct{ words, better string }{
	{`whoever`, "say who"}, {`whomever`, "say who"}, {`reckon\w*`, "calculate, count"}, {`what became of`, "the outcome of"}, {`what becomes of`, "the outcome of"},
	{`what came of`, "the result of"}, {`what comes of`, "the result of"}, {`lets? go`, "cancel, release"}, {`last word`, "decision"},
	{`hither`, "here"}, {`thither`, "there"}, {`hence`, "so"}, {`thereof`, "of it"}, {`wherein`, "in which"}, {`whereupon`, "then"}, {`ere`, "before"}, {`lest`, "so that … not"},
	{`anew`, "again"}, {`somebody`, "name the role"}, {`in truth`, "leave out"}, {`as it were`, "leave out"}, {`of its own accord`, "by itself"},
	{`there is no telling`, "unknown"}, {`neither here nor there`, "leave out"}, {`is owed to`, "must get"}, {`put right`, "correct"}, {`set right`, "correct"}, {`taken in`, "recorded"},
	{`handed out`, "given"}, {`was handed`, "was given"}, {`stands? in the way`, "blocks"}, {`nothing is lost`, "say what is kept"}, {`in vain`, "without effect"},
	{`nobody but`, "only"}, {`is no (?:day|time|date|number|code|role|name|address|id)`, "is not a …"}, {`(?:a|the|this|each|every) letter`, "delivery"}, {`hand-?over`, "record export"}, {`duty|duties`, "notification"},
	{`telephon\w*`, "phone"}, {`papers?`, "document"}, {`climb\w*`, "escalate"}, {`woken`, "say what happens to them"}, {`press(?:es|ing)`, "urgent"},
	{`in law`, "legal name"}, {`matters?`, "worklist item"}, {`comes? back`, "is refunded"}, {`(?:a|the|your|new) notice`, "message"}, {`is none`, "is not a …"}, {`certain again`, "back on"},
	// American spelling.
	{`cancelled|cancelling`, "canceled"}, {`enrol|enrols|enrolment`, "enroll"}, {`licence`, "license"}, {`colour\w*`, "color"}, {`behaviour\w*`, "behavior"}, {`authoris\w+`, "authorize"},
	{`recognis\w+|unrecognis\w+`, "recognize"}, {`serialis\w+`, "serialize"}, {`initialis\w+`, "initialize"}, {`organis\w+`, "organize"}, {`cheque`, "check"}, {`programme`, "program"},
	{`judgement`, "judgment"}, {`labelled`, "labeled"}, {`practise\w*`, "practice"}, {`centre`, "center"}, {`itemised`, "itemized"},
}

// rule is one check. It returns what is wrong, or "".
type rule func(s Sentence) string

// rules are all checks of a sentence.
var rules = []rule{noCodes, noLongSentence, noStumblingBlock, oneSpace, noCannotWhile, startAndEnd}

// Faults gives what is wrong with a sentence.
func Faults(s Sentence) (faults []string) {
	for _, check := range rules {
		if wrong := check(s); wrong != "" {
			faults = append(faults, wrong)
		}
	}
	return faults
}

var ruleCode = regexp.MustCompile(`\b(?:R\d{1,2}|[MDSP]\d{1,2}(?:\.\d+)?|ADR \d+)\b`)

// noCodes refuses numbers of requirements and rules, which mean nothing to a reader.
func noCodes(s Sentence) string {
	if found := ruleCode.FindString(strings.ReplaceAll(s.Text, "FHIR R4", "FHIR")); found != "" {
		return "names " + found + ", which readers do not know"
	}
	return ""
}

var sentenceEnd = regexp.MustCompile(`[.!?:](?:\s|$)|\n\s*\n|\n- |; `)

// noLongSentence refuses sentences of more than 30 words.
func noLongSentence(s Sentence) string {
	for _, sentence := range sentenceEnd.Split(s.Text, -1) {
		if n := len(strings.Fields(placeholder.ReplaceAllString(sentence, "x"))); n > most {
			return fmt.Sprintf("has a sentence of %d words", n)
		}
	}
	return ""
}

var stumbling = func() []*regexp.Regexp {
	list := make([]*regexp.Regexp, len(stumbled))
	for i, s := range stumbled {
		list[i] = regexp.MustCompile(`(?i)(?:^|[^\w-])(` + s.words + `)(?:[^\w-]|$)`)
	}
	return list
}()

// address matches the address of a page, such as "GET /c/{client}/papers". Addresses are read by browsers and kept in
// bookmarks, so they stay as they are when the words that people read change.
var address = regexp.MustCompile(`(?:\b(?:GET|POST) )?(?:^|\B)/[\w{}./-]+`)

// noStumblingBlock refuses the words of the table. Addresses of pages are not words.
func noStumblingBlock(s Sentence) string {
	bare := placeholder.ReplaceAllString(address.ReplaceAllString(s.Text, "x"), "x")
	for i, pattern := range stumbling {
		if found := pattern.FindStringSubmatch(bare); found != nil {
			return fmt.Sprintf("says %q; better: %s", found[1], stumbled[i].better)
		}
	}
	return ""
}

var twoSpaces = regexp.MustCompile(`[\pL,.;:] {2,}[\pL{]`)

// oneSpace refuses two spaces between words. Lines that are laid out in columns have a tab or a line break.
func oneSpace(s Sentence) string {
	if !strings.ContainsAny(s.Text, "\t\n") && twoSpaces.MatchString(s.Text) {
		return "has two spaces"
	}
	return ""
}

var cannotWhile = regexp.MustCompile(`(?i)\bcannot be\b.*\bwhile\b`)

// noCannotWhile refuses "cannot be … while", which hides what to do first.
func noCannotWhile(s Sentence) string {
	if cannotWhile.MatchString(s.Text) {
		return `says "cannot be … while"; say what must be done first`
	}
	return ""
}

// startAndEnd checks whole sentences for a client: two or more begin with a capital and end with a mark.
func startAndEnd(s Sentence) string {
	text := strings.TrimSpace(s.Text)
	if s.Reader != Client || s.Label != "" || !strings.Contains(text, ". ") {
		return ""
	}
	first, last := []rune(text)[0], []rune(text)[len([]rune(text))-1]
	switch {
	case unicode.IsLower(first):
		return "does not begin with a capital"
	case !strings.ContainsRune(".!?:}", last):
		return "does not end with a full stop"
	}
	return ""
}
