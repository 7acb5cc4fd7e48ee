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
		// In other spellings.
		"sucide": true, "feeling suicidle": true, "WANT TO D1E": true, "k!ll myself": true, "K I L L myself": true, "I want to d i e": true, "killmyself": true, "kill my self": true, "ＫＩＬＬ ｍｙｓｅｌｆ": true, "su1c1de": true,
		"unaliving myself": true, "un alive": true,
		// In other words.
		"I took all my pills": true, "took too many pills": true, "I swallowed the whole bottle": true, "I have a gun": true, "jump off a bridge": true, "slit my wrists": true, "cutting again": true,
		"this is goodbye": true, "goodbye forever": true, "life isn't worth living": true, "I wish I wasn’t alive": true, "I wish I had never been born": true, "hope I don't wake up": true, "never wake up again": true,
		"I want it all to end": true, "I can't keep living like this": true, "tired of being alive": true, "Everyone would be happier without me": true, "they are better without me": true, "there is no hope": true,
		"I lost all hope": true, "I want to hurt someone": true, "I can't breathe": true, "chest pain since this morning": true, "me quiero matar": true, "acabar con mi vida": true, "no quiero seguir viviendo": true,
		"ich will mich umbringen": true, "no more reason to live": true,
		// Ordinary words that look alike.
		"I took my pills": false, "I need to jump off the call": false, "the bottle of water is empty": false, "that was odd": false, "goodbye and thanks": false, "I hope so": false, "it was worth it": false,
		"I live on 5th and Main": false, "call me at 1 or 2": false, "room 101 at 10!": false, "I woke up late": false, "I a m here": false,
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
