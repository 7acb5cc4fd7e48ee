package documents

import "testing"

// TestTextsStandInTheirOrderOnPaper holds the order to what Unicode's bidirectional algorithm gives, and Arabic letters to their forms.
func TestTextsStandInTheirOrderOnPaper(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain (text) 12":      "plain (text) 12",
		"אבג":                  "גבא",
		"a אבג b":              "a גבא b",
		"אב 12 גד":             "דג 12 בא",
		"אב (גד)":              "(דג) בא",
		"a (אב) b":             "a (בא) b",
		"Smith, אב 7":          "Smith, 7 בא",
		"אב a-b גד":            "דג a-b בא",
		"12 a":                 "12 a",
		"אב $5.00":             "$5.00 בא",
		"אב\n\nגד":             "בא\n\nדג",
		"ب":                    "\ufe8f",
		"بب":                   "\ufe90\ufe91",
		"ببب":                  "\ufe90\ufe92\ufe91",
		"دب":                   "\ufe8f\ufea9",
		"لا":                   "\ufefb",
		"بلا":                  "\ufefc\ufe91",
		"ب\u200cب":             "\ufe8f\ufe8f",
		"Zoe\u0308":            "Zoë",
		"one\u2028two\u00ad\t": "one\ntwo ",
	} {
		if got := visual(text); got != want {
			t.Errorf("%q stands as %q, want %q", text, got, want)
		}
	}
}
