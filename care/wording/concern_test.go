package wording_test

import (
	"testing"

	"kapflow/care/wording"
)

func TestWordsThatPointToDangerAreFoundAndOrdinaryRepliesAreNot(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Feeling worse": true, "I'm feeling much WORSE today.": true, "i dont want to be here": true, "I don’t want to live": true,
		"thinking of killing myself": true, "I can't go on like this": true, "want to hurt myself": true, "is this an emergency?": true, "please help me": true, "there is no point anymore": true, "tired of living": true, "ya no quiero vivir": true, "no point in moving it": false,
		"": false, "Can I come at 3 instead?": false, "Running late, 10 min": false, "Thanks, see you Tuesday": false, "I feel better": false,
		"the diet is fine": false, "skill class at 5": false, "my deadline moved": false,
	} {
		if got := wording.SoundsOfDanger(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestQuotedGivesWhatStandsBetweenMarks goes through the marks that people type.
func TestQuotedGivesWhatStandsBetweenMarks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"none": "", `she said "I am done" twice`: "I am done", "“one” and “two”": "one\ntwo", `never "closed`: "closed", "say «da»": "da", `""`: ""} {
		if got := wording.Quoted(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
