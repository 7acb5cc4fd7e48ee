package main

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/console/signin"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
)

// TestTheOwnerInvitesPeopleAndEndsTheirSessions: the owner alone invites, and a lost device signs nobody in any more.
func TestTheOwnerInvitesPeopleAndEndsTheirSessions(t *testing.T) {
	t.Parallel()
	prac, err := practice.Sample(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	env, err := servers.Open(t.Context(), rehearsal.EnvironmentOptions{Practice: prac})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(env.Close)
	as := func(id string) access.Person {
		return access.FromRehearsal(prac.Policy, person.Actor{ID: id})
	}
	var out bytes.Buffer
	term := terminal{ctx: t.Context(), out: &out, err: &bytes.Buffer{}}
	for _, id := range []string{"coordinator", "dr-sample", "accountant-sample"} {
		var refused *care.Refusal
		if err := (staffInviteCommand{ID: "dr-sample"}).on(term, env.App, as(id), "https://desk.kapflow.example"); !errors.As(err, &refused) {
			t.Errorf("%s invites: %v", id, err)
		}
	}
	if err := (staffInviteCommand{ID: "ghost"}).on(term, env.App, as("owner-sample"), "https://desk.kapflow.example"); err == nil || out.Len() > 0 {
		t.Errorf("an invitation for nobody: %v %s", err, out.String())
	}
	if err := (staffInviteCommand{ID: "dr-sample"}).on(term, env.App, as("owner-sample"), "https://desk.kapflow.example"); err != nil {
		t.Fatal(err)
	}
	token := regexp.MustCompile(`https://desk\.kapflow\.example` + signin.InvitePath + `([0-9A-Za-z]{43})\n`).FindStringSubmatch(out.String())
	if token == nil {
		t.Fatalf("no link: %s", out.String())
	}
	now := time.Now()
	key := person.Passkey{ID: []byte("k"), Person: "dr-sample", MadeAt: now, Data: []byte("x")}
	if err := env.Store.AddPasskey(t.Context(), key, token[1]); err != nil {
		t.Fatal(err)
	}
	if err := env.Store.SaveSession(t.Context(), "s", person.SessionRow{Person: "dr-sample", ExpiresAt: now.Add(time.Hour), Data: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	list := func() string {
		t.Helper()
		out.Reset()
		if err := (staffListCommand{}).on(term, env.App, as("owner-sample")); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if fields := strings.Fields(line); fields[0] == "dr-sample" {
				return strings.Join(fields[len(fields)-2:], " ")
			}
		}
		return out.String()
	}
	if got := list(); got != "1 1" {
		t.Errorf("passkeys and sessions: %s", got)
	}
	if err := (staffSignOutCommand{ID: "dr-sample"}).on(term, env.App, as("nurse-sample")); err == nil {
		t.Error("a nurse signs the physician out")
	}
	if err := (staffSignOutCommand{ID: "dr-sample"}).on(term, env.App, as("coordinator")); err != nil {
		t.Fatal(err)
	}
	if got := list(); got != "1 0" {
		t.Errorf("after the sign-out: %s", got)
	}
	if err := (staffSignOutCommand{ID: "dr-sample", Passkeys: true}).on(term, env.App, as("owner-sample")); err != nil {
		t.Fatal(err)
	}
	if got := list(); got != "0 0" {
		t.Errorf("after the loss: %s", got)
	}
}
