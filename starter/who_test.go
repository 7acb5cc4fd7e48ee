package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/practice"
	"kapflow/worker/wiring"
)

// TestWhoAsks goes through the flags of a command, with a demo and with a practice. In a practice a role is never enough.
func TestWhoAsks(t *testing.T) {
	t.Parallel()
	prac, err := practice.Sample(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	app := &wiring.App{Practice: prac}
	demo := connection{app: app, demo: true}
	here := connection{app: app, operators: operatorsFile(t, access.Login()+": [dr-sample, coordinator]\n")}
	single := connection{app: app, operators: operatorsFile(t, access.Login()+": [nurse-sample]\n")}
	none := connection{app: app, operators: filepath.Join(t.TempDir(), "operators.yaml")}
	for name, x := range map[string]struct {
		who  who
		on   connection
		id   string
		role person.Role // in which they ask for everything
		says string
	}{
		"DemoAsksAsTheCoordinator": {who{}, demo, "coordinator", person.Coordinator, ""},
		"DemoByRole":               {who{By: "physician"}, demo, "dr-sample", person.Physician, ""},
		"DemoByShortRole":          {who{By: "psych/psy-second"}, demo, "psy-second", person.Psychotherapist, ""},
		"DemoAsAPerson":            {who{As: "accountant-sample"}, demo, "accountant-sample", person.Accountant, ""},
		"DemoAsNobodyListed":       {who{As: "ghost"}, demo, "ghost", "", ""},
		"PracticeByRole":           {who{By: "physician"}, here, "", "", "--by works with a running demo only. Say who you are with --as ID"},
		"PracticeByRoleAndID":      {who{By: "physician/dr-sample"}, single, "", "", "--by works with a running demo only"},
		"PracticeAsOneOfTwo":       {who{As: "dr-sample"}, here, "dr-sample", person.Physician, ""},
		"PracticeAsTheOther":       {who{As: "coordinator"}, here, "coordinator", person.Coordinator, ""},
		"PracticeWithoutSaying":    {who{}, here, "", "", "--as dr-sample or --as coordinator"},
		"PracticeAsTheOnlyOne":     {who{}, single, "nurse-sample", person.Nurse, ""},
		"PracticeAsAnother":        {who{As: "psy-sample"}, here, "", "", "may not act for psy-sample"},
		"PracticeWithoutAFile":     {who{As: "dr-sample"}, none, "", "", "there is no operators file"},
	} {
		if !x.on.demo && x.who.By == "" && x.on != none && os.Getuid() != 0 {
			x.says = "chown root" // whoever runs the test is not root, so the file is not to be trusted
		}
		p, err := x.who.person(x.on)
		if x.says != "" {
			var usage usageError
			if err == nil || !strings.Contains(err.Error(), x.says) || !errors.As(err, &usage) || len(p.Roles()) > 0 || p.Login() != access.Login() {
				t.Errorf("%s: %v, %v", name, p, err)
			}
			continue
		}
		if err != nil || p.ID() != x.id {
			t.Errorf("%s: %v, %v", name, p, err)
			continue
		}
		var acts []person.Role
		for _, role := range person.Roles() {
			if _, ok := p.ActsAs([]person.Role{role}); ok {
				acts = append(acts, role)
			}
		}
		if want := slices.DeleteFunc([]person.Role{x.role}, func(r person.Role) bool { return r == "" }); !slices.Equal(acts, want) {
			t.Errorf("%s acts as %v", name, acts)
		}
		if via := p.Via(); x.on.demo == (via == access.ViaOperator) {
			t.Errorf("%s was verified by %s", name, via)
		}
	}
	if err := (who{As: "a", By: "nurse"}).check(); err == nil || !strings.Contains(err.Error(), "--as or --by") {
		t.Errorf("both: %v", err)
	}
}

// as is somebody of the sample practice, for whom a test asks.
func as(app *wiring.App, who person.Actor) access.Person {
	return access.FromRehearsal(app.Practice.Policy, who)
}

// operatorsFile writes an operators file that belongs to whoever runs the test.
func operatorsFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "operators.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}
