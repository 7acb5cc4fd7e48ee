package browser_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/person"
)

// TestAFormSaysWhatChangedSinceItWasOpened: what is grave asks again, and everything else is recorded and says it afterwards.
func TestAFormSaysWhatChangedSinceItWasOpened(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.record(person.Psychotherapist, "screening-recorded", map[string]any{"criteria_met": true, "prefers_kap": true, "flags": []string{"sleep"}})
	d := behindSignIn(o)
	grave := map[string]struct {
		by   string
		with map[string]string
	}{
		"dose-ordered":    {"dr-sample", map[string]string{"dose_mg": "35", "minutes": "50", "route": "iv-drip", "inputs.psychological": "x", "inputs.physical": "x", "inputs.experience": "x", "inputs.preferences": "x", "inputs.intent": "x"}},
		"gate-overridden": {"coordinator", map[string]string{"gate": "payment", "reason": "known"}},
		"flag-decided":    {"dr-sample", map[string]string{"flag": "sleep", "decision": "proceed", "reason": "known"}},
		"refund-approved": {"coordinator", map[string]string{"fee_set": "medical", "amount": "10", "reason": "known", "key": "p-1"}},
	}
	opened := map[string]url.Values{}
	for name, x := range grave {
		opened[name] = d.tab().signIn(x.by).ask(http.MethodGet, "/c/"+d.client+"/record/"+name, nil).form("record")
		for field, value := range x.with {
			opened[name].Set(field, value)
		}
	}
	b := d.tab().signIn("coordinator")
	path := "/c/" + d.client + "/record/paused"
	plain := b.ask(http.MethodGet, path, nil).form("record")
	plain.Set("reason", "travels")
	o.record(person.Psychotherapist, "goals-recorded", map[string]any{"intention": "to rest"})
	sent := b.ask(http.MethodPost, path, plain)
	if sent.status != http.StatusSeeOther || !strings.Contains(sent.to, "seen=") {
		t.Fatalf("a pause: %d to %s", sent.status, sent.to)
	}
	if shown := b.ask(http.MethodGet, sent.to, nil); !strings.Contains(shown.body, "While you filled it in") || !strings.Contains(shown.body, "<li>Goals recorded</li>") {
		t.Errorf("the page does not say what came in between: %s", shown.body)
	}
	if again := b.ask(http.MethodPost, path, plain); !strings.Contains(b.ask(http.MethodGet, again.to, nil).body, "Sending it again changed nothing") {
		t.Errorf("sent again: to %s", again.to)
	}
	asked := 0
	for _, kind := range care.Vocabulary() {
		if !kind.AsksAgain {
			continue
		}
		asked++
		who := d.tab().signIn(grave[kind.Name].by)
		first := who.ask(http.MethodPost, "/c/"+d.client+"/record/"+kind.Name, opened[kind.Name])
		if first.status != http.StatusUnprocessableEntity || !strings.Contains(first.body, "since this was opened") || !strings.Contains(first.body, "the record moved on") {
			t.Errorf("%s: %d\n%s", kind.Name, first.status, first.body)
		}
		if now := first.form("").Get("_seen"); now == opened[kind.Name].Get("_seen") || now == "" {
			t.Errorf("%s: the form still has seen %s", kind.Name, now)
		}
		opened[kind.Name].Set("_seen", first.form("").Get("_seen"))
		if second := who.ask(http.MethodPost, "/c/"+d.client+"/record/"+kind.Name, opened[kind.Name]); strings.Contains(second.body, "since this was opened") {
			t.Errorf("%s asks twice", kind.Name)
		}
		opened[kind.Name] = nil
	}
	if asked != len(grave) {
		t.Errorf("%d kinds ask again, %d are tried", asked, len(grave))
	}
}
