package wording

import (
	"slices"
	"strings"
	"unicode"
)

// What a text from a client means. What is not understood is ReplyOther: a person reads it.
const (
	ReplyStop        = "stop"         // no more texts
	ReplyStart       = "start"        // texts again
	ReplyHelp        = "help"         // who writes, and what is this
	ReplyConfirm     = "confirm"      // the client comes to the visit
	ReplyWrongNumber = "wrong-number" // the number is not the client's
	ReplyReaction    = "reaction"     // a phone's like, or a quotation of a text of ours, and nothing else
	ReplyOther       = "other"        // a person reads it
)

// ReplyVisit is never a class. It stands among the further meanings of a text that may be about the visit, such as CANCEL.
const ReplyVisit = "visit"

// ReplyClasses lists the classes.
func ReplyClasses() []string {
	return []string{ReplyStop, ReplyStart, ReplyHelp, ReplyConfirm, ReplyWrongNumber, ReplyReaction, ReplyOther}
}

// Reply is what a text means: its class, and what else it means or may mean. ReplyOther among the further meanings says
// that the class is a guess that a person should look at. ReplyStop or ReplyWrongNumber beside the class ReplyOther says
// that the text may mean it, and that a person decides.
type Reply struct {
	Class string
	Also  []string
}

// ClassifyReply gives the class of a text.
func ClassifyReply(text string) string { return ReadReply(text).Class }

// ReadReply says what a text means. Any reasonable expression ends texts (47 CFR 64.1200(a)(10)), so what is polite or
// misspelled counts; "can't stop by Tuesday" does not. It does not look for danger: SoundsOfDanger reads every text too,
// whatever it means otherwise.
func ReadReply(text string) Reply {
	rest, quotes := withoutQuotation(text)
	if quotes && isReaction(rest) {
		return Reply{Class: ReplyReaction}
	}
	t := read(rest)
	for _, is := range []func(said) (Reply, bool){stops, isWrongNumber, starts, asksForHelp, confirms} {
		if r, yes := is(t); yes {
			return r
		}
	}
	return Reply{Class: ReplyOther, Also: t.possible()}
}

// said is a text as it is compared with lists of words: folded, with spelled-out letters joined and without polite words
// around it.
type said struct {
	text  string   // folded
	whole string   // the words, with a space before, between and after
	words []string // all of them
	core  []string // without polite words
}

func read(text string) said {
	t := said{text: fold(text)}
	t.words = strings.FieldsFunc(t.text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(t.words) > 2 && !slices.ContainsFunc(t.words, func(w string) bool { return len(w) != 1 }) {
		t.words = []string{strings.Join(t.words, "")} // s t o p
	}
	t.whole = " " + strings.Join(t.words, " ") + " "
	t.core = slices.DeleteFunc(slices.Clone(t.words), func(w string) bool { return slices.Contains(politeWords, w) })
	return t
}

// fold lowers a text, takes the accents off the letters that the lists hold, and leaves out apostrophes and marks that no
// one sees.
func fold(text string) string {
	text = strings.Map(func(r rune) rune {
		if r > '\uff00' && r < '\uff5f' {
			return r - '\uff01' + '!' // a letter of full width
		}
		return r
	}, text)
	return strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ê", "e", "ñ", "n", "ü", "u", "’", "", "'", "", "´", "", "`", "", "‘", "",
		"#", " number ", "\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u00ad", "").Replace(Lower(text))
}

func (t said) has(phrases []string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(t.whole, " "+p+" ") })
}

func (t said) isQuestion() bool { return strings.Contains(t.text, "?") }

// only says whether the text has words of a list, and beside them none but those of others.
func (t said) only(list, others []string) bool {
	found := false
	for _, w := range t.core {
		switch {
		case slices.Contains(list, w):
			found = true
		case !slices.Contains(others, w):
			return false
		}
	}
	return found
}

// stops reads a wish for no more texts.
func stops(t said) (Reply, bool) {
	r := Reply{Class: ReplyStop}
	if t.has(wrongNumberPhrases) && !t.isQuestion() {
		r.Also = append(r.Also, ReplyWrongNumber)
	}
	if t.has(stopPhrases) {
		return r, true
	}
	for len(t.core) > 1 && slices.Contains(leadingWords, t.core[0]) {
		t.core = t.core[1:]
	}
	if len(t.core) == 0 || slices.ContainsFunc(t.core[1:], func(w string) bool { return slices.Contains(aboutVisits, w) }) {
		return r, false
	}
	switch first := t.core[0]; {
	case slices.Contains(cancelWords, first) && t.only(cancelWords, aboutTexts):
		r.Also = append(r.Also, ReplyVisit)
		return r, true
	case slices.Contains(endWords, first) && t.only(endWords, aboutTexts):
		return r, true
	}
	return r, slices.Contains(stopWords, t.core[0]) || len(t.core) == 1 && slices.Contains(loneWords, t.core[0])
}

// isWrongNumber reads that somebody else has the number. A question leaves it open.
func isWrongNumber(t said) (Reply, bool) {
	return Reply{Class: ReplyWrongNumber}, t.has(wrongNumberPhrases) && !t.isQuestion()
}

func starts(t said) (Reply, bool) {
	return Reply{Class: ReplyStart}, !t.isQuestion() && (t.only(startWords, aboutTexts) || t.has([]string{"opt me in", "start texting me"}) || strings.Join(t.core, " ") == "opt in")
}

func asksForHelp(t said) (Reply, bool) {
	return Reply{Class: ReplyHelp}, len(t.words) <= 2 && t.only(helpWords, nil)
}

// confirms reads that the client comes. The words that we ask for are sure. Anything else is a guess, and "yes" is also a
// carrier's word for texts again.
func confirms(t said) (Reply, bool) {
	switch {
	case t.isQuestion():
		return Reply{}, false
	case len(t.core) == 1 && slices.Contains(confirmWords, t.core[0]):
		return Reply{Class: ReplyConfirm}, true
	case t.only(slices.Concat(yesWords, confirmWords), aboutComing):
		r := Reply{Class: ReplyConfirm, Also: []string{ReplyOther}}
		if len(t.core) == 1 && t.core[0] == "yes" {
			r.Also = append(r.Also, ReplyStart)
		}
		return r, true
	case strings.ContainsFunc(t.text, isThumb) && len(t.core) == 0:
		return Reply{Class: ReplyConfirm, Also: []string{ReplyOther}}, true
	}
	return Reply{}, false
}

func isThumb(r rune) bool { return strings.ContainsRune("👍👌✅✔☑🆗", r) }

// possible gives what a text that is for a person to read may mean.
func (t said) possible() (also []string) {
	if t.has(wrongNumberPhrases) || t.has(mayBeWrongNumber) || t.has([]string{"there is no", "theres no"}) && slices.Contains(t.words, "here") {
		also = append(also, ReplyWrongNumber)
	}
	if t.has(mayStopPhrases) {
		return append(also, ReplyStop)
	}
	for i, w := range t.words {
		if !slices.Contains(stopWords, w) && !slices.Contains(endWords, w) && !slices.Contains(mayStopWords, w) {
			continue
		}
		before, after := "", ""
		if i > 0 {
			before = t.words[i-1]
		}
		if i+1 < len(t.words) {
			after = t.words[i+1]
		}
		if !slices.Contains(notToStop, before) && !slices.Contains(onTheWay, after) {
			return append(also, ReplyStop)
		}
	}
	return also
}
