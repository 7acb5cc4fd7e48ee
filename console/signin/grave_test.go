package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kapflow/access"
)

// TestEmergencyAccessTellsTheOwnerFirst: it needs a fresh sign-in and a reason, lasts an hour, and leaves a row.
func TestEmergencyAccessTellsTheOwnerFirst(t *testing.T) {
	t.Parallel()
	reason := url.Values{"reason": {"the client fainted"}}
	o := open(t)
	if a := o.browser().post("/emergency", reason); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/sign-in?") {
		t.Errorf("nobody: %d to %s", a.status, a.to)
	}
	b := o.signedIn("accountant-sample")
	for name, form := range map[string]url.Values{"None": nil, "Spaces": {"reason": {" \t\n "}}, "TooLong": {"reason": {strings.Repeat("x", 501)}}} {
		if a := b.post("/emergency", form); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	o.mute = true
	if a := b.post("/emergency", reason); a.status != http.StatusServiceUnavailable || b.who() != "accountant-sample fresh" {
		t.Errorf("while no owner can be told: %d as %s", a.status, b.who())
	}
	o.mute = false
	o.wait(6 * time.Minute)
	if a := b.post("/emergency", reason); a.to != "/sign-in/again?next=%2Femergency" || len(o.told) > 0 {
		t.Errorf("not fresh: %d to %q, told %v", a.status, a.to, o.told)
	}
	b = o.signedIn("accountant-sample")
	if a := b.post("/emergency", reason); a.status != http.StatusSeeOther {
		t.Fatal(a)
	}
	if b.who() != "accountant-sample fresh emergency" || strings.Join(o.told, " ") != "owner-sample" || o.audited("emergency-access") != 2 {
		t.Errorf("%s, told %v, %d rows", b.who(), o.told, o.audited("emergency-access"))
	}
	if a := b.get("/emergency"); !strings.Contains(a.body, "is open until") {
		t.Error("the page does not say that it is open")
	}
	if again := b; again.post(o.demoPath("accountant-sample"), nil).status != http.StatusSeeOther || again.who() != "accountant-sample fresh emergency" {
		t.Errorf("after signing in again: %s", again.who())
	}
	if b.post(o.demoPath("nurse-sample"), nil); b.who() != "nurse-sample fresh" {
		t.Errorf("another person has it: %s", b.who())
	}
}

// TestPasskeysChangeAfterAFreshSignInOnly.
func TestPasskeysChangeAfterAFreshSignInOnly(t *testing.T) {
	t.Parallel()
	o := open(t)
	b := o.signedIn("dr-sample")
	if a := b.postJSON("/me/sign-in/begin", `{}`); a.status != http.StatusOK || !strings.Contains(a.body, `"residentKey":"required"`) {
		t.Errorf("fresh: %d %s", a.status, a.body)
	}
	if a := b.postJSON("/me/sign-in/finish", `{"credential":{}}`); a.status != http.StatusForbidden {
		t.Errorf("an answer that cannot be read: %d", a.status)
	}
	if a := b.post("/me/sign-in/remove", url.Values{"id": {"AAAA"}}); a.status != http.StatusForbidden || !strings.Contains(a.body, "no such passkey") {
		t.Errorf("an unknown one: %d %s", a.status, a.body)
	}
	o.wait(6 * time.Minute)
	if a := b.postJSON("/me/sign-in/begin", `{}`); a.status != http.StatusForbidden || !strings.Contains(a.body, "/sign-in/again") {
		t.Errorf("not fresh: %d %s", a.status, a.body)
	}
	if a := b.post("/me/sign-in/remove", url.Values{"id": {"AAAA"}}); a.to != "/sign-in/again?next=%2Fme%2Fsign-in" {
		t.Errorf("not fresh: %d to %q", a.status, a.to)
	}
	if a := o.browser().postJSON("/me/sign-in/begin", `{}`); a.status != http.StatusForbidden {
		t.Errorf("nobody: %d", a.status)
	}
}

// TestDecodingNamesWhoReads, and is for those who may read whole charts.
func TestDecodingNamesWhoReads(t *testing.T) {
	t.Parallel()
	o := open(t)
	for id, may := range map[string]bool{"dr-sample": true, "psy-sample": true, "coordinator": true, "nurse-sample": false, "accountant-sample": false, "owner-sample": false, "ghost": false} {
		if err := o.sign.Decode(t.Context(), access.Session{ID: id}, 3, nil); (err == nil) != may {
			t.Errorf("%s: %v", id, err)
		}
	}
	if o.audited("decode") != 3 || o.audited("decode-refused") != 3 {
		t.Errorf("%d rows, %d of refusals", o.audited("decode"), o.audited("decode-refused"))
	}
}
