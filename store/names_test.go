package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/person"
)

// like collects what the search opens for some words.
func (b *bundle) like(words ...string) (names []string) {
	b.t.Helper()
	if err := b.NamesLike(b.t.Context(), words, func(c care.ClientName) { names = append(names, c.Name) }); err != nil {
		b.t.Fatal(err)
	}
	return names
}

func (b *bundle) named(id, name string) {
	b.t.Helper()
	n := newClient(b.t, id)
	n.Contact = person.Contact{PreferredName: name}
	if _, _, err := b.NewClient(b.t.Context(), n); err != nil {
		b.t.Fatal(err)
	}
}

// TestTheSearchOpensWhoMayBeMeant: whatever two letters or more of the beginning of whatever words of a name, in whatever letters, the
// name is among those opened, and of the others most are not.
func TestTheSearchOpensWhoMayBeMeant(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all []string
	for n := range 60 {
		name := fmt.Sprintf("%s %s Sample", []string{"Ana", "Ángel", "bo", "Li", "Olga", "Zoë"}[n%6], string(rune('A'+n%26))+string(rune('a'+n%17)))
		all = append(all, name)
		b.named(fmt.Sprintf("client-%02d", n), name)
	}
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.SampledFrom(all).Draw(r, "name")
		words := strings.Fields(name)
		from := rapid.IntRange(0, len(words)-1).Draw(r, "from")
		words = words[from : from+rapid.IntRange(1, len(words)-from).Draw(r, "words")]
		last := []rune(words[len(words)-1])
		words[len(words)-1] = string(last[:rapid.IntRange(2, len(last)).Draw(r, "letters")])
		if rapid.Bool().Draw(r, "upper") {
			words = strings.Fields(strings.ToUpper(strings.Join(words, " ")))
		}
		if got := b.like(words...); !slices.Contains(got, name) {
			r.Fatalf("%q does not lead to %q", words, name)
		}
	})
	if got := b.like("Olga"); len(got) > 25 {
		t.Errorf("of 60 clients, of whom 10 are called Olga, %d names are opened", len(got))
	}
	if n := b.count(`SELECT count(*) FROM contact, unnest(name_index) x WHERE x < 0 OR x > 255`); n > 0 {
		t.Errorf("%d numbers say more than eight bits about a word", n)
	}
}

// TestANameThatTheSearchDoesNotKnowIsFound: one that an earlier build wrote is opened by every search until it is indexed.
func TestANameThatTheSearchDoesNotKnowIsFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.named("client-a", "Ana Sample")
	b.exec(`UPDATE contact SET name_index = '{}', name_version = -1`)
	if got := b.like("Ana"); len(got) != 1 {
		t.Errorf("%v", got)
	}
	for want := range 2 { // the second time there is none left
		if n, err := b.IndexNames(t.Context(), 10); err != nil || n != 1-want {
			t.Errorf("%d names are indexed, %v", n, err)
		}
	}
	if got, other := b.like("ANA"), b.like("xq"); len(got) != 1 || len(other) != 0 {
		t.Errorf("%v, %v", got, other)
	}
	// An earlier build writes another name, and knows nothing of the numbers.
	b.exec(`UPDATE contact SET version = version + 1, preferred_name = NULL`)
	if got := b.like("Bo"); len(got) != 1 {
		t.Errorf("after another name: %v", got)
	}
	if _, err := b.psql().Exec(t.Context(), `UPDATE contact SET phone = 'x'`); err == nil {
		t.Error("a contact changes without a new version")
	}
}

// TestClientsComeInPages: their ids, and the facts of some.
func TestClientsComeInPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 5 {
		b.enrolled(fmt.Sprintf("client-%d", n))
	}
	ids, next, err := b.ClientIDs(t.Context(), "client-1", 3)
	if err != nil || next != "client-4" || !slices.Equal(ids, []string{"client-2", "client-3", "client-4"}) {
		t.Errorf("%v, %q, %v", ids, next, err)
	}
	facts, err := b.FactsOf(t.Context(), ids, []string{care.OpeningKind().Name})
	if err != nil || len(facts) != len(ids) || len(facts[ids[0]]) != 1 {
		t.Errorf("%v, %v", facts, err)
	}
}
