package store_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/e2e/database"
	"kapflow/store"
)

// login makes a role that may sign in and gives its URL of a database.
func (b *bundle) login(name, memberOf, database string) string {
	b.t.Helper()
	b.exec(fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD 'x'`, name))
	if memberOf != "" {
		b.exec(fmt.Sprintf(`GRANT %s TO %s`, memberOf, name))
	}
	u, err := url.Parse(database)
	if err != nil {
		b.t.Fatal(err)
	}
	u.User = url.UserPassword(name, "x")
	return u.String()
}

// A practice's worker signs in as a role that owns nothing, and only `worker migrate` as the owner.
func TestLoginThatOwnsNothingRunsThePracticeButDoesNotMigrateIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login := b.login(fmt.Sprintf("login_%d", names.Add(1)), "kapflow_app", b.url)
	if err := store.Migrate(t.Context(), login); err != nil {
		t.Errorf("nothing is to be migrated, yet: %v", err)
	}
	work := b.open(login)
	work.save(care.Save{Chart: work.enrolled("client-a"), Postings: []money.Posting{paid("pay:1", 5000)}})

	b.exec(`DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
	if err := store.Migrate(t.Context(), login); err == nil || !strings.Contains(err.Error(), "worker migrate") {
		t.Errorf("the schema was changed by a login that owns nothing, or without a remedy: %v", err)
	}
}

// What deploy/postgres/init.sh sets up: an owner who is no superuser and may make no roles.
func TestOwnerWhoMayMakeNoRolesMigratesOnceTheyAreThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := names.Add(1)
	name, owner := fmt.Sprintf("owned_%d", n), fmt.Sprintf("owner_%d", n)
	empty, err := database.Server.NewDatabase(t.Context(), name, "")
	if err != nil {
		t.Fatal(err)
	}
	signIn := b.login(owner, "", empty)
	b.exec(fmt.Sprintf(`ALTER DATABASE %s OWNER TO %s`, name, owner))
	if err := store.Migrate(t.Context(), signIn); err == nil || !strings.Contains(err.Error(), "GRANT kapflow_app") {
		t.Fatalf("without the roles: %v", err)
	}
	b.exec(fmt.Sprintf(`GRANT kapflow_app, kapflow_readonly TO %s`, owner))
	if err := store.Migrate(t.Context(), signIn); err != nil {
		t.Fatal(err)
	}
	work := b.open(signIn)
	work.save(care.Save{Chart: work.enrolled("client-a"), Postings: []money.Posting{paid("pay:1", 5000)}})
}

func TestUnmigratedDatabaseSaysWhatToDo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := store.Open(t.Context(), store.Options{URL: b.login(fmt.Sprintf("login_%d", names.Add(1)), "", b.url), Keys: b.keys, IndexKey: indexKey}); err == nil || !strings.Contains(err.Error(), "worker migrate") {
		t.Errorf("a login that may not act as a program: %v", err)
	}
}

func (b *bundle) open(url string) *bundle {
	b.t.Helper()
	s, err := store.Open(b.t.Context(), store.Options{URL: url, Keys: b.keys, IndexKey: indexKey})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(s.Close)
	return &bundle{Store: s, url: b.url, keys: b.keys, t: b.t}
}
