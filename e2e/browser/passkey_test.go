package browser_test

import (
	"testing"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/e2e/browser"
)

// graveForms is every fact that needs a fresh sign-in, in the order in which the test records them, with what a physician types.
var graveForms = []struct {
	fact   string
	fields []pair
}{
	{"dose-ordered", []pair{{"dose_mg", "30"}, {"minutes", "50"}, {"inputs.psychological", "yes"}, {"inputs.physical", "yes"}, {"inputs.experience", "none so far"}, {"inputs.preferences", "yes"}, {"inputs.intent", "yes"}}},
	{"gate-overridden", []pair{{"gate", care.GateSpacing}, {"reason", "the client travels"}}},
	{"refund-approved", []pair{{"fee_set", "medical"}, {"amount", "100"}, {"reason", "goes on without the package"}, {"key", "refund-1"}}},
	{"hold-released", []pair{{"reason", "seen, and well"}}},
}

// TestEachGraveActIsConfirmedWithAPasskey: a physician who signed in too long ago signs in again with their passkey before the act, and
// comes back to the form as they filled it in.
func TestEachGraveActIsConfirmedWithAPasskey(t *testing.T) {
	t.Parallel()
	o := house(t)
	o.play(beforeAnInfusion)
	o.record(person.Coordinator, "payment-received", map[string]any{"fee_set": "medical", "amount": 350000, "method": "card"})
	o.record(person.Psychotherapist, "hold-placed", map[string]any{"reason": "waits for a call"})
	at := onDesk
	c := &course{screen: onScreen(t, at), door: behindSignIn(o), at: at, seen: map[string]int{}}
	c.sit(person.Physician)
	known := map[string]bool{}
	for _, f := range graveForms {
		known[f.fact] = true
		c.screen.Do("goto", browser.Args{"url": c.url + "/c/" + o.client + "/record/" + f.fact})
		before := o.times(f.fact)
		c.typed(f.fields...)
		c.enter(".buttons button[value=preview]")
		c.confirmed()
		if n := o.times(f.fact) - before; n != 1 {
			t.Errorf("%s was recorded %d times", f.fact, n)
		}
	}
	for _, k := range care.Vocabulary() {
		if k.Grave && !known[k.Name] {
			t.Errorf("%s is grave, and this test does not record it", k.Name)
		}
	}
}
