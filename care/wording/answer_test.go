package wording_test

import (
	"strings"
	"testing"

	"kapflow/care/wording"
)

// What may not stand in a text is refused with a reason and what to do; the rest goes in one line of plain signs.
func TestAnswersToClients(t *testing.T) {
	t.Parallel()
	for typed, fault := range map[string]string{
		"You can park behind the house.":            "",
		"It’s open — “until five”…\n\nRing twice":   "",
		"Señor Ana, 50 £":                           "",
		strings.Repeat("w", wording.AnswerRoom):     "",
		strings.Repeat("w", wording.AnswerRoom+1):   "321 characters of at most 320",
		strings.Repeat("[", wording.AnswerRoom/2+1): "322 characters of at most 320",
		"Your labs came back":                       `"labs"`,
		"Bring your KETAMINE papers":                `"ketamine"`,
		"The depression scale":                      `"depression"`,
		"You owe us $20":                            `"$"`,
		"Reply CANCEL if you cannot come":           "ends or starts texts",
		"See https://example.org":                   "web address",
		"See you 👋":                                 `'👋'`,
	} {
		got := wording.AnswerFault(typed)
		if fault == "" && got != "" || !strings.Contains(got, fault) {
			t.Errorf("%.40q: %q, want %q", typed, got, fault)
		}
		if got != "" && !strings.Contains(got, "behind the link") {
			t.Errorf("%.40q: %q does not say what to do", typed, got)
		}
	}
	if got := wording.AnswerLine("It’s open — “until five”…\n\n Ring  twice"); got != `It's open - "until five"... Ring twice` {
		t.Errorf("got %q", got)
	}
}
