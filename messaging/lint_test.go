package messaging

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kapflow/care/wording"
)

const sample = "Cedar Office: you have a visit Tue Dec 1, 2:00 PM PT. Details or changes: https://c.example/k7Q2 or call 555-010-0100. Reply STOP to opt out"

func TestMessagesThatMayLeave(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]struct{ channel, text string }{
		"Sample":              {"sms", sample},
		"Exactly160":          {"sms", strings.Repeat("a", 160)},
		"EightyOfTwoSeptets":  {"sms", strings.Repeat("€", 80)},
		"LongMail":            {"email", strings.Repeat("You have a new message. ", 200)},
		"MailMayHaveAnyWord":  {"email", "Žluťoučký kůň 😀\nsecond line"},
		"TokenSpellsAWord":    {"sms", "See https://c.example/x2iv7lab9dose3kq or call"},
		"ClientIdSpellsAWord": {"email", "client-a7iv2lab9qz3k4mm  2 open, next move: coordinator"},
		"WordInsideAnother":   {"sms", "Five people collaborate on the label"},
	} {
		if err := Lint(m.channel, m.text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMessagesThatMayNot(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]struct{ channel, text, word string }{
		"Empty":              {"sms", " \n", ""},
		"TooLong":            {"sms", strings.Repeat("a", 161), ""},
		"TooLongByOneEuro":   {"sms", strings.Repeat("a", 159) + "€", ""},
		"Emoji":              {"sms", "See you 😀", ""},
		"CurlyQuote":         {"sms", "Today’s visit", ""},
		"NoUTF8":             {"email", "a\xff", ""},
		"NobodyIsCalled":     {"phone", "Hello", ""},
		"Treatment":          {"sms", "Your Ketamine visit", "ketamine"},
		"Inflected":          {"email", "Before your infusions", "infusions"},
		"Hyphenated":         {"email", "Your post-infusion visit", "infusion"},
		"Shortest":           {"sms", "Your IV is ready", "iv"},
		"Condition":          {"sms", "About your depression", "depression"},
		"Money":              {"sms", "You owe $5", "$"},
		"InALink":            {"sms", "https://ketamine.example/k7", "ketamine"},
		"InALinksPath":       {"sms", "https://c.example/therapy2027session", "therapy"},
		"InsideATokenOfLong": {"sms", "https://c.example/22ketamine33", "ketamine"},
	} {
		err := Lint(m.channel, m.text)
		var unfit *Unfit
		if !errors.As(err, &unfit) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if unfit.Word != m.word {
			t.Errorf("%s: the word is %q, want %q", name, unfit.Word, m.word)
		}
		if m.word != "" && strings.Contains(strings.ToLower(err.Error()), m.word) {
			t.Errorf("%s: the error quotes the message: %v", name, err)
		}
	}
}

func TestRandomTokensNeverHoldAMessageBack(t *testing.T) {
	t.Parallel()
	source := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		var b strings.Builder
		for range 22 {
			b.WriteByte("abcdefghijklmnopqrstuvwxyz234567"[source.IntN(32)])
		}
		token := b.String()
		if !strings.ContainsAny(token, "234567") {
			continue
		}
		if err := Lint("sms", "Cedar Office: you have a new message: https://c.example/"+token); err != nil {
			t.Fatalf("%s: %v", token, err)
		}
	}
}

// TestSeptetsCountsEveryLetterOfTheAlphabet compares the count with the definition of the alphabet: every character is
// one of 128 seven-bit codes, or one of a few after the escape code.
func TestSeptetsCountsEveryLetterOfTheAlphabet(t *testing.T) {
	t.Parallel()
	basic, extension := []rune(wording.GSM7), []rune(wording.GSM7Extension)
	if len(basic) != 127 || len(extension) != 10 { // 127: the escape code is not a character
		t.Fatalf("the alphabet has %d letters and %d behind the escape", len(basic), len(extension))
	}
	seen := map[rune]bool{}
	for _, r := range append(basic, extension...) {
		if seen[r] {
			t.Errorf("%q is there twice", r)
		}
		seen[r] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		ones := rapid.SliceOf(rapid.SampledFrom(basic)).Draw(t, "basic")
		twos := rapid.SliceOf(rapid.SampledFrom(extension)).Draw(t, "extension")
		deliveries := rapid.Permutation(append(ones[:len(ones):len(ones)], twos...)).Draw(t, "letters")
		n, bad := wording.Septets(string(deliveries))
		if want := len(ones) + 2*len(twos); n != want || bad != 0 {
			t.Fatalf("%q takes %d, %q; want %d", string(deliveries), n, bad, want)
		}
		fits := n <= 160 && strings.TrimSpace(string(deliveries)) != "" && bannedWord(string(deliveries)) == ""
		if err := Lint("sms", string(deliveries)); (err == nil) != fits {
			t.Fatalf("%q: %v", string(deliveries), err)
		}
		foreign := rapid.Rune().Filter(func(r rune) bool { return !seen[r] }).Draw(t, "foreign")
		if _, bad := wording.Septets(string(deliveries) + string(foreign)); bad != foreign {
			t.Fatalf("%q passes for GSM-7", foreign)
		}
	})
}
