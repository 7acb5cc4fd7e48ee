package desk_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
)

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

var coordinator = person.Actor{ID: "coordinator", Role: person.Coordinator}

// atDesk is a desk on a database with one client. Billing details never reach the workflow, so there is no Temporal.
func atDesk(t *testing.T) (*desk.Desk, *store.Store) {
	t.Helper()
	return atDeskOf(t, store.Options{})
}

// atDeskOf is atDesk with options of the database.
func atDeskOf(t *testing.T, o store.Options) (*desk.Desk, *store.Store) {
	t.Helper()
	o.URL, o.Keys, o.IndexKey, o.MaxConns = database.New(t), keyring.New(), keyring.NewKey(), 2
	records, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(records.Close)
	now := time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)
	prac, err := practice.Sample(now)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk.Desk{Store: records, Policy: prac.Policy, Zone: prac.Zone, Now: func() time.Time { return now }}
	newClient(t, d, "client-a", "a", person.Contact{PreferredName: "Robin"})
	return d, records
}

// newClient writes a client into the desk's database, without a journey.
func newClient(t *testing.T, d *desk.Desk, id, identity string, contact person.Contact) {
	t.Helper()
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: id, Policy: d.Policy.Agreed(), Zone: d.Zone, ClientZone: d.Zone, At: d.Now(),
		Report: care.Report{ID: "enrol", By: coordinator, With: json.RawMessage(`{"presenting":["depression"]}`)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Store.NewClient(t.Context(), care.NewClient{Identity: identity, Contact: contact,
		Save: care.Save{Chart: chart, Entry: &taken.Entry, Changes: chart.DiffAndPublish(d.Now())}}); err != nil {
		t.Fatal(err)
	}
}

// sampleOf is the first of the sample practice who holds a role.
func sampleOf(d *desk.Desk, role person.Role) access.Person {
	return access.FromRehearsal(d.Policy, person.Actor{ID: cmp.Or(d.Policy.FirstHolding(role), string(role)+"-1"), Role: role})
}

func TestBillingDetailsChangeByThoseWhoMay(t *testing.T) {
	t.Parallel()
	d, records := atDesk(t)
	text := func(s string) *string { return &s }
	change := func(by person.Role, id string, c care.BillingChange) error {
		return d.ChangeBilling(t.Context(), sampleOf(d, by), id, c)
	}
	for name, x := range map[string]struct {
		by     person.Role
		client string
		change care.BillingChange
		code   string
		says   string
	}{
		"ANurseMayNot":        {person.Nurse, "client-a", care.BillingChange{LegalName: text("x")}, care.CodeNotYourRole, "nurse"},
		"APhysicianMayNot":    {person.Physician, "client-a", care.BillingChange{LegalName: text("x")}, care.CodeNotYourRole, "coordinator"},
		"NothingIsNoChange":   {person.Coordinator, "client-a", care.BillingChange{}, care.CodeInvalid, "legal_name, address or member_id"},
		"NameOfTwoLines":      {person.Coordinator, "client-a", care.BillingChange{LegalName: text("Robin\nSample")}, care.CodeInvalid, "legal_name"},
		"NameWithoutEnd":      {person.Coordinator, "client-a", care.BillingChange{LegalName: text(strings.Repeat("R", 121))}, care.CodeInvalid, "legal_name"},
		"AddressOfSevenLines": {person.Coordinator, "client-a", care.BillingChange{Address: text("1\n2\n3\n4\n5\n6\n7")}, care.CodeInvalid, "address"},
		"LongMemberID":        {person.Client, "client-a", care.BillingChange{MemberID: text(strings.Repeat("5", 61))}, care.CodeInvalid, "member_id"},
		"NobodyOfThatID":      {person.Coordinator, "client-b", care.BillingChange{LegalName: text("x")}, care.CodeUnknownClient, "client-b"},
	} {
		var refused *care.Refusal
		if err := change(x.by, x.client, x.change); !errors.As(err, &refused) || refused.Code != x.code || !strings.Contains(refused.Message, x.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := records.Billing(t.Context(), "client-a"); err != nil || got != (care.Billing{}) {
		t.Fatalf("a refused change is kept: %+v, %v", got, err)
	}
	if err := change(person.Coordinator, "client-a", care.BillingChange{LegalName: text("  Robin Sample "), Address: text("1 Sample Street\nDenver, CO 80202"), MemberID: text("M-1")}); err != nil {
		t.Fatal(err)
	}
	if err := change(person.Client, "client-a", care.BillingChange{MemberID: text("")}); err != nil {
		t.Fatal(err)
	}
	want := care.Billing{LegalName: "Robin Sample", Address: "1 Sample Street\nDenver, CO 80202"}
	if got, err := records.Billing(t.Context(), "client-a"); err != nil || got != want {
		t.Errorf("kept %+v, want what was left out to stay: %v", got, err)
	}
	events, err := records.AuditOf(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	var by []string
	for _, e := range events {
		if e.Action == "change-billing" {
			by = append(by, string(e.By.Role))
			if strings.Contains(string(e.Detail), "Robin") {
				t.Errorf("the audit log says %s", e.Detail)
			}
		}
	}
	if !slices.Equal(by, []string{"coordinator", "client"}) {
		t.Errorf("changes by %v are audited", by)
	}
}
